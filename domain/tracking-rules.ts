// Owns how tracked entries follow from one another: which state of an entry stands, what raises and ends an alert, and of which report a
// workflow is. Pure; the store asks it under its lock.
import { isSettled } from './flow.ts';
import type {
  TrackedAlert,
  TrackedAttempt,
  TrackedExecution,
  TrackedStep,
  TrackedTransition,
  TrackedWait,
  TrackingEntry,
} from './tracking.ts';

/** Which report, and which of its lanes, a workflow carries on. */
export interface TrackedPlace {
  reportId: string;
  lob: string | null;
}

/** The place of a tracked workflow by its id, `report/ID` or `lob/ID/LOB`; null for all others, which are not tracked. */
export function placeOfWorkflow(workflowId: string): TrackedPlace | null {
  const [kind, reportId = '', lob = '', ...rest] = workflowId.split('/');
  if (reportId === '' || rest.length > 0) return null;
  if (kind === 'report') return lob === '' ? { reportId, lob: null } : null;
  if (kind !== 'lob' || lob === '') return null;
  const name = decoded(lob);
  return name === null ? null : { reportId, lob: name };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    // Somebody else started it under this name: its workflow says so itself.
    return null;
  }
}

const textKept = 2_000;

/** An error as it is tracked: what a library throws may be as long as a file. */
export function trackedText(text: string): string {
  return text.length > textKept ? `${text.slice(0, textKept)}…` : text;
}

type Lasting = TrackedExecution | TrackedStep | TrackedAttempt | TrackedWait;
const isLasting = (entry: TrackingEntry): entry is Lasting => 'endedAt' in entry;

/**
 * The state that stands when an entry is noted that is known: work that a worker repeats after a crash is noted again from its beginning,
 * and what has ended stays so.
 */
export function standing(known: TrackingEntry, noted: TrackingEntry): TrackingEntry {
  if (known.kind === 'alert' && noted.kind === 'alert') return standingAlert(known, noted);
  if (noted.kind === 'transition') return known;
  const isEarlier = isLasting(known) && isLasting(noted) && known.endedAt !== null && noted.endedAt === null;
  return isEarlier ? known : noted;
}

function standingAlert(known: TrackedAlert, noted: TrackedAlert): TrackedAlert {
  if (known.resolvedAt === null) return { ...noted, raisedAt: known.raisedAt };
  return Date.parse(noted.raisedAt) > Date.parse(known.resolvedAt) ? noted : known;
}

/** True for what laptops are told at once: a failure, and an alert raised or over. */
export function isUrgent(entry: TrackingEntry): boolean {
  return entry.kind === 'alert' || (entry.kind === 'attempt' && entry.error !== '');
}

/** The key of the alert that a step raises when it fails for good: one for an activity of a phase, whichever run asks for it. */
export function stepAlertKey({ workflowId, activity, phase, lob }: TrackedStep): string {
  return [workflowId, activity, phase ?? '-', lob === null ? '-' : encodeURIComponent(lob)].join('/');
}

/** The alert of a step that failed for good; null for any other step. */
export function alertOfStep(step: TrackedStep): TrackedAlert | null {
  const { activity, phase, lob, outcome, endedAt, error } = step;
  if (outcome !== 'failed' || endedAt === null) return null;
  const message = `${activity} failed for good: ${error}`;
  return {
    kind: 'alert',
    ...{ alertKey: stepAlertKey(step), severity: 'warning', phase, lob, message, raisedAt: endedAt, resolvedAt: null },
  };
}

/** True when an alert is over because its phase is, or the workflow of its step: nobody waits for that step any more. A critical one stays. */
export function endsAlert(entry: TrackedTransition | TrackedExecution, alert: TrackedAlert): boolean {
  if (alert.resolvedAt !== null) return false;
  if (entry.kind === 'transition') return isSettled(entry.to) && alert.phase === entry.phase && alert.lob === entry.lob;
  const isOver = entry.outcome === 'completed' || entry.outcome === 'cancelled';
  return isOver && alert.severity !== 'critical' && alert.alertKey.startsWith(`${entry.workflowId}/`);
}
