// Owns one step of an upload. Short-lived.
import type { UploadAnswer } from '../../domain/change.ts';
import { adoptFile, local } from './activity-proxies.ts';

/** @param signedUpload a SignedUpload; anything else fails the workflow with the type `Malformed`. */
export async function putContent(signedUpload: unknown): Promise<UploadAnswer> {
  // A file that is handed over by its path is hashed whole, which takes seconds for large ones.
  return isHandover(signedUpload) ? adoptFile(signedUpload) : local.putContent(signedUpload);
}

function isHandover(signedUpload: unknown): boolean {
  const { request } = (signedUpload ?? {}) as { request?: { part?: { kind?: unknown } } };
  return request?.part?.kind === 'path';
}
