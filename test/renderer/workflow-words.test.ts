// What workflows do is said in words: how far a step is, every entry of every log, what settling and moving will do, the most urgent first.
import { describe, expect, it } from 'vitest';
import { compensationStates, settlements } from '../../domain/compensation.ts';
import { retryPolicies, retryPolicyOf } from '../../domain/retry-policy.ts';
import type { RetryPolicyName } from '../../domain/retry-policy.ts';
import type { PhaseMetrics, TrackedAlert, TrackedAttempt, TrackedStep, TrackingEntry } from '../../domain/tracking.ts';
import { trackingKinds } from '../../preload/contract.ts';
import type { CompensationRow, LifeRow, RunningStep, TrackingNow } from '../../preload/contract.ts';
import { longDuration } from '../../renderer/formats.ts';
import { keyOfLife, lifeText, lifeWho, sourceWords } from '../../renderer/timeline/life-words.ts';
import { troubleWords } from '../../renderer/workflow/metrics-words.ts';
import { nowRows, rowsAt } from '../../renderer/workflow/now-rows.ts';
import { moveSentence, settleSentence, settlersOf } from '../../renderer/workflow/settle-words.ts';
import {
  entryLook,
  entryText,
  entryTook,
  kindNames,
  logText,
  policyWords,
  stepName,
  stepWords,
  timerWords,
  whereWords,
} from '../../renderer/workflow/tracking-words.ts';
import { aCompensation, aReport, at } from './report-builder.ts';

const nowMs = Date.parse(at);
const later = (ms: number): string => new Date(nowMs + ms).toISOString();
const nameOf = (id: string): string => id.toUpperCase();
const run = { workflowId: 'report/report-001', runId: 'run-1' };
const step: TrackedStep = {
  ...{ kind: 'step', ...run, stepId: '5', activity: 'createPlanningVersion', phase: 'planning', lob: null },
  ...{ startedAt: later(-90_000), endedAt: null, outcome: null, error: '' },
};
const attempt = (more: Partial<TrackedAttempt> = {}): TrackedAttempt => ({
  ...{ kind: 'attempt', ...run, stepId: '5', activity: 'createPlanningVersion', attempt: 1, policy: 'database' },
  ...{ startedAt: at, endedAt: null, error: '', nextAttemptAt: null },
  ...more,
});
const running = (more: Partial<RunningStep> = {}): RunningStep => ({
  ...{ step, attempt: attempt(), policy: 'database', mostAttempts: 3, lastError: '' },
  ...more,
});
const failure = { endedAt: at, error: 'the disk is full', nextAttemptAt: later(4_000) };

describe('a step that runs', () => {
  it.each<[string, Partial<RunningStep>, string]>([
    ['the first attempt', {}, 'attempt 1 of 3'],
    ['no attempt yet', { attempt: null }, 'not begun yet'],
    ['one tried until it works', { attempt: attempt({ attempt: 12 }), mostAttempts: null }, 'attempt 12'],
    [
      'a later attempt, with why the one before failed',
      { attempt: attempt({ attempt: 2 }), lastError: 'the disk is full' },
      'attempt 2 of 3 · the disk is full',
    ],
    [
      'the wait before the next attempt',
      { attempt: attempt({ attempt: 2, ...failure }), lastError: 'the disk is full' },
      'attempt 2 of 3 failed · again in 4 s · the disk is full',
    ],
    [
      'an attempt that is due',
      { attempt: attempt({ ...failure, nextAttemptAt: at }), lastError: 'x' },
      'attempt 1 of 3 failed · again now · x',
    ],
  ])('tells of %s', (_, more, words) => {
    expect(stepWords(running(more), nowMs)).toBe(words);
  });

  it('has words for each activity and for none that is not known', () => {
    const names = Object.keys(retryPolicyOf).map(stepName);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => / /u.test(name))).toBe(true);
    expect(stepName('somethingNew')).toBe('somethingNew');
  });

  it('has its policy in words', () => {
    expect(policyWords('database')).toBe('3 attempts, waits grow evenly from 2 s to at most 1 min');
    expect(policyWords('patient')).toBe('tried until it works, waits double from 500 ms to at most 30 s');
    for (const name of Object.keys(retryPolicies)) expect(policyWords(name as RetryPolicyName)).not.toBe('');
  });
});

describe('a log', () => {
  const entries: TrackingEntry[] = [
    {
      ...{ kind: 'execution', ...run, lob: 'Retail', continuedFrom: 'run-0', startedAt: at, endedAt: later(1_000) },
      outcome: 'continued',
    },
    step,
    attempt(failure),
    { kind: 'wait', ...run, waitId: '9', lob: null, startedAt: at, until: later(9_000), endedAt: null },
    {
      ...{ kind: 'transition', phase: 'observations', lob: 'Retail', from: 'in-review', to: 'in-revision' },
      ...{ mode: 'parallel', revision: 4, at },
    },
    {
      ...{ kind: 'alert', alertKey: 'mail', severity: 'critical', message: 'mail cannot be sent', raisedAt: at },
      ...{ resolvedAt: null, phase: null, lob: null },
    },
    { kind: 'migration', from: '1.2.0', to: '2.0.0', by: 'mara', at },
    { kind: 'compensation', ...aCompensation() },
  ];

  it('has a name, a sentence and a state for each kind', () => {
    expect(entries.map(({ kind }) => kind).toSorted()).toEqual(trackingKinds.toSorted());
    expect(Object.keys(kindNames).toSorted()).toEqual(trackingKinds.toSorted());
    expect(entries.map((entry) => [entryText(entry, nameOf), entryLook(entry).word])).toEqual([
      ['the next run of the workflow of Retail', 'continued as new'],
      ['working out the attributes', 'running'],
      ['working out the attributes, attempt 1 of 3: the disk is full', 'tried again'],
      ['a timer of the report', 'waits'],
      ['Observations of Retail went from in review to in revision, beside other phases', 'in revision'],
      ['mail cannot be sent', 'critical'],
      ['the workflow moved from 1.2.0 to 2.0.0, as MARA asked', 'now 2.0.0'],
      ['Scoping: carrying out the review failed for good and was rolled back in part: the disk is full', 'waits'],
    ]);
  });

  it('does not repeat beside a column where an entry belongs', () => {
    const texts = entries.filter(({ kind }) => kind === 'transition' || kind === 'compensation');
    expect(texts.map((entry) => logText(entry, nameOf))).toEqual([
      'went from in review to in revision, beside other phases',
      'carrying out the review failed for good and was rolled back in part: the disk is full',
    ]);
    expect(whereWords({ phase: 'observations', lob: 'Retail' })).toBe('Observations of Retail');
    expect([whereWords({ phase: null, lob: 'Retail' }), whereWords({ phase: null, lob: null })]).toEqual([
      'Retail',
      '',
    ]);
  });

  it('says how long an entry took, or lasts', () => {
    expect(entries.map((entry) => entryTook(entry, nowMs + 2_000))).toEqual([
      ...['1 s', '1 min 32 s', 'under 1 s', '2 s', null, '2 s', null, null],
    ]);
  });

  it('says who settled a compensation, how and why', () => {
    const settled = { choice: 'withdraw', by: 'mara', note: 'it was wrong', at } as const;
    const text = entryText({ kind: 'compensation', ...aCompensation({ state: 'settled', settled }) }, nameOf);
    expect(text).toMatch(/: the disk is full; MARA took it back: it was wrong$/u);
    const words = compensationStates.map(
      (state) => entryLook({ kind: 'compensation', ...aCompensation({ state }) }).word,
    );
    expect(new Set(words).size).toBe(compensationStates.length);
  });

  it('tells lengths that are months in days', () => {
    expect(longDuration(47 * 3_600_000)).toBe('47 h');
    expect(longDuration(49 * 3_600_000)).toBe('2 days 1 h');
    expect(longDuration(90 * 86_400_000)).toBe('90 days');
  });

  it('says of a timer what it is for', () => {
    const about = { what: 'deadline', phase: 'observations', lob: 'Retail' } as const;
    expect(timerWords({ about })).toBe('the deadline of Observations of Retail');
    expect(timerWords({ about: null })).toBe('the next look at what is due');
  });
});

describe('what happens now', () => {
  const row = (more: Parameters<typeof aCompensation>[0] = {}): CompensationRow => {
    return { ...aCompensation(more), choices: ['try-again'], whyNotSettle: null, asked: null };
  };
  const alert: TrackedAlert = {
    ...{ kind: 'alert', alertKey: 'a', severity: 'warning', message: 'slow', raisedAt: at, resolvedAt: null },
    ...{ phase: null, lob: null },
  };
  const now: TrackingNow = {
    workflow: {
      ...{ reportId: 'report-001', reportName: 'Card', cycleId: 'cycle-001', cycleName: 'Q4', version: '2.0.0' },
      ...{ gains: [], movesTo: null, asked: null, whyNotMove: null },
    },
    steps: [running(), running({ step: { ...step, stepId: '6' }, lastError: 'x' })],
    alerts: [alert],
    people: [{ phase: 'scoping', lob: null, waitingFor: ['olga'], since: at, dueAt: null }],
    timers: [
      { wait: { kind: 'wait', ...run, waitId: '9', lob: null, startedAt: at, until: at, endedAt: null }, about: null },
    ],
    compensations: [row(), row({ compensationId: 'compensation-002', state: 'settled' })],
    metrics: [],
    open: { steps: 2, alerts: 1, people: 1, timers: 1, compensations: 1 },
    logged: { execution: 0, step: 2, transition: 0, attempt: 0, wait: 1, alert: 1, migration: 0, compensation: 2 },
  };

  it('comes with the most urgent first, what is tried again before what runs', () => {
    const rows = nowRows(now);
    expect(rows.map(({ kind }) => kind)).toEqual(['compensation', 'alert', 'step', 'step', 'people', 'timer']);
    expect(rows[2]?.key).toContain(' 6');
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  it('is told in a phase where it is about that phase', () => {
    expect(rowsAt(nowRows(now), { phase: 'scoping', lob: null }).map(({ kind }) => kind)).toEqual(['compensation']);
    expect(rowsAt(nowRows(now), { phase: 'planning', lob: null }).map(({ kind }) => kind)).toEqual(['step', 'step']);
    expect(rowsAt(nowRows(now), { phase: 'planning', lob: 'Retail' })).toEqual([]);
  });

  it('comes to one line over all phases', () => {
    const metrics: PhaseMetrics = {
      ...{ phase: 'planning', lob: null, openMs: 1, inReviewMs: 0, steps: 4, failedSteps: 1, attempts: 6, retries: 2 },
      revisions: 0,
    };
    expect(troubleWords([metrics, { ...metrics, failedSteps: 0, retries: 0 }])).toBe(
      '1 of 8 steps failed for good · 2 retries',
    );
    expect(troubleWords([])).toBe('');
  });
});

describe('before it is settled or moved', () => {
  it('each choice says in one sentence what it does', () => {
    for (const job of ['settle-review', 'draw-sample', 'complete-phase', 'propose']) {
      const says = settlements.map((choice) => settleSentence(aCompensation({ job }), choice));
      expect(new Set(says).size).toBe(settlements.length);
      for (const text of says) expect(text).toMatch(/^[A-Z].*\.$/u);
    }
    expect(settleSentence(aCompensation(), 'withdraw')).toContain('the version of Scoping waits for it again');
  });

  it('others read who is waited for', () => {
    const assignments = ['mara', 'mia'].map((personId) => ({ personId, role: 'test-manager' as const }));
    expect(settlersOf({ assignments }, nameOf)).toBe('MARA or MIA');
    expect(settlersOf(aReport(), nameOf)).toBe('a test manager');
  });

  it('moving says from where to where, and that there is no way back', () => {
    expect(moveSentence('Card', '1.2.0', '2.0.0')).toMatch(
      /“Card” goes on as workflow version 2\.0\.0 instead of 1\.2\.0/u,
    );
  });
});

describe('a line of the timeline', () => {
  const entry = {
    ...{ reportId: 'report-001', sequence: 7, entryKey: 'e', kind: 'workflow.moved', actorId: 'countersign' },
    ...{ actorName: 'countersign', deviceId: null, operationId: null, versionId: null, decidedAt: null },
    ...{ summary: 'moved from workflow version 1.2.0 to 2.0.0', detail: {}, receivedAt: at, appliedAt: at },
    ...{ previousHash: '', hash: '' },
  };
  const ledger: LifeRow = { source: 'ledger', at, entry };
  const tracked: LifeRow = {
    source: 'tracked',
    at,
    entry: { kind: 'migration', from: '1.2.0', to: '2.0.0', by: 'mara', at },
  };

  it('never mixes the two truths', () => {
    expect([ledger, tracked].map(({ source }) => sourceWords[source])).toEqual(['ledger', 'tracked, not signed']);
    expect([lifeWho(ledger), lifeWho(tracked)]).toEqual(['Countersign', '']);
    expect(lifeText(ledger, nameOf)).toBe(entry.summary);
    expect(lifeText(tracked, nameOf)).toMatch(/as MARA asked$/u);
    expect(new Set([keyOfLife(ledger), keyOfLife(tracked)]).size).toBe(2);
  });
});
