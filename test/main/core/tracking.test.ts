// What the workflows of a report do and did, as the laptop tells it: what runs now, the logs, the versions, and the whole life of a report.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { directoryFeed, reportFeed } from '../../../domain/change.ts';
import type { Report } from '../../../domain/change.ts';
import { ledgerGenesis, ledgerHash } from '../../../domain/ledger.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import { practicePeople } from '../../../domain/people.ts';
import { trackedAt } from '../../../domain/tracking.ts';
import type { TrackedAttempt, TrackedStep, TrackedWait, TrackingEntry } from '../../../domain/tracking.ts';
import { home } from '../../../main/core/desk/home.ts';
import { phaseDetail } from '../../../main/core/desk/phase-detail.ts';
import { explainLife } from '../../../main/core/desk/timeline.ts';
import { listTracking, trackingNow } from '../../../main/core/desk/tracking.ts';
import { listWorkflows } from '../../../main/core/desk/workflows.ts';
import { testDesk } from './desk-builder.ts';
import type { TestDesk } from './desk-builder.ts';
import { phaseLine, reportId, reportPage, runningReport, waitingCompensation } from './running-report.ts';

const minute = (at: number): string => new Date(Date.UTC(2026, 10, 21, 8, at)).toISOString();
const run = { workflowId: `report/${reportId}`, runId: 'run-1' };

const step = (over: Partial<TrackedStep> = {}): TrackedStep => ({
  ...{ kind: 'step', ...run, stepId: '5', activity: 'createPlanningVersion', phase: 'planning', lob: null },
  ...{ startedAt: minute(1), endedAt: null, outcome: null, error: '' },
  ...over,
});
const attempt = (number: number, over: Partial<TrackedAttempt> = {}): TrackedAttempt => ({
  ...{ kind: 'attempt', ...run, stepId: '5', activity: 'createPlanningVersion', attempt: number, policy: 'database' },
  ...{ startedAt: minute(1 + number), endedAt: null, error: '', nextAttemptAt: null },
  ...over,
});
const wait = (over: Partial<TrackedWait> = {}): TrackedWait => ({
  ...{ kind: 'wait', ...run, waitId: '9', lob: null, startedAt: minute(1), until: minute(300), endedAt: null },
  ...over,
});
const alert = (alertKey: string, severity: 'warning' | 'critical', resolvedAt: string | null): TrackingEntry => ({
  ...{ kind: 'alert', alertKey, severity, message: `${alertKey} happened`, raisedAt: minute(3), resolvedAt },
  ...{ phase: 'planning', lob: null },
});
const execution = (endedAt: string | null): TrackingEntry => ({
  ...{ kind: 'execution', ...run, lob: null, continuedFrom: null, startedAt: minute(0), endedAt },
  outcome: endedAt === null ? null : 'continued',
});
const opened: TrackingEntry = {
  ...{ kind: 'transition', phase: 'planning', lob: null, from: 'not-started', to: 'in-work', mode: 'sequential' },
  ...{ revision: 2, at: minute(0) },
};

let desk: TestDesk;
/** What a laptop knows after its last pull. */
function know(entries: TrackingEntry[], report: Partial<Report> = {}, personId = 'mara'): void {
  desk.close();
  desk = testDesk(personId);
  desk.cache.applyPage(
    reportPage([
      ...practicePeople.map((person) => ({ kind: 'person' as const, person })),
      { kind: 'report', report: runningReport(report) },
      { kind: 'tracking', reportId, entries },
    ]),
  );
}
beforeEach(() => {
  desk = testDesk();
});
afterEach(() => desk.close());

describe('what happens now', () => {
  test('a step tells of its latest attempt, how many there are in all, and why the one before failed', () => {
    const failed = { endedAt: minute(2), error: 'the disk is full', nextAttemptAt: minute(3) };
    know([step(), attempt(1, failed), attempt(2)]);
    expect(trackingNow(desk, { reportId }).steps).toEqual([
      { step: step(), attempt: attempt(2), policy: 'database', mostAttempts: 3, lastError: 'the disk is full' },
    ]);
  });

  test('a step without an attempt has the policy of its activity, an unknown one has none', () => {
    know([step(), step({ stepId: '6', activity: 'somethingNew' })]);
    expect(trackingNow(desk, { reportId }).steps.map(({ policy, mostAttempts }) => [policy, mostAttempts])).toEqual([
      ['database', 3],
      [null, null],
    ]);
  });

  test('what ended is not told: steps, waits and alerts, and those of a run that is over', () => {
    const over = alert('mail', 'warning', minute(4));
    know([step({ endedAt: minute(4), outcome: 'done' }), wait({ endedAt: minute(4) }), over]);
    expect(trackingNow(desk, { reportId })).toMatchObject({ steps: [], timers: [], alerts: [] });
    know([step(), wait(), execution(minute(9))]);
    expect(trackingNow(desk, { reportId })).toMatchObject({ steps: [], timers: [] });
    know([step(), wait(), execution(null)]);
    expect(trackingNow(desk, { reportId }).open).toMatchObject({ steps: 1, timers: 1 });
  });

  test('critical alerts come first', () => {
    know([alert('a', 'warning', null), alert('b', 'critical', null)]);
    expect(trackingNow(desk, { reportId }).alerts.map((row) => row.severity)).toEqual(['critical', 'warning']);
  });

  test.each([
    ['a deadline', { dueAt: minute(300) }, { what: 'deadline', phase: 'request-info', lob: 'North' }],
    ['a reminder', { remindAt: minute(300) }, { what: 'reminder', phase: 'request-info', lob: 'North' }],
    ['nothing that is known here', {}, null],
  ] as const)('a timer is for %s', (_, times, about) => {
    const phases = [{ ...phaseLine('request-info', 'North', 'in-work'), ...times, waitingFor: ['dana'] }];
    know([wait({ lob: 'North' })], { phases });
    const now = trackingNow(desk, { reportId });
    expect(now.timers.map((row) => row.about)).toEqual([about]);
    expect(now.people).toMatchObject([{ phase: 'request-info', lob: 'North', waitingFor: ['dana'] }]);
  });

  test('lists are bounded, their counts are not', () => {
    const many = Array.from({ length: 70 }, (_, at) => wait({ waitId: `w${at}`, until: minute(400 - at) }));
    know(many);
    const now = trackingNow(desk, { reportId });
    expect([now.timers.length, now.open.timers, now.logged.wait]).toEqual([50, 70, 70]);
    expect(now.timers[0]?.wait.until).toBe(minute(331));
  });

  test('metrics count until now, by the clock of the desk', () => {
    know([opened, step({ endedAt: minute(5), outcome: 'done' }), attempt(1), attempt(2)]);
    expect(trackingNow(desk, { reportId }).metrics).toEqual([
      {
        ...{ phase: 'planning', lob: null, openMs: 60 * 60_000, inReviewMs: 0, steps: 1, failedSteps: 0 },
        ...{ attempts: 2, retries: 1, revisions: 0 },
      },
    ]);
  });
});

describe('what failed for good', () => {
  const settled = {
    choice: 'try-again' as const,
    by: 'mara',
    note: 'there is room again',
    at: minute(9),
  };

  test('what waits comes first, with what can be chosen and by whom', () => {
    const done = waitingCompensation({ compensationId: 'compensation-0', state: 'settled', settled });
    const waiting = waitingCompensation();
    know([{ kind: 'compensation', ...done }], { compensations: [waiting] });
    expect(trackingNow(desk, { reportId }).compensations).toEqual([
      { ...waiting, choices: ['try-again', 'withdraw'], whyNotSettle: null, asked: null },
      { ...done, choices: [], whyNotSettle: expect.objectContaining({ code: 'out-of-turn' }) as object, asked: null },
    ]);
    expect(trackingNow(desk, { reportId }).open.compensations).toBe(1);
  });

  test('others read who may', () => {
    know([], { compensations: [waitingCompensation()] }, 'tara');
    const [row] = trackingNow(desk, { reportId }).compensations;
    expect(row?.whyNotSettle).toMatchObject({ code: 'role' });
    expect(home(desk).waiting.map(({ action }) => action)).not.toContain('settle');
  });

  test.each<[string, Partial<Report>]>([
    ['a report that goes on', {}],
    ['a paused report', { paused: { at: minute(1), reason: 'holidays' } }],
  ])('it waits for the test manager on the first page, in %s', (_, report) => {
    const second = waitingCompensation({ compensationId: 'compensation-2' });
    know([], { ...report, compensations: [waitingCompensation(), second] });
    expect(home(desk).waiting.filter(({ action }) => action === 'settle')).toMatchObject([
      {
        ...{ needs: '2 steps of Request for information of North failed for good', versionId: null },
        ...{ phase: 'request-info', lob: 'North' },
      },
    ]);
  });

  test('once it was settled on this laptop it waits for its receipt and for nobody else', () => {
    know([], { compensations: [waitingCompensation()] });
    const asked = { reportId, compensationId: 'compensation-1', choice: 'withdraw', note: 'do it again' } as const;
    desk.outbox.queue([{ kind: 'compensation.settle', ...asked }], desk.author, minute(2));
    const [row] = trackingNow(desk, { reportId }).compensations;
    expect(row?.asked).toEqual({ choice: 'withdraw', delivery: 'queued' });
    expect(row?.whyNotSettle?.message).toMatch(/waits for its receipt/u);
    expect(home(desk).waiting.map(({ action }) => action)).not.toContain('settle');
    expect(phaseDetail(desk, { reportId, phase: 'request-info', lob: 'North' }).delivery).toBe('queued');
  });
});

describe('the logs', () => {
  const entries = [opened, step(), attempt(1), attempt(2), alert('a', 'warning', null), execution(null), wait()];

  test('come newest first, as the domain dates them', () => {
    know(entries);
    const { rows, total } = listTracking(desk, { reportId, kinds: [], offset: 0, limit: 50 });
    expect(total).toBe(entries.length);
    expect(rows.map(({ entry }) => trackedAt(entry))).toEqual(entries.map(trackedAt).toSorted().toReversed());
  });

  test('are filtered by kind and read in pages', () => {
    know(entries);
    const page = (offset: number) => listTracking(desk, { reportId, kinds: ['attempt', 'step'], offset, limit: 2 });
    expect(page(0)).toMatchObject({ total: 3, rows: [{ entry: { attempt: 2 } }, { entry: { attempt: 1 } }] });
    expect(page(2)).toMatchObject({ total: 3, rows: [{ entry: { kind: 'step' } }] });
  });

  test('say where an entry belongs: an attempt where its step does', () => {
    const moved: TrackingEntry = { kind: 'migration', from: '1.2.0', to: '2.0.0', by: 'mara', at: minute(9) };
    know([
      step({ phase: 'observations', lob: 'North' }),
      attempt(1),
      attempt(1, { stepId: '8' }),
      wait({ lob: 'North' }),
      moved,
    ]);
    const { rows } = listTracking(desk, { reportId, kinds: [], offset: 0, limit: 50 });
    const places = rows.map(({ entry, phase, lob }) => [entry.kind, phase, lob]);
    expect(places.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ['attempt', null, null],
      ['attempt', 'observations', 'North'],
      ['migration', null, null],
      ['step', 'observations', 'North'],
      ['wait', null, 'North'],
    ]);
  });

  test('an entry that is told on is one entry', () => {
    know([step()]);
    desk.cache.applyPage(
      reportPage([{ kind: 'tracking', reportId, entries: [step({ endedAt: minute(4), outcome: 'done' })] }], 40),
    );
    expect(listTracking(desk, { reportId, kinds: [], offset: 0, limit: 50 })).toMatchObject({
      total: 1,
      rows: [{ entry: { outcome: 'done' } }],
    });
  });

  test('of a report that is not here cannot be read', () => {
    know([]);
    const other = 'report-0009';
    expect(() => trackingNow(desk, { reportId: other })).toThrow(/no report report-0009/u);
    expect(() => listTracking(desk, { reportId: other, kinds: [], offset: 0, limit: 1 })).toThrow(/no report/u);
  });
});

describe('workflows by version', () => {
  function knowReports(reports: readonly Report[]): void {
    desk.close();
    desk = testDesk('mara');
    const people = practicePeople.map((person, at) => ({
      sequence: at + 1,
      change: { kind: 'person' as const, person },
    }));
    desk.cache.applyPage({
      ...reportPage([]),
      feeds: [
        { feed: directoryFeed, rows: people, cursor: people.length },
        ...reports.map((report) => {
          const rows = [{ sequence: 1, change: { kind: 'report' as const, report } }];
          return { feed: reportFeed(report.reportId), rows, cursor: 1 };
        }),
      ],
      reportIds: reports.map((report) => report.reportId),
    });
  }
  const named = (id: string, over: Partial<Report>) => runningReport({ reportId: id, name: id, ...over });

  test('the oldest come first, what is not recorded counts as 1.2.0, what is not known comes last', () => {
    knowReports([
      named('report-new', { workflowVersion: '2.0.0' }),
      named('report-old', { workflowVersion: '1.0.0' }),
      named('report-far', { workflowVersion: '9.0.0' as '2.0.0' }),
      named('report-mid', {}),
    ]);
    const { newest, versions } = listWorkflows(desk);
    expect(newest).toBe('2.0.0');
    expect(versions.map(({ version, reports }) => [version, reports.map((row) => row.reportId)])).toEqual([
      ['1.0.0', ['report-old']],
      ['1.2.0', ['report-mid']],
      ['2.0.0', ['report-new']],
      ['9.0.0', ['report-far']],
    ]);
    const gains = versions.map(({ reports }) => reports[0]?.gains.map(({ feature }) => feature));
    expect(gains).toEqual([['parallelBranch', 'lobChildren', 'compensation'], ['compensation'], [], []]);
    const why = versions.map(({ reports }) => reports[0]?.whyNotMove?.code ?? null);
    expect(why).toEqual([null, null, 'out-of-turn', 'out-of-turn']);
  });

  test('what is over or signed runs no more', () => {
    knowReports([
      named('report-over', { ended: { at: minute(1), reason: 'withdrawn' } }),
      named('report-done', { phases: [phaseLine('test-report', null, 'completed')] }),
      named('report-goes', {}),
    ]);
    expect(listWorkflows(desk).versions.flatMap(({ reports }) => reports.map((row) => row.reportId))).toEqual([
      'report-goes',
    ]);
  });

  test('a move is shown as it was asked for here and as it is under way', () => {
    knowReports([named('report-asked', {}), named('report-moves', { movesTo: '2.0.0' })]);
    desk.outbox.queue([{ kind: 'workflow.move', reportId: 'report-asked', to: '2.0.0' }], desk.author, minute(2));
    const rows = listWorkflows(desk).versions.flatMap(({ reports }) => reports);
    expect(rows.map(({ asked, movesTo, whyNotMove }) => [asked, movesTo, whyNotMove?.code])).toEqual([
      [{ to: '2.0.0', delivery: 'queued' }, null, 'out-of-turn'],
      [null, '2.0.0', 'out-of-turn'],
    ]);
  });
});

describe('the whole life of a report', () => {
  const entry = (sequence: number, previousHash: string, appliedAt: string): LedgerEntry => {
    const rest = {
      ...{ reportId, sequence, entryKey: `e${sequence}`, kind: 'report.control', actorId: 'mara', deviceId: null },
      ...{ operationId: null, versionId: null, summary: `did ${sequence}`, detail: {}, decidedAt: null },
      ...{ receivedAt: appliedAt, appliedAt, previousHash },
    };
    return { ...rest, hash: ledgerHash(rest) };
  };
  const first = entry(1, ledgerGenesis, minute(2));
  // The clock of the store was set back between the two.
  const second = entry(2, first.hash, minute(1));
  const moved: TrackingEntry = { kind: 'migration', from: '1.2.0', to: '2.0.0', by: 'mara', at: minute(5) };

  beforeEach(() => {
    know([opened, step(), wait(), alert('a', 'warning', null), moved]);
    desk.cache.applyPage(reportPage([{ kind: 'ledger', entries: [first, second] }], 40));
  });
  const told = (show: 'all' | 'ledger' | 'tracked', offset = 0, limit = 50) =>
    explainLife(desk, { reportId, show, offset, limit });

  test('the ledger keeps its order, and what was tracked stands between', () => {
    const { rows, ...counts } = told('all');
    expect(counts).toEqual({ total: 5, ledger: 2, tracked: 3, fault: null });
    expect(rows.map((row) => (row.source === 'ledger' ? row.entry.sequence : row.entry.kind))).toEqual([
      'migration',
      'alert',
      2,
      1,
      'transition',
    ]);
  });

  test('either is shown alone, in pages', () => {
    expect(told('ledger').rows.map(({ source }) => source)).toEqual(['ledger', 'ledger']);
    expect(told('tracked', 1, 1)).toMatchObject({ total: 3, rows: [{ entry: { kind: 'alert' } }] });
  });

  test('what is tracked changes nothing of the check of the chain', () => {
    desk.cache.applyPage(reportPage([{ kind: 'ledger', entries: [{ ...second, summary: 'did it not' }] }], 60));
    expect(told('tracked').fault).toMatch(/entry 2 was changed/u);
  });
});
