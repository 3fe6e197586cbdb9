// The store through the whole first slice: plan, draw, review, revision, approval.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sha256Hex } from '../../../domain/canonical.ts';
import { ledgerFault } from '../../../domain/ledger.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { currentVersion } from '../../../worker/store/version-rows.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  approve,
  boundTo,
  carryOut,
  drawn,
  drawnRows,
  inReview,
  openTestStore,
  reject,
  reviewed,
  revised,
  testLobs,
  withPlan,
  withReport,
} from '../../builders.ts';
import type { TestStore } from '../../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

async function phaseOf(reportId: string) {
  const summary = await reportSummary(test.store, reportId);
  return summary?.report.phases.find((row) => row.phase === 'sample-selection');
}

it('takes a sample from its draw over four rejections to an approved second version', async () => {
  const { reportId, version } = await inReview(test);
  expect(version).toMatchObject({ number: 1, status: 'pending', authorId: 'tara', counts: { total: 59, pending: 59 } });
  expect(await phaseOf(reportId)).toMatchObject({ state: 'in-review', waitingFor: ['olga', 'otto'] });

  const rejections = {
    '1001': reject('duplicate'),
    '1002': reject('duplicate', 'see 1003'),
    '1003': reject('voided', 'never booked'),
    '1004': reject('voided', 'never booked'),
  };
  const first = await reviewed(test, version, rejections);
  expect(first.outcomes.map((outcome) => outcome.state)).toEqual(['applied', 'applied']);
  expect(first.followUps).toMatchObject([
    { kind: 'settle-review', versionId: version.versionId, verdict: 'revision-requested', phase: 'sample-selection' },
  ]);
  expect(await phaseOf(reportId)).toMatchObject({ state: 'in-revision', waitingFor: ['otto', 'tara'] });

  const second = await revised(test, version);
  expect(second).toMatchObject({
    number: 2,
    revision: 1,
    parentVersionId: version.versionId,
    masterRecordId: version.versionId,
    counts: { total: 59, approved: 55, pending: 4, rejected: 0 },
  });
  const carried = await test.store.db
    .selectFrom('decisions')
    .selectAll()
    .where('version_id', '=', second.versionId)
    .where('item_key', '=', '1005')
    .executeTakeFirstOrThrow();
  expect(carried).toMatchObject({ verdict: 'approved', actor_id: 'olga' });

  await reviewed(test, second);
  const summary = await reportSummary(test.store, reportId);
  expect(summary?.versions.map((row) => [row.number, row.status, row.counts.rejected])).toEqual([
    [1, 'superseded', 4],
    [2, 'approved', 0],
  ]);
  expect(await phaseOf(reportId)).toMatchObject({
    ...{ state: 'completed', outcome: 'approved', waitingFor: [], versionId: second.versionId },
  });
  expect(summary?.report.lobs).toMatchObject([{ lob: 'Whole report', samples: 59 }]);
  const log = await test.store.db
    .selectFrom('version_operations')
    .select(['operation', 'version_id', 'actor_id', 'error'])
    .orderBy('completed_at')
    .execute();
  expect(log).toEqual([
    { operation: 'create', version_id: version.versionId, actor_id: 'tara', error: null },
    { operation: 'revise', version_id: second.versionId, actor_id: 'tara', error: null },
    { operation: 'approve', version_id: second.versionId, actor_id: 'olga', error: null },
  ]);

  const ledger = await readLedger(test.store, reportId);
  expect(ledgerFault(ledger, summary?.ledgerHead)).toBeNull();
  expect(ledger.map((entry) => entry.summary)).toEqual([
    expect.stringContaining('started the cycle "Cycle 2026 Q4"'),
    'skipped Planning: not part of this test',
    'skipped Data profiling: not part of this test',
    'skipped Scoping: not part of this test',
    'named 1 line of business: Whole report',
    'opened Sample selection',
    'opened Data owner identification',
    'handed in the population accounts.csv',
    'imported accounts.csv: 30,000 rows, key ID',
    'recorded the plan: 59 of 30,000, hypergeometric, seed 20261120 given',
    'asked for the draw of 59 samples',
    'drew 59 of 30,000 into version 1',
    'decided 59 samples: 55 approved, 4 rejected (2 duplicate, 2 voided)',
    'submitted the review of version 1: revision requested',
    'asked for a revision of version 1 of Sample selection',
    'answered 4 rejections of version 1: 4 to replace, 0 kept',
    'revised version 1 into version 2: 55 carried, 4 replaced, 0 kept, 0 re-opened',
    'decided 4 samples: 4 approved',
    'submitted the review of version 2: approved',
    'approved version 2 of Sample selection',
    'completed Sample selection',
  ]);
  for (const entry of ledger) {
    // What the workflow does by itself was decided and sent by nobody.
    const times = entry.actorId === 'countersign' ? 2 : 3;
    expect(new Set([entry.decidedAt, entry.receivedAt, entry.appliedAt]).size).toBe(times);
    expect(entry.deviceId === null).toBe(entry.actorId === 'countersign');
  }
  const operations = await test.store.db
    .selectFrom('operations')
    .selectAll()
    .where('report_id', '=', reportId)
    .execute();
  const entries = new Map(ledger.map((entry) => [entry.entryKey, entry]));
  // The chain vouches for every single decision: it holds the hash of what was signed.
  for (const { operation_id: operationId, body_text: bodyText } of operations) {
    expect(entries.get(operationId)?.detail['operationHash']).toBe(sha256Hex(bodyText));
  }
  expect(operations).toHaveLength(8);
});

it('numbers versions without gaps over a redraw and counts it; a pending one makes way for it', async () => {
  const { reportId, version } = await inReview(test, { items: 5 });
  const redrawn = await drawn(test, reportId, await withPlan(test, reportId), { redrawReason: 'rows were missing' });
  let summary = await reportSummary(test.store, reportId);
  expect(redrawn).toMatchObject({ number: 2, revision: 0, parentVersionId: null, masterRecordId: redrawn.versionId });
  expect(summary?.report.redraws).toBe(1);
  expect(summary?.versions.map((row) => row.status)).toEqual(['superseded', 'pending']);
  await reviewed(test, redrawn);
  summary = await reportSummary(test.store, reportId);
  expect(summary?.versions.map((row) => row.status)).toEqual(['superseded', 'approved']);
  expect(await currentVersion(test.store.db, reportId, 'sample-selection', null)).toMatchObject({ number: 2 });
  expect(version.number).toBe(1);
});

it('plans and draws each line of business for itself; the approved sample of one stays current until a newer one is', async () => {
  const reportId = await withReport(test, 'report-lobs', { divided: true });
  const [first, second, third] = testLobs;
  const sampled = async (lob: string, from: number, redrawReason: string | null = null) => {
    const planId = await withPlan(test, reportId, { lob, lobColumn: 'LOB' });
    return drawn(test, reportId, planId, { rows: drawnRows(3, from), redrawReason });
  };
  const one = await sampled(first, 1);
  expect(one).toMatchObject({ lob: first, number: 1, summary: { populationSize: 10_000, lob: first } });
  await reviewed(test, one);
  expect(await phaseOf(reportId)).toMatchObject({ state: 'in-work' });
  const again = await sampled(first, 4, 'rows were missing');
  expect(again).toMatchObject({ lob: first, number: 2 });
  expect((await currentVersion(test.store.db, reportId, 'sample-selection', first))?.number).toBe(1);
  const two = await sampled(second, 7);
  expect(two).toMatchObject({ lob: second, number: 1 });
  await reviewed(test, again);
  expect((await currentVersion(test.store.db, reportId, 'sample-selection', first))?.number).toBe(2);
  await reviewed(test, two);
  expect(await phaseOf(reportId)).toMatchObject({ state: 'in-work' });
  const without = test.laptops.tara.operation({
    ...{ kind: 'phase.complete', reportId, phase: 'sample-selection', lob: null, note: '' },
    withoutSamples: [{ lob: third, reason: 'it was closed in the year before' }],
  });
  await carryOut(test, (await test.send([without])).followUps);
  expect(await phaseOf(reportId)).toMatchObject({ state: 'completed', outcome: 'approved' });
  expect((await reportSummary(test.store, reportId))?.report).toMatchObject({
    redraws: 1,
    lobs: [
      { lob: first, samples: 3 },
      { lob: second, samples: 3 },
      { lob: third, samples: 0, withoutSamples: 'it was closed in the year before' },
    ],
  });
});

it('tells decisions that come along with a revision in pieces that fit a page, however long their notes are', async () => {
  const { reportId, version, rows } = await inReview(test, { items: 61 });
  const { versionId } = version;
  const [rejected, ...others] = rows.map((row) => row.itemKey);
  const noted = { ...approve, note: 'n'.repeat(10_000) };
  const decisions = await boundTo(
    test,
    versionId,
    others.map((key) => [key, noted]),
  );
  await test.send([test.laptops.olga.operation({ kind: 'decisions.record', reportId, versionId, decisions })]);
  await reviewed(test, version, { [rejected ?? '']: reject('voided') });
  const next = await revised(test, version);
  const changes = await test.store.db
    .selectFrom('changes')
    .select('body_text')
    .where('kind', '=', 'decisions')
    .where('body_text', 'like', `%"versionId":"${next.versionId}"%`)
    .execute();
  const told = changes.map((row) => JSON.parse(row.body_text) as { decisions: unknown[] });
  expect(told.flatMap((change) => change.decisions)).toHaveLength(60);
  expect(Math.max(...changes.map((row) => row.body_text.length))).toBeLessThan(400_000);
});
