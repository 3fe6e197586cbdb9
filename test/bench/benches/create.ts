// Row 8: a version of 10,000 and of 100,000 items, made by the report's workflow from a signed operation, against the same activities
// called directly plus 1.1 times as many activities that do nothing. Both work on copies of one store with one population.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import Database from 'better-sqlite3';
import { sql } from 'kysely';
import { signals, taskQueue, workflowIdOf, workflowTypes } from '../../../domain/change.ts';
import { targetOf } from '../../../domain/operation.ts';
import type { SignedOperation } from '../../../domain/operation.ts';
import { drawSampleVersion } from '../../../worker/activities/draw-sample.ts';
import { dataConverter } from '../../../worker/data-converter.ts';
import { openPopulationStore } from '../../../worker/population/population-store.ts';
import { applyOperations } from '../../../worker/store/apply.ts';
import { openStore } from '../../../worker/store/store.ts';
import { openTestStore, testPopulationHash, withPlan, withReport } from '../../builders.ts';
import { until } from '../../main/core/core-world.ts';
import { startTestTemporal } from '../../server/temporal.ts';
import { timed } from '../bench.ts';
import type { Bench, Figures } from '../bench.ts';
import { sampleBody } from '../cached-laptop.ts';
import { startTeam } from '../running-team.ts';

const sizes = [10_000, 100_000] as const;
const rowCount = 100_000;
/** What the workflow runs for one draw: the operation applied, the flow read, the version made, the flow read again. */
const activities = { local: 3, ordinary: 1 };

const reportOf = (size: number): string => `report-of-${size}`;
const operationFile = (folder: string, size: number): string => join(folder, `draw-${size}.json`);
const workerDir = (folder: string): string => join(folder, 'worker');

/** A worker's data folder: a population of 100,000 rows, and for each size a report whose sample is planned and not drawn. */
async function fixture(folder: string): Promise<void> {
  mkdirSync(workerDir(folder), { recursive: true });
  const populations = await openPopulationStore({ dir: join(workerDir(folder), 'populations') });
  const file = join(folder, 'population.csv');
  const lines = Array.from({ length: rowCount }, (_, index) =>
    Object.values(sampleBody(index))
      .map((value) => `"${String(value)}"`)
      .join(','),
  );
  writeFileSync(file, [Object.keys(sampleBody(0)).join(','), ...lines, ''].join('\n'));
  const { signal } = new AbortController();
  const imported = await populations.import({
    ...{ file, fileName: 'population.csv', populationHash: testPopulationHash, keyColumn: 'ID', signal },
    onProgress: () => undefined,
  });
  if (imported.kind === 'failed') throw new Error(imported.message);
  await populations.close();
  const test = await openTestStore();
  for (const size of sizes) {
    const reportId = await withReport(test, reportOf(size), { rowCount });
    const planId = await withPlan(test, reportId, { rowCount, sampleSize: size });
    const draw = test.laptops.tara.operation({
      ...{ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] },
    });
    writeFileSync(operationFile(folder, size), JSON.stringify(draw));
  }
  await sql`vacuum into ${sql.lit(join(workerDir(folder), 'store.db'))}`.execute(test.store.db);
  await test.close();
}

function drawOf(folder: string, size: number): SignedOperation {
  return JSON.parse(readFileSync(operationFile(folder, size), 'utf8')) as SignedOperation;
}

/** From the signal until the version is in the store, which is looked at from outside. */
async function byWorkflow(folder: string): Promise<Figures> {
  await using team = await startTeam(folder);
  const connection = await Connection.connect({ address: team.address });
  const client = new Client({ connection, namespace: team.namespace, dataConverter });
  const store = new Database(join(workerDir(folder), 'store.db'), { readonly: true });
  const made = store.prepare<[string], number>('SELECT item_count FROM versions WHERE report_id = ?').pluck();
  const figures: Record<string, number> = {};
  for (const size of sizes) {
    const reportId = reportOf(size);
    const workflowId = workflowIdOf({ kind: 'report', id: reportId });
    const report = await client.workflow.start(workflowTypes.report, { workflowId, taskQueue, args: [{}] });
    await until(async () => (await report.query<{ work: unknown[] }>('progress')).work.length === 0);
    const { ms } = await timed(async () => {
      await report.signal(signals.submit, { operations: [drawOf(folder, size)] });
      await until(() => made.get(reportId) === size);
    });
    figures[`made${size}`] = ms;
  }
  store.close();
  await connection.close();
  return figures;
}

/** The same activities in this process, and as many that do nothing by a workflow that does nothing else. */
async function directly(folder: string): Promise<Figures> {
  const store = await openStore({ file: join(workerDir(folder), 'store.db') });
  const populations = await openPopulationStore({ dir: join(workerDir(folder), 'populations') });
  const clock = (): string => new Date().toISOString();
  const noops = await noopRoundTrips(folder);
  const figures: Record<string, number> = { noops };
  for (const size of sizes) {
    const draw = drawOf(folder, size);
    const target = targetOf(draw.operation.body);
    const { ms } = await timed(async () => {
      const applied = await applyOperations(store, target, [{ raw: draw, receivedAt: clock() }], clock);
      const [work] = applied.followUps;
      if (work?.kind !== 'draw-sample') throw new Error(`nothing follows: ${JSON.stringify(applied.outcomes)}`);
      const here = { workflowId: workflowIdOf(target), runId: 'direct', stepId: '1', activityName: 'direct' };
      await drawSampleVersion({ store, populations, clock, log: () => undefined }, work, here);
    });
    figures[`direct${size}`] = ms;
    figures[`limit${size}`] = ms + 1.1 * noops;
  }
  await populations.close();
  await store.close();
  return figures;
}

async function noopRoundTrips(folder: string): Promise<number> {
  const temporal = await startTestTemporal({ dataDir: join(folder, 'temporal-of-noops') });
  const pageFile = join(folder, 'page.json');
  writeFileSync(pageFile, 'null');
  const worker = fork(join(import.meta.dirname, '../bare/worker.ts'), [temporal.address, temporal.namespace, pageFile]);
  await once(worker, 'message');
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
  const turn = async (workflowId: string): Promise<number> => {
    const handle = await client.workflow.start('doNothing', { taskQueue: 'bare', workflowId, args: [activities] });
    await handle.query('ready');
    const { ms } = await timed(async () => {
      await handle.signal(signals.submit, { operations: [] });
      await handle.result();
    });
    return ms;
  };
  // The first one warms up what the real worker has warm by then.
  await turn('warm-up');
  const ms = await turn('measured');
  await connection.close();
  worker.kill('SIGKILL');
  await temporal.stop();
  return ms;
}

export const bench: Bench = {
  name: 'create',
  shows: 'row 8: a version of 10,000 and 100,000 items by workflow',
  rounds: 3,
  fixture,
  contestants: { workflow: byWorkflow, direct: directly },
  comparisons: sizes.map((size) => ({
    says: `${size.toLocaleString('en')} items made, against direct + 1.1 × no-op round trips`,
    ours: { contestant: 'workflow', figure: `made${size}` },
    theirs: { contestant: 'direct', figure: `limit${size}` },
    goal: { kind: 'times' as const, most: 1 },
  })),
};
