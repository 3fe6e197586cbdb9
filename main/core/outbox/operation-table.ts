// Owns the table `operations` of the outbox: signing into the queue, batches, attempts, receipts.
// Knows what an operation is, not how it is sent.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { decisionsPerOperation, bytesPerBatch, isConflict, targetOf } from '../../../domain/operation.ts';
import type { Operation, OperationBody, OperationKind, Reason, Receipt, Target } from '../../../domain/operation.ts';
import type { SignedOperation } from '../../../domain/operation.ts';
import type { Delivery } from '../../../preload/contract.ts';
import { failed } from '../failure.ts';
import type { AnswerTable } from './answer-table.ts';
import type { DecisionTable } from './decision-table.ts';
import type { EditTable } from './edit-table.ts';
import type { Author, Batch } from './outbox.ts';
import { recordKinds } from './record-change-table.ts';
import type { RecordChangeTable } from './record-change-table.ts';
import type { Sqlite } from '../sqlite.ts';

/** A row of `operations`. */
export interface OperationRow {
  operation_id: string;
  sequence: number;
  kind: OperationKind;
  target_kind: Target['kind'];
  target_id: string;
  report_id: string | null;
  version_id: string | null;
  actor_id: string;
  device_id: string;
  decided_at: string;
  body: string;
  byte_count: number;
  item_count: number;
  signature: string;
  state: Exclude<Delivery, 'draft'>;
  attempts: number;
  last_attempt_at: string | null;
  reason: string | null;
  receipt: string | null;
  delivered_at: string | null;
  applied_count: number;
  settled_at: string | null;
  settled_note: string | null;
}

/** What cutting into signals looks at: everything but the bodies. */
export type QueuedOperation = Pick<
  OperationRow,
  'operation_id' | 'kind' | 'target_kind' | 'target_id' | 'byte_count' | 'item_count' | 'state'
>;

/** An operation as it was signed. */
export function signedOperation(row: OperationRow): SignedOperation {
  return {
    operation: {
      operationId: row.operation_id,
      actorId: row.actor_id,
      deviceId: row.device_id,
      sequence: row.sequence,
      decidedAt: row.decided_at,
      body: JSON.parse(row.body) as OperationBody,
    },
    signature: row.signature,
  };
}

/** Room that a batch's own frame takes, in bytes. */
const frameBytes = 256;

/** The server takes no payload of more than 2 MB, packed: what is larger would stand in the way of all that follows. */
const packedLimitBytes = 1_900_000;

/** @throws CommandFailure `refused` for what can never be sent. */
function refuseTooLarge(text: string, bytes: number): void {
  if (bytes <= packedLimitBytes || gzipSync(text).length <= packedLimitBytes) return;
  const size = `${(bytes / 1_000_000).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
  throw failed('refused', `This is too large to be sent (${size}): shorten its notes and rationales, and try again.`);
}

/**
 * Rows in the order of their sequence, cut into signals: per workflow in order, at most 500 decisions and 128 KB each.
 * A single operation above the limit goes alone.
 */
export function cutBatches(rows: readonly QueuedOperation[]): QueuedOperation[][] {
  const batches: { rows: QueuedOperation[]; bytes: number; items: number }[] = [];
  const open = new Map<string, (typeof batches)[number]>();
  for (const row of rows) {
    const target = `${row.target_kind}/${row.target_id}`;
    let batch = open.get(target);
    const bytes = row.byte_count + 1;
    if (!batch || batch.bytes + bytes > bytesPerBatch || batch.items + row.item_count > decisionsPerOperation) {
      batch = { rows: [], bytes: frameBytes, items: 0 };
      open.set(target, batch);
      batches.push(batch);
    }
    batch.rows.push(row);
    batch.bytes += bytes;
    batch.items += row.item_count;
  }
  return batches.map((batch) => batch.rows);
}

function itemCountOf(body: OperationBody): number {
  switch (body.kind) {
    case 'decisions.record':
      return body.decisions.length;
    case 'owner.assign':
      return body.assignments.length;
    case 'test.record':
    case 'test.update':
      return body.actions.length;
    default:
      return 1;
  }
}

/** Kinds whose items are entries of their own, as a list in SQL: the operation itself is none. */
export const itemKinds = ['decisions.record', ...recordKinds].map((kind) => `'${kind}'`).join(', ');

/** Kinds of which at most one is under way on a version, as a list in SQL. */
const submissions = "'review.submit', 'revision.submit', 'version.submit', 'report.sign'";

/** What operations carry, by the table that says how far each part came. */
export interface Carried {
  decisions: DecisionTable;
  answers: AnswerTable;
  edits: EditTable;
  recordChanges: RecordChangeTable;
}

/** How many parts of an operation had their effect: what is named had none, and when nothing is named none had. */
function appliedCount({ item_count: all }: OperationRow, { state, items }: Pick<Receipt, 'state' | 'items'>): number {
  if (state === 'applied') return all;
  return items.length === 0 ? 0 : Math.max(0, all - items.length);
}

const isRecordKind = (kind: OperationKind): boolean => recordKinds.some((one) => one === kind);

const has = <Name extends string>(body: OperationBody, name: Name): body is OperationBody & Record<Name, string> =>
  name in body;

/** Statements over `operations`; the caller brings the transaction. */
export function operationTable(db: Sqlite, { decisions, answers, edits, recordChanges }: Carried) {
  const insert = db.prepare(`INSERT INTO operations (operation_id, sequence, kind, target_kind, target_id, report_id,
      version_id, actor_id, device_id, decided_at, body, byte_count, item_count, signature, state, attempts)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', 0)`);
  const newest = db.prepare<[], { last: number }>(`SELECT max(
    coalesce((SELECT max(sequence) FROM operations), 0),
    coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE name = 'sequence-floor'), 0)) AS last`);
  const raiseFloor = db.prepare(`INSERT INTO settings (name, value) VALUES ('sequence-floor', ?)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value
    WHERE CAST(excluded.value AS INTEGER) > CAST(settings.value AS INTEGER)`);
  const startsReport = db.prepare('INSERT OR REPLACE INTO started_reports (report_id, operation_id) VALUES (?, ?)');
  const sendable = db.prepare<[string], QueuedOperation>(`SELECT o.operation_id, o.kind, o.target_kind, o.target_id,
      o.byte_count, o.item_count, o.state FROM operations o INDEXED BY operations_open
    WHERE o.state IN ('queued', 'sent') AND (o.state = 'queued' OR o.last_attempt_at < ?)
      AND NOT EXISTS (SELECT 1 FROM started_reports s JOIN operations c ON c.operation_id = s.operation_id
        WHERE o.target_kind = 'report' AND s.report_id = o.target_id AND c.state IN ('queued', 'sent'))
    ORDER BY o.sequence`);
  const sent = db.prepare(`UPDATE operations SET state = CASE state WHEN 'queued' THEN 'sent' ELSE state END,
    attempts = attempts + 1, last_attempt_at = ? WHERE operation_id = ?`);
  const attempted = db.prepare(
    'UPDATE operations SET attempts = attempts + 1, last_attempt_at = ? WHERE operation_id = ?',
  );
  const decisionsSent = db.prepare("UPDATE decisions SET state = 'sent' WHERE operation_id = ? AND state = 'queued'");
  const byId = db.prepare<[string], OperationRow>('SELECT * FROM operations WHERE operation_id = ?');
  const finish =
    db.prepare(`UPDATE operations SET state = ?, reason = ?, receipt = ?, delivered_at = ?, applied_count = ?
    WHERE operation_id = ?`);
  const waitingBehind = db.prepare<[string], OperationRow>(`SELECT o.* FROM operations o
    JOIN started_reports s ON s.report_id = o.target_id WHERE o.target_kind = 'report' AND s.operation_id = ?
      AND o.state IN ('queued', 'sent')`);
  const lastOfVersion = db.prepare<[string], OperationRow>(`SELECT * FROM operations WHERE version_id = ?
    AND kind IN (${submissions}) ORDER BY sequence DESC LIMIT 1`);
  const settleOlder =
    db.prepare(`UPDATE operations SET settled_at = ?, settled_how = 'decided-again' WHERE version_id = ?
    AND kind = ? AND operation_id <> ? AND settled_at IS NULL AND state IN ('refused', 'conflict')`);
  const settleOlderAt =
    db.prepare(`UPDATE operations SET settled_at = ?, settled_how = 'decided-again' WHERE report_id = ?
    AND kind = ? AND body ->> 'phase' = ? AND body ->> 'lob' IS ? AND operation_id <> ? AND settled_at IS NULL
    AND state IN ('refused', 'conflict')`);
  const settle = db.prepare(`UPDATE operations SET settled_at = ?, settled_how = 'dropped', settled_note = ?
    WHERE operation_id = ? AND settled_at IS NULL`);
  const open = db.prepare<[string], { operations: number }>(
    "SELECT count(*) AS operations FROM operations INDEXED BY operations_open WHERE state IN ('queued', 'sent') AND state = ?",
  );

  function add(body: OperationBody, author: Author, sequence: number, at: string): Operation {
    const { actorId, deviceId } = author;
    const operation: Operation = { operationId: randomUUID(), actorId, deviceId, sequence, decidedAt: at, body };
    const signature = author.sign(operation);
    const target = targetOf(body);
    const reportId = has(body, 'reportId') ? body.reportId : null;
    const versionId = has(body, 'versionId') ? body.versionId : null;
    const text = JSON.stringify(body);
    const whole = JSON.stringify({ operation, signature });
    const bytes = Buffer.byteLength(whole);
    refuseTooLarge(whole, bytes);
    insert.run(
      operation.operationId,
      sequence,
      body.kind,
      target.kind,
      target.id,
      reportId,
      versionId,
      actorId,
      deviceId,
      at,
      text,
      bytes,
      itemCountOf(body),
      signature,
    );
    if (body.kind === 'cycle.start') {
      for (const report of body.reports) startsReport.run(report.reportId, operation.operationId);
    }
    recordChanges.note(operation.operationId, body, at);
    // What is submitted again answers the refusal of the one before it.
    if (versionId !== null) settleOlder.run(at, versionId, body.kind, operation.operationId);
    if ('phase' in body) settleOlderAt.run(at, reportId, body.kind, body.phase, body.lob, operation.operationId);
    return operation;
  }

  /** Loads the bodies of one signal. */
  function batchOf(rows: readonly QueuedOperation[]): Batch[] {
    const [first] = rows;
    if (!first) return [];
    const loaded = rows.flatMap((row) => byId.get(row.operation_id) ?? []);
    return [
      {
        target: { kind: first.target_kind, id: first.target_id },
        operations: loaded.map(signedOperation),
        operationIds: rows.map((row) => row.operation_id),
        firstKind: first.kind,
        first: rows.every((row) => row.state === 'queued'),
      },
    ];
  }

  /** Ends one operation and what it carried. */
  function end(
    row: OperationRow,
    receipt: Pick<Receipt, 'state' | 'reason' | 'items' | 'appliedAt'>,
    text: string | null,
  ) {
    const whole = receipt.items.length === 0;
    const applied = appliedCount(row, receipt);
    const reason = receipt.reason ? JSON.stringify(receipt.reason) : null;
    finish.run(receipt.state, reason, text, receipt.appliedAt, applied, row.operation_id);
    if (row.kind === 'decisions.record') {
      decisions.setState(row.operation_id, whole ? receipt.state : 'applied', whole ? receipt.reason : null);
      for (const item of receipt.items) decisions.setOutcome(row.operation_id, item);
    }
    if (isRecordKind(row.kind)) recordChanges.settleBy(row.operation_id, receipt);
    if (row.kind === 'version.submit') {
      if (receipt.state === 'applied') edits.apply(row.operation_id);
      else edits.refuse(row.operation_id, receipt.items);
    }
    if (row.kind === 'revision.submit' && receipt.state !== 'applied') answers.giveBack(row.operation_id);
    if (row.kind === 'cycle.start' && receipt.state !== 'applied') endThoseBehind(row.operation_id, receipt.appliedAt);
  }

  /** Operations for reports that will never exist. */
  function endThoseBehind(operationId: string, at: string): void {
    const reason: Reason = { code: 'not-found', message: 'the cycle was not started, so its report does not exist' };
    for (const row of waitingBehind.all(operationId)) {
      end(row, { state: 'refused', reason, items: [], appliedAt: at }, null);
    }
  }

  return {
    queue(bodies: readonly OperationBody[], author: Author, at: string): Operation[] {
      let sequence = newest.get()?.last ?? 0;
      return bodies.map((body) => add(body, author, (sequence += 1), at));
    },
    nextBatches({ limit, resendBefore }: { limit: number; resendBefore?: string }): Batch[] {
      return cutBatches(sendable.all(resendBefore ?? ''))
        .slice(0, limit)
        .flatMap((rows) => batchOf(rows));
    },
    markSent(operationIds: readonly string[], at: string): void {
      for (const id of operationIds) {
        sent.run(at, id);
        decisionsSent.run(id);
        edits.markSent(id);
        recordChanges.markSent(id);
      }
    },
    markAttempt(operationIds: readonly string[], at: string): void {
      for (const id of operationIds) attempted.run(at, id);
    },
    /** The operation when it still waits for a receipt (or was ended without one), else null. */
    refuse(operationIds: readonly string[], reason: Reason, at: string): OperationRow[] {
      return operationIds.flatMap((id) => {
        const row = byId.get(id);
        if (!row || (row.state !== 'queued' && row.state !== 'sent')) return [];
        end(row, { state: isConflict(reason.code) ? 'conflict' : 'refused', reason, items: [], appliedAt: at }, null);
        return [row];
      });
    },
    /** @returns the operation that changed, or null when it is not ours or had its receipt. */
    applyReceipt(receipt: Receipt, deviceId: string | null): OperationRow | null {
      const row = byId.get(receipt.operationId);
      if (!row) {
        // Lost with a broken outbox: its number is used up all the same.
        if (receipt.deviceId === deviceId) raiseFloor.run(String(receipt.sequence));
        return null;
      }
      if (row.receipt !== null) return null;
      end(row, receipt, JSON.stringify(receipt));
      return row;
    },
    get: (operationId: string): OperationRow | null => byId.get(operationId) ?? null,
    /** The last review, revision, signature or handing in that this laptop submitted on a version. */
    lastSubmitted: (versionId: string): OperationRow | null => lastOfVersion.get(versionId) ?? null,
    drop: (operationId: string, note: string, at: string): boolean => settle.run(at, note, operationId).changes > 0,
    /** Ends the claim of refused submissions of a version on a person's attention: what they carried was dealt with. */
    settleCarried: (versionId: string, kind: OperationKind, at: string): void =>
      void settleOlder.run(at, versionId, kind, ''),
    countState: (state: 'queued' | 'sent'): number => open.get(state)?.operations ?? 0,
  };
}
export type OperationTable = ReturnType<typeof operationTable>;
