// Steering from outside the phases: pausing, resuming and cancelling cycles, reports and lines of business; adding one.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stepsDue } from '../../../domain/flow.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import { readFlow } from '../../../worker/store/phase-line.ts';
import { advance, handedIn, namedLobs, startedReport, withOpen, withProposed, withReport } from '../../builders.ts';
import type { TestPerson } from '../../builders.ts';
import { inLanes, laneOf, reportOf } from './lanes.ts';
import { column, imported, openSteering, reportId, said } from './steering.ts';
import type { Steering } from './steering.ts';

let world: Steering;
beforeEach(async () => {
  world = await openSteering();
});
afterEach(() => world.test.close());

describe('a report', () => {
  const control = (act: 'pause' | 'resume' | 'cancel', by: TestPerson = 'mara') =>
    world.send(by, { kind: 'report.control', reportId, act, reason: 'the auditor is ill' });

  it('is paused and resumed by its test manager, and its workflow is told', async () => {
    await withOpen(world.test, 'planning');
    const pause: OperationBody = { kind: 'report.control', reportId, act: 'pause', reason: 'holidays' };
    expect(await world.followed('mara', pause)).toEqual([{ kind: 'wake', reportId, lob: null }]);
    expect((await world.report()).paused).toMatchObject({ reason: 'holidays' });
    expect((await world.line('planning')).waitingFor).toEqual([]);
    const flow = await readFlow(world.test.store.db, reportId, null);
    expect(flow.paused).toBe(true);
    expect(stepsDue(flow, '2030-01-01T00:00:00.000Z')).toEqual([]);
    expect(said(await control('resume'))).toBe('applied');
    expect((await world.report()).paused).toBeNull();
    expect((await world.line('planning')).waitingFor).toEqual(['otto', 'tara']);
    expect((await world.summaries()).slice(-2)).toEqual([
      'paused this report: holidays',
      'resumed this report: the auditor is ill',
    ]);
  });

  it('that is paused takes nothing but what a manager decides about it', async () => {
    await withOpen(world.test, 'planning');
    await control('pause');
    const submit: OperationBody = {
      ...{ kind: 'lobs.set', reportId, source: { kind: 'none' } },
    };
    const receipt = await world.send('tara', submit);
    expect(said(receipt)).toBe('refused paused');
    expect(receipt.reason?.message).toBe('this report is paused (the auditor is ill): a test manager can resume it');
    const skip: OperationBody = { kind: 'phase.skip', reportId, phase: 'scoping', lob: null, reason: 'agreed' };
    expect(said(await world.send('mara', skip))).toBe('applied');
    const assign: OperationBody = {
      kind: 'assignment.set',
      reportId,
      personId: 'nina',
      role: 'report-owner',
      assigned: true,
    };
    expect(said(await world.send('mara', assign))).toBe('applied');
  });

  it('is cancelled for good: nobody is waited for, everybody who belongs to it is told once', async () => {
    await withOpen(world.test, 'planning');
    expect(said(await control('cancel'))).toBe('applied');
    expect((await world.report()).ended).toMatchObject({ reason: 'the auditor is ill' });
    expect((await world.line('planning')).waitingFor).toEqual([]);
    expect((await readFlow(world.test.store.db, reportId, null)).over).toBe(true);
    const told = (await world.newsOf('ended')).map((text) => text.split(': ')[0]);
    expect(told).toEqual(['dana', 'lena', 'olga', 'otto', 'tara']);
    expect((await world.newsOf('ended'))[0]).toBe('dana: "Credit card accounts" was cancelled: the auditor is ill');
    expect(said(await control('resume'))).toBe('refused out-of-turn');
    expect(await world.summaries()).toContain('cancelled this report: the auditor is ill');
  });

  it('that is paused can be cancelled', async () => {
    await withOpen(world.test, 'planning');
    await control('pause');
    expect(said(await control('cancel'))).toBe('applied');
    expect(await world.report()).toMatchObject({ paused: null, ended: { reason: 'the auditor is ill' } });
  });

  it('is not paused twice, and not resumed when it goes on', async () => {
    await withOpen(world.test, 'planning');
    const resumed = await control('resume');
    expect(said(resumed)).toBe('refused out-of-turn');
    expect(resumed.reason?.message).toBe('this report is not paused');
    await control('pause');
    expect((await control('pause')).reason?.message).toMatch(/^this report is paused already, since 2026-11-21/);
  });

  it('is controlled by a test manager who is assigned to it', async () => {
    await withOpen(world.test, 'planning');
    expect(said(await control('pause', 'tara'))).toBe('refused role');
    expect(said(await control('pause', 'lena'))).toBe('refused role');
    expect(said(await control('cancel', 'olga'))).toBe('refused role');
  });
});

describe('all reports of a cycle', () => {
  const cycleId = 'cycle-0001';
  const others = ['report-0002', 'report-0003'];
  beforeEach(async () => {
    await world.send('mara', {
      ...{ kind: 'cycle.start', cycleId, name: 'Cycle' },
      reports: [reportId, ...others].map((id) => ({
        ...{ reportId: id, name: `Report ${id}`, lobs: null, skips: [], deadlines: [], dueAt: null },
        assignments: [{ personId: 'tara', role: 'tester' as const }],
      })),
    });
  });
  const control = (act: 'pause' | 'resume' | 'cancel', by: TestPerson = 'mara', id = cycleId) =>
    world.send(by, { kind: 'cycle.control', cycleId: id, act, reason: 'a merger' });

  it('are paused together, each with an entry in its ledger, and their workflows are told', async () => {
    const body: OperationBody = { kind: 'cycle.control', cycleId, act: 'pause', reason: 'a merger' };
    expect(await world.followed('mara', body)).toEqual([{ kind: 'wake-reports', reportIds: [reportId, ...others] }]);
    for (const id of [reportId, ...others]) {
      expect((await reportOf(world.test, id)).paused).toMatchObject({ reason: 'a merger' });
      expect((await world.summaries(id)).at(-1)).toBe('paused this report with its cycle: a merger');
    }
  });

  it('are reached as far as the act can reach them', async () => {
    await world.send('mara', { kind: 'report.control', reportId: others[0] ?? '', act: 'cancel', reason: 'sold' });
    await world.send('mara', { kind: 'report.control', reportId, act: 'pause', reason: 'ill' });
    const body: OperationBody = { kind: 'cycle.control', cycleId, act: 'pause', reason: 'a merger' };
    expect(await world.followed('mara', body)).toEqual([{ kind: 'wake-reports', reportIds: ['report-0003'] }]);
    expect((await world.report()).paused).toMatchObject({ reason: 'ill' });
    const again = await control('pause');
    expect(said(again)).toBe('refused out-of-turn');
    expect(again.reason?.message).toMatch(
      /^no report of this cycle can be paused: "Report report-0001": this report is paused already, since .*; "Report report-0002": this report is over already: sold; /,
    );
  });

  it('are cancelled together', async () => {
    expect(said(await control('cancel'))).toBe('applied');
    expect((await world.report()).ended).toMatchObject({ reason: 'a merger' });
    expect(await world.newsOf('ended')).toHaveLength(3);
    expect(said(await control('cancel'))).toBe('refused out-of-turn');
  });

  it('are controlled by test managers only, and have to be there', async () => {
    expect(said(await control('pause', 'tara'))).toBe('refused role');
    expect(said(await control('pause', 'mara', 'cycle-9999'))).toBe('refused not-found');
  });
});

describe('a line of business', () => {
  const control = (act: 'add' | 'pause' | 'resume' | 'cancel', lob = laneOf, by: TestPerson = 'mara') =>
    world.send(by, { kind: 'lob.control', reportId, lob, act, reason: 'a merger' });

  it('that is paused rests while the others go on, and its workflow is told', async () => {
    await inLanes(world.test);
    const body: OperationBody = { kind: 'lob.control', reportId, lob: laneOf, act: 'pause', reason: 'ill' };
    expect(await world.followed('mara', body)).toEqual([
      { kind: 'wake', reportId, lob: null },
      { kind: 'wake', reportId, lob: laneOf },
    ]);
    expect((await readFlow(world.test.store.db, reportId, laneOf)).paused).toBe(true);
    expect((await readFlow(world.test.store.db, reportId, 'lob 1')).paused).toBe(false);
    expect((await world.line('request-info', laneOf)).waitingFor).toEqual([]);
    await control('resume');
    expect(await world.lane()).toMatchObject({ status: 'running', reason: '' });
    expect((await world.line('request-info', laneOf)).waitingFor).toEqual(['dana', 'otto', 'tara']);
  });

  it('that had not begun waits again when it is resumed', async () => {
    await withReport(world.test, reportId, { divided: true });
    const body: OperationBody = { kind: 'lob.control', reportId, lob: laneOf, act: 'pause', reason: 'ill' };
    // It has no workflow yet that could be told.
    expect(await world.followed('mara', body)).toEqual([{ kind: 'wake', reportId, lob: null }]);
    await control('resume');
    expect((await world.lane()).status).toBe('waiting');
  });

  it('is cancelled for good, and the report goes on without it', async () => {
    await inLanes(world.test);
    expect(said(await control('cancel'))).toBe('applied');
    expect(await world.lane()).toMatchObject({ status: 'cancelled', reason: 'a merger' });
    expect((await readFlow(world.test.store.db, reportId, laneOf)).over).toBe(true);
    expect((await world.line('request-info', laneOf)).waitingFor).toEqual([]);
    expect((await world.newsOf('ended'))[0]).toBe('dana: lob 0 of "Credit card accounts" was cancelled: a merger');
    for (const act of ['cancel', 'pause', 'resume'] as const) {
      expect((await control(act)).reason?.message).toBe('the line of business lob 0 is cancelled already');
    }
    await control('cancel', 'lob 1');
    await control('cancel', 'lob 2');
    await advance(world.test, reportId);
    expect((await world.line('test-report')).state).toBe('in-work');
  });

  it('that is cancelled takes its undecided versions with it', async () => {
    const { version } = await withProposed(world.test, 'observations', ['A']);
    const pending = await handedIn(world.test, version);
    await control('cancel', pending.lob ?? '');
    const row = await world.test.store.db
      .selectFrom('versions')
      .select('status')
      .where('version_id', '=', pending.versionId)
      .executeTakeFirstOrThrow();
    expect(row.status).toBe('superseded');
    expect((await readFlow(world.test.store.db, reportId, null)).pending).toEqual([]);
  });

  it('is added until the report is assembled; without a sample it skips testing', async () => {
    await inLanes(world.test);
    expect(said(await control('add', 'lob 7'))).toBe('applied');
    expect(await world.lane('lob 7')).toMatchObject({ status: 'waiting', rows: 0, samples: 0, reason: 'a merger' });
    expect((await world.report()).phases.filter((row) => row.lob === 'lob 7')).toHaveLength(3);
    await advance(world.test, reportId);
    expect(await world.lane('lob 7')).toMatchObject({ status: 'finished' });
    expect(await world.line('test-execution', 'lob 7')).toMatchObject({
      state: 'skipped',
      reason: 'no sample of this line of business was selected, so there is nothing to test',
    });
    for (const lob of ['lob 0', 'lob 1', 'lob 2']) await control('cancel', lob);
    await advance(world.test, reportId);
    const late = await control('add', 'lob 8');
    expect(said(late)).toBe('refused out-of-turn');
    expect(late.reason?.message).toBe('Test report has begun: a line of business can be added only before that');
  });

  it('that is added before the sample is settled has no samples yet', async () => {
    await withReport(world.test, reportId, { divided: true });
    await control('add', 'lob 7');
    expect(await world.lane('lob 7')).toMatchObject({ status: 'waiting', samples: null });
  });

  it('is added with as many rows as the profile counts of its value', async () => {
    await withReport(world.test, reportId, { divided: true });
    await imported(world.test, [column('LOB', { distinct: 2, frequent: [{ value: 'lob 7', count: 70 }] })]);
    await control('add', 'lob 7');
    expect((await world.lane('lob 7')).rows).toBe(70);
  });

  it.each<[string, 'add' | 'pause' | 'resume', string, string]>([
    ['is there already', 'add', laneOf, 'the line of business lob 0 is there already'],
    ['does not exist', 'pause', 'lob 9', 'this report has no line of business "lob 9": it has lob 0, lob 1, lob 2'],
    ['goes on', 'resume', laneOf, 'the line of business lob 0 is not paused'],
  ])('that %s cannot be the aim of it', async (_what, act, lob, message) => {
    await withReport(world.test, reportId, { divided: true });
    expect((await control(act, lob)).reason?.message).toBe(message);
  });

  it('is not added before they are recorded, nor to a report that is not divided', async () => {
    await startedReport(world.test, reportId);
    expect((await control('add', 'x')).reason?.message).toMatch(/not recorded yet: choose them instead/);
    await namedLobs(world.test, reportId, { divided: false });
    expect((await control('add', 'x')).reason?.message).toMatch(/not divided/);
  });

  it('is controlled by a test manager', async () => {
    await withReport(world.test, reportId, { divided: true });
    for (const act of ['add', 'pause', 'cancel'] as const) {
      expect(said(await control(act, act === 'add' ? 'x' : laneOf, 'lena'))).toBe('refused role');
    }
  });
});

it('an operation of control that arrives twice acts once', async () => {
  await withOpen(world.test, 'planning');
  const operation = world.test.laptops.mara.operation({
    kind: 'report.control',
    reportId,
    act: 'pause',
    reason: 'ill',
  });
  await world.test.send([operation]);
  const before = await world.report();
  await world.test.send([operation]);
  expect(await world.report()).toEqual(before);
  expect((await world.summaries()).filter((text) => text === 'paused this report: ill')).toHaveLength(1);
});
