// What the link's state is called, how long it waits between tries, and what an error of Temporal's client means.
import { describe, expect, test } from 'vitest';
import { faultOf, isClosingFault, isNotFoundFault, isOutage } from '../../../main/core/sync/link-fault.ts';
import { obstacleOf, obstacleOfRefusal, retryDelayMs, stateOf } from '../../../main/core/sync/state.ts';
import type { Activity } from '../../../main/core/sync/state.ts';

const at = '2026-11-21T10:00:00.000Z';
const connected: Activity = {
  phase: { kind: 'connected' },
  attempts: 0,
  remaining: 0,
  pulling: false,
  unknownTargets: null,
};

describe('the state', () => {
  test.each([
    ['idle', {}],
    ['pulling', { pulling: true }],
    ['pushing', { pulling: true, remaining: 3 }],
    ['blocked', { unknownTargets: { message: 'm', since: at } }],
    ['connecting', { phase: { kind: 'connecting', since: at } }],
  ] satisfies [string, Partial<Activity>][])('is %s', (kind, change) => {
    expect(stateOf({ ...connected, ...change }).kind).toBe(kind);
  });

  test('behind an obstacle says since when, how often it was tried and when next', () => {
    const obstacle = { kind: 'offline' as const, reason: 'unreachable' as const, message: 'm' };
    const phase = { kind: 'obstacle' as const, obstacle, since: at, nextTryAt: at };
    expect(stateOf({ ...connected, phase, attempts: 4 })).toEqual({
      ...obstacle,
      since: at,
      nextTryAt: at,
      attempts: 4,
    });
  });
});

describe('the wait between tries', () => {
  const timing = { firstDelayMs: 500, maxDelayMs: 60_000 };
  test.each([
    [1, 500],
    [2, 1_000],
    [4, 4_000],
    [8, 60_000],
    [1_000, 60_000],
  ])('after %i failures is about %i ms', (failures, expected) => {
    expect(retryDelayMs(failures, timing, 0.5)).toBe(expected);
  });
  test('differs between laptops and is never above the limit', () => {
    expect(retryDelayMs(3, timing, 0)).toBe(1_500);
    expect(retryDelayMs(3, timing, 1)).toBe(2_500);
    expect(retryDelayMs(20, timing, 1)).toBe(60_000);
  });
});

function grpcError(code: number, details: string): Error {
  return new Error('Failed to signal Workflow', { cause: Object.assign(new Error(details), { code, details }) });
}
function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}

describe('an error of the client', () => {
  test.each([
    [grpcError(14, 'No connection established'), 'unreachable'],
    [grpcError(4, 'deadline'), 'unreachable'],
    [grpcError(16, 'bad key'), 'refused'],
    [grpcError(7, 'not yours'), 'refused'],
    [grpcError(12, 'unknown method'), 'incompatible'],
    [grpcError(3, 'too long'), 'failed'],
    [grpcError(5, 'Namespace nowhere is not found.'), 'namespace'],
    [named('NamespaceNotFoundError', 'nowhere'), 'namespace'],
    [named('AbortError', 'gone'), 'cancelled'],
    [
      Object.assign(named('WorkflowFailedError', 'Workflow execution failed'), { cause: new Error('Malformed') }),
      'failed',
    ],
    [new Error('anything'), 'unreachable'],
  ])('%s is %s', (error, kind) => {
    expect(faultOf(error, 'somewhere').kind).toBe(kind);
  });

  test('tells a workflow that is closing, one that is not there and an outage apart', () => {
    expect(isClosingFault(grpcError(8, 'workflow is closing'))).toBe(true);
    expect(isClosingFault(grpcError(8, 'namespace rate limit exceeded'))).toBe(false);
    expect(isNotFoundFault(grpcError(5, 'workflow not found for ID: report/1'))).toBe(true);
    expect(isNotFoundFault(grpcError(5, 'Namespace nowhere is not found.'))).toBe(false);
    expect(isOutage(grpcError(14, ''))).toBe(true);
    expect(isOutage(grpcError(8, ''))).toBe(false);
  });
});

test('a fault blocks when only a person can help, and is tried again otherwise', () => {
  expect(obstacleOf({ kind: 'namespace', message: 'm' })).toMatchObject({ kind: 'blocked', reason: 'namespace' });
  expect(obstacleOf({ kind: 'incompatible', message: 'm' })).toMatchObject({ kind: 'blocked', reason: 'incompatible' });
  expect(obstacleOf({ kind: 'no-worker', message: 'm' })).toMatchObject({ kind: 'offline', reason: 'unreachable' });
  expect(obstacleOfRefusal({ kind: 'refused', code: 'unknown-device', message: 'm' })).toBeNull();
  expect(obstacleOfRefusal({ kind: 'refused', code: 'device-revoked', message: 'm' })).toMatchObject({
    kind: 'blocked',
    reason: 'device-revoked',
  });
});
