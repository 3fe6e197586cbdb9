// Owns how what is tracked comes into the store and then into the feed: kept at once, in few transactions, and told about a second later.
// A store that fails costs what is tracked, never the work. Knows neither workflows nor activities.
import type { TrackingEntry } from '../../domain/tracking.ts';
import type { Store } from '../store/store.ts';
import { tellTracked, track, untoldReports } from '../store/tracking.ts';

/** Steps that begin and end within this travel once. */
const tellAfterMs = 1_000;
/** Nobody waits longer for a store that does not answer. */
const patienceMs = 1_000;

/** Does something later, unless it is taken back. */
export type Later = (delayMs: number, work: () => void) => () => void;

export interface TrackerDeps {
  store: Store;
  /** The time now, ISO-8601 UTC: of the transactions, not of what is tracked. */
  clock(): string;
  log(line: string): void;
  /** Tests bring their own. */
  later?: Later;
}

export interface Tracker {
  /** Keeps an entry of a report as it is now. Resolves when it is kept, or cannot be; never rejects. */
  note(reportId: string, entry: TrackingEntry): Promise<void>;
  /** Tells the feeds what earlier workers left untold. */
  tellAll(): Promise<void>;
  /** Waits for what is being kept. What is untold then, the next worker tells. */
  close(): Promise<void>;
}

const usualLater: Later = (delayMs, work) => {
  const timer = setTimeout(work, delayMs);
  return () => clearTimeout(timer);
};

/** Entries that are kept in one transaction per report. */
interface Batch {
  reports: Map<string, TrackingEntry[]>;
  kept: Promise<void>;
}

export function openTracker({ store, clock, log, later = usualLater }: TrackerDeps): Tracker {
  /** By report: takes the telling back that is due. */
  const due = new Map<string, () => void>();
  let gathering: Batch | null = null;
  let last: Promise<void> = Promise.resolve();
  let closed = false;

  const inTurn = (work: () => Promise<void>): Promise<void> => (last = last.then(work));
  const failed = (error: unknown): void => log(`tracking: ${String(error)}`);

  function tellLater(reportId: string): void {
    if (closed || due.has(reportId)) return;
    const cancel = later(tellAfterMs, () => {
      due.delete(reportId);
      void inTurn(() => tell(reportId));
    });
    due.set(reportId, cancel);
  }

  async function tell(reportId: string): Promise<void> {
    try {
      await tellTracked(store, reportId, clock);
    } catch (error) {
      failed(error);
      tellLater(reportId);
    }
  }

  async function keep(reportId: string, entries: readonly TrackingEntry[]): Promise<void> {
    try {
      const isTold = await track(store, reportId, entries, clock);
      if (!isTold) return tellLater(reportId);
      due.get(reportId)?.();
      due.delete(reportId);
    } catch (error) {
      failed(error);
    }
  }

  function gather(): Batch {
    const batch: Batch = { reports: new Map(), kept: Promise.resolve() };
    batch.kept = inTurn(async () => {
      gathering = null;
      for (const [reportId, entries] of batch.reports) await keep(reportId, entries);
    });
    return batch;
  }

  return {
    note(reportId, entry) {
      if (closed) return Promise.resolve();
      gathering ??= gather();
      gathering.reports.set(reportId, [...(gathering.reports.get(reportId) ?? []), entry]);
      return atMost(patienceMs, gathering.kept, later);
    },
    tellAll() {
      return inTurn(async () => {
        try {
          for (const reportId of await untoldReports(store.db)) await tell(reportId);
        } catch (error) {
          failed(error);
        }
      });
    },
    close() {
      closed = true;
      for (const cancel of due.values()) cancel();
      due.clear();
      return last;
    },
  };
}

/** Resolves with `work`, or without it when it takes longer. */
async function atMost(limitMs: number, work: Promise<void>, later: Later): Promise<void> {
  const limit = Promise.withResolvers<void>();
  const cancel = later(limitMs, limit.resolve);
  await Promise.race([work, limit.promise]);
  cancel();
}
