// Owns what a report's workflow answers to its queries. Knows neither the workflow nor who asks.
import type { ReceiptState, Target } from './operation.ts';
import type { Role } from './people.ts';
import type { PhaseSlug } from './phases.ts';
import type { ReviewVerdict } from './version.ts';

/** How far a version's life went, as the workflow saw it. */
export type VersionLife = 'in-review' | 'revision-requested' | 'approved' | 'rejected' | 'superseded';

/** Answer of `phaseVersions`, in the order of their making. */
export interface VersionRun {
  versionId: string;
  phase: PhaseSlug;
  lob: string | null;
  number: number;
  life: VersionLife;
}

/** Answer of `pendingApprovals`: versions that wait for a review, and who may give it. */
export interface PendingApproval {
  versionId: string;
  phase: PhaseSlug;
  lob: string | null;
  number: number;
  approvers: readonly Role[];
}

/** Something that a person should look at; kept until the workflow sees that it is over, or for good. */
export interface Alert {
  kind: 'ledger-cut' | 'apply-failing' | 'follow-up-failing';
  message: string;
  /** ISO-8601, by the workflow's clock. */
  at: string;
}

/** Answer of `receipts`: what became of the last operations, newest last. The receipts themselves come by the feed. */
export interface ReceiptNote {
  operationId: string | null;
  state: ReceiptState | 'dead-letter';
}

export type PhaseLife = 'not-started' | 'making' | 'in-review' | 'in-revision' | 'completed' | 'rejected';

/** Answer of `progress`. */
export interface ReportProgress {
  target: Target;
  phases: { phase: PhaseSlug; life: PhaseLife }[];
  /** Operations (or unreadable things) that arrived and are not applied yet. */
  waiting: number;
  /** What follows from applied operations and is not done yet, in order. */
  followUps: { kind: string; operationId: string | null; running: boolean }[];
  /** What the store answered so far, resends included: a call that is repeated after a crash is answered once to the workflow. */
  counts: Record<ReceiptState | 'dead-letter', number>;
  watermarks: Record<string, number>;
  ledgerHead: { length: number; hash: string } | null;
  alerts: Alert[];
  /** How often the workflow went on in a new run. */
  continued: number;
}

/** What the last review of a version said, as the phase engine is told. */
export interface Reviewed {
  versionId: string;
  verdict: ReviewVerdict;
}
