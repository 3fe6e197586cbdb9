// The plan against published pairs, the computed vectors, and exact arithmetic on whole numbers.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SamplePlan } from '../../../domain/sampling/plan.ts';
import {
  acceptableAtSize,
  allowances,
  ceilOfRate,
  planInputSchema,
  planSample,
  samplePlanSchema,
  upperLimit,
} from '../../../domain/sampling/plan.ts';

const vectorsPath = fileURLToPath(new URL('../../../../shared/data/sampling-vectors.json', import.meta.url));
const sizeSchema = z.object({ n: z.number(), k: z.number() }).nullable();
const vectorsSchema = z.object({
  planning: z.array(z.object({ risk: z.number(), tolerable: z.number(), expected: z.number(), binomial: sizeSchema })),
  upperLimits: z.array(z.object({ n: z.number(), k: z.number(), u95: z.number(), u90: z.number() })),
  hypergeometricZeroDeviation: z.array(z.object({ N: z.number(), D: z.number(), risk: z.number(), n: z.number() })),
});

function planned(risk: number, tolerable: number, expected: number, populationSize: number | null): SamplePlan {
  const plan = planSample({ risk, tolerable, expected, populationSize });
  if (plan.kind !== 'planned') throw new Error(plan.message);
  return plan;
}

function sizeOf(input: Parameters<typeof planSample>[0]): { n: number; k: number } | null {
  const plan = planSample(input);
  return plan.kind === 'planned' ? { n: plan.sampleSize, k: plan.acceptableDeviations } : null;
}

function choose(n: bigint, k: bigint): bigint {
  if (k < 0n || k > n) return 0n;
  let result = 1n;
  for (let i = 1n; i <= k; i += 1n) result = (result * (n - k + i)) / i;
  return result;
}

/** Is P(X ≤ k) ≤ riskPercent / 100, counted in ways and not in floating point? */
function meetsExactly(sizes: { N: number; D: number; n: number; k: number }, riskPercent: number): boolean {
  const [N, D, n] = [BigInt(sizes.N), BigInt(sizes.D), BigInt(sizes.n)];
  let ways = 0n;
  for (let j = 0n; j <= BigInt(sizes.k); j += 1n) ways += choose(D, j) * choose(N - D, n - j);
  return ways * 100n <= BigInt(riskPercent) * choose(N, n);
}

describe('the plan agrees with published tables', () => {
  it.each([
    [5, 5, 0, 59, 0],
    [5, 5, 1, 93, 1],
    [5, 5, 2, 181, 4],
    [5, 4, 1, 156, 2],
    [10, 5, 0, 45, 0],
    [5, 2, 0, 149, 0],
    [5, 2, 1.25, 1030, 13],
  ])('binomial: risk %d %%, tolerable %d %%, expected %d %% gives %d with %d acceptable', (r, t, e, n, k) => {
    const plan = planned(r / 100, t / 100, e / 100, null);
    expect(plan).toMatchObject({ method: 'binomial', sampleSize: n, acceptableDeviations: k, check: null });
  });

  it.each([
    [20, 19],
    [50, 31],
    [100, 45],
    [150, 46],
    [500, 56],
    [5_000, 59],
  ])('hypergeometric: a population of %d at 5/5/0 gives %d', (populationSize, n) => {
    const plan = planned(0.05, 0.05, 0, populationSize);
    expect(plan).toMatchObject({ method: 'hypergeometric', sampleSize: n, acceptableDeviations: 0 });
  });

  it('30,000 rows at 5/5/0 give 59 with none acceptable, by the hypergeometric, with the binomial beside it', () => {
    expect(planned(0.05, 0.05, 0, 30_000)).toEqual({
      kind: 'planned',
      method: 'hypergeometric',
      sampleSize: 59,
      acceptableDeviations: 0,
      achievedRisk: 0.048349,
      risk: 0.05,
      tolerable: 0.05,
      expected: 0,
      populationSize: 30_000,
      deviatingItems: 1_500,
      check: { method: 'binomial', sampleSize: 59, acceptableDeviations: 0 },
    });
  });

  it.each([
    [25, 0, 0.113],
    [60, 0, 0.049],
    [60, 1, 0.077],
  ])('the upper limit of %d with %d deviations is %d at 95 %%', (sampleSize, deviations, limit) => {
    expect(upperLimit({ sampleSize, deviations, confidence: 0.95 })).toBeCloseTo(limit, 3);
  });
});

const hasVectors = existsSync(vectorsPath);

describe('the plan agrees with ../shared/data/sampling-vectors.json', () => {
  const vectors = hasVectors
    ? vectorsSchema.parse(JSON.parse(readFileSync(vectorsPath, 'utf8')))
    : { planning: [], upperLimits: [], hypergeometricZeroDeviation: [] };

  beforeEach((context) => context.skip(!hasVectors, `${vectorsPath} is not there`));

  it('in all planning sizes', () => {
    expect(vectors.planning.length).toBeGreaterThanOrEqual(250);
    const found = vectors.planning.map(({ risk, tolerable, expected }) => ({
      risk,
      tolerable,
      expected,
      binomial: sizeOf({ risk, tolerable, expected, populationSize: null }),
    }));
    expect(found).toEqual(vectors.planning);
  });

  it('in all upper limits, to six decimals', () => {
    expect(vectors.upperLimits.length).toBeGreaterThanOrEqual(98);
    const limit = (sampleSize: number, deviations: number, confidence: number): number =>
      Number(upperLimit({ sampleSize, deviations, confidence }).toFixed(6));
    const found = vectors.upperLimits.map(({ n, k }) => ({ n, k, u95: limit(n, k, 0.95), u90: limit(n, k, 0.9) }));
    expect(found).toEqual(vectors.upperLimits);
  });

  it('in all hypergeometric sizes', () => {
    expect(vectors.hypergeometricZeroDeviation.length).toBeGreaterThanOrEqual(10);
    for (const { N, D, risk, n } of vectors.hypergeometricZeroDeviation) {
      const plan = planned(risk, 0.05, 0, N);
      expect({ N, D: plan.deviatingItems, n: plan.sampleSize }).toEqual({ N, D, n });
    }
  });
});

describe('the plan is the smallest that serves', () => {
  it('by exact counting, for any small population', () => {
    const input = fc.record({
      N: fc.integer({ min: 1, max: 120 }),
      risk: fc.integer({ min: 1, max: 60 }),
      tolerable: fc.integer({ min: 1, max: 60 }),
      expected: fc.integer({ min: 0, max: 20 }),
    });
    const ceilPercent = (count: number, percent: number): number => Math.ceil((count * percent) / 100);
    fc.assert(
      fc.property(input, ({ N, risk, tolerable, expected }) => {
        fc.pre(expected < tolerable);
        const D = ceilPercent(N, tolerable);
        let smallest: { n: number; k: number } | null = null;
        for (let n = 1; n <= N && smallest === null; n += 1) {
          const k = ceilPercent(n, expected);
          if (meetsExactly({ N, D, n, k }, risk)) smallest = { n, k };
        }
        const given = { risk: risk / 100, tolerable: tolerable / 100, expected: expected / 100, populationSize: N };
        expect(sizeOf(given)).toEqual(smallest);
      }),
      { seed: 20261120, numRuns: 150 },
    );
  });

  it('and nears the binomial as the population grows to ten million', () => {
    const plan = planned(0.05, 0.04, 0.01, 10_000_000);
    expect(plan.check).toEqual({ method: 'binomial', sampleSize: 156, acceptableDeviations: 2 });
    expect(plan.sampleSize).toBe(156);
  });

  it('and an achieved risk that equals the risk is enough: one of 20 left untested is 5 %', () => {
    expect(planned(0.05, 0.05, 0, 20)).toMatchObject({ sampleSize: 19, achievedRisk: 0.05 });
  });

  it.each([
    [100, 0.07, 7],
    [20, 0.05, 1],
    [1_000, 1.1 / 100, 11],
    [1_000, 0.7 / 100, 7],
    [1_000, 0.0111, 12],
    [10_000_000, 0.000_000_1, 1],
    [4_294_967_295, 0.2, 858_993_459],
    [59, 0, 0],
  ])('⌈%d × %d⌉ is %d', (count, rate, result) => {
    expect(ceilOfRate(count, rate)).toBe(result);
  });

  it('and percent divided by 100 is recorded as the fraction that was meant', () => {
    expect(planned(5 / 100, 7 / 100, 1.1 / 100, 30_000)).toMatchObject({ tolerable: 0.07, expected: 0.011 });
  });
});

describe('a plan that cannot be says why', () => {
  it.each([
    ['expected-not-below-tolerable', { risk: 0.05, tolerable: 0.05, expected: 0.05, populationSize: 30_000 }],
    ['expected-not-below-tolerable', { risk: 0.05, tolerable: 0.05, expected: 0.06, populationSize: null }],
    ['no-size-serves', { risk: 0.05, tolerable: 0.02, expected: 0.015, populationSize: null }],
    ['no-size-serves', { risk: 0.05, tolerable: 0.02, expected: 0.0175, populationSize: 10_000_000 }],
    ['population-too-small', { risk: 0.05, tolerable: 0.05, expected: 0.01, populationSize: 10 }],
    ['bad-input', { risk: 0, tolerable: 0.05, expected: 0, populationSize: 30_000 }],
    ['bad-input', { risk: 0.05, tolerable: 5, expected: 0, populationSize: 30_000 }],
    ['bad-input', { risk: 0.05, tolerable: Number.NaN, expected: 0, populationSize: 30_000 }],
    ['bad-input', { risk: 0.05, tolerable: 1e-13, expected: 0, populationSize: 30_000 }],
    ['bad-input', { risk: 0.05, tolerable: 0.05, expected: -0.01, populationSize: 30_000 }],
    ['bad-input', { risk: 0.05, tolerable: 0.05, expected: 0, populationSize: 0 }],
    ['bad-input', { risk: 0.05, tolerable: 0.05, expected: 0, populationSize: 12.5 }],
  ])('%s: %o', (reason, input) => {
    const plan = planSample(input);
    expect(plan).toMatchObject({ kind: 'impossible', reason });
    expect(plan).toHaveProperty('message', expect.stringMatching(/^[A-Z].*\.$/u));
  });

  it('and the whole of a small population may serve where a part does not', () => {
    expect(planned(0.05, 0.05, 0, 10)).toMatchObject({ sampleSize: 10, deviatingItems: 1, achievedRisk: 0 });
  });

  it('and the binomial beside it is null where no size up to 2,000 serves', () => {
    const plan = planned(0.05, 0.02, 0.015, 1_000);
    expect(plan.check).toBeNull();
    expect(plan.sampleSize).toBeLessThanOrEqual(1_000);
  });
});

describe('schemas', () => {
  it('take a plan back as it was recorded', () => {
    const plan = planned(0.05, 0.05, 0.01, 30_000);
    expect(samplePlanSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  });

  it('name what is wrong once', () => {
    const issues = planInputSchema.safeParse({ risk: 2, tolerable: 'x', expected: 0, populationSize: null }).error
      ?.issues;
    expect(issues?.find(({ path }) => path[0] === 'tolerable')?.message).toBe(
      'The tolerable rate must be more than 0 % and less than 100 %.',
    );
    expect(issues?.[0]?.message).toBe('The risk must be more than 0 % and less than 100 %.');
  });
});

describe('allowances draw the curve', () => {
  it('from the plan’s own size upwards', () => {
    expect(allowances(planned(0.05, 0.05, 0, null), 4)).toEqual([
      { deviations: 0, sampleSize: 59 },
      { deviations: 1, sampleSize: 93 },
      { deviations: 2, sampleSize: 124 },
      { deviations: 3, sampleSize: 153 },
      { deviations: 4, sampleSize: 181 },
    ]);
  });

  it('with null where the population is too small', () => {
    expect(allowances(planned(0.05, 0.05, 0, 50), 3)).toEqual([
      { deviations: 0, sampleSize: 31 },
      { deviations: 1, sampleSize: 43 },
      { deviations: 2, sampleSize: 50 },
      { deviations: 3, sampleSize: null },
    ]);
  });

  it('and a size on the curve accepts just its own deviations', () => {
    const plan = planned(0.05, 0.05, 0, 30_000);
    for (const { deviations, sampleSize } of allowances(plan, 12)) {
      if (sampleSize === null) throw new Error('the curve ends too early');
      expect(acceptableAtSize(plan, sampleSize)).toBe(deviations);
      expect(acceptableAtSize(plan, sampleSize + 1)).toBe(deviations);
      if (sampleSize > plan.sampleSize) expect(acceptableAtSize(plan, sampleSize - 1)).toBe(deviations - 1);
    }
  });

  it('and the whole population accepts one less than the tolerable number', () => {
    expect(acceptableAtSize(planned(0.05, 0.05, 0, 3_000), 3_000)).toBe(149);
  });

  it('and a size below the plan or above the population is refused', () => {
    const plan = planned(0.05, 0.05, 0, 30_000);
    expect(() => acceptableAtSize(plan, 58)).toThrow('at least 59');
    expect(() => acceptableAtSize(plan, 30_001)).toThrow('larger than its population of 30000');
  });
});

describe('the upper limit', () => {
  it('solves its own equation where it can be written down: no deviations', () => {
    for (const n of [1, 10, 59, 2_000, 1_000_000]) {
      const limit = upperLimit({ sampleSize: n, deviations: 0, confidence: 0.95 });
      expect(limit / (1 - 0.05 ** (1 / n))).toBeCloseTo(1, 9);
    }
  });

  it('lies above what was found, rises with deviations and is 100 % when all deviate', () => {
    const sample = fc
      .integer({ min: 1, max: 3_000 })
      .chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n })));
    const confidences = fc.constantFrom(0.5, 0.8, 0.9, 0.95, 0.999);
    fc.assert(
      fc.property(sample, confidences, ([sampleSize, deviations], confidence) => {
        const limit = upperLimit({ sampleSize, deviations, confidence });
        expect(limit).toBeGreaterThanOrEqual(deviations / sampleSize);
        if (deviations === sampleSize) expect(limit).toBe(1);
        else expect(upperLimit({ sampleSize, deviations: deviations + 1, confidence })).toBeGreaterThan(limit);
      }),
      { seed: 20261120 },
    );
  });

  it.each([
    [0, 0, 0.95],
    [10, 11, 0.95],
    [10, -1, 0.95],
    [10, 1, 1],
    [10, 1, 0.4],
    [10.5, 1, 0.95],
  ])('refuses figures no sample can have: %d with %d at %d', (sampleSize, deviations, confidence) => {
    expect(() => upperLimit({ sampleSize, deviations, confidence })).toThrow(RangeError);
  });
});
