// Owns the answer to an operation and its place on record: operation row, receipt, ledger entry, and who gets to read it.
// Knows no rule; it is told the ruling.
import { sha256Hex } from '../../domain/canonical.ts';
import { directoryFeed, reportFeed, workflowIdOf } from '../../domain/change.ts';
import { isConflict, operationNames } from '../../domain/operation.ts';
import type { Reason, Receipt, ReceiptState, Target } from '../../domain/operation.ts';
import type { Person } from '../../domain/people.ts';
import type { Envelope, Incoming } from './incoming.ts';
import { readableReports } from './reports.ts';
import { isWork } from './rules/rule.ts';
import type { FollowUp, Ruling } from './rules/rule.ts';
import type { Writing } from './writing.ts';

/** The receipt that a ruling comes to. */
export function receiptOf(
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

/** Keeps the operation as it was signed, with its receipt. */
export async function insertOperation(
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
  const followUps: FollowUp[] = ruling.applied ? ruling.followUps : [];
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
      follow_ups_text: JSON.stringify(followUps),
      follow_up_done_at: followUps.some(isWork) ? null : at,
      held_by: null,
    })
    .execute();
  await trx
    .insertInto('receipts')
    .values({ operation_id: receipt.operationId, receipt_text: JSON.stringify(receipt) })
    .execute();
}

/** Receipts go where their actor can read them: the report's feed, or the directory for the actor only. */
export async function tell(
  writing: Writing,
  reportId: string | null,
  actor: Person | undefined,
  receipt: Receipt,
): Promise<void> {
  const readable = reportId && actor ? (await readableReports(writing.trx, actor)).includes(reportId) : false;
  if (reportId && readable) writing.emit(reportFeed(reportId), { kind: 'receipt', receipt });
  else writing.emit(directoryFeed, { kind: 'receipt', receipt }, `person:${receipt.actorId}`);
}

/**
 * Enters the operation into its report's ledger, refused ones too. The hash of what was signed binds the chain to what is not
 * written out in it: each decision, each answer.
 */
export async function enterLedger(
  writing: Writing,
  reportId: string,
  { operation, bodyText }: { operation: Envelope['operation']; bodyText: string },
  receipt: Receipt,
  ruling: Ruling,
): Promise<void> {
  const operationHash = sha256Hex(bodyText);
  const { kind, operationId, actorId, deviceId, receivedAt } = receipt;
  await writing.record({
    reportId,
    entryKey: operationId,
    kind,
    actorId,
    deviceId,
    operationId,
    versionId: ruling.versionId,
    summary: ruling.applied ? ruling.summary : whatWasTried(kind, receipt.state, ruling.reason),
    detail: { ...(ruling.applied ? ruling.detail : { code: ruling.reason.code }), operationHash },
    decidedAt: operation.decidedAt,
    receivedAt,
  });
}

/** "tried to submit a review; conflict: …" */
function whatWasTried(kind: string, state: Receipt['state'], reason: Reason): string {
  const known = Object.entries(operationNames).find(([name]) => name === kind);
  return `tried to ${known ? known[1] : `do "${kind}"`}; ${state}: ${reason.message}`;
}
