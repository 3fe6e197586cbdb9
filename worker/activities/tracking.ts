// Owns that every ordinary activity is tracked: each attempt begun, ended, failed. Knows nothing of their work.
import { Context } from '@temporalio/activity';
import type { TrackedAttempt } from '../../domain/tracking.ts';
import { isTracked, retryPolicyOf } from '../../domain/retry-policy.ts';
import { track } from '../store/tracking.ts';
import type { ActivityDeps } from './create-activities.ts';

/** Runs the current activity's work as a tracked attempt of its step. */
export async function tracked<Result>(
  { store, clock, log }: Pick<ActivityDeps, 'store' | 'clock' | 'log'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { workflowExecution, activityId, activityType, attempt } = Context.current().info;
  const workflowId = workflowExecution?.workflowId ?? '';
  const begun: TrackedAttempt = {
    kind: 'attempt',
    ...{ workflowId, runId: workflowExecution?.runId ?? '', stepId: activityId, activity: activityType, attempt },
    policy: isTracked(activityType) ? retryPolicyOf[activityType] : 'database',
    ...{ startedAt: clock(), endedAt: null, error: '', nextAttemptAt: null },
  };
  const reportId = workflowId.split('/')[1] ?? '';
  await track(store, reportId, [begun], clock);
  try {
    const result = await work();
    await track(store, reportId, [{ ...begun, endedAt: clock() }], clock);
    return result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log(`${activityType} of ${workflowId} failed (attempt ${attempt}): ${message}; it is tried again`);
    // The store may be what fails: then the log alone has it, and the work's own error goes on.
    await track(store, reportId, [{ ...begun, endedAt: clock(), error: message }], clock).catch((fault: unknown) =>
      log(`tracking: ${String(fault)}`),
    );
    throw error;
  }
}
