// Owns the form of what is tracked of a report's workflows (mission.md, row 18) and what follows from it. Pure; who writes it down is the
// worker's, who shows it the renderer's. All times are ISO-8601 UTC by the server's clock, which is the workflows' own.
import type { Compensation } from './compensation.ts';
import { isOpen } from './flow.ts';
import type { FlowLine, FlowState, PhaseStatus } from './flow.ts';
import type { PhaseSlug } from './phases.ts';
import type { RetryPolicyName } from './retry-policy.ts';
import type { WorkflowVersion } from './workflow-version.ts';

interface Place {
  phase: PhaseSlug | null;
  lob: string | null;
}

/** One run of the workflow of a report, or of one of its lanes. */
export interface TrackedExecution {
  kind: 'execution';
  workflowId: string;
  runId: string;
  lob: string | null;
  /** The run that it follows on; null for a first one. */
  continuedFrom: string | null;
  startedAt: string;
  endedAt: string | null;
  outcome: 'completed' | 'continued' | 'cancelled' | 'failed' | null;
}

/** One activity that a workflow asked for, with all of its attempts. */
export interface TrackedStep extends Place {
  kind: 'step';
  workflowId: string;
  runId: string;
  stepId: string;
  activity: string;
  startedAt: string;
  endedAt: string | null;
  outcome: 'done' | 'failed' | 'cancelled' | null;
  /** Why it failed for good; empty otherwise. */
  error: string;
}

/** One attempt of a step: a line of the retry log. */
export interface TrackedAttempt {
  kind: 'attempt';
  workflowId: string;
  runId: string;
  stepId: string;
  activity: string;
  attempt: number;
  policy: RetryPolicyName;
  startedAt: string;
  endedAt: string | null;
  /** Why it failed; empty while it runs and when it did its work. */
  error: string;
  /** When it is tried again; null when it is not. */
  nextAttemptAt: string | null;
}

/** A timer that a workflow waits for: a deadline, a reminder, the pause before something is tried again. */
export interface TrackedWait {
  kind: 'wait';
  workflowId: string;
  runId: string;
  waitId: string;
  lob: string | null;
  startedAt: string;
  until: string;
  endedAt: string | null;
}

/** A phase that moved. */
export interface TrackedTransition {
  kind: 'transition';
  phase: PhaseSlug;
  lob: string | null;
  from: PhaseStatus;
  to: PhaseStatus;
  /** `parallel`: another phase of the report was open at that moment. */
  mode: 'sequential' | 'parallel';
  /** The revision of the flow that showed it. */
  revision: number;
  at: string;
}

/** Something that a person should look at. */
export interface TrackedAlert extends Place {
  kind: 'alert';
  /** One alert for one thing: raised again, it is the same alert. */
  alertKey: string;
  severity: 'warning' | 'critical';
  message: string;
  raisedAt: string;
  /** When it was over; null while it is not. */
  resolvedAt: string | null;
}

/** A report that moved to another version of its workflow. */
export interface TrackedMigration {
  kind: 'migration';
  from: WorkflowVersion;
  to: WorkflowVersion;
  by: string;
  at: string;
}

/** A line of the compensation log. */
export interface TrackedCompensation extends Compensation {
  kind: 'compensation';
}

export type TrackingEntry =
  | TrackedExecution
  | TrackedStep
  | TrackedAttempt
  | TrackedWait
  | TrackedTransition
  | TrackedAlert
  | TrackedMigration
  | TrackedCompensation;
export type TrackingKind = TrackingEntry['kind'];

/** What two entries of a report have in common when they are the same thing, told twice or told on. */
export function trackingKey(entry: TrackingEntry): string {
  switch (entry.kind) {
    case 'execution':
      return `execution/${entry.workflowId}/${entry.runId}`;
    case 'step':
      return `step/${entry.workflowId}/${entry.runId}/${entry.stepId}`;
    case 'attempt':
      return `attempt/${entry.workflowId}/${entry.runId}/${entry.stepId}/${entry.attempt}`;
    case 'wait':
      return `wait/${entry.workflowId}/${entry.runId}/${entry.waitId}`;
    case 'transition':
      return `transition/${entry.phase}/${entry.lob === null ? '-' : encodeURIComponent(entry.lob)}/${entry.revision}`;
    case 'alert':
      return `alert/${entry.alertKey}`;
    case 'migration':
      return `migration/${entry.from}/${entry.to}`;
    case 'compensation':
      return `compensation/${entry.compensationId}`;
  }
}

/** When an entry began: what a list is sorted by. */
export function trackedAt(entry: TrackingEntry): string {
  switch (entry.kind) {
    case 'transition':
    case 'migration':
      return entry.at;
    case 'alert':
      return entry.raisedAt;
    case 'compensation':
      return entry.actions[0]?.at ?? '';
    default:
      return entry.startedAt;
  }
}

/** What of a reading of a flow is kept until the next one. */
export interface FlowSeen {
  revision: number;
  lines: readonly Pick<FlowLine, 'phase' | 'lob' | 'status'>[];
}

/** The phases that moved between two readings of a flow. `own`: the lines that the reader answers for. */
export function transitionsBetween(
  before: FlowSeen,
  after: FlowState,
  own: (line: FlowLine) => boolean,
  at: string,
): TrackedTransition[] {
  const was = new Map(before.lines.map((line) => [lineKey(line), line.status]));
  return after.lines.filter(own).flatMap((line) => {
    const from = was.get(lineKey(line)) ?? 'not-started';
    if (from === line.status) return [];
    const others =
      after.lines.some((other) => lineKey(other) !== lineKey(line) && isOpen(other.status)) || isBesideLanes(after);
    const { phase, lob, status: to } = line;
    return [
      {
        kind: 'transition',
        phase,
        lob,
        from,
        to,
        mode: others ? 'parallel' : 'sequential',
        revision: after.revision,
        at,
      },
    ];
  });
}

const lineKey = ({ phase, lob }: Pick<FlowLine, 'phase' | 'lob'>): string => JSON.stringify([phase, lob]);

/** The flow of a lane has no lines of the other lanes, but knows which of them run. */
function isBesideLanes({ lob, lobs }: FlowState): boolean {
  return lob !== null && lobs.some((other) => other.lob !== lob && other.status === 'running');
}

/** What the tracking of a report comes to, per phase. Durations in milliseconds. */
export interface PhaseMetrics {
  phase: PhaseSlug;
  lob: string | null;
  /** From its opening to its end, or to `now`; null before its opening. */
  openMs: number | null;
  /** Of that: in review, so waiting for its reviewers. */
  inReviewMs: number;
  steps: number;
  failedSteps: number;
  attempts: number;
  /** Attempts beyond the first of each step. */
  retries: number;
  /** How often its review asked for a revision. */
  revisions: number;
}

/** The metrics of every phase that has begun, in the order of their beginning. */
export function metricsOf(entries: readonly TrackingEntry[], now: string): PhaseMetrics[] {
  const transitions = entries
    .filter((entry) => entry.kind === 'transition')
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.revision - b.revision);
  const lines = Map.groupBy(transitions, ({ phase, lob }) => JSON.stringify([phase, lob]));
  return [...lines.values()].flatMap((moves) => {
    const [first] = moves;
    return first ? [lineMetrics(first, moves, entries, now)] : [];
  });
}

function lineMetrics(
  { phase, lob }: TrackedTransition,
  moves: readonly TrackedTransition[],
  entries: readonly TrackingEntry[],
  now: string,
): PhaseMetrics {
  const steps = entries.filter(
    (entry) => entry.kind === 'step' && entry.phase === phase && entry.lob === lob,
  ) as TrackedStep[];
  const ids = new Set(steps.map(({ workflowId, runId, stepId }) => `${workflowId}/${runId}/${stepId}`));
  const attempts = entries.filter(
    (entry) => entry.kind === 'attempt' && ids.has(`${entry.workflowId}/${entry.runId}/${entry.stepId}`),
  ) as TrackedAttempt[];
  return {
    ...{ phase, lob, ...durations(moves, now) },
    steps: steps.length,
    failedSteps: steps.filter((step) => step.outcome === 'failed').length,
    attempts: attempts.length,
    retries: attempts.filter(({ attempt }) => attempt > 1).length,
    revisions: moves.filter(({ to }) => to === 'in-revision').length,
  };
}

function durations(moves: readonly TrackedTransition[], now: string): Pick<PhaseMetrics, 'openMs' | 'inReviewMs'> {
  let openMs: number | null = null;
  let inReviewMs = 0;
  for (const [index, { to, at }] of moves.entries()) {
    if (!isOpen(to)) continue;
    const untilMs = Date.parse(moves[index + 1]?.at ?? now);
    const lengthMs = Math.max(0, untilMs - Date.parse(at));
    openMs = (openMs ?? 0) + lengthMs;
    if (to === 'in-review') inReviewMs += lengthMs;
  }
  return { openMs, inReviewMs };
}
