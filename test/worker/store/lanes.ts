// Owns what the tests of recorded work begin with: a report, divided by LOB, brought to its data owners or into its lanes by the same
// functions and operations as in life. Two attributes are in scope; the sample is drawn over the whole.
import { createHash } from 'node:crypto';
import type { AuditPhase } from '../../../domain/audit-record.ts';
import type { ItemBody } from '../../../domain/version.ts';
import type { OperationBody, Receipt } from '../../../domain/operation.ts';
import { readRecordHistory } from '../../../worker/store/records.ts';
import { readSamples } from '../../../worker/store/scope.ts';
import type { TestedSample } from '../../../worker/store/scope.ts';
import { readReport } from '../../../worker/store/reports.ts';
import type { Report } from '../../../domain/change.ts';
import {
  advance,
  drawn,
  drawnRows,
  handedIn,
  namedLobs,
  openTestStore,
  proposed,
  proposedItem,
  reviewed,
  startedReport,
  withPlan,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

export const scope = ['LIMIT_BAL', 'SEX'] as const;
export const laneOf = 'lob 0';

/** Contents that count as uploaded, by their text. */
export interface Uploads {
  add(text: string): { fileHash: string; fileSize: number };
}

/** A store that knows the files which `uploads` got. */
export async function openLaneStore(): Promise<{ test: TestStore; uploads: Uploads }> {
  const sizes = new Map<string, number>();
  const test = await openTestStore({ sizeOfFile: (hash) => Promise.resolve(sizes.get(hash) ?? null), mailsOut: false });
  const add = (text: string) => {
    const fileHash = createHash('sha256').update(text).digest('hex');
    sizes.set(fileHash, Buffer.byteLength(text));
    return { fileHash, fileSize: Buffer.byteLength(text) };
  };
  return { test, uploads: { add } };
}

/** Sends one operation of a person; answers with its receipt. */
export async function sent(test: TestStore, by: TestPerson, body: OperationBody): Promise<Receipt> {
  const operation = test.laptops[by].operation(body);
  await test.send([operation]);
  return test.receipt(operation.operation.operationId);
}

export async function reportOf(test: TestStore, reportId: string): Promise<Report> {
  const report = await readReport(test.store.db, reportId);
  if (!report) throw new Error(`no report ${reportId}`);
  return report;
}

/** A report whose data owners are to be assigned and whose sample is to be planned. */
export async function atOwners(test: TestStore, skips: readonly AuditPhase[] = []): Promise<string> {
  const wanted = ['planning', 'data-profiling', ...skips] as const;
  const reportId = await startedReport(test, 'report-0001', {
    lobs: { kind: 'column', column: 'LOB' },
    skips: wanted.map((phase) => ({ phase, reason: 'not part of this test' })),
  });
  await advance(test, reportId);
  const items = ['ID', 'LIMIT_BAL', 'SEX', 'LOB'].map((key) =>
    proposedItem('scoping', key, { inScope: (scope as readonly string[]).includes(key) }),
  );
  const draft = await proposed(test, { reportId, phase: 'scoping', lob: null }, items);
  await reviewed(test, await handedIn(test, draft));
  await namedLobs(test, reportId);
  return reportId;
}

/**
 * A report in whose lanes documents are asked for (or, when that is skipped, tests are done). Twelve samples, four for each line of
 * business; one of `lob 0` was picked, the others drawn.
 */
export async function inLanes(test: TestStore, skips: readonly AuditPhase[] = ['data-owner-id']): Promise<string> {
  const reportId = await atOwners(test, skips);
  const planId = await withPlan(test, reportId, { lobColumn: 'LOB' });
  const rows = drawnRows(12).map((row, index) =>
    index === 10 ? { ...row, source: { kind: 'targeted' as const, reason: 'the highest of all' } } : row,
  );
  await reviewed(test, await drawn(test, reportId, planId, { rows }));
  await advance(test, reportId);
  return reportId;
}

/** The approved samples of the lane, by their keys. */
export async function samplesOf(test: TestStore, reportId: string, lob = laneOf): Promise<TestedSample[]> {
  return [...(await readSamples(test.store.db, await reportOf(test, reportId), lob)).values()];
}

/** Every revision of a record as `revision: what a test is about`. */
export async function historyOf(
  test: TestStore,
  place: { reportId: string; phase: AuditPhase; lob: string | null },
  recordKey: string,
): Promise<{ revision: number; body: ItemBody; reason: string; actorId: string }[]> {
  const records = await readRecordHistory(test.store.db, place, recordKey);
  return records.map(({ revision, body, reason, actorId }) => ({ revision, body, reason, actorId }));
}
