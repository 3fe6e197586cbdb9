// Owns when a run of a workflow is long enough for another to go on. Knows no work.
import { workflowInfo } from '@temporalio/workflow';

/**
 * The server ends a run's signals at 10,000 and its history at 51,200 events or 50 MB. A worker that takes a run up reads all of it
 * within one workflow task, of 2 s: about 4,000 signals on two busy cores.
 */
export interface RunLimits {
  signals: number;
  events: number;
}
export const usualLimits: RunLimits = { signals: 500, events: 2_000 };
/** Of runs that were started before limits were handed to each run. */
const formerLimits: RunLimits = { signals: 5_000, events: 8_000 };
const historyBytes = 12 * 1024 * 1024;
/** Beyond this many times its limits a run does not wait for running work any more: the next run starts that again. */
const patience = 1.6;

/** True when the run passed its limits, or `times` as much. `limits` null: the former ones. */
export function isLong(signals: number, limits: RunLimits | null, times = 1): boolean {
  const most = limits ?? formerLimits;
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  const long =
    signals >= most.signals * times || historyLength >= most.events * times || historySize >= historyBytes * times;
  return long || (times === 1 && continueAsNewSuggested);
}

/** True when the next run may take over: nothing runs that would have to be run again, or there is no more time to wait for it. */
export function mayGoOn(signals: number, running: number, limits: RunLimits | null): boolean {
  return isLong(signals, limits, running === 0 ? 1 : patience);
}
