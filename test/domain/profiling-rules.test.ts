import { expect, test } from 'vitest';
import { readRule, ruleKey, ruleWords, runFields, unrun } from '../../domain/profiling-rules.ts';
import type { ProfilingRule } from '../../domain/profiling-rules.ts';

const columns = ['A', 'B', 'WHEN'];
function rule(kind: ProfilingRule['kind'], parameter = '', otherAttribute: string | null = null): ProfilingRule {
  return { kind, attribute: 'A', otherAttribute, parameter };
}

test.each<[string, ProfilingRule, object]>([
  ['completeness', rule('completeness'), { kind: 'completeness', attribute: 'A' }],
  ['a parameter of spaces alone', rule('uniqueness', '  '), { kind: 'uniqueness', attribute: 'A' }],
  ['an other attribute of no letters', rule('uniqueness', '', ''), { kind: 'uniqueness', attribute: 'A' }],
  ['a range of numbers', rule('range', ' -1.5 .. 2e3 '), { kind: 'range', of: 'number', min: '-1.5', max: '2e3' }],
  ['a range without an upper bound', rule('range', '0..'), { of: 'number', min: '0', max: null }],
  ['a range without a lower bound', rule('range', '..0.5'), { of: 'number', min: null, max: '0.5' }],
  ['a range of one value', rule('range', '7..7'), { of: 'number', min: '7', max: '7' }],
  ['a range of dates', rule('range', '2024-02-29..2025-01-01'), { of: 'date', min: '2024-02-29', max: '2025-01-01' }],
  ['allowed values', rule('allowed-values', ' EUR |US D||'), { kind: 'allowed-values', values: ['EUR', 'US D'] }],
  ['a format', rule('format', '[A-Z]{2}|x'), { kind: 'format', pattern: '[A-Z]{2}|x' }],
  [
    'a comparison',
    rule('cross-column', '<=', 'B'),
    { kind: 'cross-column', attribute: 'A', otherAttribute: 'B', comparison: '<=' },
  ],
])('a rule of %s is read', (_name, given, read) => {
  expect(readRule(given, columns)).toMatchObject(read);
});

test.each<[string, ProfilingRule, RegExp]>([
  ['an attribute that is no column', { ...rule('completeness'), attribute: 'GONE' }, /no column "GONE"/],
  ['another attribute that is no column', rule('cross-column', '<', 'GONE'), /no column "GONE"/],
  ['a second attribute where there is none', rule('range', '0..1', 'B'), /leave the other attribute empty/],
  ['completeness with a parameter', rule('completeness', '5'), /completeness takes no parameter/],
  ['uniqueness with a parameter', rule('uniqueness', '5'), /uniqueness takes no parameter/],
  ['a range without dots', rule('range', '0-5'), /min\.\.max with two numbers or two dates/],
  ['a range without bounds', rule('range', '..'), /min\.\.max with two numbers or two dates/],
  ['a range of words', rule('range', 'a..b'), /min\.\.max with two numbers or two dates/],
  ['a range from a number to a date', rule('range', '0..2024-01-01'), /min\.\.max with two numbers or two dates/],
  ['a range to a day that is none', rule('range', '..2023-02-29'), /min\.\.max with two numbers or two dates/],
  ['a range beyond all numbers', rule('range', '..1e999'), /min\.\.max with two numbers or two dates/],
  ['an empty range of numbers', rule('range', '10..9'), /the range 10\.\.9 is empty: 10 is above 9/],
  ['an empty range of dates', rule('range', '2024-01-02..2024-01-01'), /is empty/],
  ['no allowed values', rule('allowed-values', ' | |'), /parted by \|, for example/],
  ['no format', rule('format', ' '), /regular expression \(RE2\), for example/],
  ['a comparison of no kind', rule('cross-column', '=<', 'B'), /one of < <= = >= >/],
  ['a comparison with nothing', rule('cross-column', '<'), /names the other attribute/],
  ['a comparison with itself', rule('cross-column', '<', 'A'), /not A with itself/],
  ['a parameter with a NUL', rule('format', 'a\0'), /NUL/],
])('a rule of %s has a fault that says what to do', (_name, given, fault) => {
  expect(readRule(given, columns)).toEqual({ fault: expect.stringMatching(fault) as string });
});

test('a key names kind and columns, and stays within what an operation may carry', () => {
  expect(ruleKey(rule('completeness'))).toBe('completeness:A');
  expect(ruleKey(rule('cross-column', '<=', 'B'))).toBe('cross-column:A:B');
  const long = (end: string) =>
    ruleKey({ ...rule('cross-column', '<', `${'b'.repeat(298)}${end}`), attribute: 'a'.repeat(300) });
  expect(long('1')).toHaveLength(500);
  expect(long('1')).not.toBe(long('2'));
});

test('the pass rate has six digits, and there is none when no row was checked', () => {
  const run = { checked: 3, passed: 2, exceptions: 1, exceptionKeys: ['7'], fault: '' };
  expect(runFields(run)).toEqual({ ...run, passRate: 0.666667, exceptionKeys: '7' });
  expect(runFields({ ...run, exceptionKeys: ['7', '8'] }).exceptionKeys).toBe('7, 8');
  expect(runFields(unrun('no such column'))).toMatchObject({ passRate: null, fault: 'no such column' });
});

test('a rule is said in few words', () => {
  expect(ruleWords(rule('completeness'))).toBe('completeness of A');
  expect(ruleWords(rule('allowed-values', '1|2'))).toBe('allowed values of A (1|2)');
  expect(ruleWords(rule('cross-column', '<=', 'B'))).toBe('A <= B');
  expect(ruleWords(rule('format', 'x'.repeat(100)))).toBe(`format of A (${'x'.repeat(59)}…)`);
});
