// Owns what a table of evidence says of samples: found values for what nobody tested yet, and what the table is silent on. Pure.
// Whether a value is the expected one is audit-record.ts.

/** A file that was handed in, read as a table. Cells are texts as they stand there; null for an empty one. */
export interface EvidenceTable {
  columns: readonly string[];
  /** Rows by the key of the population; `row` counts from 1. */
  byKey: ReadonlyMap<string, readonly { row: number; cells: ReadonlyMap<string, string | null> }[]>;
}

/** A sample with what of it nobody tested yet. */
export interface UntestedSample {
  itemKey: string;
  attributes: readonly string[];
}

/** What the table says of one attribute of one sample. */
export interface FoundValue {
  itemKey: string;
  attribute: string;
  found: string | null;
  /** `row 12`: the twelfth row below the header. */
  locator: string;
}

/** What the table says, and how much it leaves to people: that stays untested. */
export interface EvidenceReading {
  values: FoundValue[];
  /** Samples of which the table has no row. */
  samplesMissing: number;
  /** Samples of which it has more than one: none of them is taken for the right one. */
  samplesRepeated: number;
  /** Attributes that have no column in it. */
  attributesMissing: string[];
  /** Values that are longer than a test action carries. */
  valuesTooLong: number;
}

/** The most characters of a found value. */
const longestValue = 10_000;

export function readEvidenceTable(table: EvidenceTable, samples: readonly UntestedSample[]): EvidenceReading {
  const columns = new Set(table.columns);
  const reading: EvidenceReading = {
    ...{ values: [], samplesMissing: 0, samplesRepeated: 0, valuesTooLong: 0 },
    attributesMissing: [...new Set(samples.flatMap(({ attributes }) => attributes))].filter(
      (name) => !columns.has(name),
    ),
  };
  for (const { itemKey, attributes } of samples) {
    const [only, ...others] = table.byKey.get(itemKey) ?? [];
    if (!only) reading.samplesMissing += 1;
    else if (others.length > 0) reading.samplesRepeated += 1;
    else {
      for (const attribute of attributes.filter((name) => columns.has(name))) {
        const found = only.cells.get(attribute) ?? null;
        if (found !== null && found.length > longestValue) reading.valuesTooLong += 1;
        else reading.values.push({ itemKey, attribute, found, locator: `row ${only.row}` });
      }
    }
  }
  return reading;
}

/** Why values were left to people, as half sentences; empty when the table said all that was asked. */
export function whyLeft(reading: EvidenceReading): string[] {
  const { samplesMissing, samplesRepeated, attributesMissing, valuesTooLong } = reading;
  const samples = (count: number): string => `${count.toLocaleString('en')} ${count === 1 ? 'sample' : 'samples'}`;
  return [
    ...(samplesMissing > 0 ? [`it has no row of ${samples(samplesMissing)}`] : []),
    ...(samplesRepeated > 0 ? [`it has more than one row of ${samples(samplesRepeated)}`] : []),
    ...(attributesMissing.length > 0 ? [`it has no column ${firstTen(attributesMissing)}`] : []),
    ...(valuesTooLong > 0
      ? [`${valuesTooLong.toLocaleString('en')} of its values are longer than 10,000 characters`]
      : []),
  ];
}

function firstTen(names: readonly string[]): string {
  const more = names.length > 10 ? ` and ${(names.length - 10).toLocaleString('en')} more` : '';
  return `${names.slice(0, 10).join(', ')}${more}`;
}
