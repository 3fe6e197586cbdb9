// What a workflow reads to take a report or a lane up: unfinished work of its own, news once more, and whether it is needed at all.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperationBody, SignedOperation } from '../../../domain/operation.ts';
import type { WorkflowVersion } from '../../../domain/workflow-version.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { endReport, readReportState, unfinishedWork } from '../../../worker/store/report-state.ts';
import { reportsToRevive } from '../../../worker/store/revive.ts';
import { openPhase, startLob } from '../../../worker/store/phase-line.ts';
import {
  advance,
  carryOut,
  edited,
  namedLobs,
  openTestStore,
  proposed,
  proposedItem,
  startedReport,
  withProposed,
  withReport,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

async function sent(by: TestPerson, body: unknown): Promise<SignedOperation> {
  const operation = test.laptops[by].operation(body as OperationBody);
  await test.send([operation]);
  return operation;
}

it('names unfinished work to the workflow that has to do it, the report’s or a lane’s, until it is done', async () => {
  const { version, reportId } = await withProposed(test, 'observations', ['A'], { lob: 'lob 1' });
  await startLob(test.store, reportId, 'lob 0', test.clock);
  await openPhase(test.store, reportId, 'scoping', null, test.clock);
  const scoping = await proposed(test, { reportId, phase: 'scoping', lob: null }, [proposedItem('scoping', 'A')]);
  for (const of of [version, scoping]) {
    const edits = [await edited(test, of, 'A', of === scoping ? { risk: 'low' } : { rating: 'low' })];
    await sent('tara', { kind: 'version.submit', reportId, versionId: of.versionId, edits, note: '' });
  }
  const work = (lob: string | null) => unfinishedWork(test.store.db, reportId, lob);
  expect(await work('lob 1')).toMatchObject([{ kind: 'make-version', versionId: version.versionId, lob: 'lob 1' }]);
  expect(await work('lob 0')).toEqual([]);
  expect(await work(null)).toMatchObject([{ kind: 'make-version', versionId: scoping.versionId, lob: null }]);
  await carryOut(test, await work('lob 1'));
  expect(await work('lob 1')).toEqual([]);
  expect(await work(null)).toHaveLength(1);
});

it('tells news again with a duplicate, and work only until it is done', async () => {
  const { version, reportId } = await withProposed(test, 'scoping', ['A']);
  const { versionId } = version;
  const asItIs = await sent('tara', { kind: 'version.submit', reportId, versionId, edits: [], note: '' });
  expect((await test.send([asItIs])).followUps).toEqual([{ kind: 'wake', reportId, lob: null }]);
  expect(await unfinishedWork(test.store.db, reportId, null)).toEqual([]);
  const edits = [await edited(test, version, 'A', { risk: 'low' })];
  const withEdits = await sent('tara', { kind: 'version.submit', reportId, versionId, edits, note: '' });
  const again = (await test.send([withEdits])).followUps;
  expect(again).toMatchObject([{ kind: 'make-version' }]);
  await carryOut(test, again);
  expect((await test.send([withEdits])).followUps).toEqual([]);
});

it('knows what the workflow would know of the operations: receipts, counts, watermarks and the head of the ledger', async () => {
  const { version, reportId } = await withProposed(test, 'scoping', ['A']);
  const submit = { kind: 'version.submit', reportId, versionId: version.versionId, edits: [], note: '' };
  await sent('tara', submit);
  await sent('olga', submit);
  await test.send([{ nothing: true }], { kind: 'report', id: reportId });
  const stored = await readReportState(test.store, reportId);
  expect(stored).toMatchObject({
    ledgerHead: (await reportSummary(test.store, reportId))?.ledgerHead,
    counts: { applied: 1, refused: 1, conflict: 0, 'dead-letter': 1 },
    watermarks: { [test.laptops.tara.deviceId]: 1, [test.laptops.olga.deviceId]: 1 },
  });
  expect(stored.receipts.map((row) => row.state)).toEqual(['applied', 'refused']);
  expect(await readReportState(test.store, 'report-none')).toMatchObject({ ledgerHead: null, receipts: [] });
});

it('a lost server’s reports are needed while work, a step or a deadline is open, and not while only people are waited for', async () => {
  const due = { phase: 'planning', dueAfterSeconds: 86_400, remindBeforeSeconds: 0 } as const;
  // Its planning is to be opened.
  await startedReport(test, 'report-step');
  // Its deadline runs.
  await advance(test, await startedReport(test, 'report-deadline', { deadlines: [due] }));
  // It waits for its population, or for a plan.
  await advance(test, await startedReport(test, 'report-people'));
  await withReport(test, 'report-sample');
  // The lane of one is to be gone on with.
  const lanes = await startedReport(test, 'report-lane');
  await advance(test, lanes);
  await namedLobs(test, lanes);
  await startLob(test.store, lanes, 'lob 1', test.clock);
  await openPhase(test.store, lanes, 'request-info', 'lob 1', test.clock);
  // A population is to be read.
  await advance(test, await startedReport(test, 'report-work'));
  const file = { fileHash: 'b'.repeat(64), fileSize: 1, fileName: 'x.csv', keyColumn: null };
  await sent('tara', { kind: 'population.import', reportId: 'report-work', ...file });
  // Over, and with a step that would be due.
  await startedReport(test, 'report-over');
  await endReport(test.store, 'report-over', test.clock);
  const needed = async () => reportsToRevive(test.store, test.laptops.tara.revive(null), test.clock);
  expect(await needed()).toEqual({
    ...{ kind: 'revived', reportIds: ['report-deadline', 'report-step', 'report-work'] },
  });
  const skip = { kind: 'phase.skip', reportId: lanes, phase: 'request-info', lob: 'lob 1', reason: 'at hand' };
  await sent('mara', skip);
  expect(await needed()).toMatchObject({
    reportIds: ['report-deadline', 'report-lane', 'report-step', 'report-work'],
  });
});

it('a report of a version that only a newer worker knows keeps no other one from being revived, and says itself what it waits for', async () => {
  const { reportId } = await withProposed(test, 'scoping', ['A']);
  const other = await startedReport(test, 'report-other');
  const newer = async (id: string) =>
    test.store.db
      .updateTable('reports')
      .set({ workflow_version: '3.0.0' as WorkflowVersion })
      .where('report_id', '=', id)
      .execute();
  await newer(reportId);
  const ended = await startedReport(test, 'report-over');
  await endReport(test.store, ended, test.clock);
  await newer(ended);
  const answer = await reportsToRevive(test.store, test.laptops.tara.revive(null), test.clock);
  expect(answer).toEqual({ kind: 'revived', reportIds: [reportId, other].toSorted() });
});

it('a report that was ended on the server says so, once', async () => {
  const reportId = await startedReport(test, 'report-0001');
  await endReport(test.store, reportId, test.clock);
  const before = await reportSummary(test.store, reportId);
  expect(before?.report.ended).toMatchObject({ reason: 'its workflow was ended on the server' });
  expect(before?.report.phases.every((row) => row.waitingFor.length === 0)).toBe(true);
  await endReport(test.store, reportId, test.clock);
  expect(await reportSummary(test.store, reportId)).toEqual(before);
});
