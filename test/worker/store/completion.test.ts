// Completing what nobody reviews: the version of the latest records, and a sample selection planned per line of business.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { actionKey, assignmentKey } from '../../../domain/audit-record.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import { completeRecords } from '../../../worker/store/complete-records.ts';
import { recordPopulation, reportSummary } from '../../../worker/store/follow-up.ts';
import { openPhase, skipPhase } from '../../../worker/store/phase-line.ts';
import { currentVersion, readVersionItems } from '../../../worker/store/version-rows.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  advance,
  carryOut,
  drawn,
  drawnRows,
  openTestStore,
  readyPopulation,
  recorded,
  reviewed,
  testLobs,
  testPopulationHash,
  withOpen,
  withPlan,
  withReport,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

async function complete(by: TestPerson, over: object) {
  const body: object = {
    kind: 'phase.complete',
    reportId: 'report-0001',
    lob: null,
    withoutSamples: [],
    note: '',
    ...over,
  };
  const operation = test.laptops[by].operation(body as OperationBody);
  const answer = await test.send([operation]);
  await carryOut(test, answer.followUps);
  const receipt = await test.receipt(operation.operation.operationId);
  return { ...receipt, said: `${receipt.state} ${receipt.reason?.code ?? ''}`.trim(), followUps: answer.followUps };
}
const report = async () => (await reportSummary(test.store, 'report-0001'))?.report;

const document = (state: string) => ({
  recordKey: 'document-1',
  body: { title: 'Statements', fileName: 'a.csv', fileHash: 'a'.repeat(64), fileSize: 1, state, submission: 1 },
});

it('makes the version of the latest records, approved at once and by nobody’s review', async () => {
  const { reportId, lob } = await withOpen(test, 'request-info');
  const place = { reportId, phase: 'request-info', lob } as const;
  expect((await complete('tara', place)).said).toBe('refused incomplete');
  await recorded(test, place, [document('submitted')]);
  expect((await complete('tara', place)).reason?.message).toContain('not accepted or rejected yet');
  await recorded(test, place, [document('accepted')]);
  expect((await complete('dana', place)).said).toBe('refused role');
  const done = await complete('tara', place);
  expect(done).toMatchObject({ said: 'applied', followUps: [{ kind: 'complete-phase', lob: 'lob 0' }] });
  const version = await currentVersion(test.store.db, reportId, 'request-info', lob);
  expect(version).toMatchObject({
    ...{ number: 1, status: 'approved', authorId: 'tara', reviewVerdict: null, itemCount: 1 },
    counts: { total: 1, approved: 1, pending: 0 },
  });
  expect(await readVersionItems(test.store.db, version?.versionId ?? '')).toMatchObject([
    {
      ...{ itemKey: 'document-1', verdict: 'approved', body: { state: 'accepted' } },
      ...{ source: { kind: 'added', by: 'tara' }, origin: { kind: 'recorded', recordRevision: 2 } },
    },
  ]);
  const line = (await report())?.phases.find((row) => row.phase === 'request-info' && row.lob === lob);
  expect(line).toMatchObject({ state: 'completed', outcome: 'recorded', versionId: version?.versionId });
  const entries = await readLedger(test.store, reportId);
  expect(entries.slice(-3).map((entry) => [entry.actorId, entry.summary])).toEqual([
    ['tara', 'completed the work on Request for information of lob 0'],
    ['tara', 'recorded version 1 of Request for information of lob 0: 1 document'],
    ['countersign', 'completed Request for information of lob 0'],
  ]);
  // Done again, it answers with what it made; asked again, the phase is over.
  await carryOut(test, done.followUps);
  expect((await reportSummary(test.store, reportId))?.versions).toHaveLength(1);
  expect((await complete('tara', place)).said).toBe('refused out-of-turn');
});

it('is not made when the phase was skipped between the asking and the making', async () => {
  const { reportId, lob } = await withOpen(test, 'request-info');
  const place = { reportId, phase: 'request-info', lob } as const;
  await recorded(test, place, [document('accepted')]);
  const operation = test.laptops.tara.operation({ kind: 'phase.complete', ...place, withoutSamples: [], note: '' });
  await test.send([operation]);
  await skipPhase(test.store, reportId, 'request-info', lob, 'not needed', test.clock);
  const { operationId } = operation.operation;
  const workflow = { workflowId: 'lob/x', runId: 'r', stepId: 's', activityName: 'createVersion' };
  const input = { idempotencyKey: 'k', operationId, ...place, workflow };
  expect(await completeRecords(test.store, input, test.clock)).toBeNull();
  expect((await readLedger(test.store, reportId)).at(-1)?.summary).toBe(
    'could not make the version: Request for information of lob 0 is not open any more',
  );
});

it('of test execution counts what deviates, so that the flow knows whether there is anything to observe', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  const version = await drawn(test, reportId, await withPlan(test, reportId, { lobColumn: 'LOB' }), {
    rows: drawnRows(6),
  });
  await reviewed(test, version);
  await skipPhase(test.store, reportId, 'data-owner-id', null, 'known', test.clock);
  await advance(test, reportId);
  const lob = testLobs[0];
  await skipPhase(test.store, reportId, 'request-info', lob, 'at hand', test.clock);
  await openPhase(test.store, reportId, 'test-execution', lob, test.clock);
  const place = { reportId, phase: 'test-execution', lob } as const;
  // Keys 1002 and 1005 are of `lob 0`; without scoping every column but the key is tested.
  const results = { '1002': 'pass', '1005': 'not-testable' };
  const actions = Object.entries(results).map(([itemKey, result]) => ({
    recordKey: actionKey(itemKey, 'LOB'),
    body: { itemKey, attribute: 'LOB', expected: lob, found: null, result, random: true },
  }));
  await recorded(test, place, actions.slice(0, 1));
  expect((await complete('tara', place)).reason?.message).toBe('1 test action missing: LOB of 1005');
  await recorded(test, place, actions.slice(1));
  expect((await complete('tara', place)).said).toBe('applied');
  expect((await report())?.lobs.map((row) => row.deviations)).toEqual([1, null, null]);
});

it('of data owners wants one for every attribute in every line of business that is not cancelled', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  await withPlan(test, reportId, { lobColumn: 'LOB' });
  const place = { reportId, phase: 'data-owner-id', lob: null } as const;
  const owner = (lob: string) => ({
    recordKey: assignmentKey(lob, 'LOB'),
    body: { lob, attribute: 'LOB', dataOwnerId: 'dana', dataOwner: 'Dana Dataowner' },
  });
  await recorded(test, place, testLobs.slice(0, 2).map(owner));
  expect((await complete('tara', place)).reason?.message).toBe('1 attribute without a data owner: LOB of lob 2');
  await recorded(test, place, [owner('lob 2')]);
  expect((await complete('tara', place)).said).toBe('applied');
});

it.each([
  ['a phase that is reviewed', 'scoping', null, 'refused out-of-turn'],
  ['a phase that keeps records, with lines of business without samples', 'data-owner-id', 'lob 0', 'refused malformed'],
] as const)('refuses to complete %s', async (_name, phase, lob, said) => {
  await withOpen(test, phase);
  const withoutSamples = lob === null ? [] : [{ lob, reason: 'none' }];
  expect((await complete('tara', { phase, withoutSamples })).said).toBe(said);
});

it('in sample selection names who gets none, but not all of them, not unknown ones and not those that have one', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  const phase = 'sample-selection';
  const without = (...lobs: string[]) => ({ phase, withoutSamples: lobs.map((lob) => ({ lob, reason: 'closed' })) });
  expect((await complete('tara', without())).said).toBe('refused incomplete');
  expect((await complete('tara', without(...testLobs))).said).toBe('refused incomplete');
  expect((await complete('tara', without('lob 9'))).said).toBe('refused not-found');
  expect((await complete('tara', without('lob 0', 'lob 0'))).said).toBe('refused malformed');
  expect((await complete('tara', without('lob 0', 'lob 1'))).said).toBe('applied');
  const planId = await withPlan(test, reportId, { lob: 'lob 2', lobColumn: 'LOB' });
  const version = await drawn(test, reportId, planId, { rows: drawnRows(3) });
  expect((await complete('tara', without('lob 2'))).said).toBe('refused out-of-turn');
  await reviewed(test, version);
  const named = await report();
  expect(named?.phases.find((row) => row.phase === phase)).toMatchObject({ state: 'completed' });
  expect(named?.lobs.map((row) => [row.samples, row.withoutSamples])).toEqual([
    [0, 'closed'],
    [0, 'closed'],
    [3, null],
  ]);
});

/** Draws a sample for one line of business alone. */
async function drawnFor(reportId: string, lob: string, from: number) {
  const planId = await withPlan(test, reportId, { lob, lobColumn: 'LOB' });
  return drawn(test, reportId, planId, { rows: drawnRows(3, from) });
}
const selection = async () => (await report())?.phases.find((row) => row.phase === 'sample-selection');
const cancel = (lob: string) =>
  test.send([
    test.laptops.mara.operation({ kind: 'lob.control', reportId: 'report-0001', lob, act: 'cancel', reason: 'sold' }),
  ]);

it('a sample selection that only waits for a line of business is complete when that one is cancelled', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  await reviewed(test, await drawnFor(reportId, 'lob 0', 1));
  await reviewed(test, await drawnFor(reportId, 'lob 1', 11));
  await drawnFor(reportId, 'lob 2', 21);
  expect(await selection()).toMatchObject({ state: 'in-review' });
  await cancel('lob 2');
  expect(await selection()).toMatchObject({ state: 'completed', outcome: 'approved', waitingFor: [] });
  expect((await report())?.lobs.map((row) => row.samples)).toEqual([3, 3, 0]);
  const summaries = (await readLedger(test.store, reportId)).map((entry) => entry.summary);
  expect(summaries).toContain('completed Sample selection');
});

it('a sample selection is not complete for want of lines of business', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  await drawnFor(reportId, 'lob 0', 1);
  for (const lob of testLobs) await cancel(lob);
  expect(await selection()).not.toMatchObject({ state: 'completed' });
});

it('a redraw that is rejected leaves the approved sample, and is no rejection of the phase that this completes', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  await complete('tara', { phase: 'sample-selection', withoutSamples: [{ lob: 'lob 2', reason: 'closed' }] });
  await reviewed(test, await drawnFor(reportId, 'lob 0', 1));
  const planId = await withPlan(test, reportId, { lob: 'lob 0', lobColumn: 'LOB' });
  const again = await drawn(test, reportId, planId, { rows: drawnRows(3, 31), redrawReason: 'more of it' });
  await reviewed(test, await drawnFor(reportId, 'lob 1', 11));
  const { versionId, counts } = again;
  const seen = { approved: counts.approved, rejected: counts.rejected, pending: counts.pending };
  const operation = test.laptops.olga.operation({
    ...{ kind: 'review.submit', reportId, versionId, verdict: 'rejected', note: 'the first one was right', seen },
  });
  await carryOut(test, (await test.send([operation])).followUps);
  expect(await selection()).toMatchObject({ state: 'completed', outcome: 'approved' });
});

it('a line of business that is drawn after all has no reason for having no sample any more', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  await complete('tara', { phase: 'sample-selection', withoutSamples: [{ lob: 'lob 0', reason: 'closed' }] });
  await drawn(test, reportId, await withPlan(test, reportId, { lob: 'lob 0', lobColumn: 'LOB' }), {
    rows: drawnRows(3),
  });
  expect((await report())?.lobs[0]).toMatchObject({ withoutSamples: null });
});

it('a sample over the whole and one for a line of business do not stand beside each other', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  const forOne = await withPlan(test, reportId, { lob: 'lob 0', lobColumn: 'LOB', planId: 'plan-of-one' });
  await drawn(test, reportId, await withPlan(test, reportId, { lobColumn: 'LOB' }), { rows: drawnRows(3) });
  const draw = { kind: 'sample.draw' as const, reportId, planId: forOne, redrawReason: null, targeted: [] };
  const operation = test.laptops.tara.operation(draw);
  await test.send([operation]);
  expect((await test.receipt(operation.operation.operationId)).reason).toMatchObject({
    ...{ code: 'out-of-turn', message: expect.stringContaining('was planned over the whole') as string },
  });
});

it('a plan is for the lines of business that the report has, and spread over their column', async () => {
  const reportId = await withReport(test, 'report-0001', { divided: true });
  const planned = async (over: { lob?: string | null; lobColumn?: string | null }) => {
    const planId = await withPlan(test, reportId, over);
    const row = await test.store.db.selectFrom('plans').selectAll().where('plan_id', '=', planId).executeTakeFirst();
    return row ? (JSON.parse(row.plan_text) as { populationSize: number }).populationSize : null;
  };
  expect(await planned({ lobColumn: null })).toBeNull();
  expect(await planned({ lobColumn: 'ID' })).toBeNull();
  expect(await planned({ lob: 'lob 9', lobColumn: 'LOB' })).toBeNull();
  expect(await planned({ lobColumn: 'LOB' })).toBe(30_000);
  expect(await planned({ lob: 'lob 1', lobColumn: 'LOB' })).toBe(10_000);
});

it('a sample of a population that another one took the place of is neither approved nor planned on, until the first is back', async () => {
  const reportId = await withReport(test);
  const version = await drawn(test, reportId, await withPlan(test, reportId), { rows: drawnRows(3) });
  const other = 'b'.repeat(64);
  const announce = async (fileHash: string, fileName: string) => {
    const file = { fileHash, fileName, fileSize: 1_000, keyColumn: 'ID' };
    const operation = test.laptops.tara.operation({ kind: 'population.import', reportId, ...file });
    await test.send([operation]);
    const { operationId } = operation.operation;
    return () =>
      recordPopulation(
        test.store,
        { operationId, reportId, populationHash: fileHash, state: readyPopulation(30_000) },
        test.clock,
      );
  };
  const approved = async () => {
    await reviewed(test, version);
    return (await reportSummary(test.store, reportId))?.versions[0]?.status;
  };
  const lastSummary = async () => (await readLedger(test.store, reportId)).at(-1)?.summary;
  const read = await announce(other, 'newer.csv');
  expect(await approved()).toBe('pending');
  expect(await lastSummary()).toContain('the population newer.csv is being read');
  await read();
  expect(await approved()).toBe('pending');
  expect(await lastSummary()).toContain('newer.csv was imported since');
  const planId = await withPlan(test, reportId);
  expect(await test.store.db.selectFrom('plans').select('plan_id').where('plan_id', '=', planId).execute()).toEqual([]);
  await (
    await announce(testPopulationHash, 'accounts.csv')
  )();
  expect(await approved()).toBe('approved');
});
