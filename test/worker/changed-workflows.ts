// A report's workflow as somebody could change it without a patch: it waits before it applies. Only for the replay test.
import { sleep } from '@temporalio/workflow';
import { reportWorkflow as today } from '../../worker/workflows/report-workflow.ts';
import type { ReportInput } from '../../worker/workflows/report-workflow.ts';

export async function reportWorkflow(input?: ReportInput): Promise<void> {
  await sleep('1 minute');
  await today(input);
}
