// The probabilities themselves, against values that can be written down and against each other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialTailByRate, deviationTail } from '../../../domain/sampling/deviation-tail.ts';

describe('the probability of at most k deviations', () => {
  it.each([
    [20, 1, 19, 0, 1 / 20],
    [10, 5, 5, 0, 1 / 252],
    [10, 5, 5, 1, 26 / 252],
    [10, 5, 6, 0, 0],
    [10, 5, 10, 4, 0],
    [10, 5, 10, 5, 1],
    [10, 2, 5, 2, 1],
    [10, 2, 5, 4, 1],
  ])('of %d items with %d deviating, %d drawn, at most %d: %d', (populationSize, deviatingItems, n, k, expected) => {
    const tail = deviationTail({ kind: 'hypergeometric', populationSize, deviatingItems }, populationSize);
    expect(tail(n, k)).toBeCloseTo(expected, 12);
  });

  it.each([
    [0.5, 2, 0, 0.25],
    [0.5, 3, 1, 0.5],
    [0.1, 3, 3, 1],
    [0.25, 4, 2, 243 / 256],
  ])('at rate %d, %d drawn, at most %d … %d', (rate, n, k, expected) => {
    expect(deviationTail({ kind: 'binomial', rate }, 10)(n, k)).toBeCloseTo(expected, 12);
  });

  it('meets the binomial where the population is so large that replacement hardly matters', () => {
    const populationSize = 4_000_000_000;
    const without = deviationTail({ kind: 'hypergeometric', populationSize, deviatingItems: 200_000_000 }, 2_000);
    const withReplacement = deviationTail({ kind: 'binomial', rate: 0.05 }, 2_000);
    for (const [n, k] of [
      [59, 0],
      [500, 15],
      [2_000, 80],
    ] as const) {
      expect(without(n, k) / withReplacement(n, k)).toBeCloseTo(1, 5);
    }
  });

  it('is the same whether sizes or rates are asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
        const k = Math.floor(n * share * 0.5);
        const rate = Math.min(0.99, (k + 1) / (n + 1) + 0.01);
        const bySize = deviationTail({ kind: 'binomial', rate }, n)(n, k);
        expect(binomialTailByRate(n, k)(rate)).toBeCloseTo(bySize, 10);
      }),
      { seed: 20261120 },
    );
  });
});
