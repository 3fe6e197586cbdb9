import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canonicalKeyOrder } from '../../../domain/sampling/key-order.ts';
import { openPopulationStore } from '../../../worker/population/population-store.ts';
import type { PopulationStore } from '../../../worker/population/population-store.ts';

let dir: string;
let store: PopulationStore;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-population-'));
  store = await openPopulationStore({ dir: join(dir, 'populations') });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

async function importText(text: string | Buffer, keyColumn: string | null = null) {
  const file = join(dir, 'file.csv');
  await writeFile(file, text);
  const populationHash = createHash('sha256').update(text).digest('hex');
  const signal = new AbortController().signal;
  const state = await store.import({
    file,
    fileName: 'file.csv',
    populationHash,
    keyColumn,
    signal,
    onProgress: () => {},
  });
  return { state, populationHash };
}

const many = (lines: number, line: (row: number) => string) =>
  Array.from({ length: lines }, (_, index) => line(index + 1)).join('\n');

test.each<[string, string | Buffer, string | null, RegExp]>([
  ['without the asked key column', 'ID,A\n1,2\n', 'KEY', /no column "KEY"; it has ID, A/],
  [
    'with duplicate keys, which are named with their rows',
    'ID\n7\n8\n7\n9\n8\n',
    'ID',
    /duplicate keys: 7 \(rows 1, 3\); 8 \(rows 2, 5\)/,
  ],
  [
    'with many duplicate keys, of which ten are named',
    `ID\n${many(40, (row) => String(row % 20))}`,
    'ID',
    /(\(rows[^)]*\)[^(]*){10} and perhaps more/,
  ],
  ['with blank keys, whose rows are named', 'ID,A\n1,x\n,y\n  ,z\n', 'ID', /is blank in row 2, 3/],
  ['empty', '', null, /the file is empty/],
  [
    'with more columns than memory allows',
    `${Array.from({ length: 501 }, (_, index) => `C${index}`).join(',')}\n`,
    null,
    /header has 501 columns; at most 500/,
  ],
  ['with a header alone', 'ID,A\n', null, /has a header but no rows/],
  ['with a blank first line', '\nID,A\n1,2\n', null, /first line is blank/],
  [
    'with rows that are too short and too long',
    'ID,A,B\n1,x,y\n2,z\n3,"q,1",c,d\n',
    null,
    /line 3: 2 fields instead of 3; line 4: 4 fields instead of 3/,
  ],
  ['with a quote that is never closed', 'ID,A\n1,"open\n2,b\n', null, /line 2: a quote is not closed/],
  ['not in UTF-8', Buffer.from('ID,A\n1,caf\xe9\n', 'latin1'), null, /line 2: not UTF-8/],
  ['in UTF-16', Buffer.from('\ufeffID,A\n1,2\n', 'utf16le'), null, /is UTF-16/],
  ['that is no text', Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]), null, /is not text/],
  ['with a column named twice', 'ID,ID\n1,2\n', null, /names the column "ID" twice/],
  ['with a column that has no name', 'ID,\n1,2\n', null, /column 2 has no name/],
])('a file %s is refused with a sentence that says what to do', async (_name, text, keyColumn, message) => {
  const { state } = await importText(text, keyColumn);
  expect(state).toMatchObject({ kind: 'failed', message: expect.stringMatching(message) as string });
});

test.each<[string, string]>([
  ['comma', ','],
  ['semicolon', ';'],
  ['tab', '\t'],
  ['bar', '|'],
])('a file delimited by %s is read, quoted delimiters and line ends included', async (_name, delimiter) => {
  const { state, populationHash } = await importText(
    `\ufeffID${delimiter}A\r\n1${delimiter}"x${delimiter}""y""\nz"\r\n2${delimiter}b\r\n`,
  );
  expect(state).toMatchObject({ kind: 'ready', rowCount: 2, delimiter, keyColumn: 'ID' });
  const rows = await store.rowsByKey(populationHash, 'ID', ['1', 'absent']);
  expect([...rows]).toEqual([['1', { ID: 1, A: `x${delimiter}"y"\nz` }]]);
});

test('columns get the type that every value has, and nothing is lost by it', async () => {
  const { state, populationHash } = await importText(
    'ID,code,amount,when,flag,huge,text\n1,007,1.50,2026-11-20,true,123456789012345678,\n2,010,-2.25,2026-11-21,FALSE,2,<script>\n',
  );
  if (state.kind !== 'ready') throw new Error(state.message);
  expect(state.columns.map((column) => column.type)).toEqual([
    'integer',
    'text',
    'decimal',
    'date',
    'boolean',
    'integer',
    'text',
  ]);
  expect((await store.rowsByKey(populationHash, 'ID', ['1'])).get('1')).toEqual({
    ID: 1,
    code: '007',
    amount: 1.5,
    when: '2026-11-20',
    flag: true,
    huge: '123456789012345678',
    text: null,
  });
});

test('a column called __proto__ is a field like any other', async () => {
  const { populationHash } = await importText('ID,__proto__\n1,x\n');
  const body = (await store.rowsByKey(populationHash, 'ID', ['1'])).get('1');
  expect(Object.entries(body ?? {})).toEqual([
    ['ID', 1],
    ['__proto__', 'x'],
  ]);
});

test('positions follow the canonical order of the keys, as domain/sampling states it', async () => {
  const key = fc.oneof(
    fc.stringMatching(/^-?[0-9]{1,6}$/),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 6 })
      .filter((text) => text.trim() === text && text !== '' && !/["\r\n\0]/.test(text)),
  );
  const keySets = fc.uniqueArray(fc.oneof({ weight: 3, arbitrary: fc.integer().map(String) }, key), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(keySets, async (keys) => {
      const { state, populationHash } = await importText(`ID,A\n${keys.map((text) => `"${text}",1`).join('\n')}\n`);
      expect(state.kind).toBe('ready');
      const rows = await store.rowsAt(
        populationHash,
        'ID',
        null,
        null,
        keys.map((_, index) => index),
      );
      expect(rows.map((found) => found.itemKey)).toEqual(canonicalKeyOrder(keys).keys);
    }),
    { numRuns: 40 },
  );
});

test('positions count within a stratum, and rows without a LOB have one of their own', async () => {
  const { populationHash } = await importText('ID,LOB\n3,retail\n1,retail\n2,corporate\n4,\n');
  expect(await store.strata(populationHash, 'ID', 'LOB')).toEqual([
    { name: '(none)', count: 1 },
    { name: 'corporate', count: 1 },
    { name: 'retail', count: 2 },
  ]);
  const rows = await store.rowsAt(populationHash, 'ID', 'LOB', 'retail', [1, 0]);
  expect(rows.map((found) => [found.position, found.itemKey])).toEqual([
    [1, '3'],
    [0, '1'],
  ]);
  await expect(store.rowsAt(populationHash, 'ID', 'LOB', 'retail', [2])).rejects.toThrow('no row at position 2');
});

test('two reports that import the same file at once both get it, and nothing unfinished stays', async () => {
  const text = `ID,A\n${many(3_000, (row) => `${row},${row % 7}`)}`;
  const imports = await Promise.all([importText(text, 'ID'), importText(text, 'ID'), importText(text, 'ID')]);
  expect(imports.map(({ state }) => state.kind)).toEqual(['ready', 'ready', 'ready']);
  const names = await readdir(join(dir, 'populations'));
  expect(names.filter((name) => name.includes('.part'))).toEqual([]);
});

test('what a killed worker left unfinished is gone after the next start', async () => {
  const file = join(dir, 'populations', `${'a'.repeat(64)}.part.parquet`);
  await writeFile(file, 'half');
  await openPopulationStore({ dir: join(dir, 'populations') });
  expect(existsSync(file)).toBe(false);
});

test('a population whose rows are gone from the disk is told by the code of an absent file', async () => {
  const { populationHash } = await importText('ID\n1\n2\n', 'ID');
  await rm(join(dir, 'populations', `${populationHash}.parquet`));
  await expect(store.strata(populationHash, 'ID', null)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('long values are cut in the profile and whole in the rows', async () => {
  const long = 'x'.repeat(100_000);
  const { state, populationHash } = await importText(`ID,A\n1,${long}\n2,y\n`, 'ID');
  expect(JSON.stringify(state).length).toBeLessThan(10_000);
  const [row] = await store.rowsAt(populationHash, 'ID', null, null, [0]);
  expect(row?.body['A']).toBe(long);
});

test('importing a file again gives the same profile', async () => {
  const first = await importText('ID,A\n1,2\n3,4\n');
  const second = await importText('ID,A\n1,2\n3,4\n');
  expect(second).toEqual(first);
});

test('the profile of the card accounts agrees with figures computed from the raw file', async (context) => {
  const file = new URL('../../../../shared/data/credit-card-accounts.csv', import.meta.url);
  if (!existsSync(file)) return context.skip('../shared/data/credit-card-accounts.csv is not on this machine');
  const text = await readFile(file, 'utf8');
  const { state } = await importText(text);
  if (state.kind !== 'ready') throw new Error(state.message);
  expect(state).toMatchObject({ rowCount: 30_000, keyColumn: 'ID', delimiter: ',' });
  const limits = text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => Number(line.split(',')[1]))
    .sort((a, b) => a - b);
  const column = state.columns.find((found) => found.name === 'LIMIT_BAL');
  expect(column).toMatchObject({
    distinct: new Set(limits).size,
    min: String(limits[0]),
    nulls: 0,
  });
  expect(Number(column?.max)).toBe(limits.at(-1));
  expect(column?.percentiles[50]).toBe(limits[14_999]);
  expect(state.warnings[0]).toMatch(/"LIMIT_BAL" has 4,150 numbers in scientific notation, first in row/);
});
