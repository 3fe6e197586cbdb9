// Owns the table `edits` of the outbox: an author's drafted changes of a version, and what became of them when it was handed in.
// Knows neither the cache nor what may be edited: the caller asked that.
import type { ItemOutcome, Reason } from '../../../domain/operation.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import type { Delivery } from '../../../preload/contract.ts';
import type { DecidedVersion } from './decision-table.ts';
import type { Sqlite } from '../sqlite.ts';

interface EditRow {
  edit_id: number;
  report_id: string;
  version_id: string;
  item_key: string;
  content_hash: string | null;
  edit: string;
  seen_version_number: number;
  drafted_at: string;
  current: 0 | 1;
  state: Delivery;
  operation_id: string | null;
  reason: string | null;
  theirs: string | null;
  settled_at: string | null;
}

/** A row of `edits`. */
export interface KeptEdit {
  editId: number;
  reportId: string;
  versionId: string;
  seenVersionNumber: number;
  /** Names its item; the content it is bound to is in it, but for additions. */
  edit: Edit;
  draftedAt: string;
  state: Delivery;
  operationId: string | null;
  reason: Reason | null;
  theirs: ItemOutcome['theirs'];
  settledAt: string | null;
}

function keptEdit(row: EditRow): KeptEdit {
  return {
    editId: row.edit_id,
    reportId: row.report_id,
    versionId: row.version_id,
    seenVersionNumber: row.seen_version_number,
    edit: JSON.parse(row.edit) as Edit,
    draftedAt: row.drafted_at,
    state: row.state,
    operationId: row.operation_id,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as Reason),
    theirs: row.theirs === null ? null : (JSON.parse(row.theirs) as ItemOutcome['theirs']),
    settledAt: row.settled_at,
  };
}

/** Statements over `edits`; the caller brings the transaction. */
export function editTable(db: Sqlite) {
  const replaceDraft = db.prepare(
    "DELETE FROM edits WHERE version_id = ? AND item_key = ? AND state = 'draft' AND settled_at IS NULL",
  );
  const displace = db.prepare('UPDATE edits SET current = 0 WHERE version_id = ? AND item_key = ? AND current = 1');
  const insert = db.prepare(`INSERT INTO edits (report_id, version_id, item_key, content_hash, edit,
      seen_version_number, drafted_at, current, state) VALUES (?, ?, ?, ?, ?, ?, ?, 1, 'draft')`);
  const settleBy = db.prepare(`UPDATE edits SET settled_at = ?, settled_how = 'decided-again', settled_by = ?
    WHERE version_id = ? AND item_key = ? AND current = 0 AND settled_at IS NULL AND state IN ('refused', 'conflict')`);
  const settleOne = db.prepare(`UPDATE edits SET settled_at = ?, settled_how = ?, settled_note = ?, settled_by = ?,
    current = 0 WHERE edit_id = ? AND settled_at IS NULL`);
  const drafts = db.prepare<[string], EditRow>(
    "SELECT * FROM edits WHERE version_id = ? AND current = 1 AND state = 'draft' ORDER BY edit_id",
  );
  const shown = db.prepare<[string], EditRow>(
    "SELECT * FROM edits WHERE version_id = ? AND current = 1 AND state IN ('draft', 'queued', 'sent', 'applied') ORDER BY edit_id",
  );
  const countDrafts = db
    .prepare<[string], number>("SELECT count(*) FROM edits WHERE version_id = ? AND current = 1 AND state = 'draft'")
    .pluck();
  const open = db
    .prepare<[string], number>(
      "SELECT count(*) FROM edits WHERE version_id = ? AND settled_at IS NULL AND (state IN ('refused', 'conflict') OR (state = 'draft' AND current = 1))",
    )
    .pluck();
  const enqueue = db.prepare(`UPDATE edits SET state = 'queued', operation_id = ? WHERE version_id = ? AND current = 1
    AND state = 'draft'`);
  const byId = db.prepare<[number], EditRow>('SELECT * FROM edits WHERE edit_id = ?');
  const setSent = db.prepare("UPDATE edits SET state = 'sent' WHERE operation_id = ? AND state = 'queued'");
  const setApplied = db.prepare(
    "UPDATE edits SET state = 'applied', reason = NULL, theirs = NULL WHERE operation_id = ?",
  );
  const outcome = db.prepare(
    'UPDATE edits SET state = ?, reason = ?, theirs = ? WHERE operation_id = ? AND item_key = ? AND settled_at IS NULL',
  );
  const giveBack = db.prepare(`UPDATE edits SET state = 'draft', operation_id = NULL WHERE operation_id = ?
    AND settled_at IS NULL AND state IN ('queued', 'sent', 'applied')`);

  return {
    /** Drafts edits; one of the same item takes the place of the draft before it, and answers a refusal. */
    draft(version: DecidedVersion, edits: readonly Edit[], at: string): number[] {
      const { versionId, reportId, number } = version;
      return edits.map((edit) => {
        replaceDraft.run(versionId, edit.itemKey);
        const displaced = displace.run(versionId, edit.itemKey).changes > 0;
        const hash = edit.edit === 'add' ? null : edit.contentHash;
        const row = insert.run(reportId, versionId, edit.itemKey, hash, JSON.stringify(edit), number, at);
        const id = Number(row.lastInsertRowid);
        if (displaced) settleBy.run(at, id, versionId, edit.itemKey);
        return id;
      });
    },
    /** Removes drafts; answers the keys that had one. */
    takeBack: (versionId: string, itemKeys: readonly string[]): string[] =>
      itemKeys.filter((itemKey) => replaceDraft.run(versionId, itemKey).changes > 0),
    /** In the order in which they were drafted. */
    drafts: (versionId: string): KeptEdit[] => drafts.all(versionId).map(keptEdit),
    /** Drafts, and those that were handed in and not refused. */
    shown: (versionId: string): KeptEdit[] => shown.all(versionId).map(keptEdit),
    countDrafts: (versionId: string): number => countDrafts.get(versionId) ?? 0,
    /** Drafts, and what was refused and not dealt with. */
    countOpen: (versionId: string): number => open.get(versionId) ?? 0,
    enqueue: (versionId: string, operationId: string): void => void enqueue.run(operationId, versionId),
    get(editId: number): KeptEdit | null {
      const row = byId.get(editId);
      return row ? keptEdit(row) : null;
    },
    settle(editId: number, how: 'dropped' | 'decided-again', note: string | null, by: number | null, at: string) {
      return settleOne.run(at, how, note, by, editId).changes > 0;
    },
    markSent: (operationId: string): void => void setSent.run(operationId),
    apply: (operationId: string): void => void setApplied.run(operationId),
    /** The named ones stay as what stands in the way; all others are drafts again, because a version is handed in whole or not. */
    refuse(operationId: string, items: readonly ItemOutcome[]): void {
      for (const { itemKey, state, reason, theirs } of items) {
        outcome.run(state, JSON.stringify(reason), theirs ? JSON.stringify(theirs) : null, operationId, itemKey);
      }
      giveBack.run(operationId);
    },
  };
}
export type EditTable = ReturnType<typeof editTable>;
