// The course of a link without a server: what one end of it leads to, whatever the ends before were.
import { expect, test, vi } from 'vitest';
import type { Gateway } from '../../../main/core/sync/gateway.ts';
import { runLoop } from '../../../main/core/sync/loop.ts';
import type { LoopOptions } from '../../../main/core/sync/loop.ts';
import type { ConnectionEnd } from '../../../main/core/sync/connection.ts';
import type { Obstacle } from '../../../main/core/sync/state.ts';

const noWorker: ConnectionEnd = { kind: 'fault', fault: { kind: 'no-worker', message: 'no worker runs' } };
const notEnrolled: ConnectionEnd = {
  kind: 'refused',
  refusal: { kind: 'refused', code: 'unknown-device', message: 'no enrolled device' },
};

/** Runs the loop over these ends of links; answers how often it enrolled and what it waited behind. */
async function run(ends: ConnectionEnd[]): Promise<{ enrolled: number; behind: Obstacle[] }> {
  const stop = new AbortController();
  const left = [...ends];
  const behind: Obstacle[] = [];
  const enrol = vi.fn(() => Promise.resolve({ ok: true, value: { status: 'approved', message: '' } }));
  const gateway = { enrol } as unknown as Gateway;
  const options = {
    server: { state: () => ({ kind: 'external', address: '127.0.0.1:1' }) },
    gateways: { get: () => Promise.resolve({ ok: true, value: gateway }), discard: () => undefined },
    reads: { enrolment: () => ({}) },
    board: { connecting: () => undefined, note: () => undefined },
    waiting: { behind: (obstacle: Obstacle) => Promise.resolve(void behind.push(obstacle)) },
    connection: {
      admissions: () => 0,
      serve() {
        const end = left.shift();
        if (!end) stop.abort();
        return Promise.resolve(end ?? { kind: 'again' });
      },
    },
    timing: { firstDelayMs: 1, maxDelayMs: 1 },
    workOffline: () => false,
    now: () => '2026-11-21T00:00:00.000Z',
  } as unknown as LoopOptions;
  await runLoop(options, stop.signal);
  return { enrolled: enrol.mock.calls.length, behind };
}

test('a laptop that waited long for a worker still enrols when one comes', async () => {
  const { enrolled } = await run([...Array.from({ length: 10 }, () => noWorker), notEnrolled]);
  expect(enrolled).toBe(1);
});

test('a device that stays unknown after enrolling is said to be blocked, not enrolled for ever', async () => {
  const { enrolled, behind } = await run(Array.from({ length: 6 }, () => notEnrolled));
  expect(enrolled).toBe(3);
  expect(behind.at(-1)).toMatchObject({ kind: 'blocked', reason: 'incompatible' });
});
