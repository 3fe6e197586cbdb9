// Owns removing received files that no profile waits for any more: left by a crash, or by an outbox that was lost.
// Reads the outboxes of all profiles, for they share the folder. Knows no import that goes on.
import Database from 'better-sqlite3';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../failure.ts';
import { isFinished } from './file-jobs.ts';
import type { JobState } from './file-jobs.ts';

/**
 * Removes what no unfinished job of these outboxes names. Call it before anything is received. Where an outbox cannot be read,
 * nothing is removed: it may be one that a newer version made, or one that is about to be salvaged.
 * @param outboxFiles of every profile of the data folder, whether or not they exist.
 */
export function removeLeftovers(incoming: string, outboxFiles: readonly string[], log: (line: string) => void): void {
  const here = readdirSync(incoming);
  if (here.length === 0) return;
  let wanted: Set<string>;
  try {
    wanted = new Set(outboxFiles.filter((file) => existsSync(file)).flatMap(waitedFor));
  } catch (error) {
    log(`received files are not looked through: ${messageOf(error)}`);
    return;
  }
  const leftovers = here.filter((name) => !wanted.has(name));
  for (const name of leftovers) rmSync(join(incoming, name), { recursive: true, force: true });
  if (leftovers.length > 0) log(`removed ${leftovers.length} received files that nothing waits for`);
}

function waitedFor(outboxFile: string): string[] {
  const db = new Database(outboxFile, { readonly: true });
  try {
    return db
      .prepare<[], { import_id: string; job: string }>('SELECT import_id, job FROM imports')
      .all()
      .filter(({ job }) => !isFinished((JSON.parse(job) as { state: JobState }).state))
      .map(({ import_id }) => import_id);
  } finally {
    db.close();
  }
}
