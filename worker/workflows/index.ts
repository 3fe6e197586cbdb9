// The one entry that the SDK's bundler takes: every export is a workflow. Nothing else belongs here.
export { cycleWorkflow } from './cycle-workflow.ts';
export { deviceWorkflow } from './device-workflow.ts';
export { lobWorkflow } from './lob-workflow.ts';
export { pullChanges } from './pull-changes.ts';
export { pullContents } from './pull-contents.ts';
export { putContent } from './put-content.ts';
export { reportWorkflow } from './report-workflow.ts';
export { reviveReports } from './revive-reports.ts';
