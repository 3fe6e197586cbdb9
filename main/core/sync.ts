// Owns the sync of one profile: when to connect, what runs while connected, when to try again, and what the state is called.
// Sending is in sync-push.ts, reading in sync-pull.ts. Can be ended at any point: everything that matters is in the two files.
import type { SyncState, SyncStatus } from '../../preload/contract.ts';
import { createBell } from './bell.ts';
import type { Cache, CacheChange } from './cache.ts';
import { failureOf } from './failure.ts';
import type { GatewayPool } from './gateway-pool.ts';
import type { Gateway } from './gateway.ts';
import type { LinkFault } from './link-fault.ts';
import type { Outbox } from './outbox.ts';
import { targetOfServer, whyNoServer } from './server-control.ts';
import type { ServerControl } from './server-control.ts';
import type { SignedReads } from './signed-reads.ts';
import { fetchContentsUntilFault, pullUntilFault } from './sync-pull.ts';
import type { PullEnd } from './sync-pull.ts';
import { pushUntilFault } from './sync-push.ts';
import type { PushTiming } from './sync-push.ts';
import { obstacleOf, obstacleOfRefusal, retryDelayMs, stateOf } from './sync-state.ts';
import type { Activity, Obstacle, RetryTiming } from './sync-state.ts';

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
  const timing = { ...usualTiming, ...options.timing };
  const { outbox, cache, server, gateways, now } = options;
  const step = options.step ?? (() => undefined);
  const [bell, pushBell, contentsBell] = [createBell(), createBell(), createBell()];
  const statusListeners = new Set<() => void>();
  const changeListeners = new Set<(change: CacheChange) => void>();
  const recent: string[] = [];

  let activity: Activity = {
    phase: { kind: 'connecting', since: now() },
    attempts: 0,
    remaining: 0,
    pulling: false,
    unknownTargets: null,
  };
  let running: { stop: AbortController; done: Promise<void> } | null = null;
  let tries = { settled: 0, caughtUp: 0 };
  let receiptsSeen = 0;
  let contentsIdle = false;
  let lookNow = new AbortController();
  const urgent = { tryNow: false };
  let waiters = 0;
  let ended: Promise<void> = Promise.resolve();
  let lastSeenAt = readLastSeen(outbox);
  let lastSeenStored = 0;

  const tell = (): void => {
    for (const listener of statusListeners) listener();
  };
  const note = (line: string): void => {
    // A try every minute for a day would push everything else out of sight.
    if (
      recent.at(-1)?.endsWith(line) ||
      (/connecting|offline/.test(line) && recent.slice(-3).some((before) => before.endsWith(line)))
    )
      return;
    recent.push(`${now()} ${line}`);
    if (recent.length > 50) recent.shift();
    options.log(`sync: ${line}`);
  };
  const set = (change: Partial<Activity>): void => {
    const before = stateOf(activity).kind;
    activity = { ...activity, ...change };
    if (stateOf(activity).kind !== before) note(`state ${stateOf(activity).kind}`);
    tell();
  };
  const seen = (): void => {
    lastSeenAt = now();
    // Each store is an fsync: once a minute is enough for a sentence on the screen.
    if (performance.now() - lastSeenStored > 60_000 || lastSeenStored === 0) storeLastSeen();
    if (activity.phase.kind !== 'connected' || activity.attempts > 0)
      set({ phase: { kind: 'connected' }, attempts: 0 });
  };
  const storeLastSeen = (): void => {
    lastSeenStored = performance.now();
    if (lastSeenAt !== null) outbox.setSetting('last-seen-at', lastSeenAt);
  };
  const changed = (change: CacheChange): void => {
    if (change.reportIds.length + change.versionIds.length === 0 && !change.directory) return;
    for (const listener of changeListeners) listener(change);
  };

  /** Says what is in the way and waits: for a ring at most so long, or only for a ring. */
  const waitBehind = async (obstacle: Obstacle, signal: AbortSignal, delayMs?: number): Promise<void> => {
    const phase = activity.phase;
    const same =
      phase.kind === 'obstacle' && phase.obstacle.kind === obstacle.kind && phase.obstacle.reason === obstacle.reason;
    const nextTryAt = delayMs === undefined ? null : new Date(Date.parse(now()) + delayMs).toISOString();
    note(`${obstacle.kind} (${obstacle.reason}): ${obstacle.message}`);
    set({
      phase: { kind: 'obstacle', obstacle, since: same ? phase.since : now(), nextTryAt },
      remaining: 0,
      pulling: false,
      unknownTargets: null,
    });
    tries.settled += 1;
    tell();
    const endsAt = performance.now() + (delayMs ?? Infinity);
    const wasOffline = options.workOffline();
    const server0 = JSON.stringify(targetOfServer(server.state()));
    // A ring for something new in the outbox does not shorten a back-off; a person's "now" and a server that came do.
    while (!signal.aborted && !urgent.tryNow && performance.now() < endsAt) {
      const leftMs = endsAt - performance.now();
      await bell.wait(signal, Number.isFinite(leftMs) ? Math.max(1, leftMs) : undefined);
      if (options.workOffline() !== wasOffline || JSON.stringify(targetOfServer(server.state())) !== server0) break;
    }
    urgent.tryNow = false;
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    let failures = 0;
    while (!signal.aborted) {
      if (options.workOffline()) {
        failures = 0;
        await waitBehind({ kind: 'offline', reason: 'chosen', message: 'You chose to work offline.' }, signal);
        continue;
      }
      const target = targetOfServer(server.state());
      if (!target) {
        failures = 0;
        await waitBehind({ kind: 'offline', reason: 'not-prepared', message: whyNoServer(server.state()) }, signal);
        continue;
      }
      if (activity.phase.kind !== 'obstacle') set({ phase: { kind: 'connecting', since: now() } });
      else set({ phase: { kind: 'connecting', since: activity.phase.since } });
      set({ attempts: activity.attempts + 1 });
      const connected = await gateways.get(target, signal);
      if (signal.aborted) break;
      const wasSeen = lastSeenAt;
      const end = connected.ok
        ? await serve(connected.value, signal)
        : { kind: 'fault' as const, fault: connected.fault };
      if (signal.aborted) break;
      failures = lastSeenAt === wasSeen ? failures + 1 : 1;
      await afterEnd(end, connected.ok ? connected.value : null, failures, signal);
    }
  };

  /** What to do after a connection ended: enrol, say what is in the way, wait. */
  const afterEnd = async (
    end: PullEnd | { kind: 'again' },
    gateway: Gateway | null,
    failures: number,
    signal: AbortSignal,
  ): Promise<void> => {
    if (end.kind === 'again') return;
    const delayMs = retryDelayMs(failures, timing, Math.random());
    if (end.kind === 'fault') {
      if (gateway && end.fault.kind !== 'no-worker') gateways.discard(gateway);
      await waitBehind(obstacleOf(end.fault), signal, delayMs);
      return;
    }
    const { refusal } = end;
    if (refusal.code === 'unknown-device' && gateway) {
      await enrol(gateway, failures, signal);
      return;
    }
    const obstacle = obstacleOfRefusal(refusal);
    if (!obstacle) {
      if (failures > 3)
        await waitBehind({ kind: 'offline', reason: 'unreachable', message: refusal.message }, signal, delayMs);
      return;
    }
    if (refusal.code === 'device-waiting' && gateway) {
      await waitForApproval(gateway, obstacle, signal);
      return;
    }
    await waitBehind(obstacle, signal, Math.max(5_000, delayMs));
  };

  const enrol = async (gateway: Gateway, failures: number, signal: AbortSignal): Promise<void> => {
    note('this device is not enrolled: asking for it');
    const answer = await gateway.enrol(options.reads.enrolment(now()), 3_000, signal);
    if (signal.aborted) return;
    if (!answer.ok) {
      await waitBehind(obstacleOf(answer.fault), signal, retryDelayMs(failures, timing, Math.random()));
    } else if (answer.value.status === 'refused') {
      await waitBehind(
        { kind: 'blocked', reason: 'unknown-person', message: answer.value.message },
        signal,
        Math.max(5_000, retryDelayMs(failures, timing, Math.random())),
      );
    } else if (failures > 5) {
      // Enrolled, they say, and still unknown when it pulls.
      await waitBehind(
        {
          kind: 'blocked',
          reason: 'incompatible',
          message: 'The server enrols this device and then does not know it.',
        },
        signal,
        retryDelayMs(failures, timing, Math.random()),
      );
    }
  };

  /** Stays with the enrolment, so that the approval is noticed at once and not at the next try. */
  const waitForApproval = async (gateway: Gateway, obstacle: Obstacle, signal: AbortSignal): Promise<void> => {
    const given = new AbortController();
    const both = AbortSignal.any([signal, given.signal]);
    const decided = gateway.enrol(options.reads.enrolment(now()), timing.approvalPollMs, both);
    const waiting = waitBehind(obstacle, both, timing.approvalPollMs);
    await Promise.race([decided, waiting]);
    const early = await Promise.race([decided, Promise.resolve(null)]);
    if (early && !early.ok) await waiting;
    given.abort();
    await Promise.allSettled([decided, waiting]);
  };

  /** Everything that runs while connected. Ends with the first thing that fails; the rest is ended with it. */
  const serve = async (gateway: Gateway, outer: AbortSignal): Promise<PullEnd | { kind: 'again' }> => {
    const own = new AbortController();
    const signal = AbortSignal.any([outer, own.signal]);
    contentsIdle = false;
    // Operations of a device that is not let in would be dropped: nothing is sent before the first page came.
    const admitted = Promise.withResolvers<'admitted'>();
    const onceAdmitted = async (work: () => Promise<LinkFault>): Promise<PullEnd> => {
      const first = await Promise.race([admitted.promise, untilAborted(signal)]);
      return { kind: 'fault', fault: first === 'admitted' ? await work() : first };
    };
    const push = (): Promise<LinkFault> =>
      pushUntilFault({
        ...{ outbox, gateway, signal, now, step, timing, onProgress, onUnknown },
        bell: pushBell,
        receiptsSeen: () => receiptsSeen,
      });
    const parts: Promise<PullEnd | { kind: 'again' }>[] = [
      pull(gateway, signal, () => admitted.resolve('admitted')),
      onceAdmitted(push),
      onceAdmitted(() => fetchContents(gateway, signal)),
      onceAdmitted(() => options.whileConnected?.(gateway, signal) ?? untilAborted(signal)),
      untilUnwanted(signal),
    ];
    try {
      return await Promise.race(parts.map((part) => part.catch(asLocalFault)));
    } finally {
      own.abort();
      await Promise.allSettled(parts);
      set({ remaining: 0, pulling: false, unknownTargets: null });
    }
  };

  const onProgress = (remaining: number): void => {
    if (remaining !== activity.remaining) set({ remaining });
    else tell();
  };
  const onUnknown = (message: string | null): void => {
    if (message === (activity.unknownTargets?.message ?? null)) return;
    set({ unknownTargets: message === null ? null : { message, since: activity.unknownTargets?.since ?? now() } });
  };
  const pull = (gateway: Gateway, signal: AbortSignal, onAdmitted: () => void): Promise<PullEnd> =>
    pullUntilFault({
      onAdmitted,
      ...{ outbox, cache, gateway, signal, step, contentsBell, reads: options.reads },
      longPollMs: timing.longPollMs,
      onAnswer: seen,
      onReceipts(count) {
        receiptsSeen += count;
        pushBell.ring();
      },
      onChange: changed,
      onPulling: (pulling) => (pulling === activity.pulling ? undefined : set({ pulling })),
      onCaughtUp() {
        tries.caughtUp += 1;
        tell();
      },
      lookNow: {
        begin() {
          if (lookNow.signal.aborted) lookNow = new AbortController();
          return lookNow.signal;
        },
      },
    });
  const fetchContents = (gateway: Gateway, signal: AbortSignal): Promise<LinkFault> =>
    fetchContentsUntilFault({
      ...{ cache, gateway, signal, contentsBell, reads: options.reads, onChange: changed, onRefused: note },
      onIdle(idle) {
        contentsIdle = idle;
        tell();
      },
    });
  /** Ends a connection when the person goes offline or the server goes away or elsewhere. */
  const untilUnwanted = async (signal: AbortSignal): Promise<{ kind: 'again' }> => {
    const address = JSON.stringify(targetOfServer(server.state()));
    while (!signal.aborted && !options.workOffline() && JSON.stringify(targetOfServer(server.state())) === address)
      await bell.wait(signal);
    return { kind: 'again' };
  };

  server.subscribe(() => {
    bell.ring();
    tell();
  });
  outbox.onChange(() => {
    pushBell.ring();
    tell();
  });

  const sync: Sync = {
    status: () => ({
      state: withServerWords(stateOf(activity), server),
      server: server.state(),
      counts: outbox.counts(now()),
      lastSeenAt,
      allDeliveredAt: outbox.allDeliveredAt(),
      workOffline: options.workOffline(),
    }),
    start() {
      if (running) return;
      const stop = new AbortController();
      // The loop before may still be ending: two at once would send everything twice.
      running = { stop, done: ended.then(() => keepRunning(run, stop.signal, note)) };
      ended = running.done;
    },
    async stop() {
      const ending = running;
      running = null;
      ending?.stop.abort();
      await ending?.done;
      if (lastSeenAt !== null) storeLastSeen();
    },
    wake(now = false) {
      if (now) urgent.tryNow = true;
      bell.ring();
      pushBell.ring();
      contentsBell.ring();
    },
    async untilDelivered(waitMs, signal) {
      sync.start();
      const asked = { ...tries };
      lookNow.abort();
      sync.wake(true);
      const done = (): boolean => {
        const { kind } = stateOf(activity);
        if (kind === 'offline' || kind === 'blocked') {
          // A server that is being made, or was made a moment ago, is worth waiting for; anything else in the way is the answer.
          const isComing =
            serverTalks(server) ||
            (obstacleReason(activity) === 'not-prepared' && targetOfServer(server.state()) !== null);
          if (isComing && !options.workOffline()) return false;
          return activity.phase.kind !== 'obstacle' || tries.settled > asked.settled;
        }
        const rest = outbox.queuedOperations() + outbox.sentOperations();
        return tries.caughtUp > asked.caughtUp && rest === 0 && contentsIdle && !options.otherWork?.();
      };
      waiters += 1;
      try {
        await until(done, sync.onStatus, waitMs, signal);
        return sync.status();
      } finally {
        waiters -= 1;
        tell();
      }
    },
    awaited: () => waiters > 0,
    onStatus(listener) {
      statusListeners.add(listener);
      return () => statusListeners.delete(listener);
    },
    onChange(listener) {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    diagnostics: () => [...recent],
  };
  return sync;
}

function obstacleReason({ phase }: Activity): Obstacle['reason'] | null {
  return phase.kind === 'obstacle' ? phase.obstacle.reason : null;
}

/** Keeps the loop alive: an error of its own program is said in the log and tried again, never swallowed. */
async function keepRunning(
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await run(signal);
    } catch (error) {
      note(`stopped unexpectedly: ${failureOf(error).details ?? failureOf(error).message}`);
      await createBell().wait(signal, 5_000);
    }
  }
}

/** A page that could not be written (disk full, file broken) is no fault of the link, but as little goes on. */
function asLocalFault(error: unknown): PullEnd {
  return {
    kind: 'fault',
    fault: {
      kind: 'failed',
      message: `What came from the server could not be kept on this machine: ${failureOf(error).message}`,
    },
  };
}

/** While a server is being made its words change and the state does not: they are taken when somebody looks. */
function withServerWords(state: SyncState, server: ServerControl): SyncState {
  if (state.kind !== 'offline' || state.reason !== 'not-prepared') return state;
  return { ...state, message: whyNoServer(server.state()) || state.message };
}

/** True while a server is on its way. */
function serverTalks(server: ServerControl): boolean {
  return ['preparing', 'starting', 'restarting'].includes(server.state().kind);
}

async function untilAborted(signal: AbortSignal): Promise<LinkFault> {
  await createBell().wait(signal);
  return { kind: 'cancelled', message: 'cancelled' };
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

function readLastSeen(outbox: Outbox): string | null {
  const stored = outbox.setting('last-seen-at');
  return typeof stored === 'string' ? stored : null;
}

/** The state in a few words, for logs and terminals. */
export function describeState(state: SyncState): string {
  return 'message' in state ? `${state.kind}: ${state.message}` : state.kind;
}
