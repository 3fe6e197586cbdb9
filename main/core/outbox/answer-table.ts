// Owns the table `answers` of the outbox: one drafted answer per rejected item, until a revision takes them along.
// Knows neither the cache nor which answers serve: the caller asked that.
import type { Answer } from '../../../domain/operation.ts';
import type { ItemFields } from '../../../domain/phase-item.ts';
import type { Sqlite } from '../sqlite.ts';

/** A row of `answers`. */
export interface AnswerRow {
  version_id: string;
  item_key: string;
  content_hash: string;
  answer: Answer['answer'];
  rationale: string | null;
  fields: string | null;
  drafted_at: string;
  operation_id: string | null;
  settled_at: string | null;
}

/** The columns that say what the answer is, also of a row that was joined to something else. */
export type AnswerColumns = Pick<AnswerRow, 'item_key' | 'content_hash' | 'answer' | 'rationale' | 'fields'>;

/** Translates a row of `answers`. */
export function answerOf({ item_key, content_hash, answer, rationale, fields }: AnswerColumns): Answer {
  const bound = { itemKey: item_key, contentHash: content_hash };
  switch (answer) {
    case 'replace':
      return { ...bound, answer };
    case 'edit':
      return { ...bound, answer, fields: JSON.parse(fields ?? '{}') as ItemFields };
    case 'keep':
    case 'remove':
    case 'dispute':
      return { ...bound, answer, rationale: rationale ?? '' };
  }
}

/** Statements over `answers`; the caller brings the transaction. */
export function answerTable(db: Sqlite) {
  const upsert = db.prepare(`INSERT INTO answers (version_id, item_key, content_hash, answer, rationale, fields,
      drafted_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (version_id, item_key) DO UPDATE SET content_hash = excluded.content_hash, answer = excluded.answer,
      rationale = excluded.rationale, fields = excluded.fields, drafted_at = excluded.drafted_at, operation_id = NULL,
      settled_at = NULL, settled_how = NULL, settled_note = NULL`);
  const all = db.prepare<[string], AnswerRow>(
    'SELECT * FROM answers WHERE version_id = ? AND settled_at IS NULL ORDER BY item_key',
  );
  const byId = db.prepare<[number], AnswerRow>('SELECT * FROM answers WHERE rowid = ?');
  const take = db.prepare('UPDATE answers SET operation_id = ? WHERE version_id = ? AND settled_at IS NULL');
  const remove = db.prepare('DELETE FROM answers WHERE version_id = ? AND item_key = ? AND operation_id IS NULL');
  const giveBack = db.prepare('UPDATE answers SET operation_id = NULL WHERE operation_id = ?');
  const drop = db.prepare(`UPDATE answers SET settled_at = ?, settled_how = 'dropped', settled_note = ?
    WHERE rowid = ? AND settled_at IS NULL AND operation_id IS NULL`);
  return {
    draft(versionId: string, answers: readonly Answer[], at: string): void {
      for (const answer of answers) {
        const rationale = 'rationale' in answer ? answer.rationale : null;
        const fields = answer.answer === 'edit' ? JSON.stringify(answer.fields) : null;
        upsert.run(versionId, answer.itemKey, answer.contentHash, answer.answer, rationale, fields, at);
      }
    },
    of: (versionId: string): Map<string, Answer> =>
      new Map(all.all(versionId).map((row) => [row.item_key, answerOf(row)])),
    /** By its row number. */
    get: (rowid: number): AnswerRow | null => byId.get(rowid) ?? null,
    /** Removes drafts; answers the keys that had one. */
    takeBack: (versionId: string, itemKeys: readonly string[]): string[] =>
      itemKeys.filter((itemKey) => remove.run(versionId, itemKey).changes > 0),
    enqueue: (versionId: string, operationId: string): void => void take.run(operationId, versionId),
    /** After a refusal: the answers can be corrected and submitted again. */
    giveBack: (operationId: string): void => void giveBack.run(operationId),
    /** Gives up a draft; it and the note stay in the file. @returns false when there is no such draft. */
    drop: (rowid: number, note: string, at: string): boolean => drop.run(at, note, rowid).changes > 0,
  };
}
export type AnswerTable = ReturnType<typeof answerTable>;
