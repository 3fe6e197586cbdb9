// The server loses what it knew of a report, the store does not: the report's workflow comes back and goes on where the store is.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queries, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import type { ReviveAnswer } from '../../domain/change.ts';
import type { OperationBody, SignedOperation } from '../../domain/operation.ts';
import { targetOf } from '../../domain/operation.ts';
import type { PhaseVersion, ReportProgress } from '../../domain/report-progress.ts';
import { applyOperations } from '../../worker/store/apply.ts';
import { beginReport, decide, drawFirst, populationCsv, reportStart, until, World } from './worker-world.ts';
import type { Begun, Laptop } from './worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

async function revive(laptop: Laptop, reportId: string | null): Promise<ReviveAnswer> {
  const handle = await world.start<ReviveAnswer>(workflowTypes.reviveReports, laptop.signedRevive(reportId));
  return handle.result();
}

/** As after the server's database was thrown away: nothing of the report's workflow is left. */
async function loseReport(reportId: string): Promise<void> {
  const workflowId = workflowIdOf({ kind: 'report', id: reportId });
  const { workflowService } = world.client;
  await workflowService.deleteWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId } });
  await until(async () => (await statusOf(workflowId)) === null);
}

async function statusOf(workflowId: string): Promise<string | null> {
  try {
    return (await world.client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return null;
    throw error;
  }
}

/** An operation that the store applied and whose workflow was lost before it did what follows. */
async function applyOnly(operation: SignedOperation): Promise<void> {
  await world.stopWorker();
  const now = () => new Date().toISOString();
  const incoming = [{ raw: operation, receivedAt: now() }];
  const { outcomes } = await world.inStore((store) =>
    applyOperations(store, targetOf(operation.operation.body), incoming, now),
  );
  expect(outcomes).toMatchObject([{ state: 'applied', duplicate: false }]);
  await world.startWorker();
}

async function answersOf(reportId: string) {
  const report = world.report(reportId);
  const { alerts: _alerts, continued: _continued, ...progress } = await report.query<ReportProgress>(queries.progress);
  return {
    progress,
    versions: await report.query(queries.phaseVersions),
    approvals: await report.query(queries.pendingApprovals),
    receipts: await report.query(queries.receipts),
  };
}

/** Version 1 with a review that asks for a revision of its first item. */
async function reviewed(
  begun: Begun,
): Promise<{ versionId: string; rejected: { itemKey: string; contentHash: string } }> {
  const { reportId, olga } = begun;
  const { versionId } = await drawFirst(begun);
  const [rejected, ...others] = await olga.contents(versionId);
  if (!rejected) throw new Error('the sample is empty');
  await decide(olga, reportId, versionId, others, { verdict: 'approved', reasonCode: null });
  await decide(olga, reportId, versionId, [rejected], { verdict: 'rejected', reasonCode: 'voided' });
  const seen = { approved: others.length, rejected: 1, pending: 0 };
  const verdict = 'revision-requested';
  const receipt = await olga.settled({ kind: 'review.submit', reportId, versionId, note: '', verdict, seen });
  expect(receipt.state).toBe('applied');
  return { versionId, rejected };
}

async function secondVersion(laptop: Laptop, reportId: string): Promise<string> {
  const change = await laptop.seen(
    (each) => each.kind === 'version' && each.version.reportId === reportId && each.version.number === 2,
  );
  return change.kind === 'version' ? change.version.versionId : '';
}

const assign = (reportId: string, assigned: boolean): OperationBody => ({
  kind: 'assignment.set',
  ...{ reportId, assigned },
  personId: 'lena',
  role: 'test-lead',
});

test('a report that the server lost answers as before, takes operations, and its next revision is made', async () => {
  const begun = await beginReport(world);
  const { reportId, tara, mara } = begun;
  const { versionId, rejected } = await reviewed(begun);
  const refused = await tara.settled(assign(reportId, true));
  expect(refused.state).toBe('refused');
  const before = await answersOf(reportId);
  await loseReport(reportId);

  expect(await revive(mara, reportId)).toEqual({ kind: 'revived', reportIds: [reportId] });
  expect(await until(async () => answersWithLedger(reportId))).toEqual(before);

  const { itemKey, contentHash } = rejected;
  const answers = [{ itemKey, contentHash, answer: 'replace' as const }];
  const revision = await tara.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' });
  expect(revision.state).toBe('applied');
  const second = await secondVersion(tara, reportId);
  const runs = await until(async () => {
    const now = await world.report(reportId).query<PhaseVersion[]>(queries.phaseVersions);
    return now.some((row) => row.versionId === second) ? now : null;
  });
  expect(runs).toEqual([{ phase: 'sample-selection', lob: null, versionId: second, number: 2, status: 'in-review' }]);
  expect((await world.report(reportId).query<ReportProgress>(queries.progress)).alerts).toEqual([]);
});

async function answersWithLedger(reportId: string) {
  const answers = await answersOf(reportId);
  return answers.progress.ledgerHead ? answers : null;
}

test('work that was under way when the server lost it is done, although nobody sends anything to its report', async () => {
  const begun = await beginReport(world);
  const { reportId, tara, olga } = begun;
  const { fileHash, fileSize } = await tara.handOver(reportId, populationCsv(50));
  const file = { fileHash, fileSize, fileName: 'p.csv', keyColumn: 'ID' };
  await loseReport(reportId);
  await applyOnly(tara.operation({ kind: 'population.import', reportId, ...file }));

  expect(await revive(olga, null)).toEqual({ kind: 'revived', reportIds: [reportId] });
  await olga.seen(
    (change) =>
      change.kind === 'population' &&
      change.population.reportId === reportId &&
      change.population.state.kind === 'ready',
  );
  await until(async () => (await answersOf(reportId)).progress.work.length === 0);
  expect(await revive(olga, null)).toEqual({ kind: 'revived', reportIds: [] });
});

test('a revision that was under way when the server lost it is made, once', async () => {
  const begun = await beginReport(world);
  const { reportId, tara } = begun;
  const { versionId, rejected } = await reviewed(begun);
  const { itemKey, contentHash } = rejected;
  await loseReport(reportId);
  const answers = [{ itemKey, contentHash, answer: 'replace' as const }];
  const operation = tara.operation({ kind: 'revision.submit', reportId, versionId, answers, note: '' });
  await applyOnly(operation);
  await revive(tara, reportId);
  // The laptop saw no receipt yet and sends it again, which names the follow-up again.
  await world.send(operation.operation.body, [operation]);
  await secondVersion(tara, reportId);
  await until(async () => (await answersOf(reportId)).progress.work.length === 0);
  const made = tara.changes.flatMap(({ change }) => (change.kind === 'ledger' ? change.entries : []));
  const own = made.filter((entry) => entry.reportId === reportId && /^version\.(created|revised)$/.test(entry.kind));
  expect(own.map((entry) => entry.kind)).toEqual(['version.created', 'version.revised']);
});

test('several laptops at once bring one workflow back, and each one’s operation is applied', async () => {
  const { reportId, mara, tara, olga } = await beginReport(world);
  await loseReport(reportId);
  const answers = await Promise.all([mara, tara, olga, mara, tara].map((laptop) => revive(laptop, reportId)));
  expect(answers).toEqual(answers.map(() => ({ kind: 'revived', reportIds: [reportId] })));
  expect(await statusOf(`report/${reportId}`)).toBe('RUNNING');
  expect((await mara.settled(assign(reportId, true))).state).toBe('applied');
  const { runId } = await world.report(reportId).describe();
  await revive(olga, reportId);
  expect((await world.report(reportId).describe()).runId).toBe(runId);
});

test('a cycle’s start that is sent again brings its reports back', async () => {
  const mara = await world.laptop('mara');
  const [cycleId, reportId] = [randomUUID(), randomUUID()];
  const reports = [reportStart(reportId)];
  const body: OperationBody = { kind: 'cycle.start', cycleId, name: 'Autumn', reports };
  const start = await mara.do(body);
  await until(async () => (await statusOf(`report/${reportId}`)) === 'RUNNING');
  await until(async () => (await statusOf(`cycle/${cycleId}`)) === 'COMPLETED');
  await loseReport(reportId);
  await world.send(body, [start]);
  await until(async () => (await statusOf(`report/${reportId}`)) === 'RUNNING');
  expect((await mara.settled(assign(reportId, true))).state).toBe('applied');
});

describe('does not come back', () => {
  test('for somebody who is not assigned, for an unknown report, and without the right signature', async () => {
    const { reportId, olga, mara } = await beginReport(world);
    const lena = await world.laptop('lena');
    await loseReport(reportId);
    expect(await revive(lena, reportId)).toMatchObject({ kind: 'refused', code: 'not-assigned' });
    expect(await revive(mara, randomUUID())).toMatchObject({ kind: 'refused', code: 'not-found' });
    const forged = { ...olga.signedRevive(reportId), signature: lena.signedRevive(reportId).signature };
    const handle = await world.start<ReviveAnswer>(workflowTypes.reviveReports, forged);
    expect(await handle.result()).toMatchObject({ kind: 'refused', code: 'bad-signature' });
    expect(await statusOf(`report/${reportId}`)).toBeNull();
    const nonsense = await world.start<ReviveAnswer>(workflowTypes.reviveReports, { request: 7 });
    await expect(nonsense.result()).rejects.toMatchObject({ cause: { type: 'Malformed' } });
  });

  test('when it was cancelled: not on request, not for its unfinished work, and not with its cycle', async () => {
    const { reportId, mara } = await beginReport(world);
    const file = { fileHash: 'a'.repeat(64), fileSize: 1, fileName: 'p.csv', keyColumn: 'ID' };
    await applyOnly(mara.operation({ kind: 'population.import', reportId, ...file }));
    await world.report(reportId).cancel();
    await until(async () => (await statusOf(`report/${reportId}`)) === 'CANCELLED');
    expect(await revive(mara, reportId)).toMatchObject({ kind: 'refused', code: 'over' });
    expect(await revive(mara, null)).toEqual({ kind: 'revived', reportIds: [] });
    // As a cycle starts it, once the server's retention forgot the cancelled one: it ends at once.
    const again = { workflowId: `report/${reportId}`, taskQueue: world.taskQueue, args: [{}] };
    expect(await (await world.client.workflow.start(workflowTypes.report, again)).result()).toBeUndefined();
  });
});
