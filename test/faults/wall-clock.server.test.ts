// Fault o of mission.md, on the real server: what a workflow did is what it does again, at whatever time of day it is replayed.
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keptWorkflowBundle } from '../../worker/bundle.ts';
import { dataConverter } from '../../worker/data-converter.ts';
import { applied } from '../worker/cycle-world.ts';
import { beginReport, until, World } from '../worker/worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe('o: no wall-clock time inside workflow code', () => {
  test('a history in which a deadline never passed is replayed after the deadline has passed', async () => {
    const deadlines = [{ phase: 'planning' as const, dueAfterSeconds: 9, remindBeforeSeconds: 1 }];
    const { reportId, mara } = await beginReport(world, undefined, { deadlines });
    const line = await mara.phase({ reportId, phase: 'planning', lob: null }, (each) => each.dueAt !== null);
    // The workflow ends before its reminder: whoever looks at the time of now would find both due.
    await applied(mara.settled({ kind: 'report.control', reportId, act: 'cancel', reason: 'the bank was sold' }));
    await until(async () => (await world.report(reportId).describe()).status.name === 'COMPLETED');
    const { ended, phases } = await mara.report(reportId, (report) => report.ended !== null);
    expect(ended?.reason).toBe('the bank was sold');
    const times = { remindedAt: null, expiredAt: null };
    expect(phases.find((row) => row.phase === 'planning')).toMatchObject(times);

    await until(async () => Date.now() > Date.parse(line.dueAt ?? ''));
    const history = await world.report(reportId).fetchHistory();
    const workflowBundle = { codePath: await keptWorkflowBundle() };
    const replay = Worker.runReplayHistory({ workflowBundle, dataConverter }, history, `report/${reportId}`);
    await expect(replay).resolves.toBeUndefined();
  });
});
