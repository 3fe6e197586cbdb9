// What a table of evidence says of samples: seeded differences are found, all of them and no others; silence is never a result.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionKey, testActionSchema } from '../../domain/audit-record.ts';
import { readEvidenceTable } from '../../domain/evidence.ts';
import type { EvidenceTable, Untested } from '../../domain/evidence.ts';

const contentHash = 'a'.repeat(64);
const document = { documentId: 'document-1', revision: 2 };
const table = (columns: string[], rows: [string, (string | null)[]][]): EvidenceTable => ({
  columns,
  byKey: new Map(
    [
      ...Map.groupBy(
        rows.map(([key, cells], index) => ({ key, row: index + 1, cells })),
        ({ key }) => key,
      ),
    ].map(([key, of]) => [
      key,
      of.map(({ row, cells }) => ({ row, cells: new Map(columns.map((name, at) => [name, cells[at] ?? null])) })),
    ]),
  ),
});
const untested = (more: Partial<Untested> = {}): Untested => ({
  samples: [{ itemKey: '1', contentHash, body: { ID: 1, AMOUNT: 100, NAME: 'Ada', OPEN: true, RATE: null } }],
  attributes: ['AMOUNT', 'NAME'],
  tested: new Set(),
  ...document,
  ...more,
});

describe('a table of evidence', () => {
  it('gives each untested action its found value, its result and where it stands', () => {
    const { actions } = readEvidenceTable(
      table(
        ['AMOUNT', 'NAME'],
        [
          ['9', ['1', 'x']],
          ['1', ['90', ' Ada ']],
        ],
      ),
      untested(),
    );
    expect(actions).toEqual([
      {
        ...{ itemKey: '1', contentHash, attribute: 'AMOUNT', found: 90, result: 'fail', notTestableReason: '' },
        evidence: { ...document, locator: 'row 2' },
        ...{ note: '', seenRevision: 0, reason: '' },
      },
      expect.objectContaining({ attribute: 'NAME', found: ' Ada ', result: 'pass' }),
    ]);
    for (const action of actions) expect(testActionSchema.safeParse(action).success).toBe(true);
  });

  it.each([
    ['AMOUNT', '100.00', 100, 'pass'],
    ['AMOUNT', '1e2', 100, 'pass'],
    ['AMOUNT', '1OO', '1OO', 'fail'],
    ['AMOUNT', '1234567890123456789', '1234567890123456789', 'fail'],
    ['AMOUNT', null, null, 'fail'],
    ['NAME', 'ada', 'ada', 'fail'],
    ['OPEN', 'TRUE', true, 'pass'],
    ['OPEN', 'false', false, 'fail'],
    ['OPEN', 'yes', 'yes', 'fail'],
    ['RATE', null, null, 'pass'],
    ['RATE', '5', '5', 'fail'],
  ])('on %s reads %j as %j: %s', (attribute, text, found, result) => {
    const reading = readEvidenceTable(table([attribute], [['1', [text]]]), untested({ attributes: [attribute] }));
    expect(reading.actions).toEqual([expect.objectContaining({ found, result })]);
  });

  it('finds all seeded differences and no others', () => {
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
        const differs = new Set(
          seeds.filter(([row]) => row < rows.length).map(([row, name]) => actionKey(`k${row}`, name)),
        );
        const reading = readEvidenceTable(
          table(
            ['AMOUNT', 'NAME'],
            rows
              .toReversed()
              .map(({ key, AMOUNT, NAME }) => [
                key,
                [
                  differs.has(actionKey(key, 'AMOUNT')) ? String(AMOUNT + 1) : `${AMOUNT}.0`,
                  differs.has(actionKey(key, 'NAME')) ? `${NAME ?? ''}x` : NAME,
                ],
              ]),
          ),
          untested({ samples: rows.map(({ key, ...body }) => ({ itemKey: key, contentHash, body })) }),
        );
        expect(reading.actions).toHaveLength(rows.length * 2);
        const failed = reading.actions.filter(({ result }) => result === 'fail');
        expect(new Set(failed.map(({ itemKey, attribute }) => actionKey(itemKey, attribute)))).toEqual(differs);
      }),
      { seed: 20261120 },
    );
  });

  it('leaves alone what was tested before', () => {
    const tested = new Set([actionKey('1', 'AMOUNT')]);
    const { actions } = readEvidenceTable(table(['AMOUNT', 'NAME'], [['1', ['1', 'Eve']]]), untested({ tested }));
    expect(actions.map(({ attribute }) => attribute)).toEqual(['NAME']);
  });

  it('says nothing of samples that it has no row of, or more than one, and counts them', () => {
    const samples = ['1', '2', '3'].map((itemKey) => ({ itemKey, contentHash, body: { AMOUNT: 1 } }));
    const found = table(
      ['AMOUNT'],
      [
        ['1', ['1']],
        ['3', ['1']],
        ['3', ['1']],
      ],
    );
    const reading = readEvidenceTable(found, untested({ samples, attributes: ['AMOUNT'] }));
    expect(reading).toMatchObject({ samplesMissing: 1, samplesRepeated: 1, attributesMissing: [] });
    expect(reading.actions.map(({ itemKey }) => itemKey)).toEqual(['1']);
  });

  it('says nothing of attributes without a column, and names them', () => {
    const reading = readEvidenceTable(table(['NAME', 'constructor'], [['1', ['Ada', 'x']]]), untested());
    expect(reading).toMatchObject({ attributesMissing: ['AMOUNT'] });
    expect(reading.actions.map(({ attribute }) => attribute)).toEqual(['NAME']);
  });

  it('says nothing of a value that is too long to be kept, and counts it', () => {
    const long = table(['NAME'], [['1', ['x'.repeat(10_001)]]]);
    expect(readEvidenceTable(long, untested({ attributes: ['NAME'] }))).toMatchObject({
      actions: [],
      valuesTooLong: 1,
    });
  });
});
