// Owns the schema of cache.db, step by step. Append only: a released step is never edited.
import type { Migration } from '../sqlite.ts';

/** Tables whose rows have another form since the second step. */
const outgrown = [
  ...['cursors', 'cycles', 'reports', 'populations', 'plans', 'ledger', 'dead_letters', 'decisions', 'items', 'bodies'],
  ...['versions', 'comparisons', 'comparison_changes'],
];

export const cacheMigrations: readonly Migration[] = [
  {
    name: 'feeds, versions, items, bodies, comparisons',
    up(db) {
      db.exec(`
        CREATE TABLE cursors (feed TEXT NOT NULL PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE people (person_id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE devices (device_id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE cycles (cycle_id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE reports (report_id TEXT NOT NULL PRIMARY KEY, json TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE populations (
          report_id TEXT NOT NULL, population_hash TEXT NOT NULL, json TEXT NOT NULL,
          PRIMARY KEY (report_id, population_hash)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE plans (
          report_id TEXT NOT NULL, plan_id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (report_id, plan_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE ledger (
          report_id TEXT NOT NULL, sequence INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (report_id, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE dead_letters (
          dead_letter_id TEXT NOT NULL PRIMARY KEY, target TEXT NOT NULL, json TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- next_position: items before it are here. fields, strata and origins say what those items hold.
        CREATE TABLE versions (
          version_row INTEGER PRIMARY KEY,
          version_id TEXT NOT NULL UNIQUE,
          report_id TEXT NOT NULL,
          json TEXT NOT NULL,
          item_count INTEGER NOT NULL,
          next_position INTEGER NOT NULL DEFAULT 0,
          fields TEXT NOT NULL DEFAULT '[]',
          strata TEXT NOT NULL DEFAULT '[]',
          origins TEXT NOT NULL DEFAULT '{}'
        ) STRICT;
        CREATE INDEX versions_of_report ON versions (report_id);

        -- A body is stored once and shared by versions, so comparing is a join on body_row. NULL: not here yet.
        CREATE TABLE bodies (body_row INTEGER PRIMARY KEY, content_hash BLOB NOT NULL UNIQUE, body TEXT) STRICT;
        CREATE TABLE items (
          version_row INTEGER NOT NULL,
          position INTEGER NOT NULL,
          item_key TEXT NOT NULL,
          body_row INTEGER NOT NULL,
          source_kind TEXT NOT NULL,
          draw_position INTEGER,
          stratum TEXT,
          source_reason TEXT,
          origin_kind TEXT NOT NULL,
          origin_version_id TEXT,
          origin_version_number INTEGER,
          origin_key TEXT,
          origin_note TEXT,
          PRIMARY KEY (version_row, position)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX items_by_key ON items (version_row, item_key);

        CREATE TABLE decisions (
          version_id TEXT NOT NULL,
          item_key TEXT NOT NULL,
          verdict TEXT NOT NULL,
          reason_code TEXT,
          note TEXT NOT NULL,
          actor_id TEXT NOT NULL,
          operation_id TEXT NOT NULL,
          decided_at TEXT NOT NULL,
          received_at TEXT NOT NULL,
          applied_at TEXT NOT NULL,
          PRIMARY KEY (version_id, item_key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX decisions_rejected ON decisions (version_id, item_key) WHERE verdict = 'rejected';

        -- What a comparison of two versions found: their items never change, so it is found once.
        CREATE TABLE comparisons (
          left_row INTEGER NOT NULL, right_row INTEGER NOT NULL,
          carried INTEGER NOT NULL, changed INTEGER NOT NULL, removed INTEGER NOT NULL, added INTEGER NOT NULL,
          lines INTEGER NOT NULL, left_items INTEGER NOT NULL,
          PRIMARY KEY (left_row, right_row)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE comparison_changes (
          left_row INTEGER NOT NULL, right_row INTEGER NOT NULL, line INTEGER NOT NULL,
          kind TEXT NOT NULL, left_position INTEGER, right_position INTEGER,
          PRIMARY KEY (left_row, right_row, line)
        ) STRICT, WITHOUT ROWID;
      `);
    },
  },
  {
    name: 'nine phases: records, recommendations, news; origins of all kinds',
    up(db) {
      // What was cached had the form of one phase. It is the server's, so it is pulled anew instead of guessed at; people stay, so that
      // names are known meanwhile. What a person did is in the other file.
      for (const table of outgrown) db.exec(`DELETE FROM ${table}`);
      db.exec(`
        ALTER TABLE items ADD COLUMN source_by TEXT;
        ALTER TABLE items ADD COLUMN origin_by TEXT;
        ALTER TABLE items ADD COLUMN origin_revision INTEGER;
        ALTER TABLE items ADD COLUMN origin_operation_id TEXT;

        -- Every revision of every record; lob is empty where a record belongs to none.
        CREATE TABLE records (
          report_id TEXT NOT NULL,
          phase TEXT NOT NULL,
          lob TEXT NOT NULL,
          record_key TEXT NOT NULL,
          revision INTEGER NOT NULL,
          json TEXT NOT NULL,
          PRIMARY KEY (report_id, phase, lob, record_key, revision)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE recommendations (
          report_id TEXT NOT NULL, recommendation_id TEXT NOT NULL, json TEXT NOT NULL,
          PRIMARY KEY (report_id, recommendation_id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE notifications (
          notification_id TEXT NOT NULL PRIMARY KEY, report_id TEXT NOT NULL, person_id TEXT NOT NULL, at TEXT NOT NULL,
          json TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX notifications_of_person ON notifications (person_id, at);
      `);
    },
  },
  {
    name: 'what is tracked of workflows',
    up(db) {
      db.exec(`
        CREATE TABLE tracking (
          report_id TEXT NOT NULL, tracking_key TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (report_id, tracking_key)
        ) STRICT, WITHOUT ROWID;
      `);
    },
  },
  {
    name: 'what is tracked, by time',
    up(db) {
      // The same expression as in tracking-reads.ts, which sorts by it.
      db.exec(`
        CREATE INDEX tracking_by_time ON tracking (
          report_id, coalesce(json ->> 'at', json ->> 'raisedAt', json ->> 'startedAt', json ->> '$.actions[0].at', '')
        );
      `);
    },
  },
];
