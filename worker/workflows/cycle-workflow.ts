// Owns the start of a cycle: has its operations applied and starts one report workflow per report. Ends when nothing waits;
// a later operation starts it again (signal-with-start).
import { workflowInfo } from '@temporalio/workflow';
import type { Target } from '../../domain/operation.ts';
import type { AppliedBatch } from '../activities/apply-operations.ts';
import { drain, openInbox } from './inbox.ts';
import { startReport } from './start-report.ts';

/** Takes no input: which cycle it is stands in its id, `cycle/ID`, and what to do comes by `submit`. */
export async function cycleWorkflow(): Promise<void> {
  const target: Target = { kind: 'cycle', id: workflowInfo().workflowId.replace(/^cycle\//, '') };
  const inbox = openInbox([]);
  const reportIds = new Set<string>();
  const applied = (batch: AppliedBatch): void => {
    for (const followUp of batch.followUps) {
      if (followUp.kind === 'start-reports') followUp.reportIds.forEach((reportId) => reportIds.add(reportId));
    }
  };
  do {
    await drain(inbox, target, { applied });
    for (const reportId of reportIds) {
      await startReport(reportId);
      reportIds.delete(reportId);
    }
  } while (inbox.waiting.length > 0);
}
