// Each version of the report's workflow on the real server: what it does and does not do beside one another, that all come to the same,
// and that a running report moves on to the newer ones without losing anything.
import { afterAll, expect, test } from 'vitest';
import { lobWorkflowId, queries } from '../../domain/change.ts';
import type { Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import type { TrackedMigration } from '../../domain/tracking.ts';
import { hasFeature, newestVersion, workflowVersions } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { differences, outcomeOf } from './cycle-outcome.ts';
import type { Outcome } from './cycle-outcome.ts';
import { applied, beginCycle, importRows, isIn, lobColumn, runOwners, runSample, skipping } from './cycle-world.ts';
import { threeLobs } from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { driveCycle, drivenLobs, eventful } from './driven-cycle.ts';
import { until, World } from './worker-world.ts';

const worlds: World[] = [];
afterAll(async () => {
  for (const world of worlds) await world.close();
});

async function openWorld(beginsAs: WorkflowVersion): Promise<World> {
  const world = await World.open({ beginsAs });
  worlds.push(world);
  return world;
}

const progressOf = (world: World, reportId: string) => world.report(reportId).query<ReportProgress>(queries.progress);

async function hasLaneWorkflow({ world, reportId }: Cycle, lob: string): Promise<boolean> {
  const described = await world.client.workflow
    .getHandle(lobWorkflowId(reportId, lob))
    .describe()
    .catch(() => null);
  return described !== null;
}

/** Every header that a laptop got. */
const headers = ({ tara }: Cycle): Report[] =>
  tara.changes.flatMap(({ change }) => (change.kind === 'report' ? [change.report] : []));

/** True when both phases of the branch, or two lanes, were ever open at once. */
const sawTogether = (cycle: Cycle, ...open: ((report: Report) => boolean)[]): boolean =>
  headers(cycle).some((report) => open.every((is) => is(report)));
const phaseOpen =
  (phase: string, lob: string | null = null) =>
  (report: Report): boolean =>
    report.phases.some((line) => line.phase === phase && line.lob === lob && isOpen(line.state));

/** Ids of workflows say who did it: a lane of its own, or its report. All else is the same. */
const withoutActors = (outcome: Outcome): Outcome =>
  JSON.parse(JSON.stringify(outcome).replaceAll(/lob\/REPORT\/(?:cards|loans)/gu, 'report/REPORT')) as Outcome;

test(
  'reports of every version come to the same; each does beside one another what its features say',
  { timeout: 300_000 },
  async () => {
    const driven = await Promise.all(
      workflowVersions.map(async (version) => {
        const world = await openWorld(version);
        const cycle = await beginCycle(world, { lobs: lobColumn });
        await driveCycle(cycle, eventful);
        const { reportId } = cycle;
        const progress = await until(async () => {
          const now = await progressOf(world, reportId);
          return now.work.length === 0 && now.lobs.every(({ status }) => status === 'finished') ? now : null;
        });
        expect(progress).toMatchObject({ version, alerts: [] });
        const branch = sawTogether(cycle, phaseOpen('sample-selection'), phaseOpen('data-owner-id'));
        expect(branch, version).toBe(hasFeature(version, 'parallelBranch'));
        const lanes = sawTogether(cycle, ...drivenLobs.map((lob) => phaseOpen('request-info', lob)));
        expect(lanes, version).toBe(hasFeature(version, 'lobChildren'));
        for (const lob of drivenLobs)
          expect(await hasLaneWorkflow(cycle, lob)).toBe(hasFeature(version, 'lobChildren'));
        const outcome = await world.inStore(({ db }) => outcomeOf(db, reportId));
        return { version, outcome: withoutActors(outcome) };
      }),
    );
    const newest = driven.find(({ version }) => version === newestVersion);
    if (!newest) throw new Error('the newest was not driven');
    for (const { version, outcome } of driven) expect(differences(newest.outcome, outcome), version).toEqual([]);
  },
);

/** A report of two lanes whose samples and owners are settled: the lanes begin. */
async function atItsLanes(world: World): Promise<Cycle> {
  const cycle = await beginCycle(world, { lobs: lobColumn, skips: skipping('planning', 'data-profiling', 'scoping') });
  const populationHash = await importRows(cycle, threeLobs());
  await runSample(cycle, populationHash);
  await runOwners(cycle, ['cards', 'loans', 'savings'], ['BALANCE', 'LOB']);
  return cycle;
}

const move = (to: WorkflowVersion, reportId: string) => ({ kind: 'workflow.move' as const, reportId, to });

test(
  'a report moves from version to version in the middle of its lanes, and its move is on record',
  { timeout: 300_000 },
  async () => {
    const world = await openWorld('1.0.0');
    const cycle = await atItsLanes(world);
    const { reportId, mara, tara } = cycle;
    const documents = (lob: string) => ({ reportId, phase: 'request-info' as const, lob });
    // One lane after the other, in the report's own workflow.
    await tara.phase(documents('cards'), isIn('in-work'));
    expect(
      headers(cycle)
        .at(-1)
        ?.lobs.map(({ status }) => status),
    ).toEqual(['running', 'waiting', 'waiting']);
    expect(await tara.settled(move('1.1.0', reportId))).toMatchObject({ state: 'refused', reason: { code: 'role' } });
    expect(await mara.settled(move('1.0.0', reportId))).toMatchObject({
      ...{ state: 'refused', reason: { message: 'it runs as 1.0.0 already' } },
    });
    for (const to of ['1.1.0', '1.2.0', '2.0.0'] as const) {
      await applied(mara.settled(move(to, reportId)));
      await mara.report(reportId, (report) => report.workflowVersion === to && report.movesTo === undefined);
      // As children from 1.2.0 on: the lane that runs goes on in a workflow of its own, the others begin beside it.
      await until(async () => (await progressOf(world, reportId)).version === to);
    }
    await tara.report(reportId, ({ lobs }) => lobs.every(({ status }) => status === 'running'));
    for (const lob of ['cards', 'loans', 'savings']) {
      await until(() => hasLaneWorkflow(cycle, lob));
      await tara.phase(documents(lob), isIn('in-work'));
    }
    const { continued, alerts } = await progressOf(world, reportId);
    expect({ continued, alerts }).toEqual({ continued: 3, alerts: [] });
    const back = await mara.settled(move('1.1.0', reportId));
    expect(back.reason?.message).toBe('it runs as 2.0.0: a report is never moved back, to 1.1.0');

    await mara.pull(0);
    const migrations = mara.changes
      .flatMap(({ change }) => (change.kind === 'tracking' ? change.entries : []))
      .filter((entry): entry is TrackedMigration => entry.kind === 'migration');
    expect(migrations.map(({ from, to, by }) => [from, to, by])).toEqual([
      ['1.0.0', '1.1.0', 'mara'],
      ['1.1.0', '1.2.0', 'mara'],
      ['1.2.0', '2.0.0', 'mara'],
    ]);
    const ledger = await world.inStore((store) => readLedger(store, reportId));
    expect(ledgerFault(ledger)).toBeNull();
    expect(ledger.filter(({ kind }) => kind === 'workflow.moved')).toHaveLength(3);
    // And its lanes go on.
    await applied(mara.settled({ kind: 'phase.skip', ...documents('cards'), reason: 'seen on site' }));
    await tara.phase(documents('cards'), isIn('skipped'));
  },
);

test('a report of a version that this worker does not know waits, visibly, and loses nothing', async () => {
  const world = await openWorld('2.0.0');
  const cycle = await beginCycle(world, { lobs: lobColumn });
  const { reportId, mara, tara } = cycle;
  await tara.phase({ reportId, phase: 'planning', lob: null }, isIn('in-work'));
  const setVersion = (version: string) =>
    world.inStore(({ db }) =>
      db
        .updateTable('reports')
        .set({ workflow_version: version as WorkflowVersion })
        .where('report_id', '=', reportId)
        .execute(),
    );
  await setVersion('3.0.0');
  const assign = {
    kind: 'assignment.set' as const,
    reportId,
    personId: 'tom',
    role: 'tester' as const,
    assigned: false,
  };
  const { operation } = await mara.do(assign);
  const waits = await until(async () => {
    const now = await progressOf(world, reportId);
    return now.alerts.length > 0 ? now : null;
  });
  expect(waits).toMatchObject({
    waiting: 1,
    alerts: [
      {
        kind: 'apply-failing',
        message: expect.stringMatching(
          /runs as workflow version 3\.0\.0 and this worker knows up to 2\.0\.0: start the newer worker/u,
        ) as string,
      },
    ],
  });
  await setVersion('2.0.0');
  expect(await mara.receipt(operation.operationId)).toMatchObject({ state: 'applied' });
});

test('a phase of recorded work is completed in a lane within its report', { timeout: 180_000 }, async () => {
  const world = await openWorld('1.1.0');
  const cycle = await atItsLanes(world);
  const { reportId, mara, tara } = cycle;
  for (const lob of ['cards', 'loans', 'savings']) {
    const place = (phase: 'request-info' | 'test-execution') => ({ reportId, phase, lob });
    await tara.phase(place('request-info'), isIn('in-work'));
    await applied(mara.settled({ kind: 'phase.skip', ...place('request-info'), reason: 'at hand' }));
    await applied(mara.settled({ kind: 'phase.skip', ...place('test-execution'), reason: 'tested elsewhere' }));
    await tara.report(reportId, ({ lobs }) => lobs.find((row) => row.lob === lob)?.status === 'finished');
  }
  await tara.phase({ reportId, phase: 'test-report', lob: null }, isIn('in-work'));
  expect(await hasLaneWorkflow(cycle, 'cards')).toBe(false);
});
