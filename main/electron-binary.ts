// Owns whether Electron's binary is here, and fetching it. Never imports electron: that would start a download by itself.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { runToEnd } from './embedded/run-to-end.ts';

export type ElectronBinary =
  { kind: 'here'; path: string; version: string } | { kind: 'missing'; reason: string; packageFolder: string | null };

/** Looks for the file that the package's `path.txt` names (some milliseconds). */
export function findElectron(packageFolder: string | null = electronPackage()): ElectronBinary {
  if (packageFolder === null)
    return { kind: 'missing', reason: 'the package electron is not installed', packageFolder };
  const pathFile = join(packageFolder, 'path.txt');
  if (!existsSync(pathFile)) return { kind: 'missing', reason: 'its binary was not fetched yet', packageFolder };
  const path = join(packageFolder, 'dist', readFileSync(pathFile, 'utf8').trim());
  if (!existsSync(path)) return { kind: 'missing', reason: `${path} is not there`, packageFolder };
  const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return { kind: 'here', path, version };
}

function electronPackage(): string | null {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    // A production install has none.
    return null;
  }
}

export interface FetchOptions {
  limitMs: number;
  signal: AbortSignal;
  say(line: string): void;
}

/** Fetches the binary with the package's own program. Never rejects; the reason of a failure is for people. */
export async function fetchElectron({ limitMs, signal, say }: FetchOptions): Promise<ElectronBinary> {
  const before = findElectron();
  if (before.kind === 'here' || before.packageFolder === null) return before;
  const startedAtMs = Date.now();
  const limit = AbortSignal.timeout(limitMs);
  say(`Fetching Electron's binary (at most ${limitMs / 1_000} s) …`);
  const ticking = setInterval(() => say(`Fetching Electron's binary: ${elapsed(startedAtMs)} so far`), 10_000);
  const said: string[] = [];
  const result = await runToEnd({
    file: process.execPath,
    onLine: (line) => said.push(line),
    args: [join(before.packageFolder, 'install.js')],
    env: process.env,
    signal: AbortSignal.any([signal, limit]),
  });
  clearInterval(ticking);
  const after = findElectron();
  if (after.kind === 'here') return after;
  return { ...after, reason: whyNot(result, said, limit.aborted, limitMs) };
}

type Result = Awaited<ReturnType<typeof runToEnd>>;

function whyNot(result: Result, said: readonly string[], isTooLate: boolean, limitMs: number): string {
  if (result.kind === 'aborted') return isTooLate ? `it was not here after ${limitMs / 1_000} s` : 'it was interrupted';
  if (result.kind === 'not-started') return result.reason;
  // Errors name their cause further down; the rest is where in the program it happened.
  const reasons = said.filter((line) => /error|cause/i.test(line)).map((line) => line.replace('[cause]:', '').trim());
  const telling = [...new Set([reasons[0], reasons.find((line) => /\bE[A-Z]{4,}|\b[45]\d\d\b/.test(line))])];
  return telling.filter(Boolean).join(': ').replace(/ \{$/, '') || `its program ended with code ${result.code}`;
}

const elapsed = (sinceMs: number): string => `${Math.round((Date.now() - sinceMs) / 1_000)} s`;
