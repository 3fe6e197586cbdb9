// Owns what is tracked of workflows as rows, and telling it to the feed. Knows neither who notes it nor what it means.
import { reportFeed } from '../../domain/change.ts';
import { trackedAt, trackingKey } from '../../domain/tracking.ts';
import type { TrackingEntry } from '../../domain/tracking.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** Keeps entries as they are now. The feed is told later. */
export async function track(
  store: Store,
  reportId: string,
  entries: readonly TrackingEntry[],
  clock: () => string,
): Promise<void> {
  await write(store, clock(), async (writing) => {
    for (const entry of entries) await keepEntry(writing, reportId, entry, 0);
  });
}

/** Keeps an entry as it is now and tells it to the feed at once: for what people wait for. */
export async function trackNow(writing: Writing, reportId: string, entry: TrackingEntry): Promise<void> {
  await keepEntry(writing, reportId, entry, 1);
  writing.emit(reportFeed(reportId), { kind: 'tracking', reportId, entries: [entry] });
}

async function keepEntry({ trx }: Writing, reportId: string, entry: TrackingEntry, told: 0 | 1): Promise<void> {
  const row = { kind: entry.kind, at: trackedAt(entry), entry_text: JSON.stringify(entry), told };
  await trx
    .insertInto('tracking')
    .values({ report_id: reportId, tracking_key: trackingKey(entry), ...row })
    .onConflict((c) => c.columns(['report_id', 'tracking_key']).doUpdateSet(row))
    .execute();
}
