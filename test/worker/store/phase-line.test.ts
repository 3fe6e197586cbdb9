// The transitions that the workflow makes by itself: each once, on record, told to the people, and none when things moved meanwhile.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notification, PhaseState } from '../../../domain/change.ts';
import { nextDue, stepsDue, wholeReportLob } from '../../../domain/flow.ts';
import type { Deadline } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import {
  expirePhase,
  finishLob,
  nameLobs,
  openPhase,
  readFlow,
  remindPhase,
  setProblem,
  skipPhase,
  startLob,
} from '../../../worker/store/phase-line.ts';
import { endReport } from '../../../worker/store/report-state.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  advance,
  namedLobs,
  openTestStore,
  startedReport,
  testLobs,
  withPopulation,
  withProposed,
  withReport,
} from '../../builders.ts';
import type { TestStore } from '../../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

const reportId = 'report-0001';
const report = async () => (await reportSummary(test.store, reportId))?.report;
const line = async (phase: PhaseSlug, lob: string | null = null): Promise<PhaseState | undefined> =>
  (await report())?.phases.find((row) => row.phase === phase && row.lob === lob);
const said = async () => (await readLedger(test.store, reportId)).map((entry) => entry.summary);
async function news(): Promise<Notification[]> {
  const rows = await test.store.db.selectFrom('notifications').selectAll().orderBy('created_at').execute();
  return rows.map((row) => JSON.parse(row.notification_text) as Notification);
}
const at = (second: number) => () => new Date(Date.UTC(2026, 10, 22, 0, 0, second)).toISOString();

describe('opening', () => {
  it('begins a phase once, tells its people and enters it, by nobody’s hand', async () => {
    await startedReport(test, reportId);
    await openPhase(test.store, reportId, 'planning', null, test.clock);
    const opened = await line('planning');
    expect(opened).toMatchObject({ state: 'in-work', waitingFor: ['otto', 'tara'], dueAt: null, outcome: null });
    expect(opened?.openedAt).toBe(opened?.since);
    const { revision } = await readFlow(test.store.db, reportId, null);
    await openPhase(test.store, reportId, 'planning', null, test.clock);
    expect((await readFlow(test.store.db, reportId, null)).revision).toBe(revision);
    const entries = (await readLedger(test.store, reportId)).filter((entry) => entry.kind === 'phase.opened');
    expect(entries).toMatchObject([{ actorId: 'countersign', deviceId: null, operationId: null, decidedAt: null }]);
    expect((await news()).map((row) => [row.personId, row.kind])).toEqual([
      ['otto', 'waiting-for-you'],
      ['tara', 'waiting-for-you'],
    ]);
  });

  it('sets the deadline that the cycle was started with, counted from the opening', async () => {
    const deadlines: Deadline[] = [{ phase: 'planning', dueAfterSeconds: 3_600, remindBeforeSeconds: 600 }];
    await startedReport(test, reportId, { deadlines });
    await openPhase(test.store, reportId, 'planning', null, at(0));
    expect(await line('planning')).toMatchObject({
      ...{ openedAt: at(0)(), dueAt: at(3_600)(), remindAt: at(3_000)(), remindedAt: null, expiredAt: null },
    });
  });

  it('does not begin what is settled, nor anything in a report that is over', async () => {
    await startedReport(test, reportId);
    await skipPhase(test.store, reportId, 'planning', null, 'no need', test.clock);
    await openPhase(test.store, reportId, 'planning', null, test.clock);
    expect(await line('planning')).toMatchObject({ state: 'skipped', outcome: 'skipped', reason: 'no need' });
    await endReport(test.store, reportId, test.clock);
    await openPhase(test.store, reportId, 'scoping', null, test.clock);
    expect(await line('scoping')).toMatchObject({ state: 'not-started' });
  });
});

describe('skipping', () => {
  it('leaves a phase out once, with its reason; nothing lands on its versions any more', async () => {
    const { version } = await withProposed(test, 'scoping');
    for (let time = 0; time < 2; time += 1) {
      await skipPhase(test.store, reportId, 'scoping', null, 'all attributes are tested', test.clock);
    }
    expect(await line('scoping')).toMatchObject({ state: 'skipped', waitingFor: [] });
    const summary = await reportSummary(test.store, reportId);
    expect(summary?.versions.find((row) => row.versionId === version.versionId)?.status).toBe('superseded');
    expect((await said()).filter((text) => text.startsWith('skipped'))).toEqual([
      'skipped Scoping: all attributes are tested',
    ]);
    expect((await readFlow(test.store.db, reportId, null)).pending).toEqual([]);
  });

  it('of sample selection leaves every line of business without samples, so that nothing waits for tests', async () => {
    await withReport(test, reportId, { divided: true });
    await skipPhase(test.store, reportId, 'sample-selection', null, 'taken over from last year', test.clock);
    expect((await report())?.lobs.map((row) => row.samples)).toEqual([0, 0, 0]);
  });
});

describe('deadlines', () => {
  const deadlines: Deadline[] = [{ phase: 'planning', dueAfterSeconds: 60, remindBeforeSeconds: 20 }];
  beforeEach(async () => {
    await startedReport(test, reportId, { deadlines });
    await openPhase(test.store, reportId, 'planning', null, at(0));
  });
  const due = async (second: number) => stepsDue(await readFlow(test.store.db, reportId, null), at(second)());

  it('remind once, then expire: an outcome of its own and no rejection (fault f)', async () => {
    expect(nextDue(await readFlow(test.store.db, reportId, null), at(0)())).toBe(at(40)());
    expect(await due(39)).toEqual([]);
    expect(await due(40)).toEqual([{ kind: 'remind', phase: 'planning', lob: null }]);
    for (let time = 0; time < 2; time += 1) await remindPhase(test.store, reportId, 'planning', null, at(40));
    expect(await line('planning')).toMatchObject({ state: 'in-work', remindedAt: at(40)(), outcome: null });
    expect(await due(60)).toEqual([{ kind: 'expire', phase: 'planning', lob: null }]);
    for (let time = 0; time < 2; time += 1) await expirePhase(test.store, reportId, 'planning', null, at(60));
    expect(await line('planning')).toMatchObject({
      ...{ state: 'in-work', outcome: 'expired', expiredAt: at(60)(), waitingFor: ['mara'] },
    });
    expect(await due(1_000)).toEqual([]);
    expect((await said()).slice(-2)).toEqual([
      `reminded of Planning, due ${at(60)()}`,
      `Planning expired: it was due ${at(60)()}`,
    ]);
    expect((await news()).map((row) => [row.kind, row.personId])).toEqual([
      ['waiting-for-you', 'otto'],
      ['waiting-for-you', 'tara'],
      ['reminder', 'otto'],
      ['reminder', 'tara'],
      ['expired', 'mara'],
      ['expired', 'otto'],
      ['expired', 'tara'],
    ]);
  });

  it('do not expire what was extended before the workflow came to it', async () => {
    const dueAt = at(600)();
    const extend = test.laptops.mara.operation({
      ...{ kind: 'deadline.set', reportId, phase: 'planning', lob: null, dueAt, remindBeforeSeconds: 0 },
      reason: 'the file came late',
    });
    await test.send([extend]);
    await expirePhase(test.store, reportId, 'planning', null, at(60));
    expect(await line('planning')).toMatchObject({ dueAt, expiredAt: null, outcome: null });
  });
});

describe('lines of business', () => {
  it('are named once, each with its phases; lanes start and finish once', async () => {
    await startedReport(test, reportId);
    await namedLobs(test, reportId);
    await namedLobs(test, reportId, { divided: false });
    const named = await report();
    expect(named?.lobs.map((row) => [row.lob, row.status, row.rows, row.samples])).toEqual(
      testLobs.map((lob) => [lob, 'waiting', 10_000, null]),
    );
    expect(named?.phases.filter((row) => row.lob === 'lob 1').map((row) => row.phase)).toEqual([
      'request-info',
      'test-execution',
      'observations',
    ]);
    await startLob(test.store, reportId, 'lob 1', test.clock);
    await startLob(test.store, reportId, 'lob 1', test.clock);
    await finishLob(test.store, reportId, 'lob 1', test.clock);
    expect((await report())?.lobs[1]?.status).toBe('running');
    for (const phase of ['request-info', 'test-execution', 'observations'] as const) {
      await skipPhase(test.store, reportId, phase, 'lob 1', 'nothing to test', test.clock);
    }
    await finishLob(test.store, reportId, 'lob 1', test.clock);
    await finishLob(test.store, reportId, 'lob 1', test.clock);
    expect((await report())?.lobs.map((row) => row.status)).toEqual(['waiting', 'finished', 'waiting']);
    expect((await said()).slice(1).filter((text) => text.includes('of business'))).toEqual([
      'named 3 lines of business: lob 0, lob 1, lob 2',
      'started the line of business lob 1',
      'finished the line of business lob 1',
    ]);
  });

  it('that cannot be found keep the report until somebody chooses others', async () => {
    const skips = (['planning', 'data-profiling', 'scoping'] as const).map((phase) => ({ phase, reason: 'not here' }));
    await startedReport(test, reportId, { skips, lobs: { kind: 'column', column: 'CITY' } });
    await withPopulation(test, reportId);
    await advance(test, reportId);
    const due = async () => stepsDue(await readFlow(test.store.db, reportId, null), test.clock());
    expect(await due()).toEqual([{ kind: 'name-lobs' }]);
    const problem = 'the population has no column "CITY"';
    await nameLobs(test.store, reportId, { problem }, test.clock);
    const { revision } = await readFlow(test.store.db, reportId, null);
    await nameLobs(test.store, reportId, { problem }, test.clock);
    expect(await readFlow(test.store.db, reportId, null)).toMatchObject({
      revision,
      lobsProblem: true,
      lobsNamed: false,
    });
    expect((await report())?.problem).toBe(problem);
    expect(await due()).toEqual([]);
    expect((await news()).at(-1)?.text).toContain(problem);
    const source = { kind: 'column', column: 'LOB' } as const;
    await test.send([test.laptops.tara.operation({ kind: 'lobs.set', reportId, source })]);
    expect(await due()).toEqual([{ kind: 'name-lobs' }]);
    await namedLobs(test, reportId);
    expect(await report()).toMatchObject({ problem: null, lobs: [{ lob: 'lob 0' }, {}, {}] });
  });

  it('count the samples that were approved before they were named', async () => {
    await startedReport(test, reportId, { lobs: { kind: 'none' } });
    await skipPhase(test.store, reportId, 'sample-selection', null, 'none needed', test.clock);
    await nameLobs(test.store, reportId, { lobs: [{ lob: wholeReportLob, rows: 9 }] }, test.clock);
    expect((await report())?.lobs[0]?.samples).toBe(0);
  });
});

it('a problem of another kind comes and goes, and is no problem of the lines of business', async () => {
  await startedReport(test, reportId);
  await openPhase(test.store, reportId, 'planning', null, test.clock);
  await setProblem(test.store, reportId, 'the population has no column', test.clock);
  expect(await readFlow(test.store.db, reportId, null)).toMatchObject({ lobsProblem: false });
  expect((await report())?.problem).toBe('the population has no column');
  await setProblem(test.store, reportId, null, test.clock);
  expect((await report())?.problem).toBeNull();
});

it('the flow of a lane shows the report’s lines and its own, and what waits for a review there only', async () => {
  const { version } = await withProposed(test, 'observations', ['A'], { lob: 'lob 1' });
  const { reportId: id, versionId } = version;
  const body = { kind: 'version.submit' as const, reportId: id, versionId, edits: [], note: '' };
  await test.send([test.laptops.tara.operation(body)]);
  const lane = await readFlow(test.store.db, id, 'lob 1');
  expect(lane.lines.map((row) => row.lob)).toEqual([
    ...Array.from({ length: 6 }, () => null),
    ...['lob 1', 'lob 1', 'lob 1'],
  ]);
  expect(lane.lines.find((row) => row.phase === 'observations')).toMatchObject({
    ...{ status: 'in-review', proposed: true, version: { versionId, number: 1 } },
  });
  const pending = [{ versionId, phase: 'observations', lob: 'lob 1', number: 1 }];
  expect(lane.pending).toEqual(pending);
  expect((await readFlow(test.store.db, id, 'lob 0')).pending).toEqual([]);
  expect(await readFlow(test.store.db, id, null)).toMatchObject({ lob: null, pending, lobsNamed: true });
  await expect(readFlow(test.store.db, id, 'lob 9')).rejects.toThrow('has no line of business');
  await expect(readFlow(test.store.db, 'report-none', null)).rejects.toThrow('has no report');
});
