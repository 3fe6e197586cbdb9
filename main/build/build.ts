// Owns making dist/: `build [page] [electron] [worker] [--if-needed] [--watch]`, everything when nothing is named.
// Says what it does on stderr; stdout stays empty. Knows no host.
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'vite';
import { tryLock } from '../embedded/preparation-lock.ts';
import { electronBundles } from './electron-bundles.ts';
import { electronSources, isOutdated, pageSources, projectRoot } from './sources.ts';
import { buildWorker } from './worker-build.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const dist = (...parts: string[]): string => join(projectRoot, 'dist', ...parts);

/** What can be built: its mark (a file that is there when it was) and how. */
const parts = {
  page: {
    mark: dist('renderer', 'index.html'),
    sources: pageSources,
    make: () => replaceFolder(dist('renderer'), (outDir) => buildPage(outDir)),
  },
  electron: {
    mark: dist('main', 'electron.js'),
    sources: electronSources,
    make: async () => {
      for (const bundle of electronBundles(dist())) await build(bundle);
    },
  },
  worker: {
    mark: dist('worker', 'workflows.cjs'),
    sources: ['worker', 'domain', 'package-lock.json'],
    make: () => replaceFolder(dist('worker'), buildWorker),
  },
} as const;
type Part = keyof typeof parts;

async function buildPage(outDir: string): Promise<void> {
  const configFile = join(projectRoot, 'renderer', 'vite.config.ts');
  await build({ configFile, logLevel: 'error', build: { outDir, emptyOutDir: true } });
}

/** Builds beside the place and swaps, so that a running host never serves half of it. */
async function replaceFolder(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
  const [making, old] = [`${folder}.making`, `${folder}.old`];
  for (const left of [making, old]) rmSync(left, { recursive: true, force: true });
  await make(making);
  try {
    renameSync(folder, old);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  renameSync(making, folder);
  rmSync(old, { recursive: true, force: true });
}

/** One build at a time, whoever else starts: the second finds it done. */
async function run(names: Part[], onlyIfNeeded: boolean): Promise<void> {
  const isNeeded = (name: Part): boolean => !onlyIfNeeded || isOutdated(parts[name].mark, parts[name].sources);
  if (!names.some(isNeeded)) return;
  const lockFolder = join(projectRoot, 'node_modules', '.cache', 'countersign', 'build.lock');
  for (let said = false; ; said = true) {
    const attempt = await tryLock(lockFolder);
    if (attempt.kind === 'busy') {
      if (!said) say(`Another process (${attempt.ownerPid}) is building; waiting for it`);
      await sleep(200);
      continue;
    }
    try {
      for (const name of names.filter(isNeeded)) await makePart(name);
    } finally {
      attempt.lock.release();
    }
    return;
  }
}

async function makePart(name: Part): Promise<void> {
  say(`Building the ${name} …`);
  const startedAtMs = performance.now();
  await parts[name].make();
  say(`Built the ${name} in ${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`);
}

/** Builds the page again whenever its sources change; ends with the process. */
async function watchPage(): Promise<void> {
  const configFile = join(projectRoot, 'renderer', 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { watch: {}, emptyOutDir: false } });
  say('The page is built again whenever its sources change; reload it to see that');
}

// Tests and other callers bring a NODE_ENV of their own, and Vite would keep it: React's slow development build came of that.
process.env['NODE_ENV'] = 'production';

const args = process.argv.slice(2);
const named = args.filter((arg) => !arg.startsWith('--'));
const unknown = named.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0) {
  say(`There is no part ${unknown.join(', ')}; the parts are ${Object.keys(parts).join(', ')}`);
  process.exit(2);
}
try {
  const all = Object.keys(parts) as Part[];
  if (args.includes('--watch')) await watchPage();
  else await run(named.length > 0 ? (named as Part[]) : all, args.includes('--if-needed'));
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
