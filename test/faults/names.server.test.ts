// Fault j of mission.md, on the real server: what a laptop's core sends is what the workflow takes, and every query has its handler.
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queries, workflowIdOf } from '../../domain/change.ts';
import type { PendingApproval, PhaseVersion, ReceiptNote, ReportProgress } from '../../domain/report-progress.ts';
import type { Core } from '../../main/core/core.ts';
import { dataConverter } from '../../worker/data-converter.ts';
import type { DeviceOutcome } from '../../worker/workflows/device-workflow.ts';
import { coreOn, saidServer } from '../main/core/core-world.ts';
import { cycleOfSamples } from '../main/core/cycles.ts';
import { startServerWorld } from '../main/core/server-world.ts';
import type { ServerWorld } from '../main/core/server-world.ts';

let world: ServerWorld;
let core: Core;
let connection: Connection;
beforeAll(async () => {
  world = await startServerWorld();
  core = coreOn(world.dataDir, { profile: 'mara', server: saidServer({ kind: 'ready', address: world.address }) });
  connection = await Connection.connect({ address: world.address });
});
afterAll(async () => {
  await connection.close();
  await core.close();
  await world.close();
});

describe('j: signals of the screen fit the workflow, and every query has a handler', () => {
  test('what is queued on the laptop is applied by the workflow, which then answers every query', async () => {
    const mara = core.session('mara');
    const cycle = cycleOfSamples('2026-11-21');
    const reportId = cycle.reports[0]?.reportId ?? '';
    const place = { kind: 'deadline.set', reportId, phase: 'test-report', lob: null } as const;
    const ids = mara.queue([
      cycle,
      { kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned: false },
      { ...place, dueAt: '2099-01-01T00:00:00.000Z', remindBeforeSeconds: 60, reason: 'agreed with the bank' },
    ]);
    await mara.sync.untilDelivered(30_000);
    expect(ids.map((id) => mara.outbox.tables.operations.get(id)?.state)).toEqual(['applied', 'applied', 'applied']);

    const client = new Client({ connection, dataConverter });
    const report = client.workflow.getHandle(workflowIdOf({ kind: 'report', id: reportId }));
    const answers = new Map<string, unknown>();
    for (const name of Object.values(queries)) answers.set(name, await report.query<unknown>(name));
    const progress = answers.get(queries.progress) as ReportProgress;
    expect(progress.counts).toEqual({ applied: 2, refused: 0, conflict: 0, 'dead-letter': 0 });
    expect((answers.get(queries.receipts) as ReceiptNote[]).map((note) => note.operationId)).toEqual(ids.slice(1));
    expect(answers.get(queries.phaseVersions) as PhaseVersion[]).toEqual([]);
    expect(answers.get(queries.pendingApprovals) as PendingApproval[]).toEqual([]);

    const device = client.workflow.getHandle(workflowIdOf({ kind: 'device', id: mara.profile.deviceId }));
    expect(await device.query<DeviceOutcome>(queries.progress)).toMatchObject({ status: 'approved' });
  });
});
