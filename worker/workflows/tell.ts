// Owns telling another workflow to look at the store: by the signal `news`, and by starting it where it is not there. What there
// is to see stands in the store; the signal carries nothing.
import { TemporalFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  ParentClosePolicy,
  defineSignal,
  getExternalWorkflowHandle,
  startChild,
} from '@temporalio/workflow';
import { lobWorkflowId, signals, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import type { lobWorkflow } from './lob-workflow.ts';
import type { reportWorkflow } from './report-workflow.ts';
import { usualLimits } from './run-limits.ts';
import type { RunLimits } from './run-limits.ts';

/** How long a worker may be silent inside a workflow task before another takes over; the default is 10 s. */
const workflowTaskTimeoutMs = 2_000;

export const newsSignal = defineSignal(signals.news);

/**
 * Outlives its parent, also one that is cancelled on the server, and may be started again after it ended: the store says whether there
 * is anything left to do.
 */
const lasting = {
  parentClosePolicy: ParentClosePolicy.ABANDON,
  cancellationType: ChildWorkflowCancellationType.ABANDON,
  workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  workflowTaskTimeout: workflowTaskTimeoutMs,
} as const;

/** Starts the workflow of a report unless it runs. True when it was started now. */
export function startReport(reportId: string): Promise<boolean> {
  const workflowId = workflowIdOf({ kind: 'report', id: reportId });
  return unlessRunning(() =>
    startChild<typeof reportWorkflow>(workflowTypes.report, {
      ...lasting,
      workflowId,
      args: [{ limits: usualLimits }],
    }),
  );
}

/** Tells the workflow of a report to look; one that is not there reads the store anyway when somebody starts it. */
export async function tellReport(reportId: string): Promise<void> {
  await isTold(workflowIdOf({ kind: 'report', id: reportId }));
}

/** Tells the workflow of a lane to look, started if it is not there and `mayStart`. */
export async function tellLane(
  { reportId, lob }: { reportId: string; lob: string },
  mayStart: boolean,
  limits: RunLimits | null,
): Promise<void> {
  const workflowId = lobWorkflowId(reportId, lob);
  if ((await isTold(workflowId)) || !mayStart) return;
  await unlessRunning(() =>
    startChild<typeof lobWorkflow>(workflowTypes.lob, {
      ...lasting,
      workflowId,
      args: [{ limits: limits ?? usualLimits }],
    }),
  );
}

async function isTold(workflowId: string): Promise<boolean> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(newsSignal);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** The SDK has no class for it: this is what it says of one that ended or never was. */
function isAbsent(error: unknown): boolean {
  return error instanceof TemporalFailure && /because it was not found/u.test(error.message);
}

async function unlessRunning(start: () => Promise<unknown>): Promise<boolean> {
  try {
    await start();
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
