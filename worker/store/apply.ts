// Owns what happens to operations on arrival: prove who sent each, apply it once, write receipt and ledger, all in one
// transaction per operation. What a kind of operation means is in rules/.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical.ts';
import { directoryFeed, reportFeed, workflowIdOf } from '../../domain/change.ts';
import type { DeadLetter } from '../../domain/change.ts';
import { idSchema, isConflict, operationBodySchema, signedOperationSchema, targetOf } from '../../domain/operation.ts';
import type { Operation, Reason, Receipt, ReceiptState, Target } from '../../domain/operation.ts';
import { personIdSchema } from '../../domain/people.ts';
import type { Person } from '../../domain/people.ts';
import { readPerson } from './people.ts';
import { readableReports } from './reports.ts';
import { ruleOn } from './rules/all-rules.ts';
import { refuse } from './rules/rule.ts';
import type { FollowUp, Ruling } from './rules/rule.ts';
import type { Schema } from './schema.ts';
import { isSigned } from './signature.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export type { FollowUp } from './rules/rule.ts';

/** Something that a signal brought. It may be anything. */
export interface Incoming {
  raw: unknown;
  /** ISO-8601 UTC, by the workflow's clock. */
  receivedAt: string;
}

export interface Outcome {
  operationId: string | null;
  state: ReceiptState | 'dead-letter';
  /** It had been applied or refused before; this time nothing happened. */
  duplicate: boolean;
}

export interface Applied {
  /** One per incoming, in order. */
  outcomes: Outcome[];
  /**
   * What the workflow does next. A duplicate brings its follow-ups again until `followUpDone` was called for it, so that
   * a crash between apply and activity loses nothing. Each follow-up can be repeated.
   */
  followUps: FollowUp[];
  /** The head of the report's ledger; null for targets that are no report. */
  ledgerHead: { length: number; hash: string } | null;
  /** Highest sequence seen, per device that sent something now. */
  watermarks: Record<string, number>;
}

/** Applies operations in order, each in its own transaction. Never throws for what is in them. */
export async function applyOperations(
  store: Store,
  target: Target,
  incoming: readonly Incoming[],
  clock: () => string,
): Promise<Applied> {
  const outcomes: Outcome[] = [];
  const followUps: FollowUp[] = [];
  const watermarks = new Map<string, number>();
  for (const item of incoming) {
    const judged = await write(store, clock(), (writing) => receive(writing, target, item));
    outcomes.push(judged.outcome);
    followUps.push(...judged.followUps);
    if (judged.device) watermarks.set(judged.device.deviceId, judged.device.watermark);
  }
  return {
    outcomes,
    followUps,
    ledgerHead: await ledgerHead(store, target),
    watermarks: Object.fromEntries(watermarks),
  };
}

async function ledgerHead(store: Store, target: Target): Promise<Applied['ledgerHead']> {
  if (target.kind !== 'report') return null;
  const row = await store.db
    .selectFrom('reports')
    .select(['ledger_length', 'ledger_hash'])
    .where('report_id', '=', target.id)
    .executeTakeFirst();
  return row ? { length: row.ledger_length, hash: row.ledger_hash } : null;
}

interface Judged {
  outcome: Outcome;
  followUps: FollowUp[];
  device: { deviceId: string; watermark: number } | null;
}

/** The least that lets an operation be attributed and answered, whatever else is wrong with it. */
const envelopeSchema = z.object({
  operation: z.looseObject({
    operationId: idSchema,
    actorId: personIdSchema,
    deviceId: idSchema,
    sequence: z.int().min(1),
    decidedAt: z.iso.datetime().nullable().catch(null),
    body: z.looseObject({ kind: z.string().max(80).catch('unknown') }).catch({ kind: 'unknown' }),
  }),
  signature: z.string().max(200),
});
type Envelope = z.infer<typeof envelopeSchema>;

async function receive(writing: Writing, target: Target, item: Incoming): Promise<Judged> {
  const { trx } = writing;
  const rawText = textOf(item.raw);
  if (rawText === null) return bury(writing, target, item, null, 'what arrived cannot be written as JSON');
  const envelope = envelopeSchema.safeParse(item.raw);
  if (!envelope.success) return bury(writing, target, item, null, `no operation: ${z.prettifyError(envelope.error)}`);
  const { operation, signature } = envelope.data;
  const { deviceId, operationId } = operation;
  const device = await trx.selectFrom('devices').selectAll().where('device_id', '=', deviceId).executeTakeFirst();
  if (!device) return bury(writing, target, item, operationId, `unknown-device: no device ${deviceId} is enrolled`);
  // The signature covers what was sent, not what a schema made of it.
  const sent = (item.raw as { operation: unknown }).operation;
  if (!isSigned('operation', sent, signature, device.public_key)) {
    // No receipt: it would let a forger mark another person's queued operation as refused.
    return bury(writing, target, item, operationId, `bad-signature: it is not of device ${deviceId}`);
  }
  const bodyText = canonicalJson(sent);
  const known = await trx
    .selectFrom('operations')
    .select(['device_id', 'body_text', 'state', 'follow_ups_text', 'follow_up_done_at'])
    .where('operation_id', '=', operationId)
    .executeTakeFirst();
  if (known) {
    if (known.device_id !== deviceId || known.body_text !== bodyText) {
      return bury(writing, target, item, operationId, `malformed: ${operationId} was used before with other contents`);
    }
    return repeated(operationId, device, known);
  }
  return judge(writing, target, item, envelope.data, device, bodyText);
}

function textOf(raw: unknown): string | null {
  try {
    return canonicalJson(raw);
  } catch (error) {
    // Functions, bigints, cycles: nothing a payload can carry, so there is nothing to keep but the fact.
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}

function repeated(
  operationId: string,
  device: Schema['devices'],
  known: Pick<Schema['operations'], 'state' | 'follow_ups_text' | 'follow_up_done_at'>,
): Judged {
  const followUps = known.follow_up_done_at === null ? (JSON.parse(known.follow_ups_text) as FollowUp[]) : [];
  return {
    outcome: { operationId, state: known.state, duplicate: true },
    followUps,
    device: { deviceId: device.device_id, watermark: device.operation_sequence },
  };
}

async function judge(
  writing: Writing,
  target: Target,
  item: Incoming,
  envelope: Envelope,
  device: Schema['devices'],
  bodyText: string,
): Promise<Judged> {
  const { trx } = writing;
  const { operation, signature } = envelope;
  const { operationId, sequence } = operation;
  const actor = await readPerson(trx, device.person_id);
  const actorId = device.person_id;
  const parsed = signedOperationSchema.safeParse(item.raw);
  const reason =
    whyNotAccepted(device, actor, operation) ??
    (await whyReplayed(writing, device, sequence)) ??
    whyUnreadable(operation, bodyText, parsed.error);
  const valid = parsed.success ? parsed.data.operation : null;
  const ruling =
    reason || !actor || !valid ? refuse(reason ?? unreadable) : await ruled(writing, target, actor, valid, item);
  if (!valid) await bury(writing, target, item, operationId, `${reason?.code}: ${reason?.message}`);
  const receipt = receiptOf(writing, item, operation, actorId, ruling);
  const reportId = await reportOf(writing, target);
  await insertOperation(writing, { target, reportId, receipt, ruling, bodyText, signature, operation });
  await tell(writing, reportId, actor, receipt);
  if (reportId) await enterLedger(writing, reportId, operation, receipt, ruling);
  const watermark = Math.max(device.operation_sequence, sequence);
  await trx
    .updateTable('devices')
    .set({ operation_sequence: watermark })
    .where('device_id', '=', device.device_id)
    .execute();
  return {
    outcome: { operationId, state: receipt.state, duplicate: false },
    followUps: ruling.applied ? ruling.followUps : [],
    device: { deviceId: device.device_id, watermark },
  };
}

const unreadable: Reason = { code: 'malformed', message: 'the operation cannot be read' };

function whyNotAccepted(
  device: Schema['devices'],
  actor: Person | undefined,
  operation: Envelope['operation'],
): Reason | null {
  if (!actor) {
    return { code: 'unknown-person', message: `${device.person_id} is not in the people file any more` };
  }
  if (operation.actorId !== actor.personId) {
    const message = `device "${device.label}" is ${actor.name}'s and cannot speak for ${operation.actorId}`;
    return { code: 'unknown-device', message };
  }
  if (device.status !== 'approved') {
    return { code: 'device-not-approved', message: `device "${device.label}" is ${device.status}` };
  }
  return null;
}

/**
 * A device numbers its operations without reuse, so another operation with a used number is a copy of an outbox or a
 * replay: refused as malformed. A lower number that is new is no fault, because a resend may overtake.
 */
async function whyReplayed(writing: Writing, device: Schema['devices'], sequence: number): Promise<Reason | null> {
  if (sequence > device.operation_sequence) return null;
  const used = await writing.trx
    .selectFrom('operations')
    .select('operation_id')
    .where('device_id', '=', device.device_id)
    .where('sequence', '=', sequence)
    .executeTakeFirst();
  if (!used) return null;
  return { code: 'malformed', message: `number ${sequence} of this device was used before, for ${used.operation_id}` };
}

function whyUnreadable(
  operation: Envelope['operation'],
  bodyText: string,
  error: z.ZodError | undefined,
): Reason | null {
  // Schemas skip an own `__proto__`; in canonical text a quote inside a string is escaped, so this finds keys only.
  if (bodyText.includes('"__proto__":')) {
    return { code: 'malformed', message: 'the operation has a field called __proto__' };
  }
  if (!error) return null;
  const { kind } = operation.body;
  const kinds: readonly string[] = operationBodySchema.options.map((option) => option.shape.kind.value);
  return kinds.includes(kind)
    ? { code: 'malformed', message: `the operation is not as agreed: ${z.prettifyError(error)}` }
    : { code: 'unknown-kind', message: `this server knows no operation "${kind}"` };
}

async function ruled(
  writing: Writing,
  target: Target,
  actor: Person,
  operation: Operation,
  item: Incoming,
): Promise<Ruling> {
  const own = targetOf(operation.body);
  if (own.kind !== target.kind || own.id !== target.id) {
    const message = `it is for ${workflowIdOf(own)} and was sent to ${workflowIdOf(target)}`;
    return refuse({ code: 'wrong-target', message });
  }
  const { operationId, deviceId, decidedAt, body } = operation;
  const subject = { writing, operationId, actor, deviceId, decidedAt, receivedAt: item.receivedAt };
  return ruleOn(subject, body);
}

function receiptOf(
  writing: Writing,
  item: Incoming,
  operation: Envelope['operation'],
  actorId: string,
  ruling: Ruling,
): Receipt {
  return {
    operationId: operation.operationId,
    kind: operation.body.kind,
    actorId,
    deviceId: operation.deviceId,
    sequence: operation.sequence,
    state: stateOf(ruling),
    reason: reasonOf(ruling),
    items: ruling.items,
    receivedAt: item.receivedAt,
    appliedAt: writing.at,
  };
}

function stateOf(ruling: Ruling): ReceiptState {
  if (!ruling.applied) return isConflict(ruling.reason.code) ? 'conflict' : 'refused';
  if (ruling.items.some((item) => item.state === 'refused')) return 'refused';
  return ruling.items.length > 0 ? 'conflict' : 'applied';
}

function reasonOf(ruling: Ruling): Reason | null {
  if (!ruling.applied) return ruling.reason;
  const [first] = ruling.items;
  if (!first) return null;
  const others = ruling.items.length > 1 ? ` (and ${ruling.items.length - 1} more not applied)` : '';
  return { code: first.reason.code, message: `${first.itemKey}: ${first.reason.message}${others}` };
}

/** The report whose workflow got the operation, when the store has it. */
async function reportOf(writing: Writing, target: Target): Promise<string | null> {
  if (target.kind !== 'report') return null;
  const row = await writing.trx
    .selectFrom('reports')
    .select('report_id')
    .where('report_id', '=', target.id)
    .executeTakeFirst();
  return row?.report_id ?? null;
}

async function insertOperation(
  { trx, at }: Writing,
  made: {
    target: Target;
    reportId: string | null;
    receipt: Receipt;
    ruling: Ruling;
    bodyText: string;
    signature: string;
    operation: Envelope['operation'];
  },
): Promise<void> {
  const { receipt, ruling, operation } = made;
  await trx
    .insertInto('operations')
    .values({
      operation_id: receipt.operationId,
      kind: receipt.kind,
      actor_id: receipt.actorId,
      device_id: receipt.deviceId,
      sequence: receipt.sequence,
      target: workflowIdOf(made.target),
      report_id: made.reportId,
      body_text: made.bodyText,
      signature: made.signature,
      decided_at: operation.decidedAt,
      received_at: receipt.receivedAt,
      applied_at: at,
      state: receipt.state,
      follow_ups_text: JSON.stringify(ruling.applied ? ruling.followUps : []),
      follow_up_done_at: null,
    })
    .execute();
  await trx
    .insertInto('receipts')
    .values({ operation_id: receipt.operationId, receipt_text: JSON.stringify(receipt) })
    .execute();
}

/** Receipts go where their actor can read them: the report's feed, or the directory for the actor only. */
async function tell(
  writing: Writing,
  reportId: string | null,
  actor: Person | undefined,
  receipt: Receipt,
): Promise<void> {
  const readable = reportId && actor ? (await readableReports(writing.trx, actor)).includes(reportId) : false;
  if (reportId && readable) writing.emit(reportFeed(reportId), { kind: 'receipt', receipt });
  else writing.emit(directoryFeed, { kind: 'receipt', receipt }, `person:${receipt.actorId}`);
}

async function enterLedger(
  writing: Writing,
  reportId: string,
  operation: Envelope['operation'],
  receipt: Receipt,
  ruling: Ruling,
): Promise<void> {
  const { kind, operationId, actorId, deviceId, receivedAt } = receipt;
  await writing.record({
    reportId,
    entryKey: operationId,
    kind,
    actorId,
    deviceId,
    operationId,
    versionId: ruling.versionId,
    summary: ruling.applied ? ruling.summary : `tried "${kind}", ${receipt.state}: ${ruling.reason.message}`,
    detail: ruling.applied ? ruling.detail : { code: ruling.reason.code },
    decidedAt: operation.decidedAt,
    receivedAt,
  });
}

const excerptLength = 2_000;

/** Keeps what could not be applied, whole, for the test managers. What is resent is kept once. */
async function bury(
  writing: Writing,
  target: Target,
  item: Incoming,
  operationId: string | null,
  message: string,
): Promise<Judged> {
  const rawText = textOf(item.raw) ?? '(not JSON)';
  const place = workflowIdOf(target);
  const digest = createHash('sha256').update(`${place}\n${rawText}`).digest('hex');
  const deadLetterId = `dead-${digest.slice(0, 32)}`;
  const row = { dead_letter_id: deadLetterId, target: place, received_at: item.receivedAt, message, raw_text: rawText };
  const { numInsertedOrUpdatedRows } = await writing.trx
    .insertInto('dead_letters')
    .values(row)
    .onConflict((c) => c.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) {
    const excerpt = rawText.slice(0, excerptLength);
    const deadLetter: DeadLetter = { deadLetterId, target: place, receivedAt: item.receivedAt, message, excerpt };
    const reportId = await reportOf(writing, target);
    const feed = reportId ? reportFeed(reportId) : directoryFeed;
    writing.emit(feed, { kind: 'dead-letter', deadLetter }, 'role:test-manager');
  }
  return { outcome: { operationId, state: 'dead-letter', duplicate: false }, followUps: [], device: null };
}
