// `npm run soak -- [NAME …] [--list]`: what takes too long for every run of the tests. Ends with 1 when one of them fails.
// The tests of files are those of `npm test` with the whole figures; COUNTERSIGN_KILLS, COUNTERSIGN_ODD_SIGNALS and
// COUNTERSIGN_SEED change them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importTwoGigabytes } from './import-2gb.ts';

const root = join(import.meta.dirname, '../..');

interface Soak {
  shows: string;
  /** Whether all was as it has to be. */
  run(): Promise<boolean>;
}

/** Runs one test file with the whole figures. */
function whole(testFile: string, project: 'unit' | 'server', kills = '1000'): () => Promise<boolean> {
  return async () => {
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--config', 'test/vitest.config.ts', '--project', project, testFile];
    const env = { COUNTERSIGN_KILLS: kills, COUNTERSIGN_ODD_SIGNALS: '100', ...process.env };
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
    const [code] = (await once(child, 'exit')) as [number | null];
    return code === 0;
  };
}

const soaks: Readonly<Record<string, Soak>> = {
  'import-2gb': {
    shows: 'a CSV of 2 GB goes through the host and the worker, each within 300 MB of memory above its start',
    run: importTwoGigabytes,
  },
  'outbox-kill': {
    shows: 'the outbox’s writer is killed 1,000 times',
    run: whole('test/main/core/outbox-kill.test.ts', 'unit'),
  },
  'sync-kill': {
    shows: 'a laptop is killed 1,000 times while it syncs',
    run: whole('test/main/core/sync-kill.server.test.ts', 'server'),
  },
  'worker-kill': {
    shows: 'workers are killed 200 times in the middle of cycles, at every named moment of every kind of work',
    run: whole('test/worker/kills.server.test.ts', 'server', '200'),
  },
  'odd-signals': {
    shows: '100 signals each before a report runs, after it is over, and of a kind nobody knows are told apart',
    run: whole('test/main/core/odd-signals.server.test.ts', 'server'),
  },
};

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(soaks, name));
if (values.list || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no soak ${unknown.join(', ')}. There are:`);
  for (const [name, { shows }] of Object.entries(soaks)) console.log(`${name}: ${shows}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const chosen = Object.entries(soaks).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  for (const [name, { shows, run }] of chosen) {
    console.log(`${name}: ${shows}`);
    const held = await run();
    console.log(`${name}: ${held ? 'held' : 'DID NOT HOLD'}`);
    if (!held) process.exitCode = 1;
  }
}
