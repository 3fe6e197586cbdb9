// Owns what happens to operations on arrival: prove who sent each, apply it once, write receipt and ledger, all in one
// transaction per operation. What a kind of operation means is in rules/.
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical.ts';
import { workflowIdOf } from '../../domain/change.ts';
import { signedOperationSchema, targetOf } from '../../domain/operation.ts';
import type { Operation, ReceiptState, Target } from '../../domain/operation.ts';
import type { Person } from '../../domain/people.ts';
import { bury } from './dead-letters.ts';
import { envelopeSchema, textOf, whyNotAccepted, whyReplayed, whyUnreadable } from './incoming.ts';
import type { Envelope, Incoming } from './incoming.ts';
import { readPerson } from './people.ts';
import { enterLedger, insertOperation, receiptOf, tell } from './receipts.ts';
import { isOver, reportOf } from './reports.ts';
import { ruleOn } from './rules/all-rules.ts';
import { isWork, refuse } from './rules/rule.ts';
import type { FollowUp, Ruling } from './rules/rule.ts';
import type { Schema } from './schema.ts';
import { isSigned } from './signature.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export type { Incoming } from './incoming.ts';
export type { FollowUp } from './rules/rule.ts';

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

async function receive(writing: Writing, target: Target, item: Incoming): Promise<Judged> {
  const { trx } = writing;
  const rawText = textOf(item.raw);
  if (rawText === null) return buried(writing, target, item, null, 'what arrived cannot be written as JSON');
  const envelope = envelopeSchema.safeParse(item.raw);
  if (!envelope.success) return buried(writing, target, item, null, `no operation: ${z.prettifyError(envelope.error)}`);
  const { operation, signature } = envelope.data;
  const { deviceId, operationId } = operation;
  const device = await trx.selectFrom('devices').selectAll().where('device_id', '=', deviceId).executeTakeFirst();
  if (!device) return buried(writing, target, item, operationId, `unknown-device: no device ${deviceId} is enrolled`);
  // The signature covers what was sent, not what a schema made of it.
  const sent = (item.raw as { operation: unknown }).operation;
  if (!isSigned('operation', sent, signature, device.public_key)) {
    // No receipt: it would let a forger mark another person's queued operation as refused.
    return buried(writing, target, item, operationId, `bad-signature: it is not of device ${deviceId}`);
  }
  if (device.status === 'waiting') {
    // Nobody vouched for the key yet, so nothing is put down to the person; after the approval a resend applies.
    return buried(
      writing,
      target,
      item,
      operationId,
      `device-not-approved: device "${device.label}" waits for approval`,
    );
  }
  const bodyText = canonicalJson(sent);
  const known = await trx
    .selectFrom('operations')
    .select(['device_id', 'body_text', 'target', 'state', 'follow_ups_text', 'follow_up_done_at', 'held_by'])
    .where('operation_id', '=', operationId)
    .executeTakeFirst();
  if (known) {
    if (known.device_id !== deviceId || known.body_text !== bodyText) {
      return buried(
        writing,
        target,
        item,
        operationId,
        `malformed: ${operationId} was used before with other contents`,
      );
    }
    return repeated(operationId, target, device, known);
  }
  return judge(writing, target, item, envelope.data, device, bodyText);
}

function repeated(
  operationId: string,
  target: Target,
  device: Schema['devices'],
  known: Pick<Schema['operations'], 'target' | 'state' | 'follow_ups_text' | 'follow_up_done_at' | 'held_by'>,
): Judged {
  // Its own workflow only: another one that gets a copy must not act on it. News are told again: whoever asked may have died
  // before it heard them.
  const isOwn = known.target === workflowIdOf(target);
  const asked = isOwn ? (JSON.parse(known.follow_ups_text) as FollowUp[]) : [];
  const isToDo = known.follow_up_done_at === null && known.held_by === null;
  const followUps = asked.filter((followUp) => isToDo || !isWork(followUp));
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
    reason || !actor || !valid
      ? refuse(reason ?? { code: 'malformed', message: 'the operation cannot be read' })
      : await ruled(writing, target, actor, valid, item);
  if (!valid) await bury(writing, target, item, `${reason?.code}: ${reason?.message}`);
  const receipt = receiptOf(writing, item, operation, actorId, ruling);
  const reportId = await reportOf(writing, target);
  await insertOperation(writing, { target, reportId, receipt, ruling, bodyText, signature, operation });
  await tell(writing, reportId, actor, receipt);
  if (reportId) await enterLedger(writing, reportId, { operation, bodyText }, receipt, ruling);
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
  if (target.kind === 'report' && (await isOver(writing.trx, target.id))) {
    return refuse({ code: 'out-of-turn', message: 'this report is over: it was cancelled' });
  }
  const { operationId, deviceId, decidedAt, body } = operation;
  const subject = { writing, operationId, actor, deviceId, decidedAt, receivedAt: item.receivedAt };
  return ruleOn(subject, body);
}

async function buried(
  writing: Writing,
  target: Target,
  item: Incoming,
  operationId: string | null,
  message: string,
): Promise<Judged> {
  await bury(writing, target, item, message);
  return { outcome: { operationId, state: 'dead-letter', duplicate: false }, followUps: [], device: null };
}
