// Owns bringing one received file to the worker: by path where both share a machine, else in chunks that go on where they stopped.
// Knows no outbox and no state of an import.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { chunkLimitBytes } from '../../../domain/change.ts';
import type { UploadAnswer, UploadRequest } from '../../../domain/change.ts';
import type { Gateway } from '../sync/gateway.ts';
import type { LinkFault } from '../sync/link-fault.ts';
import type { SignedReads } from '../sync/signed-reads.ts';

export interface Upload {
  reportId: string;
  fileHash: string;
  fileSize: number;
  localPath: string;
}

export interface UploadOptions {
  gateway: Gateway;
  reads: SignedReads;
  /** Host and worker share a machine. */
  handover: boolean;
  signal: AbortSignal;
  onProgress(sentBytes: number): void;
}

export type UploadEnd =
  { kind: 'complete' } | { kind: 'fault'; fault: LinkFault } | { kind: 'refused'; code: string; message: string };

/** Brings the file to the worker. Can be repeated: the worker says how far it has it. @throws what reading the file throws. */
export async function upload(what: Upload, options: UploadOptions): Promise<UploadEnd> {
  if (options.handover) {
    const handed = await ask(what, { kind: 'path', path: what.localPath }, options);
    // A worker that may not read here takes the bytes instead.
    if (handed.kind !== 'refused' || handed.code !== 'path-not-allowed') return endOf(handed) ?? incomplete(handed);
  }
  return uploadChunks(what, options);
}

type Told = { kind: 'received'; receivedBytes: number; complete: boolean } | Exclude<UploadEnd, { kind: 'complete' }>;

async function uploadChunks(what: Upload, options: UploadOptions): Promise<UploadEnd> {
  let told = await ask(what, { kind: 'ask' }, options);
  const file = await open(what.localPath, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkLimitBytes);
    for (;;) {
      const end = endOf(told);
      if (end || told.kind !== 'received') return end ?? incomplete(told);
      options.onProgress(told.receivedBytes);
      const offset = told.receivedBytes;
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      if (bytesRead === 0)
        return { kind: 'refused', code: 'hash-differs', message: 'the received file is shorter than it was' };
      const bytes = buffer.subarray(0, bytesRead);
      const chunkHash = createHash('sha256').update(bytes).digest('hex');
      told = await ask(what, { kind: 'chunk', offset, chunkHash }, options, bytes.toString('base64'));
      if (told.kind === 'received' && !told.complete && told.receivedBytes <= offset) return incomplete(told);
    }
  } finally {
    await file.close();
  }
}

async function ask(what: Upload, part: UploadRequest['part'], options: UploadOptions, chunk?: string): Promise<Told> {
  const { reportId, fileHash, fileSize } = what;
  const signed = options.reads.upload({ reportId, fileHash, fileSize, part }, chunk);
  const answer = await options.gateway.upload(signed, options.signal);
  if (!answer.ok) return { kind: 'fault', fault: answer.fault };
  const told: UploadAnswer = answer.value;
  return told.kind === 'refused' ? { kind: 'refused', code: told.code, message: told.message } : told;
}

function endOf(told: Told): UploadEnd | null {
  if (told.kind !== 'received') return told;
  return told.complete ? { kind: 'complete' } : null;
}

function incomplete(told: Told): UploadEnd {
  const had = told.kind === 'received' ? ` (it has ${told.receivedBytes.toLocaleString('en')} bytes)` : '';
  return { kind: 'fault', fault: { kind: 'failed', message: `The worker did not take the file${had}.` } };
}
