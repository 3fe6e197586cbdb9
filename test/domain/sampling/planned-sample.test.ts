import { expect, test } from 'vitest';
import type { ColumnProfile } from '../../../domain/population.ts';
import { planOn } from '../../../domain/sampling/planned-sample.ts';
import type { ReadyPopulation, UnfitRequest } from '../../../domain/sampling/planned-sample.ts';

function column(name: string, distinct: number, unique: boolean): ColumnProfile {
  const key = { unique, duplicates: unique ? [] : [{ value: 'a', rows: [1, 2] }], blankRows: [] };
  const empty = { nulls: 0, blanks: 0, min: null, max: null, examples: [], frequent: [], percentiles: [] };
  return { name, type: 'text', distinct, key, ...empty };
}
const population: ReadyPopulation = {
  kind: 'ready',
  rowCount: 500,
  delimiter: ',',
  encoding: 'UTF-8',
  columns: [column('ID', 500, true), column('REGION', 4, false), column('BRANCH', 90, false)],
  keyColumn: 'ID',
  warnings: [],
};
const request = { keyColumn: 'ID', lobColumn: null, risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null };

test('a request without a size comes to the computed one', () => {
  expect(planOn(request, population)).toMatchObject({ kind: 'planned', sampleSize: 56, acceptableDeviations: 0 });
});

test('a larger size is taken over, with the deviations that it may show', () => {
  const larger = planOn({ ...request, sampleSize: 90 }, population);
  expect(larger).toMatchObject({ kind: 'planned', sampleSize: 90, acceptableDeviations: 1 });
});

test('a sample with one item for each line of business can be planned', () => {
  expect(planOn({ ...request, lobColumn: 'BRANCH', sampleSize: 90 }, population).kind).toBe('planned');
});

test.each<[string, Partial<typeof request> | object, UnfitRequest['field'], RegExp]>([
  ['a key column that is not there', { keyColumn: 'KEY' }, 'keyColumn', /no column "KEY"/],
  ['a key column with duplicates', { keyColumn: 'REGION' }, 'keyColumn', /duplicate keys: a \(rows 1, 2\)/],
  ['a line of business that is not there', { lobColumn: 'LOB' }, 'lobColumn', /no column "LOB"/],
  ['a size that would not do', { sampleSize: 55 }, 'sampleSize', /at least 56 items/],
  ['a size above the population', { sampleSize: 501 }, 'sampleSize', /only 500 rows/],
  ['fewer items than lines of business', { lobColumn: 'BRANCH' }, 'sampleSize', /cannot give each of the 90 lines/],
  ['rates that no sample serves', { expected: 0.05 }, null, /must be lower than the tolerable/],
])('%s is refused, and the field to correct is named', (_what, change, field, message) => {
  const unfit = planOn({ ...request, ...change }, population);
  expect(unfit).toMatchObject({ kind: 'unfit', field, message: expect.stringMatching(message) as string });
});
