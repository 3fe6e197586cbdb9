// Owns the table `record_changes` of the outbox: what operations want changed in records, record by record, and how far that came.
// Knows no record as it stands: that is the cache's.
import { actionKey, assignmentKey } from '../../../domain/audit-record.ts';
import type { AuditPhase } from '../../../domain/audit-record.ts';
import type { OperationBody, OperationKind, Reason, Receipt } from '../../../domain/operation.ts';
import type { Delivery } from '../../../preload/contract.ts';
import type { Sqlite } from '../sqlite.ts';

/** The kinds that change records: their entries are the records, not the operations. */
export const recordKinds = [
  ...['owner.assign', 'document.submit', 'document.review', 'test.record', 'test.update'],
] as const satisfies readonly OperationKind[];
type RecordKind = 'owner.assign' | 'document.submit' | 'document.review' | 'test.record' | 'test.update';
export type RecordOperation = Extract<OperationBody, { kind: RecordKind }>;

/** One record that an operation wants changed. */
export interface WantedChange {
  phase: AuditPhase;
  /** Null in data owner identification, whose keys name the LOB. */
  lob: string | null;
  recordKey: string;
  seenRevision: number;
  /** What is wanted, with its kind: the operation with this one item. */
  change: RecordOperation;
}

/** The records that an operation wants changed; empty for operations that change none. */
export function changesIn(body: OperationBody): WantedChange[] {
  switch (body.kind) {
    case 'owner.assign':
      return body.assignments.map((row) => ({
        ...{ phase: 'data-owner-id', lob: null, recordKey: assignmentKey(row.lob, row.attribute) },
        ...{ seenRevision: row.seenRevision, change: { ...body, assignments: [row] } },
      }));
    case 'document.submit':
    case 'document.review': {
      const { lob, documentId: recordKey, seenRevision } = body;
      return [{ phase: 'request-info', lob, recordKey, seenRevision, change: body }];
    }
    case 'test.record':
    case 'test.update':
      return body.actions.map((row) => ({
        ...{ phase: 'test-execution', lob: body.lob, recordKey: actionKey(row.itemKey, row.attribute) },
        ...{ seenRevision: row.seenRevision, change: { ...body, actions: [row] } },
      }));
    default:
      return [];
  }
}

interface ChangeRow {
  change_id: number;
  operation_id: string;
  report_id: string;
  phase: AuditPhase;
  lob: string;
  record_key: string;
  seen_revision: number;
  change: string;
  state: Exclude<Delivery, 'draft'>;
  reason: string | null;
  settled_at: string | null;
}

/** A row of `record_changes`. */
export interface KeptChange extends WantedChange {
  changeId: number;
  operationId: string;
  reportId: string;
  state: Exclude<Delivery, 'draft'>;
  reason: Reason | null;
  settledAt: string | null;
}

function keptChange(row: ChangeRow): KeptChange {
  return {
    changeId: row.change_id,
    operationId: row.operation_id,
    reportId: row.report_id,
    phase: row.phase,
    lob: row.lob === '' ? null : row.lob,
    recordKey: row.record_key,
    seenRevision: row.seen_revision,
    change: JSON.parse(row.change) as RecordOperation,
    state: row.state,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as Reason),
    settledAt: row.settled_at,
  };
}

/** Statements over `record_changes`; the caller brings the transaction. */
export function recordChangeTable(db: Sqlite) {
  const insert = db.prepare(`INSERT OR IGNORE INTO record_changes (operation_id, report_id, phase, lob, record_key,
    seen_revision, change, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
  const settleOlder = db.prepare(`UPDATE record_changes SET settled_at = ?, settled_how = 'decided-again'
    WHERE report_id = ? AND phase = ? AND lob = ? AND record_key = ? AND operation_id <> ? AND settled_at IS NULL
      AND state IN ('refused', 'conflict')`);
  const setState = db.prepare('UPDATE record_changes SET state = ?, reason = ? WHERE operation_id = ?');
  const setOne = db.prepare(
    'UPDATE record_changes SET state = ?, reason = ? WHERE operation_id = ? AND record_key = ?',
  );
  const setSent = db.prepare("UPDATE record_changes SET state = 'sent' WHERE operation_id = ? AND state = 'queued'");
  const byId = db.prepare<[number], ChangeRow>('SELECT * FROM record_changes WHERE change_id = ?');
  const drop = db.prepare(`UPDATE record_changes SET settled_at = ?, settled_how = 'dropped', settled_note = ?
    WHERE change_id = ? AND settled_at IS NULL`);
  const text = (reason: Reason | null): string | null => (reason ? JSON.stringify(reason) : null);
  return {
    /** Notes what an operation wants. What was refused of the same records before is answered by it. */
    note(operationId: string, body: OperationBody, at: string, state: ChangeRow['state'] = 'queued'): void {
      for (const { phase, lob, recordKey, seenRevision, change } of changesIn(body)) {
        const { reportId } = change;
        const place = [reportId, phase, lob ?? '', recordKey] as const;
        insert.run(operationId, ...place, seenRevision, JSON.stringify(change), state);
        settleOlder.run(at, ...place, operationId);
      }
    },
    markSent: (operationId: string): void => void setSent.run(operationId),
    /** Items that were not applied are named; the others were. A name that is not known here says that something else went wrong: then nothing counts as applied. */
    settleBy(operationId: string, { state, reason, items }: Pick<Receipt, 'state' | 'reason' | 'items'>): void {
      const whole = items.length === 0;
      setState.run(whole ? state : 'applied', whole ? text(reason) : null, operationId);
      const unknown = items.filter(
        (item) => setOne.run(item.state, text(item.reason), operationId, item.itemKey).changes === 0,
      );
      const [first] = unknown;
      if (first) setState.run(first.state, text(first.reason), operationId);
    },
    get(changeId: number): KeptChange | null {
      const row = byId.get(changeId);
      return row ? keptChange(row) : null;
    },
    /** Gives up a change that was not applied. @returns false when it had no claim on a person's attention. */
    drop: (changeId: number, note: string, at: string): boolean => drop.run(at, note, changeId).changes > 0,
  };
}
export type RecordChangeTable = ReturnType<typeof recordChangeTable>;
