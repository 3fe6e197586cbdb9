// Owns what scenarios have in common: what each is given and leaves, where reports are brought to, how they are revised and steered.
import { lobWorkflowId, queries } from '../../domain/change.ts';
import type { Report } from '../../domain/change.ts';
import type { ItemVerdict } from '../../domain/decision.ts';
import type { Answer, OperationBody } from '../../domain/operation.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import type { Version } from '../../domain/version.ts';
import { hasFeature } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import {
  at,
  applied,
  beginCycle,
  handIn,
  importRows,
  isIn,
  lobColumn,
  review,
  skipping,
} from '../worker/cycle-world.ts';
import type { Cycle } from '../worker/cycle-world.ts';
import { drivenLobs, drivenRows, driveOwners, driveSample } from '../worker/driven-cycle.ts';
import type { Laptop, Place, World } from '../worker/worker-world.ts';
import type { Faults } from './faults.ts';

/** What a scenario is run in: shared with others that run at the same time. */
export interface Given {
  world: World;
  faults: Faults;
  /** What reports begin as here. */
  version: WorkflowVersion;
}

/** What is to be recorded when a scenario is over: the report's workflow with its lanes, and its cycle's if it is named. */
export interface Subject {
  reportId: string;
  ofCycle?: string;
}

export interface Scenario {
  /** Words with dashes: the file's name. */
  name: string;
  /** The versions that have it; all of them if it says nothing. */
  versions?: readonly WorkflowVersion[];
  run(given: Given): Promise<Subject>;
}

type ReportStart = Extract<OperationBody, { kind: 'cycle.start' }>['reports'][number];

/** A report with a population, whose planning is proposed. */
export async function inPlanning({ world }: Given, more: Partial<ReportStart> = {}): Promise<Cycle> {
  const cycle = await beginCycle(world, more);
  await importRows(cycle);
  return cycle;
}

export const untilSamples = ['planning', 'data-profiling', 'scoping'] as const;

/** A report whose first lane waits for documents; the other one too where the version lets lanes go on beside one another. */
export async function inLanes(given: Given, more: Partial<ReportStart> = {}): Promise<Cycle> {
  const cycle = await beginCycle(given.world, { lobs: lobColumn, skips: skipping(...untilSamples), ...more });
  await driveSample(cycle, await importRows(cycle, drivenRows()), {});
  await driveOwners(cycle, {});
  // Whoever reads or skips that is the lane, so its workflow runs.
  for (const lob of hasLanes(given) ? drivenLobs : ['cards']) {
    await cycle.tara.phase(at(cycle, 'request-info', lob), isIn('in-work', 'skipped'));
  }
  return cycle;
}

/** True where lanes go on beside one another, each in a workflow of its own. */
export const hasLanes = ({ version }: Given): boolean => hasFeature(version, 'lobChildren');

export const approved: ItemVerdict = { verdict: 'approved', reasonCode: null, note: '' };
export const duplicate: ItemVerdict = { verdict: 'rejected', reasonCode: 'duplicate', note: '' };
export const incorrect: ItemVerdict = { verdict: 'rejected', reasonCode: 'incorrect', note: '' };

interface Revising {
  place: Place;
  reviewer: Laptop;
  rejection: ItemVerdict;
  /** What the tester says to the first item, which is rejected. */
  answer(time: number): Partial<Answer> & Pick<Answer, 'answer'>;
}

/** The first item is rejected and answered, so many times; the version that waits then. */
export async function revised(cycle: Cycle, version: Version, times: number, how: Revising): Promise<Version> {
  const { reportId, tara } = cycle;
  const { place, reviewer, rejection, answer } = how;
  let current = version;
  for (let time = 1; time <= times; time += 1) {
    const { versionId, number } = current;
    const [first] = await reviewer.contents(versionId);
    if (!first) throw new Error(`version ${number} is empty`);
    const { itemKey, contentHash } = first;
    await review(reviewer, current, (item) => (item.itemKey === itemKey ? rejection : approved));
    await tara.phase(place, (line) => line.state === 'in-revision' && line.versionId === versionId);
    const answers = [{ itemKey, contentHash, ...answer(time) } as Answer];
    await applied(tara.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' }));
    current = await tara.version(place, (each) => each.number === number + 1 && each.status === 'pending');
  }
  return current;
}

/** Planning is handed in and revised by edits of its first attribute. */
export async function revisedPlan(cycle: Cycle, times: number): Promise<Version> {
  const place = at(cycle, 'planning');
  return revised(cycle, await handIn(cycle, place), times, {
    ...{ place, reviewer: cycle.tom, rejection: incorrect },
    answer: (time) => ({ answer: 'edit', fields: { description: `described for the ${time + 1}. time` } }),
  });
}

/** The sample that waits is revised by other rows. */
export async function revisedSample(cycle: Cycle, times: number): Promise<Version> {
  const place = at(cycle, 'sample-selection');
  const drawn = await cycle.tara.version(place, (version) => version.status === 'pending');
  const how = { place, reviewer: cycle.olga, rejection: duplicate, answer: () => ({ answer: 'replace' as const }) };
  return revised(cycle, drawn, times, how);
}

/** The whole version is rejected; the phase says how it ended. */
export async function rejectWhole(cycle: Cycle, reviewer: Laptop, version: Version): Promise<string | null> {
  const { reportId, versionId, phase, counts } = version;
  const seen = { approved: counts.approved, rejected: counts.rejected, pending: counts.pending };
  const whole = { kind: 'review.submit' as const, reportId, versionId, verdict: 'rejected' as const, seen };
  await applied(reviewer.settled({ ...whole, note: 'it is of another year' }));
  const { outcome } = await cycle.tara.phase(at(cycle, phase), isIn('rejected'));
  return outcome;
}

export function control({ reportId, mara }: Cycle, act: 'pause' | 'resume' | 'cancel') {
  return applied(mara.settled({ kind: 'report.control', reportId, act, reason: `${act} in a recording` }));
}

export function controlLane({ reportId, mara }: Cycle, lob: string, act: 'add' | 'pause' | 'resume' | 'cancel') {
  return applied(mara.settled({ kind: 'lob.control', reportId, lob, act, reason: `${act} in a recording` }));
}

export async function skip({ reportId, mara }: Cycle, lob: string | null, ...phases: PhaseSlug[]): Promise<void> {
  for (const phase of phases) {
    await applied(mara.settled({ kind: 'phase.skip', reportId, phase, lob, reason: `${phase} in a recording` }));
  }
}

/** The lane as soon as it stands so. */
export function lane(cycle: Cycle, lob: string, ...statuses: Report['lobs'][number]['status'][]): Promise<Report> {
  return cycle.tara.report(cycle.reportId, ({ lobs }) =>
    lobs.some((row) => row.lob === lob && statuses.includes(row.status)),
  );
}

/** Asks the server again until the answer is there. A worker that is busy may fail a query: that is no answer. */
export async function eventually<Answer>(ask: () => Promise<Answer | null | false>): Promise<Answer> {
  for (;;) {
    const answer = await ask().catch((error: unknown) => {
      if (isBusy(error)) return null;
      throw error;
    });
    if (answer !== null && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Code 4: no worker had time for the query; code 9: a task of the workflow has just timed out. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && [4, 9].includes(((error.cause ?? error) as { code?: number }).code ?? 0);
}

export const progressOf = ({ world }: Given, { reportId }: Pick<Cycle, 'reportId'>): Promise<ReportProgress> =>
  world.report(reportId).query<ReportProgress>(queries.progress);

export const statusOf = async ({ world }: Given, workflowId: string): Promise<string | null> => {
  try {
    return (await world.client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return null;
    throw error;
  }
};

export const laneId = ({ reportId }: Pick<Cycle, 'reportId'>, lob: string): string => lobWorkflowId(reportId, lob);
