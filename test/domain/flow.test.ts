// Which steps are due where a report or one of its lanes stands: tables, and a whole report played by steps and people at random.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOpen, isSettled, nextDue, phasesOf, stepsDue } from '../../domain/flow.ts';
import type { FlowLine, FlowLob, FlowState, FlowStep, PhaseStatus } from '../../domain/flow.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';

const now = '2026-11-21T08:00:00.000Z';
const later = '2026-11-21T09:00:00.000Z';
const earlier = '2026-11-21T07:00:00.000Z';

function line(phase: PhaseSlug, status: PhaseStatus, more: Partial<FlowLine> = {}): FlowLine {
  const clock = { remindAt: null, dueAt: null, reminded: false, expired: false };
  return { phase, lob: null, status, version: null, proposed: false, ...clock, ...more };
}

/** A report of which the named phases stand so, and the others have not begun. */
function reportFlow(statuses: Partial<Record<PhaseSlug, PhaseStatus>>, more: Partial<FlowState> = {}): FlowState {
  return {
    ...{ revision: 1, reportId: 'report-0001', lob: null, paused: false, over: false, populationReady: true },
    ...{ lobsNamed: true, lobsProblem: false, lobs: [lane('cards')], pending: [], skips: [], mailsDue: false },
    lines: phasesOf('report').map((slug) => line(slug, statuses[slug] ?? 'not-started', { proposed: true })),
    ...more,
  };
}

function lane(lob: string, more: Partial<FlowLob> = {}): FlowLob {
  return { lob, status: 'waiting', samples: 5, deviations: null, ...more };
}

const untilScoping = { planning: 'completed', 'data-profiling': 'completed', scoping: 'completed' } as const;
const untilLanes = { ...untilScoping, 'sample-selection': 'completed', 'data-owner-id': 'completed' } as const;

/** The lane of `cards`. */
function laneFlow(
  statuses: Partial<Record<PhaseSlug, PhaseStatus>>,
  own: Partial<FlowLob> = {},
  more: Partial<FlowState> = {},
): FlowState {
  const lines = phasesOf('lob').map((slug) => line(slug, statuses[slug] ?? 'not-started', { lob: 'cards' }));
  const whole = reportFlow(untilLanes, { lobs: [lane('cards', { status: 'running', ...own })] });
  return { ...whole, lob: 'cards', lines: [...whole.lines, ...lines], ...more };
}

const words = (flow: FlowState, at = now): string[] => stepsDue(flow, at).map(wordOf);
function wordOf(step: FlowStep): string {
  if ('phase' in step) return [step.kind, step.phase, step.lob].filter(Boolean).join(' ');
  return 'lob' in step ? `${step.kind} ${step.lob}` : step.kind;
}

describe('a report', () => {
  test.each<[string, FlowState, string[]]>([
    ['begins with planning', reportFlow({}), ['open planning']],
    ['goes on with profiling', reportFlow({ planning: 'completed' }), ['open data-profiling']],
    [
      'waits for no phase that did not exist when it began',
      reportFlow({}, { lines: [line('planning', 'completed'), line('scoping', 'not-started')] }),
      ['open scoping'],
    ],
    ['waits while planning is reviewed', reportFlow({ planning: 'in-review' }), []],
    ['waits while planning was rejected', reportFlow({ planning: 'rejected' }), []],
    [
      'names its lines of business after scoping, before what divides by them',
      reportFlow(untilScoping, { lobsNamed: false, lobs: [] }),
      ['name-lobs'],
    ],
    ['names no lines without a population', reportFlow(untilScoping, { lobsNamed: false, populationReady: false }), []],
    [
      'does not try again what could not be named',
      reportFlow(untilScoping, { lobsNamed: false, lobsProblem: true }),
      [],
    ],
    [
      'does not open again what was closed because it failed',
      reportFlow({}, { held: [{ phase: 'planning', lob: null }] }),
      [],
    ],
    [
      'skips what was closed because it failed when a manager wants it',
      reportFlow(
        {},
        { held: [{ phase: 'planning', lob: null }], skips: [{ phase: 'planning', lob: null, reason: 'x' }] },
      ),
      ['skip planning'],
    ],
    [
      'opens samples and data owners side by side',
      reportFlow(untilScoping),
      ['open sample-selection', 'open data-owner-id'],
    ],
    ['starts no lane while one of the two is open', reportFlow({ ...untilLanes, 'data-owner-id': 'in-work' }), []],
    [
      'starts every waiting lane after both',
      reportFlow(untilLanes, { lobs: [lane('cards'), lane('loans', { status: 'running' }), lane('other')] }),
      ['start-lob cards', 'start-lob other'],
    ],
    [
      'waits for the last lane',
      reportFlow(untilLanes, { lobs: [lane('cards', { status: 'finished' }), lane('loans', { status: 'paused' })] }),
      [],
    ],
    [
      'opens the test report when all lanes ended, cancelled ones too',
      reportFlow(untilLanes, { lobs: [lane('cards', { status: 'finished' }), lane('loans', { status: 'cancelled' })] }),
      ['open test-report'],
    ],
    [
      'does not overtake itself when its lanes are cancelled before their turn',
      reportFlow(
        { ...untilLanes, 'sample-selection': 'in-review' },
        { lobs: [lane('cards', { status: 'cancelled' })] },
      ),
      [],
    ],
    ['reports nothing when there never was a lane', reportFlow(untilLanes, { lobs: [] }), []],
    [
      'is done when all is settled',
      reportFlow({ ...untilLanes, 'test-report': 'completed' }, { lobs: [lane('cards', { status: 'finished' })] }),
      [],
    ],
    ['only mails while it is paused', reportFlow({}, { paused: true, mailsDue: true }), ['mail']],
    ['only mails when it is over', reportFlow({}, { over: true, mailsDue: true }), ['mail']],
  ])('%s', (_, flow, steps) => {
    expect(words(flow)).toEqual(steps);
  });

  test('proposes once it has a population, and once', () => {
    const planning = (proposed: boolean) => [line('planning', 'in-work', { proposed })];
    expect(words(reportFlow({}, { lines: planning(false), populationReady: false }))).toEqual([]);
    expect(words(reportFlow({}, { lines: planning(false) }))).toEqual(['propose planning']);
    expect(words(reportFlow({}, { lines: planning(true) }))).toEqual([]);
  });

  test('recommends samples as soon as sample selection opens, and proposes nothing that people record', () => {
    const lines = [
      ...reportFlow(untilScoping).lines.slice(0, 3),
      line('sample-selection', 'in-work'),
      line('data-owner-id', 'in-work'),
    ];
    expect(words(reportFlow({}, { lines }))).toEqual(['propose sample-selection']);
  });

  test('carries out a manager’s skip when the turn comes, and at once when the phase is open', () => {
    const skips = [{ phase: 'data-profiling' as const, lob: null, reason: 'profiled last month' }];
    expect(words(reportFlow({ planning: 'in-review' }, { skips }))).toEqual([]);
    const step = { kind: 'skip', phase: 'data-profiling', lob: null, reason: 'profiled last month' };
    for (const status of ['not-started', 'in-work', 'in-review', 'in-revision', 'rejected'] as const) {
      expect(stepsDue(reportFlow({ planning: 'completed', 'data-profiling': status }, { skips }), now)).toEqual([step]);
    }
    expect(words(reportFlow({ planning: 'completed', 'data-profiling': 'skipped' }, { skips }))).toEqual([
      'open scoping',
    ]);
  });
});

describe('a lane', () => {
  test.each<[string, FlowState, string[]]>([
    ['begins with the request', laneFlow({}), ['open request-info cards']],
    ['tests after the documents', laneFlow({ 'request-info': 'completed' }), ['open test-execution cards']],
    [
      'observes what deviated',
      laneFlow({ 'request-info': 'completed', 'test-execution': 'completed' }, { deviations: 2 }),
      ['open observations cards'],
    ],
    [
      'finishes when all is settled',
      laneFlow({ 'request-info': 'completed', 'test-execution': 'completed', observations: 'skipped' }),
      ['finish-lob cards'],
    ],
    ['does nothing before it is started', laneFlow({}, { status: 'waiting' }), []],
    ['does nothing after it was cancelled', laneFlow({}, { status: 'cancelled' }), []],
    ['does nothing twice when it is finished', laneFlow({ 'request-info': 'skipped' }, { status: 'finished' }), []],
    ['leaves mail to the report', laneFlow({}, {}, { paused: true, mailsDue: true }), []],
  ])('%s', (_, flow, steps) => {
    expect(words(flow)).toEqual(steps);
  });

  const asked = [{ phase: 'request-info' as const, lob: null, reason: 'the documents are here' }];
  test.each<[string, FlowState, PhaseSlug, RegExp]>([
    ['no sample was selected in it', laneFlow({}, { samples: 0 }), 'request-info', /no sample of this line/],
    [
      'no sample was selected at all',
      laneFlow(
        {},
        { samples: null },
        {
          lines: [
            line('sample-selection', 'skipped'),
            line('data-owner-id', 'completed'),
            line('request-info', 'not-started', { lob: 'cards' }),
          ],
        },
      ),
      'request-info',
      /sample selection was skipped/,
    ],
    ['a manager wants it in all lanes', laneFlow({}, {}, { skips: asked }), 'request-info', /the documents are here/],
    [
      'a manager wants it while it is open',
      laneFlow({ 'request-info': 'in-work' }, {}, { skips: asked }),
      'request-info',
      /the documents are here/,
    ],
    [
      'testing was skipped',
      laneFlow({ 'request-info': 'completed', 'test-execution': 'skipped' }),
      'observations',
      /nothing was tested/,
    ],
    [
      'testing found nothing',
      laneFlow({ 'request-info': 'completed', 'test-execution': 'completed' }, { deviations: 0 }),
      'observations',
      /no deviation/,
    ],
  ])('skips a phase because %s', (_, flow, phase, reason) => {
    expect(stepsDue(flow, now)).toEqual([
      { kind: 'skip', phase, lob: 'cards', reason: expect.stringMatching(reason) as string },
    ]);
  });
});

describe('a deadline', () => {
  const open = (more: Partial<FlowLine>) => reportFlow({}, { lines: [line('planning', 'in-review', more)] });

  test.each<[string, Partial<FlowLine>, string[], string | null]>([
    ['is awaited from its reminder on', { remindAt: later, dueAt: '2026-11-21T10:00:00.000Z' }, [], later],
    ['reminds', { remindAt: now, dueAt: later }, ['remind planning'], later],
    ['reminds once', { remindAt: earlier, dueAt: later, reminded: true }, [], later],
    ['expires without a late reminder', { remindAt: earlier, dueAt: now }, ['expire planning'], null],
    ['expires once', { dueAt: earlier, expired: true }, [], null],
    ['is the same moment however it is written', { dueAt: '2026-11-21T08:00:00Z' }, ['expire planning'], null],
  ])('%s', (_, more, steps, due) => {
    expect(words(open(more))).toEqual(steps);
    expect(nextDue(open(more), now)).toBe(due);
  });

  test('is nobody’s business before the phase opens, after it is settled, and while the report is paused', () => {
    for (const status of ['not-started', 'completed', 'skipped'] as const) {
      const before = line('data-profiling', 'in-review');
      const flow = reportFlow({}, { lines: [before, line('scoping', status, { dueAt: earlier, remindAt: earlier })] });
      expect(words(flow)).toEqual([]);
      expect(nextDue(flow, '2026-11-21T06:00:00.000Z')).toBeNull();
    }
    const paused = { ...open({ dueAt: earlier }), paused: true };
    expect(words(paused)).toEqual([]);
    expect(nextDue({ ...open({ dueAt: later }), paused: true }, now)).toBeNull();
  });

  test('of a lane is the lane’s, not the report’s', () => {
    const flow = reportFlow(untilLanes, { lobs: [lane('cards', { status: 'running' })] });
    flow.lines.push(line('request-info', 'in-work', { lob: 'cards', dueAt: earlier }));
    expect(words(flow)).toEqual([]);
    expect(words({ ...flow, lob: 'cards' })).toEqual(['expire request-info cards']);
  });
});

/** A whole report with its lanes, as the store would keep it: steps and people change it, flows are read off it. */
interface Played {
  flow: FlowState;
  pausedLobs: Set<string>;
}

function readOff({ flow, pausedLobs }: Played, lob: string | null): FlowState {
  if (lob === null) return flow;
  const status = flow.lobs.find((entry) => entry.lob === lob)?.status;
  return {
    ...flow,
    lob,
    paused: flow.paused || pausedLobs.has(lob),
    over: flow.over || status === 'cancelled',
    lines: flow.lines.filter((entry) => entry.lob === null || entry.lob === lob),
  };
}

function found(flow: FlowState, phase: PhaseSlug, lob: string | null): FlowLine {
  const entry = flow.lines.find((each) => each.phase === phase && each.lob === lob);
  if (!entry) throw new Error(`no line ${phase} ${lob ?? ''}`);
  return entry;
}

/** What the store makes of a step; it holds every step to the rules on its own account. */
function carryOut(
  { flow }: Played,
  step: FlowStep,
  world: { lobs: number; samples: number[]; deviations: number },
): void {
  if (step.kind === 'name-lobs') {
    flow.lobsNamed = true;
    flow.lobs = Array.from({ length: world.lobs }, (_, index) => lane(`lob-${index}`, { samples: null }));
    for (const { lob } of flow.lobs)
      flow.lines.push(...phasesOf('lob').map((slug) => line(slug, 'not-started', { lob })));
    return;
  }
  if (step.kind === 'start-lob' || step.kind === 'finish-lob') {
    const entry = flow.lobs.find((each) => each.lob === step.lob);
    if (!entry) throw new Error(`no lane ${step.lob}`);
    expect(entry.status).toBe(step.kind === 'start-lob' ? 'waiting' : 'running');
    entry.status = step.kind === 'start-lob' ? 'running' : 'finished';
    return;
  }
  if (step.kind === 'mail') {
    flow.mailsDue = false;
    return;
  }
  const own = found(flow, step.phase, step.lob);
  expect(isSettled(own.status), `${step.kind} of the settled ${own.phase}`).toBe(false);
  if (step.kind === 'open' || (step.kind === 'skip' && own.status === 'not-started')) {
    for (const before of phaseOf(step.phase).after) expect(isBehindIn(flow, before, step.lob)).toBe(true);
  }
  switch (step.kind) {
    case 'open':
      own.status = 'in-work';
      return;
    case 'skip':
      expect(step.reason.trim()).not.toBe('');
      own.status = 'skipped';
      return;
    case 'propose':
      own.proposed = true;
      return;
    case 'remind':
      own.reminded = true;
      return;
    case 'expire':
      own.expired = true;
      return;
  }
}

/** The order, said once more and otherwise: all that this phase depends on, near and far, is settled or in a cancelled lane. */
function isBehindIn(flow: FlowState, phase: PhaseSlug, lob: string | null): boolean {
  const isCancelled = (entry: FlowLine) =>
    flow.lobs.some((each) => each.lob === entry.lob && each.status === 'cancelled');
  const lines = flow.lines.filter(
    (entry) => entry.phase === phase && (entry.lob === null || lob === null || entry.lob === lob),
  );
  const isDone = lines.length > 0 && lines.every((entry) => isSettled(entry.status) || isCancelled(entry));
  return isDone && phaseOf(phase).after.every((before) => isBehindIn(flow, before, lob));
}

type Act = { act: number; pick: number; value: number };
/** What people do, as far as the rules of the store let them. */
function doAsPeople(played: Played, { act, pick, value }: Act, world: { samples: number[]; deviations: number }): void {
  const { flow, pausedLobs } = played;
  const open = flow.lines.filter((entry) => isOpen(entry.status));
  const entry = open[pick % Math.max(1, open.length)];
  const lob = flow.lobs[pick % Math.max(1, flow.lobs.length)];
  switch (act) {
    case 0:
      flow.populationReady = true;
      return;
    case 1:
      if (!entry || entry.expired) return;
      if (phaseOf(entry.phase).making !== 'recorded' && !entry.proposed) return;
      entry.status = 'completed';
      if (entry.phase === 'sample-selection')
        flow.lobs.forEach((each, index) => (each.samples = world.samples[index % world.samples.length] ?? 0));
      const tested = flow.lobs.find((each) => each.lob === entry.lob);
      if (entry.phase === 'test-execution' && tested) tested.deviations = world.deviations;
      return;
    case 2:
      if (entry) entry.status = (['in-review', 'in-revision', 'rejected', 'in-work'] as const)[value % 4] ?? 'in-work';
      return;
    case 3:
      flow.paused = value % 2 === 0;
      return;
    case 4:
      if (lob && (lob.status === 'running' || lob.status === 'waiting') && value % 2 === 0) lob.status = 'cancelled';
      return;
    case 5: {
      const line = flow.lines[pick % flow.lines.length];
      if (!line || !phaseOf(line.phase).skippable) return;
      const of = value % 2 === 0 ? line.lob : null;
      flow.skips.push({ phase: line.phase, lob: of, reason: 'a manager wants it' });
      return;
    }
    case 6:
      if (entry) Object.assign(entry, value % 2 === 0 ? { dueAt: now } : { dueAt: later, expired: false });
      return;
    case 7:
      if (!lob) return;
      if (value % 2 === 0) pausedLobs.add(lob.lob);
      else pausedLobs.delete(lob.lob);
      return;
    default:
      flow.mailsDue = true;
  }
}

/** Carries out what is due, in the report and in its lanes, until nothing is. */
function settle(played: Played, world: { lobs: number; samples: number[]; deviations: number }): void {
  for (let round = 0; round < 200; round += 1) {
    const lobs = [null, ...played.flow.lobs.map((entry) => entry.lob)];
    const due = lobs.flatMap((lob) => stepsDue(readOff(played, lob), now));
    if (due.length === 0) return;
    for (const step of due) {
      // As in the store: what an earlier step of the round made superfluous has no effect.
      const flows = lobs.map((lob) => readOff(played, lob));
      const isDue = flows.some((flow) => stepsDue(flow, now).some((each) => wordOf(each) === wordOf(step)));
      if (isDue) carryOut(played, step, world);
    }
  }
  throw new Error('the steps never end');
}

/** Who has to act now, in words; empty when nobody has and nothing will ever happen. */
function waitsFor(played: Played): string[] {
  const { flow, pausedLobs } = played;
  if (flow.over) return ['nobody: it is over'];
  if (flow.paused || pausedLobs.size > 0) return ['a manager to resume'];
  if (!flow.populationReady) return ['a tester to import'];
  const open = flow.lines.filter(
    (entry) => isOpen(entry.status) && flow.lobs.every((each) => each.lob !== entry.lob || each.status !== 'cancelled'),
  );
  if (open.length > 0) return open.map((entry) => `people of ${entry.phase}`);
  return found(flow, 'test-report', null).status === 'completed' ? ['nobody: it is signed'] : [];
}

test('from any state that steps and people reach, the steps end, keep the order, and then a person is waited for or all is done', () => {
  const world = fc.record({
    lobs: fc.integer({ min: 1, max: 3 }),
    samples: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
    deviations: fc.integer({ min: 0, max: 1 }),
  });
  const act = fc.record({ act: fc.integer({ min: 0, max: 8 }), pick: fc.nat(30), value: fc.nat(7) });
  // Completing is what people do most; without that few runs would come to the lanes.
  const acts = fc.array(
    fc.oneof({ weight: 3, arbitrary: act.map((each) => ({ ...each, act: 1 })) }, { weight: 2, arbitrary: act }),
    {
      maxLength: 60,
    },
  );
  let signed = 0;
  fc.assert(
    fc.property(world, acts, fc.boolean(), (given, doings, isOver) => {
      const flow = reportFlow({}, { lobsNamed: false, lobs: [], populationReady: false });
      for (const entry of flow.lines) entry.proposed = false;
      const played: Played = { flow, pausedLobs: new Set() };
      settle(played, given);
      for (const doing of [{ act: 0, pick: 0, value: 0 }, ...doings]) {
        doAsPeople(played, doing, given);
        settle(played, given);
        expect(waitsFor(played), JSON.stringify(flow.lines)).not.toEqual([]);
      }
      if (found(flow, 'test-report', null).status === 'completed') signed += 1;
      if (!isOver) return;
      flow.over = true;
      settle(played, given);
      expect(stepsDue(flow, now)).toEqual([]);
    }),
    { numRuns: 300 },
  );
  // The property says something about lanes and reports only when runs get that far.
  expect(signed).toBeGreaterThan(5);
});
