// What a report's workflow makes of whatever arrives by `submit`: nothing may stop it, nothing may count twice, nothing may get lost.
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries, signals, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import type { OperationBody } from '../../domain/operation.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import { beginReport, until, World } from './worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const progressOf = (reportId: string) => world.report(reportId).query<ReportProgress>(queries.progress);

/** Names of the events of the report's present run. */
async function eventTypes(reportId: string): Promise<number[]> {
  const { events } = await world.report(reportId).fetchHistory();
  return (events ?? []).map((event) => event.eventType ?? 0);
}
const workflowTaskFailed = 9;
const assign = (reportId: string, assigned: boolean): OperationBody => ({
  kind: 'assignment.set',
  ...{ reportId, assigned },
  personId: 'lena',
  role: 'test-lead',
});

/** 2,000 levels: more than any JSON of ours, more than a recursive reader likes. */
const deep = (): unknown => JSON.parse(`${'['.repeat(2_000)}${']'.repeat(2_000)}`) as unknown;

test('bad input of every sort becomes dead letters, fails no task, and the next good operation is applied', async () => {
  const { reportId, mara } = await beginReport(world);
  const handle = world.report(reportId);
  const good = mara.operation(assign(reportId, true));
  const bad: unknown[] = [
    ...[undefined, null, 7, 'text', [], {}, { operations: null }, { operations: 'x' }, { operations: [] }],
    { operations: [null] },
    { operations: [{ operation: { operationId: 'x' }, signature: '' }] },
    { operations: [deep()] },
    deep(),
    JSON.parse('{"operations":[{"__proto__":{"operation":1},"signature":"a"}]}'),
    { operations: [{ ...good, signature: 'A'.repeat(86) }] },
    { operations: [{ ...good, operation: { ...good.operation, actorId: 'olga' } }] },
  ];
  for (const argument of bad) await handle.signal(signals.submit, argument);
  await handle.signal(signals.submit);
  const unknownKind = mara.operation({ ...assign(reportId, true), kind: 'future.kind' } as unknown as OperationBody);
  await handle.signal(signals.submit, { operations: [unknownKind] });

  const receipt = await mara.settled(assign(reportId, true));
  expect(receipt.state).toBe('applied');
  const refused = await mara.receipt(unknownKind.operation.operationId);
  expect(refused).toMatchObject({ state: 'refused', reason: { code: 'unknown-kind' } });
  const { counts, waiting } = await progressOf(reportId);
  expect(waiting).toBe(0);
  expect(counts).toEqual({ applied: 1, refused: 1, conflict: 0, 'dead-letter': bad.length + 1 });
  await mara.seen((change) => change.kind === 'dead-letter' && change.deadLetter.message.includes('bad-signature'));
  expect(await eventTypes(reportId)).not.toContain(workflowTaskFailed);
});

test.each([
  ['of an encoding nobody knows', 'binary/martian', 'bytes'],
  ['that is no JSON', 'json/plain', '{"operations":'],
  ['that is nested a hundred thousand deep', 'json/plain', '['.repeat(100_000) + ']'.repeat(100_000)],
  ['packed but damaged', 'binary/countersign-gzip', 'no gzip'],
])('a payload %s stops nothing', async (_, encoding, data) => {
  const { reportId, mara } = await beginReport(world);
  const bytes = (text: string) => new TextEncoder().encode(text);
  const payload = { metadata: { encoding: bytes(encoding) }, data: bytes(data) };
  const codec = { encode: async () => [payload], decode: async (payloads: (typeof payload)[]) => payloads };
  const forger = new Client({ connection: world.client.connection, dataConverter: { payloadCodecs: [codec] } });
  await forger.workflow.getHandle(workflowIdOf({ kind: 'report', id: reportId })).signal(signals.submit, {});
  expect((await mara.settled(assign(reportId, true))).state).toBe('applied');
  expect((await progressOf(reportId)).counts['dead-letter']).toBe(1);
  expect(await eventTypes(reportId)).not.toContain(workflowTaskFailed);
});

test('an operation that arrives ten times has one effect and one receipt', async () => {
  const { reportId, mara } = await beginReport(world);
  const body = assign(reportId, true);
  const operation = mara.operation(body);
  await Promise.all(Array.from({ length: 10 }, () => world.send(body, [operation])));
  await mara.settled(assign(reportId, false));
  await until(async () => (await progressOf(reportId)).waiting === 0);
  expect((await progressOf(reportId)).counts).toMatchObject({ applied: 11, refused: 0 });
  const own = mara.changes.flatMap(({ change }) => (change.kind === 'ledger' ? change.entries : []));
  expect(own.filter((entry) => entry.operationId === operation.operation.operationId)).toHaveLength(1);
});

test('going on in new runs under a stream of signals loses none and applies none twice', async () => {
  const reportId = randomUUID();
  await world.client.workflow.start(workflowTypes.report, {
    workflowId: workflowIdOf({ kind: 'report', id: reportId }),
    taskQueue: world.taskQueue,
    args: [{ limits: { signals: 40, events: 8_000 } }],
  });
  const { mara } = await beginReport(world, reportId);
  const operations = Array.from({ length: 300 }, (_, index) => mara.operation(assign(reportId, index % 2 === 0)));
  // In waves, each longer than a run may be, from eight senders at once, and again whoever came at the moment of the change.
  for (let from = 0; from < operations.length; from += 60) {
    const wave = operations.slice(from, from + 60);
    const send = async () => {
      for (let next = wave.shift(); next; next = wave.shift()) await sendUntilTaken(reportId, next);
    };
    await Promise.all(Array.from({ length: 8 }, send));
    await until(async () => (await progressOf(reportId)).waiting === 0);
  }
  const ids = new Set(operations.map(({ operation }) => operation.operationId));
  for (const id of ids) expect((await mara.receipt(id)).state).toBe('applied');
  const progress = await until(async () => {
    const now = await progressOf(reportId);
    return now.waiting === 0 ? now : null;
  });
  expect(progress.counts.applied).toBeGreaterThanOrEqual(300);
  const ledger = mara.changes.flatMap(({ change }) => (change.kind === 'ledger' ? change.entries : []));
  const entered = ledger.filter((entry) => ids.has(entry.operationId ?? ''));
  expect(entered).toHaveLength(300);
  expect(progress.watermarks[mara.deviceId]).toBe(301);
  expect(progress.continued).toBeGreaterThanOrEqual(4);
  expect(progress.alerts).toEqual([]);
});

async function sendUntilTaken(reportId: string, operation: unknown): Promise<void> {
  await until(async () => {
    try {
      await world.report(reportId).signal(signals.submit, { operations: [operation] });
      return true;
    } catch (error) {
      if (isClosing(error)) return false;
      throw error;
    }
  });
}

/** Code 8: the run is closing at this moment; the next one takes the signal. */
function isClosing(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ((cause as { code?: number }).code === 8) return true;
  }
  return false;
}
