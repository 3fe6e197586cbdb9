// Row 10: from the start of the core's process to the first 50 rows of a cached version, against a bare Node that says one word.
// The program is the one that Electron starts, bundled as it is shipped; a second contestant runs it from the sources, as `npm start` does.
// A team's server is configured and not there, so the core tries to connect from its first moment, as on any morning in a train.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandInput, Result } from '../../../preload/contract.ts';
import type { FromCore, ToCore } from '../../../main/core-messages.ts';
import type { Bench, Figures } from '../bench.ts';
import { makeLaptop, versionId } from '../cached-laptop.ts';

const root = join(import.meta.dirname, '../../..');
/** Inside the project, where the bundle finds the native module that it does not hold. */
const bundleFolder = join(root, 'node_modules/.cache/countersign/bench');
const bundledCore = join(bundleFolder, 'main/core-process.js');
const sourceCore = join(root, 'main/core-process.ts');
const port = join(import.meta.dirname, '../programs/parent-port.mjs');
const startsPerRun = 5;

async function fixture(folder: string): Promise<void> {
  await makeLaptop(folder, 10_000);
  const { build } = await import('vite');
  const { electronBundles } = await import('../../../main/build/electron-bundles.ts');
  mkdirSync(bundleFolder, { recursive: true });
  const [core] = electronBundles(bundleFolder);
  if (core) await build(core);
}

/** Starts `program` some times; the median start counts. */
async function starts(work: () => Promise<Figures>): Promise<Figures> {
  const all: Figures[] = [];
  for (let start = 0; start < startsPerRun; start += 1) all.push(await work());
  const middle = all.toSorted((a, b) => (a['ready'] ?? 0) - (b['ready'] ?? 0))[Math.floor(startsPerRun / 2)];
  return { ...middle };
}

async function startBare(folder: string): Promise<Figures> {
  const program = join(folder, 'bare.mjs');
  writeFileSync(program, "process.send('ready');\n");
  const startedAtMs = performance.now();
  const child = fork(program, { stdio: 'ignore' });
  await once(child, 'message');
  const ready = performance.now() - startedAtMs;
  await ended(child);
  return { ready };
}

async function startCore(program: string, folder: string, watch: boolean): Promise<Figures> {
  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: '127.0.0.1:9',
    ...(watch ? { COUNTERSIGN_BENCH_WATCH: '1' } : {}),
  };
  const startedAtMs = performance.now();
  const child = fork(program, { execArgv: ['--import', port], stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env });
  const say = (message: ToCore): boolean => child.send(message);
  say({ kind: 'open', dataDir: folder, profile: 'olga', seal: null, programs: {} });
  const opened = await heard(child, 'opened');
  const openedMs = performance.now() - startedAtMs;
  const input: CommandInput<'version:items'> = { versionId, offset: 0, limit: 50 };
  say({ kind: 'ask', id: 1, name: 'version:items', input });
  const answer = await heard(child, 'answer');
  const ready = performance.now() - startedAtMs;
  const result = answer.result as Result<{ rows: unknown[] }>;
  if (!result.ok || result.value.rows.length !== 50) throw new Error(JSON.stringify(result).slice(0, 500));
  say({ kind: 'close' });
  await ended(child);
  return { ready, opened: openedMs, temporalModules: answer.temporalModules, loadedWhenOpened: opened.temporalModules };
}

type Heard<Kind> = Extract<FromCore, { kind: Kind }> & { temporalModules: number };

function heard<Kind extends FromCore['kind']>(child: ChildProcess, kind: Kind): Promise<Heard<Kind>> {
  return new Promise((resolve, reject) => {
    const listen = (message: Heard<Kind>): void => {
      if (message.kind === 'failed') reject(new Error((message as unknown as { message: string }).message));
      if (message.kind !== kind) return;
      child.off('message', listen);
      resolve(message);
    };
    child.on('message', listen);
    child.once('exit', (code) => reject(new Error(`the core ended with ${String(code)} before it said "${kind}"`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

export const bench: Bench = {
  name: 'cold-start',
  shows: 'row 10: start of the core’s process to the first 50 rows, 10,000 cached',
  rounds: 5,
  fixture,
  contestants: {
    core: (folder) => starts(() => startCore(bundledCore, folder, false)),
    bare: (folder) => starts(() => startBare(folder)),
    'core from sources': (folder) => starts(() => startCore(sourceCore, folder, false)),
    'core, watched': (folder) => startCore(bundledCore, folder, true),
  },
  comparisons: [
    {
      says: 'bundled as shipped',
      ours: { contestant: 'core', figure: 'ready' },
      theirs: { contestant: 'bare', figure: 'ready' },
      goal: { kind: 'plus-ms', most: 20 },
    },
    {
      says: 'from the sources',
      ours: { contestant: 'core from sources', figure: 'ready' },
      theirs: { contestant: 'bare', figure: 'ready' },
      goal: { kind: 'plus-ms', most: 20 },
    },
    {
      says: 'modules of Temporal’s client that are loaded by then',
      ours: { contestant: 'core, watched', figure: 'temporalModules' },
      goal: { kind: 'at-most', most: 0, unit: 'modules' },
    },
  ],
};
