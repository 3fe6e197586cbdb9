// Pulling: pages at once, pages that wait for a commit, and how a wait ends when its worker does.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PullAnswer } from '../../domain/change.ts';
import { workflowTypes } from '../../domain/change.ts';
import type { TrackingEntry } from '../../domain/tracking.ts';
import { beginReport, drawFirst, until, World } from './worker-world.ts';
import type { Laptop } from './worker-world.ts';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** A pull that found nothing and now waits in its activity. */
async function waitingPull(laptop: Laptop, waitMs: number) {
  for (let rows = 1; rows > 0;) {
    const answer = await laptop.pull(0);
    rows = answer.kind === 'page' ? answer.feeds.reduce((sum, feed) => sum + feed.rows.length, 0) : 0;
  }
  const handle = await laptop.startPull(waitMs);
  await until(async () => {
    const { pendingActivities } = (await handle.describe()).raw;
    return pendingActivities?.some((activity) => activity.lastStartedTime) ?? false;
  });
  return handle;
}

/** What is tracked of the beginning comes a second after it: whoever waits for something else lets it come first, to its last phase. */
async function beginTracked(): ReturnType<typeof beginReport> {
  const begun = await beginReport(world);
  const skipped = (entry: TrackingEntry): boolean => entry.kind === 'transition' && entry.phase === 'scoping';
  const { olga, reportId } = begun;
  await olga.seen((each) => each.kind === 'tracking' && each.reportId === reportId && each.entries.some(skipped));
  return begun;
}

const rowsOf = (answer: PullAnswer) =>
  answer.kind === 'page' ? answer.feeds.flatMap((feed) => feed.rows.map((row) => row.change)) : [];

test(
  'a waiting pull is answered by the commit that concerns it, long before its time is over',
  { timeout: 40_000 },
  async () => {
    const { reportId, mara, olga } = await beginTracked();
    const handle = await waitingPull(olga, 60_000);
    await mara.do({ kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned: true });
    const changes = rowsOf(await handle.result());
    expect(changes.map((change) => change.kind)).toContain('receipt');
  },
);

test('who is assigned to a report while waiting is told of it without asking again', { timeout: 40_000 }, async () => {
  const { reportId, mara } = await beginTracked();
  const lena = await world.laptop('lena');
  const handle = await waitingPull(lena, 60_000);
  await mara.do({ kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned: true });
  const answer = await handle.result();
  expect(answer).toMatchObject({ kind: 'page', reportIds: expect.arrayContaining([reportId]) });
  expect(rowsOf(answer).some((change) => change.kind === 'report')).toBe(true);
});

test('a pull that waits for nothing comes back empty when its time is over', async () => {
  const { olga } = await beginTracked();
  const handle = await waitingPull(olga, 1_500);
  const answer = await handle.result();
  expect(answer.kind).toBe('page');
  expect(rowsOf(answer)).toEqual([]);
});

test('who may not read a report any more is told at once, so that the laptop drops it', async () => {
  const { reportId, mara, olga } = await beginReport(world);
  await olga.pull(0);
  await mara.settled({ kind: 'assignment.set', reportId, personId: 'olga', role: 'report-owner', assigned: false });
  const answer = await olga.pull(60_000);
  expect(answer.kind === 'page' && answer.reportIds.includes(reportId)).toBe(false);
});

test('stopping the worker ends waiting pulls and does not hang on them', { timeout: 40_000 }, async () => {
  const { olga } = await beginTracked();
  const handle = await waitingPull(olga, 60_000);
  await world.stopWorker();
  await world.startWorker();
  expect((await handle.result()).kind).toBe('page');
});

test.each([
  ['nothing', null],
  ['a text', 'pull'],
  ['a field too many', { request: {}, signature: 'x', extra: 1 }],
])('a pull with %s fails for good and says so', async (_, argument) => {
  const handle = await world.start(workflowTypes.pullChanges, argument);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'Malformed' } });
});

test('a pull whose signature is of another device is refused', async () => {
  const { olga, tara } = await beginReport(world);
  const forged = { ...olga.signedPull(0), signature: tara.signedPull(0).signature };
  const handle = await world.start<PullAnswer>(workflowTypes.pullChanges, forged);
  expect(await handle.result()).toMatchObject({ kind: 'refused', code: 'bad-signature' });
});

test('contents of a version bring each item with the body its hash names', async () => {
  const begun = await beginReport(world);
  const { versionId } = await drawFirst(begun);
  const items = await begun.olga.contents(versionId);
  expect(items.map((item) => item.position)).toEqual(items.map((_, index) => index));
});
