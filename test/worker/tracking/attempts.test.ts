// What becomes of one attempt: its line in the retry log, when it is tried again, and what passes untouched.
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import type { TrackedAttempt, TrackingEntry } from '../../../domain/tracking.ts';
import { attemptInterceptors } from '../../../worker/tracking/attempts.ts';

const noted: TrackedAttempt[] = [];
const logged: string[] = [];
let stopping: AbortController;
beforeEach(() => {
  noted.length = 0;
  logged.length = 0;
  stopping = new AbortController();
});

const givenOutMs = Date.UTC(2026, 10, 21, 8);
interface Of {
  activity?: string;
  attempt?: number;
  workflowId?: string;
  isLocal?: boolean;
  retryBaseMs?: number;
}

/** Runs work as an attempt of this activity; answers with what came out of it. */
async function attemptOf(work: () => Promise<unknown>, of: Of = {}): Promise<unknown> {
  const { activity = 'createVersion', attempt = 1, workflowId = 'report/r-1', isLocal = false, retryBaseMs } = of;
  const tracker = { note: async (_: string, entry: TrackingEntry) => void noted.push(entry as TrackedAttempt) };
  const log = (line: string): void => void logged.push(line);
  const interceptors = [attemptInterceptors({ tracker, log, stopping: stopping.signal, retryBaseMs })];
  const info = {
    ...{ activityType: activity, activityId: '7', attempt, isLocal, currentAttemptScheduledTimestampMs: givenOutMs },
    workflowExecution: { workflowId, runId: 'run-1' },
  };
  // The SDK's own words about failed activities are not looked at here.
  const environment = new MockActivityEnvironment(info, { interceptors, logger: new DefaultLogger('ERROR') });
  return environment.run(work).catch((error: unknown) => error);
}

const failing = (error: unknown) => async () => {
  throw error;
};

describe('an attempt that works', () => {
  test('is a line with its beginning and its end, by the server’s clock', async () => {
    expect(await attemptOf(async () => 'made')).toBe('made');
    const [begun, ended] = noted;
    expect(begun).toEqual({
      ...{ kind: 'attempt', workflowId: 'report/r-1', runId: 'run-1', stepId: '7', activity: 'createVersion' },
      ...{ attempt: 1, policy: 'database', startedAt: new Date(givenOutMs).toISOString() },
      ...{ endedAt: null, error: '', nextAttemptAt: null },
    });
    expect(ended).toMatchObject({ ...begun, endedAt: expect.any(String) as string });
    const tookMs = Date.parse(ended?.endedAt ?? '') - givenOutMs;
    expect(tookMs).toBeGreaterThanOrEqual(0);
    expect(tookMs).toBeLessThan(10_000);
  });
});

describe('an attempt that fails', () => {
  test.each<[string, number, number, Of?]>([
    ['createVersion', 1, 2_000],
    ['createVersion', 2, 4_000],
    ['generateSampleRecommendations', 2, 4_000],
    ['sendMail', 2, 2_000],
    ['importPopulation', 20, 30_000],
    ['adoptFile', 1, 200],
    ['createVersion', 2, 20, { retryBaseMs: 10 }],
  ])('of %s, the %i., is tried again after %i ms', async (activity, attempt, delayMs, more = {}) => {
    const thrown = await attemptOf(failing(new RangeError('EIO: the disk is gone')), { activity, attempt, ...more });
    expect(thrown).toBeInstanceOf(ApplicationFailure);
    expect(thrown).toMatchObject({
      message: 'EIO: the disk is gone',
      type: 'RangeError',
      nonRetryable: false,
      nextRetryDelay: delayMs,
    });
    const { endedAt, error, nextAttemptAt } = noted[1] as TrackedAttempt;
    expect(error).toBe('EIO: the disk is gone');
    const waitMs = Date.parse(nextAttemptAt ?? '') - Date.parse(endedAt ?? '');
    expect(Math.abs(waitMs - delayMs)).toBeLessThan(50);
    expect(logged).toEqual([
      `${activity} of report/r-1 failed (attempt ${attempt}): EIO: the disk is gone; it is tried again in ${delayMs} ms`,
    ]);
  });

  test('keeps the type and the cause of its failure', async () => {
    const cause = new Error('underneath');
    const failure = ApplicationFailure.create({ message: 'on top', type: 'Odd', cause, details: [1] });
    expect(await attemptOf(failing(failure))).toMatchObject({
      message: 'on top',
      type: 'Odd',
      cause,
      details: [1],
      nextRetryDelay: 2_000,
    });
  });

  test.each<[string, Of]>([
    ['createVersion', { attempt: 3 }],
    ['adoptFile', { activity: 'adoptFile', attempt: 2 }],
  ])('for the last time, of %s, is not tried again', async (_, of) => {
    const error = new Error('EIO');
    expect(await attemptOf(failing(error), of)).toBe(error);
    expect(noted[1]).toMatchObject({ error: 'EIO', nextAttemptAt: null });
  });

  test('for good is not tried again', async () => {
    const failure = ApplicationFailure.nonRetryable('never', 'Malformed');
    expect(await attemptOf(failing(failure))).toBe(failure);
    expect(failure.nextRetryDelay).toBeUndefined();
    expect(noted[1]).toMatchObject({ error: 'never', nextAttemptAt: null });
  });

  test('because it was cancelled passes as it is', async () => {
    const cancelled = new CancelledFailure('CANCELLED');
    expect(await attemptOf(failing(cancelled))).toBe(cancelled);
    expect(noted[1]).toMatchObject({ error: 'it was cancelled', nextAttemptAt: null });
  });

  test('because its worker stops is no failure of its step, and is given to the next worker at once', async () => {
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    const work = async () => {
      stopping.abort();
      throw aborted;
    };
    expect(await attemptOf(work)).toMatchObject({ type: 'WorkerStopped', nonRetryable: false });
    const { endedAt, nextAttemptAt, error } = noted[1] as TrackedAttempt;
    expect(error).toBe('its worker was stopped');
    expect(Date.parse(nextAttemptAt ?? '') - Date.parse(endedAt ?? '')).toBeLessThan(50);
  });

  test('by an abort that nobody asked for is tried again like any other', async () => {
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    expect(await attemptOf(failing(aborted))).toMatchObject({ nextRetryDelay: 2_000 });
  });
});

test.each<[string, Of]>([
  ['within a workflow’s task', { activity: 'createVersion', isLocal: true }],
  ['without a policy', { activity: 'applyOperations' }],
])('what runs %s is left alone', async (_, of) => {
  const error = new Error('EIO');
  expect(await attemptOf(failing(error), of)).toBe(error);
  expect({ noted, logged }).toEqual({ noted: [], logged: [] });
});

test('what laptops wait for has its retries and no line', async () => {
  const workflowId = 'putContent/0198';
  expect(await attemptOf(failing(new Error('EIO')), { activity: 'adoptFile', workflowId })).toMatchObject({
    nextRetryDelay: 200,
  });
  expect(noted).toEqual([]);
});
