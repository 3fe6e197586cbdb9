// Owns opening a SQLite file: pragmas, migrations, and telling a newer or a broken file from a good one.
// Knows no table of any database.
import Database from 'better-sqlite3';
import { existsSync, renameSync } from 'node:fs';
import { failed, messageOf } from './failure.ts';

export type Sqlite = Database.Database;

/** One step of a schema. Its place in the list is the version it leads to: append only, never edit. */
export interface Migration {
  name: string;
  up(db: Sqlite): void;
}

/** What opening a file found. `broken` leaves the file as it is: setting it aside is the caller's. */
export type Opened = { kind: 'open'; db: Sqlite } | { kind: 'broken'; reason: string };

/** How a file is opened. `full` is for what a person did: each commit is on the disk before it returns. */
export interface OpenOptions {
  file: string;
  migrations: readonly Migration[];
  synchronous: 'full' | 'normal';
  /** `after-crash` leaves the check of all pages out when the file was closed properly (SQLite itself notices a cut one). */
  check: 'always' | 'after-crash';
  /** What it is called at the start of a message: "The outbox". */
  what: string;
}

/**
 * Opens a file, checks it whole and brings its schema up to date.
 * @throws CommandFailure of kind `refused` for a file that a newer version made, `unavailable` for one that cannot be opened.
 */
export function openSqlite(options: OpenOptions): Opened {
  let db: Sqlite;
  try {
    db = new Database(options.file, { timeout: 5000 });
  } catch (error) {
    if (isCorruption(error)) return { kind: 'broken', reason: messageOf(error) };
    throw failed('unavailable', `${options.what} at ${options.file} cannot be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    prepare(db, options);
    return { kind: 'open', db };
  } catch (error) {
    db.close();
    if (isCorruption(error)) return { kind: 'broken', reason: messageOf(error) };
    throw error;
  }
}

function prepare(db: Sqlite, options: OpenOptions): void {
  // Asked first: a newer file is refused before anything of it is touched.
  refuseNewer(db, options);
  if (options.check === 'always' || !wasClosed(db)) checkPages(db);
  db.pragma('journal_mode = WAL');
  setSynchronous(db, 'main', options.synchronous);
  db.pragma('foreign_keys = ON');
  db.pragma('temp_store = MEMORY');
  migrate(db, options.migrations);
  // WAL can fall back to NORMAL after the first write, so it is set and read again.
  setSynchronous(db, 'main', options.synchronous);
  if (options.check === 'after-crash') db.pragma(`application_id = ${inUse}`);
}

// `application_id` says whether a file is in use or was closed: a header field, so it costs no page.
const inUse = 0x43530001;
const closed = 0x43530002;

const wasClosed = (db: Sqlite): boolean => db.pragma('application_id', { simple: true }) === closed;

/** Closes a file so that its next opening need not check every page. */
export function closeSqlite(db: Sqlite): void {
  if (db.open && db.pragma('application_id', { simple: true }) === inUse) db.pragma(`application_id = ${closed}`);
  db.close();
}

function checkPages(db: Sqlite): void {
  const found = db.pragma('quick_check(1)', { simple: true });
  if (found !== 'ok') throw new CorruptFile(String(found));
}

/** Sets `synchronous` on one schema of a connection and reads it back. @throws Error when SQLite did not take it. */
export function setSynchronous(db: Sqlite, schema: 'main' | 'outbox', synchronous: 'full' | 'normal'): void {
  const wanted = synchronous === 'full' ? 2 : 1;
  db.pragma(`${schema}.synchronous = ${wanted}`);
  const got = db.pragma(`${schema}.synchronous`, { simple: true });
  if (got !== wanted) throw new Error(`${db.name} runs with synchronous=${String(got)} instead of ${wanted}`);
}

/** The schema version that a database has. */
export function schemaVersion(db: Sqlite): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Runs the migrations that a database does not have yet, each in one immediate transaction with its version. */
export function migrate(db: Sqlite, migrations: readonly Migration[]): void {
  for (const [index, migration] of migrations.entries()) {
    const step = db.transaction(() => {
      // Read inside: two applications that start at once must not both run it.
      if (schemaVersion(db) > index) return;
      migration.up(db);
      db.pragma(`user_version = ${index + 1}`);
    });
    if (schemaVersion(db) <= index) step.immediate();
  }
}

function refuseNewer(db: Sqlite, options: OpenOptions): void {
  const found = schemaVersion(db);
  if (found <= options.migrations.length) return;
  throw failed(
    'refused',
    `${options.what} at ${options.file} was made by a newer version of Countersign (its format is ${found}, this version knows ${options.migrations.length}). Nothing was changed. Install that version again, or use another data folder with --data.`,
  );
}

/** What quick_check found wrong. */
class CorruptFile extends Error {}

/** True for the errors that say "these bytes are no sound database", and for no other. */
export function isCorruption(error: unknown): boolean {
  if (error instanceof CorruptFile) return true;
  const code = error instanceof Database.SqliteError ? error.code : '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

/** True for the errors that say that nothing could be written: disk full, read-only, I/O. */
export function isNotSaved(error: unknown): boolean {
  const code = error instanceof Database.SqliteError ? error.code : '';
  return /^SQLITE_(FULL|READONLY|IOERR|BUSY|LOCKED|CANTOPEN)/.test(code);
}

/**
 * Moves a broken file with its write-ahead log out of the way, as `<file>.corrupt-<n>`: it is never deleted.
 * @returns the new path.
 */
export function setAside(file: string): string {
  let number = 1;
  while (existsSync(`${file}.corrupt-${number}`)) number += 1;
  const target = `${file}.corrupt-${number}`;
  renameSync(file, target);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, target + suffix);
  }
  return target;
}

const statements = new WeakMap<Sqlite, Map<string, Database.Statement>>();

/** A statement of a connection, prepared once. For reading modules that own no table. */
export function statement<Row>(db: Sqlite, sql: string): Database.Statement<unknown[], Row> {
  let known = statements.get(db);
  if (!known) {
    known = new Map();
    statements.set(db, known);
  }
  let found = known.get(sql);
  if (!found) {
    found = db.prepare(sql);
    known.set(sql, found);
  }
  return found as Database.Statement<unknown[], Row>;
}
