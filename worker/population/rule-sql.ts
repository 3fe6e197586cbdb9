// Owns how a profiling rule is said in DuckDB's SQL: which rows it speaks of, and which of those it holds for.
// Knows neither the file nor how often a rule is run.
import type { ReadRule } from '../../domain/profiling-rules.ts';
import { literal } from './duckdb.ts';

/** Two conditions on a row; neither is ever NULL. `holds` means something only where `checked` is true. */
export interface RuleSql {
  checked: string;
  holds: string;
}

const numberPattern = '-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{1,3})?';
/** What BIGINT carries: compared exactly, all other numbers as doubles. */
const integerPattern = '-?[0-9]{1,18}';
const timePattern = '[0-9]{4}-[0-9]{2}-[0-9]{2}([ T].+)?';

/**
 * @param text the SQL name of a column's value without the spaces around it; NULL or '' for none.
 * @param repeated the SQL name of a table with one column, the values of a column that stand in more than one row.
 */
export function ruleSql(
  rule: ReadRule,
  text: (column: string) => string,
  repeated: (column: string) => string,
): RuleSql {
  const value = text(rule.attribute);
  const filled = `(coalesce(${value}, '') <> '')`;
  switch (rule.kind) {
    case 'completeness':
      return { checked: 'true', holds: filled };
    case 'uniqueness':
      return { checked: filled, holds: definitely(`NOT (${value} IN (SELECT v FROM ${repeated(rule.attribute)}))`) };
    case 'range':
      return { checked: filled, holds: definitely(inRange(value, rule)) };
    case 'allowed-values':
      return { checked: filled, holds: definitely(`${value} IN (${rule.values.map(literal).join(', ')})`) };
    case 'format':
      return { checked: filled, holds: definitely(`regexp_full_match(${value}, ${literal(rule.pattern)})`) };
    case 'cross-column': {
      const other = text(rule.otherAttribute);
      return {
        checked: `(${filled} AND coalesce(${other}, '') <> '')`,
        holds: definitely(compared(value, rule.comparison, other)),
      };
    }
  }
}

const definitely = (condition: string): string => `coalesce(${condition}, false)`;
const isInteger = (value: string): string => `regexp_full_match(${value}, '${integerPattern}')`;
const asInteger = (value: string): string => `TRY_CAST(${value} AS BIGINT)`;
/** NULL for what is no number, or none that a double carries. */
const asNumber = (value: string): string =>
  `CASE WHEN regexp_full_match(${value}, '${numberPattern}') AND isfinite(TRY_CAST(${value} AS DOUBLE)) THEN TRY_CAST(${value} AS DOUBLE) END`;
/** NULL for what is neither a date nor a timestamp; a date is its midnight. The database's time zone is UTC. */
const asTime = (value: string): string =>
  `CASE WHEN regexp_full_match(${value}, '${timePattern}') THEN TRY_CAST(${value} AS TIMESTAMPTZ) END`;
/** The day of a date or a timestamp as it stands there. */
const asDay = (value: string): string =>
  `CASE WHEN regexp_full_match(${value}, '${timePattern}') THEN TRY_CAST(left(${value}, 10) AS DATE) END`;

function inRange(value: string, { of, min, max }: Extract<ReadRule, { kind: 'range' }>): string {
  const sides = [
    ...(min === null ? [] : [{ sign: '>=', bound: literal(min) }]),
    ...(max === null ? [] : [{ sign: '<=', bound: literal(max) }]),
  ];
  return sides
    .map(({ sign, bound }) =>
      of === 'date' ? `${asDay(value)} ${sign} CAST(${bound} AS DATE)` : comparedNumbers(value, sign, bound),
    )
    .join(' AND ');
}

function comparedNumbers(a: string, sign: string, b: string): string {
  return `CASE WHEN ${isInteger(a)} AND ${isInteger(b)} THEN ${asInteger(a)} ${sign} ${asInteger(b)}
    ELSE ${asNumber(a)} ${sign} ${asNumber(b)} END`;
}

function compared(a: string, sign: string, b: string): string {
  const otherwise = sign === '=' ? `${a} = ${b}` : 'false';
  return `coalesce(${comparedNumbers(a, sign, b)}, ${asTime(a)} ${sign} ${asTime(b)}, ${otherwise})`;
}
