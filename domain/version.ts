// Owns what a version and its items are, and which status may follow which. Knows nothing about who may cause it.
import type { Role } from './people.ts';
import type { PhaseSlug } from './phases.ts';
import type { Json } from './canonical.ts';

export const versionStatuses = ['draft', 'pending', 'approved', 'rejected', 'superseded'] as const;
export type VersionStatus = (typeof versionStatuses)[number];

/**
 * The statuses that may follow each status. A pending version whose review asks for a revision stays pending until the
 * revision exists and is superseded then; "rejected" ends the phase.
 */
export const versionTransitions: Readonly<Record<VersionStatus, readonly VersionStatus[]>> = {
  draft: ['pending', 'superseded'],
  pending: ['approved', 'rejected', 'superseded'],
  approved: ['superseded'],
  rejected: ['superseded'],
  superseded: [],
};

/** True when a version may go from one status to the other. */
export function canBecome(from: VersionStatus, to: VersionStatus): boolean {
  return versionTransitions[from].includes(to);
}

/** Where in Temporal a version came from (mission.md, row 4). */
export interface WorkflowContext {
  workflowId: string;
  runId: string;
  stepId: string;
  activityName: string;
}

/** How many items of a version stand where. `total` is the sum of pending, approved and rejected. */
export interface VerdictCounts {
  total: number;
  pending: number;
  approved: number;
  /** Those that are disputed included: see `disputed`. */
  rejected: number;
  /** Rejected items that the test lead keeps as disputed: they wait for no answer. */
  disputed: number;
}

/** The header of a version: everything but its items. Times are ISO-8601 UTC. */
export interface Version {
  versionId: string;
  cycleId: string;
  reportId: string;
  phase: PhaseSlug;
  /** Line of business, or null for a version of the whole report. */
  lob: string | null;
  /** 1 for the first; unique per cycle, report, LOB and phase, without gaps. */
  number: number;
  status: VersionStatus;
  /** What the last review on it said; null while nobody reviewed it. */
  reviewVerdict: ReviewVerdict | null;
  parentVersionId: string | null;
  /** The first version of the chain; its own id for the first. */
  masterRecordId: string;
  /** How many revisions led here: 0 for a first version, at most `maxRevisions`. */
  revision: number;
  authorId: string;
  createdAt: string;
  reviewedBy: string | null;
  reviewedAt: string | null;
  reviewNote: string | null;
  itemCount: number;
  counts: VerdictCounts;
  /** Signatures of a version that is signed off, in order; empty for all others. */
  signOffs: SignOff[];
  /** Facts about the whole version (for samples: population, plan, seed), shown but never decided on. */
  summary: { readonly [key: string]: Json };
  workflow: WorkflowContext;
}

/** One signature: who, as what, when and with which meaning. A newer version voids the signatures of the ones before it. */
export interface SignOff {
  role: Role;
  actorId: string;
  meaning: 'reviewed' | 'acknowledged';
  note: string;
  /** Hash of the sections that were signed. */
  itemsHash: string;
  operationId: string;
  decidedAt: string;
  appliedAt: string;
  /** When an edit voided it; null while it stands. */
  voidedAt: string | null;
}

/** The author of what the workflow proposes: nobody, so four eyes hold for no person. Whoever submits it becomes its author. */
export const proposer = 'countersign';

export const reviewVerdicts = ['approved', 'revision-requested', 'rejected'] as const;
/** What a whole review can say. */
export type ReviewVerdict = (typeof reviewVerdicts)[number];

/** Fields of an item as the reviewer reads them. Numbers of more than 15 significant digits are texts. */
export type ItemBody = Readonly<Record<string, string | number | boolean | null>>;

/** How an item came into the version. Only `random` ones support a limit. */
export type ItemSource =
  | { kind: 'random'; drawPosition: number; stratum: string | null }
  | { kind: 'targeted'; reason: string }
  /** Worked out from the data or the phases before. */
  | { kind: 'proposed' }
  /** Added by a person. */
  | { kind: 'added'; by: string };

/** One row of a version without its body. `contentHash` names the body (see canonical.ts). */
export interface VersionItem {
  versionId: string;
  /** 0-based and gapless: the canonical order of the version. */
  position: number;
  /** Unique within the version and stable over versions: the key of the population for samples. */
  itemKey: string;
  contentHash: string;
  source: ItemSource;
  origin: ItemOrigin;
}

/** The lineage of an item (mission.md, row 8). */
export type ItemOrigin =
  | { kind: 'new' }
  /** Taken over from this revision of a record when its phase was completed: recorded, never reviewed. */
  | { kind: 'recorded'; recordRevision: number; operationId: string }
  /** Came with the version before it, still approved: first seen in `versionId`. */
  | { kind: 'carried'; versionId: string; versionNumber: number; itemKey: string }
  /** Carried, but its content hash changed: has to be decided again. */
  | { kind: 're-opened'; versionId: string; versionNumber: number; itemKey: string; reason: string }
  /** Stands in for an item that the reviewer rejected. */
  | { kind: 'replacement'; replacesKey: string; versionId: string; versionNumber: number }
  /** The author changed it: pending until it is decided. */
  | { kind: 'edited'; versionId: string; versionNumber: number; itemKey: string }
  /** The test lead keeps a rejected observation: the rejection stands, and so does the observation. */
  | { kind: 'disputed'; versionId: string; versionNumber: number; itemKey: string; rationale: string; by: string }
  /** The tester kept a rejected item with a rationale: pending again, the rejection stays in its history. */
  | { kind: 'kept'; versionId: string; versionNumber: number; itemKey: string; rationale: string };
