// The workflows of a report and of a lane as somebody could change them without a patch: they wait before they begin. Only for the replay
// test.
import { sleep } from '@temporalio/workflow';
import { lobWorkflow as laneToday } from '../../worker/workflows/lob-workflow.ts';
import type { LobInput } from '../../worker/workflows/lob-workflow.ts';
import { reportWorkflow as reportToday } from '../../worker/workflows/report-workflow.ts';
import type { ReportInput } from '../../worker/workflows/report-workflow.ts';

export async function reportWorkflow(input?: ReportInput): Promise<void> {
  await sleep('1 minute');
  await reportToday(input);
}

export async function lobWorkflow(input?: LobInput): Promise<void> {
  await sleep('1 minute');
  await laneToday(input);
}
