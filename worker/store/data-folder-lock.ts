// Owns that one worker uses a data folder at a time. The system lets the lock go when its process ends, however it ends.
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** A worker that is being replaced takes a moment to end. */
const waitMs = 4_000;

/** Takes the folder's lock. Null when another process has it. The answer lets it go. */
export function lockDataFolder(dataDir: string): (() => void) | null {
  const connection = new Database(join(dataDir, 'worker.lock'));
  try {
    connection.pragma(`busy_timeout = ${waitMs}`);
    connection.exec('begin exclusive');
    return () => connection.close();
  } catch (error) {
    connection.close();
    if (error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY') return null;
    throw error;
  }
}
