// Owns what a table of evidence says of samples: found values and results for what nobody tested yet, and what it is silent on. Pure.
import { actionKey, sameValue } from './audit-record.ts';
import type { TestAction } from './audit-record.ts';
import type { ItemBody } from './version.ts';

/** A file that was handed in, read as a table. Cells are texts as they stand there; null for an empty one. */
export interface EvidenceTable {
  columns: readonly string[];
  /** Rows by the key of the population; `row` counts from 1. */
  byKey: ReadonlyMap<string, readonly { row: number; cells: ReadonlyMap<string, string | null> }[]>;
}

/** What is to be tested, and the document that the table is. */
export interface Untested {
  samples: readonly { itemKey: string; contentHash: string; body: ItemBody }[];
  /** In scope. */
  attributes: readonly string[];
  /** Test actions that have a result already, by `actionKey`: they stay as they are. */
  tested: ReadonlySet<string>;
  documentId: string;
  revision: number;
}

/** What the table says, and how much it leaves to people: those actions stay untested. */
export interface EvidenceReading {
  actions: TestAction[];
  /** Samples of which the table has no row. */
  samplesMissing: number;
  /** Samples of which it has more than one: none of them is taken for the right one. */
  samplesRepeated: number;
  /** Attributes in scope that have no column in it. */
  attributesMissing: string[];
  /** Values that are longer than a test action carries. */
  valuesTooLong: number;
}

/** The most characters of a found value. */
const longestValue = 10_000;

export function readEvidenceTable(table: EvidenceTable, untested: Untested): EvidenceReading {
  const { samples, attributes, tested } = untested;
  const present = attributes.filter((name) => table.columns.includes(name));
  const reading: EvidenceReading = {
    ...{ actions: [], samplesMissing: 0, samplesRepeated: 0, valuesTooLong: 0 },
    attributesMissing: attributes.filter((name) => !present.includes(name)),
  };
  for (const sample of samples) {
    const open = present.filter((name) => !tested.has(actionKey(sample.itemKey, name)));
    if (open.length === 0) continue;
    const [found, ...others] = table.byKey.get(sample.itemKey) ?? [];
    if (!found) reading.samplesMissing += 1;
    else if (others.length > 0) reading.samplesRepeated += 1;
    else {
      for (const name of open) {
        const text = found.cells.get(name) ?? null;
        if (text !== null && text.length > longestValue) reading.valuesTooLong += 1;
        else reading.actions.push(actionOn(sample, name, text, found.row, untested));
      }
    }
  }
  return reading;
}

function actionOn(
  { itemKey, contentHash, body }: Untested['samples'][number],
  attribute: string,
  text: string | null,
  row: number,
  { documentId, revision }: Untested,
): TestAction {
  const expected = Object.hasOwn(body, attribute) ? (body[attribute] ?? null) : null;
  return {
    ...{ itemKey, contentHash, attribute },
    found: likeExpected(text, expected),
    result: sameValue(expected, text) ? 'pass' : 'fail',
    notTestableReason: '',
    evidence: { documentId, revision, locator: `row ${row}` },
    ...{ note: '', seenRevision: 0, reason: '' },
  };
}

/** Files carry texts. Beside a number or a truth value, what says one is shown as one; all else stays as it stands in the file. */
function likeExpected(text: string | null, expected: ItemBody[string]): TestAction['found'] {
  if (text === null) return null;
  if (typeof expected === 'number' && sameValue(Number(text), text)) return Number(text);
  if (typeof expected === 'boolean' && (sameValue(true, text) || sameValue(false, text))) return sameValue(true, text);
  return text;
}
