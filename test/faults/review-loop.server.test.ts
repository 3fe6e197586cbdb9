// Faults a, b and g of mission.md, on the real server: the workflow through the loop of review and revision, and what does not end it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queries } from '../../domain/change.ts';
import type { PhaseState } from '../../domain/change.ts';
import type { ItemVerdict } from '../../domain/decision.ts';
import type { Answer } from '../../domain/operation.ts';
import type { PendingApproval, ReportProgress } from '../../domain/report-progress.ts';
import type { Version } from '../../domain/version.ts';
import { applied, review } from '../worker/cycle-world.ts';
import { beginReport, drawFirst, until, World } from '../worker/worker-world.ts';
import type { Begun } from '../worker/worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const workflowTaskFailed = 9;
const approve: ItemVerdict = { verdict: 'approved', reasonCode: null, note: '' };

/** Pulls until the feed brought it. A workflow that ended or fails instead fails the test at once, and says so. */
function brought<Found>({ reportId, tara }: Begun, find: () => Found | null | undefined): Promise<Found> {
  return until(async () => {
    const known = find();
    if (known) return known;
    await expectSound(reportId);
    await tara.pull(1_000);
    return find();
  });
}

/** The version of this number once it waits for its review. */
const waiting = (begun: Begun, number: number): Promise<Version> =>
  brought(begun, () => {
    const versions = begun.tara.changes.flatMap(({ change }) => (change.kind === 'version' ? [change.version] : []));
    const own = versions.filter((version) => version.reportId === begun.reportId);
    return own.findLast((version) => version.number === number && version.status === 'pending');
  });

/** The phase once it stands so by the newest header. */
const standing = (begun: Begun, state: PhaseState['state']): Promise<PhaseState> =>
  brought(begun, () => {
    const reports = begun.tara.changes.flatMap(({ change }) => (change.kind === 'report' ? [change.report] : []));
    const newest = reports.findLast((report) => report.reportId === begun.reportId);
    return newest?.phases.find((line) => line.phase === 'sample-selection' && line.state === state);
  });

/** The workflow runs, and none of its tasks failed. */
async function expectSound(reportId: string): Promise<void> {
  expect((await world.report(reportId).describe()).status.name).toBe('RUNNING');
  const { events } = await world.report(reportId).fetchHistory();
  const failed = (events ?? []).filter((event) => event.eventType === workflowTaskFailed);
  expect(failed.map((event) => event.workflowTaskFailedEventAttributes?.failure?.message)).toEqual([]);
}

/** What the workflow says once it has nothing to do: which versions it waits for, and where the phase stands. */
async function atRest(reportId: string) {
  const progress = await until(async () => {
    await expectSound(reportId);
    const now = await world.report(reportId).query<ReportProgress>(queries.progress);
    return now.work.length === 0 && now.waiting === 0 ? now : null;
  });
  const approvals = await world.report(reportId).query<PendingApproval[]>(queries.pendingApprovals);
  const { life } = progress.phases.find((row) => row.phase === 'sample-selection') ?? {};
  return { waitsFor: approvals.map((row) => row.versionId), life, alerts: progress.alerts };
}

/** The owner rejects the first row, the tester answers; the version that follows. */
async function revisedOnce(
  begun: Begun,
  version: Version,
  rejection: ItemVerdict,
  answer: Partial<Answer> & Pick<Answer, 'answer'>,
): Promise<Version> {
  const { reportId, versionId, number } = version;
  const [first] = await begun.olga.contents(versionId);
  if (!first) throw new Error('nothing was drawn');
  const { itemKey, contentHash } = first;
  await review(begun.olga, version, (item) => (item.itemKey === itemKey ? rejection : approve));
  await standing(begun, 'in-revision');
  const answers = [{ itemKey, contentHash, ...answer } as Answer];
  await applied(begun.tara.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' }));
  return waiting(begun, number + 1);
}
const duplicate: ItemVerdict = { verdict: 'rejected', reasonCode: 'duplicate', note: '' };

async function begunReview(): Promise<{ begun: Begun; version: Version }> {
  const begun = await beginReport(world);
  await drawFirst(begun, 60);
  return { begun, version: await waiting(begun, 1) };
}

describe('a: after a revision the review of the new version is waited for, not a key of an empty list', () => {
  test('the workflow waits, whatever else comes, and goes on with the new review', async () => {
    const { begun, version } = await begunReview();
    const { reportId, mara, olga } = begun;
    const second = await revisedOnce(begun, version, duplicate, { answer: 'replace' });
    const waits = { waitsFor: [second.versionId], life: 'in-review', alerts: [] };
    expect(await atRest(reportId)).toEqual(waits);
    const other = { kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned: true } as const;
    await applied(mara.settled(other));
    expect(await atRest(reportId)).toEqual(waits);

    await review(olga, second);
    expect(await standing(begun, 'completed')).toMatchObject({ outcome: 'approved', versionId: second.versionId });
    expect(await atRest(reportId)).toEqual({ waitsFor: [], life: 'completed', alerts: [] });
  });
});

describe('b: the third revision can be reviewed', () => {
  test('the workflow waits for it like for the others, and its approval completes the phase', async () => {
    const { begun, version } = await begunReview();
    const { reportId, olga } = begun;
    let current = version;
    for (let revision = 1; revision <= 3; revision += 1) {
      current = await revisedOnce(begun, current, duplicate, { answer: 'replace' });
      expect(current.revision).toBe(revision);
    }
    expect(await atRest(reportId)).toEqual({ waitsFor: [current.versionId], life: 'in-review', alerts: [] });
    await review(olga, current);
    expect(await standing(begun, 'completed')).toMatchObject({ outcome: 'approved', versionId: current.versionId });
    expect((await atRest(reportId)).life).toBe('completed');
  });
});

describe('g: rejecting one sample without replacement does not fail the workflow', () => {
  test('the row is kept with a rationale and decided again; even a whole rejection is no end', async () => {
    const { begun, version } = await begunReview();
    const { reportId, tara, olga } = begun;
    const costly: ItemVerdict = { verdict: 'rejected', reasonCode: 'too-costly', note: '' };
    const rationale = 'the archive is paid for';
    const second = await revisedOnce(begun, version, costly, { answer: 'keep', rationale });
    const [kept, ...others] = await olga.contents(second.versionId);
    expect(kept).toMatchObject({ itemKey: (await olga.contents(version.versionId))[0]?.itemKey });
    expect(kept?.origin).toMatchObject({ kind: 'kept', rationale });
    expect(others).toHaveLength(version.itemCount - 1);
    expect(second.counts).toMatchObject({ pending: 1, approved: version.itemCount - 1 });

    const { versionId } = second;
    const seen = { approved: version.itemCount - 1, rejected: 0, pending: 1 };
    const whole = { kind: 'review.submit', reportId, versionId, verdict: 'rejected', note: 'of another year' } as const;
    await applied(olga.settled({ ...whole, seen }));
    expect(await standing(begun, 'rejected')).toMatchObject({ outcome: 'SampleSelectionRejected' });
    expect(await atRest(reportId)).toEqual({ waitsFor: [], life: 'rejected', alerts: [] });
    const planId = `another-${version.versionId}`;
    const plans = tara.changes.flatMap(({ change }) => (change.kind === 'plan' ? [change.plan] : []));
    const request = plans.find((plan) => plan.reportId === reportId)?.request;
    if (!request) throw new Error('no plan');
    await applied(tara.settled({ kind: 'sample.plan', reportId, planId, request: { ...request, seed: '7' } }));
    const redrawReason = 'the file was of another year';
    await applied(tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason, targeted: [] }));
    expect(await waiting(begun, 3)).toMatchObject({ revision: 0 });
  });
});
