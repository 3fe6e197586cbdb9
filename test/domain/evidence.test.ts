// What a table of evidence says of samples: seeded differences are found, all of them and no others; silence is never a result.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionKey, sameValue } from '../../domain/audit-record.ts';
import { readEvidenceTable, whyLeft } from '../../domain/evidence.ts';
import type { EvidenceTable, UntestedSample } from '../../domain/evidence.ts';

/** A table of rows in their order, each with its key and its cells. */
function table(columns: string[], rows: [string, (string | null)[]][]): EvidenceTable {
  const numbered = rows.map(([key, cells], index) => ({
    key,
    row: index + 1,
    cells: new Map(columns.map((name, at) => [name, cells[at] ?? null])),
  }));
  return { columns, byKey: Map.groupBy(numbered, ({ key }) => key) };
}
const untested = (itemKey: string, ...attributes: string[]): UntestedSample => ({ itemKey, attributes });

describe('a table of evidence', () => {
  it('gives each untested attribute its value as it stands there, and where', () => {
    const found = table(
      ['AMOUNT', 'NAME'],
      [
        ['9', ['1', 'x']],
        ['1', [' 90', null]],
      ],
    );
    expect(readEvidenceTable(found, [untested('1', 'AMOUNT', 'NAME')])).toEqual({
      values: [
        { itemKey: '1', attribute: 'AMOUNT', found: ' 90', locator: 'row 2' },
        { itemKey: '1', attribute: 'NAME', found: null, locator: 'row 2' },
      ],
      ...{ samplesMissing: 0, samplesRepeated: 0, attributesMissing: [], valuesTooLong: 0 },
    });
  });

  it('shows all seeded differences and no others', () => {
    const anyCase = fc.record({
      values: fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.stringMatching(/^[a-z]{0,4}$/u)), {
        minLength: 1,
        maxLength: 40,
      }),
      seeds: fc.array(fc.tuple(fc.nat(39), fc.constantFrom('AMOUNT', 'NAME')), { maxLength: 20 }),
    });
    fc.assert(
      fc.property(anyCase, ({ values, seeds }) => {
        const rows = values.map(([amount, name], index) => ({ key: `k${index}`, AMOUNT: amount, NAME: name || null }));
        const differing = new Set(
          seeds.filter(([at]) => at < rows.length).map(([at, name]) => actionKey(`k${at}`, name)),
        );
        const evidence = rows
          .toReversed()
          .map(({ key, AMOUNT, NAME }): [string, (string | null)[]] => [
            key,
            [
              differing.has(actionKey(key, 'AMOUNT')) ? String(AMOUNT + 1) : `${AMOUNT}.0`,
              differing.has(actionKey(key, 'NAME')) ? `${NAME ?? ''}x` : NAME,
            ],
          ]);
        const { values: found } = readEvidenceTable(
          table(['AMOUNT', 'NAME'], evidence),
          rows.map(({ key }) => untested(key, 'AMOUNT', 'NAME')),
        );
        expect(found).toHaveLength(rows.length * 2);
        const expected = new Map(rows.map(({ key, ...body }) => [key, body]));
        const differs = found.filter(
          (value) =>
            !sameValue(expected.get(value.itemKey)?.[value.attribute as 'AMOUNT' | 'NAME'] ?? null, value.found),
        );
        expect(new Set(differs.map((value) => actionKey(value.itemKey, value.attribute)))).toEqual(differing);
      }),
      { seed: 20261120 },
    );
  });

  it('says nothing of samples that it has no row of, or more than one, and counts them', () => {
    const found = table(
      ['AMOUNT'],
      [
        ['1', ['1']],
        ['3', ['1']],
        ['3', ['1']],
      ],
    );
    const reading = readEvidenceTable(
      found,
      ['1', '2', '3'].map((key) => untested(key, 'AMOUNT')),
    );
    expect(reading).toMatchObject({ samplesMissing: 1, samplesRepeated: 1, attributesMissing: [] });
    expect(reading.values.map(({ itemKey }) => itemKey)).toEqual(['1']);
    expect(whyLeft(reading)).toEqual(['it has no row of 1 sample', 'it has more than one row of 1 sample']);
  });

  it('says nothing of attributes without a column, and names them once', () => {
    const found = table(
      ['NAME', 'constructor'],
      [
        ['1', ['Ada', 'x']],
        ['2', ['Eve', 'y']],
      ],
    );
    const reading = readEvidenceTable(found, [untested('1', 'AMOUNT', 'NAME'), untested('2', 'AMOUNT')]);
    expect(reading).toMatchObject({ attributesMissing: ['AMOUNT'] });
    expect(reading.values.map(({ attribute }) => attribute)).toEqual(['NAME']);
    expect(whyLeft(reading)).toEqual(['it has no column AMOUNT']);
    const names = Array.from({ length: 12 }, (_, index) => `C${index}`);
    expect(whyLeft(readEvidenceTable(found, [untested('1', ...names)]))).toEqual([
      'it has no column C0, C1, C2, C3, C4, C5, C6, C7, C8, C9 and 2 more',
    ]);
  });

  it('says nothing of a value that is too long to be kept, and counts it', () => {
    const reading = readEvidenceTable(table(['NAME'], [['1', ['x'.repeat(10_001)]]]), [untested('1', 'NAME')]);
    expect(reading).toMatchObject({ values: [], valuesTooLong: 1 });
    expect(whyLeft(reading)).toEqual(['1 of its values are longer than 10,000 characters']);
  });
});
