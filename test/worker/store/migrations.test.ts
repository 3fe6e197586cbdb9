// The schema's history: every version leads to the same tables, a failed step leaves nothing, a newer file is left alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Change, PhaseState, Report } from '../../../domain/change.ts';
import { stepsDue } from '../../../domain/flow.ts';
import { ledgerFault } from '../../../domain/ledger.ts';
import { insertMany } from '../../../worker/store/dialect.ts';
import { openSqlite } from '../../../worker/store/dialect.ts';
import { unrecordedVersion } from '../../../domain/workflow-version.ts';
import { migrate, migrations } from '../../../worker/store/migrations.ts';
import type { Migration } from '../../../worker/store/migrations.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { nameLobs, openPhase, readFlow } from '../../../worker/store/phase-line.ts';
import { unfinishedWork } from '../../../worker/store/report-state.ts';
import type { Schema } from '../../../worker/store/schema.ts';
import { openStore } from '../../../worker/store/store.ts';
import type { Store } from '../../../worker/store/store.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { testClock, testLobs } from '../../builders.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function schemaOf(file: string): Promise<unknown[]> {
  const { db, close } = openSqlite(file);
  const { rows } = await sql`select type, name, sql from sqlite_schema order by name`.execute(db);
  await close();
  return rows;
}

it.each(migrations.map((_step, version) => version))(
  'reaches the same schema from version %i as from nothing',
  async (version) => {
    const stepwise = join(dir, 'stepwise.db');
    const { db, close } = openSqlite(stepwise);
    await migrate(db, migrations.slice(0, version));
    await close();
    await (await openStore({ file: stepwise })).close();
    const fresh = join(dir, 'fresh.db');
    await (await openStore({ file: fresh })).close();
    expect(await schemaOf(stepwise)).toEqual(await schemaOf(fresh));
  },
);

it('changes nothing when it is opened again', async () => {
  const file = join(dir, 'store.db');
  await (await openStore({ file })).close();
  const before = await schemaOf(file);
  await (await openStore({ file })).close();
  expect(await schemaOf(file)).toEqual(before);
});

it('leaves nothing of a step that fails, and says so', async () => {
  const failing: Migration = async (trx) => {
    await sql`create table half (a integer)`.execute(trx);
    throw new Error('no room');
  };
  const { db, close } = openSqlite(join(dir, 'store.db'));
  await expect(migrate(db, [...migrations, failing])).rejects.toThrow('no room');
  const { rows } = await sql<{ version: number }>`select version from schema_version`.execute(db);
  expect(rows).toEqual([{ version: migrations.length }]);
  await expect(sql`select * from half`.execute(db)).rejects.toThrow('no such table');
  await close();
});

it('refuses a database of a newer program without touching it', async () => {
  const file = join(dir, 'store.db');
  const { db, close } = openSqlite(file);
  await migrate(db, [...migrations, async () => undefined]);
  await close();
  await expect(openStore({ file })).rejects.toThrow('written by a newer one');
});

it('asserts the settings that durability rests on', async () => {
  const { db, close } = openSqlite(join(dir, 'store.db'));
  await migrate(db);
  expect((await sql`pragma synchronous`.execute(db)).rows).toEqual([{ synchronous: 2 }]);
  expect((await sql`pragma journal_mode`.execute(db)).rows).toEqual([{ journal_mode: 'wal' }]);
  expect((await sql`pragma foreign_keys`.execute(db)).rows).toEqual([{ foreign_keys: 1 }]);
  await close();
});

/**
 * Rows that the first slice itself wrote, at its last commit: a report that nobody began, one planned, one in review with decisions,
 * one whose revision was answered and not made, one approved after a revision over strata, and one that was cancelled.
 */
const oldRows = JSON.parse(
  gunzipSync(readFileSync(new URL('rows-of-schema-2.json.gz', import.meta.url))).toString(),
) as Partial<Record<keyof Schema, Record<string, string | number | null>[]>>;

describe('reports of the first slice', () => {
  let store: Store;
  const clock = testClock();
  beforeEach(async () => {
    const file = join(dir, 'store.db');
    const { db, close } = openSqlite(file);
    await migrate(db, migrations.slice(0, 2));
    await sql`pragma foreign_keys = off`.execute(db);
    await db.transaction().execute(async (trx) => {
      for (const [table, rows] of Object.entries(oldRows)) {
        const columns = Object.keys(rows[0] ?? {});
        const cells = rows.map((row) => columns.map((column) => row[column] ?? null));
        await insertMany(trx, table as keyof Schema, columns, cells);
      }
    });
    expect((await sql`pragma foreign_key_check`.execute(db)).rows).toEqual([]);
    await close();
    store = await openStore({ file });
  });
  afterEach(() => store.close());

  const reportOf = async (reportId: string): Promise<Report> => {
    const summary = await reportSummary(store, reportId);
    if (!summary) throw new Error(`no ${reportId}`);
    return summary.report;
  };
  const samplesOf = async (reportId: string): Promise<PhaseState | undefined> =>
    (await reportOf(reportId)).phases.find((row) => row.phase === 'sample-selection');

  it.each([
    ['report-fresh', { state: 'not-started', openedAt: null, waitingFor: [] }],
    ['report-planned', { state: 'in-work', openedAt: expect.any(String) as string, waitingFor: ['otto', 'tara'] }],
    ['report-in-review', { state: 'in-review', outcome: null, waitingFor: ['olga', 'otto'] }],
    ['report-in-revision', { state: 'in-revision', outcome: null, waitingFor: ['otto', 'tara'] }],
    ['report-approved', { state: 'completed', outcome: 'approved', waitingFor: [] }],
    ['report-ended', { state: 'in-work' }],
  ])('%s keeps its sample where it was, and says of the phases before why it has none', async (reportId, state) => {
    const { phases } = await reportOf(reportId);
    expect(phases.map((row) => [row.phase, row.state])).toMatchObject([
      ['planning', 'skipped'],
      ['data-profiling', 'skipped'],
      ['scoping', 'skipped'],
      ['sample-selection', expect.any(String)],
      ['data-owner-id', 'skipped'],
      ['test-report', 'not-started'],
    ]);
    expect(phases[0]).toMatchObject({ outcome: 'skipped', reason: 'this report was started before the phase existed' });
    expect(await samplesOf(reportId)).toMatchObject(state);
  });

  it('knows where its lines of business come from by its newest plan, and asks where nothing was planned', async () => {
    const sources = await Promise.all(
      ['report-fresh', 'report-planned', 'report-approved'].map(async (id) => (await reportOf(id)).lobSource),
    );
    expect(sources).toEqual([null, { kind: 'none' }, { kind: 'column', column: 'LOB' }]);
  });

  it('tells laptops the header, the plans and the versions anew, in an unbroken feed and ledger', async () => {
    for (const reportId of ['report-fresh', 'report-in-review', 'report-approved', 'report-ended']) {
      const feed = await store.db
        .selectFrom('changes')
        .selectAll()
        .where('feed', '=', `report:${reportId}`)
        .orderBy('sequence')
        .execute();
      expect(feed.map((row) => row.sequence)).toEqual(feed.map((_row, index) => index + 1));
      const head = await store.db
        .selectFrom('feeds')
        .select('head')
        .where('feed', '=', `report:${reportId}`)
        .executeTakeFirstOrThrow();
      expect(head.head).toBe(feed.length);
      const changes = feed.map((row) => JSON.parse(row.body_text) as Change);
      const summary = await reportSummary(store, reportId);
      // Headers from before versions of workflows were recorded do not name one.
      const { workflowVersion, ...header } = summary?.report ?? {};
      expect(workflowVersion).toBe(unrecordedVersion);
      expect(changes.findLast((change) => change.kind === 'report')).toEqual({ kind: 'report', report: header });
      for (const version of summary?.versions ?? []) {
        const told = changes.findLast(
          (change) => change.kind === 'version' && change.version.versionId === version.versionId,
        );
        expect(told).toEqual({ kind: 'version', version });
      }
      const ledger = await readLedger(store, reportId);
      expect(ledgerFault(ledger, summary?.ledgerHead)).toBeNull();
      expect(ledger.at(-1)).toMatchObject({ kind: 'report.migrated', actorId: 'countersign' });
      expect(changes.at(-1)).toMatchObject({ kind: 'ledger', entries: [ledger.at(-1)] });
    }
  });

  it('leaves work that was asked for to be done, and takes nothing else for it', async () => {
    expect(await unfinishedWork(store.db, 'report-in-revision', null)).toMatchObject([{ kind: 'revise-sample' }]);
    for (const reportId of ['report-fresh', 'report-planned', 'report-in-review', 'report-approved']) {
      expect(await unfinishedWork(store.db, reportId, null)).toEqual([]);
    }
    const open = await store.db
      .selectFrom('operations')
      .select('kind')
      .where('follow_up_done_at', 'is', null)
      .execute();
    expect(open).toEqual([{ kind: 'revision.submit' }]);
  });

  it('goes on by the flow: the lines of business are named, an approved sample is counted, the lanes start', async () => {
    const now = '2027-01-01T00:00:00.000Z';
    const due = async (reportId: string) => stepsDue(await readFlow(store.db, reportId, null), now);
    expect(await due('report-ended')).toEqual([]);
    expect(await due('report-fresh')).toEqual([]);
    expect(await due('report-approved')).toEqual([{ kind: 'name-lobs' }]);
    const lobs = testLobs.map((lob) => ({ lob, rows: 10_000 }));
    await nameLobs(store, 'report-approved', { lobs }, clock);
    // Keys 1002 to 1005: two of `lob 0`, one each of the others.
    expect((await reportOf('report-approved')).lobs.map((row) => [row.lob, row.samples])).toEqual([
      ['lob 0', 2],
      ['lob 1', 1],
      ['lob 2', 1],
    ]);
    expect(await due('report-approved')).toEqual(testLobs.map((lob) => ({ kind: 'start-lob', lob })));
    await nameLobs(store, 'report-planned', { lobs: [{ lob: 'Whole report', rows: 30_000 }] }, clock);
    // Rows to look at are recommended to whoever has planned and not drawn yet.
    expect(await due('report-planned')).toEqual([{ kind: 'propose', phase: 'sample-selection', lob: null }]);
    await nameLobs(store, 'report-fresh', { lobs: [{ lob: 'Whole report', rows: 30_000 }] }, clock);
    expect(await due('report-fresh')).toEqual([{ kind: 'open', phase: 'sample-selection', lob: null }]);
    await openPhase(store, 'report-fresh', 'sample-selection', null, clock);
    expect(await samplesOf('report-fresh')).toMatchObject({ state: 'in-work', waitingFor: ['otto', 'tara'] });
  });
});
