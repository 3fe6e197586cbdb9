// Owns a document on its way from this laptop as lists of documents show it, until the feed brings its record.
// Knows no record and no screen.
import type { ImportJob } from '../../../preload/contract.ts';
import type { FilePurpose, ImportRecord } from '../outbox/outbox.ts';

/**
 * A file that was handed in here as a document. `queued`: its bytes are with the worker, its receipt is not here yet. It is gone from the
 * list once the receipt is here; `failed` ones stay until they are handed in again or taken back.
 */
export interface DocumentUpload extends Omit<Extract<FilePurpose, { kind: 'document' }>, 'kind'> {
  importId: string;
  reportId: string;
  fileName: string;
  /** SHA-256, hex; null while it is being read, as is the size in bytes. */
  fileHash: string | null;
  fileSize: number | null;
  state: ImportJob['state'];
  startedAt: string;
}

/** The upload in a job; null for other purposes, other lines of business, and ones that a person cancelled. */
export function documentUpload(
  found: ImportRecord,
  lob: string,
  shown: (record: ImportRecord) => ImportJob,
): DocumentUpload | null {
  const { purpose } = found;
  if (purpose?.kind !== 'document' || purpose.lob !== lob) return null;
  const { importId, reportId, fileName, fileHash, fileSize, state, startedAt } = shown(found);
  if (state.kind === 'cancelled') return null;
  const { kind: _, ...document } = purpose;
  return { ...document, importId, reportId, fileName, fileHash, fileSize, state, startedAt };
}
