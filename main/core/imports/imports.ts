// Owns the files that a profile hands in, from the chosen file to what the worker made of it: receiving, restart, cancelling.
// A file has a purpose (a population, a document); nothing here differs by it but purpose.ts. Reading files is in incoming-file.ts,
// bringing them to the worker in delivery.ts. Knows no file's contents.
import { basename } from 'node:path';
import type { ImportJob } from '../../../preload/contract.ts';
import { failed, failureOf } from '../failure.ts';
import type { Gateway } from '../sync/gateway.ts';
import type { LinkFault } from '../sync/link-fault.ts';
import type { Cache } from '../cache/cache.ts';
import type { Author, FilePurpose, ImportRecord, Outbox } from '../outbox/outbox.ts';
import type { SignedReads } from '../sync/signed-reads.ts';
import { createFileDelivery } from './delivery.ts';
import { documentUpload } from './document-upload.ts';
import type { DocumentUpload } from './document-upload.ts';
import { createFileJobs, isFinished } from './file-jobs.ts';
import type { FileJobs, JobState } from './file-jobs.ts';
import { openSource, receiveInto, refuseTooLarge, teamLimitBytes } from './incoming-file.ts';
import { whyNotTakenBack } from './purpose.ts';

export interface ImportsOptions {
  outbox: Outbox;
  cache: Cache;
  author: Author;
  reads: SignedReads;
  incoming: string;
  /** Solo: the worker reads files of this machine, and none is too large. */
  solo: boolean;
  now(): string;
  log(line: string): void;
  /** Why nothing can be brought to the server now, for the job's state. */
  whyWaiting(): string;
  /** A job changed; `purpose` is null while nobody said it. */
  onJob(job: ImportJob, purpose: FilePurpose | null): void;
}

export interface Imports {
  /** Takes a file that is streamed in. Resolves when it is whole on the disk; `startReceived` goes on from there. */
  receive(
    meta: { fileName: string; totalBytes: number | null; reportId: string },
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<ImportJob>;
  /** Begins with a file of this machine; it is read in the background. @throws CommandFailure when it cannot be read. */
  startPath(reportId: string, path: string, purpose: FilePurpose): Promise<ImportJob>;
  /** Goes on with a received file. */
  startReceived(importId: string, reportId: string, purpose: FilePurpose): ImportJob;
  /** @throws CommandFailure `not-found`. */
  get(importId: string): ImportJob;
  has(importId: string): boolean;
  /** The population files of a report, and those of which nobody said yet what they are. */
  list(reportId: string): ImportJob[];
  /** The documents of a line of business that are not with the server yet, or could not be handed in; oldest first. */
  documents(reportId: string, lob: string): DocumentUpload[];
  cancel(importId: string): Promise<ImportJob>;
  /** Forgets an ended job. */
  dismiss(importId: string): Promise<void>;
  /** Brings waiting files to the worker and queues their operations, while connected. */
  run(gateway: Gateway, signal: AbortSignal): Promise<LinkFault>;
  /** Looks what the feed brought for queued files. Call after a page was applied. */
  follow(): void;
  /** True while a file could be brought to the worker now and was not. */
  busy(): boolean;
  /** True while anything is not finished. */
  unfinished(): boolean;
  /** Resolves when a file is read, or could not be. */
  whenRead(importId: string): Promise<ImportJob>;
  /** Resolves when the job has ended, or after a time; null when nothing is left to say of it. */
  settled(importId: string, waitMs: number): Promise<ImportJob | null>;
  close(): Promise<void>;
}

export function createImports(options: ImportsOptions): Imports {
  const { outbox, cache } = options;
  const jobs = createFileJobs(options);
  const background = createBackground(options.log);
  const delivery = createFileDelivery({
    ...{ jobs, outbox, cache, author: options.author, reads: options.reads, handover: options.solo },
    ...{ now: options.now, inBackground: background.run },
  });
  const limitBytes = options.solo ? null : teamLimitBytes;

  const take = (begun: ImportRecord, body: Body, signal: AbortSignal): Promise<ImportRecord> =>
    takeBytes(jobs, begun, body, { folder: options.incoming, limitBytes, signal });
  const wait = (received: ImportRecord, purpose: FilePurpose): ImportJob => {
    const job = jobs.save({ ...received, purpose }, { kind: 'waiting-for-server', reason: '' });
    delivery.wake();
    return job;
  };
  // What a crash left half read cannot be gone on with: its source is unknown now.
  for (const found of jobs.all()) {
    if (found.job.state.kind !== 'receiving') continue;
    const message = 'The application ended while the file was being read: choose it again.';
    background.run(Promise.resolve().then(() => jobs.settle(found, { kind: 'failed', message })));
  }

  return {
    async receive({ fileName, totalBytes, reportId }, body, signal) {
      if (totalBytes === 0) throw failed('bad-input', `${fileName} is empty: there is nothing in it.`);
      if (totalBytes !== null) refuseTooLarge(totalBytes, limitBytes);
      return jobs.shown(await take(jobs.begin(reportId, fileName, totalBytes, null), () => body, signal));
    },
    async startPath(reportId, path, purpose) {
      const source = await openSource(path);
      refuseTooLarge(source.fileSize, limitBytes);
      const begun = jobs.begin(reportId, basename(source.path), source.fileSize, purpose);
      const taking = take(begun, (signal) => source.stream(signal), new AbortController().signal);
      background.run(taking.then((received) => wait(received, purpose)));
      return jobs.shown(begun);
    },
    startReceived(importId, reportId, purpose) {
      const found = jobs.record(importId);
      if (found.job.reportId !== reportId) throw failed('bad-input', 'This file was received for another report.');
      if (found.job.fileHash === null || found.job.state.kind !== 'receiving') {
        const message = `${found.job.fileName} is ${found.job.state.kind} and cannot be handed in again: choose the file anew.`;
        throw failed('refused', message);
      }
      return wait(found, purpose);
    },
    get: (importId) => jobs.shown(jobs.record(importId)),
    has: (importId) => jobs.find(importId) !== null,
    list: (reportId) =>
      jobs
        .all(reportId)
        .filter(({ purpose }) => purpose?.kind !== 'document')
        .map(jobs.shown),
    documents: (reportId, lob) => jobs.all(reportId).flatMap((found) => documentUpload(found, lob, jobs.shown) ?? []),
    cancel: (importId) => cancelJob(jobs, importId),
    async dismiss(importId) {
      const found = jobs.record(importId);
      if (isFinished(found.job.state)) await jobs.forget(found);
    },
    run: delivery.run,
    follow: delivery.follow,
    busy: () => delivery.ready().length > 0 || jobs.all().some(({ job }) => job.state.kind === 'receiving'),
    unfinished: () => jobs.all().some(({ job }) => !isFinished(job.state)),
    async whenRead(importId) {
      const ever = new AbortController().signal;
      while (jobs.record(importId).job.state.kind === 'receiving') await jobs.changed.wait(ever);
      return jobs.shown(jobs.record(importId));
    },
    async settled(importId, waitMs) {
      const limit = AbortSignal.timeout(waitMs);
      const current = (): ImportJob | null => {
        const found = jobs.find(importId);
        return found && jobs.shown(found);
      };
      for (let job = current(); job && !isFinished(job.state) && !limit.aborted; job = current()) {
        await jobs.changed.wait(limit);
      }
      return current();
    },
    async close() {
      for (const own of jobs.underWay.values()) own.abort();
      await background.ended();
    },
  };
}

type Body = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** Streams a file in. A failure settles the job and is thrown too. */
async function takeBytes(
  jobs: FileJobs,
  begun: ImportRecord,
  body: Body,
  into: { folder: string; limitBytes: number | null; signal: AbortSignal },
): Promise<ImportRecord> {
  const { importId } = begun.job;
  const own = new AbortController();
  jobs.underWay.set(importId, own);
  const signal = AbortSignal.any([own.signal, into.signal]);
  let toldAt = 0;
  try {
    const { fileHash, fileSize } = await receiveInto(body(signal), {
      ...{ target: jobs.fileOf(importId), folder: into.folder, limitBytes: into.limitBytes, signal },
      onProgress(receivedBytes) {
        jobs.progress(importId, receivedBytes);
        if (performance.now() - toldAt < 250) return;
        toldAt = performance.now();
        jobs.tell(importId);
      },
    });
    const state: JobState = { kind: 'receiving', receivedBytes: fileSize, totalBytes: fileSize };
    const received = { ...begun, job: { ...begun.job, state, fileHash, fileSize } };
    jobs.keep(received);
    return received;
  } catch (error) {
    const { kind, message } = failureOf(error);
    await jobs.settle(begun, kind === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', message });
    throw error;
  } finally {
    jobs.underWay.delete(importId);
    jobs.progress(importId, null);
  }
}

async function cancelJob(jobs: FileJobs, importId: string): Promise<ImportJob> {
  const { job, purpose } = jobs.record(importId);
  if (job.state.kind === 'queued' || job.state.kind === 'profiling') {
    throw failed('refused', whyNotTakenBack(purpose, job.fileName));
  }
  if (isFinished(job.state)) return jobs.shown(jobs.record(importId));
  jobs.underWay.get(importId)?.abort();
  return jobs.settle(jobs.record(importId), { kind: 'cancelled' });
}

/** Work that nobody waits for; its failures are in the jobs, and technically in the log. */
function createBackground(log: (line: string) => void): { run(work: Promise<unknown>): void; ended(): Promise<void> } {
  const running = new Set<Promise<void>>();
  return {
    run(work) {
      const tracked = work.then(
        () => undefined,
        (error: unknown) => log(`import: ${failureOf(error).details ?? failureOf(error).message}`),
      );
      running.add(tracked);
      void tracked.finally(() => running.delete(tracked));
    },
    async ended() {
      await Promise.allSettled(running);
    },
  };
}
