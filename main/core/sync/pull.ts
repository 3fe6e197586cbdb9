// Owns reading the feed: pages, their receipts, their cursors, the long poll, and the contents that pages make wanted.
// Knows nothing of sending and of connecting. A receipt commits in the outbox before its cursor commits in the cache (decision 8).
import type { PullAnswer } from '../../../domain/change.ts';
import { receiptsIn } from '../cache/cache.ts';
import type { Bell } from './bell.ts';
import type { Cache, CacheChange, PullPage } from '../cache/cache.ts';
import type { Gateway } from './gateway.ts';
import type { Answered, LinkFault } from './link-fault.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { SignedReads } from './signed-reads.ts';
import type { SyncStep } from './sync.ts';
import type { Refusal } from './state.ts';

export interface PullOptions {
  outbox: Outbox;
  cache: Cache;
  gateway: Gateway;
  reads: SignedReads;
  signal: AbortSignal;
  /** How long the server may wait for news, milliseconds. */
  longPollMs: number;
  step(name: SyncStep): void | Promise<void>;
  /** The server answered. */
  onAnswer(): void;
  /** The worker lets this device read, so it takes its operations too. */
  onAdmitted(): void;
  onReceipts(count: number): void;
  onChange(change: CacheChange): void;
  /** True while pages come, false while a long poll is open. */
  onPulling(pulling: boolean): void;
  /** Everything there was at the time of the call was pulled. */
  onCaughtUp(): void;
  /** Rung when contents may have become wanted. */
  contentsBell: Bell;
  /** Asks to look now: an open long poll is given up for it. */
  lookNow: { begin(): AbortSignal };
}

export type PullEnd = { kind: 'fault'; fault: LinkFault } | { kind: 'refused'; refusal: Refusal };

/** Pulls until the signal is aborted, the link fails or the worker refuses. */
export async function pullUntilFault(options: PullOptions): Promise<PullEnd> {
  const { cache, signal } = options;
  let cursors = cache.cursors();
  let waitMs = 0;
  let pending: Promise<Answered<PullAnswer>> | null = null;
  while (!signal.aborted) {
    options.onPulling(waitMs === 0);
    const look = options.lookNow.begin();
    const answer: Answered<PullAnswer> = await (pending ??
      pullOnce(options, cursors, waitMs, waitMs > 0 ? AbortSignal.any([signal, look]) : signal));
    pending = null;
    if (signal.aborted) break;
    if (!answer.ok && look.aborted && answer.fault.kind === 'cancelled') {
      waitMs = 0;
      continue;
    }
    if (!answer.ok) return { kind: 'fault', fault: answer.fault };
    options.onAnswer();
    if (answer.value.kind === 'refused') return { kind: 'refused', refusal: answer.value };
    options.onAdmitted();
    const page = answer.value;
    cursors = { ...cursors, ...Object.fromEntries(page.feeds.map(({ feed, cursor }) => [feed, cursor])) };
    // The next page is on its way while this one is written.
    if (page.more) pending = pullOnce(options, cursors, 0, signal);
    await applyPage(options, page);
    cursors = { ...cursors, ...cache.cursors() };
    forgetGone(cursors, page);
    if (!page.more && waitMs === 0) options.onCaughtUp();
    waitMs = page.more ? 0 : options.longPollMs;
  }
  return { kind: 'fault', fault: { kind: 'cancelled', message: 'cancelled' } };
}

/** A report that is not this person's any more starts at 0 should it come back. */
function forgetGone(cursors: Record<string, number>, page: PullPage): void {
  const kept = new Set(page.reportIds.map((reportId) => `report:${reportId}`));
  for (const feed of Object.keys(cursors)) if (feed.startsWith('report:') && !kept.has(feed)) delete cursors[feed];
}

function pullOnce(
  options: PullOptions,
  cursors: Record<string, number>,
  waitMs: number,
  signal: AbortSignal,
): Promise<Answered<PullAnswer>> {
  return options.gateway.pull(options.reads.pull({ cursors, waitMs }), signal);
}

async function applyPage(options: PullOptions, page: PullPage): Promise<void> {
  const receipts = receiptsIn(page);
  await options.step('before-receipts');
  const settled = options.outbox.applyReceipts(receipts);
  await options.step('between-receipts-and-cursor');
  const change = options.cache.applyPage(page);
  await options.step('after-cursor');
  if (receipts.length > 0) options.onReceipts(receipts.length);
  options.onChange({
    reportIds: [...new Set([...change.reportIds, ...settled.reportIds])],
    versionIds: [...new Set([...change.versionIds, ...settled.versionIds])],
    directory: change.directory,
  });
  options.contentsBell.ring();
}

/** What fetching contents is given. */
export type ContentsOptions = Pick<
  PullOptions,
  'cache' | 'gateway' | 'reads' | 'signal' | 'contentsBell' | 'onChange'
> & {
  onRefused(message: string): void;
  onIdle(idle: boolean): void;
};

/** Brings the items of versions that are wanted and not here, a page at a time, until the signal is aborted or the link fails. */
export async function fetchContentsUntilFault(options: ContentsOptions): Promise<LinkFault> {
  const { cache, gateway, reads, signal } = options;
  // Refused once in this connection: asking again would only be refused again.
  const refused = new Set<string>();
  while (!signal.aborted) {
    const wanted = cache.wantedContents().find((entry) => !refused.has(entry.versionId));
    options.onIdle(wanted === undefined);
    if (!wanted) {
      await options.contentsBell.wait(signal);
      continue;
    }
    const { versionId, fromPosition, haveVersionIds } = wanted;
    const answer = await gateway.contents(reads.contents({ versionId, fromPosition, haveVersionIds }), signal);
    if (signal.aborted) break;
    if (!answer.ok) return answer.fault;
    if (answer.value.kind === 'refused') {
      refused.add(versionId);
      options.onRefused(`the contents of ${versionId} were refused: ${answer.value.message}`);
      continue;
    }
    if (answer.value.items.length === 0) refused.add(versionId);
    cache.storeContents(answer.value);
    options.onChange({ reportIds: [wanted.reportId], versionIds: [versionId], directory: false });
  }
  return { kind: 'cancelled', message: 'cancelled' };
}
