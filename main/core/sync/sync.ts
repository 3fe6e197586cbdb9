// Owns the sync of one profile from outside: start, stop, wake, wait until delivered. Can be ended at any point: everything
// that matters is in the two files. The course of the link is in sync-loop.ts, what runs while connected in sync-connection.ts.
import type { SyncStatus } from '../../../preload/contract.ts';
import { createBell } from './bell.ts';
import type { Cache, CacheChange } from '../cache/cache.ts';
import { failureOf } from '../failure.ts';
import type { GatewayPool } from './gateway-pool.ts';
import type { Gateway } from './gateway.ts';
import type { LinkFault } from './link-fault.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { ServerControl } from '../server-control.ts';
import type { SignedReads } from './signed-reads.ts';
import { createSyncBoard } from './board.ts';
import { createConnection, untilAborted } from './connection.ts';
import { runLoop } from './loop.ts';
import type { PushTiming } from './push.ts';
import type { RetryTiming } from './state.ts';
import { createWaiting } from './waiting.ts';

/** Points at which a test may end the process. */
export const syncSteps = [
  'before-send',
  'after-ack',
  'before-mark',
  'before-receipts',
  'between-receipts-and-cursor',
  'after-cursor',
] as const;
export type SyncStep = (typeof syncSteps)[number];

export interface SyncTiming extends PushTiming, RetryTiming {
  longPollMs: number;
  /** How long one wait for a device's approval lasts. */
  approvalPollMs: number;
}

export const usualTiming: SyncTiming = {
  firstDelayMs: 500,
  maxDelayMs: 60_000,
  resendAfterMs: 30_000,
  resendAtMostMs: 600_000,
  unknownFirstMs: 100,
  unknownAtMostMs: 30_000,
  longPollMs: 25_000,
  approvalPollMs: 50_000,
};

export interface SyncOptions {
  outbox: Outbox;
  cache: Cache;
  reads: SignedReads;
  server: ServerControl;
  gateways: GatewayPool;
  /** True while the person chose to stay offline. Call `wake` after it changed. */
  workOffline(): boolean;
  now(): string;
  log(line: string): void;
  timing?: Partial<SyncTiming> | undefined;
  /** Called at named points, so that tests can end the process there. */
  step?: ((name: SyncStep) => void | Promise<void>) | undefined;
  /** Work that needs the link besides operations (uploads): runs while connected until the signal is aborted. */
  whileConnected?: ((gateway: Gateway, signal: AbortSignal) => Promise<LinkFault>) | undefined;
  /** True while that work is not done. */
  otherWork?: (() => boolean) | undefined;
}

export interface Sync {
  status(): SyncStatus;
  /** Starts the loop; harmless when it runs. */
  start(): void;
  /** Ends the loop and what is under way, within moments. It can be started again. */
  stop(): Promise<void>;
  /** Looks again: something was queued, the switch was moved. Does not shorten a back-off unless `tryNow`. */
  wake(tryNow?: boolean): void;
  /**
   * Tries at once; resolves when everything was delivered and pulled, when that is not possible now, after `waitMs`, or
   * when the signal is aborted.
   */
  untilDelivered(waitMs: number, signal?: AbortSignal): Promise<SyncStatus>;
  /** True while somebody waits in `untilDelivered`. */
  awaited(): boolean;
  onStatus(listener: () => void): () => void;
  onChange(listener: (change: CacheChange) => void): () => void;
  /** Facts for a diagnosis, without contents. */
  diagnostics(): string[];
}

export function createSync(options: SyncOptions): Sync {
  const { outbox, server, workOffline, now, log } = options;
  const timing = { ...usualTiming, ...options.timing };
  const [bell, pushBell] = [createBell(), createBell()];
  const changeListeners = new Set<(change: CacheChange) => void>();
  const board = createSyncBoard({ outbox, server, workOffline, now, log });
  const waiting = createWaiting({ server, board, bell, workOffline, now });
  const connection = createConnection({
    ...{ outbox, cache: options.cache, reads: options.reads, board, timing, now, pushBell },
    step: options.step ?? (() => undefined),
    onChange(change) {
      if (change.reportIds.length + change.versionIds.length === 0 && !change.directory) return;
      for (const listener of changeListeners) listener(change);
    },
    whileConnected: options.whileConnected ?? ((_gateway, signal) => untilAborted(signal)),
    untilUnwanted: waiting.untilElsewhere,
  });
  const loop = (signal: AbortSignal): Promise<void> =>
    runLoop(
      {
        ...{ server, board, waiting, connection, timing, workOffline, now },
        gateways: options.gateways,
        reads: options.reads,
      },
      signal,
    );
  let running: AbortController | null = null;
  let ended: Promise<void> = Promise.resolve();
  let waiters = 0;

  server.subscribe(() => {
    bell.ring();
    board.tell();
  });
  outbox.onChange(() => {
    pushBell.ring();
    board.tell();
  });

  const sync: Sync = {
    status: board.status,
    start() {
      if (running) return;
      const stop = new AbortController();
      running = stop;
      // The loop before may still be ending: two at once would send everything twice.
      ended = ended.then(() => keepRunning(loop, stop.signal, board.note));
    },
    async stop() {
      if (!running) return ended;
      running.abort();
      running = null;
      await ended;
      board.store();
    },
    wake(tryNow = false) {
      if (tryNow) waiting.hurry();
      bell.ring();
      pushBell.ring();
      connection.wake();
    },
    async untilDelivered(waitMs, signal) {
      sync.start();
      const asked = { settled: waiting.settled(), caughtUp: connection.caughtUp() };
      connection.lookNow();
      sync.wake(true);
      const done = (): boolean => {
        const { kind } = board.status().state;
        if (kind === 'offline' || kind === 'blocked') return waiting.isAnswer(asked.settled);
        const rest = outbox.queuedOperations() + outbox.sentOperations();
        return (
          connection.caughtUp() > asked.caughtUp && rest === 0 && connection.contentsIdle() && !options.otherWork?.()
        );
      };
      waiters += 1;
      try {
        await until(done, board.onStatus, waitMs, signal);
        return board.status();
      } finally {
        waiters -= 1;
        board.tell();
      }
    },
    awaited: () => waiters > 0,
    onStatus: board.onStatus,
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    diagnostics: board.notes,
  };
  return sync;
}

/** Keeps the loop alive: an error of its own program is said in the log and tried again, never swallowed. */
async function keepRunning(
  loop: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await loop(signal);
    } catch (error) {
      note(`stopped unexpectedly: ${failureOf(error).details ?? failureOf(error).message}`);
      await createBell().wait(signal, 5_000);
    }
  }
}

async function until(
  done: () => boolean,
  subscribe: (listener: () => void) => () => void,
  waitMs: number,
  signal?: AbortSignal,
): Promise<void> {
  const bell = createBell();
  const unsubscribe = subscribe(() => bell.ring());
  const limit = AbortSignal.any([AbortSignal.timeout(waitMs), ...(signal ? [signal] : [])]);
  try {
    while (!limit.aborted && !done()) await bell.wait(limit);
  } finally {
    unsubscribe();
  }
}
