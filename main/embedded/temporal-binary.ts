// Owns which `temporal` executable is used: finding one, or saying how one could be had. Changes nothing on the disk.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import envPaths from 'env-paths';
import { findExecutable, isExecutable } from './find-executable.ts';

/** The version that is downloaded or built when none is found. v1.6.0 and later cannot be built by `go install`. */
export const pinnedCliVersion = '1.5.1';

/** What its go.mod asks for. Go from 1.21 on fetches that toolchain by itself, unless it is told not to. */
const goNeeded = '1.25.0';
const goThatFetches = '1.21.0';

export type TemporalBinary = {
  path: string;
  from: 'TEMPORAL_CLI' | 'PATH' | 'cache';
  /** `0.0.0-DEV` when it was built from source. */
  cliVersion: string;
  serverVersion: string | null;
};

/** A way to get an executable that was not tried yet. */
export type Way = { kind: 'download' } | { kind: 'build'; goPath: string; goVersion: string };

/** Something that looked usable and is not, or a way that is closed. `reason` is for people. */
export type Refusal = { what: 'TEMPORAL_CLI' | 'PATH' | 'cache' | 'download' | 'build'; reason: string };

/** `missing` without ways means that nothing can be done here but what `howToGet` says. */
export type FoundTemporal =
  { kind: 'found'; binary: TemporalBinary; refused: Refusal[] } | { kind: 'missing'; ways: Way[]; refused: Refusal[] };

/** What a person can do to get a server. */
export const howToGet: readonly string[] = [
  'Install the Temporal CLI so that `temporal` is on the PATH (https://docs.temporal.io/cli#install)',
  'or set TEMPORAL_CLI to the path of a `temporal` executable',
  `or install Go ${goNeeded} or later and start again: the server is then built from source, in some minutes`,
  'or set TEMPORAL_ADDRESS to a Temporal server that runs elsewhere.',
];

/** Where the application keeps what can be made again: `COUNTERSIGN_CACHE`, else the platform's place. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['COUNTERSIGN_CACHE'] || envPaths('countersign', { suffix: '' }).cache;
}

/** Where the application keeps its own `temporal`. */
export function cachedTemporalPath(env: NodeJS.ProcessEnv = process.env): string {
  const name = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return join(cacheFolder(env), 'temporal', pinnedCliVersion, name);
}

/**
 * Looks for a `temporal` that starts: `TEMPORAL_CLI`, then the PATH, then the cache; whatever version it is. Where there is none, it tells
 * the ways to get one. Starts each candidate once for its version (about 0.1 s) and never rejects.
 */
export async function findTemporal(env: NodeJS.ProcessEnv = process.env): Promise<FoundTemporal> {
  const refused: Refusal[] = [];
  for (const { from, path } of candidates(env)) {
    const asked = await askVersion(path, env);
    if (asked.kind === 'answered') {
      const { cliVersion, serverVersion } = asked;
      return { kind: 'found', binary: { path, from, cliVersion, serverVersion }, refused };
    }
    refused.push({ what: from, reason: `${path}: ${asked.reason}` });
  }
  const ways: Way[] = [];
  const download = refuseDownload();
  if (download) refused.push(download);
  else ways.push({ kind: 'download' });
  const build = await findGo(env);
  if (build.kind === 'build') ways.push(build);
  else refused.push({ what: 'build', reason: build.reason });
  return { kind: 'missing', ways, refused };
}

function candidates(env: NodeJS.ProcessEnv): { from: TemporalBinary['from']; path: string }[] {
  const named = env['TEMPORAL_CLI'];
  const onPath = findExecutable('temporal', env);
  const cached = cachedTemporalPath(env);
  return [
    ...(named ? [{ from: 'TEMPORAL_CLI', path: named } as const] : []),
    ...(onPath ? [{ from: 'PATH', path: onPath } as const] : []),
    ...(isExecutable(cached) ? [{ from: 'cache', path: cached } as const] : []),
  ];
}

type Version = { kind: 'answered'; cliVersion: string; serverVersion: string | null } | { kind: 'no'; reason: string };

/** Starts an executable for its version, which also shows that it starts at all on this machine. */
export async function askVersion(path: string, env: NodeJS.ProcessEnv): Promise<Version> {
  const output = await outputOf(path, ['--version'], env);
  if (output.kind === 'failed') return { kind: 'no', reason: output.reason };
  // "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"
  const match = /^temporal version (\S+)(?: \(Server ([^,)]+))?/.exec(output.text);
  if (!match?.[1]) return { kind: 'no', reason: `it is no Temporal CLI: it answered "${output.text.slice(0, 80)}"` };
  return { kind: 'answered', cliVersion: match[1], serverVersion: match[2] ?? null };
}

/** The download exists for these; everything else has to build or bring its own. */
function refuseDownload(): Refusal | null {
  const known = ['linux', 'darwin', 'win32'].includes(process.platform) && ['x64', 'arm64'].includes(process.arch);
  return known ? null : { what: 'download', reason: `there is no download for ${process.platform} ${process.arch}` };
}

async function findGo(env: NodeJS.ProcessEnv): Promise<(Way & { kind: 'build' }) | { kind: 'no-go'; reason: string }> {
  const goPath = findExecutable('go', env);
  if (!goPath) return { kind: 'no-go', reason: 'there is no `go` on the PATH' };
  const output = await outputOf(goPath, ['env', '-json', 'GOVERSION', 'GOTOOLCHAIN'], env);
  if (output.kind === 'failed') return { kind: 'no-go', reason: `${goPath}: ${output.reason}` };
  const told = /"GOVERSION":\s*"go([\d.]+)/.exec(output.text)?.[1];
  if (!told) return { kind: 'no-go', reason: `${goPath} did not tell its version` };
  const stays = /"GOTOOLCHAIN":\s*"local"/.test(output.text);
  const needed = stays ? goNeeded : goThatFetches;
  if (isOlder(told, needed)) return { kind: 'no-go', reason: `${goPath} is Go ${told}, and ${needed} is needed` };
  return { kind: 'build', goPath, goVersion: told };
}

/** Whether one dotted version comes before another. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number));
  for (let n = 0; n < 3; n += 1) {
    const difference = (left?.[n] ?? 0) - (right?.[n] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

type Output = { kind: 'text'; text: string } | { kind: 'failed'; reason: string };

async function outputOf(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<Output> {
  try {
    const { stdout } = await promisify(execFile)(file, args, { env, timeout: 15_000, windowsHide: true });
    return { kind: 'text', text: stdout.trim() };
  } catch (error) {
    return { kind: 'failed', reason: (error as Error).message.trim() };
  }
}
