// Owns what files are for: which operation follows when the worker has the bytes, and what its receipt and the feed make of the job.
// Knows no file, no link and no timing.
import type { Population } from '../../../domain/population.ts';
import type { OperationBody, Reason } from '../../../domain/operation.ts';
import type { ImportJob } from '../../../preload/contract.ts';
import type { FilePurpose } from '../outbox/outbox.ts';

/** A file whose bytes are with the worker. */
export interface WholeFile {
  reportId: string;
  fileName: string;
  /** SHA-256, hex. */
  fileHash: string;
  fileSize: number;
}

/** What is queued for a file. */
export function operationFor(purpose: FilePurpose, file: WholeFile): OperationBody {
  switch (purpose.kind) {
    case 'population':
      return { kind: 'population.import', ...file, keyColumn: purpose.keyColumn };
    case 'document': {
      const { kind: _, ...document } = purpose;
      return { kind: 'document.submit', ...file, ...document };
    }
  }
}

/** How far the operation of a file has come, by its receipt. */
export type Delivered = { state: 'waiting' } | { state: 'applied' } | { state: 'not-applied'; reason: Reason | null };

/** `stays`: nothing to tell yet. `forgotten`: what the feed brought stands for the file from now on. */
export type AfterDelivery =
  | { kind: 'stays' }
  | { kind: 'profiling' }
  | { kind: 'ended'; state: Extract<ImportJob['state'], { kind: 'ready' | 'failed' }> }
  | { kind: 'forgotten' };

/** What a queued file has come to. @param populations those that the feed brought of its report. */
export function afterDelivery(
  purpose: FilePurpose,
  job: Pick<ImportJob, 'fileHash'>,
  delivered: Delivered,
  populations: readonly Population[],
): AfterDelivery {
  if (delivered.state === 'waiting') return { kind: 'stays' };
  if (delivered.state === 'not-applied') {
    const message = delivered.reason?.message ?? 'The server refused the file without a reason.';
    return { kind: 'ended', state: { kind: 'failed', message } };
  }
  if (purpose.kind === 'document') return { kind: 'forgotten' };
  const population = populations.find((row) => row.populationHash === job.fileHash);
  if (!population || population.state.kind === 'importing') return { kind: 'profiling' };
  if (population.state.kind === 'failed') return { kind: 'ended', state: population.state };
  return { kind: 'ended', state: { kind: 'ready', populationHash: population.populationHash } };
}

/** Why a file that is with the server is not taken back, for a person. */
export function whyNotTakenBack(purpose: FilePurpose | null, fileName: string): string {
  const rest =
    purpose?.kind === 'document'
      ? 'A tester can reject it, and then a new file can be handed in for it.'
      : 'It does no harm: another file can be imported beside it.';
  return `${fileName} is with the server already and cannot be taken back. ${rest}`;
}
