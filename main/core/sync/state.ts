// Owns what the link's state is called, given what the machine is doing, and how long it waits between tries. Pure.
import type { SyncState } from '../../../preload/contract.ts';
import type { PullAnswer } from '../../../domain/change.ts';
import type { LinkFault } from './link-fault.ts';

/** Why there is no link now, with the sentence for the screen. */
export type Obstacle =
  | { kind: 'offline'; reason: 'chosen' | 'unreachable' | 'not-prepared'; message: string }
  | { kind: 'blocked'; reason: Extract<SyncState, { kind: 'blocked' }>['reason']; message: string };

/** What the machine is doing; the state is derived from it. */
export interface Activity {
  phase:
    | { kind: 'obstacle'; obstacle: Obstacle; since: string; nextTryAt: string | null }
    | { kind: 'connecting'; since: string }
    | { kind: 'connected' };
  attempts: number;
  /** Operations that are being sent for the first time. */
  remaining: number;
  pulling: boolean;
  /** Operations for workflows that the server does not know, for longer than a start takes. */
  unknownTargets: { message: string; since: string } | null;
}

/** The state of the contract. */
export function stateOf(activity: Activity): SyncState {
  const { phase, attempts } = activity;
  if (phase.kind === 'connecting') return { kind: 'connecting', since: phase.since, attempts };
  if (phase.kind === 'obstacle') {
    const { obstacle, since, nextTryAt } = phase;
    return obstacle.kind === 'offline' ? { ...obstacle, since, nextTryAt, attempts } : { ...obstacle, since };
  }
  if (activity.remaining > 0) return { kind: 'pushing', remaining: activity.remaining };
  if (activity.pulling) return { kind: 'pulling' };
  if (activity.unknownTargets) return { kind: 'blocked', reason: 'namespace', ...activity.unknownTargets };
  return { kind: 'idle' };
}

/** What a fault of the link means for the person. */
export function obstacleOf(fault: LinkFault): Obstacle {
  switch (fault.kind) {
    case 'namespace':
      return { kind: 'blocked', reason: 'namespace', message: fault.message };
    case 'incompatible':
      return { kind: 'blocked', reason: 'incompatible', message: fault.message };
    case 'cancelled':
      return { kind: 'offline', reason: 'unreachable', message: 'The connection was closed.' };
    default:
      return { kind: 'offline', reason: 'unreachable', message: fault.message };
  }
}

export type Refusal = Extract<PullAnswer, { kind: 'refused' }>;

/** What it means that the worker does not let this laptop read; null when another try, or enrolling, may help. */
export function obstacleOfRefusal(refusal: Refusal): Obstacle | null {
  switch (refusal.code) {
    case 'unknown-device':
    case 'replayed':
      return null;
    default:
      return { kind: 'blocked', reason: refusal.code, message: refusal.message };
  }
}

/** Back-off between tries. */
export interface RetryTiming {
  firstDelayMs: number;
  maxDelayMs: number;
}

/** Delay after so many failed tries in a row: doubling up to the limit, ±25 % by `random` (0 to 1), never above the limit. */
export function retryDelayMs(failures: number, timing: RetryTiming, random: number): number {
  const doubled = Math.min(timing.maxDelayMs, timing.firstDelayMs * 2 ** Math.min(30, Math.max(0, failures - 1)));
  return Math.min(timing.maxDelayMs, Math.round(doubled * (0.75 + random / 2)));
}
