// Owns finding the shapes of a stored column's values. What they tell is domain/value-shapes.ts.
import type { ColumnShapes } from '../../domain/value-shapes.ts';
import { literal } from './duckdb.ts';
import type { Duck } from './duckdb.ts';

const mostShapes = 200;
const longestShape = 60;

const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const known = `0123456789${capitals}${capitals.toLowerCase()}`;
const signs = `${'9'.repeat(10)}${'A'.repeat(26)}${'a'.repeat(26)}`;

/** The most frequent shapes of a column. `stored` is its name in the Parquet. */
export async function shapesOf(
  duck: Duck,
  parquet: string,
  column: { name: string; stored: string },
): Promise<ColumnShapes> {
  const values = `(SELECT trim(${column.stored}) AS v FROM ${literal(parquet)} WHERE coalesce(trim(${column.stored}), '') <> '')`;
  const [counted] = await duck.rows(`SELECT count(*) AS n FROM ${values}`);
  const rows = await duck.rows(
    `SELECT translate(v, '${known}', '${signs}') AS shape, count(*) AS n FROM ${values}
     WHERE length(v) <= ${longestShape} GROUP BY 1 ORDER BY n DESC, shape LIMIT ${mostShapes}`,
  );
  return {
    name: column.name,
    filled: Number(counted?.['n']),
    shapes: rows.map((found) => ({ shape: String(found['shape']), count: Number(found['n']) })),
  };
}
