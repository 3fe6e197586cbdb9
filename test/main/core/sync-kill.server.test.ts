// A laptop killed in the middle of a sync, at every named step: nothing is lost and nothing has two effects.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syncSteps } from '../../../main/core/sync/sync.ts';
import type { SyncStep } from '../../../main/core/sync/sync.ts';
import { numbers } from '../../numbers.ts';
import { coreOn, saidServer } from './core-world.ts';
import { cycleOfSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

const program = fileURLToPath(new URL('programs/killed-laptop.ts', import.meta.url));
/** More by `npm run soak`. */
const rounds = Number(process.env['COUNTERSIGN_KILLS'] ?? 20);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);

let world: ServerWorld;
beforeAll(async () => {
  world = await startServerWorld();
});
afterAll(() => world.close());

async function startReports(): Promise<string> {
  const core = coreOn(world.dataDir, {
    profile: 'mara',
    server: saidServer({ kind: 'ready', address: world.address }),
  });
  const cycles = [cycleOfSamples('2026-11-21'), cycleOfSamples('2026-11-22')];
  const session = core.session('mara');
  session.queue(cycles);
  const status = await session.sync.untilDelivered(60_000);
  await core.close();
  expect(status.counts).toMatchObject({ queued: 0, sent: 0 });
  return cycles.flatMap((cycle) => cycle.reports.map((report) => report.reportId)).join(',');
}

async function laptop(
  reportIds: string,
  step: string,
  passes: number,
  operations: number,
): Promise<NodeJS.Signals | null> {
  const args = [program, world.dataDir, world.address, reportIds, step, String(passes), String(operations)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return signal;
}

function rowsOf<Row>(file: string, sql: string): Row[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare<[], Row>(sql).all();
  } finally {
    db.close();
  }
}

test(
  `killed ${rounds} times while it syncs, a laptop loses nothing and repeats nothing`,
  { timeout: 300_000 + rounds * 10_000 },
  async () => {
    const next = numbers(seed);
    const reportIds = await startReports();
    const hit = new Map<SyncStep, number>(syncSteps.map((step) => [step, 0]));
    for (let round = 0; round < rounds; round += 1) {
      const step = syncSteps[round % syncSteps.length] ?? 'before-send';
      const passes = round < syncSteps.length ? 0 : next(2);
      const signal = await laptop(reportIds, step, passes, 2 + next(4));
      if (signal === 'SIGKILL') hit.set(step, (hit.get(step) ?? 0) + 1);
      console.log(`seed ${seed} round ${round}: ${step} after ${passes}: ${signal ?? 'not killed'}`);
    }
    await laptop(reportIds, 'never', 0, 0);

    const outbox = `${world.dataDir}/profiles/mara/outbox.db`;
    const queued = rowsOf<{ operation_id: string; state: string }>(
      outbox,
      'SELECT operation_id, state FROM operations',
    );
    const stored = rowsOf<{ operation_id: string }>(
      world.storeFile,
      "SELECT operation_id FROM operations WHERE state = 'applied'",
    );
    const ledger = rowsOf<{ operation_id: string }>(
      world.storeFile,
      'SELECT operation_id FROM ledger WHERE operation_id IS NOT NULL',
    );
    const ids = queued.map((row) => row.operation_id).sort();
    expect(queued.filter((row) => row.state !== 'applied')).toEqual([]);
    expect(stored.map((row) => row.operation_id).sort()).toEqual(ids);
    expect(new Set(ledger.map((row) => row.operation_id)).size).toBe(ledger.length);
    expect([...hit].filter(([, times]) => times === 0)).toEqual([]);
  },
);
