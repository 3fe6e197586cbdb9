// The executable of the real Temporal server for a test run, prepared by the application's own code; `server/temporal.ts` starts it.
// It knows no test. What it says goes to the terminal, so that a first build of several minutes is seen to move.
import { fileURLToPath } from 'node:url';
import { prepareTemporal, type PrepareProgress } from '../main/embedded/prepare-temporal.ts';

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

declare module 'vitest' {
  interface ProvidedContext {
    /** The `temporal` executable; in *.server.test.ts and test/e2e/. */
    temporalPath: string;
    /** `127.0.0.1:PORT` of the run's server, namespace `default`; in *.server.test.ts only. */
    temporalAddress: string;
  }
}
