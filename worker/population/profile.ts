// Owns the profile of a stored population's columns. Reads the Parquet that csv-file.ts wrote; knows nothing of reports.
import type { ColumnProfile, KeyFitness } from '../../domain/population.ts';
import { columnAt, rowColumn } from './csv-file.ts';
import { literal } from './duckdb.ts';
import type { Duck, DuckRow } from './duckdb.ts';

type ColumnType = ColumnProfile['type'];

/** Above this many rows percentiles are estimated (t-digest), so that memory stays bounded. */
const exactPercentileRows = 1_000_000;
const frequentDistinct = 200;

const percents = Array.from({ length: 101 }, (_, percent) => percent / 100).join(', ');

/** How a text of each type becomes a number, where percentiles make sense. */
const asNumber: Partial<Record<ColumnType, string>> = {
  integer: 'CAST(v AS DOUBLE)',
  decimal: 'CAST(v AS DOUBLE)',
  date: "date_diff('day', DATE '1970-01-01', CAST(v AS DATE))::DOUBLE",
};

/** Profiles one column. `asked` columns are examined as a key even when most of their values repeat. */
export async function profileColumn(
  duck: Duck,
  parquet: string,
  column: { name: string; index: number; rowCount: number; asked: boolean },
): Promise<{ profile: ColumnProfile; warnings: string[] }> {
  const { name, index, rowCount, asked } = column;
  const source = `(SELECT ${rowColumn}, ${columnAt(index)} AS v FROM ${literal(parquet)})`;
  const [facts] = await duck.rows(factsSql(source));
  if (!facts) throw new Error(`no facts came back for the column ${name}`);
  const type = typeOf(facts);
  const nulls = Number(facts['nulls']);
  const blanks = Number(facts['blanks']);
  const distinct = await distinctValues(duck, source);
  const [range] = await duck.rows(rangeSql(source, type));
  const profile: ColumnProfile = {
    name,
    type,
    nulls,
    blanks,
    distinct,
    min: textOrNull(range?.['lowest']),
    max: textOrNull(range?.['highest']),
    examples: texts(await duck.rows(`SELECT v FROM ${source} WHERE v IS NOT NULL GROUP BY v ORDER BY min(r) LIMIT 5`)),
    frequent: distinct <= frequentDistinct ? await frequent(duck, source) : [],
    percentiles: await percentiles(duck, source, type, rowCount),
    key: await keyFitness(duck, source, { rowCount, distinct, empty: nulls + blanks, asked }),
  };
  return { profile, warnings: warningsOf(profile, facts) };
}

function warningsOf({ name, type, distinct }: ColumnProfile, facts: DuckRow): string[] {
  if (distinct === 0) return [`the column "${name}" has no values`];
  const scientific = Number(facts['scientific']);
  if (type !== 'decimal' || scientific === 0) return [];
  const first = Number(facts['first_scientific']).toLocaleString('en');
  return [
    `the column "${name}" has ${scientific.toLocaleString('en')} numbers in scientific notation, first in row ${first}: perhaps a spreadsheet rounded them`,
  ];
}

function factsSql(source: string): string {
  const all = (pattern: string) =>
    `coalesce(bool_and(regexp_full_match(v, '${pattern}')) FILTER (WHERE v IS NOT NULL), false)`;
  return `SELECT count(*) - count(v) AS nulls, count(*) FILTER (WHERE trim(v) = '') AS blanks,
    ${all('-?(0|[1-9][0-9]{0,17})')} AS is_integer,
    ${all('-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]{1,3})?')} AS is_decimal,
    count(*) FILTER (WHERE regexp_full_match(v, '-?[0-9.]+[eE][+-]?[0-9]+')) AS scientific,
    min(r) FILTER (WHERE regexp_full_match(v, '-?[0-9.]+[eE][+-]?[0-9]+')) AS first_scientific,
    ${all('(?i)true|false')} AS is_boolean,
    coalesce(bool_and(regexp_full_match(v, '[0-9]{4}-[0-9]{2}-[0-9]{2}') AND TRY_CAST(v AS DATE) IS NOT NULL) FILTER (WHERE v IS NOT NULL), false) AS is_date,
    coalesce(bool_and(regexp_matches(v, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:') AND TRY_CAST(v AS TIMESTAMPTZ) IS NOT NULL) FILTER (WHERE v IS NOT NULL), false) AS is_timestamp
    FROM ${source}`;
}

/** A grouping of its own, which spills to the disk: beside other aggregates 18 million different values do not fit. */
async function distinctValues(duck: Duck, source: string): Promise<number> {
  const [found] = await duck.rows(`SELECT count(*) AS n FROM (SELECT v FROM ${source} WHERE v IS NOT NULL GROUP BY v)`);
  return Number(found?.['n']);
}

function typeOf(facts: DuckRow): ColumnType {
  for (const type of ['integer', 'decimal', 'boolean', 'date', 'timestamp'] as const)
    if (facts[`is_${type}`] === true) return type;
  return 'text';
}

function rangeSql(source: string, type: ColumnType): string {
  const number = asNumber[type];
  return number === undefined
    ? `SELECT min(v) AS lowest, max(v) AS highest FROM ${source}`
    : `SELECT arg_min(v, ${number}) AS lowest, arg_max(v, ${number}) AS highest FROM ${source}`;
}

async function frequent(duck: Duck, source: string): Promise<ColumnProfile['frequent']> {
  const rows = await duck.rows(
    `SELECT v, count(*) AS n FROM ${source} WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT 12`,
  );
  return rows.map((found) => ({ value: shown(String(found['v'])), count: Number(found['n']) }));
}

async function percentiles(duck: Duck, source: string, type: ColumnType, rowCount: number): Promise<number[]> {
  const number = asNumber[type];
  if (number === undefined) return [];
  const quantile = rowCount > exactPercentileRows ? 'approx_quantile' : 'quantile_disc';
  const [found] = await duck.rows(
    `SELECT ${quantile}(${number}, [${percents}]) AS q FROM ${source} WHERE v IS NOT NULL`,
  );
  const values = found?.['q'];
  return Array.isArray(values) ? values.map(Number) : [];
}

async function keyFitness(
  duck: Duck,
  source: string,
  facts: { rowCount: number; distinct: number; empty: number; asked: boolean },
): Promise<KeyFitness> {
  const unique = facts.distinct === facts.rowCount && facts.empty === 0;
  const candidate = facts.asked || facts.distinct * 2 > facts.rowCount;
  if (unique || !candidate) return { unique, duplicates: [], blankRows: [] };
  const blank =
    facts.empty === 0
      ? []
      : await duck.rows(`SELECT r FROM ${source} WHERE v IS NULL OR trim(v) = '' ORDER BY r LIMIT 10`);
  // The rows are listed for ten values only: lists for millions of them would not fit.
  const repeated = await duck.rows(
    `WITH repeated AS (SELECT v FROM ${source} WHERE v IS NOT NULL AND trim(v) <> ''
       GROUP BY v HAVING count(*) > 1 ORDER BY min(r) LIMIT 10)
     SELECT v, list_sort(min(r, 5)) AS found FROM ${source} SEMI JOIN repeated USING (v) GROUP BY v ORDER BY min(r)`,
  );
  return {
    unique,
    duplicates: repeated.map((found) => ({
      value: shown(String(found['v'])),
      rows: (found['found'] as unknown[]).map(Number),
    })),
    blankRows: blank.map((found) => Number(found['r'])),
  };
}

/** A profile travels as one change of the feed: with whole cells of megabytes in it nobody could pull the report any more. */
const shownLength = 300;
const shown = (text: string): string => (text.length <= shownLength ? text : `${text.slice(0, shownLength - 1)}…`);

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? shown(value) : null);
const texts = (rows: DuckRow[]): string[] => rows.map((found) => shown(String(found['v'])));
