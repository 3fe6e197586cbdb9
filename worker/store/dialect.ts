// Owns what differs between database engines: opening one, its settings, and statements for many rows at once.
// Knows no table. A second engine (PostgreSQL) is added here and nowhere else.
import Database from 'better-sqlite3';
import { CompiledQuery, Kysely, SqliteDialect } from 'kysely';
import type { Transaction } from 'kysely';
import type { Schema } from './schema.ts';

const busyTimeoutMs = 10_000;
const keptStatements = 400;

/** Opens (and makes) an SQLite file with the settings this store relies on. @throws Error when a setting does not hold. */
export function openSqlite(file: string): { db: Kysely<Schema>; close(): Promise<void> } {
  const connection = new Database(file);
  try {
    configure(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: withKeptStatements(connection) }) });
  return {
    db,
    async close() {
      await db.destroy();
      if (connection.open) connection.close();
    },
  };
}

function configure(connection: Database.Database): void {
  connection.pragma(`busy_timeout = ${busyTimeoutMs}`);
  connection.pragma('journal_mode = WAL');
  // WAL quietly lowers this to NORMAL: then a confirmed operation could be lost with the power.
  connection.pragma('synchronous = FULL');
  connection.pragma('foreign_keys = ON');
  const holds: [string, unknown][] = [
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
  ];
  for (const [name, wanted] of holds) {
    const found = connection.pragma(name, { simple: true });
    if (found !== wanted) throw new Error(`the version store needs ${name} ${String(wanted)} and has ${String(found)}`);
  }
}

/** Statements are prepared once; transactions take the write lock at their start, so that none fails halfway as busy. */
function withKeptStatements(connection: Database.Database) {
  const kept = new Map<string, Database.Statement>();
  return {
    close: () => {
      kept.clear();
      connection.close();
    },
    prepare(text: string): Database.Statement {
      const found = kept.get(text);
      if (found) return found;
      if (kept.size >= keptStatements) kept.clear();
      const made = connection.prepare(text === 'begin' ? 'begin immediate' : text);
      kept.set(text, made);
      return made;
    },
  };
}

type Cell = string | number | null;

/**
 * Inserts many rows with few statements, whose texts repeat so that each is prepared once.
 * @param conflict what follows the values, for example `on conflict (a) do nothing`.
 */
export async function insertMany(
  trx: Transaction<Schema>,
  table: keyof Schema,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  conflict = '',
): Promise<void> {
  const names = columns.map((name) => `"${name}"`).join(', ');
  const one = `(${columns.map(() => '?').join(', ')})`;
  for (const part of parts(rows)) {
    const values = Array.from({ length: part.length }, () => one).join(', ');
    const text = `insert into "${table}" (${names}) values ${values} ${conflict}`;
    await trx.executeQuery(CompiledQuery.raw(text, part.flat()));
  }
}

/** Slices of 64 rows, then 32, 16 … 1: at most seven different statements per table. */
function* parts<Row>(rows: readonly Row[]): Generator<readonly Row[]> {
  let from = 0;
  for (let size = 64; size >= 1; size /= 2) {
    while (rows.length - from >= size) {
      yield rows.slice(from, from + size);
      from += size;
    }
  }
}

/** A list for `in (…)`, filled up by repeating its last entry, so that few statement texts arise. Never empty. */
export function paddedList(values: readonly string[]): string[] {
  const last = values.at(-1) ?? '';
  const length = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)));
  return Array.from({ length }, (_, index) => values[index] ?? last);
}
