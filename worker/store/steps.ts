// Owns the tracking of activities: which ran when, in which attempt, and how each ended. Knows nothing of their work.
import type { Store } from './store.ts';

/** One attempt of one activity. */
export interface Step {
  workflowId: string;
  runId: string;
  stepId: string;
  attempt: number;
  name: string;
}

/** Tracks that an activity began. */
export async function startedStep(store: Store, step: Step, clock: () => string): Promise<void> {
  const started = { started_at: clock(), finished_at: null, error: null };
  await store.db
    .insertInto('steps')
    .values({
      workflow_id: step.workflowId,
      run_id: step.runId,
      step_id: step.stepId,
      attempt: step.attempt,
      name: step.name,
      ...started,
    })
    .onConflict((c) => c.columns(['workflow_id', 'run_id', 'step_id', 'attempt']).doUpdateSet(started))
    .execute();
}

/** Tracks that an activity ended; `error` is null when it did its work. */
export async function finishedStep(store: Store, step: Step, error: string | null, clock: () => string): Promise<void> {
  await store.db
    .updateTable('steps')
    .set({ finished_at: clock(), error })
    .where('workflow_id', '=', step.workflowId)
    .where('run_id', '=', step.runId)
    .where('step_id', '=', step.stepId)
    .where('attempt', '=', step.attempt)
    .execute();
}
