// Owns what becomes of one attempt of an ordinary activity: its line in the retry log, and when a failed one is tried again, by the
// policy of its name. Knows nothing of their work.
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { Context, Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import {
  isTracked,
  retryDelayMs,
  retryPolicies,
  retryPolicyOf,
  workerStoppedFailure,
} from '../../domain/retry-policy.ts';
import type { TrackedActivity } from '../../domain/retry-policy.ts';
import { placeOfWorkflow, trackedText } from '../../domain/tracking-rules.ts';
import type { TrackedAttempt } from '../../domain/tracking.ts';
import type { Tracker } from './tracker.ts';

export interface AttemptDeps {
  tracker: Pick<Tracker, 'note'>;
  log(line: string): void;
  /** Aborted when the worker is to end. */
  stopping: AbortSignal;
  /** Another base of the waits than the policies', for tests. */
  retryBaseMs?: number | undefined;
}

/** For `interceptors.activity` of the worker. Calls within a workflow's task are none of its business. */
export function attemptInterceptors(deps: AttemptDeps): ActivityInterceptorsFactory {
  return (context) => {
    const { activityType, isLocal } = context.info;
    if (isLocal || !isTracked(activityType)) return {};
    return { inbound: { execute: (input, next) => attempt(deps, context, activityType, () => next(input)) } };
  };
}

async function attempt(
  deps: AttemptDeps,
  context: Context,
  activity: TrackedActivity,
  work: () => Promise<unknown>,
): Promise<unknown> {
  const line = openLine(deps, context.info, activity);
  await line.note({});
  try {
    const result = await work();
    await line.note({ endedAt: line.after(0) });
    return result;
  } catch (error) {
    const { failure, delayMs, why } = judged(deps, context, activity, error);
    const again = delayMs === null ? 'it is not tried again' : `it is tried again in ${delayMs} ms`;
    deps.log(`${activity} of ${line.workflowId} failed (attempt ${context.info.attempt}): ${why}; ${again}`);
    const nextAttemptAt = delayMs === null ? null : line.after(delayMs);
    await line.note({ endedAt: line.after(0), error: trackedText(why), nextAttemptAt });
    throw failure;
  }
}

interface Judged {
  /** What is thrown instead. */
  failure: unknown;
  /** Null: it is not tried again. */
  delayMs: number | null;
  why: string;
}

/** What is to be done about what an attempt threw. */
function judged(
  { stopping, retryBaseMs }: AttemptDeps,
  { info, cancellationSignal }: Context,
  activity: TrackedActivity,
  error: unknown,
): Judged {
  const policy = retryPolicies[retryPolicyOf[activity]];
  const isLast = policy.attempts !== null && info.attempt >= policy.attempts;
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof ApplicationFailure && error.nonRetryable) return { failure: error, delayMs: null, why };
  // Stopping cancels too; then another worker goes on, as soon as Temporal gives it the work.
  if (stopping.aborted) {
    const failure = ApplicationFailure.fromError(error, { type: workerStoppedFailure });
    return { failure, delayMs: isLast ? null : 0, why: 'its worker was stopped' };
  }
  if (error instanceof CancelledFailure || cancellationSignal.aborted)
    return { failure: error, delayMs: null, why: 'it was cancelled' };
  if (isLast) return { failure: error, delayMs: null, why };
  const delayMs = retryDelayMs(policy, info.attempt, retryBaseMs);
  return { failure: ApplicationFailure.fromError(error, { nextRetryDelay: delayMs }), delayMs, why };
}

/**
 * One line of the retry log. Its times are the server's: when the attempt was given out, and how long it has taken since by a clock
 * that nobody sets.
 */
function openLine({ tracker }: AttemptDeps, info: Info, activity: TrackedActivity) {
  const { workflowExecution, activityId, attempt: number, currentAttemptScheduledTimestampMs: givenOutMs } = info;
  const { workflowId = '', runId = '' } = workflowExecution ?? {};
  const place = placeOfWorkflow(workflowId);
  const beganMs = performance.now();
  const after = (delayMs: number): string =>
    new Date(Math.round(givenOutMs + performance.now() - beganMs + delayMs)).toISOString();
  const begun: TrackedAttempt = {
    kind: 'attempt',
    ...{ workflowId, runId, stepId: activityId, activity, attempt: number, policy: retryPolicyOf[activity] },
    ...{ startedAt: new Date(givenOutMs).toISOString(), endedAt: null, error: '', nextAttemptAt: null },
  };
  return {
    workflowId,
    /** The time now, or so much later. */
    after,
    async note(now: Partial<TrackedAttempt>): Promise<void> {
      if (place) await tracker.note(place.reportId, { ...begun, ...now });
    },
  };
}
