// When what is tracked is kept and told, with timers of the test: no telling more often than once a second unless something failed.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { reportFeed } from '../../../domain/change.ts';
import type { TrackedStep, TrackingEntry } from '../../../domain/tracking.ts';
import { track } from '../../../worker/store/tracking.ts';
import { openTracker } from '../../../worker/tracking/tracker.ts';
import type { Later, Tracker } from '../../../worker/tracking/tracker.ts';
import { openTestStore } from '../../builders.ts';
import type { TestStore } from '../../builders.ts';

const reportId = 'report-0001';

function step(stepId: string, more: Partial<TrackedStep> = {}): TrackedStep {
  const ids = { workflowId: `report/${reportId}`, runId: 'run-1', stepId, activity: 'createVersion' };
  const open = { startedAt: '2026-11-21T08:00:00.000Z', endedAt: null, outcome: null, error: '' };
  return { kind: 'step', ...ids, phase: 'planning', lob: null, ...open, ...more };
}
const endedAt = '2026-11-21T08:01:00.000Z';

/** Timers that ring when the test says so. */
function handTimers() {
  const waiting = new Set<() => void>();
  const later: Later = (_, work) => {
    waiting.add(work);
    return () => waiting.delete(work);
  };
  const ring = (): void => {
    for (const work of [...waiting]) {
      waiting.delete(work);
      work();
    }
  };
  return { later, ring, waiting };
}

let test: TestStore;
let tracker: Tracker;
let timers: ReturnType<typeof handTimers>;
const logged: string[] = [];
const open = (): Tracker =>
  openTracker({ store: test.store, clock: test.clock, log: (line) => void logged.push(line), later: timers.later });
beforeEach(async () => {
  logged.length = 0;
  test = await openTestStore();
  timers = handTimers();
  tracker = open();
});
afterEach(() => test.close());

async function told(): Promise<TrackingEntry[][]> {
  // Whatever was begun is done when a later call is.
  await tracker.note('another report', step('last'));
  const rows = await test.store.db
    .selectFrom('changes')
    .select('body_text')
    .where('feed', '=', reportFeed(reportId))
    .execute();
  return rows.map((row) => (JSON.parse(row.body_text) as { entries: TrackingEntry[] }).entries);
}

it('tells a report’s feed once for all that was noted within a second', async () => {
  await tracker.note(reportId, step('1'));
  await tracker.note(reportId, step('1', { endedAt, outcome: 'done' }));
  await tracker.note(reportId, step('2'));
  expect(timers.waiting.size).toBe(1);
  expect(await told()).toEqual([]);
  timers.ring();
  expect(await told()).toMatchObject([[{ stepId: '1', outcome: 'done' }, { stepId: '2' }]]);
});

it('tells at once of an alert, and needs no timer any more', async () => {
  await tracker.note(reportId, step('1'));
  await tracker.note(reportId, step('1', { endedAt, outcome: 'failed', error: 'EIO' }));
  expect(timers.waiting.size).toBe(0);
  expect((await told())[0]).toEqual(expect.arrayContaining([expect.objectContaining({ kind: 'alert' })]));
});

it('keeps what is noted at once in one transaction, each report’s apart', async () => {
  const { db } = test.store;
  let transactions = 0;
  const store = {
    ...test.store,
    db: new Proxy(db, {
      get: (target, name) => {
        if (name === 'transaction') transactions += 1;
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
  };
  tracker = openTracker({ store, clock: test.clock, log: (line) => void logged.push(line), later: timers.later });
  await Promise.all(['1', '2', '3', '4'].map((id) => tracker.note(id === '4' ? 'report-0002' : reportId, step(id))));
  expect(transactions).toBe(2);
});

it('tells at the start what an earlier worker left untold', async () => {
  await track(test.store, reportId, [step('1')], test.clock);
  await tracker.tellAll();
  expect(await told()).toMatchObject([[{ stepId: '1' }]]);
});

it('leaves no timer behind, and takes nothing any more', async () => {
  await tracker.note(reportId, step('1'));
  await tracker.close();
  expect(timers.waiting.size).toBe(0);
  await tracker.note(reportId, step('2'));
  const rows = await test.store.db.selectFrom('tracking').select('tracking_key').execute();
  expect(rows).toHaveLength(1);
});

it('a store that fails costs what is tracked, is logged, and fails nobody; afterwards it goes on', async () => {
  await test.store.db.schema.alterTable('tracking').renameTo('away').execute();
  await tracker.note(reportId, step('1'));
  expect(logged).toEqual([expect.stringMatching(/^tracking: .*no such table/u)]);
  await test.store.db.schema.alterTable('away').renameTo('tracking').execute();
  await tracker.note(reportId, step('2'));
  timers.ring();
  expect(await told()).toMatchObject([[{ stepId: '2' }]]);
});

it('what could not be told is told later', async () => {
  await tracker.note(reportId, step('1'));
  await test.store.db.schema.alterTable('changes').renameTo('away').execute();
  timers.ring();
  await tracker.note('another report', step('1'));
  await test.store.db.schema.alterTable('away').renameTo('changes').execute();
  expect(logged).toHaveLength(1);
  timers.ring();
  expect(await told()).toMatchObject([[{ stepId: '1' }]]);
});

it('nobody waits longer than a second for a store that does not answer', async () => {
  const never = Promise.withResolvers<never>();
  const store = {
    ...test.store,
    db: { transaction: () => ({ execute: () => never.promise }) } as unknown as TestStore['store']['db'],
  };
  tracker = openTracker({ store, clock: test.clock, log: () => undefined, later: timers.later });
  const noted = tracker.note(reportId, step('1'));
  timers.ring();
  await noted;
});
