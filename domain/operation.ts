// Owns everything that is sent to a workflow: the operation union, its envelope and its receipt. Knows no transport and no key.
import { z } from 'zod';
import { canonicalJson } from './canonical.ts';
import { itemVerdictSchema, noteSchema, verdictSchema } from './decision.ts';
import { assignmentSchema, personIdSchema } from './people.ts';
import { samplePlanRequestSchema } from './sample-plan.ts';
import { ownerAssignmentSchema, testActionSchema } from './audit-record.ts';
import { editSchema, itemFieldsSchema } from './phase-item.ts';
import { phaseSlugSchema } from './phases.ts';
import { settlements } from './compensation.ts';
import { workflowVersionSchema } from './workflow-version.ts';
import { reviewVerdicts } from './version.ts';

/** An id made by the client: a letter or digit, then letters, digits, dots, underscores, dashes; 8 to 80 in all. */
export const idSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{7,79}$/, 'an id is 8 to 80 letters, digits, dots, underscores or dashes');
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits');
const nameSchema = z.string().trim().min(1, 'a name is needed').max(200, 'a name has at most 200 characters');
const itemKeySchema = z.string().min(1).max(500);
const countSchema = z.int().min(0);

/** The most decisions one operation carries, and the most bytes of canonical JSON one signal carries. */
export const decisionsPerOperation = 500;
export const bytesPerBatch = 128 * 1024;

/** One decision, bound to what was on the screen (design decision 4). */
export const boundDecisionSchema = z.strictObject({
  itemKey: itemKeySchema,
  contentHash: sha256Schema,
  /** The verdict the screen showed before this one. */
  seenVerdict: verdictSchema,
  decision: itemVerdictSchema,
});
export type BoundDecision = z.infer<typeof boundDecisionSchema>;

export const answerSchema = z.discriminatedUnion('answer', [
  z.strictObject({ itemKey: itemKeySchema, contentHash: sha256Schema, answer: z.literal('replace') }),
  z.strictObject({
    itemKey: itemKeySchema,
    contentHash: sha256Schema,
    answer: z.literal('keep'),
    rationale: noteSchema.min(1, 'keeping a rejected item needs a rationale'),
  }),
  /** The item as the author changed it. */
  z.strictObject({
    itemKey: itemKeySchema,
    contentHash: sha256Schema,
    answer: z.literal('edit'),
    fields: itemFieldsSchema,
  }),
  z.strictObject({
    itemKey: itemKeySchema,
    contentHash: sha256Schema,
    answer: z.literal('remove'),
    rationale: noteSchema.min(1, 'taking an item out needs a rationale'),
  }),
  /** The test lead keeps an observation against the owner's rejection: it stays, rejected and disputed. */
  z.strictObject({
    itemKey: itemKeySchema,
    contentHash: sha256Schema,
    answer: z.literal('dispute'),
    rationale: noteSchema.min(1, 'disputing a rejection needs a rationale'),
  }),
]);
/** The author's answer to one rejected item. Samples: replace or keep; everything else: edit, keep, remove; observations: dispute. */
export type Answer = z.infer<typeof answerSchema>;

/** True when a text can name a line of business: its lane's workflow is called by it, and half a surrogate pair cannot be written. */
export function isLobName(text: string): boolean {
  return text.length > 0 && text.length <= 200 && text.isWellFormed() && encodeURIComponent(text).length <= 800;
}
const lobNameSchema = z
  .string()
  .trim()
  .min(1, 'a line of business needs a name')
  .refine(isLobName, 'a line of business has a name of at most 200 characters');
/** The most lines of business of a report. */
export const lobLimit = 100;

/** Where the lines of business come from: every value of a column of the population, the named values of it, or there are none. */
export const lobSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('column'), column: z.string().min(1).max(300) }),
  z.strictObject({
    kind: z.literal('list'),
    column: z.string().min(1).max(300),
    names: z.array(lobNameSchema).min(1).max(lobLimit),
  }),
  z.strictObject({ kind: z.literal('none') }),
]);
export type LobSource = z.infer<typeof lobSourceSchema>;

/** How long a phase may take from its opening, and how long before the end its people are reminded; in seconds. */
export const deadlineSchema = z.strictObject({
  phase: phaseSlugSchema,
  dueAfterSeconds: z
    .int()
    .min(1)
    .max(366 * 86_400),
  remindBeforeSeconds: z
    .int()
    .min(0)
    .max(366 * 86_400),
});
export type Deadline = z.infer<typeof deadlineSchema>;

const reasonSchema = noteSchema.refine((text) => text.trim() !== '', 'a reason is needed');

export const skipSchema = z.strictObject({ phase: phaseSlugSchema, reason: reasonSchema });

const reportStartSchema = z.strictObject({
  reportId: idSchema,
  name: nameSchema,
  /** Null: chosen later, by `lobs.set`. */
  lobs: lobSourceSchema.nullable().default(null),
  /** Phases that are left out from the start; the report discloses each. */
  skips: z.array(skipSchema).max(9).default([]),
  deadlines: z.array(deadlineSchema).max(9).default([]),
  assignments: z.array(assignmentSchema).min(1).max(200),
  /** When the review is due, ISO-8601 UTC; null when it is not. */
  dueAt: z.iso.datetime().nullable().default(null),
});

const controlSchema = z.enum(['cancel', 'pause', 'resume']);
export type ControlAct = z.infer<typeof controlSchema>;

/** Every kind of operation. `kind` is the discriminator; each kind is applied by exactly one rule of the store. */
export const operationBodySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cycle.start'),
    cycleId: idSchema,
    name: nameSchema,
    reports: z.array(reportStartSchema).min(1).max(100),
  }),
  z.strictObject({
    kind: z.literal('assignment.set'),
    reportId: idSchema,
    personId: personIdSchema,
    role: assignmentSchema.shape.role,
    assigned: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('device.approve'), deviceId: idSchema }),
  z.strictObject({ kind: z.literal('device.revoke'), deviceId: idSchema }),
  z.strictObject({
    kind: z.literal('population.import'),
    reportId: idSchema,
    /** SHA-256 and size in bytes of the file, which is uploaded before this operation is sent. */
    fileHash: sha256Schema,
    fileSize: countSchema,
    fileName: z.string().min(1).max(255),
    /** Null lets the worker propose one. */
    keyColumn: z.string().min(1).max(300).nullable(),
  }),
  z.strictObject({
    kind: z.literal('sample.plan'),
    reportId: idSchema,
    planId: idSchema,
    request: samplePlanRequestSchema,
  }),
  z.strictObject({
    kind: z.literal('sample.draw'),
    reportId: idSchema,
    planId: idSchema,
    /** Needed when a sample was drawn before. */
    redrawReason: noteSchema.nullable().default(null),
    /** Rows picked by a person or a model: labelled, and never part of a limit. */
    targeted: z
      .array(z.strictObject({ itemKey: itemKeySchema, reason: reasonSchema }))
      .max(500)
      .default([]),
  }),
  z.strictObject({
    kind: z.literal('decisions.record'),
    reportId: idSchema,
    versionId: idSchema,
    decisions: z.array(boundDecisionSchema).min(1).max(decisionsPerOperation),
  }),
  z.strictObject({
    kind: z.literal('review.submit'),
    reportId: idSchema,
    versionId: idSchema,
    verdict: z.enum(reviewVerdicts),
    note: noteSchema.default(''),
    /** What the screen said when the person submitted. */
    seen: z.strictObject({ approved: countSchema, rejected: countSchema, pending: countSchema }),
  }),
  z.strictObject({
    kind: z.literal('revision.submit'),
    reportId: idSchema,
    /** The version whose review asked for a revision. */
    versionId: idSchema,
    answers: z.array(answerSchema).max(20_000),
    note: noteSchema.default(''),
  }),
  z.strictObject({ kind: z.literal('cycle.control'), cycleId: idSchema, act: controlSchema, reason: reasonSchema }),
  z.strictObject({ kind: z.literal('report.control'), reportId: idSchema, act: controlSchema, reason: reasonSchema }),
  z.strictObject({
    kind: z.literal('lob.control'),
    reportId: idSchema,
    lob: lobNameSchema,
    act: z.enum(['add', 'cancel', 'pause', 'resume']),
    reason: reasonSchema,
  }),
  /** Chooses where the lines of business come from, until they were recorded. */
  z.strictObject({ kind: z.literal('lobs.set'), reportId: idSchema, source: lobSourceSchema }),
  z.strictObject({
    kind: z.literal('phase.skip'),
    reportId: idSchema,
    phase: phaseSlugSchema,
    lob: lobNameSchema.nullable(),
    reason: reasonSchema,
  }),
  /** Settles what a compensation left for a person (domain/compensation.ts). */
  z.strictObject({
    kind: z.literal('compensation.settle'),
    reportId: idSchema,
    compensationId: idSchema,
    choice: z.enum(settlements),
    note: reasonSchema,
  }),
  /** Has the report's workflow go on as a newer version, from its next safe point on. */
  z.strictObject({ kind: z.literal('workflow.move'), reportId: idSchema, to: workflowVersionSchema }),
  /** Sets, moves or takes away the deadline of a phase that is not settled; a later one revives an expired phase. */
  z.strictObject({
    kind: z.literal('deadline.set'),
    reportId: idSchema,
    phase: phaseSlugSchema,
    lob: lobNameSchema.nullable(),
    dueAt: z.iso.datetime().nullable(),
    remindBeforeSeconds: z
      .int()
      .min(0)
      .max(366 * 86_400)
      .default(0),
    reason: reasonSchema,
  }),
  /** Hands a version in for review, with the author's edits: from a draft, an unreviewed or a rejected version; of the report also from a signed one. */
  z.strictObject({
    kind: z.literal('version.submit'),
    reportId: idSchema,
    versionId: idSchema,
    edits: z.array(editSchema).max(5_000),
    note: noteSchema.default(''),
  }),
  /** Ends a phase whose work is recorded; in sample selection the lines of business that get no sample are named with a reason. */
  z.strictObject({
    kind: z.literal('phase.complete'),
    reportId: idSchema,
    phase: phaseSlugSchema,
    lob: lobNameSchema.nullable(),
    withoutSamples: z
      .array(z.strictObject({ lob: lobNameSchema, reason: reasonSchema }))
      .max(lobLimit)
      .default([]),
    note: noteSchema.default(''),
  }),
  z.strictObject({
    kind: z.literal('owner.assign'),
    reportId: idSchema,
    assignments: z.array(ownerAssignmentSchema).min(1).max(500),
  }),
  z.strictObject({
    kind: z.literal('document.submit'),
    reportId: idSchema,
    lob: lobNameSchema,
    documentId: idSchema,
    title: nameSchema,
    /** SHA-256 and size in bytes of the file, which is uploaded before this operation is sent. */
    fileHash: sha256Schema,
    fileSize: countSchema,
    fileName: z.string().min(1).max(255),
    effectiveDate: z.iso.date(),
    /** The revision that the screen showed; 0 for a new document. */
    seenRevision: countSchema,
    note: noteSchema.default(''),
  }),
  z.strictObject({
    kind: z.literal('document.review'),
    reportId: idSchema,
    lob: lobNameSchema,
    documentId: idSchema,
    /** The revision that was looked at. */
    seenRevision: z.int().min(1),
    verdict: z.enum(['accepted', 'rejected']),
    reason: noteSchema.default(''),
  }),
  /** First results of test actions. */
  z.strictObject({
    kind: z.literal('test.record'),
    reportId: idSchema,
    lob: lobNameSchema,
    actions: z.array(testActionSchema).min(1).max(decisionsPerOperation),
  }),
  /** Changed responses; each says which revision it changes and why. */
  z.strictObject({
    kind: z.literal('test.update'),
    reportId: idSchema,
    lob: lobNameSchema,
    actions: z.array(testActionSchema).min(1).max(decisionsPerOperation),
  }),
  /** Has the worker read the found values of all untested actions of a LOB from an accepted document that is a table with the key column. */
  z.strictObject({
    kind: z.literal('evidence.read'),
    reportId: idSchema,
    lob: lobNameSchema,
    documentId: idSchema,
    revision: z.int().min(1),
  }),
  /** One signature of the report's chain. */
  z.strictObject({
    kind: z.literal('report.sign'),
    reportId: idSchema,
    versionId: idSchema,
    meaning: z.enum(['reviewed', 'acknowledged']),
    /** Hash over all sections as the screen showed them (`itemsHash` of the version's summary). */
    itemsHash: sha256Schema,
    note: noteSchema.default(''),
  }),
]);
export type OperationBody = z.infer<typeof operationBodySchema>;
export type OperationKind = OperationBody['kind'];

/** What somebody does with each kind, as it follows "tried to". */
export const operationNames: Readonly<Record<OperationKind, string>> = {
  'cycle.start': 'start the cycle',
  'assignment.set': 'change an assignment',
  'device.approve': 'approve a device',
  'device.revoke': 'revoke a device',
  'population.import': 'import a population',
  'sample.plan': 'record a sample plan',
  'sample.draw': 'draw the sample',
  'decisions.record': 'decide on items',
  'review.submit': 'submit a review',
  'revision.submit': 'submit a revision',
  'cycle.control': 'pause, resume or cancel the cycle',
  'report.control': 'pause, resume or cancel the report',
  'lob.control': 'add, pause, resume or cancel a line of business',
  'lobs.set': 'choose the lines of business',
  'phase.skip': 'skip a phase',
  'compensation.settle': 'settle a compensation',
  'workflow.move': 'move a report to another workflow version',
  'deadline.set': 'set a deadline',
  'version.submit': 'submit a version for review',
  'phase.complete': 'complete a phase',
  'owner.assign': 'assign data owners',
  'document.submit': 'submit a document',
  'document.review': 'review a document',
  'test.record': 'record test actions',
  'test.update': 'change test responses',
  'evidence.read': 'read found values from a document',
  'report.sign': 'sign the report',
};

/** What is signed: who says what, with which device, as its how many-th word. */
export const operationSchema = z.strictObject({
  operationId: idSchema,
  actorId: personIdSchema,
  deviceId: idSchema,
  /** Grows from operation to operation of a device and orders them; it leaps only after an outbox was lost. */
  sequence: z.int().min(1),
  /** When the person did it, by the laptop's clock (ISO-8601 UTC): shown, never trusted. */
  decidedAt: z.iso.datetime(),
  body: operationBodySchema,
});
export type Operation = z.infer<typeof operationSchema>;

/** An operation on the wire. The signature is Ed25519 over the bytes of `signedText`, base64url. */
export const signedOperationSchema = z.strictObject({
  operation: operationSchema,
  signature: z.string().min(1).max(200),
});
export type SignedOperation = z.infer<typeof signedOperationSchema>;

/** The text whose UTF-8 bytes are signed. `purpose` keeps a signature made for one use from serving another. */
export function signedText(
  purpose: 'operation' | 'pull' | 'contents' | 'upload' | 'revive' | 'enrolment',
  content: unknown,
): string {
  return `countersign/${purpose}/1\n${canonicalJson(content)}`;
}

/** The workflow that an operation is for. */
export function targetOf(body: OperationBody): Target {
  switch (body.kind) {
    case 'cycle.start':
    case 'cycle.control':
      return { kind: 'cycle', id: body.cycleId };
    case 'device.approve':
    case 'device.revoke':
      return { kind: 'device', id: body.deviceId };
    default:
      return { kind: 'report', id: body.reportId };
  }
}
/** What an operation is about: one workflow each. */
export type Target = { kind: 'cycle' | 'report' | 'device'; id: string };

/** Why an operation, or one item of it, had no effect. `code` is for programs, `message` for people. */
export interface Reason {
  code: ReasonForRefusal;
  message: string;
}

/** Codes of a refusal (it can never apply as it is) and of a conflict (the world moved; a person decides again). */
export const refusalCodes = [
  'malformed',
  'unknown-kind',
  'unknown-person',
  'unknown-device',
  'device-not-approved',
  'bad-signature',
  'wrong-target',
  'not-assigned',
  'role',
  'four-eyes',
  'not-found',
  'incomplete',
  'empty-review',
  'not-replaceable',
  'impossible-plan',
  'max-revisions',
  'population-not-ready',
  'reason-missing',
  'out-of-turn',
  'paused',
  'expired',
  'not-editable',
  'evidence-missing',
] as const;
export const conflictCodes = [
  'version-superseded',
  'version-reviewed',
  'content-changed',
  'already-decided',
  'foreign-item',
  'counts-differ',
] as const;
export type ReasonForRefusal = (typeof refusalCodes)[number] | (typeof conflictCodes)[number];

/** True when the code says "decide again" and not "this can never apply". */
export function isConflict(code: ReasonForRefusal): boolean {
  return (conflictCodes as readonly string[]).includes(code);
}

export type ReceiptState = 'applied' | 'refused' | 'conflict';

/** What became of one item of a `decisions.record` that was not applied, with what the store has instead. */
export interface ItemOutcome {
  itemKey: string;
  state: 'refused' | 'conflict';
  reason: Reason;
  theirs: {
    versionId: string;
    contentHash: string | null;
    verdict: z.infer<typeof verdictSchema> | null;
    actorId: string | null;
    at: string | null;
  } | null;
}

/** What the workflow did with an operation. Times are ISO-8601 UTC. */
export interface Receipt {
  operationId: string;
  kind: string;
  actorId: string;
  deviceId: string;
  sequence: number;
  /** The worst of its items: `applied` only when all of it was. */
  state: ReceiptState;
  reason: Reason | null;
  /** Items that were not applied, each named; the others were. Empty when the operation carries no items. */
  items: ItemOutcome[];
  receivedAt: string;
  appliedAt: string;
}
