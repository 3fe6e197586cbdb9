// Owns the start of a cycle, and what a manager decides about it as a whole: has its operations applied, starts one report workflow per
// report and tells running ones to look. Ends when nothing waits; a later operation starts it again (signal-with-start).
import { workflowInfo } from '@temporalio/workflow';
import type { Target } from '../../domain/operation.ts';
import type { AppliedBatch } from '../activities/apply-operations.ts';
import { drain, openInbox } from './inbox.ts';
import { startReport, tellReport } from './tell.ts';

/** Takes no input: which cycle it is stands in its id, `cycle/ID`, and what to do comes by `submit`. */
export async function cycleWorkflow(): Promise<void> {
  const target: Target = { kind: 'cycle', id: workflowInfo().workflowId.replace(/^cycle\//, '') };
  const inbox = openInbox([]);
  const reportIds = new Set<string>();
  const applied = (batch: AppliedBatch): void => {
    for (const followUp of batch.followUps) {
      if (followUp.kind !== 'start-reports' && followUp.kind !== 'wake-reports') continue;
      followUp.reportIds.forEach((reportId) => reportIds.add(reportId));
    }
  };
  do {
    await drain(inbox, target, { applied });
    for (const reportId of reportIds) {
      // One that was lost with the server is started; one that is over ends again at once.
      if (!(await startReport(reportId))) await tellReport(reportId);
      reportIds.delete(reportId);
    }
  } while (inbox.waiting.length > 0);
}
