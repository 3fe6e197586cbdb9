// Which lines of business a source and a population give, and what keeps them from being named.
import { expect, test } from 'vitest';
import type { Report } from '../../domain/change.ts';
import type { ColumnProfile } from '../../domain/population.ts';
import { findLobs } from '../../worker/activities/name-lobs.ts';

const columns = ['ID', 'LOB'].map((name) => ({ name }) as ColumnProfile);
const population = { populationHash: 'a'.repeat(64), keyColumn: 'ID', rowCount: 12, columns };

/** What comes of a source when the column has these values. */
async function named(source: Report['lobSource'], counts: Record<string, number> | Error, of = population) {
  const strata = async () => {
    if (counts instanceof Error) throw counts;
    return Object.entries(counts).map(([name, count]) => ({ name, count }));
  };
  return findLobs({ strata }, source, of);
}
const column = { kind: 'column', column: 'LOB' } as const;
const list = (...names: string[]) => ({ kind: 'list', column: 'LOB', names }) as const;

test.each([null, { kind: 'none' } as const])('without a source (%o) there is one lane for all rows', async (source) => {
  expect(await named(source, {})).toEqual({ lobs: [{ lob: 'Whole report', rows: 12 }] });
});

test('a column gives each of its values, rows without one are a line of their own', async () => {
  expect(await named(column, { '(none)': 2, cards: 10 })).toEqual({
    lobs: [
      { lob: '(none)', rows: 2 },
      { lob: 'cards', rows: 10 },
    ],
  });
});

test('a list gives its names in its order, once each, also those that have no rows', async () => {
  expect(await named(list('loans', 'cards', 'loans'), { cards: 10, other: 2 })).toEqual({
    lobs: [
      { lob: 'loans', rows: 0 },
      { lob: 'cards', rows: 10 },
    ],
  });
});

const absent = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
test.each([
  ['an unknown column', { kind: 'column', column: 'REGION' } as const, {}, /no column "REGION".*choose one of ID, LOB/],
  [
    'too many values',
    column,
    Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`v${i}`, 1])),
    /has 101 values/,
  ],
  ['a value that is no name', column, { ['x'.repeat(201)]: 1 }, /too long for a name, like "x+…/],
  ['a value that no address holds', column, { ['中'.repeat(150)]: 1 }, /too long for a name/],
  ['a population that is gone from this worker', column, absent, /import its file again/],
])('%s is a problem for a person, in words', async (_, source, counts, message) => {
  expect(await named(source, counts)).toEqual({ problem: expect.stringMatching(message) as string });
});

test('a population without rows is a problem, whatever the source', async () => {
  expect(await named(null, {}, { ...population, rowCount: 0 })).toEqual({
    problem: expect.stringMatching(/has no rows/) as string,
  });
});

test('what may pass is no problem of a person: it is thrown for the retries', async () => {
  await expect(named(column, new Error('EIO: the disk is gone'))).rejects.toThrow('EIO');
});
