// Owns cache.db: what the feed brought, and nothing else. May be deleted at any time: it is pulled again.
// Knows nothing of what a person did, nor of the network.
import type { AuditRecord } from '../../../domain/audit-record.ts';
import type {
  ContentsAnswer,
  Cycle,
  DeadLetter,
  Notification,
  PullAnswer,
  Recommendation,
  Report,
} from '../../../domain/change.ts';
import type { Device, Person } from '../../../domain/people.ts';
import type { Population } from '../../../domain/population.ts';
import type { RecordedPlan } from '../../../domain/sample-plan.ts';
import type { Version } from '../../../domain/version.ts';
import type { Receipt } from '../../../domain/operation.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import type { TrackingEntry, TrackingKind } from '../../../domain/tracking.ts';
import { contentsTables } from './contents.ts';
import type { Holdings } from './contents.ts';
import { feedTables } from './feed.ts';
import { cacheMigrations } from './migrations.ts';
import { cacheReads } from './reads.ts';
import type { RecordPlace } from './reads.ts';
import type { EntryOf, TrackingPage } from './tracking-reads.ts';
import { failed } from '../failure.ts';
import { alignment } from '../desk/comparison-lines.ts';
import { closeSqlite, openSqlite, setAside, setSynchronous, statement } from '../sqlite.ts';
import type { Sqlite } from '../sqlite.ts';
import type { SetAside } from '../outbox/outbox.ts';

export type PullPage = Extract<PullAnswer, { kind: 'page' }>;
export type ContentsPage = Extract<ContentsAnswer, { kind: 'page' }>;

/** What a commit changed, for the `changed` event. */
export interface CacheChange {
  reportIds: string[];
  versionIds: string[];
  directory: boolean;
}

/** A version whose items are not all here, and what to ask for: the fields of a ContentsRequest. */
export interface WantedContents {
  versionId: string;
  reportId: string;
  fromPosition: number;
  missingItems: number;
  haveVersionIds: string[];
}

export interface Cache {
  readonly db: Sqlite;
  readonly file: string;
  /** A corrupted file that was set aside; everything is pulled again then. */
  readonly setAside: SetAside | null;

  /** Last sequence committed per feed: what a PullRequest's `cursors` takes. */
  cursors(): Record<string, number>;
  /** Rows and cursors of a page in one transaction; drops reports that are not in its access list. Repeatable. */
  applyPage(page: PullPage): CacheChange;
  dropReport(reportId: string): void;
  /** Forgets how far the feeds were read, and nothing else: everything comes again, receipts too. */
  rewind(): void;
  /** Stores a page of contents; rows that are here already change nothing. */
  storeContents(page: ContentsPage): { versionId: string; cachedItems: number; complete: boolean };
  /** Versions that want contents: those that are worked on first, then newest first. */
  wantedContents(): WantedContents[];

  people(): Person[];
  person(personId: string): Person | null;
  devices(): Device[];
  cycles(): Cycle[];
  cycle(cycleId: string): Cycle | null;
  /** By due date, then name. */
  reports(): Report[];
  report(reportId: string): Report | null;
  populations(reportId: string): Population[];
  plans(reportId: string): RecordedPlan[];
  /** Newest first. */
  versions(reportId: string): Version[];
  version(versionId: string): Version | null;
  deadLetters(reportId: string): DeadLetter[];
  /** Newest first. */
  recommendations(reportId: string): Recommendation[];
  /** News for one person, newest first. */
  notifications(personId: string): Notification[];
  /** Latest revisions of a place by their keys. */
  records(place: RecordPlace): AuditRecord[];
  /** The latest revision of one record; null when there is none. */
  record(place: RecordPlace, recordKey: string): AuditRecord | null;
  /** All revisions of one record, newest first. */
  recordHistory(place: RecordPlace, recordKey: string): AuditRecord[];
  /** All revisions of all records of a report, by phase, LOB, key and revision. */
  recordsOfReport(reportId: string): AuditRecord[];
  /** Entries of a report's ledger from its start. */
  ledger(reportId: string): LedgerEntry[];
  /** Everything of one kind that was tracked of a report, oldest first. */
  tracked<Kind extends TrackingKind>(reportId: string, kind: Kind): EntryOf<Kind>[];
  /** The entry of a key (`trackingKey`); null when it is not here. */
  trackedEntry(reportId: string, key: string): TrackingEntry | null;
  /** Waits of a report that are not over, oldest first. */
  openWaits(reportId: string): EntryOf<'wait'>[];
  /** A page of what was tracked of a report, newest first. */
  trackingPage(reportId: string, page: TrackingPage): TrackingEntry[];
  /** How many entries of each kind are here. */
  trackingCounts(reportId: string): Record<TrackingKind, number>;
  /** Items of a version that are here. */
  cachedItems(versionId: string): number;
  /** What the items that are here hold; null for a version that is not known. */
  holdings(versionId: string): Holdings | null;

  /** Grows with every commit that this process made. */
  revision(): number;
  /** The same for commits that touched one version. */
  revisionOf(versionId: string): number;
  close(): void;
}

/** The receipts of a page: they go into the outbox before the page goes into the cache. */
export function receiptsIn(page: PullPage): Receipt[] {
  return page.feeds.flatMap((feed) =>
    feed.rows.flatMap(({ change }) => (change.kind === 'receipt' ? [change.receipt] : [])),
  );
}

/**
 * Opens or makes the cache, with the outbox attached for reading. A broken file is set aside and a new one made.
 * @throws CommandFailure (see openSqlite).
 */
export function openCache(options: { file: string; outboxFile: string }): Cache {
  const { file } = options;
  const open = () =>
    openSqlite({ file, migrations: cacheMigrations, synchronous: 'normal', what: 'The cache', check: 'after-crash' });
  let opened = open();
  let aside: SetAside | null = null;
  if (opened.kind === 'broken') {
    const { reason } = opened;
    const moved = setAside(file);
    const message = `The cache of this laptop was damaged (${reason}). It was kept as ${moved}; everything is fetched again. Drafts and decisions are not touched.`;
    aside = { file: moved, reason, message };
    opened = open();
    if (opened.kind === 'broken') throw failed('unavailable', `no cache can be made at ${file}: ${opened.reason}`);
  }
  const { db } = opened;
  db.prepare('ATTACH ? AS outbox').run(options.outboxFile);
  // This connection only reads the outbox, and would be as careful as the other if it ever wrote.
  setSynchronous(db, 'outbox', 'full');
  return cacheOver(db, file, aside);
}

function cacheOver(db: Sqlite, file: string, aside: SetAside | null): Cache {
  const feed = feedTables(db);
  const contents = contentsTables(db);
  const read = cacheReads(db);
  let revision = 0;
  const revisions = new Map<string, number>();
  const touch = (versionIds: readonly string[]) => {
    for (const versionId of versionIds) revisions.set(versionId, revision);
  };
  const commit = <Value>(run: () => Value): Value => {
    const value = db.transaction(run).immediate();
    revision += 1;
    return value;
  };
  return {
    db,
    file,
    setAside: aside,
    applyPage(page) {
      const change = commit(() => feed.applyPage(page));
      touch(change.versionIds);
      return change;
    },
    dropReport: (reportId) => commit(() => feed.dropReports([reportId])),
    rewind: () => commit(() => feed.forgetCursors()),
    storeContents(page) {
      const holds = commit(() => contents.store(page));
      touch([page.versionId]);
      const cachedItems = holds?.nextPosition ?? 0;
      // Found when the last row arrives, so that the first look at a revision's changes waits for nothing.
      if (holds && cachedItems >= holds.itemCount) alignWithParent(db, page.versionId);
      return { versionId: page.versionId, cachedItems, complete: holds !== null && cachedItems >= holds.itemCount };
    },
    ...read,
    holdings: contents.holdings,
    cachedItems: (versionId) => contents.holdings(versionId)?.nextPosition ?? 0,
    revision: () => revision,
    revisionOf: (versionId) => revisions.get(versionId) ?? 0,
    close: () => closeSqlite(db),
  };
}

function alignWithParent(db: Sqlite, versionId: string): void {
  const sql = `SELECT p.version_row AS parent, v.version_row AS child FROM versions v
    JOIN versions p ON p.version_id = v.json ->> 'parentVersionId' AND p.next_position >= p.item_count
    WHERE v.version_id = ?`;
  const pair = statement<{ parent: number; child: number }>(db, sql).get(versionId);
  if (pair) alignment(db, pair.parent, pair.child);
}
