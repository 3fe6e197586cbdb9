// Owns how the worker's parts are put together and taken down: lock, store, populations, contents, tracking,
// connection, Temporal's worker.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { NativeConnectionOptions, WorkerOptions } from '@temporalio/worker';
import { taskQueue as usualTaskQueue } from '../domain/change.ts';
import { createActivities } from './activities/create-activities.ts';
import type { Activities, ActivityDeps } from './activities/create-activities.ts';
import { keptWorkflowBundle } from './bundle.ts';
import { ConfigurationFault } from './config.ts';
import type { WorkerSettings } from './config.ts';
import { dataConverter } from './data-converter.ts';
import { openContents, sizeOfWhole } from './content/content-store.ts';
import { openMailer } from './notify/mailer.ts';
import { openPopulationStore } from './population/population-store.ts';
import { openAiCompatible } from './recommender/openai-compatible.ts';
import { ruleBased } from './recommender/rule-based.ts';
import { withFallback } from './recommender/with-fallback.ts';
import { lockDataFolder } from './store/data-folder-lock.ts';
import { loadPeople, openStore } from './store/store.ts';
import { attemptInterceptors } from './tracking/attempts.ts';
import { trackingSinks } from './tracking/sinks.ts';
import { openTracker } from './tracking/tracker.ts';

const connectPause = { firstMs: 250, mostMs: 5_000 };

/** Long polls wait in activities: many, and cheap. Store calls are short and run one after the other anyway. */
const tuning = {
  maxConcurrentActivityTaskExecutions: 500,
  maxConcurrentLocalActivityExecutions: 50,
  maxConcurrentWorkflowTaskExecutions: 40,
  maxCachedWorkflows: 200,
  // Of a killed worker's workflows the next one takes over after this.
  stickyQueueScheduleToStartTimeout: '1 s',
  maxHeartbeatThrottleInterval: '1 s',
  defaultHeartbeatThrottleInterval: '1 s',
  shutdownGraceTime: '2 s',
  shutdownForceTime: '5 s',
} satisfies Partial<WorkerOptions>;

export interface StartOptions {
  log(line: string): void;
  /** Aborted to stop the worker, also while it still starts. */
  stopping: AbortSignal;
  /** Tests take one each. */
  taskQueue?: string;
  /** Tests put faults around the activities and what they work on. */
  activities?: (deps: ActivityDeps) => Activities;
  /** Tests shorten the waits between the attempts of activities: the base of all policies. */
  retryBaseMs?: number | undefined;
}

export interface StartedWorker {
  /** Resolves after a stop, with everything closed; rejects when the worker failed. */
  finished: Promise<void>;
}

/** Starts a worker; when this resolves it polls. @throws ConfigurationFault when a person has to put something right. */
export async function startWorker(settings: WorkerSettings, options: StartOptions): Promise<StartedWorker> {
  installRuntime(options.log);
  const parts = new AsyncDisposableStack();
  try {
    const deps = await openParts(settings, options, parts);
    const tracker = openTracker(deps);
    parts.defer(() => tracker.close());
    await tracker.tellAll();
    const bundle = settings.workflowBundleFile ?? (await keptWorkflowBundle());
    const connection = parts.adopt(await connect(settings.connection, options), (open) => open.close());
    await checkNamespace(connection, settings, options.log);
    const worker = await Worker.create({
      ...tuning,
      connection,
      namespace: settings.namespace,
      taskQueue: options.taskQueue ?? usualTaskQueue,
      workflowBundle: { codePath: bundle },
      activities: (options.activities ?? createActivities)(deps),
      dataConverter,
      sinks: trackingSinks(tracker),
      interceptors: { activity: [attemptInterceptors({ ...options, tracker })] },
    });
    return { finished: run(worker, options.stopping, parts) };
  } catch (error) {
    await parts.disposeAsync();
    throw error;
  }
}

let runtimeInstalled = false;

/** The SDK allows this once per process. */
function installRuntime(log: (line: string) => void): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => log(`${level} ${message} ${metaText(meta)}`)),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
    shutdownSignals: [],
  });
}

function metaText(meta: Record<string, unknown> | undefined): string {
  if (!meta) return '';
  const { error, ...rest } = meta;
  const why = error instanceof Error ? (error.stack ?? error.message) : error;
  return [why, JSON.stringify(rest)].filter(Boolean).join(' ');
}

async function openParts(
  settings: WorkerSettings,
  { log, stopping }: StartOptions,
  parts: AsyncDisposableStack,
): Promise<ActivityDeps> {
  const { dataDir, handoverDir, people, enrolAtOnce, mail, beginsAs } = settings;
  mkdirSync(dataDir, { recursive: true });
  const unlock = lockDataFolder(dataDir);
  if (!unlock)
    throw new ConfigurationFault(
      `another worker uses the data folder ${dataDir}: end that one, or name another folder`,
    );
  parts.defer(unlock);
  const contentsDir = join(dataDir, 'contents');
  const store = await openStore({
    file: join(dataDir, 'store.db'),
    mailsOut: mail !== null,
    beginsAs,
    sizeOfFile: (fileHash) => sizeOfWhole(contentsDir, fileHash),
  });
  parts.defer(() => store.close());
  await loadPeople(store, people);
  const contents = openContents({ store, dataDir: contentsDir, handoverDir });
  const populations = await openPopulationStore({ dir: join(dataDir, 'populations') });
  parts.defer(() => populations.close());
  const mailer = mail && openMailer(mail);
  parts.defer(() => mailer?.close());
  const { model } = settings;
  const recommender = model ? withFallback(openAiCompatible(model), ruleBased) : ruleBased;
  const clock = (): string => new Date().toISOString();
  return { store, populations, contents, recommender, mailer, enrolAtOnce, clock, log, stopping };
}

/** Connects, again and again while the server is not there. Says so once per reason. */
async function connect(
  connection: NativeConnectionOptions,
  { log, stopping }: StartOptions,
): Promise<NativeConnection> {
  let said = '';
  for (let pauseMs = connectPause.firstMs; ; pauseMs = Math.min(connectPause.mostMs, pauseMs * 2)) {
    stopping.throwIfAborted();
    try {
      return await NativeConnection.connect(connection);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== said) log(`no answer from Temporal at ${connection.address}, trying on: ${reason}`);
      said = reason;
      await sleep(pauseMs, undefined, { signal: stopping });
    }
  }
}

/** A namespace that does not exist is for a person to put right; what else goes wrong here, polling will show. */
async function checkNamespace(
  connection: NativeConnection,
  { namespace, connection: { address } }: WorkerSettings,
  log: (line: string) => void,
): Promise<void> {
  const notFound = 5;
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if ((error as { code?: number }).code === notFound) {
      throw new ConfigurationFault(`the namespace "${namespace}" does not exist on ${address}: set TEMPORAL_NAMESPACE`);
    }
    log(`the namespace ${namespace} could not be checked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Runs until stopped, then takes the parts down. */
async function run(worker: Worker, stopping: AbortSignal, parts: AsyncDisposableStack): Promise<void> {
  const stop = (): void => {
    if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  stopping.addEventListener('abort', stop, { once: true });
  try {
    const running = worker.run();
    if (stopping.aborted) stop();
    await running;
  } finally {
    stopping.removeEventListener('abort', stop);
    await parts.disposeAsync();
  }
}
