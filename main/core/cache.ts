// Owns cache.db: what the feed brought, and nothing else. May be deleted at any time: it is pulled again.
// Knows nothing of what a person did, nor of the network.
import type { ContentsAnswer, Cycle, DeadLetter, PullAnswer, Report } from '../../domain/change.ts';
import type { Device, Person } from '../../domain/people.ts';
import type { Population } from '../../domain/population.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { Version } from '../../domain/version.ts';
import type { Receipt } from '../../domain/operation.ts';
import type { Sqlite } from './sqlite.ts';
import type { SetAside } from './outbox.ts';

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
  /** Stores a page of contents; rows that are here already change nothing. */
  storeContents(page: ContentsPage): { versionId: string; cachedItems: number; complete: boolean };
  /** Versions that want contents: pending ones first, then newest first. */
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
  /** Items of a version that are here. */
  cachedItems(versionId: string): number;

  /** Grows with every commit that this process made. */
  revision(): number;
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
export function openCache(_options: { file: string; outboxFile: string }): Cache {
  throw new Error('being written');
}
