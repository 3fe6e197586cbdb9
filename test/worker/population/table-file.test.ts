// Looking rows up in a file that somebody handed in as evidence: real files, real DuckDB, and nothing left behind.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openPopulationStore } from '../../../worker/population/population-store.ts';
import type { PopulationStore } from '../../../worker/population/population-store.ts';

let dir: string;
let store: PopulationStore;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'countersign-table-'));
  store = await openPopulationStore({ dir: join(dir, 'populations') });
});
afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true });
});

async function lookUp(text: string | Buffer, keys: string[], keyColumn = 'ID') {
  const file = join(dir, 'evidence.csv');
  await writeFile(file, text);
  return store.lookUp(file, keyColumn, keys);
}

test('rows are found by their keys, with their numbers and their cells as texts', async () => {
  const found = await lookUp('NAME;ID;AMOUNT\nAda; 7 ;1.50\n"Boris; the elder";8;\nChloé;9;  \n', ['7', '9', '10']);
  if (found.kind !== 'found') throw new Error(found.message);
  expect(found.columns).toEqual(['NAME', 'ID', 'AMOUNT']);
  expect([...found.byKey.keys()]).toEqual(['7', '9']);
  expect(found.byKey.get('7')).toEqual([
    {
      row: 1,
      cells: new Map([
        ['NAME', 'Ada'],
        ['ID', ' 7 '],
        ['AMOUNT', '1.50'],
      ]),
    },
  ]);
  expect(found.byKey.get('9')?.[0]).toMatchObject({ row: 3 });
  expect(found.byKey.get('9')?.[0]?.cells.get('AMOUNT')).toBeNull();
});

test('every row of a key that stands twice is told', async () => {
  const found = await lookUp('ID,A\n1,x\n2,y\n 1,z\n', ['1', '2']);
  if (found.kind !== 'found') throw new Error(found.message);
  expect(found.byKey.get('1')?.map(({ row }) => row)).toEqual([1, 3]);
  expect(found.byKey.get('2')).toHaveLength(1);
});

test('a key with white space of its own is found as it is', async () => {
  const found = await lookUp('ID,A\n" 1",x\n1,y\n', [' 1', '1']);
  if (found.kind !== 'found') throw new Error(found.message);
  expect(found.byKey.get(' 1')?.map(({ row }) => row)).toEqual([1]);
  expect(found.byKey.get('1')?.map(({ row }) => row)).toEqual([2]);
});

test('what is found is what was written, whatever the keys and cells are', async () => {
  const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[\0\r]/gu, '').trim());
  const table = fc.uniqueArray(
    fc.tuple(
      cell.filter((text) => text !== ''),
      cell,
    ),
    { selector: ([key]) => key, maxLength: 12 },
  );
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      fc.pre(rows.length > 0);
      const text = ['ID,VALUE', ...rows.map((row) => row.map(quoted).join(','))].join('\n');
      const keys = rows.map(([key]) => key);
      const found = await lookUp(`${text}\n`, keys);
      if (found.kind !== 'found') throw new Error(found.message);
      expect([...found.byKey.keys()].sort()).toEqual(keys.toSorted());
      for (const [index, [key, value]] of rows.entries()) {
        const [row] = found.byKey.get(key) ?? [];
        expect([row?.row, row?.cells.get('VALUE') ?? '']).toEqual([index + 1, value]);
      }
    }),
    { seed: 20261120, numRuns: 15 },
  );
});

test.each<[string, string | Buffer, RegExp]>([
  ['without the key column', 'KEY,A\n1,2\n', /no column "ID"; it has KEY, A/],
  ['that is a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0]), /is not text/],
  ['that is empty', '', /the file is empty/],
  ['with a header alone', 'ID,A\n', /has a header but no rows/],
  ['with uneven rows', 'ID,A\n1,2\n3\n', /line 3: 1 fields instead of 2/],
])('a file %s is refused with a sentence', async (_name, text, message) => {
  expect(await lookUp(text, ['1'])).toMatchObject({ kind: 'unfit', message: expect.stringMatching(message) as string });
});

test('nothing of the file stays in the store’s folder', async () => {
  await lookUp('ID,A\n1,2\n', ['1']);
  await lookUp('ID,A\n1,2\n3\n', ['1']);
  await lookUp('KEY\n1\n', ['1']);
  expect(await readdir(join(dir, 'populations'))).toEqual(['spill']);
});
