// Owns reading what was tracked of a report's workflows out of the cache. Knows no screen; what an entry means is domain/tracking.ts.
import { trackedAt } from '../../../domain/tracking.ts';
import type { TrackingEntry, TrackingKind } from '../../../domain/tracking.ts';
import type { Sqlite } from '../sqlite.ts';

export type EntryOf<Kind extends TrackingKind> = Extract<TrackingEntry, { kind: Kind }>;

/** Which part of which logs. No kind: all of them. */
export interface TrackingPage {
  kinds: readonly TrackingKind[];
  offset: number;
  limit: number;
}

/** When an entry began (`trackedAt`), as the index `tracking_by_time` has it. */
const at = "coalesce(json ->> 'at', json ->> 'raisedAt', json ->> 'startedAt', json ->> '$.actions[0].at', '')";
const kind = "substr(tracking_key, 1, instr(tracking_key, '/') - 1)";
/** Keys begin with their kind; `0` is the character after `/`. */
const ofKind = "report_id = ? AND tracking_key >= ? || '/' AND tracking_key < ? || '0'";

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The tracking half of the cache's reads. */
export function trackingReads(db: Sqlite) {
  const read = (text: string): TrackingEntry => JSON.parse(text) as TrackingEntry;
  // Sorted here and not by the statement: reading the time out of each JSON once more costs more than the rest.
  const ofOneKind = db.prepare<string[], string>(`SELECT json FROM tracking WHERE ${ofKind}`).pluck();
  const ofKey = db
    .prepare<string[], string>('SELECT json FROM tracking WHERE report_id = ? AND tracking_key = ?')
    .pluck();
  const open = db
    .prepare<string[], string>(
      `SELECT json FROM tracking WHERE ${ofKind} AND json ->> 'endedAt' IS NULL ORDER BY ${at}, tracking_key`,
    )
    .pluck();
  const page = db
    .prepare<unknown[], string>(
      `SELECT json FROM tracking WHERE report_id = ? AND (? = '[]' OR ${kind} IN (SELECT value FROM json_each(?)))
      ORDER BY ${at} DESC, tracking_key DESC LIMIT ? OFFSET ?`,
    )
    .pluck();
  const count = db.prepare<string[], number>(`SELECT count(*) FROM tracking WHERE ${ofKind}`).pluck();
  const countOf = (reportId: string, kind: TrackingKind): number => count.get(reportId, kind, kind) ?? 0;
  return {
    tracked: <Kind extends TrackingKind>(reportId: string, kind: Kind): EntryOf<Kind>[] =>
      ofOneKind
        .all(reportId, kind, kind)
        .map((text) => read(text) as EntryOf<Kind>)
        .toSorted((a, b) => compareText(trackedAt(a), trackedAt(b))),
    trackedEntry(reportId: string, key: string): TrackingEntry | null {
      const text = ofKey.get(reportId, key);
      return text === undefined ? null : read(text);
    },
    openWaits: (reportId: string): EntryOf<'wait'>[] =>
      open.all(reportId, 'wait', 'wait').map((text) => read(text) as EntryOf<'wait'>),
    trackingPage(reportId: string, { kinds, offset, limit }: TrackingPage): TrackingEntry[] {
      const wanted = JSON.stringify(kinds);
      return page.all(reportId, wanted, wanted, limit, offset).map(read);
    },
    trackingCounts: (reportId: string): Record<TrackingKind, number> => ({
      execution: countOf(reportId, 'execution'),
      step: countOf(reportId, 'step'),
      attempt: countOf(reportId, 'attempt'),
      wait: countOf(reportId, 'wait'),
      transition: countOf(reportId, 'transition'),
      alert: countOf(reportId, 'alert'),
      migration: countOf(reportId, 'migration'),
      compensation: countOf(reportId, 'compensation'),
    }),
  };
}
