// Faults d, e, h and i of mission.md: which version a review is of, who made it, and what it may not let pass.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody, Receipt } from '../../domain/operation.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import { readVersion } from '../../worker/store/version-rows.ts';
import { readLedger } from '../../worker/store/writing.ts';
import {
  approve,
  boundTo,
  carryOut,
  drawn,
  edited,
  handedIn,
  inReview,
  openTestStore,
  reject,
  withPlan,
  withProposed,
  withReport,
} from '../builders.ts';
import type { TestPerson, TestStore } from '../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

/** Sends operations in one signal and carries out what they ask for; answers with their receipts. */
async function sent(...acts: [by: TestPerson, body: unknown][]): Promise<Receipt[]> {
  const operations = acts.map(([by, body]) => test.laptops[by].operation(body as OperationBody));
  const { followUps } = await test.send(operations);
  await carryOut(test, followUps);
  return Promise.all(operations.map(({ operation }) => test.receipt(operation.operationId)));
}
const codes = (receipts: readonly Receipt[]) => receipts.map(({ state, reason }) => [state, reason?.code ?? null]);
const versionNow = (version: Pick<Version, 'versionId'>) => readVersion(test.store.db, version.versionId);
const decide = async ({ reportId, versionId }: Version, pairs: Parameters<typeof boundTo>[2]) => ({
  ...{ kind: 'decisions.record', reportId, versionId, decisions: await boundTo(test, versionId, pairs) },
});
const review = ({ reportId, versionId }: Version, seen: object, over: object = {}) => ({
  ...{ kind: 'review.submit', reportId, versionId, verdict: 'approved', note: '', seen, ...over },
});
const allOf = (version: Version) => ({ approved: version.counts.total, rejected: 0, pending: 0 });

describe('d: a review names its version, so that a stale approval does not land on a newer one', () => {
  async function expectUntouched(stale: [TestPerson, unknown][], newer: Version): Promise<void> {
    const receipts = await sent(...stale);
    expect(receipts.map((receipt) => receipt.state)).not.toContain('applied');
    expect(codes(receipts).at(-1)).toEqual(['conflict', 'version-superseded']);
    expect(await versionNow(newer)).toEqual(newer);
    const verdicts = test.store.db.selectFrom('verdicts').selectAll().where('version_id', '=', newer.versionId);
    expect(await verdicts.execute()).toEqual([]);
  }

  it('when the sample was drawn anew meanwhile, with the same rows even', async () => {
    const { version, reportId, rows } = await inReview(test, { items: 3 });
    const keys = rows.map((row) => [row.itemKey, approve] as const);
    const stale = [await decide(version, keys), review(version, allOf(version))];
    const redrawn = await drawn(test, reportId, await withPlan(test, reportId), { rows, redrawReason: 'again' });
    await expectUntouched(
      stale.map((body) => ['olga', body] as [TestPerson, unknown]),
      redrawn,
    );
  });

  it('when its author edited it meanwhile', async () => {
    const { version } = await withProposed(test, 'scoping', ['A']);
    const first = await handedIn(test, version);
    const stale = [await decide(first, [['A', approve]]), review(first, allOf(first))];
    const second = await handedIn(test, first, [await edited(test, first, 'A', { risk: 'low' })]);
    expect(second.number).toBe(2);
    await expectUntouched(
      stale.map((body) => ['olga', body] as [TestPerson, unknown]),
      second,
    );
  });

  it('and one that names none is not read as one of the newest', async () => {
    const { version } = await inReview(test, { items: 1 });
    const { versionId: _left, ...nameless } = review(version, { approved: 0, rejected: 0, pending: 1 });
    const rejection = { ...nameless, verdict: 'rejected', note: 'no' };
    expect(codes(await sent(['olga', rejection]))).toEqual([['refused', 'malformed']]);
    expect(await versionNow(version)).toEqual(version);
  });
});

describe('e: the first review decides, and it is its reviewer who is recorded', () => {
  it('although another one, of another person and verdict, waits behind it in the same signal', async () => {
    const { version, reportId } = await inReview(test, { items: 2 });
    const all = [
      ['1001', approve],
      ['1002', approve],
    ] as const;
    const receipts = await sent(
      ['olga', await decide(version, all)],
      ['olga', review(version, allOf(version), { note: 'all of it seen' })],
      ['otto', review(version, allOf(version), { verdict: 'rejected', note: 'of another year' })],
    );
    expect(codes(receipts)).toEqual([
      ['applied', null],
      ['applied', null],
      ['conflict', 'version-reviewed'],
    ]);
    const byOlga = { reviewVerdict: 'approved', reviewedBy: 'olga', reviewNote: 'all of it seen' };
    expect(await versionNow(version)).toMatchObject({ status: 'approved', ...byOlga });
    const settled = (await readLedger(test.store, reportId)).filter((entry) => entry.kind === 'version.approved');
    expect(settled).toMatchObject([{ actorId: 'olga', operationId: receipts[1]?.operationId }]);
    const log = test.store.db.selectFrom('version_operations').select('actor_id').where('operation', '=', 'approve');
    expect(await log.execute()).toEqual([{ actor_id: 'olga' }]);
  });
});

describe('h: undecided items do not pass as approved', () => {
  const reviewers: [PhaseSlug, TestPerson][] = [
    ['planning', 'lena'],
    ['data-profiling', 'olga'],
    ['scoping', 'olga'],
    ['observations', 'olga'],
  ];
  it.each(reviewers)('in %s an approval waits until each is decided', async (phase, by) => {
    const { version } = await withProposed(test, phase, ['A', 'B']);
    const first = await handedIn(test, version);
    const receipts = await sent(
      [by, await decide(first, [['A', approve]])],
      [by, review(first, { approved: 1, rejected: 0, pending: 1 })],
      [by, review(first, allOf(first))],
    );
    expect(codes(receipts)).toEqual([
      ['applied', null],
      ['refused', 'incomplete'],
      ['conflict', 'counts-differ'],
    ]);
    expect(await versionNow(first)).toMatchObject({ status: 'pending', reviewVerdict: null });
    const done = await sent([by, await decide(first, [['B', approve]])], [by, review(first, allOf(first))]);
    expect(codes(done).at(-1)).toEqual(['applied', null]);
    expect(await versionNow(first)).toMatchObject({ status: 'approved', counts: { approved: 2, pending: 0 } });
  });

  it('of a sample nothing is approved either', async () => {
    const { version } = await inReview(test, { items: 2 });
    const receipts = await sent(['olga', review(version, { approved: 0, rejected: 0, pending: 2 })]);
    expect(codes(receipts)).toEqual([['refused', 'incomplete']]);
    expect(await versionNow(version)).toEqual(version);
  });

  it('and the next version has them undecided', async () => {
    const { version } = await withProposed(test, 'scoping', ['A', 'B', 'C']);
    const first = await handedIn(test, version);
    await sent(['olga', await decide(first, [['A', approve]])]);
    const second = await handedIn(test, first, [await edited(test, first, 'B', { risk: 'low' })]);
    expect(second.counts).toMatchObject({ approved: 1, pending: 2 });
  });
});

describe('i: an empty review approves nothing', () => {
  it('of a version without items', async () => {
    const reportId = await withReport(test);
    const empty = await drawn(test, reportId, await withPlan(test, reportId), { rows: [] });
    expect(codes(await sent(['olga', review(empty, allOf(empty))]))).toEqual([['refused', 'empty-review']]);
    expect(await versionNow(empty)).toMatchObject({ status: 'pending', reviewVerdict: null });
  });

  it('and a version without items is neither handed in nor signed', async () => {
    const { version } = await withProposed(test, 'test-report', []);
    const { reportId, versionId, summary } = version;
    const receipts = await sent(
      ['tara', { kind: 'version.submit', reportId, versionId, edits: [], note: '' }],
      [
        'lena',
        {
          ...{ kind: 'report.sign', reportId, versionId, meaning: 'reviewed', note: '' },
          itemsHash: summary['itemsHash'],
        },
      ],
    );
    expect(codes(receipts)).toEqual([
      ['refused', 'empty-review'],
      ['refused', 'empty-review'],
    ]);
  });

  it('nor does one that carries no decision', async () => {
    const { version } = await inReview(test, { items: 1 });
    const none = { ...(await decide(version, [['1001', reject('other', 'no')]])), decisions: [] };
    expect(codes(await sent(['olga', none]))).toEqual([['refused', 'malformed']]);
    expect(await versionNow(version)).toEqual(version);
  });
});
