// Owns imported populations on the worker's disk: one Parquet file each, named by the SHA-256 of the file it came from.
// Knows nothing of reports, plans or Temporal.
import { randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keyProblem } from '../../domain/population.ts';
import type { ColumnProfile, Population } from '../../domain/population.ts';
import type { ProfilingRule, RuleRun } from '../../domain/profiling-rules.ts';
import type { ColumnShapes } from '../../domain/value-shapes.ts';
import type { ItemBody } from '../../domain/version.ts';
import { detectDialect, UnfitFile, writeParquet } from './csv-file.ts';
import { literal, openDuck } from './duckdb.ts';
import type { Duck } from './duckdb.ts';
import { bodyOf, lobExpression, readPositions, storedName } from './item-rows.ts';
import type { Stored } from './item-rows.ts';
import { profileColumn } from './profile.ts';
import { failingRows, runRules } from './rule-runs.ts';
import type { FailingRow, RuledPopulation } from './rule-runs.ts';
import { lookUpRows } from './table-file.ts';
import type { LookedUp } from './table-file.ts';
import { shapesOf } from './value-shapes.ts';

/** What an import comes to: a profile, or why the file is no population. */
export type ImportResult = Extract<Population['state'], { kind: 'ready' } | { kind: 'failed' }>;

/** A row of a population under its key. `position` is 0-based in the canonical key order of its stratum. */
export interface PopulationRow {
  position: number;
  itemKey: string;
  body: ItemBody;
}

/** Imported populations. Every method may be repeated; the same file is stored once. */
export interface PopulationStore {
  import(input: {
    file: string;
    fileName: string;
    populationHash: string;
    keyColumn: string | null;
    signal: AbortSignal;
    onProgress(message: string): void;
  }): Promise<ImportResult>;
  /** Strata of a population by name with their row counts; one nameless stratum when there is no LOB column. */
  strata(
    populationHash: string,
    keyColumn: string,
    lobColumn: string | null,
  ): Promise<{ name: string | null; count: number }[]>;
  /** Rows at canonical positions of a stratum (`null`: of the whole), in the order of `positions`. */
  rowsAt(
    populationHash: string,
    keyColumn: string,
    lobColumn: string | null,
    stratum: string | null,
    positions: readonly number[],
  ): Promise<PopulationRow[]>;
  /** The rows that have these keys; a key without a row is left out. */
  rowsByKey(populationHash: string, keyColumn: string, keys: readonly string[]): Promise<Map<string, ItemBody>>;
  /** The rows of a delimited file that is no population, by the key column it shares with one. Nothing of the file is kept. */
  lookUp(file: string, keyColumn: string, keys: readonly string[]): Promise<LookedUp>;
  /**
   * What each profiling rule gives, in the order of the rules; one that cannot be run has a fault.
   * @param keyColumn names the exceptions; null: by the number of their row.
   */
  runRules(populationHash: string, keyColumn: string | null, rules: readonly ProfilingRule[]): Promise<RuleRun[]>;
  /** Rows that fail rules, in the canonical order of their keys: of each rule at most `perRule`, those that fail most rules. */
  failingRows(
    populationHash: string,
    keyColumn: string,
    rules: readonly ProfilingRule[],
    perRule: number,
  ): Promise<FailingRow[]>;
  /** The most frequent shapes of the values of some columns. */
  shapes(populationHash: string, columns: readonly string[]): Promise<ColumnShapes[]>;
  /** Ends what is running. */
  close(): Promise<void>;
}

/** Opens the populations under a folder, which is made when it is missing. */
export async function openPopulationStore(options: { dir: string }): Promise<PopulationStore> {
  const spillDir = join(options.dir, 'spill');
  await mkdir(spillDir, { recursive: true });
  // Left by a worker that died while it wrote: this one has the folder to itself.
  const unfinished = (await readdir(options.dir)).filter(
    (name) => name.endsWith('.part') || name.endsWith('.part.parquet'),
  );
  for (const name of unfinished) await rm(join(options.dir, name));
  const running = new Set<Duck>();
  const parquetOf = (hash: string) => join(options.dir, `${hash}.parquet`);
  const storedOf = async (hash: string) => {
    // DuckDB's own words for an absent file are no code that a caller could tell from other trouble.
    await access(parquetOf(hash));
    return JSON.parse(await readFile(join(options.dir, `${hash}.json`), 'utf8')) as Stored;
  };

  async function withDuck<T>(work: (duck: Duck) => Promise<T>): Promise<T> {
    const duck = await openDuck(spillDir);
    running.add(duck);
    try {
      return await work(duck);
    } finally {
      running.delete(duck);
      duck.close();
    }
  }

  async function withRules<T>(
    hash: string,
    keyColumn: string | null,
    work: (duck: Duck, population: RuledPopulation) => Promise<T>,
  ): Promise<T> {
    const stored = await storedOf(hash);
    const columns = stored.columns.map(({ name }) => name);
    const parquet = parquetOf(hash);
    return withDuck((duck) =>
      work(duck, { parquet, columns, keyColumn, stored: (column) => storedName(stored, column) }),
    );
  }

  return {
    import: (input) =>
      withDuck(async (duck) => {
        const stop = () => duck.interrupt();
        input.signal.addEventListener('abort', stop, { once: true });
        try {
          return await importFile(duck, parquetOf(input.populationHash), input);
        } catch (error) {
          if (error instanceof UnfitFile) return { kind: 'failed', message: error.message };
          if (isOutOfMemory(error)) return { kind: 'failed', message: tooWide };
          throw error;
        } finally {
          input.signal.removeEventListener('abort', stop);
        }
      }),

    strata: async (hash, _keyColumn, lobColumn) => {
      const stored = await storedOf(hash);
      return withDuck(async (duck) => {
        const lob = lobColumn === null ? 'NULL' : lobExpression(storedName(stored, lobColumn));
        const rows = await duck.rows(
          `SELECT ${lob} AS name, count(*) AS n FROM ${literal(parquetOf(hash))} GROUP BY 1 ORDER BY 1`,
        );
        return rows.map((found) => ({
          name: lobColumn === null ? null : String(found['name']),
          count: Number(found['n']),
        }));
      });
    },

    rowsAt: async (hash, keyColumn, lobColumn, stratum, positions) => {
      if (positions.length === 0) return [];
      const stored = await storedOf(hash);
      const key = storedName(stored, keyColumn);
      const lob = lobColumn === null ? null : storedName(stored, lobColumn);
      const rows = await withDuck((duck) => readPositions(duck, parquetOf(hash), { key, lob, stratum, positions }));
      const byPosition = new Map(rows.map((found) => [Number(found['position']), found]));
      return positions.map((position) => {
        const found = byPosition.get(position);
        if (!found)
          throw new RangeError(`the population has no row at position ${position} of ${stratum ?? 'the whole'}`);
        return { position, itemKey: String(found[key]), body: bodyOf(found, stored) };
      });
    },

    rowsByKey: async (hash, keyColumn, keys) => {
      const stored = await storedOf(hash);
      const key = storedName(stored, keyColumn);
      const rows = await withDuck((duck) =>
        duck.rows(
          `SELECT * FROM ${literal(parquetOf(hash))} WHERE ${key} IN (SELECT unnest(from_json($keys, '["VARCHAR"]')))`,
          { keys: JSON.stringify(keys) },
        ),
      );
      return new Map(rows.map((found) => [String(found[key]), bodyOf(found, stored)]));
    },

    lookUp: (file, keyColumn, keys) =>
      withDuck(async (duck) => {
        try {
          return await lookUpRows(duck, file, join(options.dir, `${randomUUID()}.part.parquet`), { keyColumn, keys });
        } catch (error) {
          if (error instanceof UnfitFile) return { kind: 'unfit', message: error.message };
          if (isOutOfMemory(error)) return { kind: 'unfit', message: tooWideTable };
          throw error;
        }
      }),

    runRules: (hash, keyColumn, rules) =>
      withRules(hash, keyColumn, (duck, population) => runRules(duck, population, rules)),

    failingRows: (hash, keyColumn, rules, perRule) =>
      withRules(hash, keyColumn, (duck, population) => failingRows(duck, population, rules, perRule)),

    shapes: async (hash, columns) => {
      const stored = await storedOf(hash);
      return withDuck(async (duck) => {
        const found: ColumnShapes[] = [];
        for (const name of columns) {
          found.push(await shapesOf(duck, parquetOf(hash), { name, stored: storedName(stored, name) }));
        }
        return found;
      });
    },

    close: async () => {
      for (const duck of running) duck.interrupt();
    },
  };
}

/** Trying again would end the same way: the limit is the worker's own. */
const tooWide =
  'reading the file takes more memory than one import may use: its rows are too wide. Leave out columns that nobody tests and import it again';

const tooWideTable =
  'reading the file takes more memory than it may use: its rows are too wide. Leave out columns that nobody tests and hand it in again';

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Out of Memory Error');

async function importFile(
  duck: Duck,
  parquet: string,
  input: Parameters<PopulationStore['import']>[0],
): Promise<ImportResult> {
  input.onProgress('reading the header');
  const dialect = await detectDialect(duck, input.file);
  if (input.keyColumn !== null && !dialect.columns.includes(input.keyColumn)) {
    throw new UnfitFile(`the file has no column "${input.keyColumn}"; it has ${dialect.columns.join(', ')}`);
  }
  input.onProgress('reading the rows');
  const rowCount = await storeRows(duck, parquet, input.file, dialect);
  const columns: ColumnProfile[] = [];
  const warnings: string[] = [];
  for (const [index, name] of dialect.columns.entries()) {
    input.signal.throwIfAborted();
    input.onProgress(`profiling column ${index + 1} of ${dialect.columns.length}: ${name}`);
    const found = await profileColumn(duck, parquet, { name, index, rowCount, asked: name === input.keyColumn });
    columns.push(found.profile);
    warnings.push(...found.warnings);
  }
  const asked = columns.find((column) => column.name === input.keyColumn);
  const problem = asked ? keyProblem(asked) : null;
  if (problem !== null) throw new UnfitFile(problem);
  await writeWhole(
    parquet.replace(/parquet$/u, 'json'),
    JSON.stringify({ columns: columns.map(({ name, type }) => ({ name, type })) }),
  );
  return {
    kind: 'ready',
    rowCount,
    delimiter: dialect.delimiter,
    encoding: dialect.encoding,
    columns,
    keyColumn: asked?.name ?? proposedKey(columns),
    warnings: columns.some((column) => column.key.unique)
      ? warnings
      : ['no column can be the key: none is filled and unique in every row', ...warnings],
  };
}

/** The Parquet is written beside its place and moved there whole, so that a file that is there is complete. */
async function storeRows(
  duck: Duck,
  parquet: string,
  file: string,
  dialect: Awaited<ReturnType<typeof detectDialect>>,
): Promise<number> {
  if (await exists(parquet)) {
    const [counted] = await duck.rows(`SELECT count(*) AS n FROM ${literal(parquet)}`);
    return Number(counted?.['n']);
  }
  // Two reports may import the same file at once.
  const partial = parquet.replace(/parquet$/u, `${randomUUID()}.part.parquet`);
  try {
    const rowCount = await writeParquet(duck, file, dialect, partial);
    await flush(partial);
    await rename(partial, parquet);
    return rowCount;
  } finally {
    await rm(partial, { force: true });
  }
}

/** A name may reach the disk before the contents do: after a power cut an empty file would count as complete for ever. */
async function flush(file: string): Promise<void> {
  await using handle = await open(file, 'r+');
  await handle.sync();
}

async function writeWhole(file: string, text: string): Promise<void> {
  const partial = `${file}.${randomUUID()}.part`;
  await writeFile(partial, text, { flush: true });
  await rename(partial, file);
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

/** The first unique column, one that is called an id first. */
function proposedKey(columns: readonly ColumnProfile[]): string | null {
  const unique = columns.filter((column) => column.key.unique);
  return (unique.find((column) => /(^|[^a-z])id$/iu.test(column.name)) ?? unique[0])?.name ?? null;
}
