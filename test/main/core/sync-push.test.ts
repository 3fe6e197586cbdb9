// Sending against a gateway that says what the test wants: order, faults, workflows that are not there, resending.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ReviveAnswer, SubmitBatch } from '../../../domain/change.ts';
import type { OperationBody, SignedOperation, Target } from '../../../domain/operation.ts';
import { createBell } from '../../../main/core/sync/bell.ts';
import type { Gateway } from '../../../main/core/sync/gateway.ts';
import type { Answered, LinkFault } from '../../../main/core/sync/link-fault.ts';
import { openOutbox } from '../../../main/core/outbox/outbox.ts';
import type { Outbox } from '../../../main/core/outbox/outbox.ts';
import { pushUntilFault } from '../../../main/core/sync/push.ts';
import type { PushOptions } from '../../../main/core/sync/push.ts';
import { temporaryFolder, until } from './core-world.ts';

let folder = temporaryFolder();
let outbox: Outbox;
let stop: AbortController;
let pushing: Promise<LinkFault> | null;
const sent: { target: Target; operationIds: string[] }[] = [];
let answer: (target: Target) => Answered<void>;
let revived: string[];
let revival: (reportId: string) => ReviveAnswer;

beforeEach(() => {
  folder = temporaryFolder();
  outbox = openOutbox({ file: join(folder.path, 'outbox.db') });
  stop = new AbortController();
  pushing = null;
  sent.length = 0;
  answer = () => ({ ok: true, value: undefined });
  revived = [];
  revival = () => ({ kind: 'refused', code: 'not-found', message: 'the store has no such report' });
});
afterEach(async () => {
  stop.abort();
  await pushing;
  outbox.close();
  folder.remove();
});

function push(
  timing: Partial<PushOptions['timing']> = {},
  onUnknown: (message: string | null) => void = () => undefined,
): Promise<LinkFault> {
  const bell = createBell();
  outbox.onChange(bell.ring);
  const gateway = {
    submit(target: Target, batch: SubmitBatch) {
      sent.push({
        target,
        operationIds: (batch.operations as SignedOperation[]).map(({ operation }) => operation.operationId),
      });
      return Promise.resolve(answer(target));
    },
    revive({ request }) {
      revived.push(request.reportId ?? '');
      return Promise.resolve({ ok: true, value: revival(request.reportId ?? '') });
    },
  } as Partial<Gateway> as Gateway;
  const reads: PushOptions['reads'] = {
    revive: (asked) => ({
      request: { actorId: 'mara', deviceId: 'device-0001', sequence: 1, ...asked },
      signature: 'x',
    }),
  };
  pushing = pushUntilFault({
    ...{
      outbox,
      gateway,
      reads,
      bell,
      onUnknown,
      signal: stop.signal,
      step: () => undefined,
      onProgress: () => undefined,
    },
    now: () => new Date().toISOString(),
    receiptsSeen: () => 0,
    timing: { resendAfterMs: 60_000, resendAtMostMs: 60_000, unknownFirstMs: 10, unknownAtMostMs: 20, ...timing },
  });
  return pushing;
}
function queue(...reportIds: string[]): string[] {
  const bodies = reportIds.map((reportId): OperationBody => ({
    kind: 'assignment.set',
    reportId,
    personId: 'lena',
    role: 'test-lead',
    assigned: true,
  }));
  const author = { actorId: 'mara', deviceId: 'device-0001', sign: () => 'x' };
  return outbox.queue(bodies, author, '2026-11-21T10:00:00.000Z').map((operation) => operation.operationId);
}
const unknown: Answered<void> = {
  ok: false,
  fault: { kind: 'not-found', closed: false, message: 'the server does not know it' },
};

describe('sending', () => {
  test('goes in order, each report’s operations in one signal, and marks what was acknowledged', async () => {
    const [one, two, three] = queue('report-a1', 'report-b1', 'report-a1');
    void push();
    await until(() => outbox.sentOperations() === 3);
    expect(sent.map(({ target, operationIds }) => [target.id, operationIds])).toEqual([
      ['report-a1', [one, three]],
      ['report-b1', [two]],
    ]);
  });

  test('sends what is queued later without being asked', async () => {
    void push();
    queue('report-a1');
    await until(() => outbox.sentOperations() === 1);
  });

  test('ends with the fault and leaves everything queued', async () => {
    answer = () => ({ ok: false, fault: { kind: 'unreachable', message: 'gone' } });
    queue('report-a1', 'report-b1');
    expect(await push()).toMatchObject({ kind: 'unreachable' });
    expect([outbox.queuedOperations(), outbox.sentOperations(), sent.length]).toEqual([2, 0, 1]);
  });

  test('lets a report that the server does not know yet wait, and goes on with the others', async () => {
    const known = new Set(['report-b1']);
    answer = ({ id }) => (known.has(id) ? { ok: true, value: undefined } : unknown);
    const [one, two] = queue('report-a1', 'report-b1');
    void push();
    await until(() => outbox.sentOperations() === 1);
    expect(outbox.tables.operations.get(two ?? '')?.state).toBe('sent');
    known.add('report-a1');
    await until(() => outbox.sentOperations() === 2);
    expect(outbox.tables.operations.get(one ?? '')?.state).toBe('sent');
  });

  test('refuses with its reason what is for a workflow that is over', async () => {
    answer = () => ({
      ok: false,
      fault: { kind: 'not-found', closed: true, message: 'the work on report/report-a1 is over' },
    });
    const [id] = queue('report-a1');
    void push();
    await until(() => outbox.counts(new Date().toISOString()).refused === 1);
    expect(outbox.tables.operations.get(id ?? '')?.reason).toContain('too late');
  });

  test('sends again what nobody gave a receipt for', async () => {
    const [id] = queue('report-a1');
    void push({ resendAfterMs: 30 });
    await until(() => sent.length >= 2);
    expect(sent.every(({ operationIds }) => operationIds.length === 1 && operationIds[0] === id)).toBe(true);
  });

  test('does not send again before its time', async () => {
    queue('report-a1');
    void push();
    await until(() => outbox.sentOperations() === 1);
    queue('report-b1');
    await until(() => outbox.sentOperations() === 2);
    expect(sent.map(({ target }) => target.id)).toEqual(['report-a1', 'report-b1']);
  });

  test('has a report that stays unknown started again, and then goes on at once', async () => {
    answer = ({ id }) => (revived.includes(id) ? { ok: true, value: undefined } : unknown);
    revival = (reportId) => ({ kind: 'revived', reportIds: [reportId] });
    const ids = queue('report-a1', 'report-a1');
    void push({ unknownFirstMs: 10, unknownAtMostMs: 3_600_000 });
    await until(() => outbox.sentOperations() === 2);
    expect(revived).toEqual(['report-a1']);
    expect(sent.at(-1)?.operationIds).toEqual(ids);
  });

  test('sends what a lost report gave no receipt for in front of what is new', async () => {
    const [first] = queue('report-a1');
    outbox.markSent([first ?? ''], '2026-11-21T10:00:01.000Z');
    const [second] = queue('report-a1');
    answer = ({ id }) => (revived.includes(id) ? { ok: true, value: undefined } : unknown);
    revival = (reportId) => ({ kind: 'revived', reportIds: [reportId] });
    void push();
    await until(() => outbox.sentOperations() === 2);
    expect(sent.at(-1)?.operationIds).toEqual([first, second]);
  });

  test('does not ask without end for what starting again does not help', async () => {
    answer = () => unknown;
    revival = (reportId) => ({ kind: 'revived', reportIds: [reportId] });
    queue('report-a1');
    void push({ unknownFirstMs: 10, unknownAtMostMs: 40 });
    await until(() => revived.length === 3);
    // Each revival is followed by one try at once and one after its delay.
    expect(sent.length).toBeGreaterThanOrEqual(2 * revived.length);
    expect(outbox.queuedOperations()).toBe(1);
  });

  test.each([
    ['over', 'out-of-turn'],
    ['not-assigned', 'not-assigned'],
  ] as const)('refuses what the store will never take: %s', async (code, reason) => {
    answer = () => unknown;
    revival = () => ({ kind: 'refused', code, message: 'so says the store' });
    const [id] = queue('report-a1');
    void push();
    await until(() => outbox.counts(new Date().toISOString()).refused === 1);
    const told = outbox.tables.operations.get(id ?? '')?.reason;
    expect(told).toContain('so says the store');
    expect(told).toContain(reason);
  });
});
