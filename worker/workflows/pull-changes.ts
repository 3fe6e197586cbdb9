// Owns one pull of a laptop: the next page of its feeds, at once or as soon as there is something to tell. Short-lived.
import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { PullAnswer } from '../../domain/change.ts';
import { awaitChanges, local } from './activity-proxies.ts';

/** @param signedPull a SignedPull; anything else fails the workflow with the type `Malformed`. */
export async function pullChanges(signedPull: unknown): Promise<PullAnswer> {
  const { answer, waitMs } = await local.readChanges(signedPull);
  if (waitMs === 0) return answer;
  try {
    return await awaitChanges(signedPull, answer);
  } catch (error) {
    // Its worker died, or waited too long: nothing to tell is the truth as far as it is known, and the laptop asks again.
    if (error instanceof ActivityFailure && !isCancellation(error)) return answer;
    throw error;
  }
}
