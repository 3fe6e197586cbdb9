// Owns that every ordinary activity is tracked as a step: begun, ended, failed. Knows nothing of their work.
import { Context } from '@temporalio/activity';
import { finishedStep, startedStep } from '../store/steps.ts';
import type { ActivityDeps } from './create-activities.ts';

/** Runs the current activity's work as a tracked step of its workflow. */
export async function tracked<Result>(
  { store, clock, log }: Pick<ActivityDeps, 'store' | 'clock' | 'log'>,
  work: () => Promise<Result>,
): Promise<Result> {
  const { workflowExecution, activityId, activityType, attempt } = Context.current().info;
  const step = {
    workflowId: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
    stepId: activityId,
    attempt,
    name: activityType,
  };
  await startedStep(store, step, clock);
  try {
    const result = await work();
    await finishedStep(store, step, null, clock);
    return result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log(`${step.name} of ${step.workflowId} failed (attempt ${attempt}): ${message}; it is tried again`);
    // The store may be what fails: then the log alone has it, and the work's own error goes on.
    await finishedStep(store, step, message, clock).catch((fault: unknown) => log(`steps: ${String(fault)}`));
    throw error;
  }
}
