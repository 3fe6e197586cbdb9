// Work that fails for a reason that may pass: said in the worker's log and in the store's tracking, not only in the workflow's progress.
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tracked } from '../../worker/activities/tracking.ts';
import { orRecorded } from '../../worker/activities/recorded.ts';
import { openTestStore, withPlan, withReport } from '../builders.ts';
import type { TestStore } from '../builders.ts';

let test: TestStore;
const logged: string[] = [];
beforeEach(async () => {
  test = await openTestStore();
  logged.length = 0;
});
afterEach(() => test.close());

// The SDK's own words about failed activities are not looked at here.
const attemptOf = (attempt: number) => new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });
const deps = () => ({ store: test.store, clock: test.clock, log: (line: string) => void logged.push(line) });
const made = { versionId: 'v-1', number: 1 };

it('each failed attempt is in the log and in the steps', async () => {
  const failing = attemptOf(3).run(() =>
    tracked(deps(), async () => {
      throw new Error('EIO: the disk is gone');
    }),
  );
  await expect(failing).rejects.toThrow('EIO: the disk is gone');
  expect(logged).toEqual([expect.stringMatching(/failed \(attempt 3\): EIO: the disk is gone; it is tried again$/u)]);
  const [row] = await test.store.db.selectFrom('tracking').select('entry_text').execute();
  const ended = { attempt: 3, error: 'EIO: the disk is gone', endedAt: expect.any(String) as string };
  expect(JSON.parse(row?.entry_text ?? '')).toMatchObject(ended);
});

it('a store that fails too leaves the work’s own error and a line in the log', async () => {
  const failing = attemptOf(1).run(() =>
    tracked(deps(), async () => {
      await test.store.db.schema.dropTable('tracking').execute();
      throw new Error('the disk is gone');
    }),
  );
  await expect(failing).rejects.toThrow('the disk is gone');
  expect(logged).toHaveLength(2);
});

it('a version that cannot be made yet has a row with the last error until it is made', async () => {
  const reportId = await withReport(test);
  const planId = await withPlan(test, reportId);
  const drawing = test.laptops.tara.operation({
    kind: 'sample.draw',
    reportId,
    planId,
    redrawReason: null,
    targeted: [],
  });
  const { operationId } = drawing.operation;
  await test.send([drawing]);
  const failure = { operationId, reportId, operation: 'create' as const };
  const rows = () =>
    test.store.db
      .selectFrom('version_operations')
      .select(['operation', 'actor_id', 'completed_at', 'error', 'version_id'])
      .where('operation_key', '=', `${operationId}/failing`)
      .execute();
  for (const reason of ['EMFILE: too many open files', 'EIO: the disk is gone']) {
    const attempt = orRecorded(deps(), failure, async () => {
      throw new Error(reason);
    });
    await expect(attempt).rejects.toThrow(reason);
    expect(await rows()).toEqual([
      { operation: 'create', actor_id: 'tara', completed_at: null, error: reason, version_id: null },
    ]);
  }
  expect(await orRecorded(deps(), failure, async () => made)).toEqual(made);
  expect(await rows()).toMatchObject([{ error: 'EIO: the disk is gone', completed_at: expect.any(String) as string }]);
  const { entries } = await test.store.db
    .selectFrom('ledger')
    .select((e) => e.fn.countAll<number>().as('entries'))
    .where('kind', '=', 'version.failed')
    .executeTakeFirstOrThrow();
  expect(entries).toBe(0);
});
