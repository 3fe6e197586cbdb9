// Owns looking at the schema version of a SQLite file without changing it. Knows no table.
import Database from 'better-sqlite3';

/** The version in a file, or why it cannot be told. The file is opened for reading only. */
export function databaseVersion(file: string): { version: number } | { fault: string } {
  try {
    const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 2_000 });
    try {
      return { version: Number(db.pragma('user_version', { simple: true })) };
    } finally {
      db.close();
    }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
