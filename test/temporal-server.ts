// The real Temporal server of a test run: prepared by the application's own code, started once, in a folder of its own.
// It knows no test. What it says goes to the terminal, so that a first build of several minutes is seen to move.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareTemporal, type PrepareProgress } from '../main/embedded/prepare-temporal.ts';
import { startTemporal } from '../main/embedded/temporal-server.ts';

const fetchProgram = fileURLToPath(new URL('../worker/fetch-temporal.ts', import.meta.url));
const sayEveryMs = 15_000;

function sayProgress(): (progress: PrepareProgress) => void {
  let said: { step: string; atMs: number } = { step: 'looking', atMs: 0 };
  return ({ step, elapsedMs, fraction, detail }) => {
    if (step === said.step && elapsedMs - said.atMs < sayEveryMs) return;
    said = { step, atMs: elapsedMs };
    const share = fraction === null ? '' : `, ${Math.round(fraction * 100)} %`;
    console.log(`temporal: ${step}, ${Math.round(elapsedMs / 1_000)} s${share}: ${detail}`);
  };
}

/** The path of a usable `temporal`, made first where there is none. Throws with what was tried and how to get one. */
export async function preparedTemporalPath(): Promise<string> {
  const prepared = await prepareTemporal({ nodePath: process.execPath, fetchProgram, onProgress: sayProgress() });
  if (prepared.kind === 'prepared') return prepared.binary.path;
  if (prepared.kind === 'cancelled') throw new Error('preparing the Temporal server was cancelled');
  const tried = prepared.tried.map(({ what, reason }) => `  ${what}: ${reason}`);
  throw new Error(['No Temporal server could be had:', ...tried, ...prepared.howToGet].join('\n'));
}

/** A server of its own, with its data folder; `stop` ends the one and removes the other. */
export interface RunServer {
  /** `127.0.0.1:PORT` */
  address: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port and waits until it serves. */
export async function startRunServer(binary: string): Promise<RunServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-test-temporal-'));
  const server = await startTemporal({ binary, dataDir });
  const stop = async (): Promise<void> => {
    await server.stop({ immediately: true });
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await server.whenRunning(AbortSignal.timeout(60_000));
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: server.address, stop };
}

declare module 'vitest' {
  interface ProvidedContext {
    /** The `temporal` executable; in *.server.test.ts and test/e2e/. */
    temporalPath: string;
    /** `127.0.0.1:PORT` of the run's server, namespace `default`; in *.server.test.ts only. */
    temporalAddress: string;
  }
}
