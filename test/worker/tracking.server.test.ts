// What a laptop is told of the workflows of a report, while a whole cycle is driven on the real server: by short runs, with a worker that
// is stopped in the middle, and with planning that fails for good once. What it is told is held against the histories.
import { randomUUID } from 'node:crypto';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workflowIdOf, workflowTypes } from '../../domain/change.ts';
import { isSettled } from '../../domain/flow.ts';
import type { TrackedTransition, TrackingEntry, TrackingKind } from '../../domain/tracking.ts';
import { metricsOf, trackingKey } from '../../domain/tracking.ts';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { Activities, ActivityDeps } from '../../worker/activities/create-activities.ts';
import { beginCycle, isIn, lobColumn } from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { driveCycle, drivenLobs } from './driven-cycle.ts';
import { World } from './worker-world.ts';

const reportId = randomUUID();
const retryBaseMs = 300;
const why = 'EIO: the disk is gone';
let failures = 3;

/** The activities, of which planning fails three times: for good. */
function faultyActivities(deps: ActivityDeps): Activities {
  const real = createActivities(deps);
  return {
    ...real,
    createPlanningVersion: async (subject) => {
      failures -= 1;
      if (failures >= 0) throw new Error(why);
      return real.createPlanningVersion(subject);
    },
  };
}

let world: World;
let cycle: Cycle;
/** Everything that one laptop was told, in order, and each thing as it is told last. */
let told: TrackingEntry[] = [];
const last = new Map<string, TrackingEntry>();
interface Ran {
  workflowId: string;
  runId: string;
  status: string;
  history: History;
}
let runs: Ran[] = [];

function of<Kind extends TrackingKind>(kind: Kind): Extract<TrackingEntry, { kind: Kind }>[] {
  return [...last.values()].filter((entry) => entry.kind === kind) as Extract<TrackingEntry, { kind: Kind }>[];
}

beforeAll(async () => {
  // A version without compensation: what fails for good is tried anew by itself.
  world = await World.open({ activities: faultyActivities, retryBaseMs, beginsAs: '1.2.0' });
  await world.client.workflow.start(workflowTypes.report, {
    workflowId: workflowIdOf({ kind: 'report', id: reportId }),
    taskQueue: world.taskQueue,
    args: [{ limits: { signals: 8, events: 60 } }],
  });
  const phases = ['planning', 'data-profiling', 'scoping', 'sample-selection', 'test-execution'] as const;
  const deadlines = phases.map((phase) => ({ phase, dueAfterSeconds: 7_200, remindBeforeSeconds: 3_600 }));
  cycle = await beginCycle(world, { reportId, lobs: lobColumn, deadlines });
  const driven = driveCycle(cycle);
  const { mara } = cycle;
  await Promise.race([driven, mara.phase({ reportId, phase: 'scoping', lob: null }, isIn('completed'))]);
  await world.stopWorker();
  await world.startWorker();
  await driven;
  await mara.seen(
    (change) =>
      change.kind === 'tracking' &&
      change.entries.some(
        (entry) => entry.kind === 'transition' && entry.phase === 'test-report' && isSettled(entry.to),
      ),
  );
  told = mara.changes.flatMap(({ change }) =>
    change.kind === 'tracking' && change.reportId === reportId ? change.entries : [],
  );
  for (const entry of told) last.set(trackingKey(entry), entry);
  runs = await runsOf(world);
}, 240_000);
afterAll(() => world.close());

/** The runs of the report and its lanes, as the server has them. */
async function runsOf({ client, taskQueue }: World): Promise<Ran[]> {
  const found: Ran[] = [];
  for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) {
    const { workflowId, runId, type, status } = run;
    if (type !== workflowTypes.report && type !== workflowTypes.lob) continue;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    found.push({ workflowId, runId, status: status.name, history });
  }
  return found;
}

const sorted = (texts: readonly string[]): string[] => texts.toSorted((a, b) => (a < b ? -1 : Number(a > b)));

describe('the laptop is told of', () => {
  test('every run of the report and of its lanes, how it ended and which it follows on', () => {
    const outcomes: Record<string, string> = { COMPLETED: 'completed', CONTINUED_AS_NEW: 'continued', RUNNING: 'null' };
    const server = runs.map(({ runId, status }) => `${runId} ${outcomes[status] ?? status}`);
    const executions = of('execution');
    expect(sorted(executions.map(({ runId, outcome }) => `${runId} ${String(outcome)}`))).toEqual(sorted(server));
    const own = executions.filter(({ lob }) => lob === null).toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
    expect(own.length).toBeGreaterThan(2);
    expect(own.map(({ continuedFrom }) => continuedFrom)).toEqual([
      null,
      ...own.slice(0, -1).map(({ runId }) => runId),
    ]);
    for (const lob of drivenLobs) {
      expect(executions.filter((entry) => entry.lob === lob && entry.outcome === 'completed')).toHaveLength(1);
    }
  });

  test('every step that the histories have, once, with its phase', () => {
    const server = runs.flatMap(({ runId, history }) =>
      (history.events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled ? [`${runId} ${scheduled.activityId ?? ''} ${scheduled.activityType?.name ?? ''}`] : [],
      ),
    );
    const steps = of('step');
    expect(sorted(steps.map(({ runId, stepId, activity }) => `${runId} ${stepId} ${activity}`))).toEqual(
      sorted(server),
    );
    const placed = new Set(steps.map(({ activity, phase, lob }) => [activity, phase, lob].filter(Boolean).join(' ')));
    expect([...placed]).toEqual(
      expect.arrayContaining([
        ...['importPopulation', 'createPlanningVersion planning', 'approvePlanningVersion planning', 'nameLobs'],
        ...['generateSampleRecommendations sample-selection', 'createSampleSelectionVersion sample-selection'],
        ...['createVersion data-owner-id', 'createVersion request-info cards', 'readEvidence test-execution loans'],
        ...[
          'createObservationVersion observations cards',
          'createTestReport test-report',
          'approveVersion test-report',
        ],
      ]),
    );
    for (const { startedAt, endedAt, outcome, runId } of steps) {
      expect(outcome, runId).not.toBeNull();
      expect(Date.parse(endedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(startedAt));
    }
  });

  test('every wait that the histories have, the one for the deadline among them', () => {
    const server = runs.flatMap(({ runId, history }) =>
      (history.events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
        timer && Number(timer.startToFireTimeout?.seconds ?? 0) >= 1 ? [`${runId} ${timer.timerId ?? ''}`] : [],
      ),
    );
    const waits = of('wait');
    const ended = new Set(of('execution').flatMap(({ runId, endedAt }) => (endedAt === null ? [] : runId)));
    expect(waits.filter(({ runId, endedAt }) => endedAt === null && ended.has(runId))).toEqual([]);
    expect(sorted(waits.map(({ runId, waitId }) => `${runId} ${waitId}`))).toEqual(sorted(server));
    const reminders = cycle.mara.changes.flatMap(({ change }) =>
      change.kind === 'report'
        ? change.report.phases.flatMap(({ phase, remindAt }) => (phase === 'planning' ? remindAt : null))
        : [],
    );
    const reminder = waits.find(({ until: at }) => reminders.includes(at));
    expect(reminder).toMatchObject({ lob: null, endedAt: expect.any(String) as string });
  });

  test('every transition of every phase, none twice and none left out, one after another or beside others', () => {
    const lines = Map.groupBy(of('transition'), ({ phase, lob }) => [phase, lob].filter(Boolean).join(' '));
    expect(lines.size).toBe(6 + 3 * drivenLobs.length);
    for (const [line, moves] of lines) {
      const inOrder = moves.toSorted((a, b) => a.revision - b.revision);
      expect(
        inOrder.map(({ from }) => from),
        line,
      ).toEqual(['not-started', ...inOrder.slice(0, -1).map(({ to }) => to)]);
      expect(isSettled(inOrder.at(-1)?.to ?? 'in-work'), line).toBe(true);
    }
    const modes = (phase: string): TrackedTransition['mode'][] =>
      of('transition').flatMap((each) => (each.phase === phase ? [each.mode] : []));
    expect(new Set(modes('planning'))).toEqual(new Set(['sequential']));
    expect(modes('data-owner-id')).toContain('parallel');
    expect(modes('request-info')).toContain('parallel');
  });

  test('nothing twice, although runs went on and were replayed by another worker', () => {
    const texts = told.map((entry) => JSON.stringify(entry));
    expect(texts.length).toBeGreaterThan(100);
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  test('what its phases came to', () => {
    const metrics = metricsOf([...last.values()], new Date().toISOString());
    const planning = metrics.find(({ phase }) => phase === 'planning');
    expect(planning).toMatchObject({ failedSteps: 1, retries: 2, revisions: 0 });
    expect(planning?.attempts).toBeGreaterThanOrEqual(5);
    expect(metrics.filter(({ openMs, phase }) => openMs === null && phase !== 'observations')).toEqual([]);
  });
});

describe('of a step that fails for good the laptop is told', () => {
  const failing = () => {
    const step = of('step').find(
      ({ activity, outcome }) => activity === 'createPlanningVersion' && outcome === 'failed',
    );
    if (!step) throw new Error('no step failed');
    return step;
  };

  test('why, and when it is tried again, before it has ended', () => {
    const { runId, stepId } = failing();
    const own = told.filter(
      (entry) =>
        (entry.kind === 'step' || entry.kind === 'attempt') && entry.runId === runId && entry.stepId === stepId,
    );
    const stepEnds = own.findIndex((entry) => entry.kind === 'step' && entry.endedAt !== null);
    const before = own.slice(0, stepEnds);
    expect(before.some((entry) => entry.kind === 'step')).toBe(true);
    const ended = before.filter((entry) => entry.kind === 'attempt').filter(({ endedAt }) => endedAt !== null);
    expect(ended.map(({ attempt, policy, error }) => [attempt, policy, error])).toEqual([
      [1, 'database', why],
      [2, 'database', why],
      [3, 'database', why],
    ]);
    const waits = ended.map(
      (entry) => entry.nextAttemptAt && Date.parse(entry.nextAttemptAt) - Date.parse(entry.endedAt ?? ''),
    );
    expect(waits[2]).toBeNull();
    expect(Math.abs(Number(waits[0]) - retryBaseMs)).toBeLessThan(100);
    expect(Math.abs(Number(waits[1]) - 2 * retryBaseMs)).toBeLessThan(100);
  });

  test('by an alert, which ends when it works', () => {
    const alerts = told.filter((entry) => entry.kind === 'alert');
    const alert = {
      ...{ alertKey: `report/${reportId}/createPlanningVersion/planning/-`, severity: 'warning', phase: 'planning' },
      ...{ message: `createPlanningVersion failed for good: ${why}`, raisedAt: failing().endedAt },
    };
    expect(alerts).toMatchObject([
      { ...alert, resolvedAt: null },
      { ...alert, resolvedAt: expect.any(String) as string },
    ]);
  });
});

test('what is tracked wakes laptops about once a second, not with every thing that happens', () => {
  const changes = cycle.mara.changes.filter(({ change }) => change.kind === 'tracking').length;
  const { startedAt } = of('execution').toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1))[0] ?? {
    startedAt: '',
  };
  const seconds = (Date.parse(of('transition').at(-1)?.at ?? '') - Date.parse(startedAt)) / 1_000;
  // Beside those of each second: three failed attempts, an alert and its end, and what the stopped worker had begun.
  expect(changes).toBeLessThanOrEqual(seconds + 15);
  expect(changes).toBeLessThan(told.length / 2);
});
