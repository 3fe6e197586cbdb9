// Owns what the workflows of a report answer to their queries. Knows neither the workflows nor who asks.
import type { FlowLob, PhaseStatus } from './flow.ts';
import type { ReceiptState, Target } from './operation.ts';
import type { Role } from './people.ts';
import type { WorkflowVersion } from './workflow-version.ts';
import type { PhaseSlug } from './phases.ts';

/** Answer of `phaseVersions`: the latest version of each phase (and LOB) that has one. */
export interface PhaseVersion {
  phase: PhaseSlug;
  lob: string | null;
  versionId: string;
  number: number;
  status: PhaseStatus;
}

/** Answer of `pendingApprovals`: versions that wait for a review or a signature, and who may give it. */
export interface PendingApproval {
  versionId: string;
  phase: PhaseSlug;
  lob: string | null;
  number: number;
  approvers: readonly Role[];
}

/** Something that a person should look at; kept until the workflow sees that it is over, or for good. */
export interface Alert {
  kind: 'ledger-cut' | 'apply-failing' | 'follow-up-failing' | 'step-failing';
  message: string;
  /** ISO-8601, by the workflow's clock. */
  at: string;
}

/** Answer of `receipts`: what became of the last operations, newest last. The receipts themselves come by the feed. */
export interface ReceiptNote {
  operationId: string | null;
  state: ReceiptState | 'dead-letter';
}

/** One phase as the workflow sees it; `making` while an activity makes a version of it. */
export interface PhaseLife {
  phase: PhaseSlug;
  lob: string | null;
  life: PhaseStatus | 'making';
  expired: boolean;
}

/** Answer of `progress`. */
export interface ReportProgress {
  target: Target;
  phases: PhaseLife[];
  lobs: FlowLob[];
  /** The version of the workflow that the report runs as; null while the store was not read. */
  version: WorkflowVersion | null;
  paused: boolean;
  /** Operations (or unreadable things) that arrived and are not applied yet. */
  waiting: number;
  /** Steps of the flow and follow-ups of operations that are not done yet, in order. */
  work: { kind: string; phase: PhaseSlug | null; lob: string | null; operationId: string | null; running: boolean }[];
  /** What the store answered so far, resends included: a call that is repeated after a crash is answered once to the workflow. */
  counts: Record<ReceiptState | 'dead-letter', number>;
  watermarks: Record<string, number>;
  ledgerHead: { length: number; hash: string } | null;
  alerts: Alert[];
  /** How often the workflow went on in a new run. */
  continued: number;
}

/** Answer of `progress` of the workflow of one line of business. */
export interface LaneProgress extends Pick<ReportProgress, 'phases' | 'paused' | 'work' | 'alerts' | 'continued'> {
  reportId: string;
  lob: string;
}
