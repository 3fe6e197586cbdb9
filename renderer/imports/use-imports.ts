// Owns what a screen knows of a report's imports: read once, then kept up by events (they come several times a second).
import { useEffect, useState } from 'react';
import type { Population } from '../../domain/population.ts';
import type { ImportJob } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';

/** True while an import goes on, waits, or ended in a way a person has to see. */
export function isOnItsWay(job: ImportJob): boolean {
  return job.state.kind !== 'ready' && job.state.kind !== 'cancelled';
}

/** What an import is doing, and its share of the whole where that is known. */
export function importProgress(job: ImportJob): { text: string; share: number | null; cancellable: boolean } {
  const { state, fileSize } = job;
  const shareOf = (done: number, total: number | null) => (total ? Math.min(1, done / total) : null);
  switch (state.kind) {
    case 'receiving':
      return {
        text: 'reading and hashing the file',
        share: shareOf(state.receivedBytes, state.totalBytes),
        cancellable: true,
      };
    case 'waiting-for-server':
      return { text: `waits: ${state.reason}. It goes on by itself`, share: null, cancellable: true };
    case 'uploading':
      return { text: 'handing the file to the server', share: shareOf(state.sentBytes, fileSize), cancellable: true };
    case 'queued':
      // The core does not take it back any more: the file is with the worker.
      return { text: 'kept on this laptop, not yet confirmed by the server', share: null, cancellable: false };
    case 'profiling':
      return { text: 'the worker reads and profiles the columns', share: null, cancellable: false };
    case 'ready':
      return { text: 'ready', share: 1, cancellable: false };
    case 'failed':
      return { text: state.message, share: null, cancellable: false };
    case 'cancelled':
      return { text: 'cancelled', share: null, cancellable: false };
  }
}

/** The populations and imports of a report, newest import first. Null populations: not read yet. */
export function useImports(reportId: string): { populations: Population[] | null; imports: ImportJob[] } {
  const loaded = valueOf(useCommand('population:list', { reportId }, whenReportChanges(reportId)));
  const [told, setTold] = useState<Record<string, ImportJob>>({});
  useEffect(
    () =>
      bridge().subscribe((event) => {
        if (event.kind !== 'import' || event.job.reportId !== reportId) return;
        setTold((before) => ({ ...before, [event.job.importId]: event.job }));
      }),
    [reportId],
  );
  const known = new Map((loaded?.imports ?? []).map((job) => [job.importId, job]));
  for (const job of Object.values(told)) known.set(job.importId, job);
  const imports = [...known.values()].toSorted((left, right) => right.startedAt.localeCompare(left.startedAt));
  return { populations: loaded?.populations ?? null, imports };
}
