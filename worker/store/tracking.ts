// Owns what is tracked of workflows as rows, and telling it to the feed. Knows neither who notes it nor when it is told.
import type { Kysely } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import { isUrgent, standing } from '../../domain/tracking-rules.ts';
import { trackedAt, trackingKey } from '../../domain/tracking.ts';
import type { TrackingEntry } from '../../domain/tracking.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { consequencesOf } from './tracking-consequences.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** The most bytes of entries that one change of a feed carries. */
const bytesPerChange = 180_000;

/**
 * Keeps entries as they are now, and what follows from them. Doing it twice changes nothing. Answers with true when the feed was told,
 * because something among them is urgent; else it is told later.
 */
export async function track(
  store: Store,
  reportId: string,
  entries: readonly TrackingEntry[],
  clock: () => string,
): Promise<boolean> {
  return write(store, clock(), async (writing) => {
    const changed: TrackingEntry[] = [];
    for (const entry of entries) {
      if (!(await keepEntry(writing, reportId, entry, 0))) continue;
      changed.push(entry);
      for (const more of await consequencesOf(writing.trx, reportId, entry)) {
        if (await keepEntry(writing, reportId, more, 0)) changed.push(more);
      }
    }
    if (!changed.some(isUrgent)) return false;
    await tellIn(writing, reportId);
    return true;
  });
}

/** Keeps an entry as it is now and tells it to the feed at once: for what people wait for. */
export async function trackNow(writing: Writing, reportId: string, entry: TrackingEntry): Promise<void> {
  await keepEntry(writing, reportId, entry, 1);
  writing.emit(reportFeed(reportId), { kind: 'tracking', reportId, entries: [entry] });
}

/** True when it was not known like this. */
async function keepEntry({ trx }: Writing, reportId: string, noted: TrackingEntry, told: 0 | 1): Promise<boolean> {
  const key = trackingKey(noted);
  const row = await trx
    .selectFrom('tracking')
    .select('entry_text')
    .where('report_id', '=', reportId)
    .where('tracking_key', '=', key)
    .executeTakeFirst();
  const entry = row ? standing(JSON.parse(row.entry_text) as TrackingEntry, noted) : noted;
  const text = JSON.stringify(entry);
  if (row?.entry_text === text) return false;
  const now = { kind: entry.kind, at: trackedAt(entry), entry_text: text, told };
  await trx
    .insertInto('tracking')
    .values({ report_id: reportId, tracking_key: key, ...now })
    .onConflict((c) => c.columns(['report_id', 'tracking_key']).doUpdateSet(now))
    .execute();
  return true;
}

/** Tells a report's feed what it does not have yet as it is now. */
export async function tellTracked(store: Store, reportId: string, clock: () => string): Promise<void> {
  await write(store, clock(), (writing) => tellIn(writing, reportId));
}

/** The reports of which something is untold. */
export async function untoldReports(db: Kysely<Schema>): Promise<string[]> {
  const rows = await db.selectFrom('tracking').select('report_id').distinct().where('told', '=', 0).execute();
  return rows.map((row) => row.report_id);
}

async function tellIn(writing: Writing, reportId: string): Promise<void> {
  const rows = await writing.trx
    .updateTable('tracking')
    .set({ told: 1 })
    .where('report_id', '=', reportId)
    .where('told', '=', 0)
    .returning(['entry_text', 'at'])
    .execute();
  const texts = rows.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at))).map((row) => row.entry_text);
  for (const part of parts(texts)) {
    const entries = part.map((text) => JSON.parse(text) as TrackingEntry);
    writing.emit(reportFeed(reportId), { kind: 'tracking', reportId, entries });
  }
}

/** Slices that stay below the size of a change; one that is larger alone stands alone. */
function* parts(texts: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let bytes = 0;
  for (const text of texts) {
    const more = Buffer.byteLength(text);
    if (part.length > 0 && bytes + more > bytesPerChange) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(text);
    bytes += more;
  }
  if (part.length > 0) yield part;
}
