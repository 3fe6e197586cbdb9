// Owns how a workflow notes something about itself: through a sink, which is no command, so that histories know nothing of it.
import { proxySinks, workflowInfo } from '@temporalio/workflow';
import type { Sinks } from '@temporalio/workflow';
import type { TrackedAlert, TrackingEntry } from '../../domain/tracking.ts';

/** What the worker has to bring for it (worker/tracking/sinks.ts). */
export interface TrackingSinks extends Sinks {
  tracking: { note(entry: TrackingEntry): void };
}

const sinks = proxySinks<TrackingSinks>();

/** Notes an entry as it is now. What is replayed was noted when it happened. */
export function note(entry: TrackingEntry): void {
  if (!workflowInfo().unsafe.isReplaying) sinks.tracking.note(entry);
}

/** Raises an alert about the whole workflow, once for each name. */
export function raiseAlert(name: string, severity: TrackedAlert['severity'], message: string): void {
  const alertKey = `${workflowInfo().workflowId}/${name}`;
  const raised = { raisedAt: new Date().toISOString(), resolvedAt: null };
  note({ kind: 'alert', alertKey, severity, phase: null, lob: null, message, ...raised });
}
