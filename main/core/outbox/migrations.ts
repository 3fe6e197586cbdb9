// Owns the schema of outbox.db, step by step. Append only: a released step is never edited.
import type { Migration } from '../sqlite.ts';

export const outboxMigrations: readonly Migration[] = [
  {
    name: 'decisions, answers, operations, imports, settings',
    up(db) {
      db.exec(`
        -- One row for each time somebody decided; "current" marks the last word on an item. Undo takes rows away again.
        CREATE TABLE decisions (
          decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
          report_id TEXT NOT NULL,
          version_id TEXT NOT NULL,
          item_key TEXT NOT NULL,
          content_hash TEXT NOT NULL,
          seen_verdict TEXT NOT NULL,
          seen_version_number INTEGER NOT NULL,
          verdict TEXT NOT NULL,
          reason_code TEXT,
          note TEXT NOT NULL,
          decided_at TEXT NOT NULL,
          undo_group INTEGER NOT NULL,
          current INTEGER NOT NULL CHECK (current IN (0, 1)),
          state TEXT NOT NULL CHECK (state IN ('draft', 'queued', 'sent', 'applied', 'refused', 'conflict')),
          operation_id TEXT,
          reason TEXT,
          theirs TEXT,
          settled_at TEXT,
          settled_how TEXT,
          settled_note TEXT,
          settled_by INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX decisions_current ON decisions (version_id, item_key) WHERE current = 1;
        CREATE INDEX decisions_displaced ON decisions (version_id, item_key, decision_id) WHERE current = 0;
        CREATE INDEX decisions_of_operation ON decisions (operation_id) WHERE operation_id IS NOT NULL;
        CREATE INDEX decisions_open ON decisions (state, current) WHERE settled_at IS NULL AND state <> 'applied';

        CREATE TABLE answers (
          version_id TEXT NOT NULL,
          item_key TEXT NOT NULL,
          content_hash TEXT NOT NULL,
          answer TEXT NOT NULL,
          rationale TEXT,
          drafted_at TEXT NOT NULL,
          operation_id TEXT,
          UNIQUE (version_id, item_key)
        ) STRICT;

        CREATE TABLE operations (
          operation_id TEXT NOT NULL UNIQUE,
          sequence INTEGER NOT NULL UNIQUE,
          kind TEXT NOT NULL,
          target_kind TEXT NOT NULL,
          target_id TEXT NOT NULL,
          report_id TEXT,
          version_id TEXT,
          actor_id TEXT NOT NULL,
          device_id TEXT NOT NULL,
          decided_at TEXT NOT NULL,
          body TEXT NOT NULL,
          byte_count INTEGER NOT NULL,
          item_count INTEGER NOT NULL,
          signature TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'applied', 'refused', 'conflict')),
          attempts INTEGER NOT NULL,
          last_attempt_at TEXT,
          reason TEXT,
          receipt TEXT,
          delivered_at TEXT,
          applied_count INTEGER NOT NULL DEFAULT 0,
          settled_at TEXT,
          settled_how TEXT,
          settled_note TEXT
        ) STRICT;
        CREATE INDEX operations_open ON operations (sequence) WHERE state IN ('queued', 'sent');
        CREATE INDEX operations_stuck ON operations (state) WHERE settled_at IS NULL AND state IN ('refused', 'conflict');
        CREATE INDEX operations_of_version ON operations (version_id, sequence) WHERE version_id IS NOT NULL;
        CREATE INDEX operations_delivered ON operations (delivered_at) WHERE delivered_at IS NOT NULL;

        -- Which cycle.start makes a report: operations for the report wait for it.
        CREATE TABLE started_reports (
          report_id TEXT NOT NULL UNIQUE,
          operation_id TEXT NOT NULL
        ) STRICT;

        CREATE TABLE imports (
          import_id TEXT NOT NULL UNIQUE,
          report_id TEXT NOT NULL,
          job TEXT NOT NULL,
          key_column TEXT,
          local_path TEXT,
          operation_id TEXT
        ) STRICT;
        CREATE TABLE preferences (name TEXT NOT NULL UNIQUE, value TEXT NOT NULL) STRICT;
        CREATE TABLE settings (name TEXT NOT NULL UNIQUE, value TEXT NOT NULL) STRICT;
      `);
    },
  },
  {
    name: 'files have a purpose: a population, or a document',
    up(db) {
      db.exec(`
        ALTER TABLE imports ADD COLUMN purpose TEXT;
        UPDATE imports SET purpose = json_object('kind', 'population', 'keyColumn', key_column);
        ALTER TABLE imports DROP COLUMN key_column;
      `);
    },
  },
  {
    name: 'edits, changes of records, answers of all kinds, read news',
    up(db) {
      db.exec(`
        -- One row for each edit of an item; "current" marks the last word on it. It stays until its version was handed in and replaced.
        CREATE TABLE edits (
          edit_id INTEGER PRIMARY KEY AUTOINCREMENT,
          report_id TEXT NOT NULL,
          version_id TEXT NOT NULL,
          item_key TEXT NOT NULL,
          content_hash TEXT,
          edit TEXT NOT NULL,
          seen_version_number INTEGER NOT NULL,
          drafted_at TEXT NOT NULL,
          current INTEGER NOT NULL CHECK (current IN (0, 1)),
          state TEXT NOT NULL CHECK (state IN ('draft', 'queued', 'sent', 'applied', 'refused', 'conflict')),
          operation_id TEXT,
          reason TEXT,
          theirs TEXT,
          settled_at TEXT,
          settled_how TEXT,
          settled_note TEXT,
          settled_by INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX edits_current ON edits (version_id, item_key) WHERE current = 1;
        CREATE INDEX edits_of_operation ON edits (operation_id) WHERE operation_id IS NOT NULL;
        CREATE INDEX edits_open ON edits (state, current) WHERE settled_at IS NULL AND state <> 'applied';

        -- What operations want changed in records, one row for each record: it says how far that came.
        CREATE TABLE record_changes (
          change_id INTEGER PRIMARY KEY AUTOINCREMENT,
          operation_id TEXT NOT NULL,
          report_id TEXT NOT NULL,
          phase TEXT NOT NULL,
          lob TEXT NOT NULL,
          record_key TEXT NOT NULL,
          seen_revision INTEGER NOT NULL,
          change TEXT NOT NULL,
          state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'applied', 'refused', 'conflict')),
          reason TEXT,
          settled_at TEXT,
          settled_how TEXT,
          settled_note TEXT
        ) STRICT;
        CREATE UNIQUE INDEX record_changes_of_operation ON record_changes (operation_id, record_key);
        CREATE INDEX record_changes_of_place ON record_changes (report_id, phase, lob, record_key);
        CREATE INDEX record_changes_open ON record_changes (state) WHERE settled_at IS NULL AND state <> 'applied';

        ALTER TABLE answers ADD COLUMN fields TEXT;
        ALTER TABLE answers ADD COLUMN settled_at TEXT;
        ALTER TABLE answers ADD COLUMN settled_how TEXT;
        ALTER TABLE answers ADD COLUMN settled_note TEXT;

        CREATE TABLE read_news (notification_id TEXT NOT NULL UNIQUE, read_at TEXT NOT NULL) STRICT;
      `);
    },
  },
];
