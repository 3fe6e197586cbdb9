// Which state of a tracked entry stands, which alerts a step raises, and which workflows are tracked.
import { describe, expect, test } from 'vitest';
import { lobWorkflowId } from '../../domain/change.ts';
import {
  alertOfStep,
  endsAlert,
  isUrgent,
  placeOfWorkflow,
  standing,
  trackedText,
} from '../../domain/tracking-rules.ts';
import type {
  TrackedAlert,
  TrackedExecution,
  TrackedStep,
  TrackedTransition,
  TrackingEntry,
} from '../../domain/tracking.ts';

const minute = (minutes: number): string => new Date(Date.UTC(2026, 10, 21, 8, minutes)).toISOString();

function step(more: Partial<TrackedStep> = {}): TrackedStep {
  const ids = { workflowId: 'lob/report-1/cards', runId: 'run-1', stepId: '4', activity: 'createVersion' };
  const open = { startedAt: minute(0), endedAt: null, outcome: null, error: '' };
  return { kind: 'step', ...ids, phase: 'observations', lob: 'cards', ...open, ...more };
}
const done = step({ endedAt: minute(1), outcome: 'done' });

function alert(raised: number, resolved: number | null = null, message = 'it failed'): TrackedAlert {
  const place = { phase: 'observations', lob: 'cards' } as const;
  const times = { raisedAt: minute(raised), resolvedAt: resolved === null ? null : minute(resolved) };
  return { kind: 'alert', alertKey: 'k', severity: 'warning', ...place, message, ...times };
}

function transition(to: TrackedTransition['to'], at = 3, lob: string | null = 'cards'): TrackedTransition {
  const moved = { phase: 'observations', lob, from: 'in-work', to, mode: 'sequential' } as const;
  return { kind: 'transition', ...moved, revision: 5, at: minute(at) };
}

describe('of an entry that is known and noted again', () => {
  test.each<[string, TrackingEntry, TrackingEntry, TrackingEntry]>([
    ['what ended does not begin again', done, step({ startedAt: minute(2) }), done],
    ['what runs ends', step(), done, done],
    [
      'an end that is noted again is the one that the history has',
      done,
      { ...done, endedAt: minute(2) },
      { ...done, endedAt: minute(2) },
    ],
    ['a beginning that is noted again is, too', step(), step({ startedAt: minute(2) }), step({ startedAt: minute(2) })],
    ['a transition happened once', transition('completed', 3), transition('completed', 4), transition('completed', 3)],
    [
      'an alert that is raised again stands since the first time',
      alert(1),
      alert(5, null, 'again'),
      alert(1, null, 'again'),
    ],
    ['an alert ends', alert(1), alert(1, 3), alert(1, 3)],
    ['an alert that is over is not raised by an older word', alert(1, 3), alert(2), alert(1, 3)],
    ['an alert that is over is raised anew', alert(1, 3), alert(4), alert(4)],
  ])('%s', (_, known, noted, stands) => {
    expect(standing(known, noted)).toEqual(stands);
  });
});

function execution(outcome: TrackedExecution['outcome'], workflowId = 'lob/report-1/cards'): TrackedExecution {
  const run = { workflowId, runId: 'run-1', lob: 'cards', continuedFrom: null, startedAt: minute(0) };
  return { kind: 'execution', ...run, endedAt: minute(4), outcome };
}

describe('an alert', () => {
  test('is raised by a step that failed for good, and by no other', () => {
    const failed = step({ endedAt: minute(2), outcome: 'failed', error: 'EIO: the disk is gone' });
    expect(alertOfStep(failed)).toEqual({
      ...{ kind: 'alert', alertKey: 'lob/report-1/cards/createVersion/observations/cards', severity: 'warning' },
      ...{ phase: 'observations', lob: 'cards', message: 'createVersion failed for good: EIO: the disk is gone' },
      ...{ raisedAt: minute(2), resolvedAt: null },
    });
    const cancelled = step({ endedAt: minute(2), outcome: 'cancelled' });
    expect([step(), done, cancelled].map(alertOfStep)).toEqual([null, null, null]);
  });

  const ofStep: TrackedAlert = { ...alert(1), alertKey: 'lob/report-1/cards/createVersion/observations/cards' };

  test.each<[string, TrackedTransition | TrackedExecution, TrackedAlert, boolean]>([
    ['ends with its phase', transition('completed'), alert(1), true],
    ['ends when its phase is skipped', transition('skipped'), alert(1), true],
    ['does not end when its phase goes on', transition('in-review'), alert(1), false],
    ['does not end with the phase of another lane', transition('completed', 3, 'loans'), alert(1), false],
    ['does not end twice', transition('completed'), alert(1, 2), false],
    ['ends with its workflow', execution('cancelled'), ofStep, true],
    ['does not end with a run that goes on in the next', execution('continued'), ofStep, false],
    ['does not end with another workflow', execution('completed', 'lob/report-1/card'), ofStep, false],
    [
      'does not end with its workflow when it is critical',
      execution('completed'),
      { ...ofStep, severity: 'critical' },
      false,
    ],
  ])('%s', (_, moved, raised, ends) => {
    expect(endsAlert(moved, raised)).toBe(ends);
  });

  test('and a failed attempt are told at once, what goes well is not', () => {
    const attempt = {
      ...({ kind: 'attempt', workflowId: 'w', runId: 'r', stepId: '1', activity: 'a', attempt: 1 } as const),
    };
    const times = { policy: 'database', startedAt: minute(0), endedAt: minute(1), nextAttemptAt: null } as const;
    const entries: TrackingEntry[] = [
      alert(1),
      { ...attempt, ...times, error: 'no' },
      { ...attempt, ...times, error: '' },
      done,
    ];
    expect(entries.map(isUrgent)).toEqual([true, true, false, false]);
  });
});

test.each([
  ['report/report-1', { reportId: 'report-1', lob: null }],
  [lobWorkflowId('report-1', 'Größe/Ä %'), { reportId: 'report-1', lob: 'Größe/Ä %' }],
  ['lob/report-1/%E0%A4%A', null],
  ['lob/report-1', null],
  ['report/report-1/more', null],
  ['report/', null],
  ['pullChanges/0198', null],
  ['cycle/cycle-1', null],
  ['device/device-1', null],
  ['', null],
])('the workflow "%s" is tracked as %j', (workflowId, place) => {
  expect(placeOfWorkflow(workflowId)).toEqual(place);
});

test('of an endless error the beginning is kept', () => {
  expect(trackedText('short')).toBe('short');
  expect(trackedText('x'.repeat(1_000_000)).length).toBeLessThan(3_000);
});
