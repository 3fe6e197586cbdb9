// How the fields of items are called and written in each phase, and which come first.
import { expect, test } from 'vitest';
import { columnFields, fieldLabel, fieldText, ownFields } from '../../renderer/review/phase-fields.ts';

test.each([
  ['planning', 'criticalDataElement', 'Critical data element'],
  ['observations', 'lob', 'Line of business'],
  ['test-report', 'populationSha256', 'Population SHA-256'],
  ['test-report', 'stratum East: rows', 'stratum East: rows'],
  ['sample-selection', 'creditLimit', 'creditLimit'],
  ['planning', 'constructor', 'Constructor'],
  ['planning', '__proto__', '__proto__'],
] as const)('in %s the field %s is called %s', (phase, field, label) => {
  expect(fieldLabel(phase, field)).toBe(label);
});

test.each([
  ['scoping', 'inScope', true, 'yes'],
  ['sample-selection', 'ACTIVE', true, 'true'],
  ['test-execution', 'expected', false, 'false'],
  ['data-profiling', 'passRate', 0.995, '99.5\u00a0%'],
  ['data-profiling', 'exceptions', 6, '6'],
  ['test-report', 'BALANCE: rate', 0.2, '20\u00a0%'],
  ['test-execution', 'expected', 0.2, '0.2'],
  ['planning', 'description', null, ''],
] as const)('in %s the field %s with %s reads "%s"', (phase, field, value, text) => {
  expect(fieldText(phase, field, value)).toBe(text);
});

test('what a reviewer looks at first are the columns; a sample has those of its population', () => {
  const rule = ['kind', 'attribute', 'parameter', 'description', 'exceptions', 'passRate'];
  expect(columnFields('data-profiling', rule, 'ID').slice(0, 2)).toEqual(['exceptions', 'passRate']);
  expect(columnFields('sample-selection', ['ID', 'B', 'A'], 'ID')).toEqual(['B', 'A']);
});

test('a section of the report shows its own figures, an attribute all fields of its phase', () => {
  expect(ownFields('test-report', ['title', 'rows', 'deviations'], { title: 'Population', rows: 3 })).toEqual([
    'title',
    'rows',
  ]);
  expect(ownFields('planning', ['type', 'key'], { type: 'text' })).toEqual(['type', 'key']);
});
