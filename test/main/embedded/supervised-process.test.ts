import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  restartDelayMs,
  superviseProcess,
  type ProcessState,
  type SupervisedOptions,
  type SupervisedProcess,
} from '../../../main/embedded/supervised-process.ts';
import { isRunning, recordStates, testFolder } from './conditions.ts';

const backoff = { firstDelayMs: 1, maxDelayMs: 5, resetAfterMs: 60_000 };

/** Supervises a Node program given as text; it is ready with its first line on stdout. */
function supervise(script: string, more: Partial<SupervisedOptions> = {}) {
  const states = recordStates<ProcessState>();
  const dataDir = testFolder();
  const supervised: SupervisedProcess = superviseProcess({
    name: 'child',
    dataDir,
    program: () => ({ file: process.execPath, args: ['-e', script], env: process.env }),
    waitUntilReady: ({ onLine }) => new Promise((resolve) => onLine(() => resolve())),
    readyLimitMs: 10_000,
    stopLimitMs: 5_000,
    backoff,
    onState: states.add,
    ...more,
  });
  onTestFinished(() => supervised.stop({ immediately: true }));
  const log = (): string => readFileSync(join(dataDir, 'logs', 'child.log'), 'utf8');
  return { supervised, states, dataDir, log };
}

const staysUp = `setInterval(() => undefined, 1000); console.log('up')`;

describe('the back-off', () => {
  const plan = { firstDelayMs: 250, maxDelayMs: 30_000, resetAfterMs: 60_000 };
  test.each([
    { failures: 1, random: 0.5, delayMs: 250 },
    { failures: 2, random: 0.5, delayMs: 500 },
    { failures: 5, random: 0.5, delayMs: 4_000 },
    { failures: 8, random: 0.5, delayMs: 30_000 },
    { failures: 5_000, random: 0.5, delayMs: 30_000 },
    { failures: 1, random: 0, delayMs: 188 },
    { failures: 1, random: 1, delayMs: 313 },
  ])('is $delayMs ms after $failures failures at chance $random', ({ failures, random, delayMs }) => {
    expect(restartDelayMs(failures, plan, random)).toBe(delayMs);
  });
});

test('a process that is killed is started again, and the state says why', async () => {
  const { states } = supervise(staysUp);
  const first = await states.next('running');
  process.kill(first.pid, 'SIGKILL');
  const again = await states.next('running', ({ pid }) => pid !== first.pid);
  const restarting = await states.next('restarting');
  expect(restarting.reason).toBe('it was ended by SIGKILL');
  expect(Date.parse(restarting.nextTryAt)).not.toBeNaN();
  expect(isRunning(again.pid)).toBe(true);
});

test('a crash loop counts its failures and quotes what the process said last', async () => {
  const { states } = supervise(`console.error('the disk is full'); process.exit(7)`);
  const third = await states.next('restarting', ({ failures }) => failures === 3);
  expect(third.reason).toBe('it ended with code 7: the disk is full');
  expect(states.all.filter(({ kind }) => kind === 'running')).toEqual([]);
});

test('failures are counted anew after the process was up long enough', async () => {
  const { states } = supervise(staysUp, { backoff: { ...backoff, resetAfterMs: 0 } });
  for (let failuresSeen = 0, last = 0; failuresSeen < 3; failuresSeen += 1) {
    const { pid } = await states.next('running', (state) => state.pid !== last);
    last = pid;
    states.all.length = 0;
    process.kill(pid, 'SIGKILL');
    expect((await states.next('restarting')).failures).toBe(1);
  }
});

test('a program that does not exist is a failed start with its reason', async () => {
  const { states } = supervise('', { program: () => ({ file: '/nowhere/temporal', args: [], env: {} }) });
  expect((await states.next('restarting')).reason).toMatch(/^it could not be started: .*ENOENT/);
});

test('a process that never answers is ended and tried again', async () => {
  const { states } = supervise(`setInterval(() => undefined, 1000)`, { readyLimitMs: 300 });
  expect((await states.next('restarting')).reason).toBe('it did not answer within 0.3 s');
});

test('stopping asks politely, and the process is gone afterwards', async () => {
  const script = `process.on('SIGTERM', () => { console.log('goodbye'); process.exit(0) }); ${staysUp}`;
  const { supervised, states, log } = supervise(script);
  const { pid } = await states.next('running');
  await supervised.stop();
  expect(isRunning(pid)).toBe(false);
  expect(supervised.state()).toEqual({ kind: 'stopped' });
  expect(log()).toContain('goodbye');
});

test('a process that ignores the request is killed after the limit', async () => {
  const { supervised, states } = supervise(`process.on('SIGTERM', () => undefined); ${staysUp}`, { stopLimitMs: 100 });
  const { pid } = await states.next('running');
  await supervised.stop();
  expect(isRunning(pid)).toBe(false);
});

test('stopping during the wait for the next try starts nothing more', async () => {
  const slow = { firstDelayMs: 60_000, maxDelayMs: 60_000, resetAfterMs: 60_000 };
  const { supervised, states } = supervise('process.exit(1)', { backoff: slow });
  await states.next('restarting');
  await supervised.stop();
  expect(states.all.at(-1)).toEqual({ kind: 'stopped' });
  await expect(supervised.whenRunning()).rejects.toThrow('child was stopped');
});

test('the process gets its line on stdin, which ends only when it is stopped', async () => {
  const script = `process.stdin.on('data', (d) => console.log('got ' + d)).on('end', () => { console.log('end'); process.exit(0) });
    process.on('SIGTERM', () => undefined)`;
  const { supervised, states, log } = supervise(script, { stdinLine: () => '{"secret":1}' });
  await states.next('running');
  expect(log()).toContain('got {"secret":1}');
  expect(log()).not.toContain(' end\n');
  await supervised.stop();
  expect(log()).toContain(' end\n');
});

test('a data folder that cannot be written is a failed start: nothing runs without a record', async () => {
  const { states } = supervise(staysUp, { dataDir: '/dev/null/nowhere' });
  expect((await states.next('restarting')).reason).toMatch(/could not be started: .*\/dev\/null\/nowhere/);
});
