// Owns the one typed contract between the screen (or a terminal) and the core: commands, events, results.
// Everything else derives from it: handlers, bridge, WebSocket, command line. Knows no host and no transport.
import { z } from 'zod';
import type { AuditRecord, TestResult } from '../domain/audit-record.ts';
import { evidenceLinkSchema, testResults } from '../domain/audit-record.ts';
import type { ComparedRow, ComparisonCounts, FieldChange } from '../domain/comparison.ts';
import { changeKinds } from '../domain/comparison.ts';
import type {
  Cycle,
  DeadLetter,
  LobState,
  Notification,
  PhaseState,
  Recommendation,
  Report,
} from '../domain/change.ts';
import { settlements } from '../domain/compensation.ts';
import type { Compensation, Settlement } from '../domain/compensation.ts';
import type { ReasonCode, Verdict } from '../domain/decision.ts';
import { itemVerdictSchema, noteSchema } from '../domain/decision.ts';
import type { LedgerEntry } from '../domain/ledger.ts';
import type { Answer, Reason } from '../domain/operation.ts';
import { answerSchema, deadlineSchema, idSchema, lobSourceSchema, skipSchema } from '../domain/operation.ts';
import type { Device, Person } from '../domain/people.ts';
import { assignmentSchema, personIdSchema } from '../domain/people.ts';
import type { Edit } from '../domain/phase-item.ts';
import { editSchema } from '../domain/phase-item.ts';
import type { PhaseSlug } from '../domain/phases.ts';
import { phaseSlugSchema } from '../domain/phases.ts';
import type { Population } from '../domain/population.ts';
import type { RetryPolicyName } from '../domain/retry-policy.ts';
import { samplePlanRequestSchema } from '../domain/sample-plan.ts';
import type { RecordedPlan } from '../domain/sample-plan.ts';
import type {
  PhaseMetrics,
  TrackedAlert,
  TrackedAttempt,
  TrackedCompensation,
  TrackedMigration,
  TrackedStep,
  TrackedTransition,
  TrackedWait,
  TrackingEntry,
  TrackingKind,
} from '../domain/tracking.ts';
import type { ItemBody, ItemOrigin, ItemSource, ReviewVerdict, VerdictCounts, Version } from '../domain/version.ts';
import { reviewVerdicts } from '../domain/version.ts';
import { newestVersion, workflowVersionSchema } from '../domain/workflow-version.ts';
import type { WorkflowFeature, WorkflowVersion } from '../domain/workflow-version.ts';

/** What went wrong, as data. `message` says what, where and what to do; `fields` names the inputs it is about. */
export interface Failure {
  kind: 'bad-input' | 'not-found' | 'refused' | 'not-saved' | 'unavailable' | 'cancelled' | 'not-cached' | 'unexpected';
  message: string;
  fields?: { path: string; message: string }[];
  /** Technical text for "copy details"; never contents. */
  details?: string;
}

/** One object in, one Result out. */
export type Result<Value> = { ok: true; value: Value } | { ok: false; error: Failure };

/** How far a queued thing has come. "Sent" is not saved: only `applied` was confirmed by a receipt. */
export type Delivery = 'draft' | 'queued' | 'sent' | 'applied' | 'refused' | 'conflict';

/** The state of the link to the server. Times are ISO-8601 UTC. */
export type SyncState =
  | {
      kind: 'offline';
      reason: 'chosen' | 'unreachable' | 'not-prepared';
      message: string;
      since: string;
      nextTryAt: string | null;
      attempts: number;
    }
  | { kind: 'connecting'; since: string; attempts: number }
  | { kind: 'pushing'; remaining: number }
  | { kind: 'pulling' }
  | { kind: 'idle' }
  | {
      kind: 'blocked';
      reason: 'device-waiting' | 'device-revoked' | 'unknown-person' | 'bad-signature' | 'namespace' | 'incompatible';
      message: string;
      since: string;
    };

/** Counts of the outbox. `waiting` = queued + sent; refused and conflict stay until a person dealt with them. */
export interface OutboxCounts {
  draft: number;
  queued: number;
  sent: number;
  refused: number;
  conflict: number;
  deliveredToday: number;
}

/** What the embedded server does; `external` when an address was given. */
export type ServerState =
  | { kind: 'external'; address: string }
  | { kind: 'preparing'; step: string; elapsedMs: number; expectedMs: number | null; cancellable: boolean }
  | { kind: 'starting'; what: string }
  | { kind: 'ready'; address: string }
  | { kind: 'restarting'; what: string; reason: string; nextTryAt: string }
  | { kind: 'unavailable'; reason: string; howToGet: string[] }
  | { kind: 'stopped' };

export interface SyncStatus {
  state: SyncState;
  server: ServerState;
  counts: OutboxCounts;
  /** Last time the server answered, null when never. */
  lastSeenAt: string | null;
  /** Last time the outbox became empty by receipts. */
  allDeliveredAt: string | null;
  workOffline: boolean;
  /** Damaged files of this laptop that nobody was told of yet, oldest first. */
  damages: Damage[];
}

/** A file that was found damaged when it was opened. It was set aside, never deleted. */
export interface Damage {
  damageId: string;
  what: 'outbox' | 'cache';
  foundAt: string;
  /** Where the damaged file is kept. */
  file: string;
  /** What was saved, what may be lost, what to do. */
  message: string;
}

export interface Profile {
  /** Name of the profile on this machine; also the person's id. */
  profile: string;
  personId: string;
  /** Full name and roles once the directory was pulled; the id until then. */
  name: string;
  roles: string[];
  deviceId: string;
  publicKey: string;
  active: boolean;
  /** One of the practice identities of solo mode. */
  practice: boolean;
}

/** One thing of the outbox: a decision, or an operation without items. */
export interface OutboxEntry {
  /** Stable id of this row. */
  entryId: string;
  operationId: string | null;
  kind: string;
  /** "Reject 9042 as duplicate", without delivery. */
  what: string;
  reportId: string | null;
  reportName: string | null;
  versionId: string | null;
  versionNumber: number | null;
  itemKey: string | null;
  contentHash: string | null;
  delivery: Delivery;
  createdAt: string;
  attempts: number;
  lastAttemptAt: string | null;
  reason: Reason | null;
  /** For a conflict on an item: what was seen, what was decided, what the server has. */
  conflict: ConflictDetail | null;
  deliveredAt: string | null;
}

export interface ConflictSide {
  versionNumber: number | null;
  body: ItemBody | null;
  contentHash: string | null;
  verdict: Verdict | null;
  by: string | null;
  at: string | null;
}
export interface ConflictDetail {
  base: ConflictSide;
  mine: ConflictSide & { reasonCode: ReasonCode | null; note: string };
  theirs: ConflictSide | null;
  /** Where "decide again" would put it; null when the item is no longer there. */
  decideAgainOn: { versionId: string; versionNumber: number; contentUnchanged: boolean } | null;
}

/** A row of a version as the screen shows it: the cache overlaid by the outbox. */
export interface ItemRow {
  position: number;
  itemKey: string;
  contentHash: string;
  /** Null while the contents are not cached yet. */
  body: ItemBody | null;
  source: ItemSource;
  origin: ItemOrigin;
  verdict: Verdict;
  reasonCode: ReasonCode | null;
  note: string;
  /** Null when nobody decided, or it was decided in an earlier version. */
  decidedBy: string | null;
  decidedAt: string | null;
  /** Null when nothing of this laptop concerns the row and nobody decided it here. */
  delivery: Delivery | null;
  /** The tester's drafted answer, when this version is being revised. */
  answer: Answer | null;
  /** The author's drafted edit, which becomes part of the next version; null when there is none. */
  edit: Edit | null;
}

/** One event in the life of an item over all versions, newest first. */
export interface ItemEvent {
  versionNumber: number;
  versionId: string;
  what: string;
  by: string | null;
  decidedAt: string | null;
  appliedAt: string | null;
  operationId: string | null;
}

export interface ItemDetail {
  row: ItemRow;
  life: ItemEvent[];
  /** Percentile (0-100) of each numeric field in the population, where known. */
  percentiles: Record<string, number>;
}

/** A version with what this laptop knows of it. */
export interface VersionDetail {
  version: Version;
  /** Counts with this laptop's drafts and queued decisions laid over. */
  counts: VerdictCounts;
  carried: number;
  replacements: number;
  changed: number;
  /** Items whose contents are on this laptop. */
  cachedItems: number;
  fields: string[];
  lobs: string[];
  /** Null when this person may decide on it now, else why not. */
  whyNotReview: Reason | null;
  whyNotRevise: Reason | null;
  /** Null when this person may hand it in (with edits) now, else why not. */
  whyNotEdit: Reason | null;
  /** Null when this person may sign it now, else why not; `out-of-turn` for phases without signatures. */
  whyNotSign: Reason | null;
  /** Fields that may be edited; empty when none may. */
  editable: string[];
  /** Drafted edits of this version on this laptop. */
  edits: number;
  /** Rejected items answered by a draft, for the tester. */
  answered: number;
  /** The delivery of this person's submitted review or revision, null when none was submitted. */
  submitted: {
    kind: 'review' | 'revision' | 'version' | 'signature';
    verdict: ReviewVerdict | null;
    delivery: Delivery;
  } | null;
}

export interface HomeRow {
  reportId: string;
  reportName: string;
  cycleName: string;
  phaseName: string;
  versionId: string | null;
  versionNumber: number | null;
  /** "4 to decide", "4 rejections to answer", "import a population" … */
  needs: string;
  dueAt: string | null;
  items: number;
  cached: 'complete' | 'partial' | 'none';
  /** What it is about; null for devices. */
  phase: PhaseSlug | null;
  lob: string | null;
  /**
   * `import`, `plan`, `draw`: the step of preparing a sample; `devices`: for test managers, such a row has no report;
   * `phase`: opens the phase (edit and submit, record, complete, sign); `settle`: opens it too, for a step that failed for good.
   */
  action: 'review' | 'revise' | 'import' | 'plan' | 'draw' | 'phase' | 'settle' | 'open' | 'devices';
}
export interface SentRow {
  reportId: string;
  reportName: string;
  phaseName: string;
  versionId: string | null;
  versionNumber: number | null;
  what: string;
  items: number;
  delivery: Delivery;
  at: string;
}
export interface Home {
  waiting: HomeRow[];
  sent: SentRow[];
  cycles: { cycle: Cycle; startedByName: string; reports: Report[] }[];
  /** Reports and versions wanting contents that are not here yet. */
  notCached: { versions: number; items: number };
  mayStartCycle: boolean;
}

/** A phase of a report with what this person may do in it. `Reason` null: it may be done now. */
export interface PhaseDetail {
  report: Report;
  state: PhaseState;
  lob: LobState | null;
  /** Versions of the phase (of this LOB), newest first. */
  versions: Version[];
  /** Latest revisions of records on this laptop; 0 for phases that keep none. */
  records: number;
  may: {
    complete: Reason | null;
    skip: Reason | null;
    setDeadline: Reason | null;
    /** Assign owners, hand in documents or test, as the phase has it. */
    record: Reason | null;
  };
  /** Operations of this phase that are on their way or stuck. */
  delivery: Delivery | null;
}

/** The delivery of what this laptop queued on a record; null when nothing of this laptop concerns it. */
export interface Delivered {
  delivery: Delivery | null;
  /** Why it was refused or is in conflict. */
  problem: Reason | null;
}

/** Who answers for an attribute in a LOB: the latest revision, or what is queued here. */
export interface OwnerRow extends Delivered {
  lob: string;
  attribute: string;
  dataOwnerId: string | null;
  dataOwner: string | null;
  revision: number;
}

export interface DocumentRow extends Delivered {
  documentId: string;
  title: string;
  fileName: string;
  fileHash: string;
  fileSize: number;
  effectiveDate: string;
  state: 'submitted' | 'accepted' | 'rejected';
  submittedBy: string;
  submission: number;
  revision: number;
  note: string;
  /** How far the upload of a file from this laptop is; null when there is none. */
  upload: ImportJob['state'] | null;
}

/** One sample × attribute to be tested. */
export interface TestRow extends Delivered {
  itemKey: string;
  contentHash: string;
  attribute: string;
  expected: string | number | boolean | null;
  found: string | number | boolean | null;
  /** Null while nobody tested it. */
  result: TestResult | null;
  notTestableReason: string;
  documentId: string | null;
  documentTitle: string | null;
  documentRevision: number | null;
  locator: string;
  note: string;
  random: boolean;
  testedBy: string | null;
  testedAt: string | null;
  revision: number;
}

/** An import on this laptop; the report's population row takes over when the worker has it. */
export interface ImportJob {
  importId: string;
  reportId: string;
  fileName: string;
  state:
    | { kind: 'receiving'; receivedBytes: number; totalBytes: number | null }
    | { kind: 'waiting-for-server'; reason: string }
    | { kind: 'uploading'; sentBytes: number }
    | { kind: 'queued' }
    | { kind: 'profiling' }
    | { kind: 'ready'; populationHash: string }
    | { kind: 'failed'; message: string }
    | { kind: 'cancelled' };
  fileHash: string | null;
  fileSize: number | null;
  startedAt: string;
}

/** One line of the timeline. */
export interface TimelineRow extends LedgerEntry {
  actorName: string;
}

/** What is tracked of a report's workflows and belongs into the story of its life. */
export type LifeEntry = TrackedTransition | TrackedCompensation | TrackedMigration | TrackedAlert;

/** One line of a report's whole life: of its ledger, which is signed and chained, or tracked, which is neither. */
export type LifeRow =
  { source: 'ledger'; at: string; entry: TimelineRow } | { source: 'tracked'; at: string; entry: LifeEntry };

/** Every kind of what is tracked, as the logs name them. */
export const trackingKinds = [
  'execution',
  'step',
  'transition',
  'attempt',
  'wait',
  'alert',
  'migration',
  'compensation',
] as const satisfies readonly TrackingKind[];

/** An entry of a log with where it belongs: an attempt belongs where its step does. Phase null: to the whole report, or lane. */
export interface LoggedEntry {
  entry: TrackingEntry;
  phase: PhaseSlug | null;
  lob: string | null;
}

/** A step that runs, or is to be tried again. */
export interface RunningStep {
  step: TrackedStep;
  /** Its latest attempt; null while none was noted. */
  attempt: TrackedAttempt | null;
  policy: RetryPolicyName | null;
  /** How often it is tried in all; null: until it works. */
  mostAttempts: number | null;
  /** Why the last attempt that failed did; empty when none failed. */
  lastError: string;
}

/** An open phase that waits for people. */
export interface PeopleWait {
  phase: PhaseSlug;
  lob: string | null;
  waitingFor: string[];
  since: string;
  dueAt: string | null;
}

/** A timer that runs, with what it is for where that is known here. */
export interface RunningTimer {
  wait: TrackedWait;
  about: { what: 'deadline' | 'reminder'; phase: PhaseSlug; lob: string | null } | null;
}

/** What was done about a step that failed for good, and what this person can do about it. */
export interface CompensationRow extends Compensation {
  /** How it can be settled now; empty when nothing is to be settled. */
  choices: Settlement[];
  /** Null when this person may settle it now, else why not. */
  whyNotSettle: Reason | null;
  /** What this laptop asked for, while it is on its way or stuck. */
  asked: { choice: Settlement; delivery: Delivery } | null;
}

/** The workflow of a report: what it runs as, and what moving it would bring. */
export interface WorkflowRow {
  reportId: string;
  reportName: string;
  cycleId: string;
  cycleName: string;
  /** May be one that this application does not know: then a newer worker made it. */
  version: string;
  /** What it would gain by moving to the newest version; empty when it would gain nothing. */
  gains: { feature: WorkflowFeature; says: string }[];
  /** What it goes on as from its next safe point on; null when it stays. */
  movesTo: WorkflowVersion | null;
  /** A move that this laptop asked for, while it is on its way or stuck. */
  asked: { to: WorkflowVersion; delivery: Delivery } | null;
  /** Null when this person may move it to the newest version now, else why not. */
  whyNotMove: Reason | null;
}

/** The workflows of a report as they run. Lists are bounded; `open` counts what there is. */
export interface TrackingNow {
  workflow: WorkflowRow;
  /** Those that are tried again first. */
  steps: RunningStep[];
  /** Critical ones first. */
  alerts: TrackedAlert[];
  people: PeopleWait[];
  /** What ends first. */
  timers: RunningTimer[];
  /** What waits for a person first, then newest first. */
  compensations: CompensationRow[];
  /** Per phase that has begun. */
  metrics: PhaseMetrics[];
  open: { steps: number; alerts: number; people: number; timers: number; compensations: number };
  /** Entries of each log on this laptop. */
  logged: Record<TrackingKind, number>;
}

export interface ComparisonPage {
  left: Version;
  right: Version;
  counts: ComparisonCounts;
  /** Lines that match the filter. */
  total: number;
  rows: (ComparedRow & {
    leftBody: ItemBody | null;
    rightBody: ItemBody | null;
    fields: FieldChange[];
    index: number;
  })[];
  fields: string[];
  /** Indexes (in the filtered order) of lines that are changes, for next/previous; at most 10,000. */
  changeIndexes: number[];
}

/** What a command takes and gives. `Output` lives in the type only. */
export interface CommandSpec<Input extends z.ZodType = z.ZodType, Output = unknown> {
  summary: string;
  input: Input;
  /** `server`: from a terminal, the server is started for its duration when no application runs. */
  needs: 'nothing' | 'server';
  readonly __output?: Output;
}

function command<Output>() {
  return <Input extends z.ZodType>(
    summary: string,
    input: Input,
    needs: 'nothing' | 'server' = 'nothing',
  ): CommandSpec<Input, Output> => ({
    summary,
    input,
    needs,
  });
}

/** A command that queues one operation. */
function queued<Input extends z.ZodType>(summary: string, input: Input): CommandSpec<Input, { operationId: string }> {
  return { summary, input, needs: 'nothing' };
}

const nothing = z.strictObject({});
const lobSchema = z.string().trim().min(1).max(200);
const controlActSchema = z.enum(['cancel', 'pause', 'resume']);
/** Names a phase; `lob` is null for phases of the whole report. */
const phaseKey = { reportId: idSchema, phase: phaseSlugSchema, lob: lobSchema.nullable().default(null) };
const fileSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
  z.strictObject({ kind: z.literal('received'), importId: idSchema }),
]);
const scalarSchema = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);
const pageSchema = { offset: z.int().min(0).default(0), limit: z.int().min(1).max(500).default(50) };
const versionIdSchema = z.strictObject({ versionId: idSchema });
const reportIdSchema = z.strictObject({ reportId: idSchema });

export const itemFilterSchema = z.strictObject({
  show: z
    .enum(['all', 'pending', 'decided', 'approved', 'rejected', 'carried', 'replacements', 'changed', 'mine'])
    .default('all'),
  source: z.enum(['random', 'targeted']).nullable().default(null),
  /** Value of the LOB column. */
  lob: z.string().nullable().default(null),
  /** Text that the key or any field contains. */
  search: z.string().max(200).default(''),
});
export type ItemFilter = z.input<typeof itemFilterSchema>;

export const itemSortSchema = z.strictObject({
  /** `#`, `key`, `verdict`, or `field:` with a field's name. */
  by: z
    .string()
    .max(310)
    .regex(/^(#|key|verdict|field:[^]*)$/, 'rows are sorted by #, key, verdict, or field: with the name of a field')
    .default('#'),
  descending: z.boolean().default(false),
});
export type ItemSort = z.input<typeof itemSortSchema>;

/** Every command of the product by name (`noun:verb`). */
export const commands = {
  'profile:list': command<Profile[]>()('The profiles of this data folder', nothing),
  'profile:create': command<Profile>()(
    'Make a profile for a person of the team',
    z.strictObject({ personId: personIdSchema }),
  ),
  'profile:switch': command<Profile>()(
    'Make another profile the active one (solo mode)',
    z.strictObject({ profile: z.string().min(1).max(64) }),
  ),
  'people:list': command<{ people: Person[]; devices: Device[] }>()('People and devices of the directory', nothing),
  'device:approve': command<{ operationId: string }>()(
    'Approve a waiting device',
    z.strictObject({ deviceId: idSchema }),
  ),
  'device:revoke': command<{ operationId: string }>()('Revoke a device', z.strictObject({ deviceId: idSchema })),

  'home:get': command<Home>()('What waits for me, what I sent, the cycles', nothing),
  'cycle:start': command<{ cycleId: string; reportIds: string[]; operationId: string }>()(
    'Start a test cycle over reports, with their people',
    z.strictObject({
      name: z.string().trim().min(1).max(200),
      reports: z
        .array(
          z.strictObject({
            name: z.string().trim().min(1).max(200),
            assignments: z.array(assignmentSchema).min(1).max(200),
            dueAt: z.iso.datetime().nullable().default(null),
            lobs: lobSourceSchema.nullable().default(null),
            skips: z.array(skipSchema).max(9).default([]),
            deadlines: z.array(deadlineSchema).max(9).default([]),
          }),
        )
        .min(1)
        .max(100),
    }),
  ),
  'cycle:control': queued(
    'Pause, resume or cancel a cycle with all its reports',
    z.strictObject({ cycleId: idSchema, act: controlActSchema, reason: noteSchema.min(1, 'a reason is needed') }),
  ),
  'report:control': queued(
    'Pause, resume or cancel a report',
    z.strictObject({ reportId: idSchema, act: controlActSchema, reason: noteSchema.min(1, 'a reason is needed') }),
  ),
  'lob:control': queued(
    'Add, pause, resume or cancel a line of business',
    z.strictObject({
      reportId: idSchema,
      lob: lobSchema,
      act: z.enum(['add', 'pause', 'resume', 'cancel']),
      reason: noteSchema.min(1, 'a reason is needed'),
    }),
  ),
  'lobs:set': queued(
    'Choose where the lines of business come from',
    z.strictObject({ reportId: idSchema, source: lobSourceSchema }),
  ),
  'phase:get': command<PhaseDetail>()('A phase of a report, and what I may do in it', z.strictObject(phaseKey)),
  'phase:skip': queued(
    'Skip a phase; the report discloses it',
    z.strictObject({ ...phaseKey, reason: noteSchema.min(1, 'a reason is needed') }),
  ),
  'phase:complete': queued(
    'End a phase whose work is recorded',
    z.strictObject({
      ...phaseKey,
      withoutSamples: z
        .array(z.strictObject({ lob: lobSchema, reason: noteSchema.min(1, 'a reason is needed') }))
        .max(100)
        .default([]),
      note: noteSchema.default(''),
    }),
  ),
  'deadline:set': queued(
    'Set, move or take away the deadline of a phase',
    z.strictObject({
      ...phaseKey,
      dueAt: z.iso.datetime().nullable(),
      remindBeforeSeconds: z.int().min(0).default(0),
      reason: noteSchema.min(1, 'a reason is needed'),
    }),
  ),
  'tracking:get': command<TrackingNow>()(
    'What the workflows of a report do now: steps with their attempts, alerts, waits, compensations, metrics per phase',
    reportIdSchema,
  ),
  'tracking:list': command<{ rows: LoggedEntry[]; total: number }>()(
    'What was tracked of the workflows of a report, newest first: executions, steps, transitions, retry log, waits, alerts, migrations, compensations',
    z.strictObject({
      reportId: idSchema,
      /** Which logs; empty: all. */
      kinds: z.array(z.enum(trackingKinds)).max(trackingKinds.length).default([]),
      ...pageSchema,
    }),
  ),
  'workflow:list': command<{ newest: WorkflowVersion; versions: { version: string; reports: WorkflowRow[] }[] }>()(
    'Running workflows by version, oldest first, with what each report would gain by moving to the newest',
    nothing,
  ),
  'workflow:move': queued(
    'Have a report go on as a newer version of its workflow, from its next safe point on',
    z.strictObject({ reportId: idSchema, to: workflowVersionSchema.default(newestVersion) }),
  ),
  'compensation:settle': queued(
    'Settle a step that failed for good: have it done again, take back what asked for it, or go on by hand',
    z.strictObject({
      reportId: idSchema,
      compensationId: idSchema,
      choice: z.enum(settlements),
      note: noteSchema.refine((text) => text.trim() !== '', 'a note is needed'),
    }),
  ),
  'cycle:list': command<{ cycle: Cycle; reports: Report[] }[]>()('Cycles and their reports', nothing),
  'practice:start': command<{ cycleId: string; reportId: string; importId: string }>()(
    'Start a practice cycle on a small population made here (solo mode)',
    nothing,
  ),
  'practice:evidence': command<{ path: string; fileName: string } | null>()(
    'The evidence file of a line of business of a practice report on this machine; null when there is none',
    z.strictObject({ reportId: idSchema, lob: lobSchema }),
  ),
  'report:get': command<{
    report: Report;
    populations: Population[];
    plans: RecordedPlan[];
    versions: Version[];
    deadLetters: DeadLetter[];
    recommendations: Recommendation[];
  }>()('A report with its populations, plans and versions', reportIdSchema),
  'assignment:set': command<{ operationId: string }>()(
    'Assign a person to a report, or take the assignment back',
    z.strictObject({
      reportId: idSchema,
      personId: personIdSchema,
      role: assignmentSchema.shape.role,
      assigned: z.boolean(),
    }),
  ),

  'population:import': command<ImportJob>()(
    'Import a population file; goes on by itself when the server is not there yet',
    z.strictObject({
      reportId: idSchema,
      source: fileSourceSchema,
      keyColumn: z.string().min(1).max(300).nullable().default(null),
      /** Answer when the population is ready or failed, at most after this many milliseconds (for scripts). */
      waitMs: z.int().min(0).max(3_600_000).default(0),
    }),
    'server',
  ),
  'population:list': command<{ populations: Population[]; imports: ImportJob[] }>()(
    'Populations and imports of a report',
    reportIdSchema,
  ),
  'population:cancel': command<ImportJob>()('Cancel an import', z.strictObject({ importId: idSchema })),

  'sample:plan': command<{
    planId: string;
    operationId: string;
    sampleSize: number;
    acceptableDeviations: number;
    method: string;
    seed: string;
  }>()(
    'Record a sample plan with its seed, before any row is shown. Without a seed the system makes one',
    samplePlanRequestSchema.omit({ seed: true, seedOrigin: true }).extend({
      reportId: idSchema,
      seed: z.union([z.string(), z.number()]).nullable().default(null),
    }),
  ),
  'sample:draw': command<{ operationId: string }>()(
    'Draw the sample of a recorded plan: makes a version',
    z.strictObject({
      reportId: idSchema,
      planId: idSchema,
      redrawReason: noteSchema.nullable().default(null),
      /** Rows to add as targeted samples: of a recommendation, or picked by the tester. */
      targeted: z
        .array(z.strictObject({ itemKey: z.string().min(1).max(500), reason: noteSchema.min(1, 'a reason is needed') }))
        .max(500)
        .default([]),
    }),
  ),

  'owner:list': command<{ total: number; rows: OwnerRow[] }>()(
    'Who answers for which attribute in which line of business',
    z.strictObject({ reportId: idSchema, show: z.enum(['all', 'open']).default('all'), ...pageSchema }),
  ),
  'owner:assign': queued(
    'Assign a data owner to attributes; changing one needs a reason',
    z.strictObject({
      reportId: idSchema,
      assignments: z
        .array(
          z.strictObject({
            lob: lobSchema,
            attribute: z.string().min(1).max(300),
            dataOwnerId: personIdSchema,
            reason: noteSchema.default(''),
          }),
        )
        .min(1)
        .max(500),
    }),
  ),
  'document:list': command<DocumentRow[]>()(
    'Documents of a line of business',
    z.strictObject({ reportId: idSchema, lob: lobSchema }),
  ),
  'document:submit': command<{
    documentId: string;
    /** How far its file is; null when the server has the document. */
    upload: ImportJob['state'] | null;
  }>()(
    'Hand in a document, or a new file for one that was rejected; goes on by itself when the server is not there yet',
    z.strictObject({
      reportId: idSchema,
      lob: lobSchema,
      /** Null: a new document. */
      documentId: idSchema.nullable().default(null),
      title: z.string().trim().min(1).max(200),
      source: fileSourceSchema,
      /** `YYYY-MM-DD`. */
      effectiveDate: z.iso.date(),
      note: noteSchema.default(''),
      /** Answer when the server has it or it failed, at most after this many milliseconds (for scripts). */
      waitMs: z.int().min(0).max(3_600_000).default(0),
    }),
    'server',
  ),
  'document:cancel': command<{ documentId: string }>()(
    'Take back a document that is not with the server yet, or one that could not be handed in',
    z.strictObject({ reportId: idSchema, lob: lobSchema, documentId: idSchema }),
  ),
  'document:review': queued(
    'Accept or reject a document',
    z.strictObject({
      reportId: idSchema,
      lob: lobSchema,
      documentId: idSchema,
      verdict: z.enum(['accepted', 'rejected']),
      reason: noteSchema.default(''),
    }),
  ),
  'test:list': command<{
    total: number;
    counts: { open: number; pass: number; fail: number; notTestable: number };
    attributes: string[];
    rows: TestRow[];
  }>()(
    'What is to be tested in a line of business: every sample × attribute in scope, with its result',
    z.strictObject({
      reportId: idSchema,
      lob: lobSchema,
      show: z.enum(['all', 'open', ...testResults]).default('all'),
      attribute: z.string().max(300).nullable().default(null),
      /** Text that the sample's key contains. */
      search: z.string().max(200).default(''),
      ...pageSchema,
    }),
  ),
  'test:record': command<{ operationIds: string[] }>()(
    'Record results; a changed response needs a reason',
    z.strictObject({
      reportId: idSchema,
      lob: lobSchema,
      actions: z
        .array(
          z.strictObject({
            itemKey: z.string().min(1).max(500),
            attribute: z.string().min(1).max(300),
            found: scalarSchema,
            result: z.enum(testResults),
            notTestableReason: noteSchema.default(''),
            evidence: evidenceLinkSchema.nullable().default(null),
            note: noteSchema.default(''),
            reason: noteSchema.default(''),
          }),
        )
        .min(1)
        .max(5_000),
    }),
  ),
  'evidence:read': queued(
    'Have the found values of everything untested read from an accepted document that is a table with the key column',
    z.strictObject({ reportId: idSchema, lob: lobSchema, documentId: idSchema }),
  ),
  'record:history': command<(AuditRecord & { actorName: string })[]>()(
    'All revisions of a record, newest first',
    z.strictObject({ ...phaseKey, recordKey: z.string().min(1).max(2_000) }),
  ),
  'report:sign': queued(
    'Sign a test report: the test lead has reviewed it, the report owner acknowledges it',
    z.strictObject({ versionId: idSchema, note: noteSchema.default('') }),
  ),

  'version:list': command<Version[]>()('Versions of a report, newest first', reportIdSchema),
  'version:get': command<VersionDetail>()('A version with counts and what I may do', versionIdSchema),
  'version:items': command<{ total: number; rows: ItemRow[] }>()(
    'Rows of a version, filtered and sorted',
    z.strictObject({
      versionId: idSchema,
      filter: itemFilterSchema.prefault({}),
      sort: itemSortSchema.prefault({}),
      ...pageSchema,
    }),
  ),
  'version:keys': command<{ total: number; rows: { itemKey: string; contentHash: string; verdict: Verdict }[] }>()(
    'Keys of the rows that match a filter, with what a decision on each is bound to (for "select all filtered")',
    z.strictObject({
      versionId: idSchema,
      filter: itemFilterSchema.prefault({}),
      sort: itemSortSchema.prefault({}),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(20_000).default(20_000),
    }),
  ),
  'version:locate': command<{ index: number | null }>()(
    'Place of the first row that is not decided, at or after a place, in a filtered and sorted list',
    z.strictObject({
      versionId: idSchema,
      filter: itemFilterSchema.prefault({}),
      sort: itemSortSchema.prefault({}),
      from: z.int().min(0).default(0),
    }),
  ),
  'item:get': command<ItemDetail>()(
    'One row with its life over all versions',
    z.strictObject({ versionId: idSchema, itemKey: z.string().min(1).max(500) }),
  ),

  'decision:record': command<{ recorded: number; counts: VerdictCounts }>()(
    'Draft a decision on one or many items; kept on this laptop until the review is submitted',
    z.strictObject({
      versionId: idSchema,
      decisions: z
        .array(
          z.strictObject({
            itemKey: z.string().min(1).max(500),
            contentHash: z.string().length(64),
            decision: itemVerdictSchema,
          }),
        )
        .min(1)
        .max(20_000),
    }),
  ),
  'decision:undo': command<{ undone: { itemKey: string }[]; counts: VerdictCounts }>()(
    'Take back the last drafted decisions of a version',
    versionIdSchema,
  ),
  'review:submit': command<{ operationIds: string[] }>()(
    'Queue the drafts of a version and the review of it',
    z.strictObject({ versionId: idSchema, verdict: z.enum(reviewVerdicts), note: noteSchema.default('') }),
  ),
  'revision:answer': command<{ answered: number; open: number }>()(
    'Draft answers to rejected items',
    z.strictObject({ versionId: idSchema, answers: z.array(answerSchema).min(1).max(20_000) }),
  ),
  'revision:undo': command<{ undone: string[]; answered: number; open: number }>()(
    'Take back drafted answers to rejected items',
    z.strictObject({ versionId: idSchema, itemKeys: z.array(z.string().min(1).max(500)).min(1).max(20_000) }),
  ),
  'revision:submit': command<{ operationId: string }>()(
    'Queue the revision that answers every rejection. Answers given here are drafted first',
    z.strictObject({
      versionId: idSchema,
      answers: z.array(answerSchema).max(20_000).default([]),
      note: noteSchema.default(''),
    }),
  ),

  'edit:draft': command<{ edits: number }>()(
    'Draft edits of a version; kept on this laptop until it is handed in',
    z.strictObject({ versionId: idSchema, edits: z.array(editSchema).min(1).max(5_000) }),
  ),
  'edit:undo': command<{ edits: number }>()(
    'Take back drafted edits',
    z.strictObject({ versionId: idSchema, itemKeys: z.array(z.string().min(1).max(500)).min(1).max(5_000) }),
  ),
  'version:submit': queued(
    'Hand a version in for review, with its drafted edits. Edits given here are drafted first',
    z.strictObject({
      versionId: idSchema,
      edits: z.array(editSchema).max(5_000).default([]),
      note: noteSchema.default(''),
    }),
  ),

  'version:compare': command<ComparisonPage>()(
    'Compare two versions, a page of aligned lines at a time',
    z.strictObject({
      leftVersionId: idSchema,
      rightVersionId: idSchema,
      show: z.enum(['all', 'changes', ...changeKinds, 'flipped']).default('all'),
      ...pageSchema,
    }),
  ),
  'comparison:export': command<{ fileName: string; csv: string; lines: number }>()(
    'A comparison as CSV text; cells that a spreadsheet would run are made harmless',
    z.strictObject({
      leftVersionId: idSchema,
      rightVersionId: idSchema,
      show: z.enum(['all', 'changes', ...changeKinds, 'flipped']).default('all'),
    }),
  ),

  'outbox:list': command<{ entries: OutboxEntry[]; total: number }>()(
    'What has not arrived, oldest first; or what was delivered',
    z.strictObject({ show: z.enum(['open', 'delivered']).default('open'), ...pageSchema }),
  ),
  'outbox:drop': command<{ dropped: string }>()(
    'Give up a refused or conflicting entry, with a note that is kept',
    z.strictObject({ entryId: z.string().min(1).max(200), note: noteSchema.min(1, 'dropping needs a note') }),
  ),
  'outbox:decide-again': command<{ versionId: string; itemKeys: string[] }>()(
    'Draft a conflicting decision again on the present version',
    z.strictObject({ entryIds: z.array(z.string().min(1).max(200)).min(1).max(20_000) }),
  ),

  'sync:status': command<SyncStatus>()('The link to the server and the outbox in figures', nothing),
  'sync:now': command<SyncStatus>()(
    'Try now; answers when all that can be delivered was, and everything was pulled, or after a time',
    z.strictObject({ waitMs: z.int().min(0).max(600_000).default(30_000) }),
    'server',
  ),
  'sync:work-offline': command<SyncStatus>()(
    'Stay offline until switched back; survives restarts',
    z.strictObject({ offline: z.boolean() }),
  ),
  'damage:acknowledge': command<SyncStatus>()(
    'Note that a person read of a damaged file; the file itself stays where it was set aside',
    z.strictObject({ damageId: z.string().min(1).max(200) }),
  ),
  'sync:diagnostics': command<{ text: string }>()('A text about the link without any contents', nothing),
  'server:cancel-preparation': command<SyncStatus>()('Stop preparing the embedded server', nothing),
  'server:prepare': command<SyncStatus>()('Prepare and start the embedded server again', nothing),

  'timeline:list': command<{ rows: TimelineRow[]; total: number; fault: string | null }>()(
    'The ledger of a report, newest first, with the check of its chain',
    z.strictObject({ reportId: idSchema, ...pageSchema }),
  ),
  'timeline:explain': command<{
    rows: LifeRow[];
    /** Lines that match `show`. */
    total: number;
    ledger: number;
    tracked: number;
    fault: string | null;
  }>()(
    'The whole life of a report, newest first: its ledger, with the check of its chain, and what was tracked beside it',
    z.strictObject({ reportId: idSchema, show: z.enum(['all', 'ledger', 'tracked']).default('all'), ...pageSchema }),
  ),
  'ledger:export': command<{ fileName: string; json: string; entries: number }>()(
    'The whole ledger of a report with its versions, items and decisions as JSON, for whoever performs it again',
    reportIdSchema,
  ),
  'notification:list': command<{ rows: (Notification & { read: boolean })[]; unread: number }>()(
    'News for me, newest first',
    z.strictObject({ ...pageSchema }),
  ),
  'notification:read': command<{ unread: number }>()(
    'Mark news as read',
    z.strictObject({ notificationIds: z.array(z.string().min(1).max(200)).min(1).max(1_000) }),
  ),
  'preference:get': command<{ value: unknown }>()(
    'A remembered setting of this profile',
    z.strictObject({ name: z.string().min(1).max(200) }),
  ),
  'preference:set': command<{ saved: true }>()(
    'Remember a setting of this profile (theme, columns, filter, scroll)',
    z.strictObject({ name: z.string().min(1).max(200), value: z.json() }),
  ),
} as const;

export type Commands = typeof commands;
export type CommandName = keyof Commands;
/** What a caller may pass: defaults may be left out. */
export type CommandInput<Name extends CommandName> = z.input<Commands[Name]['input']>;
/** What a handler gets: validated, defaults filled in. */
export type CommandParsed<Name extends CommandName> = z.output<Commands[Name]['input']>;
export type CommandOutput<Name extends CommandName> =
  Commands[Name] extends CommandSpec<z.ZodType, infer Output> ? Output : never;

/** Every handler a host has to have; one that is missing or wrong does not compile. */
export type Handlers = {
  [Name in CommandName]: (input: CommandParsed<Name>) => Promise<CommandOutput<Name>> | CommandOutput<Name>;
};

/** What the core tells without being asked. */
export type CoreEvent =
  | { kind: 'sync'; status: SyncStatus }
  /** Rows of these things changed; a screen that shows one reads it again. */
  | { kind: 'changed'; reportIds: string[]; versionIds: string[]; directory: boolean; source: 'feed' | 'outbox' }
  | { kind: 'import'; job: ImportJob }
  /** News for the person of the active profile that was not told before; the list of all is `notification:list`. */
  | { kind: 'notification'; notification: Notification }
  | { kind: 'profile'; profile: Profile };

/** The only things a page can reach. `receiveFile` hands a chosen file to the host and answers with an import id. */
export interface Bridge {
  invoke<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<Result<CommandOutput<Name>>>;
  subscribe(listener: (event: CoreEvent) => void): () => void;
  /** Streams or hands over the file; rejects with a message when the host cannot take it. */
  receiveFile(
    file: File,
    reportId: string,
    signal: AbortSignal,
  ): Promise<{ source: CommandInput<'population:import'>['source'] }>;
  host: 'electron' | 'browser';
}
