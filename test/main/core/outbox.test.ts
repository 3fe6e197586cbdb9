// The outbox's file: what survives, what is sent in which order, what a broken or newer file leads to.
import {
  readFileSync,
  writeFileSync,
  existsSync,
  readdirSync,
  rmSync,
  closeSync,
  openSync,
  writeSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import type { TestAction } from '../../../domain/audit-record.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import { decisionsPerOperation, bytesPerBatch } from '../../../domain/operation.ts';
import type { BoundDecision, OperationBody } from '../../../domain/operation.ts';
import { CommandFailure } from '../../../main/core/failure.ts';
import { recordDecisions, submitReview, cutDrafts } from '../../../main/core/desk/decisions.ts';
import { listItems } from '../../../main/core/desk/items.ts';
import { openOutbox } from '../../../main/core/outbox/outbox.ts';
import { outboxMigrations } from '../../../main/core/outbox/migrations.ts';
import { cacheMigrations } from '../../../main/core/cache/migrations.ts';
import { closeSqlite, migrate, openSqlite, schemaVersion } from '../../../main/core/sqlite.ts';
import { commands } from '../../../preload/contract.ts';
import { asShown, at, contents, deskWithVersion, receipt, things, version } from './desk-builder.ts';
import type { TestDesk } from './desk-builder.ts';

let desk: TestDesk;
afterEach(() => desk.close());

const failureOf = (run: () => unknown): CommandFailure => {
  try {
    run();
  } catch (error) {
    if (error instanceof CommandFailure) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

const drawOf = (reportId: string): OperationBody => ({
  kind: 'sample.draw',
  reportId,
  planId: 'plan-0001',
  redrawReason: null,
  targeted: [],
});
const cycleOf = (reportId: string): OperationBody => ({
  kind: 'cycle.start',
  cycleId: 'cycle-0001',
  name: 'Q4',
  reports: [
    {
      ...{ reportId, name: 'Cards', dueAt: null, lobs: null, skips: [], deadlines: [] },
      assignments: [{ personId: 'tara', role: 'tester' }],
    },
  ],
});
const targets = () =>
  desk.outbox.nextBatches({ limit: 100 }).map(({ target, firstKind }) => `${target.kind}/${target.id} ${firstKind}`);

test('synchronous is FULL on every connection that has the outbox open, also after writing and reopening', () => {
  desk = deskWithVersion(1);
  for (let round = 0; round < 2; round += 1) {
    desk.outbox.setSetting('round', round);
    expect(desk.outbox.db.pragma('synchronous', { simple: true })).toBe(2);
    expect(desk.cache.db.pragma('outbox.synchronous', { simple: true })).toBe(2);
    desk.reopen();
  }
});

test('operations for a report wait for the cycle that makes it, and are refused with it', () => {
  desk = deskWithVersion(1);
  const [cycle] = desk.outbox.queue([cycleOf('report-9'), drawOf('report-9'), drawOf('report-1')], desk.author, at);
  expect(targets()).toEqual(['cycle/cycle-0001 cycle.start', 'report/report-1 sample.draw']);
  desk.outbox.markSent([cycle!.operationId], at);
  expect(targets()).toEqual(['report/report-1 sample.draw']);
  desk.outbox.applyReceipts([receipt(cycle!)]);
  expect(targets()).toEqual(['report/report-9 sample.draw', 'report/report-1 sample.draw']);
  desk.close();

  desk = deskWithVersion(1);
  const [refused] = desk.outbox.queue([cycleOf('report-9'), drawOf('report-9')], desk.author, at);
  const reason = { code: 'role' as const, message: 'only test managers' };
  desk.outbox.applyReceipts([receipt(refused!, { state: 'refused', reason })]);
  expect(targets()).toEqual([]);
  expect(desk.outbox.counts(at)).toMatchObject({ queued: 0, refused: 2 });
});

test('what was sent comes again only after its time, in front, and attempts are counted', () => {
  desk = deskWithVersion(1);
  const [first] = desk.outbox.queue([drawOf('report-1'), drawOf('report-2')], desk.author, at);
  desk.outbox.markSent([first!.operationId], at);
  expect(targets()).toEqual(['report/report-2 sample.draw']);
  const again = desk.outbox.nextBatches({ limit: 9, resendBefore: '2026-11-21T09:00:00.001Z' });
  expect(again.map((batch) => [batch.target.id, batch.first])).toEqual([
    ['report-1', false],
    ['report-2', true],
  ]);
  desk.outbox.markSent([first!.operationId], at);
  expect(desk.outbox.tables.operations.get(first!.operationId)).toMatchObject({ state: 'sent', attempts: 2 });
  expect(desk.outbox.sentOperations()).toBe(1);
});

test('an operation that was ended here takes the receipt that comes all the same', () => {
  desk = deskWithVersion(1);
  const [one] = desk.outbox.queue([drawOf('report-1')], desk.author, at);
  desk.outbox.refuse([one!.operationId], { code: 'not-found', message: 'closed' }, at);
  expect(desk.outbox.counts(at)).toMatchObject({ refused: 1, queued: 0 });
  desk.outbox.applyReceipts([receipt(one!)]);
  expect(desk.outbox.counts(at)).toMatchObject({ refused: 0, deliveredToday: 1 });
});

test('batches keep each workflow in order and within 500 decisions and 128 KB', () => {
  desk = deskWithVersion(1);
  const bound = (itemKey: string, note: string): BoundDecision => ({
    itemKey,
    contentHash: 'a'.repeat(64),
    seenVerdict: 'pending',
    decision: { verdict: 'approved', reasonCode: null, note },
  });
  const operation = fc.record({
    report: fc.integer({ min: 1, max: 3 }),
    items: fc.integer({ min: 1, max: 500 }),
    noteLength: fc.integer({ min: 0, max: 900 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { minLength: 1, maxLength: 12 }), (list) => {
      const bodies: OperationBody[] = list.map(({ report, items, noteLength }) => ({
        kind: 'decisions.record',
        reportId: `report-${report}`,
        versionId: 'version-1',
        decisions: Array.from({ length: items }, (_, index) =>
          bound(`k${index}`, 'n'.repeat(index % 7 ? 0 : noteLength)),
        ),
      }));
      const queued = desk.outbox.queue(bodies, desk.author, at);
      const batches = desk.outbox.nextBatches({ limit: 1000 });
      for (const batch of batches) {
        const items = batch.operations.reduce(
          (sum, { operation: { body } }) => sum + (body.kind === 'decisions.record' ? body.decisions.length : 1),
          0,
        );
        const bytes = Buffer.byteLength(JSON.stringify({ operations: batch.operations }));
        if (batch.operations.length > 1) {
          expect(items).toBeLessThanOrEqual(decisionsPerOperation);
          expect(bytes).toBeLessThanOrEqual(bytesPerBatch);
        }
        expect(new Set(batch.operations.map(({ operation: { body } }) => 'reportId' in body && body.reportId))).toEqual(
          new Set([batch.target.id]),
        );
      }
      for (const report of ['report-1', 'report-2', 'report-3']) {
        const sent = batches.filter(({ target }) => target.id === report).flatMap((batch) => batch.operationIds);
        const asked = queued
          .filter(({ body }) => 'reportId' in body && body.reportId === report)
          .map((one) => one.operationId);
        expect(sent).toEqual(asked);
      }
      desk.outbox.applyReceipts(queued.map((one) => receipt(one)));
    }),
    { numRuns: 25 },
  );
  const numbers = desk.outbox.db.prepare('SELECT sequence FROM operations ORDER BY sequence').pluck().all();
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('drafts are cut into operations of 500 and of 120 KB, none missing and in order', () => {
  desk = deskWithVersion(1);
  const draft = (index: number, note: string) => ({
    decisionId: index,
    reportId: 'report-1',
    versionId: 'version-1',
    itemKey: `key-${index}`,
    contentHash: 'a'.repeat(64),
    seenVerdict: 'pending' as const,
    seenVersionNumber: 1,
    decision: { verdict: 'approved' as const, reasonCode: null, note },
    decidedAt: at,
    current: true,
    state: 'draft' as const,
    operationId: null,
    reason: null,
    theirs: null,
    settledAt: null,
  });
  const small = Array.from({ length: 1201 }, (_, index) => draft(index, ''));
  expect(cutDrafts(small).map((group) => group.length)).toEqual([500, 500, 201]);
  const large = Array.from({ length: 40 }, (_, index) => draft(index, 'ü'.repeat(10_000)));
  const groups = cutDrafts(large);
  expect(groups.flat()).toEqual(large);
  for (const group of groups)
    expect(Buffer.byteLength(JSON.stringify(group.map((one) => one.decision)))).toBeLessThan(120 * 1024);
});

test('imports, preferences, settings and counters survive', () => {
  desk = deskWithVersion(1);
  const job = {
    importId: 'import-01',
    reportId: 'report-1',
    fileName: 'a.csv',
    state: { kind: 'queued' as const },
    fileHash: null,
    fileSize: 5,
    startedAt: at,
  };
  desk.outbox.imports.save({
    job,
    purpose: { kind: 'population', keyColumn: 'ID' },
    localPath: '/tmp/x',
    operationId: null,
  });
  desk.outbox.setPreference('theme', { dark: true });
  desk.outbox.setSetting('work-offline', true);
  expect([desk.outbox.nextCounter('pull'), desk.outbox.nextCounter('pull')]).toEqual([1, 2]);
  desk.reopen();
  expect(desk.outbox.imports.list('report-1')).toEqual([
    { job, purpose: { kind: 'population', keyColumn: 'ID' }, localPath: '/tmp/x', operationId: null },
  ]);
  expect(desk.outbox.preference('theme')).toEqual({ dark: true });
  expect(desk.outbox.preference('none')).toBeNull();
  expect(desk.outbox.setting('work-offline')).toBe(true);
  expect(desk.outbox.nextCounter('pull')).toBe(3);
});

test('what is too large for the server is refused at once and queues nothing; what packs well goes', () => {
  desk = deskWithVersion(1);
  const revision = (rationaleOf: () => string): OperationBody => ({
    ...{ kind: 'revision.submit', reportId: 'report-1', versionId: 'version-1', note: '' },
    answers: Array.from({ length: 500 }, (_, index) => ({
      ...{ itemKey: `key-${index}`, contentHash: 'a'.repeat(64), answer: 'keep' as const },
      rationale: rationaleOf(),
    })),
  });
  const random = () => randomBytes(5_000).toString('hex');
  expect(() => desk.outbox.queue([revision(random)], desk.author, at)).toThrow(/too large to be sent \(5\.1 MB\)/);
  expect(desk.outbox.queuedOperations()).toBe(0);
  desk.outbox.queue([revision(() => 'the document came later. '.repeat(400))], desk.author, at);
  expect(desk.outbox.queuedOperations()).toBe(1);
});

test('a counter with a floor goes on from there, and never back', () => {
  desk = deskWithVersion(1);
  expect(desk.outbox.nextCounter('pull', 1_000)).toBe(1_000);
  expect(desk.outbox.nextCounter('pull', 1_000)).toBe(1_001);
  expect(desk.outbox.nextCounter('pull', 7)).toBe(1_002);
});

/** Drafts on 400 items and 400 queued ones, so that the file has pages to lose. */
function filledDesk(): TestDesk {
  const made = deskWithVersion(800);
  const rows = things(800);
  const decide = (from: number, to: number) =>
    recordDecisions(made, { versionId: 'version-1', decisions: rows.slice(from, to).map((row) => asShown(row)) });
  decide(0, 800);
  submitReview(made, { versionId: 'version-1', verdict: 'approved', note: '' }, made.author);
  made.feed([{ kind: 'version', version: version({ versionId: 'version-2', number: 2, itemCount: 800 }) }]);
  made.cache.storeContents(contents('version-2', rows));
  recordDecisions(made, { versionId: 'version-2', decisions: rows.slice(0, 400).map((row) => asShown(row)) });
  return made;
}

test('an outbox with broken pages is set aside and what can be read is carried over, by name', () => {
  desk = filledDesk();
  desk.cache.close();
  desk.outbox.close();
  const pages = Math.floor(statSync(desk.outboxFile).size / 4096);
  const file = openSync(desk.outboxFile, 'r+');
  for (let page = Math.floor(pages / 2); page < pages / 2 + 3; page += 1)
    writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  closeSync(file);
  desk.reopen();
  const { setAside } = desk.outbox;
  expect(setAside?.file).toBe(`${desk.outboxFile}.corrupt-1`);
  expect(existsSync(setAside!.file)).toBe(true);
  expect(setAside?.message).toMatch(/Carried over: \d+ operations/);
  const { draft, queued } = desk.outbox.counts(at);
  expect(draft + queued).toBeGreaterThan(900);
  expect(desk.outbox.db.pragma('integrity_check', { simple: true })).toBe('ok');
  // Whatever was carried over is whole: each queued decision has its operation, and numbers go on.
  const orphans = desk.outbox.db
    .prepare(
      "SELECT count(*) FROM decisions WHERE state = 'queued' AND operation_id NOT IN (SELECT operation_id FROM operations)",
    )
    .pluck()
    .get();
  expect(orphans).toBe(0);
  desk.reopen();
  expect(desk.outbox.setAside).toBeNull();
});

test('an outbox that is no database at all is set aside and its loss is named; numbers go on from receipts', () => {
  desk = deskWithVersion(1);
  const [one] = desk.outbox.queue([drawOf('report-1')], desk.author, at);
  desk.cache.close();
  desk.outbox.close();
  writeFileSync(desk.outboxFile, 'this is not a database, and it is long enough to be looked at '.repeat(100));
  desk.reopen();
  expect(desk.outbox.setAside?.message).toMatch(/nothing of it can be read/);
  expect(readFileSync(desk.outbox.setAside!.file, 'utf8')).toMatch(/^this is not/);
  // No number of the lost ones is used again, neither before receipts tell them nor after.
  const [first] = desk.outbox.queue([drawOf('report-1')], desk.author, at);
  expect(first?.sequence).toBeGreaterThan(Date.parse('2026-01-01'));
  const used = (first?.sequence ?? 0) + 41;
  desk.outbox.applyReceipts([{ ...receipt(one!), sequence: used }]);
  const [next] = desk.outbox.queue([drawOf('report-1')], desk.author, at);
  expect(next?.sequence).toBe(used + 1);
  const leftOver = readdirSync(desk.folder).filter((name) => name.includes('reading'));
  expect(leftOver).toEqual([]);
});

test('files of a newer version are refused and left as they are', () => {
  desk = deskWithVersion(1);
  desk.cache.close();
  for (const [file, open] of [
    [desk.outboxFile, () => openOutbox({ file: desk.outboxFile })],
    [desk.cacheFile, () => desk.reopen()],
  ] as const) {
    if (file === desk.outboxFile) desk.outbox.close();
    const db = new Database(file);
    const own = Number(db.pragma('user_version', { simple: true }));
    db.pragma('user_version = 99');
    db.pragma('journal_mode = DELETE');
    db.close();
    const before = readFileSync(file);
    const { failure } = failureOf(open);
    expect(failure.kind).toBe('refused');
    expect(failure.message).toMatch(/made by a newer version of Countersign/);
    expect(readFileSync(file).equals(before)).toBe(true);
    const mended = new Database(file);
    mended.pragma(`user_version = ${own}`);
    mended.close();
  }
  desk.reopen();
});

test('a cache that is broken or cut is set aside and made empty; the outbox is not touched', () => {
  desk = filledDesk();
  const counts = desk.outbox.counts(at);
  for (const [round, damage] of [
    (file: string) => writeFileSync(file, 'no database'.repeat(500)),
    (file: string) => truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096),
  ].entries()) {
    desk.cache.close();
    damage(desk.cacheFile);
    desk.outbox.close();
    desk.reopen();
    expect(desk.cache.setAside?.file).toBe(`${desk.cacheFile}.corrupt-${round + 1}`);
    expect(desk.cache.setAside?.message).toMatch(/fetched again/);
    expect(desk.cache.cursors()).toEqual({});
    expect(desk.outbox.setAside).toBeNull();
    expect(desk.outbox.counts(at)).toEqual(counts);
    desk.cache.applyPage({
      kind: 'page',
      feeds: [
        {
          feed: 'report:report-1',
          rows: [{ sequence: 1, change: { kind: 'version', version: version({ itemCount: 800 }) } }],
          cursor: 1,
        },
      ],
      reportIds: ['report-1'],
      more: false,
      serverTime: at,
    });
    desk.cache.storeContents(contents('version-1', things(800)));
    const { rows } = listItems(desk, commands['version:items'].input.parse({ versionId: 'version-1' }));
    expect(rows[0]).toMatchObject({ verdict: 'approved', delivery: 'queued' });
  }
});

test('every schema step leads to the same tables as a fresh file, and keeps its rows', () => {
  desk = deskWithVersion(1);
  for (const [what, migrations] of [
    ['outbox', outboxMigrations],
    ['cache', cacheMigrations],
  ] as const) {
    const schemaOf = (db: Database.Database) =>
      db.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all();
    const fresh = openSqlite({
      file: `${desk.folder}/${what}-fresh.db`,
      migrations,
      synchronous: 'full',
      what,
      check: 'always',
    });
    const stepwise = new Database(`${desk.folder}/${what}-steps.db`);
    for (let step = 1; step <= migrations.length; step += 1) {
      migrate(stepwise, migrations.slice(0, step));
      expect(schemaVersion(stepwise)).toBe(step);
    }
    if (fresh.kind !== 'open') throw new Error(fresh.reason);
    expect(schemaOf(stepwise)).toEqual(schemaOf(fresh.db));
    closeSqlite(fresh.db);
    stepwise.close();
  }
});

test('a step that fails leaves the version before it and stops the opening', () => {
  desk = deskWithVersion(1);
  const file = `${desk.folder}/failing.db`;
  const broken = [
    ...outboxMigrations,
    {
      name: 'fails',
      up(db: Database.Database) {
        db.exec('CREATE TABLE half (a INTEGER)');
        throw new Error('no');
      },
    },
  ];
  expect(() =>
    openSqlite({ file, migrations: broken, synchronous: 'full', what: 'the outbox', check: 'always' }),
  ).toThrow('no');
  const db = new Database(file);
  expect(schemaVersion(db)).toBe(outboxMigrations.length);
  expect(db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").pluck().get()).toBe(0);
  db.close();
});

test('a disk that takes nothing is told as "not saved", and nothing changed', () => {
  desk = deskWithVersion(4);
  desk.outbox.db.pragma(`max_page_count = ${String(desk.outbox.db.pragma('page_count', { simple: true }))}`);
  const decisions = things(4).map((row) => ({
    ...asShown(row),
    decision: { verdict: 'approved' as const, reasonCode: null, note: 'n'.repeat(9_000) },
  }));
  const { failure } = failureOf(() => recordDecisions(desk, { versionId: 'version-1', decisions }));
  expect(failure.kind).toBe('not-saved');
  expect(desk.outbox.counts(at).draft).toBe(0);
  const { rows } = listItems(desk, commands['version:items'].input.parse({ versionId: 'version-1' }));
  expect(rows.map((row) => row.verdict)).toEqual(['pending', 'pending', 'pending', 'pending']);
});

test('an outbox of the slice keeps every row through the newer steps, and its answers and drafts can be used', () => {
  desk = deskWithVersion(2);
  desk.outbox.close();
  desk.cache.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(desk.outboxFile + suffix, { force: true });
  const old = new Database(desk.outboxFile);
  migrate(old, outboxMigrations.slice(0, 2));
  old.exec(`INSERT INTO answers (version_id, item_key, content_hash, answer, rationale, drafted_at)
      VALUES ('version-1', 'key-0', 'h', 'keep', 'so', '${at}'), ('version-1', 'key-1', 'h', 'replace', NULL, '${at}');
    INSERT INTO operations (operation_id, sequence, kind, target_kind, target_id, report_id, actor_id, device_id, decided_at, body,
      byte_count, item_count, signature, state, attempts) VALUES ('operation-1', 1, 'sample.draw', 'report', 'report-1', 'report-1',
      'tara', 'device-1', '${at}', '${JSON.stringify(drawOf('report-1'))}', 100, 1, 's', 'queued', 0);`);
  old.close();
  desk.reopen();
  expect([...desk.outbox.answers('version-1').values()]).toEqual([
    { itemKey: 'key-0', contentHash: 'h', answer: 'keep', rationale: 'so' },
    { itemKey: 'key-1', contentHash: 'h', answer: 'replace' },
  ]);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 2, queued: 1 });
  expect(targets()).toEqual(['report/report-1 sample.draw']);
});

const action = (itemKey: string): TestAction => ({
  ...{ itemKey, contentHash: 'a'.repeat(64), attribute: 'AGE', found: 1, result: 'pass', notTestableReason: '' },
  ...{ evidence: null, note: '', seenRevision: 0, reason: '' },
});

test('batches count test actions and assignments as they count decisions: at most 500 a signal', () => {
  desk = deskWithVersion(1);
  const tests = (count: number): OperationBody => ({
    ...{ kind: 'test.record', reportId: 'report-1', lob: 'Cards' },
    actions: Array.from({ length: count }, (_, index) => action(`k-${count}-${index}`)),
  });
  desk.outbox.queue([tests(300), tests(150), tests(60)], desk.author, at);
  const sizes = desk.outbox.nextBatches({ limit: 9 }).map((batch) => batch.operations.length);
  expect(sizes).toEqual([2, 1]);
  expect(desk.outbox.counts(at).queued).toBe(510);
});

test('steering a cycle goes to the cycle, behind its start; everything of a report to the report', () => {
  desk = deskWithVersion(1);
  const control: OperationBody = { kind: 'cycle.control', cycleId: 'cycle-0001', act: 'pause', reason: 'audit' };
  const skip: OperationBody = {
    kind: 'phase.skip',
    reportId: 'report-9',
    phase: 'scoping',
    lob: null,
    reason: 'small',
  };
  desk.outbox.queue([cycleOf('report-9'), control, skip], desk.author, at);
  const [batch, ...others] = desk.outbox.nextBatches({ limit: 9 });
  expect(others).toEqual([]);
  expect(batch?.operations.map(({ operation }) => operation.body.kind)).toEqual(['cycle.start', 'cycle.control']);
  desk.outbox.applyReceipts(batch!.operations.map(({ operation }) => receipt(operation)));
  expect(targets()).toEqual(['report/report-9 phase.skip']);
});

test('a phase that is completed again answers the refusal of the time before', () => {
  desk = deskWithVersion(1);
  const complete = (lob: string): OperationBody => ({
    ...{ kind: 'phase.complete', reportId: 'report-1', phase: 'test-execution', lob, withoutSamples: [], note: '' },
  });
  const [cards, retail] = desk.outbox.queue([complete('Cards'), complete('Retail')], desk.author, at);
  const reason = { code: 'incomplete' as const, message: '3 test actions missing' };
  desk.outbox.applyReceipts([cards!, retail!].map((one) => receipt(one, { state: 'refused', reason })));
  expect(desk.outbox.counts(at).refused).toBe(2);
  desk.outbox.queue([complete('Cards')], desk.author, at);
  expect(desk.outbox.counts(at)).toMatchObject({ refused: 1, queued: 1 });
});

test('edits, changes of records, answers and read news are carried over from a broken file; what lost its operation says so', () => {
  desk = deskWithVersion(1);
  const { edits, answers } = desk.outbox.tables;
  const change = { reportIds: ['report-1'], versionIds: ['version-1'] };
  const drafted = { versionId: 'version-1', reportId: 'report-1', number: 1 };
  const editOf = (itemKey: string): Edit => ({
    edit: 'set',
    itemKey,
    contentHash: 'a'.repeat(64),
    fields: { description: itemKey },
  });
  const submit: OperationBody = {
    kind: 'version.submit',
    reportId: 'report-1',
    versionId: 'version-1',
    edits: [],
    note: '',
  };
  const record: OperationBody = { kind: 'test.record', reportId: 'report-1', lob: 'Cards', actions: [action('k-1')] };
  desk.outbox.write(() => edits.draft(drafted, [editOf('one')], at), change);
  const [handedIn] = desk.outbox.queue([submit], desk.author, at, ([one]) =>
    edits.enqueue('version-1', one!.operationId),
  );
  desk.outbox.write(() => edits.draft({ ...drafted, versionId: 'version-2' }, [editOf('two')], at), change);
  desk.outbox.write(() => {
    answers.draft(
      'version-3',
      [{ itemKey: 'x', contentHash: 'a'.repeat(64), answer: 'edit', fields: { title: 'T' } }],
      at,
    );
  }, change);
  const [kept, lost] = desk.outbox.queue([record, { ...record, actions: [action('k-2')] }], desk.author, at);
  desk.outbox.markRead(['news-1'], at, change);
  // As damage would leave it: two operations gone, and the changes of one that is there.
  desk.outbox.db
    .prepare('DELETE FROM operations WHERE operation_id IN (?, ?)')
    .run(handedIn!.operationId, lost!.operationId);
  desk.outbox.db.prepare('DELETE FROM record_changes WHERE operation_id = ?').run(kept!.operationId);
  desk.outbox.close();
  desk.cache.close();
  const broken = new Database(desk.outboxFile);
  broken.pragma('wal_checkpoint(TRUNCATE)');
  broken.exec('CREATE TABLE scrap (x); INSERT INTO scrap VALUES (zeroblob(4000)); PRAGMA wal_checkpoint(TRUNCATE);');
  const root = broken.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'scrap'").pluck().get() as number;
  broken.close();
  const file = openSync(desk.outboxFile, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xa5), 0, 4096, (root - 1) * 4096);
  closeSync(file);
  desk.reopen();
  expect(desk.outbox.setAside?.message).toMatch(/Carried over: 1 operations, 1 answers, 2 edits, 1 record changes/);
  expect(desk.outbox.tables.edits.drafts('version-1').map((one) => one.edit)).toEqual([editOf('one')]);
  expect(desk.outbox.tables.edits.drafts('version-2').map((one) => one.edit)).toEqual([editOf('two')]);
  expect(desk.outbox.answers('version-3').get('x')).toMatchObject({ answer: 'edit', fields: { title: 'T' } });
  const states = desk.outbox.db.prepare('SELECT record_key, state FROM record_changes ORDER BY record_key').all();
  expect(states).toEqual([
    { record_key: 'k-1/AGE', state: 'queued' },
    { record_key: 'k-2/AGE', state: 'refused' },
  ]);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 3, queued: 1, refused: 1 });
  expect(desk.outbox.db.prepare('SELECT notification_id FROM read_news').pluck().all()).toEqual(['news-1']);
});
