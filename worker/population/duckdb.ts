// Owns how DuckDB is opened and asked. Knows nothing of populations.
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

/** A row as DuckDB gives it to JSON: big integers and decimals are texts. */
export type DuckRow = Record<string, unknown>;

/** One private in-memory database: what is computed in it spills to `spillDir` and is gone with it. */
export interface Duck {
  rows(sql: string, values?: Record<string, string>): Promise<DuckRow[]>;
  run(sql: string, values?: Record<string, string>): Promise<void>;
  /** Ends a running statement; it rejects. */
  interrupt(): void;
  close(): void;
}

/** What DuckDB may hold; what it takes beside that stays small as long as freed memory goes back to the system at once (`flush`). */
const memoryLimit = '176MB';

/** Without these an import of 200 MB took up to 330 MB above the start, with them 180 to 230 (measured). */
const flush = {
  allocator_flush_threshold: '1MB',
  allocator_bulk_deallocation_flush_threshold: '1MB',
  allocator_background_threads: 'true',
};

/** Opens a database that never reaches the network (no extension is fetched) and stays small. */
export async function openDuck(spillDir: string): Promise<Duck> {
  const instance = await DuckDBInstance.create(':memory:', {
    // Each thread has hash tables and buffers of its own: with two, 18 million different values do not fit.
    threads: '1',
    memory_limit: memoryLimit,
    temp_directory: spillDir,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    ...flush,
  });
  const connection: DuckDBConnection = await instance.connect();
  // Else a time without an offset would be another one on every machine.
  await connection.run("SET TimeZone = 'UTC'");
  return {
    rows: async (sql, values) => (await connection.runAndReadAll(sql, values)).getRowObjectsJson(),
    run: async (sql, values) => {
      await connection.run(sql, values);
    },
    interrupt: () => connection.interrupt(),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
