// Scenarios of reports that are moved to a newer version of their workflow in the middle.
import { randomUUID } from 'node:crypto';
import { newestVersion, workflowVersions } from '../../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../../domain/workflow-version.ts';
import { at, applied, handIn, isIn, ledgerOf, review, runDocuments } from '../../worker/cycle-world.ts';
import type { Cycle } from '../../worker/cycle-world.ts';
import { eventually, inLanes, inPlanning, progressOf, skip } from '../scenario.ts';
import type { Given, Scenario } from '../scenario.ts';
import { settle } from './failures.ts';

const before = workflowVersions.filter((version) => version !== newestVersion);

export const moves: readonly Scenario[] = [
  { name: 'moved-in-planning', versions: before, run: movedInPlanning },
  { name: 'moved-with-lanes', versions: before, run: movedWithLanes },
  { name: 'moved-while-failing', versions: before, run: movedWhileFailing },
  { name: 'moved-with-a-failing-line', versions: ['1.0.0', '1.1.0'], run: movedWhileLaneFailing },
  { name: 'moved-step-by-step', versions: ['1.0.0'], run: movedStepByStep },
];

async function move(given: Given, cycle: Cycle, to: WorkflowVersion): Promise<void> {
  const { reportId, mara } = cycle;
  await applied(mara.settled({ kind: 'workflow.move', reportId, to }));
  await mara.report(reportId, (report) => report.workflowVersion === to);
  await eventually(async () => (await progressOf(given, cycle)).version === to);
}

/** While a version waits for its review. */
async function movedInPlanning(given: Given): Promise<Cycle> {
  const cycle = await inPlanning(given);
  const version = await handIn(cycle, at(cycle, 'planning'));
  await move(given, cycle, newestVersion);
  await review(cycle.tom, version);
  await cycle.tara.version(at(cycle, 'data-profiling'), ({ status }) => status === 'draft');
  return cycle;
}

/** Lanes that were within the report go on beside one another. */
async function movedWithLanes(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  await cycle.dana.phase(at(cycle, 'request-info', 'cards'), isIn('in-work'));
  await move(given, cycle, newestVersion);
  for (const lob of ['cards', 'loans']) await cycle.tara.phase(at(cycle, 'request-info', lob), isIn('in-work'));
  await skip(cycle, null, 'request-info');
  for (const lob of ['cards', 'loans']) await cycle.tara.phase(at(cycle, 'test-execution', lob), isIn('in-work'));
  return cycle;
}

/** What was tried on is compensated since. */
async function movedWhileFailing(given: Given): Promise<Cycle> {
  const reportId = randomUUID();
  given.faults.put(reportId, 'propose planning', { times: Infinity });
  const cycle = await inPlanning(given, { reportId });
  await eventually(async () => (await progressOf(given, cycle)).alerts.some((alert) => alert.kind === 'step-failing'));
  await move(given, cycle, newestVersion);
  await cycle.mara.report(reportId, (report) => (report.compensations ?? []).length > 0);
  given.faults.heal(reportId);
  await settle(cycle, 'try-again');
  await cycle.tara.version(at(cycle, 'planning'), ({ status }) => status === 'draft');
  return cycle;
}

/** What the report had tried on is from then on its lane's alone: it is compensated once. */
async function movedWhileLaneFailing(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  const { reportId, mara } = cycle;
  given.faults.put(reportId, 'complete documents', { times: Infinity, strategy: 'partial-rollback' });
  const completed = runDocuments(cycle, 'cards', 'ID,BALANCE\n1,10\n');
  await eventually(async () =>
    (await progressOf(given, cycle)).alerts.some((alert) => alert.kind === 'follow-up-failing'),
  );
  await move(given, cycle, newestVersion);
  await mara.report(reportId, (report) => (report.compensations ?? []).length > 0);
  given.faults.heal(reportId);
  await settle(cycle, 'try-again');
  await completed;
  const kinds = (await ledgerOf(cycle, mara)).map((entry) => entry.kind);
  const compensated = kinds.filter((kind) => kind === 'step.compensated').length;
  if (compensated !== 1 || kinds.includes('version.failed')) throw new Error(`it was done twice: ${kinds.join(', ')}`);
  return cycle;
}

async function movedStepByStep(given: Given): Promise<Cycle> {
  const cycle = await inLanes(given);
  for (const to of workflowVersions.slice(1)) await move(given, cycle, to);
  await skip(cycle, null, 'request-info');
  for (const lob of ['cards', 'loans']) await cycle.tara.phase(at(cycle, 'test-execution', lob), isIn('in-work'));
  return cycle;
}
