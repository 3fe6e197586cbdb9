// Owns reading a page of changes for a laptop, and waiting until there is something to tell. Knows no table: the store reads.
import { directoryFeed, reportFeed } from '../../domain/change.ts';
import type { PullAnswer } from '../../domain/change.ts';
import type { SignedPull } from '../../domain/change.ts';
import { readChanges } from '../store/feeds.ts';
import type { ActivityDeps } from './create-activities.ts';

/** Commits of this process wake the wait at once; this finds what another worker wrote, and reports that are new to a person. */
const lookEveryMs = 2_000;

/** The page there is now, and how long the caller may wait for a fuller one: 0 when this one tells something. */
export async function readPage(
  deps: ActivityDeps,
  signedPull: SignedPull,
): Promise<{ answer: PullAnswer; waitMs: number }> {
  const answer = await readChanges(deps.store, signedPull, deps.clock);
  return { answer, waitMs: tells(answer, signedPull) ? 0 : signedPull.request.waitMs };
}

/** True when the laptop should have this now: rows, a refusal, or a report that it has and may not have any more. */
function tells(answer: PullAnswer, { request }: SignedPull): boolean {
  if (answer.kind === 'refused' || answer.more || answer.feeds.some((feed) => feed.rows.length > 0)) return true;
  const readable = new Set([directoryFeed, ...answer.reportIds.map(reportFeed)]);
  return Object.keys(request.cursors).some((feed) => !readable.has(feed));
}

/** Waits for a page that tells something, at most as long as the request says; then the empty one is the answer. */
export async function awaitPage(
  deps: ActivityDeps,
  signedPull: SignedPull,
  empty: PullAnswer,
  signal: AbortSignal,
  lookMs = lookEveryMs,
): Promise<PullAnswer> {
  const endsAtMs = Date.now() + signedPull.request.waitMs;
  const feeds = new Set<string>(
    empty.kind === 'page' ? [directoryFeed, ...empty.reportIds.map(reportFeed)] : [directoryFeed],
  );
  const bell = commitBell(deps, feeds, signal);
  try {
    for (;;) {
      // The bell is cleared before the read, so a commit during the read rings it again.
      bell.clear();
      const { answer, waitMs } = await readPage(deps, signedPull);
      const leftMs = endsAtMs - Date.now();
      if (waitMs === 0 || leftMs <= 0 || signal.aborted) return answer;
      await bell.rung(Math.min(leftMs, lookMs));
    }
  } finally {
    bell.close();
  }
}

interface Bell {
  clear(): void;
  /** Resolves when it rang since `clear`, at once if it did already, or after the time. */
  rung(limitMs: number): Promise<void>;
  close(): void;
}

/** Rings for each commit that touches one of the feeds, and when the wait is to end. */
function commitBell(deps: ActivityDeps, feeds: ReadonlySet<string>, signal: AbortSignal): Bell {
  let ringing = Promise.withResolvers<void>();
  const ring = (): void => ringing.resolve();
  const stop = deps.store.onCommit((touched) => {
    if (touched.some((feed) => feeds.has(feed))) ring();
  });
  signal.addEventListener('abort', ring);
  return {
    clear() {
      if (!signal.aborted) ringing = Promise.withResolvers<void>();
    },
    async rung(limitMs) {
      const timer = setTimeout(ring, limitMs);
      await ringing.promise;
      clearTimeout(timer);
    },
    close() {
      stop();
      signal.removeEventListener('abort', ring);
    },
  };
}
