// Faults p and q of mission.md: what a reviewer said stays on record, and what could not be taken is named.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejectedSamples } from '../../domain/rejections.ts';
import type { DecidedSample } from '../../domain/rejections.ts';
import type { OperationBody } from '../../domain/operation.ts';
import type { Version } from '../../domain/version.ts';
import { reportSummary } from '../../worker/store/follow-up.ts';
import { decisionOf, readVersion, readVersionItems } from '../../worker/store/version-rows.ts';
import { readLedger } from '../../worker/store/writing.ts';
import {
  approve,
  boundTo,
  carryOut,
  edited,
  handedIn,
  inReview,
  openTestStore,
  reject,
  reviewed,
  revised,
  withProposed,
} from '../builders.ts';
import type { TestPerson, TestStore } from '../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

async function sent(by: TestPerson, body: unknown) {
  const operation = test.laptops[by].operation(body as OperationBody);
  const { followUps } = await test.send([operation]);
  await carryOut(test, followUps);
  return test.receipt(operation.operation.operationId);
}
const versionNow = (version: Pick<Version, 'versionId'>) => readVersion(test.store.db, version.versionId);

describe('p: a rejection is stored with its reason and stays in the history', () => {
  it('of a sample, after its replacement was approved', async () => {
    const { version } = await inReview(test, { items: 3 });
    await reviewed(test, version, { '1002': reject('duplicate', 'see 1003') });
    const second = await revised(test, version);
    await reviewed(test, second);
    const decided = async (of: Version): Promise<DecidedSample> => {
      const decisions = test.store.db.selectFrom('decisions').selectAll().where('version_id', '=', of.versionId);
      const byKey = new Map((await decisions.execute()).map((row) => [row.item_key, decisionOf(row)]));
      const items = await readVersionItems(test.store.db, of.versionId);
      return { version: of, items: items.map((item) => ({ ...item, decision: byKey.get(item.itemKey) ?? null })) };
    };
    expect(rejectedSamples([await decided(version), await decided(second)])).toEqual([
      {
        ...{ lob: null, versionNumber: 1, itemKey: '1002', reasonCode: 'duplicate', note: 'see 1003', by: 'olga' },
        ...{ at: expect.stringMatching(/^2026-/u) as string, outcome: { kind: 'replaced', by: '1004' } },
      },
    ]);
    expect((await versionNow(version))?.counts).toMatchObject({ rejected: 1 });
  });

  it('of a whole version, after another one was handed in and approved', async () => {
    const { version, reportId } = await withProposed(test, 'scoping', ['A']);
    const first = await handedIn(test, version);
    const { versionId } = first;
    const receipt = await sent('olga', {
      ...{ kind: 'review.submit', reportId, versionId, verdict: 'rejected', note: 'of another year' },
      seen: { approved: 0, rejected: 0, pending: 1 },
    });
    expect(receipt.state).toBe('applied');
    const kept = { reviewVerdict: 'rejected', reviewedBy: 'olga', reviewNote: 'of another year' };
    expect(await versionNow(first)).toMatchObject({ status: 'rejected', ...kept });
    const summary = await reportSummary(test.store, reportId);
    expect(summary?.report.phases.find((row) => row.phase === 'scoping')).toMatchObject({
      ...{ state: 'rejected', outcome: 'VersionRejected', reason: 'of another year' },
    });

    await reviewed(test, await handedIn(test, first, [await edited(test, first, 'A', { risk: 'low' })]));
    expect(await versionNow(first)).toMatchObject({ status: 'superseded', ...kept });
    const log = test.store.db.selectFrom('version_operations').select(['operation', 'actor_id', 'error']);
    expect(await log.where('version_id', '=', versionId).where('operation', '=', 'reject').execute()).toEqual([
      { operation: 'reject', actor_id: 'olga', error: null },
    ]);
    const ledger = (await readLedger(test.store, reportId)).filter((entry) => entry.versionId === versionId);
    expect(ledger.map((entry) => [entry.kind, entry.actorId])).toContainEqual(['version.rejected', 'olga']);
    expect(ledger.map((entry) => entry.summary)).toContain(
      'submitted the review of version 1: rejected as a whole: of another year',
    );
  });
});

describe('q: decisions for foreign items are named, and the review does not say that it is complete', () => {
  it('items of another report, of a version before and of nothing, each by its key', async () => {
    const elsewhere = await inReview(test, { items: 5, reportId: 'report-0002' });
    const { version, reportId } = await inReview(test, { items: 3 });
    await reviewed(test, version, { '1002': reject('voided') });
    const second = await revised(test, version);
    expect(elsewhere.rows.map((row) => row.itemKey)).toContain('1005');

    const keys = ['1002', '1005', 'toString', '1001'];
    const fits = await boundTo(
      test,
      second.versionId,
      keys.map((key) => [key, approve] as const),
    );
    const seen = fits.map((row) => (row.itemKey === '1001' ? { ...row, decision: reject('voided') } : row));
    const body = { kind: 'decisions.record', reportId, versionId: second.versionId, decisions: seen };
    const receipt = await sent('olga', body);
    expect(receipt.state).not.toBe('applied');
    expect(receipt.reason?.message).toMatch(/^1002: version 2 has no item 1002 \(and 2 more not applied\)$/u);
    expect(receipt.items.map((item) => [item.itemKey, item.reason.code, item.theirs])).toEqual([
      ['1002', 'foreign-item', null],
      ['1005', 'foreign-item', null],
      ['toString', 'foreign-item', null],
    ]);
    // The one that fits was taken; the review still has something to wait for, and no row appeared beside the version's own.
    expect((await versionNow(second))?.counts).toEqual({ total: 3, approved: 1, rejected: 1, pending: 1, disputed: 0 });
    const complete = await sent('olga', {
      ...{ kind: 'review.submit', reportId, versionId: second.versionId, verdict: 'revision-requested', note: '' },
      seen: { approved: 1, rejected: 1, pending: 1 },
    });
    expect(complete.reason).toMatchObject({ code: 'incomplete', message: '1 item of 3 not decided yet' });
    expect((await versionNow(elsewhere.version))?.counts).toMatchObject({ pending: 5 });
    expect((await readLedger(test.store, reportId)).map((entry) => entry.summary)).toContain(
      'decided 1 sample: 1 rejected (1 voided); 3 decisions not applied',
    );
  });

  it('of foreign items alone nothing is applied at all', async () => {
    const { version, reportId } = await inReview(test, { items: 1 });
    const decisions = await boundTo(test, version.versionId, [['9999', approve]]);
    const receipt = await sent('olga', {
      ...{ kind: 'decisions.record', reportId, versionId: version.versionId, decisions },
    });
    expect(receipt).toMatchObject({ state: 'conflict', items: [{ itemKey: '9999', state: 'conflict' }] });
    expect(await versionNow(version)).toEqual(version);
  });
});
