// Owns what happens to work of an operation that does not come about: recorded when trying again would not help, tracked when it may.
import type { FollowUp } from '../store/apply.ts';
import { recordFailing, recordFailure, recordOver } from '../store/follow-up.ts';
import type { Version, WorkflowContext } from '../../domain/version.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ActivityDeps } from './create-activities.ts';
import { CannotBeDone } from './sample-draw.ts';

export type FollowUpOf<Kind extends FollowUp['kind']> = Extract<FollowUp, { kind: Kind }>;

/** What a history is told of a version that was made: which one. */
export type MadeVersion = Pick<Version, 'versionId' | 'number'>;

export function madeVersion(version: Version | null): MadeVersion | null {
  return version && { versionId: version.versionId, number: version.number };
}

/** What makes a repeated activity return the first one's result: workflow, phase, LOB, and the operation, plan or proposal. */
export function keyOf(
  { workflowId }: Pick<WorkflowContext, 'workflowId'>,
  { phase, lob }: { phase: PhaseSlug; lob: string | null },
  ...what: string[]
): string {
  return [workflowId, phase, lob === null ? '-' : encodeURIComponent(lob), ...what].join('/');
}

type Failure = Parameters<typeof recordFailing>[1];

/** Runs work that an operation asked for. What cannot be done is recorded and answered with null; all else is tracked and for the retries. */
export async function orRecorded<Result>(
  { store, clock, log }: Pick<ActivityDeps, 'store' | 'clock' | 'log'>,
  failure: Failure,
  work: () => Promise<Result>,
): Promise<Result | null> {
  try {
    const result = await work();
    await recordOver(store, failure.operationId, clock);
    return result;
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
export function whyHopeless(error: unknown): string | null {
  if (error instanceof CannotBeDone || error instanceof RangeError) return error.message;
  const isAbsent = error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
  return isAbsent ? 'the population is not on this worker any more: import its file again' : null;
}
