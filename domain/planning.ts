// Owns what planning proposes: an attribute for each column of the population, described by its profile and nothing else. Pure.
import type { Json } from './canonical.ts';
import type { AttributeBody } from './phase-item.ts';
import type { ColumnProfile } from './population.ts';

/** More different values than this make a number a quantity; fewer are taken for a code. */
const codeLimit = 20;

/** The rule by which attributes are proposed as critical data elements, as the version's summary states it. */
export const criticalRule = `proposed as critical: quantities, that is numbers with more than ${codeLimit} different values, that every row has; never the key, by which rows are found`;

/** One attribute for each column, in the file's order. `keyColumn` is the population's, null when no column can be the key. */
export function proposeAttributes(
  columns: readonly ColumnProfile[],
  rowCount: number,
  keyColumn: string | null,
): AttributeBody[] {
  return columns.map((column) => {
    const mandatory = column.nulls + column.blanks === 0;
    const key = column.name === keyColumn;
    const isQuantity = isNumber(column) && column.distinct > codeLimit;
    return {
      attribute: column.name,
      type: column.type,
      mandatory,
      key,
      criticalDataElement: mandatory && !key && isQuantity,
      description: describe(column, rowCount),
    };
  });
}

/** Facts about the attributes of a version. */
export function planningSummary(attributes: readonly AttributeBody[]): { readonly [key: string]: Json } {
  return {
    attributes: attributes.length,
    mandatory: attributes.filter((row) => row.mandatory).length,
    criticalDataElements: attributes.filter((row) => row.criticalDataElement).length,
  };
}

function isNumber({ type }: ColumnProfile): boolean {
  return type === 'integer' || type === 'decimal';
}

const typeWords: Readonly<Record<ColumnProfile['type'], string>> = {
  integer: 'Whole number',
  decimal: 'Number',
  text: 'Text',
  date: 'Date',
  timestamp: 'Timestamp',
  boolean: 'Yes or no',
};

function describe(column: ColumnProfile, rowCount: number): string {
  return `${typeWords[column.type]}, ${filledWords(column, rowCount)}, ${valueWords(column)}.`;
}

function filledWords({ nulls, blanks }: ColumnProfile, rowCount: number): string {
  const empty = nulls + blanks;
  const rows = `${counted(rowCount)} ${rowCount === 1 ? 'row' : 'rows'}`;
  if (empty === 0) return rowCount === 1 ? 'filled in its one row' : `filled in all ${rows}`;
  return empty === rowCount ? `empty in all ${rows}` : `empty in ${counted(empty)} of ${rows}`;
}

/** Longer values say little in a sentence. */
const shownLength = 40;

function valueWords(column: ColumnProfile): string {
  const { distinct, min, max, frequent } = column;
  if (distinct === 0) return 'without any value';
  const values = `${counted(distinct)} different ${distinct === 1 ? 'value' : 'values'}`;
  // The twelve most frequent ones are known: where there are no more, they are all.
  if (frequent.length === distinct && distinct <= 12) {
    return `${values}: ${frequent.map(({ value, count }) => `${shown(value)} (${counted(count)})`).join(', ')}`;
  }
  const isOrdered = column.percentiles.length > 0 || column.type === 'timestamp';
  if (isOrdered && min !== null && max !== null) return `${values} from ${shown(min)} to ${shown(max)}`;
  const examples = column.examples.slice(0, 3).map(shown);
  return examples.length === 0 ? values : `${values}, for example ${examples.join(', ')}`;
}

function shown(value: string): string {
  return value.length <= shownLength ? value : `${value.slice(0, shownLength - 1)}…`;
}

function counted(count: number): string {
  return count.toLocaleString('en');
}
