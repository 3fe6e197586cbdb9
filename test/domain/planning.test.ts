import { expect, test } from 'vitest';
import { planningSummary, proposeAttributes } from '../../domain/planning.ts';
import { columnProfile, ordered } from './column-profile.ts';

const columns = [
  ordered('ID', 'integer', (percent) => percent * 10, { distinct: 1_000, min: '1', max: '1000' }),
  ordered('BALANCE', 'decimal', (percent) => percent, { distinct: 900, min: '-2.50', max: '99.00' }),
  ordered('GRADE', 'integer', (percent) => percent % 3, {
    distinct: 3,
    frequent: [
      { value: '1', count: 700 },
      { value: '2', count: 299 },
      { value: '3', count: 1 },
    ],
  }),
  ordered('FEE', 'decimal', (percent) => percent, { distinct: 900, nulls: 4, blanks: 1 }),
  columnProfile('NAME', { examples: ['Ada', 'x'.repeat(60), 'Bo', 'Cy'] }),
  columnProfile('NOTHING', { nulls: 1_000, distinct: 0, examples: [], min: null, max: null }),
];

test('each column of the population becomes an attribute, in the order of the file', () => {
  const attributes = proposeAttributes(columns, 1_000, 'ID');
  expect(attributes.map((row) => row.attribute)).toEqual(columns.map((column) => column.name));
  expect(attributes.map((row) => row.type)).toEqual(['integer', 'decimal', 'integer', 'decimal', 'text', 'text']);
});

test('mandatory is what every row has, the key is the key column, critical are quantities that every row has', () => {
  const attributes = proposeAttributes(columns, 1_000, 'ID');
  const named = (field: 'mandatory' | 'key' | 'criticalDataElement') =>
    attributes.filter((row) => row[field]).map((row) => row.attribute);
  expect(named('mandatory')).toEqual(['ID', 'BALANCE', 'GRADE', 'NAME']);
  expect(named('key')).toEqual(['ID']);
  expect(named('criticalDataElement')).toEqual(['BALANCE']);
  expect(planningSummary(attributes)).toEqual({ attributes: 6, mandatory: 4, criticalDataElements: 1 });
});

test('without a key column no attribute is the key', () => {
  expect(proposeAttributes(columns, 1_000, null).some((row) => row.key)).toBe(false);
});

test('a description says what the profile found and nothing else', () => {
  const words = proposeAttributes(columns, 1_000, 'ID').map((row) => row.description);
  expect(words).toEqual([
    'Whole number, filled in all 1,000 rows, 1,000 different values from 1 to 1000.',
    'Number, filled in all 1,000 rows, 900 different values from -2.50 to 99.00.',
    'Whole number, filled in all 1,000 rows, 3 different values: 1 (700), 2 (299), 3 (1).',
    'Number, empty in 5 of 1,000 rows, 900 different values from 0 to 100.',
    `Text, filled in all 1,000 rows, 500 different values, for example Ada, ${'x'.repeat(39)}…, Bo.`,
    'Text, empty in all 1,000 rows, without any value.',
  ]);
});
