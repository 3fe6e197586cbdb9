// Owns getting a `temporal` executable where none is found: the SDK's pinned download, else a build with Go, into the app's cache.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tryLock, type PreparationLock } from './preparation-lock.ts';
import { runToEnd, type RunResult } from './run-to-end.ts';
import {
  askVersion,
  cachedTemporalPath,
  findTemporal,
  howToGet,
  pinnedCliVersion,
  type Refusal,
  type TemporalBinary,
  type Way,
} from './temporal-binary.ts';

/** What is being done. `waiting`: another process prepares the same thing. `fraction` is 0 to 1, `null` when it cannot be told. */
export type PrepareProgress = {
  step: 'looking' | 'waiting' | 'downloading' | 'building' | 'checking';
  elapsedMs: number;
  expectedMs: number | null;
  fraction: number | null;
  detail: string;
};

export type PreparedTemporal =
  | { kind: 'prepared'; binary: TemporalBinary; refused: Refusal[] }
  | { kind: 'unavailable'; tried: Refusal[]; howToGet: readonly string[] }
  | { kind: 'cancelled' };

export type PrepareOptions = {
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  onProgress?: (progress: PrepareProgress) => void;
  /** A real Node (not Electron) and the program that downloads, `worker/fetch-temporal.ts` or its build. */
  nodePath: string;
  fetchProgram: string;
};

/** What a build prints with `-v` when nothing of it is in Go's own cache: one line a package. */
const packagesToBuild = 1_298;
/** Measured: 154 s on two cores, downloads of the sources included. */
const buildCoreMs = 300_000;
const downloadMs = 30_000;

/**
 * Returns a usable executable, made if need be. Never rejects: what went wrong is in `tried`. Two processes that prepare at once do not
 * collide: the second waits for the first and then uses what it made.
 */
export async function prepareTemporal(options: PrepareOptions): Promise<PreparedTemporal> {
  const context = newContext(options);
  try {
    context.report({ step: 'looking', detail: 'Looking for Temporal' });
    const found = await findTemporal(context.env);
    if (found.kind === 'found') return { kind: 'prepared', binary: found.binary, refused: found.refused };
    if (found.ways.length === 0) return { kind: 'unavailable', tried: found.refused, howToGet };
    return await prepareLocked(context, found.refused);
  } catch (error) {
    if (context.signal.aborted) return { kind: 'cancelled' };
    const reason = `${dirname(cachedTemporalPath(context.env))}: ${(error as Error).message}`;
    return { kind: 'unavailable', tried: [{ what: 'cache', reason }], howToGet };
  } finally {
    context.end();
  }
}

type Context = {
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  options: PrepareOptions;
  report(now: { step: PrepareProgress['step']; detail: string; expectedMs?: number; fraction?: number | null }): void;
  end(): void;
};

/** Reports each step at once and again every second, so that the elapsed time moves. */
function newContext(options: PrepareOptions): Context {
  const startedAtMs = Date.now();
  let last: PrepareProgress = { step: 'looking', elapsedMs: 0, expectedMs: null, fraction: null, detail: '' };
  const tell = (): void => options.onProgress?.({ ...last, elapsedMs: Date.now() - startedAtMs });
  const ticking = setInterval(tell, 1_000);
  return {
    env: options.env ?? process.env,
    signal: options.signal ?? new AbortController().signal,
    options,
    report({
      step,
      detail,
      expectedMs = null,
      fraction = null,
    }: Partial<PrepareProgress> & Pick<PrepareProgress, 'step' | 'detail'>) {
      last = { ...last, step, detail, expectedMs, fraction };
      tell();
    },
    end: () => clearInterval(ticking),
  };
}

async function prepareLocked(context: Context, refused: Refusal[]): Promise<PreparedTemporal> {
  const lock = await waitForLock(context);
  try {
    // Whoever had the lock before may have made it.
    const found = await findTemporal(context.env);
    if (found.kind === 'found') return { kind: 'prepared', binary: found.binary, refused: found.refused };
    const tried = [...refused];
    for (const way of found.ways) {
      const reason = await tryWay(context, lock, way);
      context.signal.throwIfAborted();
      if (reason === null) return await checked(context, tried);
      tried.push({ what: way.kind, reason });
    }
    return { kind: 'unavailable', tried, howToGet };
  } finally {
    lock.release();
  }
}

async function waitForLock({ env, signal, report }: Context): Promise<PreparationLock> {
  for (;;) {
    const attempt = await tryLock(`${dirname(cachedTemporalPath(env))}.lock`);
    if (attempt.kind === 'locked') return attempt.lock;
    report({ step: 'waiting', detail: `Another process (${attempt.ownerPid}) prepares the server` });
    await sleep(500, undefined, { signal });
  }
}

/** Makes the executable in a folder of its own and moves it into the cache. Returns the reason when it could not. */
async function tryWay(context: Context, lock: PreparationLock, way: Way): Promise<string | null> {
  const target = cachedTemporalPath(context.env);
  const making = `${dirname(target)}.making`;
  // Left by somebody who was killed; the lock says that nobody uses it now.
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  try {
    const made =
      way.kind === 'download' ? await download(context, lock, making) : await build(context, lock, way, making);
    if (made.kind === 'failed') return made.reason;
    mkdirSync(dirname(target), { recursive: true });
    renameSync(made.path, target);
    return null;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

type Made = { kind: 'made'; path: string } | { kind: 'failed'; reason: string };

/** The program downloads with the SDK's own code; it ends by itself when nothing comes for 20 s. */
async function download(
  { env, signal, options, report }: Context,
  lock: PreparationLock,
  folder: string,
): Promise<Made> {
  const say = (detail: string): void => report({ step: 'downloading', detail, expectedMs: downloadMs });
  let path: string | null = null;
  let failure: string | null = null;
  say(`Downloading Temporal ${pinnedCliVersion}`);
  const result = await runToEnd({
    file: options.nodePath,
    args: [options.fetchProgram, folder, pinnedCliVersion],
    env,
    signal,
    onStart: (pid) => lock.noteHelper(pid),
    onLine: (line) => {
      const event = fetchEvent(line);
      if (event?.event === 'progress')
        say(`${Math.round(event.bytes / 1_000_000)} MB of Temporal ${pinnedCliVersion} are here`);
      if (event?.event === 'done') path = event.path;
      if (event?.event === 'failed') failure = event.reason;
    },
  });
  if (result.kind === 'ended' && result.code === 0 && path) return { kind: 'made', path };
  return { kind: 'failed', reason: failure ?? reasonOf(result) };
}

type FetchEvent =
  { event: 'progress'; bytes: number } | { event: 'done'; path: string } | { event: 'failed'; reason: string };

function fetchEvent(line: string): FetchEvent | null {
  // Its log lines come on the same pipe.
  return line.startsWith('{"event":') ? (JSON.parse(line) as FetchEvent) : null;
}

async function build(
  { env, signal, report }: Context,
  lock: PreparationLock,
  { goPath, goVersion }: Way & { kind: 'build' },
  folder: string,
): Promise<Made> {
  const expectedMs = Math.max(60_000, buildCoreMs / availableParallelism());
  let built = 0;
  const say = (detail: string): void =>
    report({ step: 'building', detail, expectedMs, fraction: Math.min(0.95, built / packagesToBuild) });
  say(`Building Temporal ${pinnedCliVersion} with Go ${goVersion}`);
  const result = await runToEnd({
    file: goPath,
    args: ['install', '-v', `github.com/temporalio/cli/cmd/temporal@v${pinnedCliVersion}`],
    // A folder for the result is refused when another platform is built for.
    env: { ...env, GOBIN: folder, GOOS: undefined, GOARCH: undefined, GOFLAGS: undefined },
    cwd: folder,
    signal,
    onStart: (pid) => lock.noteHelper(pid),
    onLine: (line) => {
      if (!line.startsWith('go: ')) built += 1;
      say(line);
    },
  });
  if (result.kind !== 'ended' || result.code !== 0) return { kind: 'failed', reason: reasonOf(result) };
  return { kind: 'made', path: join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal') };
}

async function checked({ env, report }: Context, tried: Refusal[]): Promise<PreparedTemporal> {
  report({ step: 'checking', detail: 'Starting it for its version' });
  const path = cachedTemporalPath(env);
  const version = await askVersion(path, env);
  if (version.kind === 'no') {
    return {
      kind: 'unavailable',
      tried: [...tried, { what: 'cache', reason: `${path}: ${version.reason}` }],
      howToGet,
    };
  }
  const { cliVersion, serverVersion } = version;
  return { kind: 'prepared', binary: { path, from: 'cache', cliVersion, serverVersion }, refused: tried };
}

function reasonOf(result: RunResult): string {
  if (result.kind === 'aborted') return 'it was cancelled';
  if (result.kind === 'not-started') return result.reason;
  return result.lastWords || `it ended with code ${result.code}`;
}
