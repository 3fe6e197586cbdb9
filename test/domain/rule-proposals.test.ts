import { describe, expect, test } from 'vitest';
import type { AttributeBody } from '../../domain/phase-item.ts';
import type { ColumnProfile } from '../../domain/population.ts';
import { readRule } from '../../domain/profiling-rules.ts';
import {
  orderedPairs,
  pairLimit,
  pairRuleLimit,
  proposePairRules,
  proposeRules,
  shapesWanted,
} from '../../domain/rule-proposals.ts';
import type { ProfileFacts } from '../../domain/rule-proposals.ts';
import { columnProfile, ordered } from './column-profile.ts';

function facts(columns: readonly ColumnProfile[], over: Partial<ProfileFacts> = {}): ProfileFacts {
  return { columns, rowCount: 1_000, keyColumn: null, shapes: [], attributes: null, ...over };
}
/** The rules as `kind parameter`, of all columns. */
function rulesOf(columns: readonly ColumnProfile[], over: Partial<ProfileFacts> = {}): string[] {
  return proposeRules(facts(columns, over)).map((rule) => `${rule.kind} ${rule.parameter}`.trim());
}
function attribute(name: string, over: Partial<AttributeBody> = {}): AttributeBody {
  return {
    ...{ attribute: name, type: 'text', mandatory: false, key: false, criticalDataElement: false, description: '' },
    ...over,
  };
}
const values = (counts: Record<string, number>): Partial<ColumnProfile> => ({
  distinct: Object.keys(counts).length,
  frequent: Object.entries(counts).map(([value, count]) => ({ value, count })),
});

describe('completeness', () => {
  const mostlyEmpty = columnProfile('A', { nulls: 800 });
  test.each<[string, Partial<AttributeBody>, string[]]>([
    ['mandatory', { mandatory: true }, ['completeness']],
    ['critical', { criticalDataElement: true }, ['completeness']],
    ['neither', {}, []],
  ])('of a column that is mostly empty is proposed as planning says: %s', (_name, said, proposed) => {
    expect(rulesOf([mostlyEmpty], { attributes: [attribute('A', said)] })).toEqual(proposed);
  });

  test('is proposed for what nearly every row has, whatever planning says', () => {
    expect(rulesOf([columnProfile('A', { nulls: 50 })], { attributes: [attribute('A')] })).toEqual(['completeness']);
    expect(rulesOf([columnProfile('A', { nulls: 30, blanks: 21 })], { attributes: [attribute('A')] })).toEqual([]);
  });
});

test('columns that planning leaves out have no rules; without planning all columns have', () => {
  const columns = [columnProfile('A'), columnProfile('B')];
  const named = (over: Partial<ProfileFacts>) => proposeRules(facts(columns, over)).map((rule) => rule.attribute);
  expect(named({ attributes: [attribute('B')] })).toEqual(['B']);
  expect(named({})).toEqual(['A', 'B']);
});

describe('uniqueness', () => {
  test.each<[string, ColumnProfile, Partial<ProfileFacts>, boolean]>([
    ['the key column', columnProfile('A'), { keyColumn: 'A' }, true],
    ['what planning calls the key', columnProfile('A'), { attributes: [attribute('A', { key: true })] }, true],
    [
      'the key column where planning says otherwise',
      columnProfile('A'),
      { keyColumn: 'A', attributes: [attribute('A')] },
      false,
    ],
    ['an id that is nearly unique', columnProfile('LOAN_ID', { distinct: 995 }), {}, true],
    ['an id that repeats', columnProfile('LOAN_ID', { distinct: 900 }), {}, false],
    ['an amount that is nearly unique', columnProfile('AMOUNT', { distinct: 999 }), {}, false],
    ['a word that ends like an id', columnProfile('PAID', { distinct: 999 }), {}, false],
  ])('%s', (_name, column, over, proposed) => {
    expect(rulesOf([column], over).includes('uniqueness')).toBe(proposed);
  });
});

describe('allowed values', () => {
  test('are those that at least one row in a hundred has; the rare ones are exceptions', () => {
    expect(rulesOf([columnProfile('A', values({ EUR: 900, USD: 91, eur: 9 }))])).toContain('allowed-values EUR|USD');
  });
  test('stand in the order of their value', () => {
    const codes = columnProfile('A', values({ '10': 300, '-1': 300, '2': 400 }));
    expect(rulesOf([codes])).toContain('allowed-values -1|2|10');
  });
  test.each<[string, Partial<ColumnProfile>]>([
    ['there are more than twelve', { ...values({ x: 500 }), distinct: 13 }],
    ['one has the sign that parts them', values({ 'a|b': 500, c: 500 })],
    ['one was cut', values({ ['x'.repeat(300)]: 500, c: 500 })],
    ['they stand for few rows', { ...values({ x: 5, y: 5 }), nulls: 990 }],
  ])('are not proposed when %s', (_name, over) => {
    expect(rulesOf([columnProfile('A', over)]).join()).not.toMatch(/allowed-values/);
  });
});

describe('a range', () => {
  test.each<[string, ColumnProfile, string]>([
    ['of amounts that are not negative begins at 0', ordered('A', 'integer', (p) => p), 'range 0..225'],
    [
      'with some negative values among the lowest percent begins at 0 too',
      ordered('A', 'integer', (p) => (p === 0 ? -9 : p)),
      'range 0..225',
    ],
    ['of signed amounts lies between the fences', ordered('A', 'integer', (p) => p - 50), 'range -175..175'],
    ['of decimals carries no binary noise', ordered('A', 'decimal', (p) => p / 10), 'range 0..22.5'],
    ['of values that hardly differ says the sign', ordered('A', 'integer', (p) => (p === 100 ? 900 : 5)), 'range 0..'],
    ['of dates lies between the fences', ordered('A', 'date', (p) => 18_000 + p), 'range 2018-12-10..2019-11-25'],
    [
      'of very old dates stays within what can be written',
      ordered('A', 'date', (p) => p * 20_000),
      'range 0001-01-01..9999-12-31',
    ],
  ])('%s', (_name, column, proposed) => {
    expect(rulesOf([column])).toContain(proposed);
  });
  test('is not proposed for the key, and not where nothing varies and some are negative', () => {
    expect(rulesOf([ordered('A', 'integer', (p) => p)], { keyColumn: 'A' }).join()).not.toMatch(/range/);
    expect(rulesOf([ordered('A', 'integer', (p) => (p < 5 ? -1 : 5))]).join()).not.toMatch(/range/);
  });
});

describe('a format', () => {
  const format = (type: ColumnProfile['type'], shapes: Record<string, number>) => {
    const list = Object.entries(shapes).map(([shape, count]) => ({ shape, count }));
    return rulesOf([columnProfile('A', { type })], { shapes: [{ name: 'A', filled: 1_000, shapes: list }] })
      .filter((rule) => rule.startsWith('format'))
      .join();
  };
  test.each<[string, ColumnProfile['type'], Record<string, number>, string]>([
    ['one shape of nearly all values', 'text', { 'AA-9999': 960, 'aa-9999': 40 }, 'format [A-Z]{2}-[0-9]{4}'],
    ['days', 'text', { '9999-99-99': 999, 'a/a': 1 }, 'format [0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'],
    ['capitals', 'text', { AAA: 1_000 }, 'format [A-Z]{3}'],
    ['runs of any length', 'text', { 'A.9': 500, 'A.99': 400, 'AA.9': 90, '?': 10 }, 'format [A-Z]+\\.[0-9]+'],
    ['names are none', 'text', { 'Aaa Aaaa': 990, 'Aaa Aaaé': 10 }, ''],
    ['many shapes are none', 'text', { '9-9': 500, '9/9': 500 }, ''],
    ['control signs are none', 'text', { '9\t9': 1_000 }, ''],
    [
      'numbers of which some are in scientific notation',
      'decimal',
      { '9999.99': 990, '9.99A+99': 10 },
      'format -?[0-9]+([.][0-9]+)?',
    ],
    ['numbers written out are none', 'decimal', { '9999.99': 990, '-9': 10 }, ''],
  ])('%s', (_name, type, shapes, proposed) => {
    expect(format(type, shapes)).toBe(proposed);
  });
  test('is asked for of texts and of decimals alone', () => {
    const columns = (['integer', 'decimal', 'text', 'date', 'timestamp', 'boolean'] as const).map((type) =>
      columnProfile(type, { type }),
    );
    expect(shapesWanted(columns)).toEqual(['decimal', 'text']);
  });
});

test('few rows say nothing about what is usual', () => {
  const columns = [
    ordered('A', 'integer', (p) => p, { nulls: 971 }),
    columnProfile('B', { ...values({ x: 29 }), nulls: 971 }),
    columnProfile('C_ID', { nulls: 971, distinct: 29 }),
  ];
  expect(rulesOf(columns, { shapes: [{ name: 'B', filled: 29, shapes: [{ shape: 'A9', count: 29 }] }] })).toEqual([]);
});

describe('pairs that may be in order', () => {
  const low = (name: string, over: Partial<ColumnProfile> = {}) => ordered(name, 'integer', (p) => p, over);
  const high = (name: string, over: Partial<ColumnProfile> = {}) => ordered(name, 'integer', (p) => p + 50, over);
  const named = (columns: readonly ColumnProfile[], over: Partial<ProfileFacts> = {}) =>
    orderedPairs(facts(columns, over)).pairs.map(({ lower, upper }) => `${lower}<=${upper}`);

  test('have no percentile of the lower above the upper’s', () => {
    expect(named([high('H'), low('L')])).toEqual(['L<=H']);
    expect(named([low('L'), low('M')])).toEqual(['L<=M', 'M<=L']);
  });
  test('overlap, else the order says nothing', () => {
    expect(named([low('L'), ordered('FAR', 'integer', (p) => p + 101)])).toEqual([]);
  });
  test('are of one kind, dates first', () => {
    const day = (name: string, later: number) => ordered(name, 'date', (p) => p + later);
    expect(named([low('L'), high('H'), day('OPENED', 0), day('CLOSED', 50)])).toEqual(['OPENED<=CLOSED', 'L<=H']);
  });
  test('are no codes, no key, and nothing that planning leaves out', () => {
    expect(named([low('L', { distinct: 12 }), high('H')])).toEqual([]);
    expect(named([low('L'), high('H')], { keyColumn: 'L' })).toEqual([]);
    expect(named([low('L'), high('H')], { attributes: [attribute('H')] })).toEqual([]);
  });
  test('are so many at most, and the others are counted', () => {
    const columns = Array.from({ length: 20 }, (_, index) => low(`C${index}`));
    const { pairs, leftOut } = orderedPairs(facts(columns));
    expect([pairs.length, leftOut]).toEqual([pairLimit, 20 * 19 - pairLimit]);
  });
});

describe('rules of pairs', () => {
  const tried = (lower: string, upper: string, notAbove: number | null, equal: number | null) => ({
    ...{ lower, upper, notAbove, equal },
  });
  test('hold for at least 99 of 100 rows', () => {
    const { rules } = proposePairRules([
      tried('A', 'B', 0.99, 0.1),
      tried('A', 'C', 0.9899, 0),
      tried('A', 'D', null, null),
    ]);
    expect(rules.map((rule) => [rule.attribute, rule.parameter, rule.otherAttribute])).toEqual([['A', '<=', 'B']]);
  });
  test('say of columns that are equal that they are, once', () => {
    const { rules } = proposePairRules([tried('A', 'B', 1, 0.995), tried('B', 'A', 1, 0.995)]);
    expect(rules.map((rule) => [rule.attribute, rule.parameter, rule.otherAttribute])).toEqual([['A', '=', 'B']]);
  });
  test('are so many at most, the most exact first, and the others are counted', () => {
    const many = Array.from({ length: 14 }, (_, at) => tried('A', `B${at}`, 0.99 + at / 10_000, 0));
    const { rules, leftOut } = proposePairRules(many);
    expect([rules.length, leftOut]).toEqual([pairRuleLimit, 4]);
    expect(rules[0]?.otherAttribute).toBe('B13');
  });
});

test('every proposed rule can be read, and says how it was chosen', () => {
  const columns = [
    ordered('ID', 'integer', (p) => p),
    ordered('A', 'decimal', (p) => p * 1e21),
    ordered('B', 'decimal', (p) => p / 1e9),
    ordered('C', 'date', (p) => (p - 100) * 9_000),
    columnProfile('D', values({ ' x ': 400, y: 600 })),
  ];
  const rules = [
    ...proposeRules(facts(columns, { keyColumn: 'ID' })),
    ...proposePairRules([{ lower: 'A', upper: 'B', notAbove: 1, equal: 0 }]).rules,
  ];
  expect(rules.map((rule) => rule.kind)).toEqual(expect.arrayContaining(['range', 'allowed-values', 'uniqueness']));
  const names = columns.map((column) => column.name);
  for (const rule of rules) {
    expect(readRule(rule, names)).not.toHaveProperty('fault');
    expect(rule.description).toMatch(/^[A-Z].*\.$/);
  }
});
