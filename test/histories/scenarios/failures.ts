// Scenarios of steps that fail for good: tried on as long as nothing compensates them, compensated by each strategy and settled since.
import { randomUUID } from 'node:crypto';
import type { Compensation, Settlement, Strategy } from '../../../domain/compensation.ts';
import { hasFeature, workflowVersions } from '../../../domain/workflow-version.ts';
import { at, applied, handIn, isIn, review } from '../../worker/cycle-world.ts';
import type { Cycle } from '../../worker/cycle-world.ts';
import { driveLane } from '../../worker/driven-cycle.ts';
import { eventually, inLanes, inPlanning } from '../scenario.ts';
import type { Given, Scenario } from '../scenario.ts';

const compensating = workflowVersions.filter((version) => hasFeature(version, 'compensation'));
const before = workflowVersions.filter((version) => !hasFeature(version, 'compensation'));

export const failures: readonly Scenario[] = [
  { name: 'step-tried-on', versions: before, run: (given) => failingPlan(given, 2) },
  { name: 'lane-step-tried-on', versions: before, run: (given) => failingLane(given) },
  { name: 'compensated-by-rollback', versions: compensating, run: (given) => heldPlan(given, 'rollback') },
  { name: 'compensated-by-notify', versions: compensating, run: (given) => failingPlan(given, 2, 'notify') },
  { name: 'compensated-by-skip-to-manual', versions: compensating, run: (given) => heldPlan(given, 'skip-to-manual') },
  {
    name: 'compensated-by-partial-rollback',
    versions: compensating,
    run: (given) => heldPlan(given, 'partial-rollback'),
  },
  {
    name: 'compensated-act-tried-again',
    versions: compensating,
    run: (given) => failedReview(given, 'partial-rollback', 'try-again'),
  },
  {
    name: 'compensated-act-withdrawn',
    versions: compensating,
    run: (given) => failedReview(given, 'partial-rollback', 'withdraw'),
  },
  {
    name: 'compensated-act-rolled-back',
    versions: compensating,
    run: (given) => failedReview(given, 'rollback', null),
  },
  {
    name: 'compensated-act-by-hand',
    versions: compensating,
    run: (given) => failedReview(given, 'skip-to-manual', 'by-hand'),
  },
  { name: 'lane-compensated', versions: compensating, run: (given) => failingLane(given, 'partial-rollback') },
];

/** Planning fails some times and is tried on. */
async function failingPlan(given: Given, times: number, strategy?: Strategy): Promise<Cycle> {
  const reportId = randomUUID();
  given.faults.put(reportId, 'propose planning', { times, ...(strategy ? { strategy } : {}) });
  const cycle = await inPlanning(given, { reportId });
  await cycle.tara.version(at(cycle, 'planning'), (version) => version.status === 'draft');
  if (given.faults.left(reportId) > 0) throw new Error('the step did not fail');
  return cycle;
}

/** Planning cannot be proposed, waits for a test manager and is tried again. */
async function heldPlan(given: Given, strategy: Strategy): Promise<Cycle> {
  const reportId = randomUUID();
  given.faults.put(reportId, 'propose planning', { strategy });
  const cycle = await inPlanning(given, { reportId });
  await settle(cycle, 'try-again');
  await cycle.tara.version(at(cycle, 'planning'), (version) => version.status === 'draft');
  return cycle;
}

/** What waits is settled by a test manager. */
export async function settle(cycle: Cycle, choice: Settlement): Promise<Compensation> {
  const { reportId, mara } = cycle;
  const { compensations: [compensation] = [] } = await mara.report(
    reportId,
    (report) => (report.compensations ?? []).length > 0,
  );
  if (!compensation) throw new Error('nothing waits');
  const { compensationId } = compensation;
  await applied(
    mara.settled({ kind: 'compensation.settle', reportId, compensationId, choice, note: 'the disk is back' }),
  );
  return compensation;
}

/** The approval of planning cannot be carried out. What is taken back is given again. */
async function failedReview(given: Given, strategy: Strategy, choice: Settlement | null): Promise<Cycle> {
  const cycle = await inPlanning(given);
  const { reportId, tara, tom } = cycle;
  const place = at(cycle, 'planning');
  given.faults.put(reportId, 'settle planning', { strategy });
  const version = await handIn(cycle, place);
  await review(tom, version);
  if (choice !== null) await settle(cycle, choice);
  if (choice !== 'try-again') {
    // The decisions stand, the review is given once more.
    await eventually(async () => given.faults.left(reportId) === 0);
    await tom.version(place, (each) => each.reviewVerdict === null && each.counts.approved === each.counts.total);
    await eventually(async () => (await giveAgain(cycle, version.versionId)) === 'applied');
  }
  await tara.phase(place, isIn('completed'));
  return cycle;
}

async function giveAgain(cycle: Cycle, versionId: string): Promise<string> {
  const { reportId, tom } = cycle;
  const { counts } = await tom.version(at(cycle, 'planning'), (each) => each.versionId === versionId);
  const seen = { approved: counts.approved, rejected: counts.rejected, pending: counts.pending };
  const verdict = 'approved' as const;
  return (await tom.settled({ kind: 'review.submit', reportId, versionId, verdict, note: '', seen })).state;
}

/** Evidence of a lane cannot be read at first. */
async function failingLane(given: Given, strategy?: Strategy): Promise<Cycle> {
  const cycle = await inLanes(given);
  given.faults.put(cycle.reportId, 'read the evidence', strategy ? { strategy } : {});
  const driven = driveLane(cycle, 'cards', {});
  await Promise.all([driven, strategy ? settle(cycle, 'try-again') : null]);
  return cycle;
}
