// Workers killed in the middle of cycles, at named moments of what they do: the cycle comes to the same as an undisturbed one.
import { afterAll, expect, test } from 'vitest';
import { queries } from '../../domain/change.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import type { Store } from '../../worker/store/store.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { numbers } from '../numbers.ts';
import { differences, outcomeOf } from './cycle-outcome.ts';
import type { Outcome } from './cycle-outcome.ts';
import { beginCycle, lobColumn } from './cycle-world.ts';
import { driveCycle, eventful } from './driven-cycle.ts';
import { allBoundaries, namedBoundaries } from './kill-boundaries.ts';
import type { Boundary } from './kill-boundaries.ts';
import { startKilledWorker } from './killed-worker.ts';
import { until, World } from './worker-world.ts';

/** More by `npm run soak -- worker-kill`. */
const kills = Number(process.env['COUNTERSIGN_KILLS'] ?? namedBoundaries.length);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
/** Cycles that run at once: what a killed worker's work waits for is mostly time. */
const atOnce = 4;
const perCycle = 6;

const worlds: World[] = [];
afterAll(async () => {
  for (const world of worlds) await world.close();
});

/** The named moments, then all others, then whatever the seed brings; dealt to cycles, none twice to one. */
function dealt(): Boundary[][] {
  const next = numbers(seed);
  const names = new Set(namedBoundaries.map(({ name }) => name));
  const plan = [...namedBoundaries, ...allBoundaries.filter(({ name }) => !names.has(name))].slice(0, kills);
  const hands: Boundary[][] = Array.from({ length: Math.ceil(kills / perCycle) }, () => []);
  for (const [index, boundary] of plan.entries()) hands[index % hands.length]?.push(boundary);
  for (const hand of hands) {
    const wanted = Math.floor(kills / hands.length) + (hands.indexOf(hand) < kills % hands.length ? 1 : 0);
    while (hand.length < wanted) {
      const boundary = allBoundaries[next(allBoundaries.length)];
      if (boundary && hand.every(({ name }) => name !== boundary.name)) hand.push(boundary);
    }
  }
  return hands;
}

interface Lived {
  outcome: Outcome;
  /** Where each of its workers died, in order. */
  hits: string[];
}

/** A whole cycle in a world of its own, whose workers die at these moments. */
async function live(boundaries: readonly Boundary[], onKill: (name: string) => void): Promise<Lived> {
  const world = await World.open({ worker: false });
  worlds.push(world);
  const worker = await startKilledWorker(world, boundaries, onKill);
  try {
    return await Promise.race([lived(world, worker.hits), worker.failed]);
  } finally {
    await worker.stop();
  }
}

async function lived(world: World, hits: () => string[]): Promise<Lived> {
  const cycle = await beginCycle(world, { lobs: lobColumn });
  const { reportId } = cycle;
  await driveCycle(cycle, eventful);
  const handle = world.report(reportId);
  const { alerts, ledgerHead } = await until(async () => {
    const now = await handle.query<ReportProgress>(queries.progress).catch(() => null);
    return now?.work.length === 0 && now.waiting === 0 && now.lobs.every(({ status }) => status === 'finished')
      ? now
      : null;
  });
  expect(alerts).toEqual([]);
  return world.inStore(async (store) => {
    expect(ledgerFault(await readLedger(store, reportId), ledgerHead ?? undefined)).toBeNull();
    await expectNumbered(store, reportId);
    return { outcome: await outcomeOf(store.db, reportId), hits: hits() };
  });
}

/** Versions of each line are numbered from 1 on, one of them is current, and nothing that was begun is left open. */
async function expectNumbered({ db }: Store, reportId: string): Promise<void> {
  const versions = await db
    .selectFrom('versions')
    .select(['phase', 'lob', 'number', 'status'])
    .where('report_id', '=', reportId)
    .orderBy('number')
    .execute();
  for (const [line, own] of Map.groupBy(versions, ({ phase, lob }) => `${phase} ${lob}`)) {
    expect(
      own.map(({ number }) => number),
      line,
    ).toEqual(own.map((_, index) => index + 1));
    expect(
      own.filter(({ status }) => status === 'approved'),
      line,
    ).toHaveLength(1);
  }
  const log = await db.selectFrom('version_operations').selectAll().where('report_id', '=', reportId).execute();
  expect(log.filter((row) => row.completed_at === null || row.error !== null)).toEqual([]);
}

test(
  `${kills} workers killed at moments of their work: every cycle comes to the same as an undisturbed one`,
  { timeout: 300_000 + kills * 15_000 },
  async () => {
    const hands = dealt();
    const undisturbed = live([], () => undefined);
    const said = new Map<string, number>();
    const hit = (name: string): void => {
      said.set(name, (said.get(name) ?? 0) + 1);
      const sum = [...said.values()].reduce((all, times) => all + times, 0);
      console.log(`seed ${seed} kill ${sum} of ${kills}: ${name}`);
    };
    const left = hands.entries();
    const one = async (): Promise<void> => {
      for (const [index, hand] of left) {
        const { outcome, hits } = await live(hand, hit);
        expect(hits.toSorted(), `cycle ${index}`).toEqual(hand.map(({ name }) => name).toSorted());
        expect(differences((await undisturbed).outcome, outcome), `cycle ${index}`).toEqual([]);
      }
    };
    await Promise.all([undisturbed, ...Array.from({ length: atOnce }, one)]);
    for (const { name } of namedBoundaries.slice(0, kills)) expect(said.get(name) ?? 0, name).toBeGreaterThan(0);
  },
);
