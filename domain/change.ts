// Owns the contract of "changes in": what a pull asks, what the feed brings, and the names both sides use on Temporal.
import { z } from 'zod';
import type { Decision } from './decision.ts';
import type { AuditRecord } from './audit-record.ts';
import type { LobStatus, PhaseOutcome, PhaseStatus } from './flow.ts';
import type { LedgerEntry } from './ledger.ts';
import { idSchema } from './operation.ts';
import type { Deadline, LobSource, Receipt, Target } from './operation.ts';
import { personIdSchema } from './people.ts';
import type { Assignment, Device, Person } from './people.ts';
import type { PhaseSlug } from './phases.ts';
import type { Population } from './population.ts';
import type { RecordedPlan } from './sample-plan.ts';
import type { Compensation } from './compensation.ts';
import type { TrackingEntry } from './tracking.ts';
import type { Version, VersionItem } from './version.ts';
import type { WorkflowVersion } from './workflow-version.ts';

/** Names on Temporal. The screen's side and the workflow's side both take them from here (fault j of mission.md). */
export const taskQueue = 'countersign';
/** `submit` carries what people do. `news` carries nothing: whoever gets it reads in the store what changed. */
export const signals = { submit: 'submit', news: 'news' } as const;
export const queries = {
  phaseVersions: 'phaseVersions',
  pendingApprovals: 'pendingApprovals',
  progress: 'progress',
  receipts: 'receipts',
} as const;
export const workflowTypes = {
  cycle: 'cycleWorkflow',
  report: 'reportWorkflow',
  lob: 'lobWorkflow',
  device: 'deviceWorkflow',
  pullChanges: 'pullChanges',
  pullContents: 'pullContents',
  putContent: 'putContent',
  reviveReports: 'reviveReports',
} as const;

/** The id of the workflow that an operation goes to. */
export function workflowIdOf(target: Target): string {
  return `${target.kind}/${target.id}`;
}

/** The id of the workflow of one line of business. */
export function lobWorkflowId(reportId: string, lob: string): string {
  return `lob/${reportId}/${encodeURIComponent(lob)}`;
}

/** The argument of the `submit` signal: operations of one device, in order. Items may be anything: the store sorts out bad ones. */
export interface SubmitBatch {
  operations: unknown[];
}

/** A feed: one per report, and `directory` for people, devices, cycles and receipts that belong to no report. */
export type FeedName = 'directory' | `report:${string}`;
export const directoryFeed = 'directory';
export function reportFeed(reportId: string): FeedName {
  return `report:${reportId}`;
}

/** A cycle as everybody sees it. */
export interface Cycle {
  cycleId: string;
  name: string;
  startedBy: string;
  startedAt: string;
  reportIds: string[];
}

/** Where one phase of a report (or of one of its lines of business) stands. Times are ISO-8601 UTC. */
export interface PhaseState {
  phase: PhaseSlug;
  lob: string | null;
  state: PhaseStatus;
  /** How it last ended; null while nothing ended. `expired` while its deadline is over. */
  outcome: PhaseOutcome | null;
  /** Why it was skipped, rejected or reopened; empty when there is nothing to say. */
  reason: string;
  versionId: string | null;
  /** When the state began. */
  since: string;
  /** When the phase was opened, null before. */
  openedAt: string | null;
  dueAt: string | null;
  remindAt: string | null;
  remindedAt: string | null;
  expiredAt: string | null;
  /** The people who hold it up. */
  waitingFor: string[];
}

/** A line of business of a report: one lane of the cycle. */
export interface LobState {
  lob: string;
  status: LobStatus;
  /** Why it was added, paused or cancelled; empty when it came from the population. */
  reason: string;
  /** Since when it is paused; absent while it is not. */
  pausedAt?: string;
  /** Its rows in the population. */
  rows: number;
  samples: number | null;
  /** Why it has no samples, when a person said so. */
  withoutSamples: string | null;
  deviations: number | null;
}

/** The header of a report. */
export interface Report {
  reportId: string;
  cycleId: string;
  name: string;
  dueAt: string | null;
  assignments: Assignment[];
  /** The phases of the whole report in their order, then those of each line of business. */
  phases: PhaseState[];
  /** Where the lines of business come from; null while nobody chose. */
  lobSource: LobSource | null;
  /** Recorded when scoping is settled; empty before. */
  lobs: LobState[];
  /** Phases that a test manager wants skipped. */
  skips: { phase: PhaseSlug; lob: string | null; reason: string; by: string }[];
  deadlines: Deadline[];
  /** Since when it is paused, and why; null while it goes on. */
  paused: { at: string; reason: string } | null;
  /** When and why it ended for good; null while it takes operations. */
  ended: { at: string; reason: string } | null;
  /** What keeps the flow from going on until a person acts; null when nothing does. */
  problem: string | null;
  /** Draws after the first, which the report discloses. */
  redraws: number;
  /** The version of its workflow; absent in headers from before it was recorded (`unrecordedVersion`). */
  workflowVersion?: WorkflowVersion;
  /** What it goes on as from the next safe point on; absent when it stays. */
  movesTo?: WorkflowVersion;
  /** What waits for a test manager to settle it; absent when nothing does. */
  compensations?: Compensation[];
}

/** Rows of the population that somebody should look at, recommended when sample selection opened. */
export interface Recommendation {
  recommendationId: string;
  reportId: string;
  picks: { itemKey: string; reason: string }[];
  /** Who made it: rules on the profile, or a model with the hash of its prompt. */
  by: { kind: 'rules' } | { kind: 'model'; model: string; promptHash: string };
  /** Why the rules took over from a model; empty when they did not. */
  fallback: string;
  at: string;
}

/** News for one person. In the application always; by e-mail where that is configured. */
export interface Notification {
  notificationId: string;
  reportId: string;
  personId: string;
  kind:
    | 'waiting-for-you'
    | 'reminder'
    | 'expired'
    | 'revision-requested'
    | 'rejected'
    | 'completed'
    | 'signed'
    | 'ended'
    | 'compensated';
  phase: PhaseSlug | null;
  lob: string | null;
  /** One sentence. */
  text: string;
  at: string;
}

/** Something that could not be read as an operation: kept whole, visible to the test managers. */
export interface DeadLetter {
  deadLetterId: string;
  target: string;
  receivedAt: string;
  message: string;
  /** The first 2,000 characters of what arrived. */
  excerpt: string;
}

/** One change of a feed. Each is an upsert by its natural key, so that reading a page twice changes nothing. */
export type Change =
  | { kind: 'person'; person: Person }
  | { kind: 'device'; device: Device }
  | { kind: 'cycle'; cycle: Cycle }
  | { kind: 'report'; report: Report }
  | { kind: 'population'; population: Population }
  | { kind: 'plan'; plan: RecordedPlan }
  | { kind: 'version'; version: Version }
  | { kind: 'decisions'; versionId: string; decisions: Decision[] }
  | { kind: 'records'; records: AuditRecord[] }
  | { kind: 'recommendation'; recommendation: Recommendation }
  | { kind: 'notification'; notification: Notification }
  | { kind: 'receipt'; receipt: Receipt }
  | { kind: 'ledger'; entries: LedgerEntry[] }
  | { kind: 'dead-letter'; deadLetter: DeadLetter }
  | { kind: 'tracking'; reportId: string; entries: TrackingEntry[] };

/** A change with its place in its feed (1 for the first, gapless per feed before audience filtering). */
export interface FeedRow {
  sequence: number;
  change: Change;
}

/** Who asks, with which device, and a number that grows from request to request of that device. */
const signer = { actorId: personIdSchema, deviceId: idSchema, sequence: z.int().min(1) };
const signatureSchema = z.string().min(1).max(200);

/** What a laptop signs to read; `sequence` grows, a lower one than the last is refused as a replay. */
export const pullRequestSchema = z.strictObject({
  ...signer,
  /** Last sequence that the laptop committed, per feed. Absent: from the start. */
  cursors: z.record(z.string().max(100), z.int().min(0)),
  /** How long the server may wait for something to tell, in milliseconds; 0 answers at once. */
  waitMs: z.int().min(0).max(60_000),
});
export type PullRequest = z.infer<typeof pullRequestSchema>;
export const signedPullSchema = z.strictObject({ request: pullRequestSchema, signature: signatureSchema });
export type SignedPull = z.infer<typeof signedPullSchema>;

/** A page of changes: at most about 1 MB of JSON, every feed's rows in order. */
export type PullAnswer =
  | {
      kind: 'page';
      feeds: { feed: FeedName; rows: FeedRow[]; cursor: number }[];
      /** All reports that this person is assigned to now; a cached report that is not in it is removed from the laptop. */
      reportIds: string[];
      more: boolean;
      serverTime: string;
    }
  | {
      kind: 'refused';
      code: 'unknown-person' | 'unknown-device' | 'device-waiting' | 'device-revoked' | 'bad-signature' | 'replayed';
      message: string;
    };

/** What a laptop signs to read the items of a version from a position on. */
export const contentsRequestSchema = z.strictObject({
  ...signer,
  versionId: idSchema,
  fromPosition: z.int().min(0),
  /** Versions whose bodies the laptop has whole: their bodies are left out. */
  haveVersionIds: z.array(idSchema).max(100),
});
export type ContentsRequest = z.infer<typeof contentsRequestSchema>;
export const signedContentsSchema = z.strictObject({ request: contentsRequestSchema, signature: signatureSchema });
export type SignedContents = z.infer<typeof signedContentsSchema>;

/** Items without `versionId` (it is the page's) and the bodies the laptop may not have, by content hash. */
export type ContentsAnswer =
  | {
      kind: 'page';
      versionId: string;
      items: Omit<VersionItem, 'versionId'>[];
      /** Body texts are canonical JSON: passed through, stored as they are. */
      bodies: { contentHash: string; bodyText: string }[];
      nextPosition: number | null;
    }
  | { kind: 'refused'; code: 'not-assigned' | 'not-found' | 'bad-signature' | 'device-waiting'; message: string };

/** The largest file that may be uploaded, and the largest chunk, in bytes. */
export const uploadLimitBytes = 200 * 1024 * 1024;
export const chunkLimitBytes = 1024 * 1024;

/** One step of an upload: `chunk` (base64) at `offset`, or `path` on a shared machine. An empty chunk asks how far it is. */
export const uploadRequestSchema = z.strictObject({
  ...signer,
  reportId: idSchema,
  fileHash: z.string().regex(/^[0-9a-f]{64}$/),
  fileSize: z.int().min(0),
  part: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('ask') }),
    z.strictObject({ kind: z.literal('chunk'), offset: z.int().min(0), chunkHash: z.string().length(64) }),
    z.strictObject({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
  ]),
});
export type UploadRequest = z.infer<typeof uploadRequestSchema>;
/** `chunk` stands beside the signed request, which carries its hash: signing a megabyte of base64 would be waste. */
export const signedUploadSchema = z.strictObject({
  request: uploadRequestSchema,
  signature: signatureSchema,
  chunk: z.string().optional(),
});
export type SignedUpload = z.infer<typeof signedUploadSchema>;
export type UploadAnswer =
  | { kind: 'received'; receivedBytes: number; complete: boolean }
  | {
      kind: 'refused';
      code: 'not-assigned' | 'bad-signature' | 'too-large' | 'hash-differs' | 'path-not-allowed' | 'device-waiting';
      message: string;
    };

/**
 * What a laptop signs when the server does not know a report's workflow: a server that lost its database has none of them,
 * and the store has every report. `null`: all reports of this person whose work the store knows as unfinished.
 */
export const reviveRequestSchema = z.strictObject({
  ...signer,
  reportId: idSchema.nullable(),
});
export type ReviveRequest = z.infer<typeof reviveRequestSchema>;
export const signedReviveSchema = z.strictObject({ request: reviveRequestSchema, signature: signatureSchema });
export type SignedRevive = z.infer<typeof signedReviveSchema>;
/** `revived`: the workflows of these reports run now, whether or not they did before. */
export type ReviveAnswer =
  | { kind: 'revived'; reportIds: string[] }
  | {
      kind: 'refused';
      code: 'not-assigned' | 'not-found' | 'over' | 'bad-signature' | 'device-waiting';
      message: string;
    };

/** How a device asks to be enrolled: signed with the key it brings. */
export const enrolmentSchema = z.strictObject({
  deviceId: idSchema,
  personId: personIdSchema,
  label: z.string().min(1).max(200),
  publicKey: z.string().min(40).max(60),
  requestedAt: z.iso.datetime(),
});
export const signedEnrolmentSchema = z.strictObject({ enrolment: enrolmentSchema, signature: signatureSchema });
export type SignedEnrolment = z.infer<typeof signedEnrolmentSchema>;
