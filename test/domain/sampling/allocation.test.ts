// The spread over strata: sums, floors, quotas and refusals.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stratum } from '../../../domain/sampling/allocation.ts';
import { allocate } from '../../../domain/sampling/allocation.ts';

function sizes(sampleSize: number, counts: Record<string, number>): Record<string, number> {
  const strata = Object.entries(counts).map(([name, count]) => ({ name, count }));
  const result = allocate({ sampleSize, strata });
  if (result.kind === 'refused') throw new Error(result.message);
  return Object.fromEntries(result.shares.map((share) => [share.name, share.sampleSize]));
}

const anyStrata = fc
  .array(fc.oneof(fc.nat(20), fc.nat(100_000), fc.nat(4_000_000_000)), { minLength: 1, maxLength: 12 })
  .map((counts): Stratum[] => counts.map((count, i) => ({ name: `LOB ${i}`, count })));

const anyCase = anyStrata
  .filter((strata) => strata.some(({ count }) => count > 0))
  .chain((strata) => {
    const filled = strata.filter(({ count }) => count > 0).length;
    const total = strata.reduce((sum, { count }) => sum + count, 0);
    return fc.record({
      strata: fc.constant(strata),
      sampleSize: fc.integer({ min: filled, max: Math.min(total, 2_000) }),
    });
  });

function shares(sampleSize: number, strata: readonly Stratum[]) {
  const result = allocate({ sampleSize, strata });
  if (result.kind === 'refused') throw new Error(result.message);
  return result.shares;
}

describe('a sample is spread in proportion', () => {
  it.each([
    [10, { A: 500, B: 300, C: 200 }, { A: 5, B: 3, C: 2 }],
    [59, { Retail: 14_030, Cards: 15_847, Trust: 123 }, { Retail: 27, Cards: 31, Trust: 1 }],
    [3, { A: 98, B: 1, C: 1 }, { A: 1, B: 1, C: 1 }],
    [10, { A: 9_996, B: 2, C: 2, D: 0 }, { A: 8, B: 1, C: 1, D: 0 }],
    [6, { A: 1, B: 2, C: 3 }, { A: 1, B: 2, C: 3 }],
    [1, { only: 30_000 }, { only: 1 }],
  ])('%d over %o gives %o', (sampleSize, counts, expected) => {
    expect(sizes(sampleSize, counts)).toEqual(expected);
  });

  it('and equal remainders go to the larger stratum, then to the first name', () => {
    expect(sizes(3, { b: 100, a: 100 })).toEqual({ a: 2, b: 1 });
    expect(sizes(4, { small: 30, large: 50 })).toEqual({ large: 3, small: 1 });
    expect(sizes(5, { '\u{1F600}': 10, '\uFF5E': 10 })).toEqual({ '\uFF5E': 3, '\u{1F600}': 2 });
  });

  it('and the weights are the shares of the rows', () => {
    expect(
      shares(8, [
        { name: 'A', count: 30 },
        { name: 'B', count: 10 },
      ]),
    ).toEqual([
      { name: 'A', count: 30, weight: 0.75, sampleSize: 6 },
      { name: 'B', count: 10, weight: 0.25, sampleSize: 2 },
    ]);
  });
});

describe('every spread', () => {
  it('sums to the sample, gives each stratum with rows at least one and never more than its rows', () => {
    fc.assert(
      fc.property(anyCase, ({ strata, sampleSize }) => {
        const found = shares(sampleSize, strata);
        expect(found.reduce((sum, share) => sum + share.sampleSize, 0)).toBe(sampleSize);
        for (const share of found) {
          expect(share.sampleSize).toBeLessThanOrEqual(share.count);
          expect(share.sampleSize >= 1).toBe(share.count > 0);
        }
      }),
      { seed: 20261120, numRuns: 500 },
    );
  });

  it('keeps the quota: rounded down or up, where no stratum had to be lifted to one', () => {
    fc.assert(
      fc.property(anyCase, ({ strata, sampleSize }) => {
        const total = strata.reduce((sum, { count }) => sum + BigInt(count), 0n);
        const size = BigInt(sampleSize);
        fc.pre(strata.every(({ count }) => count === 0 || BigInt(count) * size >= total));
        for (const share of shares(sampleSize, strata)) {
          const floor = Number((BigInt(share.count) * size) / total);
          expect([floor, floor + 1]).toContain(share.sampleSize);
        }
      }),
      { seed: 20261120 },
    );
  });

  it('gives a larger stratum never less than a smaller one', () => {
    fc.assert(
      fc.property(anyCase, ({ strata, sampleSize }) => {
        const bySize = shares(sampleSize, strata).toSorted((a, b) => a.count - b.count || a.sampleSize - b.sampleSize);
        const found = bySize.map((share) => share.sampleSize);
        expect(found).toEqual(found.toSorted((a, b) => a - b));
      }),
      { seed: 20261120 },
    );
  });

  it('does not depend on the order of the strata', () => {
    fc.assert(
      fc.property(anyCase, ({ strata, sampleSize }) => {
        const backwards = shares(sampleSize, strata.toReversed());
        expect(backwards.toReversed()).toEqual(shares(sampleSize, strata));
      }),
      { seed: 20261120 },
    );
  });
});

describe('a spread that cannot be is refused with a sentence', () => {
  const two = [
    { name: 'A', count: 10 },
    { name: 'B', count: 20 },
  ];
  it.each([
    ['fewer-than-strata', 'A sample of 1 cannot give each of the 2 strata at least one item.', 1, two],
    ['exceeds-population', 'A sample of 31 is larger than its population of 30.', 31, two],
    ['no-rows', 'No stratum has a row.', 5, [{ name: 'A', count: 0 }]],
    ['no-rows', 'No stratum has a row.', 5, []],
    ['duplicate-stratum', 'The stratum "A" is named twice.', 5, [...two, { name: 'A', count: 1 }]],
    ['bad-count', 'Sample size and row counts must be whole numbers from 0.', 5, [{ name: 'A', count: -1 }]],
    ['bad-count', 'Sample size and row counts must be whole numbers from 0.', 1.5, two],
  ])('%s: %s', (reason, message, sampleSize, strata) => {
    expect(allocate({ sampleSize, strata })).toEqual({ kind: 'refused', reason, message });
  });
});
