// Owns what runs while the link stands: reading, sending, contents, uploads, reviving, side by side. Ends with the first that fails.
// Knows nothing of connecting, of waiting between tries, or of who is let in.
import { createBell } from './bell.ts';
import type { Bell } from './bell.ts';
import type { Cache, CacheChange } from '../cache/cache.ts';
import { failureOf } from '../failure.ts';
import type { Gateway } from './gateway.ts';
import type { LinkFault } from './link-fault.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { SignedReads } from './signed-reads.ts';
import type { SyncBoard } from './board.ts';
import { fetchContentsUntilFault, pullUntilFault } from './pull.ts';
import type { PullEnd } from './pull.ts';
import { pushUntilFault } from './push.ts';
import type { SyncStep, SyncTiming } from './sync.ts';

export interface ConnectionOptions {
  outbox: Outbox;
  cache: Cache;
  reads: SignedReads;
  board: SyncBoard;
  timing: SyncTiming;
  now(): string;
  step(name: SyncStep): void | Promise<void>;
  /** Rung for something new in the outbox, or for somebody who wants it now. */
  pushBell: Bell;
  onChange(change: CacheChange): void;
  /** Further work that needs the link (uploads), until the signal is aborted. */
  whileConnected(gateway: Gateway, signal: AbortSignal): Promise<LinkFault>;
  /** Resolves when the link is not wanted any more. */
  untilUnwanted(signal: AbortSignal): Promise<void>;
}

/** How a link ended. `again`: it is not wanted any more, or elsewhere. */
export type ConnectionEnd = PullEnd | { kind: 'again' };

export interface Connection {
  serve(gateway: Gateway, outer: AbortSignal): Promise<ConnectionEnd>;
  /** Gives up an open long poll to ask at once. */
  lookNow(): void;
  /** Contents may have become wanted. */
  wake(): void;
  /** How many pages the worker gave. */
  admissions(): number;
  /** How often everything there was has been pulled. */
  caughtUp(): number;
  /** True while no version wants contents. */
  contentsIdle(): boolean;
}

export function createConnection(options: ConnectionOptions): Connection {
  const { outbox, cache, reads, board, timing, now, step, pushBell, onChange } = options;
  const contentsBell = createBell();
  let look = new AbortController();
  let caughtUp = 0;
  let receipts = 0;
  let admissions = 0;
  let contentsIdle = false;

  const pull = (gateway: Gateway, signal: AbortSignal, onAdmitted: () => void): Promise<PullEnd> =>
    pullUntilFault({
      ...{ outbox, cache, gateway, signal, step, contentsBell, reads, onChange, onAdmitted },
      longPollMs: timing.longPollMs,
      onAnswer: board.seen,
      onReceipts(count) {
        receipts += count;
        pushBell.ring();
      },
      onPulling: (pulling) => (pulling === board.activity().pulling ? undefined : board.set({ pulling })),
      onCaughtUp() {
        caughtUp += 1;
        board.tell();
      },
      lookNow: {
        begin() {
          if (look.signal.aborted) look = new AbortController();
          return look.signal;
        },
      },
    });
  const push = (gateway: Gateway, signal: AbortSignal): Promise<LinkFault> =>
    pushUntilFault({
      ...{ outbox, gateway, reads, signal, now, step, timing },
      bell: pushBell,
      receiptsSeen: () => receipts,
      onProgress: (remaining) => (remaining === board.activity().remaining ? board.tell() : board.set({ remaining })),
      onUnknown(message) {
        const { unknownTargets } = board.activity();
        if (message === (unknownTargets?.message ?? null)) return;
        const since = unknownTargets?.since ?? now();
        board.set({ unknownTargets: message === null ? null : { message, since } });
      },
    });
  const fetchContents = (gateway: Gateway, signal: AbortSignal): Promise<LinkFault> =>
    fetchContentsUntilFault({
      ...{ cache, gateway, signal, contentsBell, reads, onChange, onRefused: board.note },
      onIdle(idle) {
        contentsIdle = idle;
        board.tell();
      },
    });

  /** Work that a server began and lost is nobody's to send again: whoever comes first has it taken up. */
  const reviveUnfinished = async (gateway: Gateway, signal: AbortSignal): Promise<LinkFault> => {
    const answer = await gateway.revive(reads.revive({ reportId: null }), signal);
    // Reading finds out when the link is gone; for this alone it is not given up.
    if (!answer.ok && !signal.aborted) board.note(`unfinished work could not be looked for: ${answer.fault.message}`);
    return untilAborted(signal);
  };

  return {
    async serve(gateway, outer) {
      const own = new AbortController();
      const signal = AbortSignal.any([outer, own.signal]);
      contentsIdle = false;
      // Operations of a device that is not let in would be dropped: nothing is sent before the first page came.
      const admitted = Promise.withResolvers<'admitted'>();
      const onceAdmitted = async (work: (signal: AbortSignal) => Promise<LinkFault>): Promise<ConnectionEnd> => {
        const first = await Promise.race([admitted.promise, untilAborted(signal)]);
        return { kind: 'fault', fault: first === 'admitted' ? await work(signal) : first };
      };
      const parts: Promise<ConnectionEnd>[] = [
        pull(gateway, signal, () => {
          admissions += 1;
          board.admitted();
          admitted.resolve('admitted');
        }),
        onceAdmitted((until) => push(gateway, until)),
        onceAdmitted((until) => reviveUnfinished(gateway, until)),
        onceAdmitted((until) => fetchContents(gateway, until)),
        onceAdmitted((until) => options.whileConnected(gateway, until)),
        options.untilUnwanted(signal).then(() => ({ kind: 'again' })),
      ];
      try {
        return await Promise.race(parts.map((part) => part.catch(asLocalFault)));
      } finally {
        own.abort();
        await Promise.allSettled(parts);
        board.set({ remaining: 0, pulling: false, unknownTargets: null });
      }
    },
    lookNow: () => look.abort(),
    wake: contentsBell.ring,
    admissions: () => admissions,
    caughtUp: () => caughtUp,
    contentsIdle: () => contentsIdle,
  };
}

/** For a profile that has nothing more to do while connected. */
export async function untilAborted(signal: AbortSignal): Promise<LinkFault> {
  await createBell().wait(signal);
  return { kind: 'cancelled', message: 'cancelled' };
}

/** A page that could not be written (disk full, file broken) is no fault of the link, but as little goes on. */
function asLocalFault(error: unknown): PullEnd {
  const message = `What came from the server could not be kept on this machine: ${failureOf(error).message}`;
  return { kind: 'fault', fault: { kind: 'failed', message } };
}
