// The course of a report: where its lines of business come from, what is skipped, until when a phase is due, who is told.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stepsDue } from '../../../domain/flow.ts';
import type { LobSource, OperationBody } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { expirePhase, readFlow, remindPhase, setProblem } from '../../../worker/store/phase-line.ts';
import {
  advance,
  carryOut,
  handedIn,
  namedLobs,
  proposed,
  proposedItem,
  startedReport,
  withOpen,
  withProposed,
  withReport,
} from '../../builders.ts';
import type { TestPerson } from '../../builders.ts';
import { inLanes, laneOf } from './lanes.ts';
import { column, imported, openSteering, reportId, said } from './steering.ts';
import type { Steering } from './steering.ts';

let world: Steering;
beforeEach(async () => {
  world = await openSteering();
});
afterEach(() => world.test.close());

describe('the source of the lines of business', () => {
  const regions = [
    { value: 'North', count: 60 },
    { value: 'South', count: 40 },
  ];
  const choose = (source: LobSource, by: TestPerson = 'tara') => world.send(by, { kind: 'lobs.set', reportId, source });
  beforeEach(async () => {
    await startedReport(world.test, reportId, { lobs: null });
  });
  const ready = () =>
    imported(world.test, [
      column('REGION', { distinct: 2, frequent: regions }),
      column('NUMBER', { distinct: 5_000, frequent: [] }),
      column('BRANCH', { distinct: 30, frequent: regions, blanks: 1 }),
    ]);

  it('is chosen by a tester, and the workflow is told', async () => {
    await ready();
    const source: LobSource = { kind: 'list', column: 'REGION', names: ['North'] };
    expect(await world.followed('tara', { kind: 'lobs.set', reportId, source })).toEqual([
      { kind: 'wake', reportId, lob: null },
    ]);
    expect((await world.report()).lobSource).toEqual(source);
    expect((await world.summaries()).at(-1)).toBe('chose the lines of business: North of REGION');
  });

  it('may be chosen anew until they are recorded', async () => {
    await ready();
    expect(said(await choose({ kind: 'column', column: 'REGION' }))).toBe('applied');
    expect(said(await choose({ kind: 'none' }))).toBe('applied');
    await namedLobs(world.test, reportId, { divided: false });
    const late = await choose({ kind: 'column', column: 'REGION' });
    expect(said(late)).toBe('refused out-of-turn');
    expect(late.reason?.message).toMatch(/are recorded: a test manager can add one/);
  });

  it('solves the problem that they could not be named', async () => {
    await ready();
    await world.send('mara', { kind: 'phase.skip', reportId, phase: 'planning', lob: null, reason: 'x' });
    await world.send('mara', { kind: 'phase.skip', reportId, phase: 'data-profiling', lob: null, reason: 'x' });
    await world.send('mara', { kind: 'phase.skip', reportId, phase: 'scoping', lob: null, reason: 'x' });
    await advance(world.test, reportId);
    await setProblem(world.test.store, reportId, 'nobody chose the lines of business', world.test.clock);
    const naming = async () =>
      stepsDue(await readFlow(world.test.store.db, reportId, null), world.test.clock()).map((s) => s.kind);
    expect(await naming()).not.toContain('name-lobs');
    await choose({ kind: 'column', column: 'REGION' });
    expect((await world.report()).problem).toBeNull();
    expect(await naming()).toContain('name-lobs');
  });

  it('leaves a problem that is not about it', async () => {
    await ready();
    await advance(world.test, reportId);
    await setProblem(world.test.store, reportId, 'the file has no columns', world.test.clock);
    await choose({ kind: 'column', column: 'REGION' });
    expect((await world.report()).problem).toBe('the file has no columns');
  });

  it.each<[string, LobSource, string, RegExp]>([
    [
      'a column that does not exist',
      { kind: 'column', column: 'LAND' },
      'not-found',
      /no column "LAND"; it has REGION, NUMBER/,
    ],
    [
      'a column of too many values',
      { kind: 'column', column: 'NUMBER' },
      'malformed',
      /5,000 different values and a report at most 100/,
    ],
    [
      'a value that does not exist',
      { kind: 'list', column: 'REGION', names: ['North', 'East'] },
      'not-found',
      /no value "East"; it has North, South/,
    ],
    [
      'a value twice',
      { kind: 'list', column: 'REGION', names: ['North', 'North'] },
      'malformed',
      /North is named twice/,
    ],
    ['no value', { kind: 'list', column: 'REGION', names: [''] }, 'malformed', /needs a name/],
  ])('is refused for %s', async (_what, source, code, message) => {
    await ready();
    const receipt = await choose(source);
    expect(receipt.reason?.code).toBe(code);
    expect(receipt.reason?.message).toMatch(message);
    expect((await world.report()).lobSource).toBeNull();
  });

  it('may name values that the profile does not list, where it does not list all', async () => {
    await ready();
    expect(said(await choose({ kind: 'list', column: 'BRANCH', names: ['Harbour', '(none)'] }))).toBe('applied');
  });

  it('waits for the population, and is not for owners to choose', async () => {
    expect(said(await choose({ kind: 'column', column: 'REGION' }))).toBe('refused population-not-ready');
    await ready();
    expect(said(await choose({ kind: 'none' }, 'olga'))).toBe('refused role');
  });
});

describe('skipping', () => {
  const skip = (phase: PhaseSlug, lob: string | null = null, by: TestPerson = 'mara') =>
    world.send(by, { kind: 'phase.skip', reportId, phase, lob, reason: 'agreed with the owner' });

  it('an open phase leaves it out at once, and the report discloses why', async () => {
    await withOpen(world.test, 'planning');
    expect(said(await skip('planning'))).toBe('applied');
    expect((await world.report()).skips).toEqual([
      { phase: 'planning', lob: null, reason: 'agreed with the owner', by: 'mara' },
    ]);
    await advance(world.test, reportId);
    expect(await world.line('planning')).toMatchObject({
      ...{ state: 'skipped', outcome: 'skipped', reason: 'agreed with the owner' },
    });
  });

  it('a phase that has not begun waits for its turn', async () => {
    await withOpen(world.test, 'planning');
    await skip('data-profiling');
    await advance(world.test, reportId);
    expect((await world.line('data-profiling')).state).toBe('not-started');
    await skip('planning');
    await advance(world.test, reportId);
    expect((await world.line('data-profiling')).state).toBe('skipped');
  });

  it('a phase of one line of business leaves the others as they are, and tells its workflow', async () => {
    await inLanes(world.test);
    const body: OperationBody = {
      kind: 'phase.skip',
      reportId,
      phase: 'request-info',
      lob: laneOf,
      reason: 'none exist',
    };
    expect(await world.followed('mara', body)).toEqual([
      { kind: 'wake', reportId, lob: null },
      { kind: 'wake', reportId, lob: laneOf },
    ]);
    await advance(world.test, reportId);
    expect((await world.line('request-info', laneOf)).state).toBe('skipped');
    expect((await world.line('request-info', 'lob 1')).state).toBe('in-work');
  });

  it('a phase of lines of business without naming one means all of them, also before they are recorded', async () => {
    await startedReport(world.test, reportId);
    expect(said(await skip('observations'))).toBe('applied');
    expect(said(await skip('observations'))).toBe('refused out-of-turn');
    expect(said(await skip('observations', 'lob 0'))).toBe('refused out-of-turn');
  });

  it('tells the workflows of all lines of business that it is about', async () => {
    await inLanes(world.test);
    const body: OperationBody = {
      kind: 'phase.skip',
      reportId,
      phase: 'request-info',
      lob: null,
      reason: 'none exist',
    };
    expect((await world.followed('mara', body)).map((row) => 'lob' in row && row.lob)).toEqual([
      null,
      'lob 0',
      'lob 1',
      'lob 2',
    ]);
  });

  it('is refused where it cannot be, or is over', async () => {
    await withReport(world.test, reportId, { divided: true });
    expect((await skip('test-report')).reason?.message).toBe(
      'Test report cannot be skipped: it is what the cycle is for',
    );
    expect((await skip('planning')).reason?.message).toBe('Planning is to be skipped already');
    expect((await skip('request-info', 'lob 9')).reason?.code).toBe('not-found');
    expect((await skip('sample-selection', laneOf)).reason?.code).toBe('not-found');
    await world.send('mara', { kind: 'lob.control', reportId, lob: laneOf, act: 'cancel', reason: 'sold' });
    expect((await skip('request-info', laneOf)).reason?.message).toBe('the line of business lob 0 was cancelled');
    expect(said(await skip('sample-selection', null, 'tara'))).toBe('refused role');
  });

  it('a completed phase is refused', async () => {
    await inLanes(world.test);
    expect((await skip('sample-selection')).reason?.message).toBe('Sample selection is completed already');
  });
});

describe('a deadline', () => {
  const set = (over: Partial<Extract<OperationBody, { kind: 'deadline.set' }>> = {}, by: TestPerson = 'mara') =>
    world.send(by, {
      ...{ kind: 'deadline.set', reportId, phase: 'planning', lob: null, dueAt: '2026-12-01T12:00:00.000Z' },
      ...{ remindBeforeSeconds: 86_400, reason: 'quarter end' },
      ...over,
    });

  it('is set by a test manager, with a reminder before it', async () => {
    await withOpen(world.test, 'planning');
    expect(said(await set())).toBe('applied');
    expect(await world.line('planning')).toMatchObject({
      ...{ dueAt: '2026-12-01T12:00:00.000Z', remindAt: '2026-11-30T12:00:00.000Z', expiredAt: null },
    });
    expect((await world.summaries()).at(-1)).toBe(
      'set the deadline 2026-12-01T12:00:00.000Z for Planning: quarter end',
    );
  });

  it('of a phase that has not begun counts when it opens', async () => {
    await startedReport(world.test, reportId);
    await set();
    await advance(world.test, reportId);
    expect(await world.line('planning')).toMatchObject({ state: 'in-work', dueAt: '2026-12-01T12:00:00.000Z' });
  });

  it('revives a phase that expired: people can go on, and it is no rejection', async () => {
    await withOpen(world.test, 'planning');
    await set();
    await remindPhase(world.test.store, reportId, 'planning', null, () => '2026-11-30T12:00:00.000Z');
    await expirePhase(world.test.store, reportId, 'planning', null, () => '2026-12-01T12:00:00.000Z');
    const items = [proposedItem('planning', 'A')];
    const draft = await proposed(world.test, { reportId, phase: 'planning', lob: null }, items);
    const submit: OperationBody = {
      ...{ kind: 'version.submit', reportId, versionId: draft.versionId, edits: [], note: '' },
    };
    expect(said(await world.send('tara', submit))).toBe('refused expired');
    expect(await world.line('planning')).toMatchObject({ outcome: 'expired', waitingFor: ['mara'] });
    world.stopAt('2026-12-01T13:00:00.000Z');
    expect(said(await set({ dueAt: '2026-12-05T12:00:00.000Z', remindBeforeSeconds: 0 }))).toBe('applied');
    expect(await world.line('planning')).toMatchObject({
      ...{ state: 'in-work', outcome: null, expiredAt: null, remindedAt: null, remindAt: null },
      waitingFor: ['otto', 'tara'],
    });
    expect(said(await world.send('tara', submit))).toBe('applied');
  });

  it('that is extended shows again how the phase was rejected before it expired', async () => {
    const { version } = await withProposed(world.test, 'scoping', ['A']);
    const pending = await handedIn(world.test, version);
    const { followUps } = await world.test.send([
      world.test.laptops.olga.operation({
        ...{ kind: 'review.submit', reportId, versionId: pending.versionId, verdict: 'rejected', note: 'all wrong' },
        seen: { approved: 0, rejected: 0, pending: 1 },
      }),
    ]);
    await carryOut(world.test, followUps);
    expect(await world.line('scoping')).toMatchObject({ state: 'rejected', outcome: 'VersionRejected' });
    await set({ phase: 'scoping' });
    await expirePhase(world.test.store, reportId, 'scoping', null, () => '2026-12-02T12:00:00.000Z');
    expect((await world.line('scoping')).outcome).toBe('expired');
    await set({ phase: 'scoping', dueAt: null });
    expect(await world.line('scoping')).toMatchObject({ state: 'rejected', outcome: 'VersionRejected', dueAt: null });
  });

  it('of all lines of business is set at once', async () => {
    await inLanes(world.test);
    const body: OperationBody = {
      ...{ kind: 'deadline.set', reportId, phase: 'request-info', lob: null, dueAt: '2026-12-01T12:00:00.000Z' },
      ...{ remindBeforeSeconds: 0, reason: 'quarter end' },
    };
    expect((await world.followed('mara', body)).map((row) => 'lob' in row && row.lob)).toEqual([
      null,
      'lob 0',
      'lob 1',
      'lob 2',
    ]);
    for (const lob of ['lob 0', 'lob 1', 'lob 2']) {
      expect((await world.line('request-info', lob)).dueAt).toBe('2026-12-01T12:00:00.000Z');
    }
  });

  it('is taken away for good, also from a phase that has not begun', async () => {
    const deadlines = [{ phase: 'planning' as const, dueAfterSeconds: 9, remindBeforeSeconds: 0 }];
    await startedReport(world.test, reportId, { deadlines });
    expect(said(await set({ dueAt: null }))).toBe('applied');
    await advance(world.test, reportId);
    expect(await world.line('planning')).toMatchObject({ state: 'in-work', dueAt: null });
    expect(await world.summaries()).toContain('took the deadline away from Planning: quarter end');
  });

  it('that all lines of business share is not taken away from one of them before it begins', async () => {
    const deadlines = [{ phase: 'test-execution' as const, dueAfterSeconds: 9, remindBeforeSeconds: 0 }];
    await startedReport(world.test, reportId, { lobs: { kind: 'column', column: 'LOB' }, deadlines });
    await namedLobs(world.test, reportId);
    const receipt = await set({ phase: 'test-execution', lob: laneOf, dueAt: null });
    expect(said(receipt)).toBe('refused out-of-turn');
    expect(receipt.reason?.message).toMatch(/is that of all lines of business: take it away for all of them/);
    expect(said(await set({ phase: 'test-execution', lob: null, dueAt: null }))).toBe('applied');
    expect((await world.report()).deadlines).toEqual([]);
  });

  it('is refused in the past, for what is over or not there, and for others than managers', async () => {
    await withReport(world.test, reportId, { divided: true });
    const past = await set({ phase: 'sample-selection', dueAt: '2026-11-21T07:00:00.000Z' });
    expect(said(past)).toBe('refused malformed');
    expect(past.reason?.message).toBe('the deadline 2026-11-21T07:00:00.000Z is over already: name a later one');
    expect((await set({ phase: 'planning' })).reason?.message).toBe('Planning is skipped already');
    expect((await set({ phase: 'request-info', lob: 'lob 9' })).reason?.code).toBe('not-found');
    expect(said(await set({ phase: 'sample-selection' }, 'tara'))).toBe('refused role');
  });

  it('of lines of business waits until they are recorded', async () => {
    await startedReport(world.test, reportId);
    expect((await set({ phase: 'request-info' })).reason?.message).toMatch(/not recorded yet: set this deadline when/);
  });
});

describe('whoever is assigned later', () => {
  it('is told what waits for them already', async () => {
    await withOpen(world.test, 'planning');
    const assign = (personId: string, role: 'tester' | 'report-owner'): OperationBody => ({
      ...{ kind: 'assignment.set', reportId, personId, role, assigned: true },
    });
    await world.send('mara', assign('nina', 'report-owner'));
    expect((await world.newsOf('waiting-for-you')).filter((text) => text.startsWith('nina'))).toEqual([]);
    await world.send('mara', assign('otto', 'report-owner'));
    expect((await world.newsOf('waiting-for-you')).filter((text) => text.startsWith('otto'))).toHaveLength(1);
    await world.send('mara', { ...assign('otto', 'tester'), assigned: false } as OperationBody);
    await world.send('mara', assign('otto', 'tester'));
    expect((await world.newsOf('waiting-for-you')).filter((text) => text.startsWith('otto'))).toEqual([
      'otto: Planning of "Credit card accounts" waits for you',
      'otto: Planning of "Credit card accounts" waits for you: you were assigned to it',
    ]);
  });
});
