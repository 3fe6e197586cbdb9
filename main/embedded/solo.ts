// Owns the solo mode's server and worker as one thing with one state for the screen. Knows no Temporal API and no window.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { servicesFrom, workerEventSchema, type WorkerConfig } from '../../domain/worker-config.ts';
import { childEnvironment } from './child-environment.ts';
import { prepareTemporal, type PrepareProgress } from './prepare-temporal.ts';
import { realNodePath } from './real-node.ts';
import { endLeftovers, type Leftover } from './run-records.ts';
import {
  superviseProcess,
  type ProcessState,
  type StartingChild,
  type SupervisedProcess,
} from './supervised-process.ts';
import { startTemporal, type TemporalServer } from './temporal-server.ts';
import { howToGet } from './temporal-binary.ts';

/**
 * What the screen shows. Times are durations in ms or ISO-8601 texts. `restarting`: a part has died and is tried again at `nextTryAt`;
 * `failures` counts in a row, so a crash loop shows. `unavailable` stays until `start()` is called again.
 */
export type SoloState =
  | { kind: 'stopped' }
  | {
      kind: 'preparing';
      step: PrepareProgress['step'];
      detail: string;
      elapsedMs: number;
      expectedMs: number | null;
      fraction: number | null;
      cancellable: true;
    }
  | { kind: 'starting'; part: 'server' | 'worker' }
  | { kind: 'ready'; address: string; namespace: string }
  | { kind: 'restarting'; part: 'server' | 'worker'; reason: string; failures: number; nextTryAt: string }
  | { kind: 'unavailable'; reason: string; howToGet: readonly string[] };

export type SoloOptions = {
  dataDir: string;
  /** Where files are handed over to the worker by path; `DATA/handover` when not given. */
  handoverDir?: string;
  env?: NodeJS.ProcessEnv;
  /** A real Node, for worker and download. */
  nodePath?: string;
  workerProgram?: string;
  fetchProgram?: string;
  /** Built beforehand; the worker builds and keeps one when not given. */
  workflowBundleFile?: string;
};

export type Solo = {
  state(): SoloState;
  /** Calls the listener at each change; returns how to end that. */
  onState(listener: (state: SoloState) => void): () => void;
  /** Starts what is not started yet. Comes back at once: the state tells how it goes. */
  start(): void;
  /** Ends worker, then server. Resolves when both are gone. `immediately` kills them. */
  stop(how?: { immediately?: boolean }): Promise<void>;
  /** Ends a running preparation; the state becomes `unavailable`. */
  cancelPreparation(): void;
};

/** The sources' own places: right where the sources are run as they are. A packaged application names its own. */
const sourceOf = (path: string): string => fileURLToPath(new URL(`../../worker/${path}`, import.meta.url));

/** Server and worker of one data folder, not started yet. */
export function createSolo(options: SoloOptions): Solo {
  const listeners = new Set<(state: SoloState) => void>();
  let state: SoloState = { kind: 'stopped' };
  let session: Session | null = null;
  let earlierEnded: Promise<void> = Promise.resolve();

  const setState = (next: SoloState): void => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  return {
    state: () => state,
    onState(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      if (session && state.kind !== 'unavailable') return;
      if (session) earlierEnded = session.stop(false);
      const mine: Session = startSession(options, earlierEnded, (next) => {
        if (session === mine) setState(next);
      });
      session = mine;
      mine.begin();
    },
    async stop({ immediately = false } = {}) {
      if (session) earlierEnded = session.stop(immediately);
      session = null;
      await earlierEnded;
      // Somebody may have started it again meanwhile.
      if (session === null && state.kind !== 'stopped') setState({ kind: 'stopped' });
    },
    cancelPreparation: () => session?.cancelPreparation(),
  };
}

/** One time from `start()` to `stop()`. */
type Session = { begin(): void; stop(immediately: boolean): Promise<void>; cancelPreparation(): void };

type Parts = { server: TemporalServer | null; worker: SupervisedProcess | null };

function startSession(options: SoloOptions, before: Promise<void>, setState: (state: SoloState) => void): Session {
  const [stopping, cancelled] = [new AbortController(), new AbortController()];
  const parts: Parts = { server: null, worker: null };
  let ended: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    await before;
    const binary = await prepared(options, AbortSignal.any([stopping.signal, cancelled.signal]), setState);
    if (binary === null || stopping.signal.aborted) return;
    setState({ kind: 'starting', part: 'server' });
    const dataDir = options.dataDir;
    const show = (): void => (stopping.signal.aborted ? undefined : setState(stateOf(parts)));
    parts.server = await startTemporal({ binary, dataDir, onState: () => parts.server && show() });
    if (await stopsBefore(parts.server.whenRunning(stopping.signal), stopping.signal)) return;
    parts.worker = startWorker(options, parts.server, () => parts.worker && show());
    show();
  };
  const begin = (): void => {
    ended = run().catch((error: unknown) => {
      setState({ kind: 'unavailable', reason: (error as Error).message, howToGet: [] });
    });
  };
  return {
    begin,
    cancelPreparation: () => cancelled.abort(),
    async stop(immediately) {
      stopping.abort();
      await ended;
      // The worker first: it still wants to tell the server that it goes.
      await parts.worker?.stop({ immediately });
      await parts.server?.stop({ immediately });
    },
  };
}

/** The executable, or `null` when there is none; then the state says why. */
async function prepared(
  options: SoloOptions,
  signal: AbortSignal,
  setState: (state: SoloState) => void,
): Promise<string | null> {
  const taken = (await endLeftovers(options.dataDir)).find(isInTheWay);
  if (taken) {
    setState({ kind: 'unavailable', reason: reasonOfLeftover(taken), howToGet: [] });
    return null;
  }
  const result = await prepareTemporal({
    env: options.env ?? process.env,
    signal,
    nodePath: options.nodePath ?? realNodePath(),
    fetchProgram: options.fetchProgram ?? sourceOf('fetch-temporal.ts'),
    onProgress: (progress) => setState({ kind: 'preparing', ...progress, cancellable: true }),
  });
  if (result.kind === 'prepared') return result.binary.path;
  const reason =
    result.kind === 'cancelled'
      ? 'The preparation of the server was cancelled'
      : ['No Temporal server could be had', ...result.tried.map((each) => `${each.what}: ${each.reason}`)].join('\n');
  setState({ kind: 'unavailable', reason, howToGet });
  return null;
}

type InTheWay = Extract<Leftover, { kind: 'host-alive' | 'survived' }>;
const isInTheWay = (leftover: Leftover): leftover is InTheWay =>
  leftover.kind === 'host-alive' || leftover.kind === 'survived';

function reasonOfLeftover(leftover: InTheWay): string {
  return leftover.kind === 'host-alive'
    ? `Another Countersign (process ${leftover.hostPid}) uses this data folder`
    : `An earlier ${leftover.name} (process ${leftover.pid}) could not be ended`;
}

function startWorker(options: SoloOptions, server: TemporalServer, onState: () => void): SupervisedProcess {
  const env = options.env ?? process.env;
  const config: WorkerConfig = {
    mode: 'solo',
    address: server.address,
    namespace: server.namespace,
    dataDir: join(options.dataDir, 'worker'),
    handoverDir: options.handoverDir ?? join(options.dataDir, 'handover'),
    // Secrets go over the pipe alone: arguments and environment can be read from outside.
    ...servicesFrom(env).services,
    ...(options.workflowBundleFile === undefined ? {} : { workflowBundleFile: options.workflowBundleFile }),
  };
  for (const folder of [config.dataDir, config.handoverDir]) if (folder) mkdirSync(folder, { recursive: true });
  return superviseProcess({
    name: 'worker',
    dataDir: options.dataDir,
    program: () => ({
      file: options.nodePath ?? realNodePath(),
      args: [options.workerProgram ?? sourceOf('main.ts'), '--supervised'],
      env: childEnvironment(env),
    }),
    stdinLine: () => JSON.stringify(config),
    waitUntilReady: saysReady,
    readyLimitMs: 60_000,
    stopLimitMs: 8_000,
    onState,
  });
}

function saysReady({ onLine }: StartingChild): Promise<void> {
  return new Promise((resolve) => {
    onLine((line) => {
      // Everything else it prints is log text.
      if (line.startsWith('{"event":') && workerEventSchema.safeParse(JSON.parse(line)).data?.event === 'ready')
        resolve();
    });
  });
}

/** The server's trouble comes first: without it the worker's means nothing. */
function stateOf({ server, worker }: Parts): SoloState {
  const parts: [part: 'server' | 'worker', state: ProcessState | undefined][] = [
    ['server', server?.state()],
    ['worker', worker?.state()],
  ];
  for (const [part, now] of parts) {
    if (now?.kind === 'restarting') return { ...now, part };
    if (now?.kind !== 'running') return { kind: 'starting', part };
  }
  return server ? { kind: 'ready', address: server.address, namespace: server.namespace } : { kind: 'stopped' };
}

/** Waits for something that `stop()` interrupts; tells whether it did. */
async function stopsBefore(work: Promise<void>, stopping: AbortSignal): Promise<boolean> {
  try {
    await work;
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
  return stopping.aborted;
}
