// Owns which profiling rules are proposed for a population, from its profile, the shapes of its texts and what planning says.
// Pure; each rule says in its description how it was chosen. Running them is the worker's.
import type { AttributeBody, RuleBody } from './phase-item.ts';
import type { ColumnProfile } from './population.ts';
import { formatOf } from './value-shapes.ts';
import type { ColumnShapes } from './value-shapes.ts';

/** A rule as it is proposed, before it ran. */
export type ProposedRule = Pick<RuleBody, 'kind' | 'attribute' | 'otherAttribute' | 'parameter' | 'description'>;

export interface ProfileFacts {
  columns: readonly ColumnProfile[];
  rowCount: number;
  keyColumn: string | null;
  /** Of the columns that `shapesWanted` names. */
  shapes: readonly ColumnShapes[];
  /** The approved attributes; null when planning was skipped. */
  attributes: readonly AttributeBody[] | null;
}

/** At least this share of the filled rows has to follow a rule before it is proposed. */
const nearlyAll = 0.95;
/** Up to this many different values are taken for a closed list; the profile names as many. */
const listLimit = 12;
/** A value that a smaller share of the filled rows has is rare: it is left out of the allowed ones. */
const rareShare = 0.01;
/** Fewer filled rows than this say nothing about what is usual. */
const fewestRows = 30;

/** The columns whose values' shapes tell a format: texts, and numbers that may have been rounded. */
export function shapesWanted(columns: readonly ColumnProfile[]): string[] {
  return columns.filter(({ type }) => type === 'text' || type === 'decimal').map(({ name }) => name);
}

/** The rules on single columns, by column and then by kind. */
export function proposeRules(facts: ProfileFacts): ProposedRule[] {
  const planned = facts.attributes && new Map(facts.attributes.map((row) => [row.attribute, row]));
  return facts.columns.flatMap((column) => {
    const attribute = planned?.get(column.name) ?? null;
    if (planned && !attribute) return [];
    const of = { column, filled: facts.rowCount - column.nulls - column.blanks, attribute };
    return [
      completenessRule(of, facts),
      uniquenessRule(of, facts),
      isList(of) ? allowedValuesRule(of) : rangeRule(of, facts),
      isList(of) ? null : formatRule(of, facts),
    ].flatMap((rule) => (rule ? [rule] : []));
  });
}

interface Described {
  column: ColumnProfile;
  /** Rows with a value. */
  filled: number;
  /** What planning says of it; null when planning was skipped. */
  attribute: AttributeBody | null;
}

function rule(column: ColumnProfile, kind: RuleBody['kind'], parameter: string, description: string): ProposedRule {
  return { kind, attribute: column.name, otherAttribute: null, parameter, description };
}

function isKey({ column, attribute }: Described, { keyColumn }: ProfileFacts): boolean {
  return attribute ? attribute.key : column.name === keyColumn;
}

function completenessRule(of: Described, facts: ProfileFacts): ProposedRule | null {
  const { column, filled, attribute } = of;
  const because = isKey(of, facts)
    ? 'it is the key'
    : attribute?.criticalDataElement
      ? 'planning calls it a critical data element'
      : attribute?.mandatory
        ? 'planning calls it mandatory'
        : filled >= nearlyAll * facts.rowCount && filled > 0
          ? `at least ${percent(nearlyAll)} of the rows have a value`
          : null;
  return because ? rule(column, 'completeness', '', `Every row has a value: ${because}.`) : null;
}

/** Names by which columns are usually called that identify something. */
const idName = /(^|[^a-z])(id|no|nr|number|code|ref|reference|iban)$/iu;

function uniquenessRule(of: Described, facts: ProfileFacts): ProposedRule | null {
  const { column, filled } = of;
  if (isKey(of, facts)) return rule(column, 'uniqueness', '', 'No value stands in two rows: it is the key.');
  const isId = (column.type === 'text' || column.type === 'integer') && idName.test(column.name);
  if (!isId || filled < fewestRows || column.distinct < 0.99 * filled) return null;
  return rule(column, 'uniqueness', '', 'No value stands in two rows: it is called an id, and at least 99 % differ.');
}

/** True when the different values are few and each stands for many rows. */
function isList({ column, filled }: Described): boolean {
  const { distinct } = column;
  return distinct > 0 && distinct <= listLimit && filled >= fewestRows && filled >= 10 * distinct;
}

function allowedValuesRule({ column, filled }: Described): ProposedRule | null {
  const usual = column.frequent.filter(({ value, count }) => value.trim() !== '' && count >= rareShare * filled);
  // Cut values and those with the sign that parts them cannot be named.
  if (usual.length === 0 || usual.some(({ value }) => value.includes('|') || value.length >= 300)) return null;
  const values = [...new Set(usual.map(({ value }) => value.trim()))].toSorted(byValue);
  const words =
    usual.length === column.distinct
      ? 'all values that the population has'
      : `the values that at least ${percent(rareShare)} of the filled rows have`;
  return rule(column, 'allowed-values', values.join('|'), `One of ${values.length}: ${words}.`);
}

/** Numbers by their value, so that a list of codes reads in order. */
function byValue(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** How many times the middle half's width a value may lie beyond it: Tukey's outer fences, for amounts are skewed. */
const fences = 3;

/** Numbers: from 0 where at least 99 % are not negative, else from the lower fence, to the upper fence. Dates: between the fences. */
function rangeRule(of: Described, facts: ProfileFacts): ProposedRule | null {
  const { column, filled } = of;
  const { percentiles, type } = column;
  const [first, q1, q3] = [percentiles[1], percentiles[25], percentiles[75]];
  if (first === undefined || q1 === undefined || q3 === undefined) return null;
  if (filled < fewestRows || isKey(of, facts)) return null;
  const reach = fences * (q3 - q1);
  const isSigned = type !== 'date' && first >= 0;
  const show = type === 'date' ? dayOf : (bound: number) => numberText(bound, type);
  const middle = `the middle half of the values (${show(q1)} to ${show(q3)})`;
  const fenced = `${fences} times the width of ${middle} beyond it`;
  const sign = 'not negative, as at least 99 % of the values are';
  if (reach === 0) return isSigned ? rule(column, 'range', '0..', `At least 0: ${sign}.`) : null;
  const [low, high] = [show(isSigned ? 0 : q1 - reach), show(q3 + reach)];
  const words = isSigned ? `${sign}, and at most ${fenced}` : `at most ${fenced}`;
  return rule(column, 'range', `${low}..${high}`, `From ${low} to ${high}: ${words}.`);
}

function numberText(bound: number, type: ColumnProfile['type']): string {
  // Fences of decimals carry the noise of binary fractions.
  const exact = type === 'integer' ? Math.round(bound) : Number(bound.toPrecision(12));
  return String(exact === 0 ? 0 : exact);
}

const dayMs = 86_400_000;

/** Years of four digits are all that a rule can say. */
function dayOf(epochDays: number): string {
  const clamped = Math.min(Math.max(Math.round(epochDays), -719_162), 2_932_896);
  return new Date(clamped * dayMs).toISOString().slice(0, 10);
}

function formatRule({ column, filled }: Described, { shapes }: ProfileFacts): ProposedRule | null {
  const found = shapes.find(({ name }) => name === column.name);
  if (!found || filled < fewestRows) return null;
  const format = formatOf(found, column.type, nearlyAll);
  return format && rule(column, 'format', format.pattern, format.words);
}

function percent(share: number): string {
  return `${share * 100} %`;
}

/** Two columns of which one may be bounded by the other. */
export interface Pair {
  lower: string;
  upper: string;
}

/** The most pairs that are looked at: each is compared in every row. */
export const pairLimit = 200;

/**
 * Pairs of dates, or of numbers, that may nearly always be in order: no percentile of the lower lies above the upper's (two further on),
 * and their values overlap, so that the order says something. Dates first; at most `pairLimit`, the others are counted.
 */
export function orderedPairs({ columns, rowCount, keyColumn, attributes }: ProfileFacts): {
  pairs: Pair[];
  leftOut: number;
} {
  const planned = attributes && new Set(attributes.map((row) => row.attribute));
  const comparable = columns.filter(
    (column) =>
      column.percentiles.length === 101 &&
      column.distinct > listLimit &&
      column.name !== keyColumn &&
      rowCount - column.nulls - column.blanks >= fewestRows &&
      (planned === null || planned.has(column.name)),
  );
  const all = ['date', 'number'].flatMap((of) => {
    const alike = comparable.filter(({ type }) => (type === 'date') === (of === 'date'));
    return alike.flatMap((lower) =>
      alike
        .filter((upper) => upper !== lower && mayBeOrdered(lower.percentiles, upper.percentiles))
        .map((upper): Pair => ({ lower: lower.name, upper: upper.name })),
    );
  });
  return { pairs: all.slice(0, pairLimit), leftOut: Math.max(0, all.length - pairLimit) };
}

function mayBeOrdered(lower: readonly number[], upper: readonly number[]): boolean {
  const last = lower.length - 1;
  const isApart = (lower[last] ?? 0) < (upper[0] ?? 0);
  return !isApart && lower.slice(0, -2).every((value, at) => value <= (upper[at + 2] ?? value));
}

/** A rule that compares the columns of a pair. `=` where they are equal in nearly every row. */
export function pairRule({ lower, upper }: Pair, parameter: '<=' | '='): ProposedRule {
  const words = parameter === '=' ? `is equal to ${upper}` : `is not above ${upper}`;
  const description = `${lower} ${words}: this holds for at least ${percent(pairShare)} of the rows that have both.`;
  return { kind: 'cross-column', attribute: lower, otherAttribute: upper, parameter, description };
}

/** At least this share of the rows that have both values has to follow a cross-column rule. */
export const pairShare = 0.99;
/** The most cross-column rules that are proposed. */
export const pairRuleLimit = 10;

/** A pair with how often its two comparisons hold, as shares of the rows that have both values; null: there are none. */
export type TriedPair = Pair & { notAbove: number | null; equal: number | null };

/**
 * The cross-column rules of pairs that nearly always hold. Equal columns give one rule; the most exact ones first, at most
 * `pairRuleLimit`, the others are counted.
 */
export function proposePairRules(tried: readonly TriedPair[]): { rules: ProposedRule[]; leftOut: number } {
  const seen = new Set<string>();
  const holding = tried.flatMap((pair) => {
    const isEqual = (pair.equal ?? 0) >= pairShare;
    const share = isEqual ? pair.equal : pair.notAbove;
    if (share === null || share < pairShare) return [];
    const sides = JSON.stringify(isEqual ? [pair.lower, pair.upper].toSorted() : [pair.lower, pair.upper]);
    if (seen.has(sides)) return [];
    seen.add(sides);
    return [{ share, rule: pairRule(pair, isEqual ? '=' : '<=') }];
  });
  const best = holding.toSorted((a, b) => b.share - a.share).slice(0, pairRuleLimit);
  return { rules: best.map((entry) => entry.rule), leftOut: holding.length - best.length };
}
