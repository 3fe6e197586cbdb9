// Owns how a report's workflow is started by another one: once, and to outlive it.
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild } from '@temporalio/workflow';
import { workflowIdOf } from '../../domain/change.ts';
import { reportWorkflow } from './report-workflow.ts';

/** How long a worker may be silent inside a workflow task before another takes over; the default is 10 s. */
const workflowTaskTimeoutMs = 2_000;

/** Starts the workflow of a report unless there is or was one. */
export async function startReport(reportId: string): Promise<void> {
  try {
    await startChild(reportWorkflow, {
      workflowId: workflowIdOf({ kind: 'report', id: reportId }),
      args: [{}],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowTaskTimeout: workflowTaskTimeoutMs,
    });
  } catch (error) {
    // Started before: by the run that died after this, by the same operation sent twice, or for another laptop.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
