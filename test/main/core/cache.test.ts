// The cache's file: pages and cursors together, repeatable, access lists, contents in pages.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { reportFeed } from '../../../domain/change.ts';
import type { Change, Notification, Recommendation } from '../../../domain/change.ts';
import { ledgerGenesis, ledgerHash } from '../../../domain/ledger.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import { practicePeople } from '../../../domain/people.ts';
import { receiptsIn } from '../../../main/core/cache/cache.ts';
import { cacheMigrations } from '../../../main/core/cache/migrations.ts';
import { recordDecisions } from '../../../main/core/desk/decisions.ts';
import { home } from '../../../main/core/desk/home.ts';
import { listNews, readNews, unreadNews } from '../../../main/core/desk/notifications.ts';
import { timeline } from '../../../main/core/desk/timeline.ts';
import { migrate } from '../../../main/core/sqlite.ts';
import {
  asShown,
  at,
  contents,
  decision,
  deskWithVersion,
  pageOf,
  receipt,
  report,
  reportId,
  testDesk,
  things,
  version,
} from './desk-builder.ts';
import type { TestDesk } from './desk-builder.ts';
import { ownerRecord } from './tested-report.ts';

let desk: TestDesk;
afterEach(() => desk.close());

const dump = () => {
  const { db } = desk.cache;
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all() as string[];
  return Object.fromEntries(tables.map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]));
};

const entry = (sequence: number, previousHash: string, over: Partial<LedgerEntry> = {}): LedgerEntry => {
  const facts = {
    reportId,
    sequence,
    entryKey: `e${sequence}`,
    kind: 'sample.draw',
    actorId: 'tara',
    deviceId: null,
    operationId: null,
    versionId: null,
  };
  const rest = {
    ...facts,
    summary: 'drew',
    detail: {},
    decidedAt: at,
    receivedAt: at,
    appliedAt: at,
    previousHash,
    ...over,
  };
  return { ...rest, hash: ledgerHash(rest) };
};

const recommendation: Recommendation = {
  ...{ recommendationId: 'recommended', reportId, picks: [{ itemKey: 'key-1', reason: 'out of range' }] },
  ...{ by: { kind: 'rules' }, fallback: '', at },
};
const news = (notificationId: string, over: Partial<Notification> = {}): Notification => ({
  ...{ notificationId, reportId, personId: 'olga', kind: 'waiting-for-you', phase: null, lob: null, text: 'look', at },
  ...over,
});

test('a page that comes twice, or after a newer one, changes nothing and moves no cursor back', () => {
  desk = testDesk();
  const changes: Change[] = [
    { kind: 'report', report: report() },
    { kind: 'version', version: version() },
    { kind: 'decisions', versionId: 'version-1', decisions: [decision({ itemKey: 'key-1' })] },
    { kind: 'ledger', entries: [entry(1, ledgerGenesis)] },
    { kind: 'records', records: [ownerRecord('Cards', 'AGE'), ownerRecord('Cards', 'AGE', { revision: 2 })] },
    { kind: 'recommendation', recommendation },
    { kind: 'notification', notification: news('news-1') },
  ];
  const rows = changes.map((change, index) => ({ sequence: index + 1, change }));
  expect(desk.cache.applyPage(pageOf(reportFeed(reportId), rows, 7))).toEqual({
    reportIds: [reportId],
    versionIds: ['version-1'],
    directory: false,
  });
  const after = dump();
  desk.cache.applyPage(pageOf(reportFeed(reportId), rows, 7));
  desk.cache.applyPage(pageOf(reportFeed(reportId), rows.slice(0, 2), 2));
  expect(dump()).toEqual(after);
  expect(desk.cache.cursors()).toEqual({ [reportFeed(reportId)]: 7 });
  expect(receiptsIn(pageOf('directory', [], 0))).toEqual([]);
});

test('a page that fails in the middle moves neither rows nor cursor', () => {
  desk = testDesk();
  const broken = { kind: 'version', version: { ...version(), itemCount: 'many' } } as unknown as Change;
  const rows = [{ kind: 'report', report: report() } as Change, broken].map((change, index) => ({
    sequence: index + 1,
    change,
  }));
  expect(() => desk.cache.applyPage(pageOf(reportFeed(reportId), rows, 2))).toThrow(/INTEGER/);
  expect(desk.cache.cursors()).toEqual({});
  expect(desk.cache.reports()).toEqual([]);
});

test('a report that is no longer mine leaves the laptop with its contents, and what I did stays', () => {
  desk = deskWithVersion(3);
  desk.feed([
    {
      kind: 'version',
      version: version({ versionId: 'version-2', number: 2, itemCount: 3, parentVersionId: 'version-1' }),
    },
  ]);
  desk.cache.storeContents(contents('version-2', things(3)));
  desk.feed([
    { kind: 'records', records: [ownerRecord('Cards', 'AGE')] },
    { kind: 'recommendation', recommendation },
    { kind: 'notification', notification: news('news-1') },
  ]);
  desk.outbox.queue(
    [{ kind: 'sample.draw', reportId, planId: 'plan-0001', redrawReason: null, targeted: [] }],
    desk.author,
    at,
  );
  const change = desk.cache.applyPage({ ...pageOf('directory', [], 9), reportIds: [] });
  expect(change).toEqual({ reportIds: [reportId], versionIds: [], directory: true });
  const left = Object.entries(dump()).filter(
    ([table, rows]) => table !== 'people' && table !== 'cursors' && rows.length > 0,
  );
  expect(left).toEqual([]);
  expect(desk.cache.cursors()).toEqual({ directory: 9 });
  expect(desk.outbox.counts(at).queued).toBe(1);
});

test('contents come in pages, resume where they stopped, and say which versions are whole', () => {
  desk = testDesk();
  const rows = things(5);
  desk.feed([
    { kind: 'report', report: report() },
    { kind: 'version', version: version({ itemCount: 5 }) },
    { kind: 'version', version: version({ versionId: 'version-2', number: 2, itemCount: 1, status: 'approved' }) },
  ]);
  expect(desk.cache.wantedContents()).toMatchObject([
    { versionId: 'version-1', fromPosition: 0, missingItems: 5, haveVersionIds: [] },
    { versionId: 'version-2', missingItems: 1 },
  ]);
  desk.cache.storeContents(contents('version-2', rows.slice(0, 1)));
  expect(desk.cache.storeContents(contents('version-1', rows.slice(0, 2), 0, false))).toEqual({
    versionId: 'version-1',
    cachedItems: 2,
    complete: false,
  });
  // A page that leaves a gap is not taken; one that overlaps goes on where it has to.
  expect(desk.cache.storeContents(contents('version-1', rows.slice(3), 3, false)).cachedItems).toBe(2);
  desk.reopen();
  expect(desk.cache.wantedContents()).toMatchObject([
    { versionId: 'version-1', fromPosition: 2, missingItems: 3, haveVersionIds: ['version-2'] },
  ]);
  expect(desk.cache.storeContents(contents('version-1', rows.slice(1), 1))).toMatchObject({
    cachedItems: 5,
    complete: true,
  });
  expect(desk.cache.wantedContents()).toEqual([]);
  expect(desk.cache.holdings('version-1')?.origins).toEqual({ new: 5 });
});

test('contents of a version that is not known are not taken', () => {
  desk = testDesk();
  expect(desk.cache.storeContents(contents('version-1', things(2)))).toEqual({
    versionId: 'version-1',
    cachedItems: 0,
    complete: false,
  });
});

test('the timeline tells a sound chain from one that was changed', () => {
  desk = deskWithVersion(1);
  const first = entry(1, ledgerGenesis);
  const second = entry(2, first.hash, { actorId: 'olga' });
  desk.feed([{ kind: 'ledger', entries: [first, second] }]);
  const input = { reportId, offset: 0, limit: 1 };
  expect(timeline(desk, input)).toMatchObject({
    total: 2,
    fault: null,
    rows: [{ sequence: 2, actorName: 'Olga Owner' }],
  });
  expect(timeline(desk, { ...input, offset: 1 }).rows).toMatchObject([{ sequence: 1 }]);
  desk.feed([{ kind: 'ledger', entries: [{ ...first, summary: 'drew nothing' }] }]);
  expect(timeline(desk, input).fault).toMatch(/entry 1 was changed/);
});

test('home leads a tester from a population to a revision, and a manager to waiting devices', () => {
  desk = testDesk('tara');
  desk.feed(
    practicePeople.map((person) => ({ kind: 'person', person })),
    'directory',
  );
  desk.feed([{ kind: 'report', report: report({ dueAt: '2026-12-01T00:00:00.000Z' }) }]);
  const needs = () => home(desk).waiting.map((row) => [row.needs, row.action]);
  expect(needs()).toEqual([['a population to import', 'import']]);
  const population = (state: object) =>
    ({
      kind: 'population',
      population: {
        populationHash: 'a'.repeat(64),
        reportId,
        fileName: 'a.csv',
        fileSize: 1,
        importedBy: 'tara',
        importedAt: at,
        state,
      },
    }) as Change;
  const importing = {
    kind: 'population.import' as const,
    reportId,
    fileHash: 'a'.repeat(64),
    fileSize: 1,
    fileName: 'a.csv',
    keyColumn: null,
  };
  const [operation] = desk.outbox.queue([importing], desk.author, at);
  expect(needs()).toEqual([]);
  desk.outbox.applyReceipts([receipt(operation!)]);
  desk.feed([population({ kind: 'failed', message: 'blank keys' })]);
  expect(needs()).toEqual([['import failed: a population to import', 'import']]);
  desk.feed([
    population({
      kind: 'ready',
      rowCount: 1,
      delimiter: ',',
      encoding: 'utf-8',
      columns: [],
      keyColumn: 'ID',
      warnings: [],
    }),
  ]);
  expect(needs()).toEqual([['a sample to plan', 'plan']]);
  const plan = { planId: 'plan-0001', reportId, recordedAt: at, versionId: null, request: { lobColumn: null } };
  desk.feed([{ kind: 'plan', plan } as unknown as Change]);
  expect(needs()).toEqual([['a sample to draw', 'draw']]);
  desk.feed([
    { kind: 'plan', plan: { ...plan, versionId: 'version-1' } } as unknown as Change,
    { kind: 'version', version: version() },
  ]);
  expect(needs()).toEqual([]);
  expect(home(desk)).toMatchObject({ mayStartCycle: false, notCached: { versions: 1, items: 4 } });
  desk.close();

  desk = testDesk('mara');
  desk.feed(
    practicePeople.map((person) => ({ kind: 'person', person })),
    'directory',
  );
  const device = {
    deviceId: 'device-77',
    personId: 'olga',
    label: 'laptop',
    publicKey: 'k',
    status: 'waiting',
    enrolledAt: at,
    decidedBy: null,
    decidedAt: null,
  };
  desk.feed([{ kind: 'device', device } as Change], 'directory');
  expect(home(desk)).toMatchObject({
    mayStartCycle: true,
    waiting: [{ needs: '1 device to approve', action: 'devices' }],
  });
  desk.outbox.queue([{ kind: 'device.approve', deviceId: 'device-77' }], desk.author, at);
  expect(home(desk).waiting).toEqual([]);
});

test('an owner sees what is due first, and only what they may decide', () => {
  desk = deskWithVersion(4);
  expect(home(desk).waiting).toMatchObject([
    { needs: '4 to decide of 4', action: 'review', cached: 'complete', versionNumber: 1 },
  ]);
  desk.feed([{ kind: 'version', version: version({ authorId: 'olga' }) }]);
  expect(home(desk).waiting).toEqual([]);
});

test('a cache of the slice forgets what had another form and is pulled anew; people and what was done stay', () => {
  desk = deskWithVersion(3);
  recordDecisions(desk, { versionId: 'version-1', decisions: [asShown(things(1)[0]!)] });
  const counts = desk.outbox.counts(at);
  desk.cache.close();
  const old = new Database(join(desk.folder, 'old.db'));
  migrate(old, cacheMigrations.slice(0, 1));
  old.exec(`INSERT INTO cursors VALUES ('directory', 9), ('report:${reportId}', 7);
    INSERT INTO people VALUES ('olga', '{"personId":"olga","name":"Olga","roles":["report-owner"]}');
    INSERT INTO cycles VALUES ('cycle-01', '{"cycleId":"cycle-01"}');
    INSERT INTO reports VALUES ('${reportId}', '{"reportId":"${reportId}","phases":[]}');
    INSERT INTO versions (version_id, report_id, json, item_count, next_position) VALUES ('version-1', '${reportId}', '{}', 1, 1);
    INSERT INTO bodies VALUES (1, x'00', '{}');
    INSERT INTO items (version_row, position, item_key, body_row, source_kind, origin_kind) VALUES (1, 0, 'k', 1, 'random', 'new');
    INSERT INTO decisions VALUES ('version-1', 'k', 'approved', NULL, '', 'olga', 'o', '${at}', '${at}', '${at}');`);
  old.close();
  for (const suffix of ['-wal', '-shm']) rmSync(desk.cacheFile + suffix, { force: true });
  copyFileSync(join(desk.folder, 'old.db'), desk.cacheFile);
  desk.outbox.close();
  desk.reopen();
  const left = Object.entries(dump()).flatMap(([table, rows]) => (rows.length > 0 ? [[table, rows.length]] : []));
  expect(left).toEqual([['people', 1]]);
  expect(desk.cache.cursors()).toEqual({});
  expect(desk.outbox.counts(at)).toEqual(counts);
  expect(counts.draft).toBe(1);
});

test('news is for one person, counted while unread, and stays read over restarts and a deleted cache', () => {
  desk = testDesk('olga');
  const all = [
    news('news-1'),
    news('news-2', { at: '2026-11-22T09:00:00.000Z', text: 'newer' }),
    news('news-3', { personId: 'tara' }),
  ];
  const feed = () =>
    desk.feed([
      { kind: 'report', report: report() },
      ...all.map((one) => ({ kind: 'notification', notification: one }) as const),
    ]);
  feed();
  const list = (offset = 0) => listNews(desk, { offset, limit: 50 });
  expect(list()).toMatchObject({
    unread: 2,
    rows: [
      { text: 'newer', read: false },
      { notificationId: 'news-1', read: false },
    ],
  });
  const changes: string[][] = [];
  desk.outbox.onChange((change) => changes.push(change.reportIds));
  expect(readNews(desk, { notificationIds: ['news-1', 'news-3', 'nothing'] })).toEqual({ unread: 1 });
  expect(readNews(desk, { notificationIds: ['news-1'] })).toEqual({ unread: 1 });
  expect(changes).toEqual([[reportId], [reportId]]);
  // What is somebody else's, or not here, leaves no mark.
  expect(desk.outbox.db.prepare('SELECT notification_id FROM read_news').pluck().all()).toEqual(['news-1']);
  expect(unreadNews(desk).map((one) => one.notificationId)).toEqual(['news-2']);
  desk.cache.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(desk.cacheFile + suffix, { force: true });
  desk.outbox.close();
  desk.reopen();
  expect(list()).toEqual({ rows: [], unread: 0 });
  feed();
  expect(list().rows.map((row) => row.read)).toEqual([false, true]);
  expect(list(1).rows).toMatchObject([{ notificationId: 'news-1' }]);
});
