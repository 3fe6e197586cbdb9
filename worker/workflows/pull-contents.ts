// Owns one page of a version's items and bodies for a laptop. Short-lived.
import type { ContentsAnswer } from '../../domain/change.ts';
import { local } from './activity-proxies.ts';

/** @param signedContents a SignedContents; anything else fails the workflow with the type `Malformed`. */
export async function pullContents(signedContents: unknown): Promise<ContentsAnswer> {
  return local.readContents(signedContents);
}
