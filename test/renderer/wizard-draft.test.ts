// What is typed in the wizard becomes a plan, or a sentence that says why not.
import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../domain/population.ts';
import { whyNotStep } from '../../renderer/imports/import-wizard.tsx';
import { fractionOf, freshDraft, lobColumns, planOf, sharesOf } from '../../renderer/imports/wizard-draft.ts';
import type { ReadyPopulation } from '../../renderer/imports/wizard-draft.ts';

function aColumn(name: string, more: Partial<ColumnProfile> = {}): ColumnProfile {
  return {
    name,
    type: 'integer',
    nulls: 0,
    blanks: 0,
    distinct: 30_000,
    min: '1',
    max: '30000',
    examples: [],
    frequent: [],
    percentiles: [],
    key: { unique: true, duplicates: [], blankRows: [] },
    ...more,
  };
}
const lob = aColumn('EDUCATION', {
  distinct: 2,
  frequent: [
    { value: '1', count: 10_000 },
    { value: '2', count: 20_000 },
  ],
  key: { unique: false, duplicates: [{ value: '1', rows: [1, 4] }], blankRows: [] },
});
const population: ReadyPopulation = {
  populationHash: 'a'.repeat(64),
  reportId: 'report-001',
  fileName: 'accounts.csv',
  fileSize: 1,
  importedBy: 'tara',
  importedAt: '2026-11-21T12:00:00Z',
  state: {
    kind: 'ready',
    rowCount: 30_000,
    delimiter: ',',
    encoding: 'UTF-8',
    columns: [aColumn('ID'), lob, aColumn('AGE', { distinct: 56 })],
    keyColumn: 'ID',
    warnings: [],
  },
};
const draft = { ...freshDraft, keyColumn: 'ID' };

describe('the wizard', () => {
  it.each([
    ['5', 0.05],
    ['2.5 %', 0.025],
    ['2,5', 0.025],
    ['1.1', 0.011],
    ['', Number.NaN],
    ['five', Number.NaN],
    ['-1', Number.NaN],
  ])('reads the rate "%s" as %d', (text, fraction) => expect(fractionOf(text)).toBe(fraction));

  it('comes to 59 of 30,000 with the usual figures', () => {
    expect(planOf(draft, 30_000)).toMatchObject({
      kind: 'planned',
      sampleSize: 59,
      acceptableDeviations: 0,
      method: 'hypergeometric',
    });
  });

  it('takes over a larger sample with what it may show, and refuses a smaller or impossible one', () => {
    expect(planOf({ ...draft, sampleSize: '100' }, 30_000)).toMatchObject({ sampleSize: 100, acceptableDeviations: 1 });
    expect(planOf({ ...draft, sampleSize: '20' }, 30_000)).toMatchObject({
      kind: 'impossible',
      message: 'The plan needs at least 59 items, not 20.',
    });
    expect(planOf({ ...draft, sampleSize: '99999' }, 30_000).kind).toBe('impossible');
  });

  it('offers only columns whose values are all named as lines of business', () => {
    expect(lobColumns(population.state.columns).map((column) => column.name)).toEqual(['EDUCATION']);
  });

  it('divides the sample over the lines of business without losing one', () => {
    const allocation = sharesOf({ ...draft, lobColumn: 'EDUCATION' }, population, 59);
    const shares = allocation?.kind === 'allocated' ? allocation.shares.map((share) => share.sampleSize) : [];
    expect(shares.reduce((sum, size) => sum + size, 0)).toBe(59);
    expect(shares).toHaveLength(2);
  });

  it('says why a step cannot be used yet', () => {
    expect(whyNotStep('file', null, draft)).toBeNull();
    expect(whyNotStep('columns', null, draft)).toBe('A population has to be imported first');
    expect(whyNotStep('plan', population, { ...draft, keyColumn: null })).toBe('A key column has to be chosen first');
    expect(whyNotStep('plan', population, { ...draft, keyColumn: 'EDUCATION' })).toContain(
      'duplicate keys: 1 (rows 1, 4)',
    );
    expect(whyNotStep('draw', population, { ...draft, expected: '7' })).toBe(
      'The expected rate must be lower than the tolerable rate.',
    );
    expect(whyNotStep('draw', population, draft)).toBeNull();
  });
});
