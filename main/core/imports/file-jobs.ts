// Owns the jobs of the files that a profile handed in: their rows in the outbox, what a screen sees of them, who is told.
// Figures that change many times a second stay in memory; a restart counts anew. Moves no byte.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImportJob } from '../../../preload/contract.ts';
import { createBell } from '../sync/bell.ts';
import type { Bell } from '../sync/bell.ts';
import type { Cache } from '../cache/cache.ts';
import { failed } from '../failure.ts';
import type { FilePurpose, ImportRecord, Outbox } from '../outbox/outbox.ts';

export type JobState = ImportJob['state'];

export interface FileJobsOptions {
  outbox: Outbox;
  cache: Cache;
  /** Folder of the received bytes. */
  incoming: string;
  now(): string;
  /** Why nothing can be brought to the server now, for the job's state. */
  whyWaiting(): string;
  onJob(job: ImportJob, purpose: FilePurpose | null): void;
}

export interface FileJobs {
  /** Rings when any job changed. */
  readonly changed: Bell;
  /** Work on a job that can be ended, by its id. */
  readonly underWay: Map<string, AbortController>;
  fileOf(importId: string): string;
  /** @throws CommandFailure `not-found`. */
  record(importId: string): ImportRecord;
  find(importId: string): ImportRecord | null;
  all(reportId?: string): ImportRecord[];
  /** The job as a screen sees it now. */
  shown(record: ImportRecord): ImportJob;
  begin(reportId: string, fileName: string, totalBytes: number | null, purpose: FilePurpose | null): ImportRecord;
  save(record: ImportRecord, state: JobState, more?: Partial<ImportRecord>): ImportJob;
  /** Keeps a job as it is, without telling anybody. */
  keep(record: ImportRecord): void;
  /** Bytes so far; null when the work on it ended. */
  progress(importId: string, bytes: number | null): void;
  tell(importId: string): void;
  /** Ends a job: its bytes are not needed here any more. */
  settle(record: ImportRecord, state: JobState): Promise<ImportJob>;
  /** Ends a job of which nothing is left to say. */
  forget(record: ImportRecord): Promise<void>;
}

/** True when nothing more happens to a job. */
export function isFinished(state: JobState): boolean {
  return state.kind === 'ready' || state.kind === 'failed' || state.kind === 'cancelled';
}

export function createFileJobs(options: FileJobsOptions): FileJobs {
  const { outbox, cache } = options;
  const changed = createBell();
  const underWay = new Map<string, AbortController>();
  const bytesSoFar = new Map<string, number>();
  const fileOf = (importId: string): string => join(options.incoming, importId);

  const shown = ({ job }: ImportRecord): ImportJob => {
    const known = bytesSoFar.get(job.importId);
    if (job.state.kind === 'receiving' && known !== undefined)
      return { ...job, state: { ...job.state, receivedBytes: known } };
    if (job.state.kind !== 'waiting-for-server') return job;
    if (underWay.has(job.importId)) return { ...job, state: { kind: 'uploading', sentBytes: known ?? 0 } };
    const reason = cache.report(job.reportId) ? options.whyWaiting() : 'The server does not know the report yet';
    return { ...job, state: { kind: 'waiting-for-server', reason } };
  };
  const tell = (importId: string): void => {
    const found = outbox.imports.get(importId);
    if (found) options.onJob(shown(found), found.purpose);
    changed.ring();
  };
  const save = (found: ImportRecord, state: JobState, more: Partial<ImportRecord> = {}): ImportJob => {
    const next = { ...found, ...more, job: { ...found.job, ...more.job, state } };
    outbox.imports.save(next);
    tell(next.job.importId);
    return shown(next);
  };
  const removeBytes = async (importId: string): Promise<void> => {
    bytesSoFar.delete(importId);
    await rm(fileOf(importId), { force: true });
  };
  return {
    ...{ changed, underWay, fileOf, shown, tell, save },
    find: (importId) => outbox.imports.get(importId),
    record(importId) {
      const found = outbox.imports.get(importId);
      if (!found) throw failed('not-found', `There is no import ${importId} on this laptop.`);
      return found;
    },
    all: (reportId) => outbox.imports.list(reportId),
    keep: (record) => outbox.imports.save(record),
    begin(reportId, fileName, totalBytes, purpose) {
      const importId = randomUUID();
      const job: ImportJob = {
        importId,
        reportId,
        fileName: safeName(fileName),
        state: { kind: 'receiving', receivedBytes: 0, totalBytes },
        fileHash: null,
        fileSize: null,
        startedAt: options.now(),
      };
      const made = { job, purpose, localPath: fileOf(importId), operationId: null };
      outbox.imports.save(made);
      tell(importId);
      return made;
    },
    progress(importId, bytes) {
      if (bytes === null) bytesSoFar.delete(importId);
      else bytesSoFar.set(importId, bytes);
    },
    async settle(found, state) {
      const job = save(found, state, { localPath: null });
      await removeBytes(job.importId);
      return job;
    },
    async forget({ job: { importId } }) {
      outbox.imports.remove(importId);
      changed.ring();
      await removeBytes(importId);
    },
  };
}

/** A file's name is only shown: no path, no control characters, at most 255 long. */
function safeName(fileName: string): string {
  const name = fileName.split(/[\\/]/).at(-1) ?? '';
  const plain = name
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(-255);
  return plain === '' ? 'a file without a name' : plain;
}
