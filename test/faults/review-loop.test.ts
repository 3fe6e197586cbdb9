// Faults a, b and c of mission.md, in the store: the loop of review and revision. What the workflow makes of it is
// review-loop.server.test.ts.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stepsDue } from '../../domain/flow.ts';
import type { Version } from '../../domain/version.ts';
import { readFlow } from '../../worker/store/phase-line.ts';
import { unfinishedWork } from '../../worker/store/report-state.ts';
import { currentVersion, readVersion, readVersionItems } from '../../worker/store/version-rows.ts';
import { inReview, openTestStore, reject, reviewed, revised } from '../builders.ts';
import type { TestStore } from '../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

const reportId = 'report-0001';
const versionNow = (version: Pick<Version, 'versionId'>) => readVersion(test.store.db, version.versionId);
async function standing() {
  const flow = await readFlow(test.store.db, reportId, null);
  const line = flow.lines.find((row) => row.phase === 'sample-selection');
  return { flow, status: line?.status };
}

describe('a: after a revision the review of the new version is waited for, not a key of an empty list', () => {
  it('the review of the version before stays with that version, and nothing is done until the next one comes', async () => {
    const { version } = await inReview(test, { items: 3 });
    await reviewed(test, version, { '1002': reject('voided') });
    const second = await revised(test, version);
    expect(await versionNow(version)).toMatchObject({ reviewVerdict: 'revision-requested', reviewedBy: 'olga' });
    const unreviewed = { reviewVerdict: null, reviewedBy: null, reviewedAt: null, reviewNote: null };
    expect(second).toMatchObject({ number: 2, status: 'pending', ...unreviewed });

    const { flow, status } = await standing();
    expect(status).toBe('in-review');
    expect(flow.pending).toEqual([
      { versionId: second.versionId, phase: 'sample-selection', lob: null, number: second.number },
    ]);
    expect(stepsDue(flow, test.clock())).toEqual([]);
    expect(await unfinishedWork(test.store.db, reportId, null)).toEqual([]);
    expect(await currentVersion(test.store.db, reportId, 'sample-selection', null)).toBeNull();

    const answer = await reviewed(test, second, {}, test.laptops.otto);
    expect(answer.outcomes.map((outcome) => outcome.state)).toEqual(['applied', 'applied']);
    expect(await versionNow(second)).toMatchObject({ status: 'approved', reviewedBy: 'otto' });
    expect((await standing()).status).toBe('completed');
  });
});

describe('b: the third revision can be reviewed', () => {
  it('and its approval completes the phase', async () => {
    const { version } = await inReview(test, { items: 4 });
    let current = version;
    for (const key of ['1001', '1002', '1003']) {
      await reviewed(test, current, { [key]: reject('duplicate') });
      current = await revised(test, current);
    }
    expect(current).toMatchObject({ number: 4, revision: 3, status: 'pending' });
    expect((await standing()).flow.pending).toMatchObject([{ versionId: current.versionId }]);
    const answer = await reviewed(test, current);
    expect(answer.outcomes.map((outcome) => outcome.state)).toEqual(['applied', 'applied']);
    expect(await versionNow(current)).toMatchObject({ status: 'approved', reviewedBy: 'olga' });
    expect((await standing()).status).toBe('completed');
  });
});

describe('c: item decisions are processed, so that what was approved is carried forward', () => {
  it('V1 A✓ B✗ C✓ becomes V2 with A and C approved, by the decisions that were made on V1', async () => {
    const { version } = await inReview(test, { items: 3 });
    await reviewed(test, version, { '1002': reject('voided') });
    expect((await versionNow(version))?.counts).toMatchObject({ approved: 2, rejected: 1, pending: 0 });

    const second = await revised(test, version);
    expect(second.counts).toMatchObject({ total: 3, approved: 2, rejected: 0, pending: 1 });
    const items = await readVersionItems(test.store.db, second.versionId);
    const from = { versionId: version.versionId, versionNumber: 1 };
    expect(items.map(({ itemKey, verdict, origin }) => ({ itemKey, verdict, origin }))).toEqual([
      { itemKey: '1001', verdict: 'approved', origin: { kind: 'carried', itemKey: '1001', ...from } },
      { itemKey: '1004', verdict: 'pending', origin: { kind: 'replacement', replacesKey: '1002', ...from } },
      { itemKey: '1003', verdict: 'approved', origin: { kind: 'carried', itemKey: '1003', ...from } },
    ]);
    const decisions = (of: Version) =>
      test.store.db
        .selectFrom('decisions')
        .select(['item_key', 'verdict', 'actor_id', 'operation_id', 'decided_at', 'applied_at'])
        .where('version_id', '=', of.versionId)
        .where('verdict', '=', 'approved')
        .orderBy('item_key')
        .execute();
    const carried = await decisions(second);
    expect(carried.map((row) => row.item_key)).toEqual(['1001', '1003']);
    expect(carried).toEqual(await decisions(version));
  });
});
