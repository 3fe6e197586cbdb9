// Owns putting a page of the feed into the cache, with its cursors, and taking a report out again.
// Knows no contents and nothing of the outbox.
import type { AuditRecord } from '../../../domain/audit-record.ts';
import type { Change, DeadLetter, Notification } from '../../../domain/change.ts';
import type { Decision } from '../../../domain/decision.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import { trackingKey } from '../../../domain/tracking.ts';
import type { Version } from '../../../domain/version.ts';
import type { CacheChange, PullPage } from './cache.ts';
import type { Sqlite } from '../sqlite.ts';

/** Tables whose rows are an id and the thing as it came. */
function keyed(db: Sqlite, table: string, key: string) {
  const statement = db.prepare(
    `INSERT INTO ${table} (${key}, json) VALUES (?, ?) ON CONFLICT (${key}) DO UPDATE SET json = excluded.json`,
  );
  return (id: string, value: unknown): void => void statement.run(id, JSON.stringify(value));
}

/** Tables whose rows belong to a report. */
function keyedInReport(db: Sqlite, table: string, key: string) {
  const statement = db.prepare(`INSERT INTO ${table} (report_id, ${key}, json) VALUES (?, ?, ?)
    ON CONFLICT (report_id, ${key}) DO UPDATE SET json = excluded.json`);
  return (reportId: string, id: string | number, value: unknown): void =>
    void statement.run(reportId, id, JSON.stringify(value));
}

function versionWriter(db: Sqlite) {
  // A version's items never change, so a count that was found to be wrong stays corrected.
  const statement = db.prepare(`INSERT INTO versions (version_id, report_id, json, item_count) VALUES (?, ?, ?, ?)
    ON CONFLICT (version_id) DO UPDATE SET json = excluded.json, report_id = excluded.report_id,
      item_count = CASE WHEN versions.json ->> 'itemCount' = excluded.item_count THEN versions.item_count
        ELSE excluded.item_count END`);
  return (version: Version): void =>
    void statement.run(version.versionId, version.reportId, JSON.stringify(version), version.itemCount);
}

function decisionWriter(db: Sqlite) {
  const statement = db.prepare(`INSERT OR REPLACE INTO decisions (version_id, item_key, verdict, reason_code, note,
    actor_id, operation_id, decided_at, received_at, applied_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  return (row: Decision): void => {
    const { versionId, itemKey, verdict, reasonCode, note, actorId, operationId } = row;
    statement.run(
      versionId,
      itemKey,
      verdict,
      reasonCode,
      note,
      actorId,
      operationId,
      row.decidedAt,
      row.receivedAt,
      row.appliedAt,
    );
  };
}

function recordWriter(db: Sqlite) {
  const statement = db.prepare(`INSERT INTO records (report_id, phase, lob, record_key, revision, json)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET json = excluded.json`);
  return (record: AuditRecord): void => {
    const { reportId, phase, lob, recordKey, revision } = record;
    statement.run(reportId, phase, lob ?? '', recordKey, revision, JSON.stringify(record));
  };
}

function notificationWriter(db: Sqlite) {
  const statement = db.prepare(
    'INSERT OR REPLACE INTO notifications (notification_id, report_id, person_id, at, json) VALUES (?, ?, ?, ?, ?)',
  );
  return (row: Notification): void =>
    void statement.run(row.notificationId, row.reportId, row.personId, row.at, JSON.stringify(row));
}

/** One writer for each kind of change. Each is an upsert: a page that comes twice changes nothing. */
function changeWriter(db: Sqlite): (change: Change, touched: Touched) => void {
  const person = keyed(db, 'people', 'person_id');
  const device = keyed(db, 'devices', 'device_id');
  const cycle = keyed(db, 'cycles', 'cycle_id');
  const report = keyed(db, 'reports', 'report_id');
  const population = keyedInReport(db, 'populations', 'population_hash');
  const plan = keyedInReport(db, 'plans', 'plan_id');
  const ledger = keyedInReport(db, 'ledger', 'sequence');
  const recommendation = keyedInReport(db, 'recommendations', 'recommendation_id');
  const tracking = keyedInReport(db, 'tracking', 'tracking_key');
  const record = recordWriter(db);
  const notification = notificationWriter(db);
  const version = versionWriter(db);
  const decision = decisionWriter(db);
  const letter = db.prepare('INSERT OR REPLACE INTO dead_letters (dead_letter_id, target, json) VALUES (?, ?, ?)');
  const keepLetter = (row: DeadLetter) => letter.run(row.deadLetterId, row.target, JSON.stringify(row));
  const keepEntry = (entry: LedgerEntry) => ledger(entry.reportId, entry.sequence, entry);
  return (change, touched) => {
    switch (change.kind) {
      case 'person':
        return person(change.person.personId, change.person);
      case 'device':
        return device(change.device.deviceId, change.device);
      case 'cycle':
        return cycle(change.cycle.cycleId, change.cycle);
      case 'report':
        return report(change.report.reportId, change.report);
      case 'population':
        return population(change.population.reportId, change.population.populationHash, change.population);
      case 'plan':
        return plan(change.plan.reportId, change.plan.planId, change.plan);
      case 'version':
        touched.versionIds.add(change.version.versionId);
        return version(change.version);
      case 'decisions':
        touched.versionIds.add(change.versionId);
        return change.decisions.forEach(decision);
      case 'records':
        return change.records.forEach(record);
      case 'recommendation': {
        const { reportId, recommendationId } = change.recommendation;
        return recommendation(reportId, recommendationId, change.recommendation);
      }
      case 'notification':
        return notification(change.notification);
      case 'ledger':
        return change.entries.forEach(keepEntry);
      case 'tracking':
        return change.entries.forEach((entry) => tracking(change.reportId, trackingKey(entry), entry));
      case 'dead-letter':
        return void keepLetter(change.deadLetter);
      // The receipt of an operation is the outbox's business; it was given to it before.
      case 'receipt':
        return;
    }
  };
}

interface Touched {
  reportIds: Set<string>;
  versionIds: Set<string>;
  directory: boolean;
}

const ofReport = /^report:(.+)$/;

/** Statements that take a report out, with bodies that nobody else needs. */
function reportRemover(db: Sqlite): (reportIds: readonly string[]) => void {
  const rows = '(SELECT version_row FROM versions WHERE report_id = @reportId)';
  const statements = [
    'DELETE FROM decisions WHERE version_id IN (SELECT version_id FROM versions WHERE report_id = @reportId)',
    `DELETE FROM comparisons WHERE left_row IN ${rows} OR right_row IN ${rows}`,
    `DELETE FROM comparison_changes WHERE left_row IN ${rows} OR right_row IN ${rows}`,
    `DELETE FROM items WHERE version_row IN ${rows}`,
    ...[
      ...['versions', 'populations', 'plans', 'ledger', 'records', 'recommendations', 'notifications', 'tracking'],
      ...['reports'],
    ].map((table) => `DELETE FROM ${table} WHERE report_id = @reportId`),
    "DELETE FROM dead_letters WHERE target = 'report/' || @reportId",
    "DELETE FROM cursors WHERE feed = 'report:' || @reportId",
  ].map((sql) => db.prepare(sql));
  const orphans = db.prepare('DELETE FROM bodies WHERE body_row NOT IN (SELECT body_row FROM items)');
  return (reportIds) => {
    for (const reportId of reportIds) {
      for (const statement of statements) statement.run({ reportId });
    }
    if (reportIds.length > 0) orphans.run();
  };
}

/** Statements over what the feed brings; the caller brings the transaction. */
export function feedTables(db: Sqlite) {
  const write = changeWriter(db);
  const dropReports = reportRemover(db);
  const moveCursor = db.prepare(`INSERT INTO cursors (feed, sequence) VALUES (?, ?)
    ON CONFLICT (feed) DO UPDATE SET sequence = excluded.sequence WHERE excluded.sequence > cursors.sequence`);
  const forgetCursors = db.prepare('DELETE FROM cursors');
  const here = db
    .prepare<[], string>(
      "SELECT report_id FROM reports UNION SELECT substr(feed, 8) FROM cursors WHERE feed LIKE 'report:%'",
    )
    .pluck();
  return {
    /** Takes a page as it came. Rows of the receipts are for the outbox, which has to have them before. */
    applyPage(page: PullPage): CacheChange {
      const touched: Touched = { reportIds: new Set(), versionIds: new Set(), directory: false };
      for (const { feed, rows, cursor } of page.feeds) {
        for (const row of rows) write(row.change, touched);
        moveCursor.run(feed, cursor);
        const reportId = ofReport.exec(feed)?.[1];
        if (rows.length > 0 && reportId !== undefined) touched.reportIds.add(reportId);
        if (rows.length > 0 && reportId === undefined) touched.directory = true;
      }
      const allowed = new Set(page.reportIds);
      const gone = here.all().filter((reportId) => !allowed.has(reportId));
      dropReports(gone);
      for (const reportId of gone) touched.reportIds.add(reportId);
      return {
        reportIds: [...touched.reportIds],
        versionIds: [...touched.versionIds],
        directory: touched.directory || gone.length > 0,
      };
    },
    dropReports,
    forgetCursors: (): void => void forgetCursors.run(),
  };
}
