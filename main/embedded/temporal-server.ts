// Owns running the embedded Temporal server of one data folder: its flags, port, database and readiness. Knows no worker and no SDK.
import { closeSync, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { createServer, connect as connectTo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { childEnvironment } from './child-environment.ts';
import {
  superviseProcess,
  type Backoff,
  type ProcessState,
  type Program,
  type StartingChild,
} from './supervised-process.ts';
import { temporalServes } from './temporal-health.ts';

export type TemporalServerOptions = {
  /** The `temporal` executable. */
  binary: string;
  /** `temporal.db`, logs and run record live here. */
  dataDir: string;
  /** A free one is taken when none is given; it stays the same over restarts, so that clients find the server again. */
  port?: number | undefined;
  onState?: ((state: ProcessState) => void) | undefined;
  backoff?: Backoff | undefined;
};

export type TemporalServer = {
  /** `127.0.0.1:PORT` */
  address: string;
  namespace: string;
  state(): ProcessState;
  /** Resolves when the server serves for the first time. */
  whenRunning(signal?: AbortSignal): Promise<void>;
  /** Takes about a second; `immediately` kills, which the server's database survives. */
  stop(how?: { immediately?: boolean }): Promise<void>;
};

/** The server makes this one by itself. */
export const embeddedNamespace = 'default';

/** The settings that design decision 13 measured, as `temporal server start-dev` takes them. */
export const tunedFlags: readonly string[] = [
  // The development defaults look into each queue 20 times a second: each task waits up to 50 ms.
  ...dynamic('history.transferProcessorMaxPollRPS', 2_000),
  ...dynamic('history.timerProcessorMaxPollRPS', 2_000),
  ...dynamic('history.visibilityProcessorMaxPollRPS', 2_000),
  // Else timers under a second fire after a second.
  ...dynamic('history.timerProcessorMaxTimeShift', '20ms'),
  // What the server forgets after its ack is sent again (decision 3).
  ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'],
];

/** Starts the server and keeps it running. Resolves as soon as its port is known; `whenRunning` tells when it serves. */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalServer> {
  mkdirSync(options.dataDir, { recursive: true });
  const port = options.port ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  const supervised = superviseProcess({
    name: 'temporal',
    dataDir: options.dataDir,
    program: () => serverProgram(options.binary, options.dataDir, port),
    waitUntilReady: async (child: StartingChild) => {
      while (!(await temporalServes(address, embeddedNamespace))) await sleep(25, undefined, { signal: child.signal });
      markDatabaseUsable(options.dataDir);
    },
    readyLimitMs: 60_000,
    stopLimitMs: 5_000,
    onState: options.onState,
    backoff: options.backoff,
  });
  return { address, namespace: embeddedNamespace, ...supervised };
}

async function serverProgram(binary: string, dataDir: string, port: number): Promise<Program> {
  // Else the answer of whoever has the port now would be taken for our server's.
  if (!(await portIsFree(port))) throw new Error(`port ${port} is used by another program`);
  setUnfinishedDatabaseAside(dataDir);
  const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)];
  args.push(
    '--db-filename',
    join(dataDir, 'temporal.db'),
    '--log-format',
    'json',
    '--log-level',
    'warn',
    ...tunedFlags,
  );
  return { file: binary, args, env: childEnvironment(process.env) };
}

// The server makes its schema only when the file is missing. Killed in the middle of its first start it would never start again;
// nobody has had an answer from such a database, so a new one loses nothing.
const usableMark = 'temporal.db.usable';

function setUnfinishedDatabaseAside(dataDir: string): void {
  const file = join(dataDir, 'temporal.db');
  if (!existsSync(file) || existsSync(join(dataDir, usableMark))) return;
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(file + part)) renameSync(file + part, `${file}.unfinished-${Date.now()}${part}`);
  }
}

function markDatabaseUsable(dataDir: string): void {
  closeSync(openSync(join(dataDir, usableMark), 'a'));
}

/** A port of 127.0.0.1 that nobody uses and that the system does not hand out to others for the next minute. */
export async function freePort(): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  // A connection that the listening side closes first keeps the port reserved for a while.
  await new Promise<void>((resolve, reject) => {
    connectTo(address.port, '127.0.0.1')
      .once('close', () => resolve())
      .once('error', reject)
      .resume();
  });
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

function portIsFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function dynamic(key: string, value: number | string): [string, string] {
  // The quotes of a text are part of its value.
  return ['--dynamic-config-value', `${key}=${JSON.stringify(value)}`];
}
