// Owns running profiling rules on a stored population: many rules in one scan. Knows no report and no version.
import { readRule, unrun } from '../../domain/profiling-rules.ts';
import type { ProfilingRule, ReadRule, RuleRun } from '../../domain/profiling-rules.ts';
import { rowColumn } from './csv-file.ts';
import { literal } from './duckdb.ts';
import type { Duck } from './duckdb.ts';
import { ruleSql } from './rule-sql.ts';

/** A stored population as rules need it. */
export interface RuledPopulation {
  parquet: string;
  /** Names of the file's columns in their order. */
  columns: readonly string[];
  /** The stored name of a column. */
  stored(column: string): string;
  /** Null: rows are named by their numbers, for no column can be the key. */
  keyColumn: string | null;
}

/** A row that fails rules: `failed` are their indexes in the given order. */
export interface FailingRow {
  itemKey: string;
  failed: number[];
}

const shownKeys = 10;
/** Each rule takes some aggregates of the scan: more at once need more memory, fewer more scans. */
const rulesPerScan = 40;

type Readable = { index: number; rule: ReadRule };

/** What each rule gives, in the order of the rules. A rule that cannot be run has a fault and keeps no other from running. */
export async function runRules(
  duck: Duck,
  population: RuledPopulation,
  rules: readonly ProfilingRule[],
): Promise<RuleRun[]> {
  const { runs, readable } = await sortOut(duck, population, rules);
  const order = await keyOrder(duck, population);
  const repeated = await repeatedValues(duck, population, readable);
  for (let from = 0; from < readable.length; from += rulesPerScan) {
    const part = readable.slice(from, from + rulesPerScan);
    const found = await scan(duck, population, part, order, repeated);
    for (const [at, { index }] of part.entries()) runs[index] = found[at] ?? unrun('it gave no result');
  }
  return runs;
}

/** The rules that can be run; the others have got their fault. */
async function sortOut(
  duck: Duck,
  { columns }: RuledPopulation,
  rules: readonly ProfilingRule[],
): Promise<{ runs: RuleRun[]; readable: Readable[] }> {
  const runs: RuleRun[] = [];
  const readable: Readable[] = [];
  for (const [index, asked] of rules.entries()) {
    const rule = readRule(asked, columns);
    const fault = 'fault' in rule ? rule.fault : rule.kind === 'format' ? await patternFault(duck, rule.pattern) : '';
    runs.push(unrun(fault));
    if (!('fault' in rule) && fault === '') readable.push({ index, rule });
  }
  return { runs, readable };
}

const invalidInput = 'Invalid Input Error: ';

/** What RE2 says of a pattern that is none; empty for one that is. */
async function patternFault(duck: Duck, pattern: string): Promise<string> {
  try {
    await duck.run(`SELECT regexp_full_match('', ${literal(pattern)})`);
    return '';
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith(invalidInput)) throw error;
    return `the regular expression cannot be read (RE2): ${error.message.slice(invalidInput.length).trim()}`;
  }
}

/** The canonical order of the keys as an SQL expression of `k` and `r`: domain/sampling/key-order.ts states the same rule. */
async function keyOrder(duck: Duck, population: RuledPopulation): Promise<string> {
  if (population.keyColumn === null) return 'r';
  const [decided] = await duck.rows(
    `SELECT coalesce(bool_and(regexp_full_match(k, '-?[0-9]{1,18}')), false) AS is_integer FROM ${keyed(population, [])}`,
  );
  return decided?.['is_integer'] === true ? `{'n': CAST(k AS BIGINT), 'k': k}` : 'k';
}

/** The rows with their key `k`, their number `r` and the named columns without the spaces around their values. */
function keyed({ parquet, keyColumn, stored }: RuledPopulation, columns: readonly string[]): string {
  const key = keyColumn === null ? `CAST(${rowColumn} AS VARCHAR)` : stored(keyColumn);
  const texts = columns.map((name) => `, trim(${stored(name)}) AS ${textName(stored(name))}`).join('');
  return `(SELECT ${rowColumn} AS r, ${key} AS k${texts} FROM ${literal(parquet)})`;
}

const textName = (stored: string): string => `text_${stored}`;

/** Makes a table of the repeated values for each column that has to be unique. @returns its name by the column's. */
async function repeatedValues(
  duck: Duck,
  { parquet, stored }: RuledPopulation,
  rules: readonly Readable[],
): Promise<(column: string) => string> {
  const name = (column: string): string => `repeated_${stored(column)}`;
  const columns = new Set(rules.flatMap(({ rule }) => (rule.kind === 'uniqueness' ? [rule.attribute] : [])));
  for (const column of columns) {
    await duck.run(
      `CREATE TEMP TABLE ${name(column)} AS SELECT trim(${stored(column)}) AS v FROM ${literal(parquet)}
       WHERE coalesce(trim(${stored(column)}), '') <> '' GROUP BY 1 HAVING count(*) > 1`,
    );
  }
  return name;
}

/** The rows with what each rule says of them: `checked_0`, `holds_0`, … */
function judged(population: RuledPopulation, rules: readonly Readable[], repeated: (column: string) => string): string {
  const text = (column: string): string => textName(population.stored(column));
  const judgements = rules.map(({ rule }, at) => {
    const { checked, holds } = ruleSql(rule, text, repeated);
    return `, ${checked} AS checked_${at}, ${holds} AS holds_${at}`;
  });
  const columns = new Set(
    rules.flatMap(({ rule }) => [rule.attribute, ...(rule.kind === 'cross-column' ? [rule.otherAttribute] : [])]),
  );
  return `(SELECT r, k${judgements.join('')} FROM ${keyed(population, [...columns])})`;
}

async function scan(
  duck: Duck,
  population: RuledPopulation,
  rules: readonly Readable[],
  order: string,
  repeated: (column: string) => string,
): Promise<RuleRun[]> {
  const figures = rules.map((_, at) => {
    const fails = `checked_${at} AND NOT holds_${at}`;
    return `count(*) FILTER (WHERE checked_${at}) AS n_${at}, count(*) FILTER (WHERE ${fails}) AS x_${at},
      arg_min(k, ${order}, ${shownKeys}) FILTER (WHERE ${fails}) AS keys_${at}`;
  });
  const [found] = await duck.rows(`SELECT ${figures.join(', ')} FROM ${judged(population, rules, repeated)}`);
  return rules.map((_, at): RuleRun => {
    const [checked, exceptions] = [Number(found?.[`n_${at}`]), Number(found?.[`x_${at}`])];
    const keys = found?.[`keys_${at}`];
    const exceptionKeys = Array.isArray(keys) ? keys.map(String) : [];
    return { checked, passed: checked - exceptions, exceptions, exceptionKeys, fault: '' };
  });
}

/**
 * Rows that fail rules, in the canonical order of their keys: of each rule those that fail most rules, at most `perRule`, the first
 * ones where they fail as many. Rules that cannot be run have none.
 */
export async function failingRows(
  duck: Duck,
  population: RuledPopulation,
  rules: readonly ProfilingRule[],
  perRule: number,
): Promise<FailingRow[]> {
  const { readable } = await sortOut(duck, population, rules);
  if (readable.length === 0) return [];
  const order = await keyOrder(duck, population);
  const repeated = await repeatedValues(duck, population, readable);
  const failed = readable.map(({ index }, at) => `CASE WHEN checked_${at} AND NOT holds_${at} THEN ${index} END`);
  const rows = await duck.rows(
    `WITH failing AS (
       SELECT r, k, list_filter([${failed.join(', ')}], x -> x IS NOT NULL) AS failed FROM ${judged(population, readable, repeated)}
     ), ranked AS (
       SELECT r, k, failed, row_number() OVER (PARTITION BY rule ORDER BY len(failed) DESC, ${order}) AS place
       FROM (SELECT r, k, failed, unnest(failed) AS rule FROM failing WHERE len(failed) > 0)
     )
     SELECT k, any_value(failed) AS failed FROM ranked WHERE place <= ${perRule} GROUP BY r, k ORDER BY ${order}`,
  );
  return rows.map((row) => ({ itemKey: String(row['k']), failed: (row['failed'] as unknown[]).map(Number) }));
}
