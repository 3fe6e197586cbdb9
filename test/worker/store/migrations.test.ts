// The schema's history: every version leads to the same tables, a failed step leaves nothing, a newer file is left alone.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqlite } from '../../../worker/store/dialect.ts';
import { migrate, migrations } from '../../../worker/store/migrations.ts';
import type { Migration } from '../../../worker/store/migrations.ts';
import { openStore } from '../../../worker/store/store.ts';

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
