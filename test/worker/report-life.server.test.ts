// A report's whole life through signals alone: version 1, its revision, version 2 approved, on the real server, store and population.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries } from '../../domain/change.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import type { PendingApproval, PhaseVersion, ReceiptNote, ReportProgress } from '../../domain/report-progress.ts';
import { beginReport, decide, drawFirst, until, World } from './worker-world.ts';
import type { Laptop } from './worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** The ledger as a laptop's feed brought it. */
function ledgerOf(laptop: Laptop): LedgerEntry[] {
  return laptop.changes.flatMap(({ change }) => (change.kind === 'ledger' ? change.entries : []));
}

test('version 1 is reviewed and revised into version 2, which is approved, all by signals', async () => {
  const begun = await beginReport(world);
  const { reportId, tara, olga } = begun;
  const report = world.report(reportId);
  const { versionId } = await drawFirst(begun);
  const items = await olga.contents(versionId);
  expect(items.length).toBeGreaterThan(40);
  expect(items.map((item) => item.source)).toEqual(
    items.map((_, index) => ({ kind: 'random', drawPosition: index + 1, stratum: null })),
  );
  expect(await report.query<PendingApproval[]>(queries.pendingApprovals)).toEqual([
    { versionId, phase: 'sample-selection', lob: null, number: 1, approvers: ['report-owner'] },
  ]);

  const rejected = items.slice(3, 7);
  const approved = items.filter((item) => !rejected.includes(item));
  expect(await decide(olga, reportId, versionId, approved, { verdict: 'approved', reasonCode: null })).toMatchObject({
    state: 'applied',
  });
  await decide(olga, reportId, versionId, rejected, { verdict: 'rejected', reasonCode: 'duplicate' });
  const seen = { approved: approved.length, rejected: 4, pending: 0 };
  const review = { kind: 'review.submit' as const, reportId, versionId, note: '', seen };
  expect(await olga.settled({ ...review, verdict: 'revision-requested' })).toMatchObject({ state: 'applied' });

  const answers = rejected.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, answer: 'replace' as const }));
  expect(await tara.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' })).toMatchObject({
    state: 'applied',
  });
  const second = await olga.seen((change) => change.kind === 'version' && change.version.number === 2);
  if (second.kind !== 'version') throw new Error('no version');
  const { versionId: secondId } = second.version;
  const revised = await olga.contents(secondId);
  expect(revised.filter((item) => item.origin.kind === 'carried')).toHaveLength(approved.length);
  const replacements = revised.filter((item) => item.origin.kind === 'replacement');
  expect(replacements.map((item) => item.position)).toEqual([3, 4, 5, 6]);
  expect(replacements.map((item) => item.source)).toEqual(
    [1, 2, 3, 4].map((next) => ({ kind: 'random', drawPosition: items.length + next, stratum: null })),
  );
  expect(items.map((item) => item.itemKey)).not.toContain(replacements[0]?.itemKey);
  expect(second.version.workflow).toMatchObject({
    workflowId: `report/${reportId}`,
    activityName: 'createSampleRevision',
  });

  await decide(olga, reportId, secondId, replacements, { verdict: 'approved', reasonCode: null });
  const all = { approved: items.length, rejected: 0, pending: 0 };
  await olga.settled({ ...review, versionId: secondId, verdict: 'approved', seen: all });

  await olga.phase({ reportId, phase: 'sample-selection', lob: null }, (line) => line.state === 'completed');
  expect(await report.query<PhaseVersion[]>(queries.phaseVersions)).toEqual([
    { phase: 'sample-selection', lob: null, versionId: secondId, number: 2, status: 'completed' },
  ]);
  const progress = await until(async () => {
    const now = await report.query<ReportProgress>(queries.progress);
    return now.work.length === 0 ? now : null;
  });
  expect(progress).toMatchObject({ waiting: 0, alerts: [], counts: { applied: 9, refused: 0 } });
  expect(progress.phases.find((row) => row.phase === 'sample-selection')?.life).toBe('completed');
  expect(await report.query<PendingApproval[]>(queries.pendingApprovals)).toEqual([]);
  const receipts = await report.query<ReceiptNote[]>(queries.receipts);
  expect(receipts).toHaveLength(9);

  const ledger = ledgerOf(olga);
  expect(ledgerFault(ledger, progress.ledgerHead ?? undefined)).toBeNull();
});

test('a report that is cancelled still gives receipts for what came before, and then ends', async () => {
  const { reportId, mara } = await beginReport(world);
  await world.stopWorker();
  const { operation } = await mara.do({
    kind: 'assignment.set',
    reportId,
    personId: 'lena',
    role: 'test-lead',
    assigned: true,
  });
  await world.report(reportId).cancel();
  await world.startWorker();
  expect(await mara.receipt(operation.operationId)).toMatchObject({ state: 'applied' });
  await until(async () => (await world.report(reportId).describe()).status.name === 'CANCELLED');
});
