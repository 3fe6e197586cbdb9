// Owns a model of profiling rules in plain JavaScript, to hold the real ones against. It knows the words of domain/profiling-rules.ts,
// and nothing of SQL.
import type { ProfilingRule } from '../../../domain/profiling-rules.ts';
import { canonicalKeyOrder } from '../../../domain/sampling/key-order.ts';

/** A row of a table: every value as it stands in the file; `ID` is the key. */
export type Row = Readonly<Record<string, string>>;

/** What a rule says of a row, by the words of domain/profiling-rules.ts; undefined: it does not speak of it. */
function holds(rule: ProfilingRule, row: Row, counts: ReadonlyMap<string, number>): boolean | undefined {
  const value = valueOf(row, rule.attribute);
  if (rule.kind === 'completeness') return value !== '';
  if (value === '') return undefined;
  switch (rule.kind) {
    case 'uniqueness':
      return counts.get(value) === 1;
    case 'range': {
      const [min = '', max = ''] = rule.parameter.split('..');
      if (/^\d{4}-/.test(min || max)) {
        const day = /^\d{4}-\d{2}-\d{2}([ T].+)?$/.test(value) ? dayOf(value.slice(0, 10)) : null;
        return day !== null && (min === '' || day >= min) && (max === '' || day <= max);
      }
      const number = numberOf(value);
      return number !== null && (min === '' || number >= Number(min)) && (max === '' || number <= Number(max));
    }
    case 'allowed-values':
      return rule.parameter.split('|').includes(value);
    case 'format':
      return new RegExp(`^(?:${rule.parameter})$`, 'u').test(value);
    case 'cross-column': {
      const other = valueOf(row, rule.otherAttribute ?? '');
      return other === '' ? undefined : compare(value, rule.parameter, other);
    }
  }
}

function valueOf(row: Row, column: string): string {
  return (row[column] ?? '').replaceAll(/^\p{Zs}+|\p{Zs}+$/gu, '');
}

function numberOf(text: string): number | null {
  return /^-?\d+(\.\d+)?([eE][+-]?\d{1,3})?$/.test(text) && Number.isFinite(Number(text)) ? Number(text) : null;
}

function dayOf(text: string): string | null {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? text : null;
}

function timeOf(text: string): number | null {
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(Z|[+-]\d{2}:\d{2})?)?$/.exec(text);
  if (!parts?.[1] || dayOf(parts[1]) === null) return null;
  return Date.parse(`${parts[1]}T${parts[2] ?? '00:00:00'}${parts[3] ?? 'Z'}`);
}

function compare(a: string, sign: string, b: string): boolean {
  for (const read of [numberOf, timeOf]) {
    const [left, right] = [read(a), read(b)];
    if (left === null || right === null) continue;
    const order = Math.sign(left - right);
    const signs: Record<string, number[]> = { '<': [-1], '<=': [-1, 0], '=': [0], '>=': [0, 1], '>': [1] };
    return (signs[sign] ?? []).includes(order);
  }
  return sign === '=' && a === b;
}

/** What running a rule comes to: how many rows it speaks of, and the keys of all its exceptions in canonical order. */
export function modelRun(rule: ProfilingRule, rows: readonly Row[]): { checked: number; exceptions: string[] } {
  const counts = new Map<string, number>();
  for (const row of rows) {
    const value = valueOf(row, rule.attribute);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const judged = rows.map((row) => ({ key: row['ID'] ?? '', holds: holds(rule, row, counts) }));
  const checked = judged.filter((row) => row.holds !== undefined);
  const failed = new Set(checked.filter((row) => !row.holds).map(({ key }) => key));
  // The order is that of all keys: one that is no number makes all of them texts.
  const ordered = canonicalKeyOrder(judged.map(({ key }) => key)).keys;
  return { checked: checked.length, exceptions: ordered.filter((key) => failed.has(key)) };
}
