// Owns reading headers out of the cache: people, cycles, reports, plans, versions, ledger. Items are read in items.ts.
import type { AuditPhase, AuditRecord } from '../../../domain/audit-record.ts';
import type { Cycle, DeadLetter, Notification, Recommendation, Report } from '../../../domain/change.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import type { Device, Person } from '../../../domain/people.ts';
import type { Population } from '../../../domain/population.ts';
import type { RecordedPlan } from '../../../domain/sample-plan.ts';
import type { Version } from '../../../domain/version.ts';
import type { WantedContents } from './cache.ts';
import { trackingReads } from './tracking-reads.ts';
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

/** Latest revisions of a place, as SQL over three values. The highest number counts, in whatever order the revisions came. */
const latest = `r.report_id = ? AND r.phase = ? AND r.lob = ? AND NOT EXISTS (SELECT 1 FROM records n
  WHERE n.report_id = r.report_id AND n.phase = r.phase AND n.lob = r.lob AND n.record_key = r.record_key
    AND n.revision > r.revision)`;

/** The records of a phase: `lob` is null for data owner identification, whose keys name it. */
export interface RecordPlace {
  reportId: string;
  phase: AuditPhase;
  lob: string | null;
}

function recordReads(db: Sqlite) {
  const all = things<AuditRecord>(db, `SELECT r.json FROM records r WHERE ${latest} ORDER BY r.record_key`);
  const one = thing<AuditRecord>(db, `SELECT r.json FROM records r WHERE ${latest} AND r.record_key = ?`);
  const history = things<AuditRecord>(
    db,
    `SELECT json FROM records WHERE report_id = ? AND phase = ? AND lob = ? AND record_key = ? ORDER BY revision DESC`,
  );
  const ofReport = things<AuditRecord>(
    db,
    'SELECT json FROM records WHERE report_id = ? ORDER BY phase, lob, record_key, revision',
  );
  return {
    records: ({ reportId, phase, lob }: RecordPlace): AuditRecord[] => all(reportId, phase, lob ?? ''),
    record: ({ reportId, phase, lob }: RecordPlace, recordKey: string): AuditRecord | null =>
      one(reportId, phase, lob ?? '', recordKey),
    recordHistory: ({ reportId, phase, lob }: RecordPlace, recordKey: string): AuditRecord[] =>
      history(reportId, phase, lob ?? '', recordKey),
    recordsOfReport: ofReport,
  };
}

/** The most versions named in a request for contents. */
const haveLimit = 100;

/** The reading half of the cache. */
export function cacheReads(db: Sqlite) {
  const cursors = db.prepare<[], { feed: string; sequence: number }>('SELECT feed, sequence FROM cursors');
  const wanted = db.prepare<[], { version_id: string; report_id: string; item_count: number; next_position: number }>(`
    SELECT version_id, report_id, item_count, next_position FROM versions WHERE next_position < item_count
    ORDER BY json ->> 'status' IN ('pending', 'draft') DESC, json ->> 'createdAt' DESC`);
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
    recommendations: things<Recommendation>(
      db,
      "SELECT json FROM recommendations WHERE report_id = ? ORDER BY json ->> 'at' DESC",
    ),
    notifications: things<Notification>(
      db,
      'SELECT json FROM notifications WHERE person_id = ? ORDER BY at DESC, notification_id',
    ),
    ...recordReads(db),
    ...trackingReads(db),
    ledger: things<LedgerEntry>(db, 'SELECT json FROM ledger WHERE report_id = ? ORDER BY sequence'),
  };
}
