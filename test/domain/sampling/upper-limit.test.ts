// The upper limit without replacement: against counting in whole numbers, against the plan, and against the binomial it tends to.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptableAtSize,
  ceilOfRate,
  mostDeviatingItems,
  planSample,
  upperLimit,
} from '../../../domain/sampling/plan.ts';

/** Pascal's triangle: choose[n][k], exact. */
const choose: bigint[][] = [[1n]];
for (let n = 1; n <= 60; n += 1) {
  choose[n] = Array.from({ length: n + 1 }, (_, k) => (choose[n - 1]?.[k - 1] ?? 0n) + (choose[n - 1]?.[k] ?? 0n));
}
const ways = (n: number, k: number): bigint => choose[n]?.[k] ?? 0n;

/** The largest D whose P(X ≤ k) is above the risk, trying every D and counting every draw. */
function countedLimit(N: number, n: number, k: number, riskPercent: number): number {
  let largest = -1;
  for (let D = 0; D <= N; D += 1) {
    let few = 0n;
    for (let x = 0; x <= Math.min(k, D); x += 1) few += ways(D, x) * ways(N - D, n - x);
    if (few * 100n > BigInt(riskPercent) * ways(N, n)) largest = D;
  }
  return largest;
}

const anySample = fc
  .integer({ min: 1, max: 60 })
  .chain((N) => fc.tuple(fc.constant(N), fc.integer({ min: 1, max: N })))
  .chain(([N, n]) => fc.tuple(fc.constant(N), fc.constant(n), fc.integer({ min: 0, max: n })));

describe('the most deviating rows', () => {
  it('are those that counting every possible draw gives', () => {
    fc.assert(
      fc.property(anySample, fc.constantFrom(1, 5, 10, 25, 49), ([N, n, k], riskPercent) => {
        const found = { populationSize: N, sampleSize: n, deviations: k, risk: riskPercent / 100 };
        expect(mostDeviatingItems(found)).toBe(countedLimit(N, n, k, riskPercent));
      }),
      { seed: 20261120, numRuns: 400 },
    );
  });

  it.each([
    [20, 19, 0, 0],
    [20, 18, 0, 1],
    [50, 31, 0, 2],
    [100, 45, 0, 4],
    [30_000, 59, 0, 1_483],
  ])(
    'of %d, when %d were tested and %d deviated, are %d: one less than a plan of that size tolerates',
    (N, n, k, D) => {
      expect(mostDeviatingItems({ populationSize: N, sampleSize: n, deviations: k, risk: 0.05 })).toBe(D);
    },
  );

  it('are exactly those found when the whole population was tested', () => {
    for (const k of [0, 1, 25, 500]) {
      expect(mostDeviatingItems({ populationSize: 500, sampleSize: 500, deviations: k, risk: 0.05 })).toBe(k);
    }
  });

  it('agree with the published limits where the population is large: 25/0, 60/0 and 60/1 at 95 %', () => {
    const percent = (n: number, k: number) => {
      const D = mostDeviatingItems({ populationSize: 1_000_000, sampleSize: n, deviations: k, risk: 0.05 });
      return (D / 10_000).toFixed(1);
    };
    expect([percent(25, 0), percent(60, 0), percent(60, 1)]).toEqual(['11.3', '4.9', '7.7']);
  });

  it('tend to the binomial limit from below as the population grows', () => {
    for (const [n, k] of [
      [59, 0],
      [93, 1],
      [181, 4],
      [2_000, 77],
    ] as const) {
      const binomial = upperLimit({ sampleSize: n, deviations: k, confidence: 0.95 });
      let last = 0;
      for (const N of [4_000, 40_000, 4_000_000, 4_000_000_000]) {
        const rate = mostDeviatingItems({ populationSize: N, sampleSize: n, deviations: k, risk: 0.05 }) / N;
        expect(rate).toBeLessThanOrEqual(binomial);
        expect(rate).toBeGreaterThan(last);
        last = rate;
      }
      expect(last).toBeCloseTo(binomial, 6);
    }
  });

  it('grow with each deviation, shrink with each sound item, and hold what was found', () => {
    const anyLarge = fc
      .integer({ min: 2, max: 100_000 })
      .chain((N) => fc.tuple(fc.constant(N), fc.integer({ min: 1, max: Math.min(N - 1, 2_500) })))
      .chain(([N, n]) => fc.tuple(fc.constant(N), fc.constant(n), fc.integer({ min: 0, max: n - 1 })));
    fc.assert(
      fc.property(anyLarge, fc.constantFrom(0.01, 0.05, 0.1, 0.4), ([populationSize, sampleSize, deviations], risk) => {
        const found = { populationSize, sampleSize, deviations, risk };
        const limit = mostDeviatingItems(found);
        expect(limit).toBeGreaterThanOrEqual(deviations);
        expect(limit).toBeLessThanOrEqual(populationSize - (sampleSize - deviations));
        expect(mostDeviatingItems({ ...found, deviations: deviations + 1 })).toBeGreaterThan(limit);
        expect(mostDeviatingItems({ ...found, sampleSize: sampleSize + 1 })).toBeLessThanOrEqual(limit);
        expect(mostDeviatingItems({ ...found, risk: risk / 2 })).toBeGreaterThanOrEqual(limit);
      }),
      { seed: 20261120, numRuns: 200 },
    );
  });

  it('stay below the tolerable number exactly while the plan accepts the deviations', () => {
    const anyPlan = fc.record({
      risk: fc.constantFrom(0.05, 0.1, 0.2),
      tolerable: fc.constantFrom(0.02, 0.05, 0.07, 0.1),
      expected: fc.constantFrom(0, 0.005, 0.01),
      populationSize: fc.integer({ min: 100, max: 200_000 }),
    });
    fc.assert(
      fc.property(anyPlan, fc.nat(60), (input, more) => {
        const plan = planSample(input);
        if (plan.kind !== 'planned') return;
        const { risk, tolerable, populationSize } = input;
        const sampleSize = Math.min(plan.sampleSize + more, populationSize);
        const acceptable = acceptableAtSize(plan, sampleSize);
        const limit = (deviations: number) => mostDeviatingItems({ populationSize, sampleSize, deviations, risk });
        expect(limit(acceptable)).toBeLessThan(ceilOfRate(populationSize, tolerable));
        if (acceptable < sampleSize) {
          expect(limit(acceptable + 1)).toBeGreaterThanOrEqual(ceilOfRate(populationSize, tolerable));
        }
      }),
      { seed: 20261120, numRuns: 300 },
    );
  });

  it.each([
    [0, 1, 0, 0.05],
    [10, 0, 0, 0.05],
    [10, 11, 0, 0.05],
    [10, 5, 6, 0.05],
    [10, 5, -1, 0.05],
    [10, 5, 1.5, 0.05],
    [10, 5, 1, 0],
    [10, 5, 1, 0.5],
  ])('are refused for figures no sample can have: N %d, n %d, k %d at risk %d', (N, n, k, risk) => {
    const found = { populationSize: N, sampleSize: n, deviations: k, risk };
    expect(() => mostDeviatingItems(found)).toThrow(RangeError);
  });
});
