// Owns reading headers out of the cache: people, cycles, reports, plans, versions, ledger. Items are read in items.ts.
import type { Cycle, DeadLetter, Report } from '../../../domain/change.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import type { Device, Person } from '../../../domain/people.ts';
import type { Population } from '../../../domain/population.ts';
import type { RecordedPlan } from '../../../domain/sample-plan.ts';
import type { Version } from '../../../domain/version.ts';
import type { WantedContents } from './cache.ts';
import type { Sqlite } from '../sqlite.ts';

/** A query whose rows are one JSON text each. */
function things<Thing>(db: Sqlite, sql: string) {
  const statement = db.prepare<string[], string>(sql).pluck();
  return (...values: string[]): Thing[] => statement.all(...values).map((text) => JSON.parse(text) as Thing);
}

function thing<Thing>(db: Sqlite, sql: string) {
  const statement = db.prepare<string[], string>(sql).pluck();
  return (...values: string[]): Thing | null => {
    const text = statement.get(...values);
    return text === undefined ? null : (JSON.parse(text) as Thing);
  };
}

/** The most versions named in a request for contents. */
const haveLimit = 100;

/** The reading half of the cache. */
export function cacheReads(db: Sqlite) {
  const cursors = db.prepare<[], { feed: string; sequence: number }>('SELECT feed, sequence FROM cursors');
  const wanted = db.prepare<[], { version_id: string; report_id: string; item_count: number; next_position: number }>(`
    SELECT version_id, report_id, item_count, next_position FROM versions WHERE next_position < item_count
    ORDER BY json ->> 'status' = 'pending' DESC, json ->> 'createdAt' DESC`);
  const whole = db
    .prepare<[string], string>(
      `SELECT version_id FROM versions WHERE report_id = ? AND next_position >= item_count
      AND item_count > 0 ORDER BY version_row DESC LIMIT ${haveLimit}`,
    )
    .pluck();
  const letters = things<DeadLetter>(
    db,
    "SELECT json FROM dead_letters WHERE target = ? ORDER BY json ->> 'receivedAt' DESC",
  );
  return {
    cursors: (): Record<string, number> =>
      Object.fromEntries(cursors.all().map(({ feed, sequence }) => [feed, sequence])),
    wantedContents: (): WantedContents[] =>
      wanted.all().map((row) => ({
        versionId: row.version_id,
        reportId: row.report_id,
        fromPosition: row.next_position,
        missingItems: row.item_count - row.next_position,
        haveVersionIds: whole.all(row.report_id),
      })),
    people: things<Person>(db, "SELECT json FROM people ORDER BY json ->> 'name'"),
    person: thing<Person>(db, 'SELECT json FROM people WHERE person_id = ?'),
    devices: things<Device>(db, "SELECT json FROM devices ORDER BY json ->> 'enrolledAt'"),
    cycles: things<Cycle>(db, "SELECT json FROM cycles ORDER BY json ->> 'startedAt' DESC"),
    cycle: thing<Cycle>(db, 'SELECT json FROM cycles WHERE cycle_id = ?'),
    reports: things<Report>(
      db,
      "SELECT json FROM reports ORDER BY json ->> 'dueAt' IS NULL, json ->> 'dueAt', json ->> 'name'",
    ),
    report: thing<Report>(db, 'SELECT json FROM reports WHERE report_id = ?'),
    populations: things<Population>(
      db,
      "SELECT json FROM populations WHERE report_id = ? ORDER BY json ->> 'importedAt' DESC",
    ),
    plans: things<RecordedPlan>(db, "SELECT json FROM plans WHERE report_id = ? ORDER BY json ->> 'recordedAt' DESC"),
    versions: things<Version>(
      db,
      "SELECT json FROM versions WHERE report_id = ? ORDER BY json ->> 'createdAt' DESC, json ->> 'number' DESC",
    ),
    version: thing<Version>(db, 'SELECT json FROM versions WHERE version_id = ?'),
    deadLetters: (reportId: string): DeadLetter[] => letters(`report/${reportId}`),
    ledger: things<LedgerEntry>(db, 'SELECT json FROM ledger WHERE report_id = ? ORDER BY sequence'),
  };
}
