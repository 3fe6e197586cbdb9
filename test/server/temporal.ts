// Owns real Temporal servers for tests, found, tuned and started by the application's own code.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftovers } from '../../main/embedded/run-records.ts';
import { startTemporal } from '../../main/embedded/temporal-server.ts';
import { preparedTemporalPath } from '../temporal-server.ts';

const folderPrefix = 'countersign-temporal-';

export type TestTemporal = {
  /** `127.0.0.1:PORT` */
  address: string;
  namespace: string;
  dataDir: string;
  /** The server process; another one after it was killed and restarted. */
  pid(): number;
  /** Resolves when the server is running with another pid than this one. */
  runningAgain(otherThanPid: number): Promise<void>;
  /** Kills the server (its database survives that) and removes the folder if this helper made it. */
  stop(): Promise<void>;
};

/** `binary`: prepared when not given. `dataDir`: a temporary one when not given. */
export type TestTemporalOptions = { binary?: string; dataDir?: string; port?: number };

/** A server of its own for a test that kills it or needs an empty one; others use the run's one (`inject('temporalAddress')`). */
export async function startTestTemporal(options: TestTemporalOptions = {}): Promise<TestTemporal> {
  const binary = options.binary ?? (await preparedTemporalPath());
  await endServersOfKilledRuns();
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), folderPrefix));
  const changes = new EventTarget();
  const onState = (): boolean => changes.dispatchEvent(new Event('state'));
  const backoff = { firstDelayMs: 50, maxDelayMs: 1_000, resetAfterMs: 60_000 };
  const server = await startTemporal({ binary, dataDir, port: options.port, onState, backoff });
  const stop = async (): Promise<void> => {
    await server.stop({ immediately: true });
    if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
  };
  await server.whenRunning(AbortSignal.timeout(60_000)).catch(async (error: unknown) => {
    await stop();
    throw error;
  });

  const pidNow = (): number | null => {
    const state = server.state();
    return state.kind === 'running' ? state.pid : null;
  };
  return {
    address: server.address,
    namespace: server.namespace,
    dataDir,
    pid() {
      const pid = pidNow();
      if (pid === null) throw new Error(`the test server is ${server.state().kind}`);
      return pid;
    },
    runningAgain: (otherThanPid) =>
      new Promise((resolve) => {
        const look = (): void => {
          const pid = pidNow();
          if (pid === null || pid === otherThanPid) return;
          changes.removeEventListener('state', look);
          resolve();
        };
        changes.addEventListener('state', look);
        look();
      }),
    stop,
  };
}

/** A test run that was killed could not stop its server; nobody will use that folder again. */
async function endServersOfKilledRuns(): Promise<void> {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(folderPrefix));
  for (const folder of folders.map((name) => join(tmpdir(), name))) {
    const leftovers = await endLeftovers(folder, 0);
    if (leftovers.some(({ kind }) => kind === 'ended' || kind === 'killed'))
      rmSync(folder, { recursive: true, force: true });
  }
}
