// What is typed in the wizard becomes a plan, or a sentence that says why not.
import { describe, expect, it } from 'vitest';
import type { ColumnProfile } from '../../domain/population.ts';
import { whyNotStep } from '../../renderer/imports/import-wizard.tsx';
import { rowsToPick } from '../../renderer/imports/targeted-rows.tsx';
import {
  fractionOf,
  freshDraft,
  lobColumnOf,
  lobColumns,
  lobSampleWords,
  nextLob,
  planOf,
  rowsPlanned,
  sharesOf,
  whyNotPlanFor,
  whyNotTarget,
} from '../../renderer/imports/wizard-draft.ts';
import { aLane } from './report-builder.ts';
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

  it('counts rows without a value as a stratum of their own, and shows no shares of a line of business alone', () => {
    const blank: ReadyPopulation = {
      ...population,
      state: { ...population.state, columns: [aColumn('ID'), { ...lob, blanks: 30, nulls: 70 }] },
    };
    const allocation = sharesOf({ ...draft, lobColumn: 'EDUCATION' }, blank, 59);
    const names = allocation?.kind === 'allocated' ? allocation.shares.map((share) => share.name) : [];
    expect(names).toEqual(['1', '2', '(none)']);
    expect(sharesOf({ ...draft, lobColumn: 'EDUCATION', lob: '1' }, population, 59)).toBeNull();
    expect(sharesOf({ ...draft, lobColumn: 'AGE' }, population, 59)).toBeNull();
  });

  it('plans one line of business alone by its own rows', () => {
    const lanes = [aLane('1', { rows: 50 }), aLane('2', { rows: 20_000 })];
    const alone = { ...draft, lobColumn: 'EDUCATION', lob: '1' };
    expect(rowsPlanned(alone, population, lanes)).toBe(50);
    expect(planOf(alone, rowsPlanned(alone, population, lanes))).toMatchObject({ sampleSize: 31 });
    expect(rowsPlanned(draft, population, lanes)).toBe(30_000);
    expect(whyNotStep('draw', population, alone, lanes)).toBeNull();
  });

  it('does not put a plan for the whole and one for a line of business beside each other', () => {
    const whole = { phase: 'sample-selection', lob: null, status: 'pending', number: 1 } as const;
    const alone = { ...whole, lob: '1' };
    expect(whyNotPlanFor(null, [alone])).toBe(
      'The sample of 1 was planned for it alone: plan the others for themselves too',
    );
    expect(whyNotPlanFor('2', [whole])).toContain('planned over the whole');
    expect(whyNotPlanFor('2', [alone])).toBeNull();
    expect(whyNotPlanFor('2', [{ ...whole, status: 'superseded' }])).toBeNull();
    expect(lobSampleWords(aLane('1'), [alone])).toBe('v1 pending');
    expect(lobSampleWords(aLane('2'), [alone])).toBe('no sample yet');
    expect(lobSampleWords(aLane('3', { withoutSamples: 'sold' }), [])).toBe('without samples: sold');
  });

  it('goes on with the next line of business that has neither a sample nor a reason', () => {
    const drawn = { phase: 'sample-selection', lob: '1', status: 'pending', number: 1 } as const;
    const lanes = [aLane('1'), aLane('2', { status: 'cancelled' }), aLane('3', { withoutSamples: 'sold' }), aLane('4')];
    expect(nextLob(lanes, [drawn])).toBe('4');
    expect(nextLob(lanes, [drawn, { ...drawn, lob: '4', status: 'approved' }])).toBeNull();
    expect(nextLob(lanes, [{ ...drawn, status: 'rejected' }])).toBe('1');
  });

  it('takes the column that the report is divided by', () => {
    expect(lobColumnOf({ lobSource: { kind: 'list', column: 'EDUCATION', names: ['1'] } })).toBe('EDUCATION');
    expect(lobColumnOf({ lobSource: { kind: 'none' } })).toBeNull();
    expect(lobColumnOf(null)).toBeNull();
  });

  it('lists recommended rows first and those that the tester added after them, each once', () => {
    const picks = [{ itemKey: '7', reason: 'AGE is out of range' }];
    const recommendation = {
      recommendationId: 'r',
      reportId: 'x',
      picks,
      by: { kind: 'rules' as const },
      fallback: '',
      at: '',
    };
    const own = { itemKey: '9', reason: 'a complaint' };
    expect(rowsToPick(recommendation, [...picks, own])).toEqual([
      { itemKey: '7', reason: 'AGE is out of range', recommended: true },
      { itemKey: '9', reason: 'a complaint', recommended: false },
    ]);
    expect(whyNotTarget({ itemKey: ' ', reason: 'x' }, [])).toBe('Name the row by its key');
    expect(whyNotTarget({ itemKey: '9', reason: 'x' }, [own])).toContain('already');
    expect(whyNotTarget({ itemKey: '8', reason: '' }, [own])).toContain('Say why this row');
    expect(whyNotTarget({ itemKey: '8', reason: 'x' }, [own])).toBeNull();
  });
});
