// Owns the imports of one profile from the chosen file to the profiled population: state, restart, cancelling.
// Reading files is in incoming-file.ts, bringing them to the worker in uploads.ts. Knows no population's contents.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Receipt } from '../../../domain/operation.ts';
import type { ImportJob } from '../../../preload/contract.ts';
import { createBell } from '../sync/bell.ts';
import { failed, failureOf } from '../failure.ts';
import { openSource, receiveInto, refuseTooLarge, teamLimitBytes } from './incoming-file.ts';
import type { Gateway } from '../sync/gateway.ts';
import type { LinkFault } from '../sync/link-fault.ts';
import type { Cache } from '../cache/cache.ts';
import type { Author, ImportRecord, Outbox } from '../outbox/outbox.ts';
import type { SignedReads } from '../sync/signed-reads.ts';
import { upload } from './uploads.ts';

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
  onJob(job: ImportJob): void;
}

export interface Imports {
  /** Takes a file that is streamed in. Resolves when it is whole on the disk; `start` goes on from there. */
  receive(
    meta: { fileName: string; totalBytes: number | null; reportId: string },
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): Promise<ImportJob>;
  /** Begins with a file of this machine; it is read in the background. @throws CommandFailure when it cannot be read. */
  startPath(reportId: string, path: string, keyColumn: string | null): Promise<ImportJob>;
  /** Goes on with a received file. */
  startReceived(importId: string, reportId: string, keyColumn: string | null): ImportJob;
  get(importId: string): ImportJob;
  list(reportId: string): ImportJob[];
  cancel(importId: string): Promise<ImportJob>;
  /** Brings waiting files to the worker and queues their operations, while connected. */
  run(gateway: Gateway, signal: AbortSignal): Promise<LinkFault>;
  /** Looks what the feed brought for queued imports. Call after a page was applied. */
  follow(): void;
  /** True while a file could be brought to the worker now and was not. */
  busy(): boolean;
  /** True while anything is not finished. */
  unfinished(): boolean;
  /** Resolves with the job when it is ready, failed or cancelled, or after a time. */
  settled(importId: string, waitMs: number): Promise<ImportJob>;
  close(): Promise<void>;
}

type State = ImportJob['state'];
const finished = (state: State): boolean =>
  state.kind === 'ready' || state.kind === 'failed' || state.kind === 'cancelled';

export function createImports(options: ImportsOptions): Imports {
  const { outbox, cache, author, now } = options;
  const bell = createBell();
  const settledBell = createBell();
  const underWay = new Map<string, AbortController>();
  const background = new Set<Promise<void>>();
  // Figures that change many times a second stay in memory; a restart counts anew.
  const progress = new Map<string, number>();

  const fileOf = (importId: string): string => join(options.incoming, importId);
  const record = (importId: string): ImportRecord => {
    const found = outbox.imports.get(importId);
    if (!found) throw failed('not-found', `There is no import ${importId} on this laptop.`);
    return found;
  };
  const shown = ({ job }: ImportRecord): ImportJob => {
    const known = progress.get(job.importId);
    if (job.state.kind === 'receiving' && known !== undefined)
      return { ...job, state: { ...job.state, receivedBytes: known } };
    if (job.state.kind !== 'waiting-for-server') return job;
    if (underWay.has(job.importId)) return { ...job, state: { kind: 'uploading', sentBytes: known ?? 0 } };
    const reason = cache.report(job.reportId) ? options.whyWaiting() : 'The server does not know the report yet';
    return { ...job, state: { kind: 'waiting-for-server', reason } };
  };
  const tell = (importId: string): void => {
    const found = outbox.imports.get(importId);
    if (found) options.onJob(shown(found));
    settledBell.ring();
  };
  const save = (found: ImportRecord, state: State, more: Partial<ImportRecord> = {}): ImportJob => {
    const next = { ...found, ...more, job: { ...found.job, ...more.job, state } };
    outbox.imports.save(next);
    tell(next.job.importId);
    return shown(next);
  };
  const settle = async (found: ImportRecord, state: State): Promise<ImportJob> => {
    const job = save(found, state, { localPath: null });
    progress.delete(job.importId);
    await rm(fileOf(job.importId), { force: true });
    return job;
  };

  const begin = (
    reportId: string,
    fileName: string,
    totalBytes: number | null,
    keyColumn: string | null,
  ): ImportRecord => {
    const importId = randomUUID();
    const job: ImportJob = {
      importId,
      reportId,
      fileName: safeName(fileName),
      state: { kind: 'receiving', receivedBytes: 0, totalBytes },
      fileHash: null,
      fileSize: null,
      startedAt: now(),
    };
    const made = { job, keyColumn, localPath: fileOf(importId), operationId: null };
    outbox.imports.save(made);
    tell(importId);
    return made;
  };

  /** Streams a file in. A failure settles the job and is thrown too. */
  const take = async (
    begun: ImportRecord,
    body: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
    outer: AbortSignal,
  ): Promise<ImportRecord> => {
    const { importId } = begun.job;
    const own = new AbortController();
    underWay.set(importId, own);
    const signal = AbortSignal.any([own.signal, outer]);
    let toldAt = 0;
    try {
      const { fileHash, fileSize } = await receiveInto(body(signal), {
        ...{
          target: fileOf(importId),
          folder: options.incoming,
          signal,
          limitBytes: options.solo ? null : teamLimitBytes,
        },
        onProgress(receivedBytes) {
          progress.set(importId, receivedBytes);
          if (performance.now() - toldAt < 250) return;
          toldAt = performance.now();
          tell(importId);
        },
      });
      const state: State = { kind: 'receiving', receivedBytes: fileSize, totalBytes: fileSize };
      const received = { ...begun, job: { ...begun.job, state, fileHash, fileSize } };
      outbox.imports.save(received);
      return received;
    } catch (error) {
      const failure = failureOf(error);
      await settle(
        begun,
        failure.kind === 'cancelled' ? { kind: 'cancelled' } : { kind: 'failed', message: failure.message },
      );
      throw error;
    } finally {
      underWay.delete(importId);
      progress.delete(importId);
    }
  };

  const wait = (received: ImportRecord, keyColumn: string | null): ImportJob => {
    const job = save({ ...received, keyColumn }, { kind: 'waiting-for-server', reason: '' });
    bell.ring();
    return job;
  };

  const inBackground = (work: Promise<unknown>): void => {
    const tracked = work.then(
      () => undefined,
      // The job says it; the log keeps the technical text.
      (error: unknown) => options.log(`import: ${failureOf(error).details ?? failureOf(error).message}`),
    );
    background.add(tracked);
    void tracked.finally(() => background.delete(tracked));
  };

  /** Files that can be brought to the worker now: received, and for a report that the server knows. */
  const ready = (): ImportRecord[] =>
    outbox.imports
      .list()
      .filter(({ job }) => job.state.kind === 'waiting-for-server' && cache.report(job.reportId) !== null);

  const bring = async (found: ImportRecord, gateway: Gateway, outer: AbortSignal): Promise<LinkFault | null> => {
    const { importId, reportId, fileHash, fileSize, fileName } = found.job;
    if (fileHash === null || fileSize === null || !existsSync(fileOf(importId))) {
      await settle(found, {
        kind: 'failed',
        message: 'The received file is gone from the data folder: choose it again.',
      });
      return null;
    }
    const own = new AbortController();
    underWay.set(importId, own);
    try {
      const end = await upload(
        { reportId, fileHash, fileSize, localPath: fileOf(importId) },
        {
          ...{ gateway, reads: options.reads, handover: options.solo, signal: AbortSignal.any([own.signal, outer]) },
          onProgress(sentBytes) {
            progress.set(importId, sentBytes);
            tell(importId);
          },
        },
      );
      if (own.signal.aborted) return null;
      if (end.kind === 'fault') return end.fault;
      if (end.kind === 'refused') await settle(found, { kind: 'failed', message: end.message });
      else queueOperation(found, { reportId, fileHash, fileSize, fileName });
      return null;
    } finally {
      underWay.delete(importId);
      progress.delete(importId);
      tell(importId);
    }
  };

  const queueOperation = (
    found: ImportRecord,
    file: { reportId: string; fileHash: string; fileSize: number; fileName: string },
  ): void => {
    const body = { kind: 'population.import' as const, ...file, keyColumn: found.keyColumn };
    outbox.queue([body], author, now(), ([operation]) => {
      if (!operation) throw new Error('nothing was queued');
      outbox.imports.save({
        ...found,
        operationId: operation.operationId,
        job: { ...found.job, state: { kind: 'queued' } },
      });
    });
    tell(found.job.importId);
  };

  const follow = (): void => {
    for (const found of outbox.imports.list()) {
      const { state, reportId, fileHash } = found.job;
      if ((state.kind !== 'queued' && state.kind !== 'profiling') || found.operationId === null) continue;
      const delivery = deliveryOf(outbox, found.operationId);
      if (delivery.state === 'refused' || delivery.state === 'conflict') {
        inBackground(settle(found, { kind: 'failed', message: delivery.message ?? 'the server refused the import' }));
      } else if (delivery.state === 'applied') {
        const population = cache.populations(reportId).find((row) => row.populationHash === fileHash);
        if (!population || population.state.kind === 'importing') {
          if (state.kind === 'queued') save(found, { kind: 'profiling' });
        } else if (population.state.kind === 'failed') {
          inBackground(settle(found, { kind: 'failed', message: population.state.message }));
        } else {
          inBackground(settle(found, { kind: 'ready', populationHash: population.populationHash }));
        }
      }
    }
    bell.ring();
  };

  // What a crash left half read cannot be gone on with: its source is unknown now.
  for (const found of outbox.imports.list()) {
    if (found.job.state.kind !== 'receiving') continue;
    inBackground(
      Promise.resolve().then(() =>
        settle(found, {
          kind: 'failed',
          message: 'The application ended while the file was being read: import it again.',
        }),
      ),
    );
  }

  return {
    async receive({ fileName, totalBytes, reportId }, body, signal) {
      if (totalBytes === 0) throw failed('bad-input', `${fileName} is empty: there are no rows to import.`);
      if (totalBytes !== null && !options.solo) refuseTooLarge(totalBytes, teamLimitBytes);
      const received = await take(begin(reportId, fileName, totalBytes, null), () => body, signal);
      return shown(received);
    },
    async startPath(reportId, path, keyColumn) {
      const source = await openSource(path);
      if (!options.solo) refuseTooLarge(source.fileSize, teamLimitBytes);
      const begun = begin(reportId, basename(source.path), source.fileSize, keyColumn);
      const taking = take(begun, (signal) => source.stream(signal), new AbortController().signal);
      inBackground(taking.then((received) => wait(received, keyColumn)));
      return shown(begun);
    },
    startReceived(importId, reportId, keyColumn) {
      const found = record(importId);
      if (found.job.reportId !== reportId) throw failed('bad-input', 'This file was received for another report.');
      if (found.job.fileHash === null || found.job.state.kind !== 'receiving') {
        throw failed(
          'refused',
          `The import of ${found.job.fileName} is ${found.job.state.kind} and cannot be started: choose the file again.`,
        );
      }
      return wait(found, keyColumn);
    },
    get: (importId) => shown(record(importId)),
    list: (reportId) => outbox.imports.list(reportId).map(shown),
    async cancel(importId) {
      const found = record(importId);
      const { kind } = found.job.state;
      if (kind === 'queued' || kind === 'profiling') {
        throw failed(
          'refused',
          `${found.job.fileName} is with the server already and cannot be taken back. It does no harm: another file can be imported beside it.`,
        );
      }
      if (finished(found.job.state)) return shown(found);
      underWay.get(importId)?.abort();
      return settle(record(importId), { kind: 'cancelled' });
    },
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
          await settle(next, { kind: 'failed', message: failureOf(error).message });
        }
      }
      return { kind: 'cancelled', message: 'cancelled' };
    },
    follow,
    busy: () => ready().length > 0 || outbox.imports.list().some(({ job }) => job.state.kind === 'receiving'),
    unfinished: () => outbox.imports.list().some(({ job }) => !finished(job.state)),
    async settled(importId, waitMs) {
      const limit = AbortSignal.timeout(waitMs);
      while (!limit.aborted && !finished(record(importId).job.state)) await settledBell.wait(limit);
      return shown(record(importId));
    },
    async close() {
      for (const own of underWay.values()) own.abort();
      await Promise.allSettled(background);
    },
  };
}

/** How far an operation of this outbox has come. */
function deliveryOf(outbox: Outbox, operationId: string): { state: string; message: string | null } {
  const row = outbox.tables.operations.get(operationId);
  const reason = row?.reason ? (JSON.parse(row.reason) as Receipt['reason']) : null;
  return { state: row?.state ?? 'queued', message: reason?.message ?? null };
}

/** A file's name is only shown: no path, no control characters, at most 255 long. */
function safeName(fileName: string): string {
  const name = fileName.split(/[\\/]/).at(-1) ?? '';
  const shown = name
    .replace(/\p{Cc}/gu, ' ')
    .trim()
    .slice(-255);
  return shown === '' ? 'a file without a name' : shown;
}
