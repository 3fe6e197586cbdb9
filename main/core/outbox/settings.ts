// Owns the small tables of the outbox: imports, preferences, settings and which news were read. Knows no meaning of a name.
import type { Json } from '../../../domain/canonical.ts';
import type { ImportJob } from '../../../preload/contract.ts';
import type { FilePurpose, ImportRecord } from './outbox.ts';
import type { Sqlite } from '../sqlite.ts';

/** Values by name in one of the two tables; each value is JSON. */
export function namedValues(db: Sqlite, table: 'preferences' | 'settings') {
  const read = db.prepare<[string], { value: string }>(`SELECT value FROM ${table} WHERE name = ?`);
  const write = db.prepare(
    `INSERT INTO ${table} (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
  );
  return {
    get(name: string): Json | null {
      const row = read.get(name);
      return row ? (JSON.parse(row.value) as Json) : null;
    },
    set: (name: string, value: Json): void => void write.run(name, JSON.stringify(value)),
  };
}

/** Which news were read here, by their ids. */
export function readMarks(db: Sqlite) {
  const insert = db.prepare('INSERT OR IGNORE INTO read_news (notification_id, read_at) VALUES (?, ?)');
  return {
    mark(notificationIds: readonly string[], at: string): void {
      for (const id of notificationIds) insert.run(id, at);
    },
  };
}

interface ImportRow {
  job: string;
  purpose: string | null;
  local_path: string | null;
  operation_id: string | null;
}

function importRecord(row: ImportRow): ImportRecord {
  return {
    job: JSON.parse(row.job) as ImportJob,
    purpose: row.purpose === null ? null : (JSON.parse(row.purpose) as FilePurpose),
    localPath: row.local_path,
    operationId: row.operation_id,
  };
}

/** The files that were handed in on this laptop, oldest first. */
export function importTable(db: Sqlite) {
  const upsert = db.prepare(`INSERT INTO imports (import_id, report_id, job, purpose, local_path, operation_id)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (import_id) DO UPDATE SET job = excluded.job, purpose = excluded.purpose,
    local_path = excluded.local_path, operation_id = excluded.operation_id`);
  const one = db.prepare<[string], ImportRow>('SELECT * FROM imports WHERE import_id = ?');
  const all = db.prepare<[], ImportRow>('SELECT * FROM imports ORDER BY rowid');
  const ofReport = db.prepare<[string], ImportRow>('SELECT * FROM imports WHERE report_id = ? ORDER BY rowid');
  const remove = db.prepare('DELETE FROM imports WHERE import_id = ?');
  return {
    save({ job, purpose, localPath, operationId }: ImportRecord): void {
      const purposeText = purpose === null ? null : JSON.stringify(purpose);
      upsert.run(job.importId, job.reportId, JSON.stringify(job), purposeText, localPath, operationId);
    },
    get(importId: string): ImportRecord | null {
      const row = one.get(importId);
      return row ? importRecord(row) : null;
    },
    list: (reportId?: string): ImportRecord[] =>
      (reportId === undefined ? all.all() : ofReport.all(reportId)).map(importRecord),
    remove: (importId: string): void => void remove.run(importId),
  };
}
