// Records and their revisions in real tables, and recommended rows.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, Recommendation } from '../../../domain/change.ts';
import { appendRecords, readLatestOf, readLatestRecords, readRecordHistory } from '../../../worker/store/records.ts';
import type { NewRecord, RecordPlace } from '../../../worker/store/records.ts';
import { readRecommendations, recordRecommendation } from '../../../worker/store/recommendations.ts';
import { readFlow } from '../../../worker/store/phase-line.ts';
import { readLedger, write } from '../../../worker/store/writing.ts';
import { openTestStore, withReport } from '../../builders.ts';
import type { TestStore } from '../../builders.ts';

let test: TestStore;
let reportId: string;
beforeEach(async () => {
  test = await openTestStore();
  reportId = await withReport(test, 'report-0001', { divided: true });
});
afterEach(() => test.close());

const place = (over: Partial<RecordPlace> = {}): RecordPlace => ({
  ...{ reportId, phase: 'request-info', lob: 'lob 0' },
  ...over,
});
const cause = { actorId: 'tara', operationId: 'operation-1', decidedAt: '2026-11-21T07:00:00.000Z' };

function append(changes: NewRecord[], at = place()) {
  return write(test.store, test.clock(), (writing) =>
    appendRecords(writing, at, { ...cause, receivedAt: writing.at }, changes),
  );
}

async function feed(kind: Change['kind']) {
  const rows = await test.store.db.selectFrom('changes').select('body_text').where('kind', '=', kind).execute();
  return rows.map((row) => JSON.parse(row.body_text) as Change);
}

const one = (recordKey: string, title: string, reason = ''): NewRecord => ({ recordKey, body: { title }, reason });

describe('a record', () => {
  it('keeps every revision, numbered without gaps, and the latest one counts', async () => {
    await append([one('a', 'first')]);
    await append([one('a', 'second', 'a better file')]);
    await append([one('a', 'third', 'the right one'), one('b', 'other')]);
    const history = await readRecordHistory(test.store.db, place(), 'a');
    expect(history.map((row) => [row.revision, row.body['title'], row.reason])).toEqual([
      [1, 'first', ''],
      [2, 'second', 'a better file'],
      [3, 'third', 'the right one'],
    ]);
    const latest = await readLatestRecords(test.store.db, reportId, 'request-info', 'lob 0');
    expect(latest.map((row) => [row.recordKey, row.revision])).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
  });

  it('is another one in another line of business, in another phase and for the whole report', async () => {
    await append([one('a', 'of lob 0')]);
    await append([one('a', 'of lob 1')], place({ lob: 'lob 1' }));
    await append([one('a', 'tested')], place({ phase: 'test-execution' }));
    await append([one('a', 'of all')], place({ phase: 'data-owner-id', lob: null }));
    await append([one('a', 'of lob 0 again')]);
    const [own] = await readLatestRecords(test.store.db, reportId, 'request-info', 'lob 1');
    expect(own).toMatchObject({ revision: 1, body: { title: 'of lob 1' }, lob: 'lob 1' });
    const [whole] = await readLatestRecords(test.store.db, reportId, 'data-owner-id', null);
    expect(whole).toMatchObject({ revision: 1, lob: null, phase: 'data-owner-id' });
  });

  it('says who changed it by which operation, and when', async () => {
    const [record] = await append([one('a', 'first')]);
    expect(record).toMatchObject({ ...cause, revision: 1 });
    expect(await readRecordHistory(test.store.db, place(), 'a')).toEqual([record]);
  });

  it('cannot have two latest revisions, not even by a fault of ours', async () => {
    await append([one('a', 'first')]);
    const { db } = test.store;
    const row = await db.selectFrom('records').selectAll().executeTakeFirstOrThrow();
    await expect(
      db
        .insertInto('records')
        .values({ ...row, revision: 2 })
        .execute(),
    ).rejects.toThrow(/UNIQUE/);
  });

  it('is not changed twice at once', async () => {
    await expect(append([one('a', 'first'), one('a', 'second')])).rejects.toThrow(/twice/);
    expect(await readLatestRecords(test.store.db, reportId, 'request-info', 'lob 0')).toEqual([]);
  });

  it('reaches the laptops by the feed', async () => {
    const records = await append([one('a', 'first'), one('b', 'second')]);
    expect(await feed('records')).toEqual([{ kind: 'records', records }]);
  });
});

it('many long records make several changes of the feed, none of them larger than a page has room for', async () => {
  const changes = Array.from({ length: 700 }, (_, index) => one(`key ${index}`, 'x'.repeat(1_000)));
  await append(changes);
  const told = (await feed('records')).flatMap((change) => (change.kind === 'records' ? [change.records] : []));
  expect(told.flat()).toHaveLength(700);
  expect(told.length).toBeGreaterThan(3);
  expect(Math.max(...told.map((records) => JSON.stringify(records).length))).toBeLessThan(256 * 1024);
  const keys = changes.map((change) => change.recordKey);
  await append(changes);
  const latest = await readLatestOf(test.store.db, place(), [...keys, 'none']);
  expect(latest.size).toBe(700);
  expect([...latest.values()].every((record) => record.revision === 2)).toBe(true);
});

describe('recommended rows', () => {
  const recommendation = (over: Partial<Recommendation> = {}): Recommendation => ({
    ...{ recommendationId: 'recommendation-1', reportId, picks: [{ itemKey: '1001', reason: 'the highest balance' }] },
    ...{ by: { kind: 'rules' }, fallback: '', at: '2026-11-21T09:00:00.000Z' },
    ...over,
  });
  const record = (over: Partial<Recommendation> = {}) =>
    recordRecommendation(test.store, recommendation(over), test.clock);

  it('make sample selection a phase that was proposed', async () => {
    const isProposed = async () =>
      (await readFlow(test.store.db, reportId, null)).lines.find((line) => line.phase === 'sample-selection')?.proposed;
    const before = await readFlow(test.store.db, reportId, null);
    expect(await isProposed()).toBe(false);
    await record();
    expect(await isProposed()).toBe(true);
    expect((await readFlow(test.store.db, reportId, null)).revision).toBeGreaterThan(before.revision);
  });

  it('are kept once, however often the activity is repeated', async () => {
    await record();
    await record({ picks: [] });
    expect(await readRecommendations(test.store.db, reportId)).toEqual([recommendation()]);
    expect(await feed('recommendation')).toHaveLength(1);
    const entries = await readLedger(test.store, reportId);
    expect(entries.filter((entry) => entry.kind === 'sample.recommended')).toHaveLength(1);
  });

  it('say in the ledger who recommended them, and why the rules took over from a model', async () => {
    await record({ fallback: 'the model did not answer within 30 s' });
    await record({ recommendationId: 'recommendation-2', by: { kind: 'model', model: 'm-1', promptHash: 'ab' } });
    const entries = await readLedger(test.store, reportId);
    const said = entries.filter((entry) => entry.kind === 'sample.recommended').map((entry) => entry.summary);
    expect(said).toEqual([
      'recommended 1 row to look at, by rules on the profile, in place of the model: the model did not answer within 30 s',
      'recommended 1 row to look at, by the model m-1',
    ]);
    expect(entries.at(-1)?.detail).toMatchObject({ by: { kind: 'model', promptHash: 'ab' }, itemKeys: ['1001'] });
  });
});
