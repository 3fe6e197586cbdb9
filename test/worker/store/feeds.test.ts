// What a laptop may read: access, pages, cursors, audiences and replays; and contents without what it has.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { contentHash } from '../../../domain/canonical.ts';
import type { Change, PullAnswer } from '../../../domain/change.ts';
import { ledgerFault } from '../../../domain/ledger.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import type { OperationBody } from '../../../domain/operation.ts';
import type { Version } from '../../../domain/version.ts';
import { enrol } from '../../../worker/store/enrol.ts';
import { readChanges, readContents } from '../../../worker/store/feeds.ts';
import {
  approve,
  boundTo,
  drawnRows,
  inReview,
  makeLaptop,
  openTestStore,
  reject,
  reviewed,
  revised,
  withReport,
} from '../../builders.ts';
import type { Laptop, TestStore } from '../../builders.ts';

let test: TestStore;
let reportId: string;
let version: Version;
beforeEach(async () => {
  test = await openTestStore();
  ({ reportId, version } = await inReview(test, { items: 5 }));
});
afterEach(() => test.close());

type Page = Extract<PullAnswer, { kind: 'page' }>;
async function page(laptop: Laptop, cursors: Record<string, number> = {}): Promise<Page> {
  const answer = await readChanges(test.store, laptop.pull(cursors), test.clock);
  if (answer.kind !== 'page') throw new Error(answer.message);
  return answer;
}

/** Pulls until nothing more comes; checks that every feed's rows rise. */
async function pullAll(laptop: Laptop): Promise<{ changes: Change[]; pages: number; cursors: Record<string, number> }> {
  const cursors: Record<string, number> = {};
  const changes: Change[] = [];
  for (let pages = 1; ; pages += 1) {
    const answer = await page(laptop, cursors);
    for (const { feed, rows, cursor } of answer.feeds) {
      for (const row of rows) {
        expect(row.sequence).toBeGreaterThan(cursors[feed] ?? 0);
        cursors[feed] = row.sequence;
        changes.push(row.change);
      }
      cursors[feed] = cursor;
    }
    if (!answer.more) return { changes, pages, cursors };
  }
}

it('brings the owner the report, its version and an unbroken ledger, and then nothing', async () => {
  const { changes, cursors } = await pullAll(test.laptops.olga);
  const kinds = new Set(changes.map((change) => change.kind));
  for (const kind of ['person', 'device', 'cycle', 'report', 'population', 'plan', 'version', 'ledger', 'receipt']) {
    expect(kinds).toContain(kind);
  }
  const entries = changes.flatMap((change): LedgerEntry[] => (change.kind === 'ledger' ? change.entries : []));
  expect(ledgerFault(entries)).toBeNull();
  expect(await page(test.laptops.olga, cursors)).toMatchObject({ feeds: [], more: false, reportIds: [reportId] });
});

it('shows a report to those who are assigned and to the manager who started it, to nobody else', async () => {
  const lists = await Promise.all(
    (['mara', 'tara', 'olga', 'lena', 'otto', 'nina'] as const).map(
      async (id) => (await page(test.laptops[id])).reportIds,
    ),
  );
  expect(lists).toEqual([[reportId], [reportId], [reportId], [reportId], [reportId], []]);
  const nina = await pullAll(test.laptops.nina);
  expect(new Set(nina.changes.map((change) => change.kind))).toEqual(new Set(['person', 'device']));
});

it('lets a report begin for someone assigned later, and end for someone removed', async () => {
  const before = await pullAll(test.laptops.nina);
  const set = (assigned: boolean): OperationBody => ({
    kind: 'assignment.set',
    reportId,
    personId: 'nina',
    role: 'report-owner',
    assigned,
  });
  await test.send([test.laptops.mara.operation(set(true))]);
  const joined = await page(test.laptops.nina, before.cursors);
  expect(joined.reportIds).toEqual([reportId]);
  expect(joined.feeds.find((feed) => feed.feed === `report:${reportId}`)?.rows[0]?.sequence).toBe(1);
  await test.send([test.laptops.mara.operation(set(false))]);
  const left = await page(test.laptops.nina, Object.fromEntries(joined.feeds.map((feed) => [feed.feed, feed.cursor])));
  expect(left.reportIds).toEqual([]);
  expect(left.feeds.map((feed) => feed.feed)).toEqual(['directory']);
});

it('tells of a device only its person and the test managers', async () => {
  const laptop = makeLaptop('tara');
  await enrol(test.store, laptop.enrolment(), { approveAtOnce: false }, test.clock);
  const sees = async (reader: Laptop) =>
    (await pullAll(reader)).changes.some(
      (change) => change.kind === 'device' && change.device.deviceId === laptop.deviceId,
    );
  expect([await sees(test.laptops.tara), await sees(test.laptops.mara), await sees(test.laptops.olga)]).toEqual([
    true,
    true,
    false,
  ]);
});

it('gives the receipt of a refused stranger to the stranger alone', async () => {
  const operation = test.laptops.nina.operation({
    kind: 'review.submit',
    ...{ reportId, versionId: version.versionId, verdict: 'approved', note: '' },
    seen: { approved: 0, rejected: 0, pending: 5 },
  });
  await test.send([operation]);
  const has = async (reader: Laptop) =>
    (await pullAll(reader)).changes.some(
      (change) => change.kind === 'receipt' && change.receipt.operationId === operation.operation.operationId,
    );
  expect([await has(test.laptops.nina), await has(test.laptops.olga)]).toEqual([true, false]);
});

it('cuts pages at about a megabyte and loses no row over them', async () => {
  const note = 'n'.repeat(10_000);
  const keys = drawnRows(5).map((row) => row.itemKey);
  for (let round = 0; round < 25; round += 1) {
    const decisions = await boundTo(
      test,
      version.versionId,
      keys.map((key) => [key, { ...approve, note }]),
    );
    const body = { kind: 'decisions.record' as const, reportId, versionId: version.versionId, decisions };
    await test.send([test.laptops.olga.operation(body)]);
  }
  const sizes: number[] = [];
  let cursors = {};
  let decided = 0;
  for (let more = true; more;) {
    const answer = await page(test.laptops.olga, cursors);
    sizes.push(JSON.stringify(answer).length);
    decided += answer.feeds.flatMap((feed) => feed.rows).filter((row) => row.change.kind === 'decisions').length;
    cursors = { ...cursors, ...Object.fromEntries(answer.feeds.map((feed) => [feed.feed, feed.cursor])) };
    more = answer.more;
  }
  expect(sizes.length).toBeGreaterThan(1);
  expect(Math.max(...sizes)).toBeLessThan(1.2 * 1024 * 1024);
  expect(decided).toBe(25);
});

it('writes one row for all decisions of an operation, and enters both operations, the approval and the end of the phase', async () => {
  const feed = `report:${reportId}`;
  const rows = () => test.store.db.selectFrom('changes').select('kind').where('feed', '=', feed).execute();
  const before = (await rows()).length;
  await reviewed(test, version);
  const kinds = (await rows()).slice(before).map((row) => row.kind);
  expect(kinds.filter((kind) => kind === 'decisions')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'ledger')).toHaveLength(4);
});

it('refuses a replayed pull and answers the same one again', async () => {
  const early = test.laptops.olga.pull();
  const late = test.laptops.olga.pull();
  const kinds = [];
  for (const signed of [late, late, early]) {
    const answer = await readChanges(test.store, signed, test.clock);
    kinds.push(answer.kind === 'refused' ? answer.code : answer.kind);
  }
  expect(kinds).toEqual(['page', 'page', 'replayed']);
});

const refusals: [string, () => unknown, string][] = [
  ['an unknown device', () => makeLaptop('olga').pull(), 'unknown-device'],
  ['an unknown person', () => makeLaptop('zoe').pull(), 'unknown-person'],
  ['another person’s name', () => test.laptops.tara.pull({}, { actorId: 'olga' }), 'unknown-device'],
  ['a forged signature', () => ({ ...test.laptops.olga.pull(), signature: 'AAAA' }), 'bad-signature'],
  ['a changed cursor', () => changed(test.laptops.olga), 'bad-signature'],
  ['nonsense', () => ({ pull: true }), 'bad-signature'],
  [
    'a waiting device',
    async () => {
      const laptop = makeLaptop('olga');
      await enrol(test.store, laptop.enrolment(), { approveAtOnce: false }, test.clock);
      return laptop.pull();
    },
    'device-waiting',
  ],
  [
    'a revoked device',
    async () => {
      const { deviceId } = test.laptops.olga;
      await test.send([test.laptops.mara.operation({ kind: 'device.revoke', deviceId })]);
      return test.laptops.olga.pull();
    },
    'device-revoked',
  ],
];
function changed(laptop: Laptop) {
  const signed = laptop.pull();
  return { ...signed, request: { ...signed.request, cursors: { directory: 1 } } };
}
it.each(refusals)('refuses %s to read', async (_name, make, code) => {
  expect(await readChanges(test.store, await make(), test.clock)).toMatchObject({ kind: 'refused', code });
});

it('passes bodies through as they are stored, each once and named by its hash', async () => {
  const answer = await readContents(test.store, test.laptops.olga.contents(version.versionId));
  if (answer.kind !== 'page') throw new Error(answer.message);
  expect(answer.items.map((item) => [item.position, item.itemKey])).toEqual([
    [0, '1001'],
    [1, '1002'],
    [2, '1003'],
    [3, '1004'],
    [4, '1005'],
  ]);
  expect(answer.nextPosition).toBeNull();
  for (const { contentHash: hash, bodyText } of answer.bodies) expect(contentHash(JSON.parse(bodyText))).toBe(hash);
  expect(new Set(answer.bodies.map((body) => body.contentHash))).toEqual(
    new Set(answer.items.map((item) => item.contentHash)),
  );
});

it('leaves out the bodies of versions that the laptop has', async () => {
  await reviewed(test, version, { '1002': reject('voided') });
  const next = await revised(test, version);
  const signed = test.laptops.olga.contents(next.versionId, { haveVersionIds: [version.versionId] });
  const answer = await readContents(test.store, signed);
  if (answer.kind !== 'page') throw new Error(answer.message);
  expect(answer.items).toHaveLength(5);
  expect(answer.bodies.map((body) => JSON.parse(body.bodyText) as unknown)).toEqual([
    expect.objectContaining({ ID: 1006 }),
  ]);
});

it('leaves out nothing for a version that the person may not read', async () => {
  const signed = test.laptops.olga.contents(version.versionId, { haveVersionIds: ['v-of-somebody-else'] });
  const answer = await readContents(test.store, signed);
  expect(answer.kind === 'page' && answer.bodies.length).toBe(5);
});

it('goes on from any position over pages of a large version', async () => {
  const reportOfMany = await inReview(test, { items: 9_000, reportId: 'report-many' });
  const positions: number[] = [];
  let from: number | null = 0;
  let pages = 0;
  while (from !== null) {
    const signed = test.laptops.olga.contents(reportOfMany.version.versionId, { fromPosition: from });
    const answer = await readContents(test.store, signed);
    if (answer.kind !== 'page') throw new Error(answer.message);
    expect(JSON.stringify(answer).length).toBeLessThan(1.2 * 1024 * 1024);
    positions.push(...answer.items.map((item) => item.position));
    from = answer.nextPosition;
    pages += 1;
  }
  expect(pages).toBeGreaterThan(1);
  expect(positions).toEqual(Array.from({ length: 9_000 }, (_, index) => index));
});

it('refuses contents to those who are not assigned, and of what does not exist', async () => {
  await withReport(test, 'report-0002');
  expect(await readContents(test.store, test.laptops.nina.contents(version.versionId))).toMatchObject({
    code: 'not-assigned',
  });
  expect(await readContents(test.store, test.laptops.olga.contents('v-00000000'))).toMatchObject({ code: 'not-found' });
  const forged = { ...test.laptops.olga.contents(version.versionId), signature: 'AAAA' };
  expect(await readContents(test.store, forged)).toMatchObject({ code: 'bad-signature' });
});

it('tells listeners which feeds a commit changed, and nothing when it is rolled back', async () => {
  const told: string[][] = [];
  const stop = test.store.onCommit((feeds) => told.push(feeds));
  await reviewed(test, version);
  // The decisions, the review, and its carrying out.
  expect(told).toEqual([[`report:${reportId}`], [`report:${reportId}`], [`report:${reportId}`]]);
  stop();
  await reviewed(test, version);
  expect(told).toHaveLength(3);
});
