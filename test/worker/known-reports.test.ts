// A worker does nothing for a report of a workflow version that it does not know, whichever activity is asked.
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { practicePeople } from '../../domain/people.ts';
import { hasFeature, unknownVersionFailure, workflowFeatures } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { beginCycle } from './cycle-world.ts';
import { openLocalWorld } from './local-world.ts';
import type { LocalWorld } from './local-world.ts';

let local: LocalWorld;
let reportId: string;
beforeAll(async () => {
  local = await openLocalWorld({ people: practicePeople.map((person) => ({ ...person })) }, { beginsAs: '1.2.0' });
  ({ reportId } = await beginCycle(local.world));
});
afterAll(() => local.close());

const setVersions = (version: string, movesTo: string | null) =>
  local.store.db
    .updateTable('reports')
    .set({ workflow_version: version as WorkflowVersion, moves_to: movesTo as WorkflowVersion | null })
    .where('report_id', '=', reportId)
    .execute();
/** How often the store was written to. */
async function changes(): Promise<number> {
  const { rows } = await sql<{ times: number }>`select total_changes() as times`.execute(local.store.db);
  return rows[0]?.times ?? -1;
}

/** These are asked by laptops, for no single report. */
const ofLaptops = [
  ...['enrol', 'readChanges', 'readContents', 'putContent', 'reportsToRevive', 'adoptFile', 'awaitChanges'],
];
const applying = [
  ...['applyOperations', 'assignDataOwner', 'submitDocument', 'recordTestAction', 'updateTestResponse'],
  'signOffTestReport',
];

type Call = (...args: unknown[]) => Promise<unknown>;

describe('of a report of version 3.0.0', () => {
  test('every activity says that a newer worker is needed, and changes nothing', async () => {
    await setVersions('3.0.0', null);
    const before = await changes();
    const calls = Object.entries(local.activities).filter(([name]) => !ofLaptops.includes(name)) as [string, Call][];
    expect(calls.length).toBeGreaterThan(30);
    for (const [name, call] of calls) {
      const firsts = applying.includes(name) ? [{ kind: 'report', id: reportId }] : [reportId, { reportId }];
      for (const first of firsts) {
        await expect(call(first, [], null), name).rejects.toMatchObject({
          name: unknownVersionFailure,
          message: expect.stringContaining(
            'runs as workflow version 3.0.0 and this worker knows up to 2.0.0',
          ) as string,
        });
      }
    }
    expect(await changes()).toBe(before);
  });

  test('its history is read as that of a report with every feature', () => {
    expect(workflowFeatures.map((feature) => hasFeature('3.0.0', feature))).toEqual(workflowFeatures.map(() => true));
  });
});

test('a report that is to move to a version that this worker does not know stays as it is, and says so', async () => {
  await setVersions('1.2.0', '3.0.0');
  const before = await changes();
  await expect(local.activities.moveReport(reportId)).rejects.toThrow(
    'this report is to go on as workflow version 3.0.0 and this worker knows up to 2.0.0: start the newer worker',
  );
  expect(await changes()).toBe(before);
});
