// What follows from tracked entries: the phases that moved between two readings of a flow, and the metrics of each phase.
import { describe, expect, test } from 'vitest';
import type { FlowLine, FlowLob, FlowState, PhaseStatus } from '../../domain/flow.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { metricsOf, transitionsBetween } from '../../domain/tracking.ts';
import type {
  PhaseMetrics,
  TrackedAttempt,
  TrackedStep,
  TrackedTransition,
  TrackingEntry,
} from '../../domain/tracking.ts';

const minute = (minutes: number): string => new Date(Date.UTC(2026, 10, 21, 8, minutes)).toISOString();

type Line = [phase: PhaseSlug, status: PhaseStatus, lob?: string];

function flow(lines: readonly Line[], more: Partial<FlowState> = {}): FlowState {
  const clock = { remindAt: null, dueAt: null, reminded: false, expired: false };
  return {
    ...{ revision: 7, reportId: 'report-1', lob: null, paused: false, over: false, populationReady: true },
    ...{ lobsNamed: true, lobsProblem: false, lobs: [], pending: [], skips: [], mailsDue: false },
    lines: lines.map(([phase, status, lob = null]): FlowLine => ({
      phase,
      lob,
      status,
      version: null,
      proposed: false,
      ...clock,
    })),
    ...more,
  };
}

const lane = (lob: string, status: FlowLob['status']): FlowLob => ({ lob, status, samples: 1, deviations: null });
const ofReport = ({ lob }: FlowLine): boolean => lob === null;
const words = ({ phase, lob, from, to, mode }: TrackedTransition): string =>
  [phase, lob, `${from} > ${to}`, mode].filter(Boolean).join(' ');

describe('between two readings of a flow', () => {
  test.each<[string, FlowState, FlowState, string[]]>([
    ['nothing moved', flow([['planning', 'in-work']]), flow([['planning', 'in-work']]), []],
    [
      'one phase moved, and no other is open',
      flow([
        ['planning', 'in-work'],
        ['scoping', 'not-started'],
      ]),
      flow([
        ['planning', 'in-review'],
        ['scoping', 'not-started'],
      ]),
      ['planning in-work > in-review sequential'],
    ],
    [
      'one opened while another is open',
      flow([
        ['sample-selection', 'in-work'],
        ['data-owner-id', 'not-started'],
      ]),
      flow([
        ['sample-selection', 'in-work'],
        ['data-owner-id', 'in-work'],
      ]),
      ['data-owner-id not-started > in-work parallel'],
    ],
    [
      'one ended while another is open',
      flow([
        ['sample-selection', 'in-review'],
        ['data-owner-id', 'in-work'],
      ]),
      flow([
        ['sample-selection', 'completed'],
        ['data-owner-id', 'in-work'],
      ]),
      ['sample-selection in-review > completed parallel'],
    ],
    [
      'a rejected phase is open still',
      flow([
        ['planning', 'rejected'],
        ['scoping', 'not-started'],
      ]),
      flow([
        ['planning', 'rejected'],
        ['scoping', 'skipped'],
      ]),
      ['scoping not-started > skipped parallel'],
    ],
    [
      'a line that was not there before',
      flow([]),
      flow([['test-report', 'in-work']]),
      ['test-report not-started > in-work sequential'],
    ],
    ['a line of another’s', flow([]), flow([['observations', 'in-work', 'cards']]), []],
  ])('%s', (_, before, after, moved) => {
    expect(transitionsBetween(before, after, ofReport, minute(0)).map(words)).toEqual(moved);
  });

  test.each<[FlowLob['status'], string]>([
    ['running', 'request-info cards not-started > in-work parallel'],
    ['finished', 'request-info cards not-started > in-work sequential'],
    ['waiting', 'request-info cards not-started > in-work sequential'],
  ])('a lane beside one that is %s, of whose phases its flow has none', (status, moved) => {
    const lobs = [lane('cards', 'running'), lane('loans', status)];
    const after = flow([['request-info', 'in-work', 'cards']], { lob: 'cards', lobs });
    expect(transitionsBetween(flow([]), after, () => true, minute(0)).map(words)).toEqual([moved]);
  });

  test('the revision and the time of the later reading are the transition’s', () => {
    const [moved] = transitionsBetween(flow([]), flow([['planning', 'in-work']], { revision: 9 }), ofReport, minute(3));
    expect(moved).toMatchObject({ revision: 9, at: minute(3) });
  });
});

function moves(phase: PhaseSlug, ...steps: [PhaseStatus, number][]): TrackedTransition[] {
  return steps.map(([to, at], index) => ({
    ...{ kind: 'transition', phase, lob: null, from: steps[index - 1]?.[0] ?? 'not-started', to },
    ...{ mode: 'sequential', revision: at, at: minute(at) },
  }));
}

function step(stepId: string, outcome: TrackedStep['outcome'], attempts: number): (TrackedStep | TrackedAttempt)[] {
  const ids = { workflowId: 'report/report-1', runId: 'run-1', stepId, activity: 'createVersion' };
  const times = { startedAt: minute(0), endedAt: minute(1) };
  return [
    { kind: 'step', ...ids, phase: 'planning', lob: null, ...times, outcome, error: '' },
    ...Array.from({ length: attempts }, (_, index): TrackedAttempt => {
      const attempt = { attempt: index + 1, policy: 'database' as const, error: '', nextAttemptAt: null };
      return { kind: 'attempt', ...ids, ...attempt, ...times };
    }),
  ];
}

describe('the metrics of a phase', () => {
  const minutes = (count: number): number => count * 60_000;
  test.each<[string, TrackingEntry[], Partial<PhaseMetrics>]>([
    ['in work until now', moves('planning', ['in-work', 0]), { openMs: minutes(60), inReviewMs: 0 }],
    [
      'completed after a review',
      moves('planning', ['in-work', 0], ['in-review', 10], ['completed', 25]),
      { openMs: minutes(25), inReviewMs: minutes(15), revisions: 0 },
    ],
    [
      'reviewed twice',
      moves('planning', ['in-work', 0], ['in-review', 1], ['in-revision', 3], ['in-review', 10], ['completed', 14]),
      { openMs: minutes(14), inReviewMs: minutes(6), revisions: 1 },
    ],
    ['skipped before it began', moves('planning', ['skipped', 5]), { openMs: null, inReviewMs: 0 }],
    [
      'closed and opened again: only the times in which it was open',
      moves('planning', ['in-work', 0], ['not-started', 5], ['in-work', 20], ['completed', 21]),
      { openMs: minutes(6) },
    ],
    [
      'transitions that come in another order than they happened',
      moves('planning', ['in-work', 0], ['in-review', 10], ['completed', 25]).toReversed(),
      { openMs: minutes(25), inReviewMs: minutes(15) },
    ],
    [
      'steps, failed steps, attempts and retries',
      [
        ...moves('planning', ['in-work', 0]),
        ...step('1', 'done', 1),
        ...step('2', 'done', 3),
        ...step('3', 'failed', 3),
      ],
      { steps: 3, failedSteps: 1, attempts: 7, retries: 4 },
    ],
    [
      'nothing of the steps of another phase',
      [...moves('scoping', ['in-work', 0]), ...step('1', 'failed', 3)],
      { phase: 'scoping', steps: 0, failedSteps: 0, attempts: 0, retries: 0 },
    ],
  ])('%s', (_, entries, metrics) => {
    expect(metricsOf(entries, minute(60))).toMatchObject([metrics]);
  });

  test('phases come in the order of their beginning, those that have not begun not at all', () => {
    const entries = [...moves('scoping', ['in-work', 9]), ...moves('planning', ['in-work', 0], ['completed', 8])];
    expect(metricsOf(entries, minute(60)).map(({ phase }) => phase)).toEqual(['planning', 'scoping']);
    expect(metricsOf(step('1', 'done', 1), minute(60))).toEqual([]);
  });

  test('lines of business are told apart', () => {
    const [cards] = moves('observations', ['in-work', 0]);
    const entries = ['cards', 'loans'].map((lob) => ({ ...(cards as TrackedTransition), lob }));
    expect(metricsOf(entries, minute(60)).map(({ lob }) => lob)).toEqual(['cards', 'loans']);
  });
});
