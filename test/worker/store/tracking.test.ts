// What is tracked as the store keeps and tells it: late words, what follows from an entry, and feeds that get each state once.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reportFeed } from '../../../domain/change.ts';
import type { Change } from '../../../domain/change.ts';
import type {
  TrackedAlert,
  TrackedAttempt,
  TrackedExecution,
  TrackedStep,
  TrackedWait,
  TrackingEntry,
} from '../../../domain/tracking.ts';
import { trackingKey } from '../../../domain/tracking.ts';
import { tellTracked, track, untoldReports } from '../../../worker/store/tracking.ts';
import { openTestStore } from '../../builders.ts';
import type { TestStore } from '../../builders.ts';

const reportId = 'report-0001';
const minute = (minutes: number): string => new Date(Date.UTC(2026, 10, 21, 8, minutes)).toISOString();
const run = { workflowId: `report/${reportId}`, runId: 'run-1' };

function step(stepId: string, more: Partial<TrackedStep> = {}): TrackedStep {
  const open = { startedAt: minute(0), endedAt: null, outcome: null, error: '' };
  return { kind: 'step', ...run, stepId, activity: 'createVersion', phase: 'planning', lob: null, ...open, ...more };
}
const done = { endedAt: minute(5), outcome: 'done' as const };
const failed = { endedAt: minute(5), outcome: 'failed' as const, error: 'EIO: the disk is gone' };

function attempt(number: number, more: Partial<TrackedAttempt> = {}): TrackedAttempt {
  const open = { startedAt: minute(number), endedAt: null, error: '', nextAttemptAt: null };
  const what = { ...run, stepId: '1', activity: 'createVersion', attempt: number, policy: 'database' as const };
  return { kind: 'attempt', ...what, ...open, ...more };
}

function execution(runId: string, startedAt: string): TrackedExecution {
  const open = { continuedFrom: null, startedAt, endedAt: null, outcome: null };
  return { kind: 'execution', ...run, runId, lob: null, ...open };
}

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

const note = (...entries: TrackingEntry[]): Promise<boolean> => track(test.store, reportId, entries, test.clock);
const tell = (): Promise<void> => tellTracked(test.store, reportId, test.clock);

async function kept(): Promise<TrackingEntry[]> {
  const rows = await test.store.db.selectFrom('tracking').select('entry_text').orderBy('tracking_key').execute();
  return rows.map((row) => JSON.parse(row.entry_text) as TrackingEntry);
}

/** What the feed of the report has got, change by change. */
async function told(): Promise<TrackingEntry[][]> {
  const rows = await test.store.db
    .selectFrom('changes')
    .select('body_text')
    .where('feed', '=', reportFeed(reportId))
    .orderBy('sequence')
    .execute();
  const changes = rows.map((row) => JSON.parse(row.body_text) as Change);
  return changes.map((change) => (change.kind === 'tracking' ? change.entries : []));
}

describe('keeping', () => {
  it('takes an end over a beginning that comes late', async () => {
    await note(step('1', done));
    await note(step('1'));
    expect(await kept()).toEqual([step('1', done)]);
  });

  it('tells nobody by itself what goes well', async () => {
    const feeds: string[] = [];
    test.store.onCommit((committed) => feeds.push(...committed));
    expect(await note(step('1'), step('1', done))).toBe(false);
    expect(feeds).toEqual([]);
    expect(await untoldReports(test.store.db)).toEqual([reportId]);
  });

  it.each<[string, TrackingEntry[]]>([
    ['a failed attempt', [attempt(1, { endedAt: minute(2), error: 'EIO', nextAttemptAt: minute(3) })]],
    ['an alert', [step('1', failed)]],
  ])('tells at once of %s, with all that waited to be told', async (_, entries) => {
    await note(step('9'));
    expect(await note(...entries)).toBe(true);
    const [first, ...more] = await told();
    expect(first?.map(trackingKey)).toEqual(
      expect.arrayContaining([...entries.map(trackingKey), trackingKey(step('9'))]),
    );
    expect(more).toEqual([]);
    expect(await untoldReports(test.store.db)).toEqual([]);
  });
});

describe('telling', () => {
  it('brings what began and ended meanwhile once, and nothing twice', async () => {
    await note(step('1'));
    await note(step('1', done), step('2'));
    await tell();
    await tell();
    await note(step('1', done), step('2'));
    await tell();
    expect(await told()).toEqual([[step('1', done), step('2')]]);
    await note(step('2', done));
    await tell();
    expect(await told()).toEqual([[step('1', done), step('2')], [step('2', done)]]);
  });

  it('is divided into changes of a size that a laptop takes', async () => {
    const error = 'ä'.repeat(2_000);
    const many = Array.from({ length: 200 }, (_, index) => step(String(index), { ...done, error }));
    await note(...many);
    await tell();
    const changes = await told();
    expect(changes.length).toBeGreaterThan(2);
    for (const entries of changes) expect(Buffer.byteLength(JSON.stringify(entries))).toBeLessThan(200_000);
    expect(changes.flat()).toHaveLength(many.length);
  });

  it('comes in the order in which things began', async () => {
    await note(step('1', { startedAt: minute(3) }), step('2', { startedAt: minute(1) }));
    await tell();
    expect((await told()).flat().map((entry) => (entry as TrackedStep).stepId)).toEqual(['2', '1']);
  });
});

describe('what follows from an entry', () => {
  const alerts = async (): Promise<TrackedAlert[]> => (await kept()).filter((entry) => entry.kind === 'alert');

  it('a step that fails for good raises an alert, which the next success of the same ends', async () => {
    await note(step('1', failed));
    await note(step('2', { ...failed, endedAt: minute(6), error: 'EIO again' }));
    expect(await alerts()).toMatchObject([
      { raisedAt: minute(5), resolvedAt: null, message: expect.stringContaining('EIO again') as string },
    ]);
    await note(step('3', { ...done, phase: 'scoping', endedAt: minute(7) }));
    expect(await alerts()).toMatchObject([{ resolvedAt: null }]);
    expect(await note(step('4', { ...done, endedAt: minute(8) }))).toBe(true);
    expect(await alerts()).toMatchObject([{ raisedAt: minute(5), resolvedAt: minute(8) }]);
  });

  it('an alert ends with its phase', async () => {
    await note(step('1', failed));
    const moved = { from: 'in-work', to: 'skipped', mode: 'sequential', revision: 7, at: minute(9) } as const;
    await note({ kind: 'transition', phase: 'scoping', lob: null, ...moved });
    expect(await alerts()).toMatchObject([{ resolvedAt: null }]);
    await note({ kind: 'transition', phase: 'planning', lob: null, ...moved });
    expect(await alerts()).toMatchObject([{ resolvedAt: minute(9) }]);
  });

  it('an alert ends with its workflow', async () => {
    await note(execution('run-1', minute(1)), step('1', failed));
    await note({ ...execution('run-1', minute(1)), endedAt: minute(9), outcome: 'cancelled' });
    expect(await alerts()).toMatchObject([{ resolvedAt: minute(9) }]);
  });

  it('an attempt that never ended is over when the next one begins', async () => {
    await note(attempt(1));
    await note(attempt(2));
    const [first, second] = await kept();
    const error = expect.stringContaining('not heard of') as string;
    expect(first).toEqual(attempt(1, { endedAt: minute(2), error, nextAttemptAt: minute(2) }));
    expect(second).toEqual(attempt(2));
  });

  it('the last attempt of a step that failed for good is over with it', async () => {
    await note(attempt(3));
    await note(step('1', failed));
    expect((await kept()).find((entry) => entry.kind === 'attempt')).toEqual(
      attempt(3, { endedAt: failed.endedAt, error: failed.error }),
    );
  });

  it('what a lost run left open is over when the next one begins, and nothing of the new one', async () => {
    const wait: TrackedWait = {
      kind: 'wait',
      ...{ ...run, waitId: '1', lob: null, startedAt: minute(0), until: minute(59), endedAt: null },
    };
    await note(execution('run-1', minute(0)), step('1'), wait, attempt(1));
    const later = { ...wait, runId: 'run-2' };
    await note(later, execution('run-2', minute(30)));
    const entries = await kept();
    const of = (runId: string) => entries.filter((entry) => (entry as TrackedStep).runId === runId);
    expect(of('run-1').map((entry) => (entry as TrackedStep).endedAt)).toEqual(of('run-1').map(() => minute(30)));
    expect(of('run-1')).toHaveLength(4);
    expect(of('run-2').map((entry) => (entry as TrackedStep).endedAt)).toEqual([null, null]);
    expect(entries.find((entry) => entry.kind === 'execution')).toMatchObject({ outcome: 'failed' });
  });
});
