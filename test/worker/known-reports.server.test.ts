// A step that an older worker was given, and could not do, is no failed step: it is not compensated, and the newer worker does it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { Activities } from '../../worker/activities/create-activities.ts';
import { mustKnow } from '../../worker/store/workflow-version.ts';
import { beginCycle, importRows, ledgerOf } from './cycle-world.ts';
import { World } from './worker-world.ts';

/** One more than after which a step counts as failed for good. */
const refusals = 4;
let refused = 0;

/** This worker's, of which one answers at first as an older worker's would. */
function withOlder(deps: Parameters<typeof createActivities>[0]): Activities {
  const activities = createActivities(deps);
  return {
    ...activities,
    async createPlanningVersion(subject) {
      if (refused < refusals) {
        refused += 1;
        mustKnow('3.0.0');
      }
      return activities.createPlanningVersion(subject);
    },
  };
}

let world: World;
beforeAll(async () => {
  world = await World.open({ activities: withOlder, retryBaseMs: 50 });
});
afterAll(() => world.close());

test('what an older worker could not do is done by the newer one, and nothing was compensated', async () => {
  const cycle = await beginCycle(world);
  const { reportId, tara } = cycle;
  await importRows(cycle);
  await tara.version({ reportId, phase: 'planning', lob: null }, ({ status }) => status === 'draft');
  expect(refused).toBe(refusals);
  expect((await tara.report(reportId, () => true)).compensations).toBeUndefined();
  expect((await ledgerOf(cycle, tara)).filter(({ kind }) => kind.startsWith('compensation'))).toEqual([]);
  expect(
    tara.changes.some(
      ({ change }) => change.kind === 'tracking' && change.entries.some(({ kind }) => kind === 'compensation'),
    ),
  ).toBe(false);
});
