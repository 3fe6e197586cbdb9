// Owns the one typed contract between the screen (or a terminal) and the core: commands, events, results.
// Everything else derives from it: handlers, bridge, WebSocket, command line. Knows no host and no transport.
import { z } from 'zod';
import type { ComparedRow, ComparisonCounts, FieldChange } from '../domain/comparison.ts';
import { changeKinds } from '../domain/comparison.ts';
import type { Cycle, DeadLetter, Report } from '../domain/change.ts';
import type { ReasonCode, Verdict } from '../domain/decision.ts';
import { itemVerdictSchema, noteSchema } from '../domain/decision.ts';
import type { LedgerEntry } from '../domain/ledger.ts';
import type { Answer, Reason } from '../domain/operation.ts';
import { answerSchema, idSchema } from '../domain/operation.ts';
import type { Device, Person } from '../domain/people.ts';
import { assignmentSchema, personIdSchema } from '../domain/people.ts';
import type { Population } from '../domain/population.ts';
import { samplePlanRequestSchema } from '../domain/sample-plan.ts';
import type { RecordedPlan } from '../domain/sample-plan.ts';
import type { ItemBody, ItemOrigin, ItemSource, ReviewVerdict, VerdictCounts, Version } from '../domain/version.ts';
import { reviewVerdicts } from '../domain/version.ts';

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
  /** Rejected items answered by a draft, for the tester. */
  answered: number;
  /** The delivery of this person's submitted review or revision, null when none was submitted. */
  submitted: { kind: 'review' | 'revision'; verdict: ReviewVerdict | null; delivery: Delivery } | null;
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
  /** `import`, `plan`, `draw`: the step of preparing a sample; `devices`: for test managers, such a row has no report. */
  action: 'review' | 'revise' | 'import' | 'plan' | 'draw' | 'open' | 'devices';
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

const nothing = z.strictObject({});
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
          }),
        )
        .min(1)
        .max(100),
    }),
  ),
  'cycle:list': command<{ cycle: Cycle; reports: Report[] }[]>()('Cycles and their reports', nothing),
  'practice:start': command<{ cycleId: string; reportId: string; importId: string }>()(
    'Start a practice cycle on a small population made here (solo mode)',
    nothing,
  ),
  'report:get': command<{
    report: Report;
    populations: Population[];
    plans: RecordedPlan[];
    versions: Version[];
    deadLetters: DeadLetter[];
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
      source: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('path'), path: z.string().min(1).max(4096) }),
        z.strictObject({ kind: z.literal('received'), importId: idSchema }),
      ]),
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
    z.strictObject({ reportId: idSchema, planId: idSchema, redrawReason: noteSchema.nullable().default(null) }),
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
