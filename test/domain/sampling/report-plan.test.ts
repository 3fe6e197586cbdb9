// What a request for a sample comes to in a report: over the whole by its strata, for a line of business as a population of its own.
import { describe, expect, test } from 'vitest';
import type { LobState, Report } from '../../../domain/change.ts';
import type { SamplePlanRequest } from '../../../domain/sample-plan.ts';
import { planIn, planSize, strataOf, whyNotDivided } from '../../../domain/sampling/report-plan.ts';
import type { ReadyPopulation } from '../../../domain/sampling/planned-sample.ts';

const lane = (lob: string, rows: number, status: LobState['status'] = 'waiting'): LobState => ({
  ...{ lob, status, reason: '', rows, samples: null, withoutSamples: null, deviations: null },
});
const report: Pick<Report, 'lobs' | 'lobSource'> = {
  lobSource: { kind: 'column', column: 'REGION' },
  lobs: [lane('North', 100), lane('South', 900), lane('West', 50, 'cancelled')],
};
const nothing = { nulls: 0, blanks: 0, min: null, max: null, examples: [], percentiles: [], type: 'text' as const };
const population: ReadyPopulation = {
  ...{ kind: 'ready', rowCount: 1_050, delimiter: ',', encoding: 'utf-8', keyColumn: 'ID', warnings: [] },
  columns: [
    { ...nothing, name: 'ID', distinct: 1_050, frequent: [], key: { unique: true, duplicates: [], blankRows: [] } },
    { ...nothing, name: 'REGION', distinct: 3, frequent: [], key: { unique: false, duplicates: [], blankRows: [] } },
  ],
};
const request = (over: Partial<SamplePlanRequest> = {}): SamplePlanRequest => ({
  ...{ populationHash: 'a'.repeat(64), keyColumn: 'ID', lobColumn: 'REGION', lob: null },
  ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null, seed: '1', seedOrigin: 'given' },
  ...over,
});

// The sizes are those of ../shared/data/sampling-vectors.json for 5 %/5 %/0: 45 of 100; 58 of about 1,000.
describe('the size', () => {
  test('of a line of business follows from its own rows', () => {
    expect(planSize(report, 'North', population)).toBe(100);
    expect(planIn(report, request({ lob: 'North' }), population)).toMatchObject({ kind: 'planned', sampleSize: 45 });
  });

  test('over the whole follows from all rows', () => {
    expect(planSize(report, null, population)).toBe(1_050);
    const planned = planIn(report, request(), population);
    expect(planned.kind === 'planned' && planned.sampleSize).toBeGreaterThan(45);
  });

  test('of a line of business cannot be larger than that', () => {
    expect(planIn(report, request({ lob: 'North', sampleSize: 101 }), population)).toMatchObject({
      ...{ kind: 'unfit', field: 'sampleSize', message: expect.stringContaining('only 100 rows') as string },
    });
  });
});

describe('in a report of named lines of business', () => {
  const named: typeof report = {
    lobSource: { kind: 'list', column: 'REGION', names: ['North', 'Lake'] },
    lobs: [lane('North', 100), lane('Lake', 0)],
  };

  test('the whole is their rows, and what the list leaves out is not drawn from', () => {
    expect(strataOf(named)).toEqual(['North', 'Lake']);
    expect(strataOf(report)).toBeNull();
    expect(planSize(named, null, population)).toBe(100);
    expect(planIn(named, request(), population)).toMatchObject({ kind: 'planned', sampleSize: 45 });
    expect(planIn(named, request({ sampleSize: 101 }), population)).toMatchObject({
      message: expect.stringContaining('only 100 rows') as string,
    });
  });

  test('a sample has to give one item to those that have rows, and to no others', () => {
    const small = request({ risk: 0.99, tolerable: 0.99 });
    expect(planIn(named, small, population)).toMatchObject({ kind: 'planned', sampleSize: 1 });
    const filled = { ...named, lobs: [lane('North', 100), lane('Lake', 20)] };
    expect(planIn(filled, small, population)).toMatchObject({ kind: 'unfit', field: 'sampleSize' });
  });
});

describe('a request that does not divide as its report does', () => {
  test.each([
    ['names a line that is not there', report, { lob: 'East' }, 'not-found'],
    ['names a cancelled line', report, { lob: 'West' }, 'out-of-turn'],
    ['is spread over another column', report, { lobColumn: 'ID' }, 'impossible-plan'],
    ['is spread over none', report, { lobColumn: null }, 'impossible-plan'],
    [
      'divides an undivided report',
      { lobSource: { kind: 'none' as const }, lobs: [lane('Whole report', 1_050)] },
      { lob: 'Whole report' },
      'impossible-plan',
    ],
  ])('when it %s', (_, of, over, code) => {
    expect(whyNotDivided(of, request(over))).toMatchObject({ code });
  });

  test('and one that does is fit', () => {
    expect(whyNotDivided(report, request())).toBeNull();
    expect(whyNotDivided(report, request({ lob: 'South' }))).toBeNull();
    expect(whyNotDivided({ lobSource: null, lobs: [] }, request({ lobColumn: null }))).toBeNull();
  });
});
