// Sync end to end: the real core against the real server and the real worker. Receipts, outages, a worker that is away.
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { OperationBody } from '../../../domain/operation.ts';
import type { Core } from '../../../main/core/core.ts';
import type { Session } from '../../../main/core/session.ts';
import type { SyncTiming } from '../../../main/core/sync/sync.ts';
import { coreOn, saidServer, temporaryFolder, until } from './core-world.ts';
import { cycleOfSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

let world: ServerWorld;
let core: Core;
const others: { core: Core; folder: ReturnType<typeof temporaryFolder> }[] = [];

/** The usual times, shortened where a test would wait for them. */
const timing: Partial<SyncTiming> = { maxDelayMs: 1_000, resendAfterMs: 1_000, unknownAtMostMs: 1_000 };

function open(profile = 'mara', more: Partial<SyncTiming> = {}): Session {
  core = coreOn(world.dataDir, {
    profile,
    timing: { ...timing, ...more },
    ...(process.env['SHOW_CORE'] ? { log: (line: string) => console.log(performance.now().toFixed(0), line) } : {}),
    server: saidServer({ kind: 'ready', address: world.address }),
  });
  return core.session(profile);
}
beforeAll(async () => {
  world = await startServerWorld();
});
afterAll(() => world.close());
afterEach(async () => {
  await core.close();
  for (const other of others.splice(0)) {
    await other.core.close();
    other.folder.remove();
  }
});

/** Another person at another laptop. */
function elsewhere(profile: string): Session {
  const folder = temporaryFolder();
  const other = coreOn(folder.path, { profile, timing, server: saidServer({ kind: 'ready', address: world.address }) });
  others.push({ core: other, folder });
  return other.session(profile);
}

function startCycle(session: Session): { reportId: string } {
  const cycle = cycleOfSamples('2026-11-21');
  session.queue([cycle]);
  return { reportId: cycle.reports[0]?.reportId ?? '' };
}
function assign(reportId: string, assigned: boolean): OperationBody {
  return { kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned };
}
/** What the worker's store holds: each operation once, and how it was answered. */
function applied(): Map<string, string> {
  const db = new Database(world.storeFile, { readonly: true });
  const rows = db
    .prepare<[], { operation_id: string; state: string }>('SELECT operation_id, state FROM operations')
    .all();
  db.close();
  expect(new Set(rows.map((row) => row.operation_id)).size).toBe(rows.length);
  return new Map(rows.map((row) => [row.operation_id, row.state]));
}

test('a new laptop enrols by itself, delivers a cycle and what follows it, and pulls the report', async () => {
  const session = open('mara', { resendAfterMs: 60_000 });
  const { reportId } = startCycle(session);
  const ids = session.queue([assign(reportId, false), assign(reportId, true)]);
  const status = await session.sync.untilDelivered(15_000);
  expect(status.state.kind).toBe('idle');
  expect(status.counts).toMatchObject({ queued: 0, sent: 0, refused: 0, conflict: 0 });
  expect(status.allDeliveredAt).not.toBeNull();
  expect(status.lastSeenAt).not.toBeNull();
  expect(session.cache.report(reportId)?.assignments).toContainEqual({ personId: 'lena', role: 'test-lead' });
  expect(session.cache.people().map((person) => person.personId)).toEqual(
    expect.arrayContaining(['mara', 'tara', 'olga', 'lena']),
  );
  for (const id of ids) expect(applied().get(id)).toBe('applied');
});

test('what happens elsewhere arrives through the open long poll', async () => {
  const mara = open();
  const { reportId } = startCycle(mara);
  await mara.sync.untilDelivered(15_000);
  const olga = elsewhere('olga');
  await until(() => olga.cache.report(reportId));
  mara.queue([assign(reportId, false)]);
  await until(() => olga.cache.report(reportId)?.assignments.every((row) => row.personId !== 'lena'));
});

test('someone whose assignment is taken back loses the cached report', async () => {
  const mara = open();
  const { reportId } = startCycle(mara);
  const lena = elsewhere('lena');
  await until(() => lena.cache.report(reportId));
  mara.queue([assign(reportId, false)]);
  await until(() => lena.cache.report(reportId) === null);
  mara.queue([assign(reportId, true)]);
  await until(() => lena.cache.report(reportId));
});

test('a stopped worker is said within one try, and what was done meanwhile is delivered when it is back', async () => {
  const session = open();
  const { reportId } = startCycle(session);
  await session.sync.untilDelivered(15_000);
  await world.stopWorker('SIGTERM');
  await core.close();
  const again = open();
  const [id] = again.queue([assign(reportId, false)]);
  const status = await again.sync.untilDelivered(15_000);
  expect(status.state).toMatchObject({ kind: 'offline', reason: 'unreachable' });
  expect(status.counts.queued + status.counts.sent).toBe(1);
  await world.startWorker();
  await until(() => applied().get(id ?? '') === 'applied');
});

test('a server that is killed in the middle of a sync costs nothing', async () => {
  const session = open();
  const { reportId } = startCycle(session);
  const ids: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    ids.push(...session.queue([assign(reportId, false), assign(reportId, true)]));
    const pid = world.temporal.pid();
    process.kill(pid, 'SIGKILL');
    await world.temporal.runningAgain(pid);
  }
  await until(() => session.outbox.queuedOperations() + session.outbox.sentOperations() === 0);
  for (const id of ids)
    expect([applied().get(id), session.outbox.tables.operations.get(id)?.reason]).toEqual(['applied', null]);
});

test('what a server acknowledged and then forgot is sent again', async () => {
  const session = open();
  await session.sync.untilDelivered(15_000);
  await world.stopWorker('SIGKILL');
  const { reportId } = startCycle(session);
  await until(() => session.outbox.sentOperations() === 1);
  await world.forgetEverything();
  await world.startWorker();
  await until(() => session.cache.report(reportId));
  expect(session.outbox.sentOperations()).toBe(0);
  expect([...applied().values()].every((state) => state === 'applied')).toBe(true);
});
