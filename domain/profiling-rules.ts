// Owns what a profiling rule says: its parameter read and checked, its key, and what its run comes to. Pure; running it on the
// population is the worker's, proposing rules rule-proposals.ts.
import { sha256Hex } from './canonical.ts';
import type { RuleBody } from './phase-item.ts';

/** The part of a rule that people choose. */
export type ProfilingRule = Pick<RuleBody, 'kind' | 'attribute' | 'otherAttribute' | 'parameter'>;

export const comparisons = ['<', '<=', '=', '>=', '>'] as const;
export type Comparison = (typeof comparisons)[number];

/**
 * A rule that can be run. Values are looked at without the spaces around them; an empty one is only the business of completeness.
 * `range` of numbers: whatever is no number is an exception, one of dates likewise; a timestamp counts as its day. `cross-column`
 * compares two numbers or two dates or timestamps (a date is its midnight, UTC); other texts can only be equal.
 */
export type ReadRule =
  | { kind: 'completeness'; attribute: string }
  /** Every row whose value stands in another row too is an exception. */
  | { kind: 'uniqueness'; attribute: string }
  /** Bounds belong to the range; null: none on this side. */
  | { kind: 'range'; attribute: string; of: 'number' | 'date'; min: string | null; max: string | null }
  | { kind: 'allowed-values'; attribute: string; values: string[] }
  /** The whole value has to match. Whether it is a pattern at all only RE2 can say. */
  | { kind: 'format'; attribute: string; pattern: string }
  | { kind: 'cross-column'; attribute: string; otherAttribute: string; comparison: Comparison };

/** What running a rule gave. */
export interface RuleRun {
  checked: number;
  passed: number;
  exceptions: number;
  /** Keys of the first ten exceptions in the canonical order of the keys. */
  exceptionKeys: string[];
  /** Why it could not be run; empty when it ran. */
  fault: string;
}

/** A rule that could not be run: nothing was checked. */
export function unrun(fault: string): RuleRun {
  return { checked: 0, passed: 0, exceptions: 0, exceptionKeys: [], fault };
}

/** The fields of an item that a run gives. */
export function runFields(
  run: RuleRun,
): Pick<RuleBody, 'checked' | 'passed' | 'exceptions' | 'passRate' | 'exceptionKeys' | 'fault'> {
  const { checked, passed, exceptions, fault } = run;
  const passRate = checked === 0 ? null : Math.round((passed / checked) * 1e6) / 1e6;
  return { checked, passed, exceptions, passRate, exceptionKeys: run.exceptionKeys.join(', '), fault };
}

/** The most characters of an item's key (operations carry no longer ones). */
const keyLimit = 500;

/** The key of a proposed rule, the same for the same rule: `kind:column`, `kind:column:other`. */
export function ruleKey({ kind, attribute, otherAttribute }: Omit<ProfilingRule, 'parameter'>): string {
  const key = [kind, attribute, ...(otherAttribute === null ? [] : [otherAttribute])].join(':');
  return key.length <= keyLimit ? key : `${key.slice(0, keyLimit - 17)}…${sha256Hex(key).slice(0, 16)}`;
}

/** Longer parameters say little in a sentence. */
const shownLength = 60;

/** What a rule asks for, in few words: `range of AGE (0..80)`. */
export function ruleWords({ kind, attribute, otherAttribute, parameter }: ProfilingRule): string {
  if (kind === 'cross-column') return `${attribute} ${parameter} ${otherAttribute ?? ''}`;
  const shown = parameter.length <= shownLength ? parameter : `${parameter.slice(0, shownLength - 1)}…`;
  return `${kind.replace('-', ' ')} of ${attribute}${shown === '' ? '' : ` (${shown})`}`;
}

/** The rule as it is to be run, or why it cannot be: a sentence for whoever wrote it. `columns`: names of the population's columns. */
export function readRule(rule: ProfilingRule, columns: readonly string[]): ReadRule | { fault: string } {
  const { kind, attribute } = rule;
  const other = rule.otherAttribute === '' ? null : rule.otherAttribute;
  const parameter = rule.parameter.trim();
  if (rule.parameter.includes('\0')) return { fault: 'the parameter has a NUL character, which no value has' };
  const unknown = [attribute, ...(other === null ? [] : [other])].find((name) => !columns.includes(name));
  if (unknown !== undefined) return { fault: `the population has no column "${unknown}"` };
  if (kind !== 'cross-column' && other !== null) {
    return { fault: `a rule of ${kind} speaks of one attribute: leave the other attribute empty` };
  }
  switch (kind) {
    case 'completeness':
    case 'uniqueness':
      return parameter === '' ? { kind, attribute } : { fault: `a rule of ${kind} takes no parameter: leave it empty` };
    case 'range':
      return readRange(attribute, parameter);
    case 'allowed-values': {
      const values = rule.parameter.split('|').flatMap((value) => trimmed(value) || []);
      return values.length > 0
        ? { kind, attribute, values }
        : { fault: 'allowed values are named in the parameter, parted by |, for example EUR|USD' };
    }
    case 'format':
      return parameter === ''
        ? { fault: 'the parameter of a format is a regular expression (RE2), for example [A-Z]{2}[0-9]{4}' }
        : { kind, attribute, pattern: trimmed(rule.parameter) };
    case 'cross-column':
      return readCross(attribute, other, parameter);
  }
}

/** Without the spaces around it: what DuckDB's trim takes away. */
function trimmed(value: string): string {
  return value.replaceAll(/^\p{Zs}+|\p{Zs}+$/gu, '');
}

const rangeWords =
  'the parameter of a range is min..max with two numbers or two dates, for example 0..1000 or ..2025-12-31';

function readRange(attribute: string, parameter: string): ReadRule | { fault: string } {
  const at = parameter.indexOf('..');
  if (at < 0) return { fault: rangeWords };
  const [min, max] = [parameter.slice(0, at).trim(), parameter.slice(at + 2).trim()].map((text) => text || null);
  const bounds = [min, max].flatMap((bound) => (bound ? [bound] : []));
  const kinds = bounds.map(boundKind);
  const of = kinds[0];
  if (!of || kinds.some((kind) => kind !== of)) return { fault: rangeWords };
  if (min && max && valueOf(min, of) > valueOf(max, of)) {
    return { fault: `the range ${parameter} is empty: ${min} is above ${max}` };
  }
  return { kind: 'range', attribute, of, min: min ?? null, max: max ?? null };
}

function boundKind(text: string): 'number' | 'date' | null {
  if (/^\d{4}-\d{2}-\d{2}$/u.test(text)) return isDay(text) ? 'date' : null;
  return /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/u.test(text) && Number.isFinite(Number(text)) ? 'number' : null;
}

function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function valueOf(bound: string, of: 'number' | 'date'): number {
  return of === 'number' ? Number(bound) : Date.parse(`${bound}T00:00:00Z`);
}

function readCross(attribute: string, other: string | null, parameter: string): ReadRule | { fault: string } {
  const comparison = comparisons.find((sign) => sign === parameter);
  if (comparison === undefined) {
    return { fault: `the parameter of a cross-column rule is one of ${comparisons.join(' ')}` };
  }
  if (other === null) return { fault: 'a cross-column rule names the other attribute that it compares with' };
  if (other === attribute)
    return { fault: `a cross-column rule compares two attributes, not ${attribute} with itself` };
  return { kind: 'cross-column', attribute, otherAttribute: other, comparison };
}
