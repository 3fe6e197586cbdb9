// The report's workflow in trouble: a store that fails, a ledger that was cut, slow work. Real server and workflows, activities of the test.
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { lobWorkflowId, queries, signals, workflowTypes } from '../../domain/change.ts';
import type { FlowState } from '../../domain/flow.ts';
import type { LaneProgress, ReportProgress } from '../../domain/report-progress.ts';
import { trackingKey } from '../../domain/tracking.ts';
import type { TrackingEntry } from '../../domain/tracking.ts';
import type { AppliedBatch } from '../../worker/activities/apply-operations.ts';
import type { Activities } from '../../worker/activities/create-activities.ts';
import { keptWorkflowBundle } from '../../worker/bundle.ts';
import { dataConverter } from '../../worker/data-converter.ts';
import type { ReadFlow } from '../../worker/activities/read-flow.ts';
import type { StoredReport } from '../../worker/store/report-state.ts';
import { trackingSinks } from '../../worker/tracking/sinks.ts';
import { until, workflowTaskTimeout } from './worker-world.ts';
import type { HistoryEvent } from './worker-world.ts';

let client: Client;
let native: NativeConnection;
/** What the workflows noted about themselves. */
const tracked: TrackingEntry[] = [];
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const address = inject('temporalAddress');
  client = new Client({ connection: await Connection.connect({ address }), dataConverter });
  native = await NativeConnection.connect({ address });
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(async () => {
  await native.close();
  await client.connection.close();
});

/** A store that fails; the retries within one call are the SDK's and take seconds. */
const broken = (message: string) => ApplicationFailure.nonRetryable(message);

/** What the store says of a report that nothing was done for, and that it does not know. */
const newReport: StoredReport = {
  ...{ ledgerHead: null, watermarks: {}, receipts: [] },
  counts: { applied: 0, refused: 0, conflict: 0, 'dead-letter': 0 },
};
const nothing: ReadFlow = { flow: null, unfinished: [] };

/** A report's workflow whose store and work are these functions. */
async function reportWith(activities: Partial<Activities>, limits: { signals: number; events: number } | null = null) {
  const taskQueue = `test-${randomUUID()}`;
  const bundle = { codePath: await keptWorkflowBundle() };
  const all = { readReportState: async () => newReport, readFlow: async () => nothing, ...activities };
  const sinks = trackingSinks({ note: async (_, entry) => void tracked.push(entry) });
  const options = { connection: native, taskQueue, workflowBundle: bundle, activities: all, dataConverter, sinks };
  const worker = await Worker.create({ ...options, maxHeartbeatThrottleInterval: '200 ms' });
  const running = worker.run();
  const handle = await client.workflow.start(workflowTypes.report, {
    ...{ workflowId: `report/${randomUUID()}`, taskQueue, workflowTaskTimeout },
    args: [{ limits }],
  });
  ends.push(async () => {
    if ((await handle.describe()).status.name === 'RUNNING') await handle.terminate();
    worker.shutdown();
    await running;
  });
  const progress = () => handle.query<ReportProgress>(queries.progress);
  return {
    handle,
    taskQueue,
    progress,
    send: (operations: unknown[]) => handle.signal(signals.submit, { operations }),
  };
}

function answer(more: Partial<AppliedBatch> = {}, applied = 1): AppliedBatch {
  const counts = { applied, refused: 0, conflict: 0, 'dead-letter': 0 };
  return { counts, receipts: [], followUps: [], ledgerHead: null, watermarks: {}, flow: null, ...more };
}

test('while the store fails the operation waits, visibly, and is applied when the store is back', async () => {
  let isBroken = true;
  const { send, progress } = await reportWith({
    applyOperations: async () => {
      if (isBroken) throw broken('disk full');
      return answer();
    },
  });
  await send(['one']);
  const failing = await until(async () => {
    const now = await progress();
    return now.alerts.length > 0 ? now : null;
  });
  expect(failing).toMatchObject({ waiting: 1, alerts: [{ kind: 'apply-failing', message: 'disk full' }] });
  isBroken = false;
  await until(async () => (await progress()).counts.applied === 1);
  expect(await progress()).toMatchObject({ waiting: 0, alerts: [] });
});

test('a report begins with what the store has, once the store can be read, and loses nothing that arrives meanwhile', async () => {
  let isBroken = true;
  const { send, progress } = await reportWith({
    readReportState: async () => {
      if (isBroken) throw broken('no such disk');
      return { ...newReport, ledgerHead: { length: 7, hash: 'd' }, counts: { ...newReport.counts, applied: 6 } };
    },
    applyOperations: async () => answer({ ledgerHead: { length: 8, hash: 'e' } }),
  });
  await send(['one']);
  const failing = await until(async () => {
    const now = await progress();
    return now.alerts.length > 0 ? now : null;
  });
  expect(failing).toMatchObject({ waiting: 1, alerts: [{ kind: 'apply-failing', message: 'no such disk' }] });
  isBroken = false;
  await until(async () => (await progress()).counts.applied === 7);
  expect(await progress()).toMatchObject({ waiting: 0, alerts: [], ledgerHead: { length: 8, hash: 'e' } });
});

test('a ledger that becomes shorter, or another one of the same length, raises an alert that stays', async () => {
  const heads = [
    { length: 5, hash: 'a' },
    { length: 6, hash: 'b' },
    { length: 4, hash: 'c' },
    { length: 6, hash: 'x' },
    { length: 7, hash: 'd' },
  ];
  const { send, progress } = await reportWith({
    applyOperations: async () => answer({ ledgerHead: heads.shift() ?? null }),
  });
  for (const left of [4, 3]) {
    await send(['operation']);
    await until(async () => heads.length === left && (await progress()).waiting === 0);
  }
  expect((await progress()).alerts).toEqual([]);
  for (const left of [2, 1, 0]) {
    await send(['operation']);
    await until(async () => heads.length === left && (await progress()).waiting === 0);
  }
  const { alerts, ledgerHead } = await progress();
  expect(alerts).toMatchObject([
    { kind: 'ledger-cut', message: 'the ledger was cut: the workflow knows 6 entries, the store has 4' },
    { kind: 'ledger-cut', message: 'the ledger was changed: its entry 6 is not the one the workflow knows' },
  ]);
  expect(ledgerHead).toEqual({ length: 7, hash: 'd' });
  const critical = tracked.filter((entry) => entry.kind === 'alert' && entry.severity === 'critical');
  expect(new Set(critical.map(trackingKey)).size).toBe(1);
  expect(critical).toMatchObject([{ message: alerts[0]?.message }, { message: alerts[1]?.message, resolvedAt: null }]);
});

test('a long import keeps neither operations nor a draw waiting, and versions of a phase are made one after the other', async () => {
  const started: string[] = [];
  const gates = {
    import: Promise.withResolvers<void>(),
    draw: Promise.withResolvers<void>(),
    revise: Promise.withResolvers<void>(),
  };
  const followUps = [
    { kind: 'import-population', operationId: 'import', reportId: 'r', fileHash: 'f' },
    { kind: 'draw-sample', operationId: 'draw', reportId: 'r', planId: 'p' },
    { kind: 'revise-sample', operationId: 'revise', reportId: 'r', versionId: 'v-1' },
  ] as const;
  const made = (number: number) => ({ versionId: `v-${number}`, number });
  const work = async (name: keyof typeof gates) => {
    started.push(name);
    await gates[name].promise;
  };
  const { send, progress } = await reportWith({
    applyOperations: async (_, incoming) =>
      answer({ followUps: incoming.flatMap(({ raw }) => followUps[raw as number] ?? []) }, incoming.length),
    importPopulation: () => work('import'),
    createSampleSelectionVersion: async () => work('draw').then(() => made(1)),
    createSampleRevision: async () => work('revise').then(() => made(2)),
  });
  // Sent twice, as after a crash: each is done once.
  await send([0, 1, 2]);
  await send([0, 1, 2]);
  await until(async () => started.length === 2);
  const during = await until(async () => {
    const now = await progress();
    return now.counts.applied === 6 ? now : null;
  });
  const samples = { phase: 'sample-selection', lob: null };
  expect(during.work).toEqual([
    { kind: 'import-population', phase: null, lob: null, operationId: 'import', running: true },
    { kind: 'draw-sample', ...samples, operationId: 'draw', running: true },
    { kind: 'revise-sample', ...samples, operationId: 'revise', running: false },
  ]);
  gates.draw.resolve();
  await until(async () => started.includes('revise'));
  gates.revise.resolve();
  await until(async () => (await progress()).work.length === 1);
  gates.import.resolve();
  await until(async () => (await progress()).work.length === 0);
  expect(started.toSorted()).toEqual(['draw', 'import', 'revise']);
});

test('a run that is too long waits for running work, hands over what has not begun, and goes on', async () => {
  const gate = Promise.withResolvers<void>();
  let imports = 0;
  const draws: string[] = [];
  const { send, progress, handle } = await reportWith(
    {
      applyOperations: async (_, incoming) =>
        answer({
          followUps: incoming.flatMap(({ raw }) =>
            raw === 'import'
              ? { kind: 'import-population' as const, operationId: 'import', reportId: 'r', fileHash: 'f' }
              : { kind: 'draw-sample' as const, operationId: String(raw), reportId: 'r', planId: 'p' },
          ),
        }),
      importPopulation: async () => {
        imports += 1;
        await gate.promise;
      },
      createSampleSelectionVersion: async (work) => {
        draws.push(work.operationId);
        return null;
      },
    },
    { signals: 3, events: 8_000 },
  );
  const { runId } = await handle.describe();
  await send(['import']);
  await until(async () => imports === 1);
  await send(['draw-1']);
  await until(async () => draws.length === 1);
  await send(['draw-2']);
  await until(async () => (await progress()).work.length === 2);
  expect((await handle.describe()).runId).toBe(runId);
  gate.resolve();
  await until(async () => draws.length === 2);
  expect((await handle.describe()).runId).not.toBe(runId);
  expect({ imports, draws }).toEqual({ imports: 1, draws: ['draw-1', 'draw-2'] });
  expect(await progress()).toMatchObject({ continued: 1, counts: { applied: 3 } });
});

/** What the store says of a report with one lane, `cards`, whose documents were skipped. */
function laneFlow(lob: string | null, revision: number, status: 'running' | 'finished'): FlowState {
  const clock = { remindAt: null, dueAt: null, reminded: false, expired: false };
  return {
    ...{ revision, reportId: 'r', lob, paused: false, over: false, populationReady: true, lobsNamed: true },
    ...{ lobsProblem: false, pending: [], skips: [], mailsDue: false },
    lobs: [{ lob: 'cards', status, samples: 1, deviations: 0 }],
    lines: [
      { phase: 'request-info', lob: 'cards', status: 'skipped', version: null, proposed: false, ...clock },
      { phase: 'observations', lob: 'cards', status: 'in-work', version: null, proposed: true, ...clock },
    ].slice(0, status === 'finished' ? 1 : 2) as FlowState['lines'],
  };
}

test('a lane that is told news while it comes to its end tells its report of that end', async () => {
  const gate = Promise.withResolvers<void>();
  let isFinished = false;
  let reportLooked = 0;
  const { handle } = await reportWith({
    readFlow: async (_reportId, lob) => {
      if (lob === null && isFinished) reportLooked += 1;
      const flow = laneFlow(lob, isFinished ? 2 : 1, isFinished ? 'finished' : 'running');
      return { flow: { ...flow, lines: flow.lines.slice(0, 1) }, unfinished: [] };
    },
    finishLob: async () => {
      await gate.promise;
      isFinished = true;
    },
  });
  const lane = client.workflow.getHandle(lobWorkflowId(handle.workflowId.replace('report/', ''), 'cards'));
  // The report found it running and not there, and started it.
  await until(async () => lane.describe().catch(() => null));
  await lane.signal(signals.news);
  await until(async () =>
    (await lane.fetchHistory()).events?.some((event) => event.workflowExecutionSignaledEventAttributes),
  );
  gate.resolve();
  await until(async () => (await lane.describe()).status.name === 'COMPLETED');
  await until(async () => reportLooked > 0);
});

test('a lane that goes on in a new run just when its work ended tells its report of that work', async () => {
  let isMade = false;
  let reportLooked = 0;
  const work = { operationId: 'make', reportId: 'r', versionId: 'v-1', phase: 'observations', lob: 'cards' } as const;
  const { handle, taskQueue } = await reportWith({
    readFlow: async (_reportId, lob) => {
      const flow = laneFlow(lob, isMade ? 2 : 1, 'running');
      if (lob === null) {
        if (isMade) reportLooked += 1;
        // The report knows no lane, so that the one below has limits of its own.
        return { flow: { ...flow, lobs: [], lines: [] }, unfinished: [] };
      }
      return { flow, unfinished: isMade ? [] : [{ kind: 'make-version' as const, ...work }] };
    },
    createVersion: async () => {
      isMade = true;
      return null;
    },
  });
  const lane = await client.workflow.start(workflowTypes.lob, {
    workflowId: lobWorkflowId(handle.workflowId.replace('report/', ''), 'cards'),
    taskQueue,
    args: [{ limits: { signals: 100, events: 5 } }],
  });
  await until(async () => reportLooked > 0);
  const { continued, ...progress } = await lane.query<LaneProgress>(queries.progress);
  expect(continued).toBeGreaterThanOrEqual(1);
  expect(progress).toMatchObject({ work: [], alerts: [] });
  await lane.terminate();
});

test('work that ends while operations are applied for long comes in the same order on replay', async () => {
  const [imported, applied] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const [importing, applying] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const unfinished = [{ kind: 'import-population' as const, operationId: 'o', reportId: 'r', fileHash: 'f' }];
  // Work that runs lets a run go on beyond its three signals; once it has ended the run is over.
  const { handle, send } = await reportWith(
    {
      readFlow: async () => ({ flow: null, unfinished }),
      importPopulation: async () => {
        importing.resolve();
        await imported.promise;
      },
      applyOperations: async () => {
        applying.resolve();
        await applied.promise;
        return answer();
      },
    },
    { signals: 3, events: 8_000 },
  );
  const { runId } = await handle.describe();
  const run = client.workflow.getHandle(handle.workflowId, runId);
  const has = async (is: (event: HistoryEvent) => unknown): Promise<boolean> =>
    (await run.fetchHistory()).events?.some((event) => Boolean(is(event))) ?? false;
  await importing.promise;
  await send(['one']);
  await applying.promise;
  await send(['two']);
  await send(['three']);
  imported.resolve();
  await until(() => has((event) => event.activityTaskCompletedEventAttributes));
  applied.resolve();
  await until(() => has((event) => event.workflowExecutionContinuedAsNewEventAttributes));
  const options = { workflowBundle: { codePath: await keptWorkflowBundle() }, dataConverter };
  await Worker.runReplayHistory(options, await run.fetchHistory(), handle.workflowId);
});

test('a lane whose name cannot be read fails once, and news with anything in them are news', async () => {
  const { handle, taskQueue, progress, send } = await reportWith({ applyOperations: async () => answer() });
  const started = client.workflow.execute(workflowTypes.lob, {
    workflowId: `lob/r-${randomUUID()}/%E0%A4%A`,
    taskQueue,
  });
  await expect(started).rejects.toMatchObject({ cause: { type: 'Malformed' } });
  for (const odd of [null, 7, 'text', { operations: [] }]) await handle.signal(signals.news, odd);
  await send(['one']);
  await until(async () => (await progress()).counts.applied === 1);
});

test('a report that is cancelled on the server, and what it waits for, are tracked to their end', async () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const clock = { remindAt: null, dueAt: inAnHour, reminded: false, expired: false };
  const gate = Promise.withResolvers<void>();
  const lines: FlowState['lines'] = [
    { phase: 'planning', lob: null, status: 'in-work', version: null, proposed: true, ...clock },
  ];
  const unfinished = [{ kind: 'import-population' as const, operationId: 'o', reportId: 'r', fileHash: 'f' }];
  let over = false;
  const { handle } = await reportWith({
    readFlow: async () => {
      const flow = { ...laneFlow(null, over ? 2 : 1, 'running'), lobs: [], lines, over };
      return { flow, unfinished: over ? [] : unfinished };
    },
    importPopulation: () => gate.promise,
    endReport: async () => {
      over = true;
    },
  });
  const of = () => tracked.filter((entry) => 'workflowId' in entry && entry.workflowId === handle.workflowId);
  await until(async () => of().some((entry) => entry.kind === 'step') && of().some((entry) => entry.kind === 'wait'));
  await handle.cancel();
  await until(async () => (await handle.describe()).status.name === 'CANCELLED');
  gate.resolve();
  const endedAt = expect.any(String) as string;
  const last = new Map(of().map((entry) => [entry.kind, entry]));
  expect(last.get('execution')).toMatchObject({ outcome: 'cancelled', endedAt, continuedFrom: null });
  expect(last.get('step')).toMatchObject({ activity: 'importPopulation', phase: null, outcome: 'cancelled', endedAt });
  expect(last.get('wait')).toMatchObject({ until: inAnHour, endedAt });
});
