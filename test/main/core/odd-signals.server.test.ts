// Signals that come before a report runs, after it is over, or of a kind nobody knows: each is told apart and visible (reliability, row 14).
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { workflowIdOf } from '../../../domain/change.ts';
import type { SignedOperation } from '../../../domain/operation.ts';
import { connect } from '../../../main/core/sync/gateway.ts';
import type { Gateway } from '../../../main/core/sync/gateway.ts';
import type { LinkFault } from '../../../main/core/sync/link-fault.ts';
import type { Session } from '../../../main/core/session.ts';
import { coreOn, saidServer, until } from './core-world.ts';
import { cycleOfSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

/** Of each sort; 100 by `npm run soak -- late-signals`. */
const each = Number(process.env['COUNTERSIGN_ODD_SIGNALS'] ?? 10);
const never = new AbortController().signal;

let world: ServerWorld;
let gateway: Gateway;
let mara: Session;
let reportId: string;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  world = await startServerWorld();
  ends.push(world.close);
  const server = saidServer({ kind: 'ready', address: world.address });
  const core = coreOn(world.dataDir, { profile: 'mara', server, timing: { unknownAtMostMs: 1_000 } });
  ends.unshift(() => core.close());
  mara = core.session('mara');
  const connected = await connect({ kind: 'embedded', address: world.address }, never);
  if (!connected.ok) throw new Error(connected.fault.message);
  gateway = connected.value;
  ends.unshift(() => gateway.close());
  const cycle = cycleOfSamples('2026-11-21');
  reportId = cycle.reports[0]?.reportId ?? '';
  mara.queue([cycle]);
  await mara.sync.untilDelivered(30_000);
});
afterAll(async () => {
  for (const end of ends) await end();
});

const assigning = (id: string, assigned: boolean) =>
  ({ kind: 'assignment.set', reportId: id, personId: 'lena', role: 'test-lead', assigned }) as const;

/** Faults of sending an operation so often to a report, straight through the gateway. */
async function faultsOf(id: string): Promise<LinkFault[]> {
  const faults: LinkFault[] = [];
  for (let index = 0; index < each; index += 1) {
    const answer = await gateway.submit({ kind: 'report', id }, { operations: [index] }, never);
    if (!answer.ok) faults.push(answer.fault);
  }
  return faults;
}

test(`${each} operations for a report that never began are kept, and the laptop says what they wait for`, async () => {
  const strangers = Array.from({ length: each }, () => randomUUID());
  for (const id of strangers) {
    const faults = (await gateway.submit({ kind: 'report', id }, { operations: [1] }, never)) as { fault: LinkFault };
    const message = `the server does not know report/${id}`;
    expect(faults.fault).toEqual({ kind: 'not-found', closed: false, message });
  }
  const ids = mara.queue(strangers.map((id) => assigning(id, true)));
  const blocked = await until(() => {
    const { state } = mara.sync.status();
    return state.kind === 'blocked' && state.message.includes(`for ${each} workflows waits`) ? state : null;
  });
  expect(blocked.message).toContain('the store has no report');
  expect(ids.every((id) => mara.outbox.tables.operations.get(id)?.state === 'queued')).toBe(true);
  const [other] = mara.queue([assigning(reportId, false)]);
  await until(() => mara.outbox.tables.operations.get(other ?? '')?.state === 'applied');
});

test(`${each} operations of a kind nobody knows are refused, each with a receipt, and kept as dead letters`, async () => {
  const first = mara.outbox.nextCounter('odd', 1_000_000);
  const operations = Array.from({ length: each }, (_, index): SignedOperation => {
    const operation = {
      ...{ operationId: randomUUID(), actorId: 'mara', deviceId: mara.profile.deviceId, sequence: first + index },
      ...{ decidedAt: '2026-11-21T08:00:00.000Z', body: { kind: 'future.kind', reportId } },
    } as unknown as SignedOperation['operation'];
    return { operation, signature: mara.author.sign(operation) };
  });
  expect(await gateway.submit({ kind: 'report', id: reportId }, { operations }, never)).toMatchObject({ ok: true });
  const letters = await until(() => {
    const found = mara.cache.deadLetters(reportId).filter((letter) => letter.message.startsWith('unknown-kind'));
    return found.length === each ? found : null;
  });
  const db = new Database(world.storeFile, { readonly: true });
  const receipts = db.prepare<[], string>('SELECT receipt_text FROM receipts').pluck().all();
  db.close();
  expect(receipts.filter((text) => /"refused".*"unknown-kind"/.test(text))).toHaveLength(each);
  for (const { operation } of operations)
    expect(letters.some((letter) => letter.excerpt.includes(operation.operationId))).toBe(true);
});

test(`${each} operations for a report that is over are refused with that reason`, async () => {
  const connection = await Connection.connect({ address: world.address });
  const handle = new Client({ connection }).workflow.getHandle(workflowIdOf({ kind: 'report', id: reportId }));
  await handle.cancel();
  await until(async () => (await handle.describe()).status.name === 'CANCELLED');
  await connection.close();
  const message = `the work on report/${reportId} is over (cancelled)`;
  expect(await faultsOf(reportId)).toEqual(
    Array.from({ length: each }, () => ({ kind: 'not-found', closed: true, message })),
  );
  const ids = mara.queue(Array.from({ length: each }, (_, index) => assigning(reportId, index % 2 === 0)));
  await until(() => ids.every((id) => mara.outbox.tables.operations.get(id)?.state === 'refused'));
  expect(mara.outbox.tables.operations.get(ids[0] ?? '')?.reason).toContain('is over');
});
