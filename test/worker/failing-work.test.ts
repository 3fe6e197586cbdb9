// Work of an operation that fails for a reason that may pass: said in the log of versions, until it succeeds.
import { afterEach, beforeEach, expect, it } from 'vitest';
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

const deps = () => ({ store: test.store, clock: test.clock, log: (line: string) => void logged.push(line) });
const made = { versionId: 'v-1', number: 1 };

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
