// Owns what is known about the link at a moment, and who is told: state, counts, last answer, a short log for a diagnosis.
// Knows nothing of how the link is made.
import type { SyncState, SyncStatus } from '../../../preload/contract.ts';
import { openDamages } from '../damages.ts';
import { messageOf } from '../failure.ts';
import type { Outbox } from '../outbox/outbox.ts';
import { whyNoServer } from '../server-control.ts';
import type { ServerControl } from '../server-control.ts';
import { stateOf } from './state.ts';
import type { Activity, Obstacle } from './state.ts';

export interface SyncBoardOptions {
  outbox: Outbox;
  server: ServerControl;
  workOffline(): boolean;
  now(): string;
  log(line: string): void;
}

export interface SyncBoard {
  activity(): Activity;
  set(change: Partial<Activity>): void;
  /** Another try begins. */
  connecting(): void;
  /** Something is in the way; it stays the same one over several tries until the server answers. */
  obstructed(obstacle: Obstacle, nextTryAt: string | null): void;
  /** The server answered. */
  seen(): void;
  /** The worker lets this device in: nothing is in the way any more. */
  admitted(): void;
  /** Keeps the time of the last answer over a restart. */
  store(): void;
  status(): SyncStatus;
  note(line: string): void;
  /** The last notes, oldest first. */
  notes(): string[];
  /** Tells that something of the status changed. */
  tell(): void;
  onStatus(listener: () => void): () => void;
}

const notesKept = 50;

/** The outbox's setting that says when the server answered last; a profile that ever pulled has it. */
export const lastSeenSetting = 'last-seen-at';

export function createSyncBoard(options: SyncBoardOptions): SyncBoard {
  const { outbox, server, workOffline, now } = options;
  const listeners = new Set<() => void>();
  const recent: string[] = [];
  let activity: Activity = {
    phase: { kind: 'connecting', since: now() },
    attempts: 0,
    remaining: 0,
    pulling: false,
    unknownTargets: null,
  };
  let standing: { name: string; since: string } | null = null;
  let lastSeenAt = readLastSeen(outbox);
  let storedAt = -Infinity;

  const board: SyncBoard = {
    activity: () => activity,
    set(change) {
      const before = stateOf(activity).kind;
      activity = { ...activity, ...change };
      if (stateOf(activity).kind !== before) board.note(`state ${stateOf(activity).kind}`);
      board.tell();
    },
    connecting() {
      board.set({
        phase: { kind: 'connecting', since: standing?.since ?? now() },
        attempts: activity.attempts + 1,
      });
    },
    obstructed(obstacle, nextTryAt) {
      const name = `${obstacle.kind} (${obstacle.reason})`;
      if (standing?.name !== name) standing = { name, since: now() };
      board.note(`${name}: ${obstacle.message}`);
      const phase = { kind: 'obstacle' as const, obstacle, since: standing.since, nextTryAt };
      board.set({ phase, remaining: 0, pulling: false, unknownTargets: null });
    },
    seen() {
      lastSeenAt = now();
      // Each store is an fsync: once a minute is enough for a sentence on the screen.
      if (performance.now() - storedAt > 60_000) board.store();
    },
    admitted() {
      standing = null;
      if (activity.phase.kind !== 'connected' || activity.attempts > 0) {
        board.set({ phase: { kind: 'connected' }, attempts: 0 });
      }
    },
    store() {
      storedAt = performance.now();
      if (lastSeenAt === null) return;
      try {
        outbox.setSetting(lastSeenSetting, lastSeenAt);
      } catch (error) {
        // A full disk must not keep a laptop from closing or from pulling: only a sentence on the screen would be older.
        board.note(`the time of the last answer was not kept: ${messageOf(error)}`);
      }
    },
    status: () => ({
      state: withServerWords(stateOf(activity), server),
      server: server.state(),
      counts: outbox.counts(now()),
      lastSeenAt,
      allDeliveredAt: outbox.allDeliveredAt(),
      workOffline: workOffline(),
      damages: openDamages(outbox),
    }),
    note(line) {
      if (isRepetition(recent, line)) return;
      recent.push(`${now()} ${line}`);
      if (recent.length > notesKept) recent.shift();
      options.log(`sync: ${line}`);
    },
    notes: () => [...recent],
    tell() {
      for (const listener of listeners) listener();
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return board;
}

/** A try every minute for a day would push everything else out of sight. */
function isRepetition(recent: readonly string[], line: string): boolean {
  const among = /connecting|offline/.test(line) ? 3 : 1;
  return recent.slice(-among).some((before) => before.endsWith(line));
}

/** While a server is being made its words change and the state does not: they are taken when somebody looks. */
function withServerWords(state: SyncState, server: ServerControl): SyncState {
  if (state.kind !== 'offline' || state.reason !== 'not-prepared') return state;
  return { ...state, message: whyNoServer(server.state()) || state.message };
}

function readLastSeen(outbox: Outbox): string | null {
  const stored = outbox.setting(lastSeenSetting);
  return typeof stored === 'string' ? stored : null;
}

/** The state in a few words, for logs and terminals. */
export function describeState(state: SyncState): string {
  return 'message' in state ? `${state.kind}: ${state.message}` : state.kind;
}
