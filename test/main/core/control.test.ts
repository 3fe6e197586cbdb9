// Steering a cycle from the laptop: what would be refused is said beforehand in the worker's words and queues nothing; the rest is queued whole.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Report } from '../../../domain/change.ts';
import { practicePeople } from '../../../domain/people.ts';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import type { CommandName, Failure } from '../../../preload/contract.ts';
import { coreOn, coreOptions, temporaryFolder } from './core-world.ts';
import {
  documentRecord,
  phaseLine,
  regionPopulation,
  reportId,
  reportPage,
  runningReport,
  waitingCompensation,
} from './running-report.ts';

const cycleId = 'cycle-0001';
const reason = 'the regulator asked for it';
let folder = temporaryFolder();
let application: Application;

/** The application on a laptop on which everybody of the report has pulled it. */
async function open(report: Partial<Report> = {}, holds = { population: true, document: true }): Promise<void> {
  const core = coreOn(folder.path);
  const cycle = {
    ...{ cycleId, name: 'Cycle', startedBy: 'mara', startedAt: '2026-11-25T08:00:00.000Z', reportIds: [reportId] },
  };
  for (const name of ['mara', 'tara', 'olga']) {
    core
      .session(name)
      .cache.applyPage(
        reportPage([
          ...practicePeople.map((person) => ({ kind: 'person' as const, person })),
          { kind: 'cycle', cycle },
          { kind: 'report', report: runningReport(report) },
          ...(holds.document
            ? [{ kind: 'records' as const, records: [documentRecord('document-1', 2, 'accepted')] }]
            : []),
          ...(holds.population ? [{ kind: 'population' as const, population: regionPopulation() }] : []),
        ]),
      );
  }
  await core.close();
  application = await openApplication(coreOptions(folder.path));
}
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await application.close();
  folder.remove();
});

async function queuedBy(name: CommandName, input: object, profile = 'mara'): Promise<Record<string, unknown>> {
  const result = await application.invoke(name, input, { profile });
  expect(result).toMatchObject({ ok: true, value: { operationId: expect.any(String) as string } });
  await application.close();
  const core = coreOn(folder.path);
  const [batch] = core.session(profile).outbox.nextBatches({ limit: 1 });
  await core.close();
  application = await openApplication(coreOptions(folder.path));
  return batch?.operations[0]?.operation.body as Record<string, unknown>;
}
async function refusalOf(name: CommandName, input: object, profile = 'mara'): Promise<Failure> {
  const result = await application.invoke(name, input, { profile });
  if (result.ok) throw new Error(`${name} was queued`);
  const { value } = (await application.invoke('outbox:list', {}, { profile })) as { value: { total: number } };
  expect(value.total).toBe(0);
  return result.error;
}

describe('what may be done is queued as it was asked', () => {
  test.each<[CommandName, object, object]>([
    ['cycle:control', { cycleId, act: 'pause', reason }, { kind: 'cycle.control' }],
    ['report:control', { reportId, act: 'cancel', reason }, { kind: 'report.control' }],
    ['lob:control', { reportId, lob: 'East', act: 'add', reason }, { kind: 'lob.control' }],
    ['lob:control', { reportId, lob: 'South', act: 'resume', reason }, { kind: 'lob.control' }],
    ['phase:skip', { reportId, phase: 'observations', lob: 'North', reason }, { kind: 'phase.skip' }],
    ['phase:skip', { reportId, phase: 'observations', reason }, { kind: 'phase.skip', lob: null }],
    [
      'deadline:set',
      { reportId, phase: 'request-info', lob: 'North', dueAt: '2099-01-01T00:00:00.000Z', reason },
      { kind: 'deadline.set', remindBeforeSeconds: 0 },
    ],
    ['workflow:move', { reportId }, { kind: 'workflow.move', to: '2.0.0' }],
    ['workflow:move', { reportId, to: '1.2.0' }, { kind: 'workflow.move' }],
    [
      'compensation:settle',
      { reportId, compensationId: 'compensation-1', choice: 'try-again', note: reason },
      { kind: 'compensation.settle' },
    ],
    [
      'compensation:settle',
      { reportId, compensationId: 'compensation-1', choice: 'withdraw', note: reason },
      { kind: 'compensation.settle' },
    ],
  ])('%s %j', async (name, input, more) => {
    await open({ workflowVersion: '1.1.0', compensations: [waitingCompensation()] });
    expect(await queuedBy(name, input)).toEqual({ ...input, ...more });
  });

  test('a tester completes an open phase of a line of business', async () => {
    await open();
    const input = { reportId, phase: 'request-info', lob: 'North', note: 'all are here' };
    expect(await queuedBy('phase:complete', input, 'tara')).toEqual({
      ...{ kind: 'phase.complete', withoutSamples: [] },
      ...input,
    });
  });

  test('a tester chooses the lines of business until they are recorded', async () => {
    await open({ lobs: [], lobSource: null });
    const source = { kind: 'none' };
    expect(await queuedBy('lobs:set', { reportId, source }, 'tara')).toEqual({ kind: 'lobs.set', reportId, source });
  });
});

describe('what would be refused is said beforehand', () => {
  test.each<[string, CommandName, object, string]>([
    ['controls the cycle', 'cycle:control', { cycleId, act: 'pause', reason }, 'tara'],
    ['controls the report', 'report:control', { reportId, act: 'pause', reason }, 'olga'],
    ['skips a phase', 'phase:skip', { reportId, phase: 'observations', lob: 'North', reason }, 'tara'],
    ['sets a deadline', 'deadline:set', { reportId, phase: 'test-report', dueAt: null, reason }, 'olga'],
    ['completes a phase', 'phase:complete', { reportId, phase: 'request-info', lob: 'North' }, 'olga'],
    ['chooses the lines of business', 'lobs:set', { reportId, source: { kind: 'none' } }, 'olga'],
    ['moves the report', 'workflow:move', { reportId }, 'tara'],
    [
      'settles what failed',
      'compensation:settle',
      { reportId, compensationId: 'compensation-1', choice: 'try-again', note: reason },
      'tara',
    ],
  ])('when somebody else %s', async (_, name, input, profile) => {
    await open();
    expect(await refusalOf(name, input, profile)).toMatchObject({ kind: 'refused', details: 'role' });
  });

  test.each<[string, CommandName, object, RegExp]>([
    ['a resumed report that goes on', 'report:control', { reportId, act: 'resume', reason }, /not paused/u],
    ['a resumed cycle that goes on', 'cycle:control', { cycleId, act: 'resume', reason }, /not paused/u],
    ['a line that is there', 'lob:control', { reportId, lob: 'North', act: 'add', reason }, /is there already/u],
    [
      'a line nobody knows',
      'lob:control',
      { reportId, lob: 'East', act: 'pause', reason },
      /no line of business "East"/u,
    ],
    ['lines that are recorded', 'lobs:set', { reportId, source: { kind: 'none' } }, /are recorded/u],
    ['skipping the test report', 'phase:skip', { reportId, phase: 'test-report', reason }, /cannot be skipped/u],
    ['skipping what is completed', 'phase:skip', { reportId, phase: 'planning', reason }, /completed already/u],
    [
      'a deadline in the past',
      'deadline:set',
      { reportId, phase: 'request-info', lob: 'North', dueAt: '2020-01-01T00:00:00.000Z', reason },
      /is over already/u,
    ],
    [
      'completing what has not begun',
      'phase:complete',
      { reportId, phase: 'test-execution', lob: 'North' },
      /not begun/u,
    ],
    ['completing in a paused line', 'phase:complete', { reportId, phase: 'request-info', lob: 'South' }, /is paused/u],
  ])('%s', async (_, name, input, message) => {
    await open();
    const failure = await refusalOf(name, input);
    expect(failure.kind).toBe('refused');
    expect(failure.message).toMatch(message);
  });

  const settling = { reportId, compensationId: 'compensation-1', choice: 'try-again', note: reason };
  test.each<[string, Partial<Report>, CommandName, object, RegExp]>([
    ['a move to where it is', { workflowVersion: '2.0.0' }, 'workflow:move', { reportId }, /runs as 2\.0\.0 already/u],
    [
      'a move back',
      { workflowVersion: '1.2.0' },
      'workflow:move',
      { reportId, to: '1.0.0' },
      /never moved back, to 1\.0\.0/u,
    ],
    ['a move that is under way', { movesTo: '2.0.0' }, 'workflow:move', { reportId }, /moves to 2\.0\.0 already/u],
    [
      'a move of what a newer worker made',
      { workflowVersion: '9.0.0' as '2.0.0' },
      'workflow:move',
      { reportId },
      /this application knows up to 2\.0\.0/u,
    ],
    ['settling what is not there', {}, 'compensation:settle', settling, /no compensation compensation-1/u],
    [
      'settling what is settled',
      { compensations: [waitingCompensation({ state: 'settled' })] },
      'compensation:settle',
      settling,
      /nothing of Request for information of North waits to be settled here: it is settled/u,
    ],
    [
      'settling in a way that it has not',
      { compensations: [waitingCompensation()] },
      'compensation:settle',
      { ...settling, choice: 'by-hand' },
      /settled by try-again or withdraw, not by by-hand/u,
    ],
    [
      'anything of a report that is over',
      { ended: { at: '2026-11-26T08:00:00.000Z', reason: 'withdrawn' } },
      'workflow:move',
      { reportId },
      /is over: withdrawn/u,
    ],
  ])('%s', async (_, report, name, input, message) => {
    await open(report);
    const failure = await refusalOf(name, input);
    expect(failure.kind).toBe('refused');
    expect(failure.message).toMatch(message);
  });

  test.each<[CommandName, object, RegExp]>([
    ['workflow:move', { reportId }, /asked for on this laptop and waits for its receipt/u],
    ['compensation:settle', settling, /settled on this laptop and waits for its receipt/u],
  ])('%s asked twice', async (name, input, message) => {
    await open({ workflowVersion: '1.2.0', compensations: [waitingCompensation()] });
    await queuedBy(name, input);
    const again = await application.invoke(name, input, { profile: 'mara' });
    expect(again).toMatchObject({ ok: false, error: { kind: 'refused' } });
    expect(again.ok ? '' : again.error.message).toMatch(message);
  });

  test('settling without a note', async () => {
    await open({ compensations: [waitingCompensation()] });
    const failure = await refusalOf('compensation:settle', { ...settling, note: '  ' });
    expect(failure).toMatchObject({ kind: 'bad-input', fields: [{ path: 'note', message: 'a note is needed' }] });
  });

  test('an act without a reason', async () => {
    await open();
    const failure = await refusalOf('report:control', { reportId, act: 'pause', reason: '' });
    expect(failure).toMatchObject({ kind: 'bad-input', fields: [{ path: 'reason', message: 'a reason is needed' }] });
  });

  test('anything in a report that is over', async () => {
    await open({ ended: { at: '2026-11-25T09:00:00.000Z', reason: 'no longer filed' } });
    const failure = await refusalOf('phase:complete', { reportId, phase: 'request-info', lob: 'North' });
    expect(failure.message).toContain('is over: no longer filed');
  });

  test('an expired phase, to everybody but a test manager', async () => {
    const expired = { ...phaseLine('request-info', 'North', 'in-work'), expiredAt: '2026-11-25T09:00:00.000Z' };
    await open({ phases: [expired] });
    const input = { reportId, phase: 'request-info', lob: 'North' };
    expect(await refusalOf('phase:complete', input, 'tara')).toMatchObject({ details: 'expired' });
    expect(await queuedBy('phase:complete', input, 'mara')).toMatchObject({ kind: 'phase.complete' });
  });

  test('lines of business from a column that the population does not have', async () => {
    await open({ lobs: [], lobSource: null });
    const source = { kind: 'column', column: 'NOWHERE' };
    expect((await refusalOf('lobs:set', { reportId, source })).message).toContain('no column "NOWHERE"');
  });

  test('lines of business before there is a population', async () => {
    await open({ lobs: [], lobSource: null }, { population: false, document: false });
    expect(await refusalOf('lobs:set', { reportId, source: { kind: 'none' } })).toMatchObject({
      details: 'population-not-ready',
    });
  });

  test('completing before the work is complete', async () => {
    await open({}, { population: true, document: false });
    const input = { reportId, phase: 'request-info', lob: 'North' };
    expect(await refusalOf('phase:complete', input, 'tara')).toMatchObject({ details: 'incomplete' });
  });

  test('reports and cycles that are not here', async () => {
    await open();
    const elsewhere = { reportId: 'report-9999', act: 'pause', reason };
    expect(await refusalOf('report:control', elsewhere)).toMatchObject({ kind: 'not-found' });
    expect(await refusalOf('cycle:control', { cycleId: 'cycle-9999', act: 'pause', reason })).toMatchObject({
      kind: 'not-found',
    });
  });
});

describe('a cycle that cannot run is not started', () => {
  const assignments = [{ personId: 'tara', role: 'tester' }];
  const start = (more: object) => ({ name: 'Cycle 2', reports: [{ name: 'Report', assignments, ...more }] });

  test.each<[string, object, string, RegExp]>([
    [
      'that skips the test report',
      { skips: [{ phase: 'test-report', reason }] },
      'reports.0.skips.0.phase',
      /cannot be skipped/u,
    ],
    [
      'that skips a phase twice',
      { skips: [1, 2].map(() => ({ phase: 'scoping', reason })) },
      'reports.0.skips',
      /skipped twice/u,
    ],
    [
      'whose reminder comes before the phase opens',
      { deadlines: [{ phase: 'scoping', dueAfterSeconds: 10, remindBeforeSeconds: 20 }] },
      'reports.0.deadlines',
      /before the phase began/u,
    ],
  ])('%s', async (_, more, path, message) => {
    await open();
    const failure = await refusalOf('cycle:start', start(more));
    expect(failure).toMatchObject({
      kind: 'bad-input',
      fields: [{ path, message: expect.stringMatching(message) as string }],
    });
  });

  test('and one that can carries its lines of business, skips and deadlines', async () => {
    await open();
    const more = {
      lobs: { kind: 'column', column: 'REGION' },
      skips: [{ phase: 'data-profiling', reason }],
      deadlines: [{ phase: 'scoping', dueAfterSeconds: 60, remindBeforeSeconds: 20 }],
    };
    expect(await queuedBy('cycle:start', start(more))).toMatchObject({ kind: 'cycle.start', reports: [more] });
  });
});
