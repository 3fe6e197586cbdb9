// Owns waiting for what is in the way of the link, and noticing that it is gone. Knows nothing of how the link is made.
import type { Bell } from './bell.ts';
import { targetOfServer } from '../server-control.ts';
import type { ServerControl } from '../server-control.ts';
import type { SyncBoard } from './board.ts';
import type { Obstacle } from './state.ts';

export interface WaitingOptions {
  server: ServerControl;
  board: SyncBoard;
  /** Rung when the server or the person's switch may have changed. */
  bell: Bell;
  workOffline(): boolean;
  now(): string;
}

export interface Waiting {
  /** Says what is in the way and waits: at most so long, or until something about it changes. */
  behind(obstacle: Obstacle, signal: AbortSignal, delayMs?: number): Promise<void>;
  /** Resolves when the person goes offline, or the server goes away or elsewhere. */
  untilElsewhere(signal: AbortSignal): Promise<void>;
  /** Ends a back-off that runs. */
  hurry(): void;
  /** How often something was found in the way. */
  settled(): number;
  /** True when what is in the way was found after that, and is not about to go by itself. */
  isAnswer(settledBefore: number): boolean;
}

export function createWaiting({ server, board, bell, workOffline, now }: WaitingOptions): Waiting {
  const surroundings = (): string => JSON.stringify([workOffline(), targetOfServer(server.state())]);
  const urgent = { now: false };
  let settled = 0;
  return {
    async behind(obstacle, signal, delayMs = Infinity) {
      const endsAt = performance.now() + delayMs;
      const before = surroundings();
      settled += 1;
      board.obstructed(obstacle, delayMs === Infinity ? null : new Date(Date.parse(now()) + delayMs).toISOString());
      // A ring for something new in the outbox does not shorten a back-off; a person's "now" and a server that came do.
      while (!signal.aborted && !urgent.now && performance.now() < endsAt && surroundings() === before) {
        const leftMs = endsAt - performance.now();
        await bell.wait(signal, Number.isFinite(leftMs) ? Math.max(1, leftMs) : undefined);
      }
      urgent.now = false;
    },
    async untilElsewhere(signal) {
      const before = surroundings();
      while (!signal.aborted && !workOffline() && surroundings() === before) await bell.wait(signal);
    },
    hurry() {
      urgent.now = true;
    },
    settled: () => settled,
    isAnswer(settledBefore) {
      const { phase } = board.activity();
      const behindServer = phase.kind === 'obstacle' && phase.obstacle.reason === 'not-prepared';
      // A server that is being made, or was made a moment ago, is worth waiting for.
      const isComing = serverComes(server) || (behindServer && targetOfServer(server.state()) !== null);
      if (isComing && !workOffline()) return false;
      return phase.kind !== 'obstacle' || settled > settledBefore;
    },
  };
}

/** True while a server is on its way. */
function serverComes(server: ServerControl): boolean {
  return ['preparing', 'starting', 'restarting'].includes(server.state().kind);
}
