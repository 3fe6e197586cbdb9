// Owns the table `decisions` of the outbox: recording, undoing, what a review takes with it.
// Knows neither the cache nor what may be decided: the caller asked that.
import type { ItemOutcome, Reason } from '../../../domain/operation.ts';
import type { ItemVerdict, ReasonCode, Verdict } from '../../../domain/decision.ts';
import type { Delivery } from '../../../preload/contract.ts';
import type { Sqlite } from '../sqlite.ts';

/** A decision to draft, with what the screen showed. */
export interface DecisionDraft {
  itemKey: string;
  contentHash: string;
  seenVerdict: Verdict;
  decision: ItemVerdict;
}

/** A row of `decisions`. */
export interface KeptDecision extends DecisionDraft {
  decisionId: number;
  reportId: string;
  versionId: string;
  seenVersionNumber: number;
  decidedAt: string;
  current: boolean;
  state: Delivery;
  operationId: string | null;
  reason: Reason | null;
  theirs: ItemOutcome['theirs'];
  settledAt: string | null;
}

/** The version that drafts are made on. */
export interface DecidedVersion {
  versionId: string;
  reportId: string;
  number: number;
}

export interface DecisionRow {
  decision_id: number;
  report_id: string;
  version_id: string;
  item_key: string;
  content_hash: string;
  seen_verdict: Verdict;
  seen_version_number: number;
  verdict: Verdict;
  reason_code: ReasonCode | null;
  note: string;
  decided_at: string;
  undo_group: number;
  current: 0 | 1;
  state: Delivery;
  operation_id: string | null;
  reason: string | null;
  theirs: string | null;
  settled_at: string | null;
}

/** Translates a row of `decisions`. */
export function keptDecision(row: DecisionRow): KeptDecision {
  return {
    decisionId: row.decision_id,
    reportId: row.report_id,
    versionId: row.version_id,
    itemKey: row.item_key,
    contentHash: row.content_hash,
    seenVerdict: row.seen_verdict,
    seenVersionNumber: row.seen_version_number,
    decision: { verdict: row.verdict, reasonCode: row.reason_code, note: row.note },
    decidedAt: row.decided_at,
    current: row.current === 1,
    state: row.state,
    operationId: row.operation_id,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as Reason),
    theirs: row.theirs === null ? null : (JSON.parse(row.theirs) as ItemOutcome['theirs']),
    settledAt: row.settled_at,
  };
}

/** Statements over `decisions`; the caller brings the transaction. */
export function decisionTable(db: Sqlite) {
  const newestGroup = db.prepare<[], { last: number | null }>('SELECT max(undo_group) AS last FROM decisions');
  const displace = db.prepare('UPDATE decisions SET current = 0 WHERE version_id = ? AND item_key = ? AND current = 1');
  const insert = db.prepare(`INSERT INTO decisions (report_id, version_id, item_key, content_hash, seen_verdict,
      seen_version_number, verdict, reason_code, note, decided_at, undo_group, current, state)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 'draft')`);
  const settleBy = db.prepare(`UPDATE decisions SET settled_at = ?, settled_how = 'decided-again', settled_by = ?
    WHERE version_id = ? AND item_key = ? AND current = 0 AND settled_at IS NULL AND state IN ('refused', 'conflict')`);
  const settleOne = db.prepare(`UPDATE decisions SET settled_at = ?, settled_how = ?, settled_note = ?, settled_by = ?,
    current = CASE state WHEN 'draft' THEN 0 ELSE current END WHERE decision_id = ? AND settled_at IS NULL`);
  const unsettle = db.prepare(
    'UPDATE decisions SET settled_at = NULL, settled_how = NULL, settled_by = NULL WHERE settled_by = ?',
  );
  const lastDrafts = db.prepare<[string, string], DecisionRow>(`SELECT * FROM decisions WHERE version_id = ?
    AND state = 'draft' AND current = 1 AND settled_at IS NULL AND undo_group = (SELECT max(undo_group) FROM decisions
      WHERE version_id = ? AND state = 'draft' AND current = 1 AND settled_at IS NULL) ORDER BY decision_id`);
  const remove = db.prepare('DELETE FROM decisions WHERE decision_id = ?');
  const restore = db.prepare(`UPDATE decisions SET current = 1 WHERE decision_id = (SELECT max(decision_id)
    FROM decisions WHERE version_id = ? AND item_key = ? AND current = 0
      AND NOT (state = 'draft' AND settled_at IS NOT NULL)) RETURNING *`);
  const drafts = db.prepare<[string], DecisionRow>(`SELECT * FROM decisions WHERE version_id = ?
    AND current = 1 AND state = 'draft' AND settled_at IS NULL ORDER BY decision_id`);
  const enqueue = db.prepare("UPDATE decisions SET state = 'queued', operation_id = ? WHERE decision_id = ?");
  const forget = db.prepare(
    "DELETE FROM decisions WHERE version_id = ? AND state = 'draft' AND current = 0 AND settled_at IS NULL",
  );
  const byId = db.prepare<[number], DecisionRow>('SELECT * FROM decisions WHERE decision_id = ?');
  const current = db.prepare<[string, string], DecisionRow>(
    'SELECT * FROM decisions WHERE version_id = ? AND item_key = ? AND current = 1',
  );
  const stateOf = db.prepare('UPDATE decisions SET state = ?, reason = ?, theirs = NULL WHERE operation_id = ?');
  const outcome = db.prepare(
    'UPDATE decisions SET state = ?, reason = ?, theirs = ? WHERE operation_id = ? AND item_key = ?',
  );
  let lastGroup = newestGroup.get()?.last ?? 0;

  return {
    /** Drafts decisions as one group that undo takes back together. */
    record(version: DecidedVersion, rows: readonly DecisionDraft[], at: string): number[] {
      const group = (lastGroup += 1);
      return rows.map(({ itemKey, contentHash, seenVerdict, decision }) => {
        const displaced = displace.run(version.versionId, itemKey).changes > 0;
        const { verdict, reasonCode, note } = decision;
        const id = Number(
          insert.run(
            version.reportId,
            version.versionId,
            itemKey,
            contentHash,
            seenVerdict,
            version.number,
            verdict,
            reasonCode,
            note,
            at,
            group,
          ).lastInsertRowid,
        );
        if (displaced) settleBy.run(at, id, version.versionId, itemKey);
        return id;
      });
    },
    /** Takes the last group of drafts back; what stood before stands again. */
    undoLast(versionId: string): { undone: KeptDecision; before: KeptDecision | null }[] {
      return lastDrafts.all(versionId, versionId).map((row) => {
        remove.run(row.decision_id);
        unsettle.run(row.decision_id);
        const before = restore.get(versionId, row.item_key) as DecisionRow | undefined;
        return { undone: keptDecision(row), before: before ? keptDecision(before) : null };
      });
    },
    drafts: (versionId: string): KeptDecision[] => drafts.all(versionId).map(keptDecision),
    /** Moves drafts into an operation. What undo could have gone back to is forgotten. */
    enqueue(versionId: string, decisionIds: readonly number[], operationId: string): void {
      for (const id of decisionIds) enqueue.run(operationId, id);
      forget.run(versionId);
    },
    get(decisionId: number): KeptDecision | null {
      const row = byId.get(decisionId);
      return row ? keptDecision(row) : null;
    },
    current(versionId: string, itemKey: string): KeptDecision | null {
      const row = current.get(versionId, itemKey);
      return row ? keptDecision(row) : null;
    },
    /** Ends a row's claim on a person's attention. @returns false when it had none. */
    settle(decisionId: number, how: 'dropped' | 'decided-again', note: string | null, by: number | null, at: string) {
      return settleOne.run(at, how, note, by, decisionId).changes > 0;
    },
    /** All decisions of an operation at once. */
    setState(operationId: string, state: Delivery, reason: Reason | null): void {
      stateOf.run(state, reason ? JSON.stringify(reason) : null, operationId);
    },
    setOutcome(operationId: string, item: ItemOutcome): void {
      const theirs = item.theirs ? JSON.stringify(item.theirs) : null;
      outcome.run(item.state, JSON.stringify(item.reason), theirs, operationId, item.itemKey);
    },
  };
}
export type DecisionTable = ReturnType<typeof decisionTable>;
