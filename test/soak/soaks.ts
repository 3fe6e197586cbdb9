// Owns what the soaks are: by name, what each shows and how its whole figures are run. Knows no command line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { importTwoGigabytes } from './import-2gb.ts';

const root = join(import.meta.dirname, '../..');

export interface Soak {
  shows: string;
  /** The test of `npm test` whose figures are the whole ones here; null for what no test does. */
  testFile: string | null;
  /** Whether all was as it has to be. The seed decides what chance decides, where something does. */
  run(seed: number): Promise<boolean>;
}

/** A test file with the whole figures, by the variables that it takes them from. */
function whole(shows: string, testFile: string, figures: Readonly<Record<string, string>>): Soak {
  const project = testFile.endsWith('.server.test.ts') ? 'server' : 'unit';
  return {
    shows,
    testFile,
    async run(seed) {
      const vitest = join(root, 'node_modules/vitest/vitest.mjs');
      const args = [vitest, 'run', '--config', 'test/vitest.config.ts', '--project', project, testFile];
      const env = { ...figures, COUNTERSIGN_SEED: String(seed), ...process.env };
      const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code === 0;
    },
  };
}

export const soaks: Readonly<Record<string, Soak>> = {
  'import-2gb': {
    shows: 'a CSV of 2 GB goes through the host and the worker, each within 300 MB of memory above its start',
    testFile: null,
    run: importTwoGigabytes,
  },
  'outbox-kill': whole('the outbox’s writer is killed 1,000 times', 'test/main/core/outbox-kill.test.ts', {
    COUNTERSIGN_KILLS: '1000',
  }),
  'sync-kill': whole('a laptop is killed 1,000 times while it syncs', 'test/main/core/sync-kill.server.test.ts', {
    COUNTERSIGN_KILLS: '1000',
  }),
  'worker-kill': whole(
    'workers are killed 200 times in the middle of cycles, at every named moment of every kind of work',
    'test/worker/kills.server.test.ts',
    { COUNTERSIGN_KILLS: '200' },
  ),
  'continue-as-new': whole(
    'a report goes on in 100 new runs and more while three laptops send it 10,000 operations, none lost or applied twice',
    'test/worker/ten-thousand.server.test.ts',
    // Its runs end after 50 signals: it asks for half as many runs as that would make, because a run takes more while it ends.
    { COUNTERSIGN_RUN_SIGNALS: '50' },
  ),
  'late-signals': whole(
    '100 signals each before a report runs, after it is over, and of a kind nobody knows are told apart',
    'test/main/core/odd-signals.server.test.ts',
    { COUNTERSIGN_ODD_SIGNALS: '100' },
  ),
  'long-wait': whole(
    'a report waits for its review through 50 restarts of its server and its worker, killed or stopped',
    'test/worker/long-wait.server.test.ts',
    { COUNTERSIGN_RESTARTS: '50' },
  ),
};
