// Owns looking rows up by key in a delimited file that is no population: evidence that somebody handed in. Nothing of it is kept.
// Knows no report, no sample and no test.
import { rm } from 'node:fs/promises';
import { columnAt, detectDialect, rowColumn, UnfitFile, writeParquet } from './csv-file.ts';
import { literal } from './duckdb.ts';
import type { Duck } from './duckdb.ts';

/** A row of a table. `row` counts data rows from 1; a cell without a value is null. */
export interface TableRow {
  row: number;
  cells: ReadonlyMap<string, string | null>;
}

/** What was looked up, or why the file is no table with this key column: a sentence for a person. */
export type LookedUp =
  | {
      kind: 'found';
      /** The file's columns in their order. */
      columns: string[];
      /** Every row that has the key, without the white space around it, in the file's order; a key without a row is absent. */
      byKey: Map<string, TableRow[]>;
    }
  | { kind: 'unfit'; message: string };

/** @param partial where the table may stand while it is read; removed in the end. @throws UnfitFile when the file cannot be read. */
export async function lookUpRows(
  duck: Duck,
  file: string,
  partial: string,
  wanted: { keyColumn: string; keys: readonly string[] },
): Promise<Extract<LookedUp, { kind: 'found' }>> {
  const dialect = await detectDialect(duck, file);
  const { columns } = dialect;
  const index = columns.indexOf(wanted.keyColumn);
  if (index < 0) throw new UnfitFile(`the file has no column "${wanted.keyColumn}"; it has ${shownNames(columns)}`);
  try {
    await writeParquet(duck, file, dialect, partial);
    const key = columnAt(index);
    const rows = await duck.rows(
      `WITH wanted AS (SELECT unnest(from_json($keys, '["VARCHAR"]')) AS k)
       SELECT CASE WHEN ${key} IN (SELECT k FROM wanted) THEN ${key} ELSE trim(${key}) END AS k, * FROM ${literal(partial)}
       WHERE ${key} IN (SELECT k FROM wanted) OR trim(${key}) IN (SELECT k FROM wanted) ORDER BY ${rowColumn}`,
      { keys: JSON.stringify(wanted.keys) },
    );
    const found = rows.map((row) => ({
      key: String(row['k']),
      row: Number(row[rowColumn]),
      cells: new Map(columns.map((name, at) => [name, cellOf(row[columnAt(at)])])),
    }));
    const byKey = [...Map.groupBy(found, (row) => row.key)];
    return { kind: 'found', columns, byKey: new Map(byKey.map(([k, of]) => [k, of.map(withoutKey)])) };
  } finally {
    await rm(partial, { force: true });
  }
}

function shownNames(columns: readonly string[]): string {
  const more = columns.length > 20 ? ` and ${columns.length - 20} more` : '';
  return `${columns.slice(0, 20).join(', ')}${more}`;
}

function withoutKey({ row, cells }: TableRow): TableRow {
  return { row, cells };
}

/** A cell of white space says nothing, as in a population. */
function cellOf(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
