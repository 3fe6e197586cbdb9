// Steps that fail for good on the real server: each kind of step and each strategy ends in the declared state, through the workflows, their
// retries and the activity that compensates; and a test manager brings the report on. Every step of every phase: compensations.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../domain/change.ts';
import { endStateOf, strategies } from '../../domain/compensation.ts';
import type { Compensation, Strategy } from '../../domain/compensation.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { retryPolicies } from '../../domain/retry-policy.ts';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { Activities } from '../../worker/activities/create-activities.ts';
import { lineOf } from '../../worker/store/reports.ts';
import {
  at,
  applied,
  beginCycle,
  handIn,
  importRows,
  isIn,
  lobColumn,
  review,
  runDocuments,
  runSample,
  skipping,
} from './cycle-world.ts';
import { threeLobs } from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { until, World } from './worker-world.ts';

/** Why the step fails, by report: as long as there is an entry. */
const failing = new Map<string, { activity: keyof Activities; strategy: Strategy; attempts: number }>();

/** Every activity of the worker; those of reports that are to fail do. */
function withFaults(deps: Parameters<typeof createActivities>[0]): Activities {
  const activities = createActivities({
    ...deps,
    strategyOf: ({ reportId }) => failing.get(reportId)?.strategy ?? 'notify',
  });
  const entries = Object.entries(activities).map(([name, activity]) => [
    name,
    async (...args: unknown[]) => {
      const [first] = args;
      const reportId = typeof first === 'string' ? first : String((first as { reportId?: unknown } | null)?.reportId);
      const fault = failing.get(reportId);
      if (fault?.activity === name) {
        fault.attempts += 1;
        throw new Error('EIO: the disk does not answer');
      }
      return (activity as (...given: unknown[]) => Promise<unknown>)(...args);
    },
  ]);
  return Object.fromEntries(entries) as Activities;
}

let world: World;
beforeAll(async () => {
  world = await World.open({ activities: withFaults, retryBaseMs: 50 });
});
afterAll(() => world.close());

interface Kind {
  name: string;
  activity: keyof Activities;
  phase: PhaseSlug;
  lob: string | null;
  step: 'proposal' | 'act';
  /** Begins a report and brings it to the step, which fails from `fail` on. */
  drive(fail: (cycle: Cycle) => void): Promise<Cycle>;
}

const early = skipping('planning', 'data-profiling', 'scoping');

/** A draft of planning that tara can hand in. */
async function planned(fail: (cycle: Cycle) => void): Promise<Cycle> {
  const cycle = await beginCycle(world);
  await importRows(cycle);
  await cycle.tara.version(at(cycle, 'planning'), ({ status }) => status === 'draft');
  fail(cycle);
  return cycle;
}

const kinds: readonly Kind[] = [
  {
    ...{ name: 'propose', activity: 'createPlanningVersion', phase: 'planning', lob: null, step: 'proposal' },
    async drive(fail) {
      const cycle = await beginCycle(world);
      fail(cycle);
      await importRows(cycle);
      return cycle;
    },
  },
  {
    ...{ name: 'make-version', activity: 'createVersion', phase: 'planning', lob: null, step: 'act' },
    async drive(fail) {
      const cycle = await planned(fail);
      const { tara, reportId } = cycle;
      const { versionId } = await tara.version(at(cycle, 'planning'), () => true);
      const [item] = await tara.contents(versionId);
      if (!item) throw new Error('planning proposed nothing');
      const { itemKey, contentHash } = item;
      const edits = [{ edit: 'set' as const, itemKey, contentHash, fields: { description: 'what is owed' } }];
      await applied(tara.settled({ kind: 'version.submit', reportId, versionId, edits, note: '' }));
      return cycle;
    },
  },
  {
    ...{ name: 'settle-review', activity: 'approvePlanningVersion', phase: 'planning', lob: null, step: 'act' },
    async drive(fail) {
      const cycle = await planned(fail);
      await review(cycle.tom, await handIn(cycle, at(cycle, 'planning')));
      return cycle;
    },
  },
  {
    ...{
      name: 'draw-sample',
      activity: 'createSampleSelectionVersion',
      phase: 'sample-selection',
      lob: null,
      step: 'act',
    },
    async drive(fail) {
      const cycle = await beginCycle(world, { lobs: lobColumn, skips: early });
      const { reportId, tara } = cycle;
      const populationHash = await importRows(cycle, threeLobs());
      await tara.phase(at(cycle, 'sample-selection'), isIn('in-work'));
      fail(cycle);
      const planId = `plan-${reportId}`;
      const request = {
        ...{ populationHash, keyColumn: 'ID', lobColumn: 'LOB', lob: null, sampleSize: null },
        ...{ risk: 0.1, tolerable: 0.2, expected: 0, seed: '20261120', seedOrigin: 'given' as const },
      };
      await applied(tara.settled({ kind: 'sample.plan', reportId, planId, request }));
      await applied(tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] }));
      return cycle;
    },
  },
  {
    ...{ name: 'complete-phase', activity: 'createVersion', phase: 'data-owner-id', lob: null, step: 'act' },
    async drive(fail) {
      const cycle = await beginCycle(world, { skips: early });
      const { reportId, tara } = cycle;
      await importRows(cycle);
      const place = at(cycle, 'data-owner-id');
      await tara.phase(place, isIn('in-work'));
      const owner = { lob: 'Whole report', attribute: 'AMOUNT', dataOwnerId: 'dana', seenRevision: 0, reason: '' };
      await applied(tara.settled({ kind: 'owner.assign', reportId, assignments: [owner] }));
      fail(cycle);
      await applied(tara.settled({ kind: 'phase.complete', ...place, withoutSamples: [], note: '' }));
      return cycle;
    },
  },
  {
    ...{ name: 'read-evidence', activity: 'readEvidence', phase: 'test-execution', lob: 'cards', step: 'act' },
    async drive(fail) {
      const cycle = await beginCycle(world, { lobs: lobColumn, skips: [...early, ...skipping('data-owner-id')] });
      const { reportId, tara } = cycle;
      await runSample(cycle, await importRows(cycle, threeLobs()));
      const lob = 'cards';
      const documentId = await runDocuments(cycle, lob, 'ID,BALANCE\n1,10\n');
      await tara.phase(at(cycle, 'test-execution', lob), isIn('in-work'));
      fail(cycle);
      await applied(tara.settled({ kind: 'evidence.read', reportId, lob, documentId, revision: 2 }));
      return cycle;
    },
  },
];

function fromStore(reportId: string) {
  return world.inStore(async ({ db }) => {
    const rows = await db
      .selectFrom('compensations')
      .select('compensation_text')
      .where('report_id', '=', reportId)
      .execute();
    const compensations = rows.map((row) => JSON.parse(row.compensation_text) as Compensation);
    const [first] = compensations;
    const operation =
      first?.operationId === null || first === undefined
        ? null
        : await db
            .selectFrom('operations')
            .select(['follow_up_done_at', 'held_by'])
            .where('operation_id', '=', first.operationId)
            .executeTakeFirstOrThrow();
    return { compensations, operation };
  });
}

async function reportNow({ mara, reportId }: Cycle): Promise<Report> {
  await mara.pull(0);
  return mara.report(reportId, () => true);
}

const attemptsOf = retryPolicies.database.attempts;

describe.each(kinds.map((kind) => ({ ...kind })))('$name', ({ drive, ...kind }) => {
  test.concurrent.each([...strategies])('%s', { timeout: 240_000 }, async (strategy) => {
    const cycle = await drive(({ reportId }) => {
      failing.set(reportId, { activity: kind.activity, strategy, attempts: 0 });
    });
    const { reportId, mara } = cycle;
    const fault = failing.get(reportId);
    if (!fault) throw new Error('nothing is to fail');
    const end = endStateOf(strategy, kind.step, kind.phase);
    const { compensations, operation } = await until(async () => {
      const now = await fromStore(reportId);
      return now.compensations.length > 0 ? now : null;
    });
    const [compensation] = compensations;
    if (!compensation) throw new Error('nothing was compensated');
    expect(compensations).toHaveLength(1);
    expect(compensation).toMatchObject({
      ...{ strategy, phase: kind.phase, lob: kind.lob, reason: 'EIO: the disk does not answer' },
      state: end.waits ? 'waiting' : end.step === 'tried-on' ? 'notified' : 'done',
    });
    const line = lineOf(await reportNow(cycle), { phase: kind.phase, lob: kind.lob });
    expect(line?.state === 'not-started').toBe(end.phase === 'closed');
    if (operation) {
      expect(operation.follow_up_done_at !== null).toBe(end.act === 'withdrawn');
      expect(operation.held_by).toBe(end.step === 'held' ? compensation.compensationId : null);
    }
    if (end.step === 'tried-on') {
      // It is begun again after its attempts, and works as soon as nothing fails any more.
      await until(async () => fault.attempts > attemptsOf);
      failing.delete(reportId);
      await until(async () => (await isOver(cycle, kind, compensation)) || null);
      return;
    }
    expect(fault.attempts).toBe(attemptsOf);
    failing.delete(reportId);
    if (end.step !== 'held') return;
    const { compensationId } = compensation;
    const choice = 'try-again' as const;
    await applied(
      mara.settled({ kind: 'compensation.settle', reportId, compensationId, choice, note: 'the disk is back' }),
    );
    await until(async () => (await isOver(cycle, kind, compensation)) || null);
    expect((await reportNow(cycle)).compensations).toBeUndefined();
  });
});

/** True when the step that failed has been done. */
async function isOver(
  cycle: Cycle,
  kind: Pick<Kind, 'phase' | 'lob'>,
  { operationId }: Compensation,
): Promise<boolean> {
  if (operationId !== null) return (await fromStore(cycle.reportId)).operation?.follow_up_done_at !== null;
  await cycle.tara.pull(0);
  return cycle.tara.changes.some(({ change }) => change.kind === 'version' && change.version.phase === kind.phase);
}
