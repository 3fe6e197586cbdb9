// Owns which attributes are tested and which line of business a row belongs to. Pure; knows no storage.
import { wholeReportLob } from './flow.ts';
import type { ItemBody } from './version.ts';

/** An item of an approved version. */
export interface ApprovedItem {
  itemKey: string;
  body: ItemBody;
}

/** What decides the scope. `null` for a phase that has no approved version: it was skipped. */
export interface ScopeFacts {
  scoping: readonly ApprovedItem[] | null;
  planning: readonly ApprovedItem[] | null;
  /** Names of the population's columns in the file's order. */
  columns: readonly string[];
  keyColumn: string | null;
}

/**
 * The attributes in scope: those that the approved scoping says are in; without scoping all planned ones; without both every
 * column but the key.
 */
export function attributesInScope({ scoping, planning, columns, keyColumn }: ScopeFacts): string[] {
  if (scoping) return scoping.filter(({ body }) => body['inScope'] === true).map(({ itemKey }) => itemKey);
  if (planning) return planning.map(({ itemKey }) => itemKey);
  return columns.filter((name) => name !== keyColumn);
}

/** The line of business of rows without a value in the column. */
export const noLob = '(none)';

/**
 * The line of business of a row.
 * @param lobColumn null when the report is not divided: then all rows are in the one lane `wholeReportLob`.
 * @param names the recorded lines of business. A body carries numbers and truth values, names are the file's texts: `1.5` finds
 *   `1.50` again by them, and `true` finds `TRUE`.
 */
export function lobOf(body: ItemBody, lobColumn: string | null, names: readonly string[] = []): string {
  if (lobColumn === null) return wholeReportLob;
  const value = Object.hasOwn(body, lobColumn) ? (body[lobColumn] ?? null) : null;
  // What DuckDB's trim takes away, so that strata and lanes have the same names.
  const text = value === null ? '' : String(value).replaceAll(/^\p{Zs}+|\p{Zs}+$/gu, '');
  if (text === '') return noLob;
  if (typeof value === 'string' || names.includes(text)) return text;
  return names.find((name) => meansSame(name, value)) ?? text;
}

function meansSame(name: string, value: ItemBody[string]): boolean {
  if (typeof value === 'boolean') return name.toLowerCase() === String(value);
  return name.trim() !== '' && Number(name) === value;
}
