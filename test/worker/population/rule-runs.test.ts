// Profiling rules on stored populations, against a model in plain JavaScript that knows nothing of SQL.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProfilingRule } from '../../../domain/profiling-rules.ts';
import { canonicalKeyOrder } from '../../../domain/sampling/key-order.ts';
import { csvOf, testPopulations } from './imported.ts';
import type { TestPopulations } from './imported.ts';
import { modelRun } from './rule-model.ts';

let populations: TestPopulations;
beforeAll(async () => {
  populations = await testPopulations();
});
afterAll(() => populations.end());

const awkward = [
  '',
  ' ',
  '0',
  '-0',
  '7',
  ' 7 ',
  '07',
  '7.0',
  '-3',
  '1e1',
  '1e400',
  '10',
  'A|B',
  "it's",
  'AB',
  'é',
  'NaN',
];
const times = [
  '2024-02-29',
  '2024-02-30',
  '2024-01-01',
  '2024-01-01T00:00:00Z',
  '2024-01-01 02:00:00+02:00',
  '2023-12-31 23:59:59',
];
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...awkward, ...times) },
  { weight: 2, arbitrary: fc.integer({ min: -12, max: 12 }).map(String) },
  { weight: 1, arbitrary: fc.stringMatching(/^[AB0-9]{1,3}$/) },
);
const key = fc.oneof(fc.integer({ min: 0, max: 99 }).map(String), fc.stringMatching(/^[a-c]{1,2}[0-9]$/));
const table = fc
  .uniqueArray(key, { minLength: 1, maxLength: 25 })
  .chain((keys) => fc.tuple(...keys.map((ID) => fc.record({ ID: fc.constant(ID), A: value, B: value }))));

const column = fc.constantFrom('A', 'B', 'ID');
const number = fc.integer({ min: -10, max: 10 });
const one = (kind: ProfilingRule['kind'], parameter: fc.Arbitrary<string>) =>
  fc.record({ kind: fc.constant(kind), attribute: column, otherAttribute: fc.constant(null), parameter });
const rule: fc.Arbitrary<ProfilingRule> = fc.oneof(
  one('completeness', fc.constant('')),
  one('uniqueness', fc.constant('')),
  one(
    'range',
    fc.tuple(number, fc.nat(8)).map(([min, width]) => `${min}..${min + width}`),
  ),
  one(
    'range',
    number.map((bound) => `..${bound}`),
  ),
  one('range', fc.constantFrom('2024-01-01..', '..2024-01-15', '2023-12-31..2024-02-29')),
  one('allowed-values', fc.constantFrom('7|AB', '0', "it's|é", '10|-3|NaN')),
  one('format', fc.constantFrom('[0-9]+', '[A-Z]{2}', '-?[0-9]+([.][0-9]+)?', '.', "it's|7")),
  fc.record({
    kind: fc.constant('cross-column' as const),
    attribute: fc.constant('A'),
    otherAttribute: fc.constantFrom('B', 'ID'),
    parameter: fc.constantFrom('<', '<=', '=', '>=', '>'),
  }),
);

test('rules find in random tables what a plain model finds: all exceptions and no others', async () => {
  await fc.assert(
    fc.asyncProperty(table, fc.array(rule, { minLength: 1, maxLength: 8 }), async (rows, rules) => {
      const csv = csvOf([['ID', 'A', 'B'], ...rows.map((row) => [row.ID, row.A, row.B])]);
      const { populationHash } = await populations.importText(csv, 'ID');
      const runs = await populations.store.runRules(populationHash, 'ID', rules);
      const wanted = rules.map((each) => modelRun(each, rows));
      expect(runs).toEqual(
        wanted.map(({ checked, exceptions }) => ({
          ...{ checked, passed: checked - exceptions.length, exceptions: exceptions.length },
          ...{ exceptionKeys: exceptions.slice(0, 10), fault: '' },
        })),
      );
      const failing = await populations.store.failingRows(populationHash, 'ID', rules, 1_000);
      const order = canonicalKeyOrder(rows.map((row) => row.ID)).keys;
      const failedBy = (itemKey: string) =>
        wanted.flatMap(({ exceptions }, index) => (exceptions.includes(itemKey) ? [index] : []));
      expect(failing).toEqual(
        order.flatMap((itemKey) => (failedBy(itemKey).length > 0 ? [{ itemKey, failed: failedBy(itemKey) }] : [])),
      );
    }),
    { numRuns: 60 },
  );
});

test('whole numbers of 18 digits are compared digit by digit, not as doubles', async () => {
  const rows = [
    ['ID', 'A', 'B'],
    ['1', '123456789012345678', '123456789012345679'],
    ['2', '123456789012345678', '123456789012345678'],
  ];
  const { populationHash } = await populations.importText(csvOf(rows), 'ID');
  const [equal, within] = await populations.store.runRules(populationHash, 'ID', [
    { kind: 'cross-column', attribute: 'A', otherAttribute: 'B', parameter: '=' },
    { kind: 'range', attribute: 'B', otherAttribute: null, parameter: '..123456789012345678' },
  ]);
  expect(equal).toMatchObject({ exceptions: 1, exceptionKeys: ['1'] });
  expect(within).toMatchObject({ exceptions: 1, exceptionKeys: ['1'] });
});

test('an empty value is the business of completeness alone', async () => {
  const { populationHash } = await populations.importText('ID,A,B\n1,5,\n2,,5\n3, ,\n4,5,6\n5,7,6\n', 'ID');
  const asked = (kind: ProfilingRule['kind'], parameter: string, otherAttribute: string | null = null) => ({
    ...{ kind, attribute: 'A', otherAttribute, parameter },
  });
  const runs = await populations.store.runRules(populationHash, 'ID', [
    asked('completeness', ''),
    asked('uniqueness', ''),
    asked('range', '6..'),
    asked('allowed-values', '5'),
    asked('format', '5'),
    asked('cross-column', '<=', 'B'),
  ]);
  expect(runs.map((run) => [run.checked, run.exceptionKeys.join()])).toEqual([
    [5, '2,3'],
    [3, '1,4'],
    [3, '1,4'],
    [3, '5'],
    [3, '5'],
    [2, '5'],
  ]);
});

test('a rule that cannot be run says why, and keeps no other from running', async () => {
  const { populationHash } = await populations.importText('ID,A\n1,x\n2,\n', 'ID');
  const other = { otherAttribute: null, parameter: '' };
  const runs = await populations.store.runRules(populationHash, 'ID', [
    { kind: 'format', attribute: 'A', ...other, parameter: '[A-Z' },
    { kind: 'completeness', attribute: 'A', ...other },
    { kind: 'format', attribute: 'A', ...other, parameter: '(?=x)x' },
    { kind: 'uniqueness', attribute: 'GONE', ...other },
  ]);
  expect(runs.map((run) => run.fault)).toEqual([
    expect.stringMatching(/^the regular expression cannot be read \(RE2\): .*\[A-Z/),
    '',
    expect.stringMatching(/^the regular expression cannot be read \(RE2\)/),
    'the population has no column "GONE"',
  ]);
  expect(runs[1]).toMatchObject({ checked: 2, exceptions: 1, exceptionKeys: ['2'] });
  expect(runs[0]).toMatchObject({ checked: 0, passed: 0, exceptions: 0, exceptionKeys: [] });
});

test('a population without a key names its exceptions by the numbers of their rows', async () => {
  const { populationHash, profile } = await populations.importText('A\nx\n\n\nx\n'.replace('\n\n\n', '\n""\n""\n'));
  expect(profile.keyColumn).toBeNull();
  const [run] = await populations.store.runRules(populationHash, null, [
    { kind: 'completeness', attribute: 'A', otherAttribute: null, parameter: '' },
  ]);
  expect(run).toMatchObject({ checked: 4, exceptions: 2, exceptionKeys: ['2', '3'] });
});

test('of each rule only so many failing rows come, those that fail most rules first', async () => {
  const rows = Array.from({ length: 30 }, (_, row) => [String(row + 1), row < 20 ? '' : 'x', row === 15 ? '' : 'y']);
  const { populationHash } = await populations.importText(csvOf([['ID', 'A', 'B'], ...rows]), 'ID');
  const rules = ['A', 'B'].map((attribute) => ({
    ...{ kind: 'completeness' as const, attribute, otherAttribute: null, parameter: '' },
  }));
  expect(await populations.store.failingRows(populationHash, 'ID', rules, 3)).toEqual([
    { itemKey: '1', failed: [0] },
    { itemKey: '2', failed: [0] },
    { itemKey: '16', failed: [0, 1] },
  ]);
});

test('the rules on the card accounts agree with figures computed from the raw file', async (context) => {
  const file = new URL('../../../../shared/data/credit-card-accounts.csv', import.meta.url);
  if (!existsSync(file)) return context.skip('../shared/data/credit-card-accounts.csv is not on this machine');
  const text = await readFile(file, 'utf8');
  const [header = [], ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const cell = (row: string[], name: string) => row[header.indexOf(name)] ?? '';
  const { populationHash } = await populations.importText(text);
  const none = { otherAttribute: null, parameter: '' };
  const cases: { rule: ProfilingRule; checked?: (row: string[]) => boolean; holds: (row: string[]) => boolean }[] = [
    { rule: { kind: 'completeness', attribute: 'LIMIT_BAL', ...none }, holds: (row) => cell(row, 'LIMIT_BAL') !== '' },
    { rule: { kind: 'uniqueness', attribute: 'ID', ...none }, holds: (row) => ids.get(cell(row, 'ID')) === 1 },
    {
      rule: { kind: 'uniqueness', attribute: 'BILL_AMT1', ...none },
      holds: (row) => bills.get(cell(row, 'BILL_AMT1')) === 1,
    },
    {
      rule: { kind: 'range', attribute: 'LIMIT_BAL', otherAttribute: null, parameter: '0..500000' },
      holds: (row) => Number(cell(row, 'LIMIT_BAL')) <= 500_000,
    },
    {
      rule: { kind: 'range', attribute: 'BILL_AMT6', otherAttribute: null, parameter: '0..' },
      holds: (row) => Number(cell(row, 'BILL_AMT6')) >= 0,
    },
    {
      rule: { kind: 'allowed-values', attribute: 'EDUCATION', otherAttribute: null, parameter: '1|2|3|4' },
      holds: (row) => ['1', '2', '3', '4'].includes(cell(row, 'EDUCATION')),
    },
    {
      rule: { kind: 'format', attribute: 'LIMIT_BAL', otherAttribute: null, parameter: '-?[0-9]+([.][0-9]+)?' },
      holds: (row) => !cell(row, 'LIMIT_BAL').includes('E'),
    },
    {
      rule: { kind: 'cross-column', attribute: 'PAY_AMT1', otherAttribute: 'LIMIT_BAL', parameter: '<=' },
      holds: (row) => Number(cell(row, 'PAY_AMT1')) <= Number(cell(row, 'LIMIT_BAL')),
    },
  ];
  const ids = countsOf(lines.map((row) => cell(row, 'ID')));
  const bills = countsOf(lines.map((row) => cell(row, 'BILL_AMT1')));
  const runs = await populations.store.runRules(
    populationHash,
    'ID',
    cases.map((each) => each.rule),
  );
  for (const [index, { rule: asked, holds }] of cases.entries()) {
    const failing = lines.filter((row) => !holds(row)).map((row) => cell(row, 'ID'));
    expect({ asked, ...runs[index] }).toEqual({
      ...{ asked, checked: lines.length, passed: lines.length - failing.length, exceptions: failing.length },
      ...{ exceptionKeys: failing.slice(0, 10), fault: '' },
    });
  }
  expect(runs.map((run) => run.exceptions > 0)).toEqual([false, false, true, true, true, true, true, true]);
});

function countsOf(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of values) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
}
