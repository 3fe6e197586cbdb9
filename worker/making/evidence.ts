// Owns the reading of found values: an accepted document that is a table with the population's key column, looked up for every
// sample of its line of business that is not tested yet. What the table says is domain/evidence.ts, keeping it the store's.
import { readEvidenceTable, whyLeft } from '../../domain/evidence.ts';
import type { EvidenceReading, EvidenceTable } from '../../domain/evidence.ts';
import { evidenceToRead, recordReadValues, recordUnreadable } from '../store/evidence.ts';
import type { EvidencePlace, EvidenceToRead } from '../store/evidence.ts';
import type { MakingDeps } from './making.ts';

/** A document that somebody wants read. */
export type EvidenceWork = EvidencePlace & { operationId: string };

/** How much was read and how much was left to people: counts alone, as histories keep them. Why stands in the ledger. */
export type EvidenceRead =
  | {
      kind: 'read';
      values: number;
      samplesMissing: number;
      samplesRepeated: number;
      attributesMissing: number;
      valuesTooLong: number;
    }
  | { kind: 'unreadable' };

type Deps = Pick<MakingDeps, 'store' | 'populations' | 'contents' | 'clock'>;

/**
 * Reads found values and has the store keep them, once per operation. What a person has to mend ends in the ledger and is not tried
 * again: a document that is no such table, or whose file is not here.
 */
export async function readEvidence(deps: Deps, work: EvidenceWork): Promise<EvidenceRead> {
  const { store, clock } = deps;
  const { operationId, reportId, lob } = work;
  const reading = await readingOf(deps, work);
  if (typeof reading === 'string') {
    await recordUnreadable(store, { operationId, reportId, lob }, reading, clock);
    return { kind: 'unreadable' };
  }
  const { values, attributesMissing, ...left } = reading;
  await recordReadValues(store, { operationId, reportId, lob, actions: values, whyLeft: whyLeft(reading) }, clock);
  return { kind: 'read', values: values.length, attributesMissing: attributesMissing.length, ...left };
}

async function readingOf(deps: Deps, work: EvidenceWork): Promise<EvidenceReading | string> {
  const wanted = await evidenceToRead(deps.store.db, work);
  if (!('problem' in wanted)) return lookUp(deps, wanted);
  // Nothing left to read: a reading that was killed before its end kept its values already, and only has to be ended.
  return wanted.problem.code === 'out-of-turn' ? readEvidenceTable(nothing, []) : wanted.problem.message;
}

const nothing: EvidenceTable = { columns: [], byKey: new Map() };

/** What the document says, or why it cannot be read. */
async function lookUp({ contents, populations }: Deps, wanted: EvidenceToRead): Promise<EvidenceReading | string> {
  const { fileHash, fileName, keyColumn, samples } = wanted;
  const file = await contents.pathOf(fileHash);
  if (file === null) return `the file ${fileName} is not on this worker any more: hand it in again`;
  const keys = samples.map(({ itemKey }) => itemKey);
  const table = await populations.lookUp(file, keyColumn, keys);
  return table.kind === 'found' ? readEvidenceTable(table, samples) : table.message;
}
