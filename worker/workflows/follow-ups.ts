// Owns what a report does after operations were applied: runs each follow-up as an activity, lanes side by side, one lane in order.
// Knows no handler and no inbox.
import { isCancellation } from '@temporalio/workflow';
import type { VersionRun } from '../../domain/report-progress.ts';
import type { FollowUp } from '../store/apply.ts';
import { drawSample, importPopulation, reviseSample } from './activity-proxies.ts';
import { phaseMadeBy } from './phase-engine.ts';
import { rootMessage } from './store-tries.ts';

/** A follow-up that needs an activity. */
export type Work = Extract<FollowUp, { kind: 'import-population' | 'draw-sample' | 'revise-sample' }>;

/** What waits or runs, in order of arrival; `running` are the lanes in use. Only `waiting` travels: running work is run again. */
export interface WorkQueue {
  pending: Work[];
  running: Map<string, Work>;
}

export function isWork(followUp: FollowUp): followUp is Work {
  return ['import-population', 'draw-sample', 'revise-sample'].includes(followUp.kind);
}

/** Adds work unless it is there: the store names unfinished follow-ups again when an operation comes twice. */
export function addWork(queue: WorkQueue, work: Work): void {
  const known = queue.pending.some((entry) => entry.operationId === work.operationId && entry.kind === work.kind);
  if (!known) queue.pending.push(work);
}

function laneOf(work: Work): string {
  return work.kind === 'import-population' ? `import/${work.fileHash}` : (phaseMadeBy(work) ?? work.kind);
}

/** True when some work could start now. */
export function hasStartable(queue: WorkQueue): boolean {
  return queue.pending.some((work) => !queue.running.has(laneOf(work)));
}

/** Starts what can start. Each end frees its lane and takes the work off the queue, whatever came of it. */
export function startWork(
  queue: WorkQueue,
  told: { made(version: Omit<VersionRun, 'life'>): void; failed(work: Work, message: string): void },
): void {
  for (const work of [...queue.pending]) {
    const lane = laneOf(work);
    if (queue.running.has(lane)) continue;
    queue.running.set(lane, work);
    const settle = (): void => {
      queue.running.delete(lane);
      queue.pending = queue.pending.filter((entry) => entry !== work);
    };
    void perform(work).then(
      (version) => {
        settle();
        if (version) told.made(version);
      },
      (error: unknown) => {
        // Cancelled with its workflow: it stays on the queue, should the workflow go on.
        if (isCancellation(error)) return;
        settle();
        told.failed(work, rootMessage(error));
      },
    );
  }
}

/** The version that the work made, or null when it makes none or the store recorded why there is none. */
async function perform(work: Work): Promise<Omit<VersionRun, 'life'> | null> {
  switch (work.kind) {
    case 'import-population':
      await importPopulation(work);
      return null;
    case 'draw-sample':
      return drawSample(work);
    case 'revise-sample':
      return reviseSample(work);
  }
}
