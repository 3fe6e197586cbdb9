// Owns bringing received files to the worker while there is a link, queueing what follows, and hearing what became of it.
// Uploading itself is in uploads.ts; what each purpose means is in purpose.ts.
import { existsSync } from 'node:fs';
import { createBell } from '../sync/bell.ts';
import type { Cache } from '../cache/cache.ts';
import { failureOf } from '../failure.ts';
import type { Gateway } from '../sync/gateway.ts';
import type { LinkFault } from '../sync/link-fault.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Author, FilePurpose, ImportRecord, Outbox } from '../outbox/outbox.ts';
import type { SignedReads } from '../sync/signed-reads.ts';
import type { FileJobs } from './file-jobs.ts';
import { afterDelivery, operationFor } from './purpose.ts';
import type { Delivered, WholeFile } from './purpose.ts';
import { upload } from './uploads.ts';

export interface FileDeliveryOptions {
  jobs: FileJobs;
  outbox: Outbox;
  cache: Cache;
  author: Author;
  reads: SignedReads;
  /** Host and worker share a machine: files are handed over by path. */
  handover: boolean;
  now(): string;
  /** Runs work that nobody waits for; it is ended with the profile. */
  inBackground(work: Promise<unknown>): void;
}

export interface FileDelivery {
  /** Brings waiting files to the worker and queues their operations until the signal is aborted or the link fails. */
  run(gateway: Gateway, signal: AbortSignal): Promise<LinkFault>;
  /** Looks what the feed brought for queued files. */
  follow(): void;
  /** Something may be ready now. */
  wake(): void;
  /** Files that can be brought to the worker now: received, and for a report that the server knows. */
  ready(): ImportRecord[];
}

export function createFileDelivery(options: FileDeliveryOptions): FileDelivery {
  const { jobs, outbox, cache } = options;
  const bell = createBell();

  const ready = (): ImportRecord[] =>
    jobs.all().filter(({ job }) => job.state.kind === 'waiting-for-server' && cache.report(job.reportId) !== null);

  const bring = async (found: ImportRecord, gateway: Gateway, outer: AbortSignal): Promise<LinkFault | null> => {
    const { importId } = found.job;
    const whole = wholeFileOf(found, jobs);
    if (typeof whole === 'string' || found.purpose === null) {
      const message =
        typeof whole === 'string' ? whole : 'It is not known any more what this file was for: choose it again.';
      await jobs.settle(found, { kind: 'failed', message });
      return null;
    }
    const own = new AbortController();
    jobs.underWay.set(importId, own);
    try {
      const end = await upload(
        { ...whole, localPath: jobs.fileOf(importId) },
        {
          ...{ gateway, reads: options.reads, handover: options.handover },
          signal: AbortSignal.any([own.signal, outer]),
          onProgress(sentBytes) {
            jobs.progress(importId, sentBytes);
            jobs.tell(importId);
          },
        },
      );
      if (own.signal.aborted) return null;
      if (end.kind === 'fault') return end.fault;
      if (end.kind === 'refused') await jobs.settle(found, { kind: 'failed', message: end.message });
      else queueOperation(found, found.purpose, whole);
      return null;
    } finally {
      jobs.underWay.delete(importId);
      jobs.progress(importId, null);
      jobs.tell(importId);
    }
  };

  const queueOperation = (found: ImportRecord, purpose: FilePurpose, whole: WholeFile): void => {
    outbox.queue([operationFor(purpose, whole)], options.author, options.now(), ([operation]) => {
      if (!operation) throw new Error('nothing was queued');
      const { operationId } = operation;
      outbox.imports.save({ ...found, operationId, job: { ...found.job, state: { kind: 'queued' } } });
    });
    jobs.tell(found.job.importId);
  };

  const followOne = (found: ImportRecord): void => {
    const { state, reportId } = found.job;
    if ((state.kind !== 'queued' && state.kind !== 'profiling') || found.operationId === null || !found.purpose) return;
    const delivered = deliveryOf(outbox, found.operationId);
    const next = afterDelivery(found.purpose, found.job, delivered, cache.populations(reportId));
    if (next.kind === 'ended') options.inBackground(jobs.settle(found, next.state));
    else if (next.kind === 'forgotten') options.inBackground(jobs.forget(found));
    else if (next.kind === 'profiling' && state.kind === 'queued') jobs.save(found, { kind: 'profiling' });
  };
  const follow = (): void => {
    for (const found of jobs.all()) followOne(found);
    bell.ring();
  };
  return {
    async run(gateway, signal) {
      // What was told before a crash, or settled without a page, is not told again.
      follow();
      while (!signal.aborted) {
        const next = ready()[0];
        if (!next) {
          await bell.wait(signal);
          continue;
        }
        try {
          const fault = await bring(next, gateway, signal);
          if (fault) return fault;
        } catch (error) {
          await jobs.settle(next, { kind: 'failed', message: failureOf(error).message });
        }
      }
      return { kind: 'cancelled', message: 'cancelled' };
    },
    ...{ follow, ready },
    wake: () => bell.ring(),
  };
}

/** The file of a job with all that is known of it, or why it cannot be brought anywhere. */
function wholeFileOf({ job }: ImportRecord, jobs: FileJobs): WholeFile | string {
  const { importId, reportId, fileName, fileHash, fileSize } = job;
  if (fileHash === null || fileSize === null || !existsSync(jobs.fileOf(importId))) {
    return 'The received file is gone from the data folder: choose it again.';
  }
  return { reportId, fileName, fileHash, fileSize };
}

function deliveryOf(outbox: Outbox, operationId: string): Delivered {
  const row = outbox.tables.operations.get(operationId);
  if (row?.state === 'applied') return { state: 'applied' };
  if (row?.state !== 'refused' && row?.state !== 'conflict') return { state: 'waiting' };
  return { state: 'not-applied', reason: row.reason ? (JSON.parse(row.reason) as Reason) : null };
}
