// Owns keeping one child process alive: start, wait until it answers, restart with back-off, stop. Knows no server and no worker.
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLogFile } from './log-file.ts';
import { eachLine, lastLines } from './output-lines.ts';
import { processStart } from './process-identity.ts';
import { removeRunRecord, writeRunRecord } from './run-records.ts';

/** Where the process is. `restarting` carries why it ended, how often in a row it failed, and when it is tried again (ISO-8601). */
export type ProcessState =
  | { kind: 'stopped' }
  | { kind: 'starting'; failures: number }
  | { kind: 'running'; pid: number }
  | { kind: 'restarting'; reason: string; failures: number; nextTryAt: string };

export type Program = { file: string; args: string[]; env: NodeJS.ProcessEnv };

/** What `waitUntilReady` sees of the child. `signal` is aborted when the child ends or the time to get ready is over. */
export type StartingChild = { signal: AbortSignal; onLine: (listener: (line: string) => void) => void };

export type Backoff = { firstDelayMs: number; maxDelayMs: number; resetAfterMs: number };

export type SupervisedOptions = {
  /** Names the log file and the run record: `logs/NAME.log`, `run/NAME.json` in the data folder. */
  name: string;
  dataDir: string;
  /** Asked before each start. Throwing counts as a failed start. */
  program: () => Program | Promise<Program>;
  /** One line written to the child's stdin, which then stays open: its end tells the child that the host is gone. */
  stdinLine?: (() => string) | undefined;
  /** Resolves when the child does its work. */
  waitUntilReady: (child: StartingChild) => Promise<void>;
  readyLimitMs: number;
  /** How long a child may take to end before it is killed. */
  stopLimitMs: number;
  backoff?: Backoff | undefined;
  onState?: ((state: ProcessState) => void) | undefined;
};

export type SupervisedProcess = {
  state(): ProcessState;
  /** Resolves when the process runs for the first time; rejects when it is stopped before, or when `signal` says so. */
  whenRunning(signal?: AbortSignal): Promise<void>;
  /** Ends the process for good. `immediately` skips the polite part. Can be called more than once. */
  stop(how?: { immediately?: boolean }): Promise<void>;
};

export const defaultBackoff: Backoff = { firstDelayMs: 250, maxDelayMs: 30_000, resetAfterMs: 60_000 };

/** Delay before the next start after so many failures in a row: doubling up to the limit, ±25 % by `random` (0 to 1). */
export function restartDelayMs(failures: number, backoff: Backoff, random: number): number {
  const doubled = Math.min(backoff.maxDelayMs, backoff.firstDelayMs * 2 ** Math.max(0, failures - 1));
  return Math.round(doubled * (0.75 + random / 2));
}

/** Starts a child and keeps it running until `stop()`. Its output goes to a log file in the data folder. */
export function superviseProcess(options: SupervisedOptions): SupervisedProcess {
  const backoff = options.backoff ?? defaultBackoff;
  const log = openLogFile(join(options.dataDir, 'logs', `${options.name}.log`));
  const stop = newStopRequest();
  const running = Promise.withResolvers<void>();
  running.promise.catch(() => undefined); // Nobody has to ask; who asks gets the rejection.
  let state: ProcessState = { kind: 'starting', failures: 0 };

  const setState = (next: ProcessState): void => {
    state = next;
    log.line(`[host] ${JSON.stringify(next)}`);
    if (next.kind === 'running') running.resolve();
    options.onState?.(next);
  };
  const keepRunning = async (): Promise<void> => {
    for (let failures = 0; !stop.signal.aborted;) {
      setState({ kind: 'starting', failures });
      const run = await runOnce(options, stop, log.line, (pid) => setState({ kind: 'running', pid }));
      if (stop.signal.aborted) break;
      failures = run.upMs >= backoff.resetAfterMs ? 1 : failures + 1;
      const delayMs = restartDelayMs(failures, backoff, Math.random());
      const nextTryAt = new Date(Date.now() + delayMs).toISOString();
      setState({ kind: 'restarting', reason: run.reason, failures, nextTryAt });
      await sleep(delayMs, undefined, { signal: stop.signal }).catch(ignoreAbort);
    }
    setState({ kind: 'stopped' });
    running.reject(new Error(`${options.name} was stopped`));
  };
  const finished = keepRunning();

  return {
    state: () => state,
    whenRunning: (signal) => (signal ? Promise.race([running.promise, aborted(signal)]) : running.promise),
    async stop({ immediately = false } = {}) {
      stop.request(immediately);
      await finished;
    },
  };
}

/** What `stop()` asks of the run that is going on. `requested` and `killRequested` are made once, so restarts leave no listeners. */
type StopRequest = {
  signal: AbortSignal;
  requested: Promise<'stop'>;
  killRequested: Promise<void>;
  request(immediately: boolean): void;
};

function newStopRequest(): StopRequest {
  const [stop, kill] = [new AbortController(), Promise.withResolvers<void>()];
  return {
    signal: stop.signal,
    requested: aborted(stop.signal).catch(() => 'stop' as const),
    killRequested: kill.promise,
    request(immediately) {
      if (immediately) kill.resolve();
      stop.abort();
    },
  };
}

type Run = { reason: string; upMs: number };

async function runOnce(
  options: SupervisedOptions,
  stop: StopRequest,
  log: (line: string) => void,
  onRunning: (pid: number) => void,
): Promise<Run> {
  let child: ChildProcess;
  try {
    child = await spawnChild(options);
  } catch (error) {
    return { reason: `it could not be started: ${messageOf(error)}`, upMs: 0 };
  }
  const startedAtMs = Date.now();
  const ended = new AbortController();
  const errorLines = lastLines(3);
  const listeners: ((line: string) => void)[] = [];
  if (child.stdout) eachLine(child.stdout, (line) => [log, ...listeners].forEach((listener) => listener(line)));
  if (child.stderr) eachLine(child.stderr, (line) => [log, errorLines.add].forEach((listener) => listener(line)));
  const exited = exitOf(child).finally(() => ended.abort());

  const ready = becomeReady(options, { signal: ended.signal, onLine: (listener) => listeners.push(listener) });
  const outcome = await Promise.race([ready, exited, stop.requested]);
  if (outcome === 'ready') {
    onRunning(child.pid as number);
    await Promise.race([exited, stop.requested]);
  }
  const how = await endChild(child, exited, options.stopLimitMs, stop.killRequested);
  removeRunRecord(options.dataDir, options.name);
  const why = typeof outcome === 'object' ? outcome.notReady : how;
  return { reason: [why, errorLines.text()].filter(Boolean).join(': '), upMs: Date.now() - startedAtMs };
}

async function spawnChild(options: SupervisedOptions): Promise<ChildProcess> {
  const { file, args, env } = await options.program();
  // In its own group, so that Ctrl-C in a terminal reaches only the host, which then stops its children in order.
  const detached = process.platform !== 'win32';
  const stdin = options.stdinLine ? 'pipe' : 'ignore';
  const child = spawn(file, args, { env, detached, windowsHide: true, stdio: [stdin, 'pipe', 'pipe'] });
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const pid = child.pid as number;
  try {
    writeRunRecord(options.dataDir, options.name, { pid, startedAt: processStart(pid) });
  } catch (error) {
    // Without a record nobody would end it after a kill of the host.
    child.kill('SIGKILL');
    throw error;
  }
  // A child that dies at once breaks the pipe; why it died is told by its exit.
  child.stdin?.on('error', () => undefined);
  if (options.stdinLine) child.stdin?.write(`${options.stdinLine()}\n`);
  return child;
}

async function becomeReady(
  options: SupervisedOptions,
  child: StartingChild,
): Promise<'ready' | 'ended' | { notReady: string }> {
  const limit = AbortSignal.timeout(options.readyLimitMs);
  const signal = AbortSignal.any([child.signal, limit]);
  try {
    await Promise.race([options.waitUntilReady({ ...child, signal }), aborted(signal)]);
    return 'ready';
  } catch (error) {
    if (child.signal.aborted) return 'ended';
    if (limit.aborted) return { notReady: `it did not answer within ${options.readyLimitMs / 1_000} s` };
    return { notReady: messageOf(error) };
  }
}

/** Ends a child if it still runs and says in words how it ended. */
async function endChild(
  child: ChildProcess,
  exited: Promise<string>,
  stopLimitMs: number,
  killRequested: Promise<void>,
): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) {
    const kill = (): boolean => child.kill('SIGKILL');
    child.stdin?.end();
    child.kill('SIGTERM');
    void killRequested.then(kill);
    const killer = setTimeout(kill, stopLimitMs);
    await exited;
    clearTimeout(killer);
  }
  return exited;
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    const told = (code: number | null, signal: string | null): void =>
      resolve(signal ? `it was ended by ${signal}` : `it ended with code ${code}`);
    child.once('close', told);
    // A grandchild can hold the pipes open for ever: its last words are waited for, but not for long.
    child.once('exit', (code, signal) => setTimeout(() => told(code, signal), 1_000).unref());
  });
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  if (signal.aborted) reject(signal.reason as Error);
  else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  return promise;
}

function ignoreAbort(error: unknown): void {
  if ((error as Error).name !== 'AbortError') throw error;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
