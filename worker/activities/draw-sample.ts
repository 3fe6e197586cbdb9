// Owns the activity that makes a version from a recorded plan: draws the rows and has the store make the version, once per plan.
import type { Json } from '../../domain/canonical.ts';
import type { VersionRun } from '../../domain/report-progress.ts';
import type { Version, WorkflowContext } from '../../domain/version.ts';
import { planOf, recordFailing, recordFailure, recordOver } from '../store/follow-up.ts';
import { createSampleVersion } from '../store/versions.ts';
import type { NewItem } from '../store/versions.ts';
import type { Work } from '../workflows/follow-ups.ts';
import type { ActivityDeps } from './create-activities.ts';
import { CannotBeDone, drawPlan } from './sample-draw.ts';
import type { DrawnRow, DrawnStratum } from './sample-draw.ts';

/** What a workflow is told of a version that was made. */
export type MadeVersion = Omit<VersionRun, 'life'>;

export function madeVersion({ versionId, phase, lob, number }: Version): MadeVersion {
  return { versionId, phase, lob, number };
}

/** The version, or null when the plan cannot be carried out; why stands in the ledger then. */
export async function drawSampleVersion(
  deps: ActivityDeps,
  work: Extract<Work, { kind: 'draw-sample' }>,
  workflow: WorkflowContext,
): Promise<MadeVersion | null> {
  const { store, populations, clock } = deps;
  const { operationId, reportId, planId } = work;
  const plan = await planOf(store, planId);
  if (!plan) throw new Error(`the store has no plan ${planId}`);
  return orRecorded(deps, { operationId, reportId, operation: 'create' }, async () => {
    const { rows, strata } = await drawPlan(populations, plan);
    const version = await createSampleVersion(
      store,
      {
        // Of workflow, phase and plan; never of a run or an attempt.
        idempotencyKey: `${workflow.workflowId}/sample-selection/-/draw/${planId}`,
        ...{ operationId, reportId, planId, workflow },
        rows: rows.map(newItem),
        summary: { strata: strata.map(disclosed) },
      },
      clock,
    );
    return madeVersion(version);
  });
}

function newItem({ itemKey, body, source }: DrawnRow): NewItem {
  return { itemKey, content: { body }, source, origin: { kind: 'new' }, verdict: 'pending' };
}

/** What has to be known to draw again: the record of the draw, and the stratum's share. */
function disclosed({ record, sampleSize, weight }: DrawnStratum): Json {
  return { ...record, sampleSize, weight };
}

/** Runs work that makes a version. What cannot be done is recorded and answered with null; all else is tracked and for the retries. */
export async function orRecorded(
  { store, clock, log }: Pick<ActivityDeps, 'store' | 'clock' | 'log'>,
  failure: { operationId: string; reportId: string; operation: 'create' | 'revise' },
  work: () => Promise<MadeVersion>,
): Promise<MadeVersion | null> {
  try {
    const version = await work();
    await recordOver(store, failure.operationId, clock);
    return version;
  } catch (error) {
    const message = whyHopeless(error);
    if (message === null) {
      const why = error instanceof Error ? error.message : String(error);
      // The store may be what fails: the work's own error is the one that goes on.
      await recordFailing(store, failure, why, clock).catch((fault: unknown) => log(`tracking: ${String(fault)}`));
      throw error;
    }
    await recordFailure(store, { ...failure, message }, clock);
    return null;
  }
}

/** Why trying again would not help, or null. A population that was removed from the disk comes back only with its file. */
function whyHopeless(error: unknown): string | null {
  if (error instanceof CannotBeDone || error instanceof RangeError) return error.message;
  const isAbsent = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
  return isAbsent ? 'the population is not on this worker any more: import its file again' : null;
}
