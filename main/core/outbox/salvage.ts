// Owns carrying the readable rows of a broken outbox into a new one, and saying what became of it.
// Never writes to the broken file: it works on a copy.
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import type { OperationBody } from '../../../domain/operation.ts';
import { messageOf } from '../failure.ts';
import { recordChangeTable, recordKinds } from './record-change-table.ts';
import type { Sqlite } from '../sqlite.ts';

type Row = Record<string, unknown> & { rowid_: number };

/** Columns that hold JSON. A row whose JSON was hit cannot be used and would stop what reads it. */
const jsonColumns: Readonly<Record<string, readonly string[]>> = {
  operations: ['body', 'receipt', 'reason'],
  decisions: ['reason', 'theirs'],
  answers: ['fields'],
  edits: ['edit', 'reason', 'theirs'],
  record_changes: ['change', 'reason'],
  imports: ['job', 'purpose'],
  preferences: ['value'],
  settings: ['value'],
};

const tables = [
  ...['operations', 'decisions', 'answers', 'edits', 'record_changes', 'started_reports', 'imports', 'preferences'],
  ...['settings', 'read_news'],
] as const;

/** Copies what can be read, and sees that no operation gets a number of a lost one. @returns one sentence for the person. */
export function salvageOutbox(brokenFile: string, into: Sqlite): string {
  const message = salvage(brokenFile, into);
  leapSequence(into);
  return message;
}

/**
 * Which numbers were signed is lost with the rows that held them, and the store refuses a number that was used. Receipts tell
 * them, but a person may do something before they come. The time in milliseconds is above all that was counted up, also
 * after an earlier leap.
 */
function leapSequence(into: Sqlite): void {
  into
    .prepare(
      `INSERT INTO settings (name, value) VALUES ('sequence-floor', ?) ON CONFLICT (name) DO UPDATE
       SET value = excluded.value WHERE CAST(value AS INTEGER) < CAST(excluded.value AS INTEGER)`,
    )
    .run(String(Date.now()));
}

function salvage(brokenFile: string, into: Sqlite): string {
  const copy = `${brokenFile}.reading`;
  for (const suffix of ['', '-wal']) {
    if (existsSync(brokenFile + suffix)) copyFileSync(brokenFile + suffix, copy + suffix);
  }
  try {
    return salvageFrom(copy, brokenFile, into);
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(copy + suffix, { force: true });
  }
}

function salvageFrom(copy: string, brokenFile: string, into: Sqlite): string {
  const kept = `The damaged file was kept as ${brokenFile}.`;
  let source: Sqlite;
  try {
    source = new Database(copy);
    source.pragma('cell_size_check = ON');
    source.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (error) {
    return `The outbox of this laptop was damaged and nothing of it can be read (${messageOf(error)}): drafts and decisions that were not delivered are lost here. Look at what the server has in your versions and decide again what is missing. ${kept}`;
  }
  const copied = into.transaction(() => {
    const counts = tables.map((table) => ({ table, ...copyTable(source, into, table) }));
    mend(into);
    return counts;
  })();
  source.close();
  const carried = copied.filter(({ rows }) => rows > 0).map(({ table, rows }) => `${rows} ${wordsOf(table)}`);
  const gaps = copied.filter(({ complete }) => !complete).map(({ table }) => wordsOf(table));
  const lost =
    gaps.length > 0
      ? `Not everything could be read of: ${gaps.join(', ')}. Look through what waits here and at what the server has in your versions, and decide again what is missing.`
      : 'Every table could be read to its end.';
  return `The outbox of this laptop was damaged. Carried over: ${carried.join(', ') || 'nothing'}. ${lost} ${kept}`;
}

/** A table as people read its name. */
const wordsOf = (table: string): string => table.replaceAll('_', ' ');

/** Reads from both ends up to the damage, then row by row over the gap. */
function copyTable(source: Sqlite, into: Sqlite, table: string): { rows: number; complete: boolean } {
  const seen = new Set<number>();
  const insert = inserter(source, into, table);
  if (!insert) return { rows: 0, complete: false };
  let unusable = 0;
  const keep = (row: Row): void => {
    if (seen.has(row.rowid_)) return;
    if (!hasSoundJson(table, row)) unusable += 1;
    else if (insert(row)) seen.add(row.rowid_);
  };
  const upwards = scan(source, `SELECT rowid AS rowid_, * FROM ${table} ORDER BY rowid`, keep);
  if (upwards.complete) return { rows: seen.size, complete: unusable === 0 };
  const downwards = scan(source, `SELECT rowid AS rowid_, * FROM ${table} ORDER BY rowid DESC`, keep);
  const from = (upwards.last ?? 0) + 1;
  const to = Math.min(downwards.last ?? from + 100_000, from + 1_000_000);
  for (let rowid = from; rowid < to; rowid += 1) {
    scan(source, `SELECT rowid AS rowid_, * FROM ${table} WHERE rowid = ${rowid}`, keep);
  }
  return { rows: seen.size, complete: false };
}

function hasSoundJson(table: string, row: Row): boolean {
  return (jsonColumns[table] ?? []).every((column) => {
    const text = row[column];
    if (text === null || text === undefined) return true;
    if (typeof text !== 'string') return false;
    try {
      JSON.parse(text);
      return true;
    } catch {
      // Counted and named by the caller: that it is no JSON is all there is to say.
      return false;
    }
  });
}

function scan(source: Sqlite, sql: string, keep: (row: Row) => void): { complete: boolean; last: number | null } {
  let last: number | null = null;
  try {
    for (const row of source.prepare<[], Row>(sql).iterate()) {
      keep(row);
      last = row.rowid_;
    }
    return { complete: true, last };
  } catch (error) {
    // Damage is what is looked for here; anything else is not expected.
    if (error instanceof Database.SqliteError) return { complete: false, last };
    throw error;
  }
}

/** Inserts the columns that both files have; a row that breaks a rule of the table is left out. */
function inserter(source: Sqlite, into: Sqlite, table: string): ((row: Row) => boolean) | null {
  const known = columnsOf(into, table);
  const columns = columnsOf(source, table).filter((column) => known.includes(column));
  if (columns.length === 0) return null;
  const statement = into.prepare(
    `INSERT OR IGNORE INTO ${table} (rowid, ${columns.join(', ')}) VALUES (?, ${columns.map(() => '?').join(', ')})`,
  );
  return (row) => {
    try {
      return statement.run(row.rowid_, ...columns.map((column) => row[column])).changes > 0;
    } catch (error) {
      if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT')) return false;
      throw error;
    }
  };
}

function columnsOf(db: Sqlite, table: string): string[] {
  try {
    return db
      .prepare<[string], { name: string }>('SELECT name FROM pragma_table_info(?)')
      .all(table)
      .map((row) => row.name);
  } catch (error) {
    if (error instanceof Database.SqliteError) return [];
    throw error;
  }
}

/** Decisions and edits whose operation was lost become drafts again; operations whose parts were lost get them back. */
function mend(db: Sqlite): void {
  db.exec(`
    UPDATE decisions SET state = 'draft', operation_id = NULL WHERE state IN ('queued', 'sent')
      AND operation_id NOT IN (SELECT operation_id FROM operations);
    UPDATE edits SET state = 'draft', operation_id = NULL WHERE state IN ('queued', 'sent')
      AND operation_id NOT IN (SELECT operation_id FROM operations);
    UPDATE answers SET operation_id = NULL WHERE operation_id NOT IN (SELECT operation_id FROM operations);
    INSERT OR IGNORE INTO decisions (report_id, version_id, item_key, content_hash, seen_verdict, seen_version_number,
        verdict, reason_code, note, decided_at, undo_group, current, state, operation_id)
      SELECT o.report_id, o.version_id, d.value ->> 'itemKey', d.value ->> 'contentHash', d.value ->> 'seenVerdict', 0,
        d.value ->> '$.decision.verdict', d.value ->> '$.decision.reasonCode', d.value ->> '$.decision.note',
        o.decided_at, 0, 1, o.state, o.operation_id
      FROM operations o, json_each(o.body, '$.decisions') d
      WHERE o.kind = 'decisions.record' AND o.state IN ('queued', 'sent')
        AND NOT EXISTS (SELECT 1 FROM decisions k WHERE k.operation_id = o.operation_id
          AND k.item_key = d.value ->> 'itemKey');
  `);
  mendRecordChanges(db);
}

/**
 * Changes of records whose operation was lost can never arrive: they stay as refused, so that a person sees what was meant.
 * Operations get back the changes that were lost.
 */
function mendRecordChanges(db: Sqlite): void {
  const reason = {
    code: 'not-found',
    message: 'the file that held this was damaged, and it was never sent: record it again',
  };
  db.prepare(
    `UPDATE record_changes SET state = 'refused', reason = ? WHERE state IN ('queued', 'sent')
       AND operation_id NOT IN (SELECT operation_id FROM operations)`,
  ).run(JSON.stringify(reason));
  const table = recordChangeTable(db);
  const kinds = recordKinds.map((kind) => `'${kind}'`).join(', ');
  const waiting = db.prepare<[], { operation_id: string; body: string; state: 'queued' | 'sent'; decided_at: string }>(
    `SELECT operation_id, body, state, decided_at FROM operations WHERE kind IN (${kinds}) AND state IN ('queued', 'sent')`,
  );
  for (const row of waiting.all()) {
    table.note(row.operation_id, JSON.parse(row.body) as OperationBody, row.decided_at, row.state);
  }
}
