// Owns how rows of a stored population become items: their order, their strata, their fields. Knows no folder and no file.
import { noLob } from '../../domain/in-scope.ts';
import type { ColumnProfile } from '../../domain/population.ts';
import type { ItemBody } from '../../domain/version.ts';
import { columnAt, rowColumn } from './csv-file.ts';
import { literal } from './duckdb.ts';
import type { Duck, DuckRow } from './duckdb.ts';

/** What stands beside the Parquet: the file's columns in order, and how their texts become an item's fields. */
export interface Stored {
  columns: Pick<ColumnProfile, 'name' | 'type'>[];
}

/** The stored name of one of the file's columns. @throws RangeError when the file has no such column. */
export function storedName(stored: Stored, name: string): string {
  const index = stored.columns.findIndex((column) => column.name === name);
  if (index < 0) throw new RangeError(`the population has no column "${name}"`);
  return columnAt(index);
}

/** The stratum of a row as an SQL expression of its LOB column. */
export function lobExpression(column: string): string {
  return `coalesce(nullif(trim(${column}), ''), ${literal(noLob)})`;
}

/** Rows at canonical positions of a stratum. The order of the keys is domain/sampling/key-order.ts, which states the same rule in SQL. */
export async function readPositions(
  duck: Duck,
  parquet: string,
  wanted: { key: string; lob: string | null; stratum: string | null; positions: readonly number[] },
): Promise<DuckRow[]> {
  const { key, lob, stratum } = wanted;
  const [decided] = await duck.rows(
    `SELECT coalesce(bool_and(regexp_full_match(${key}, '-?[0-9]{1,18}')), false) AS is_integer FROM ${literal(parquet)}`,
  );
  const order = decided?.['is_integer'] === true ? `CAST(${key} AS BIGINT), ${key}` : key;
  const within = stratum === null || lob === null ? 'true' : `${lobExpression(lob)} = ${literal(stratum)}`;
  return duck.rows(
    `WITH ordered AS (SELECT ${rowColumn}, row_number() OVER (ORDER BY ${order}) - 1 AS position FROM ${literal(parquet)} WHERE ${within})
     SELECT ordered.position, source.* FROM ordered JOIN ${literal(parquet)} source ON source.${rowColumn} = ordered.${rowColumn}
     WHERE ordered.position IN (SELECT unnest(from_json($positions, '["UBIGINT"]')))`,
    { positions: JSON.stringify(wanted.positions) },
  );
}

/** Fields in the file's order. Numbers that JavaScript carries exactly become numbers, booleans too; all else stays text. */
export function bodyOf(found: DuckRow, stored: Stored): ItemBody {
  return Object.fromEntries(
    stored.columns.map(({ name, type }, index) => [name, fieldOf(found[columnAt(index)], type)]),
  );
}

function fieldOf(value: unknown, type: ColumnProfile['type']): string | number | boolean | null {
  if (typeof value !== 'string') return null;
  if (type === 'boolean') return value.toLowerCase() === 'true';
  return (type === 'integer' || type === 'decimal') && isExact(value) ? Number(value) : value;
}

/** A decimal of at most 15 significant digits survives the way through a double. */
function isExact(value: string): boolean {
  const digits = value
    .replace(/[eE].*$/u, '')
    .replace(/[-.]/gu, '')
    .replace(/^0+/u, '');
  return digits.length <= 15 && Number.isFinite(Number(value));
}
