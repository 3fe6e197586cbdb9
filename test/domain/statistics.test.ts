// What testing came to: counts against a naive recomputation, limits against published figures and the plan's own acceptance.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { TestResult } from '../../domain/audit-record.ts';
import { acceptableAtSize, planSample } from '../../domain/sampling/plan.ts';
import { statisticsOf } from '../../domain/statistics.ts';
import type { Figures, PlannedConclusion, StatisticsFacts } from '../../domain/statistics.ts';

const whole: PlannedConclusion = {
  lob: null,
  populationSize: 30_000,
  method: 'hypergeometric',
  risk: 0.05,
  tolerable: 0.05,
};

const sample = (itemKey: string, lob = 'Cards', random = true) => ({ itemKey, lob, random });
const outcome = (itemKey: string, result: TestResult, attribute = 'AMOUNT') => ({ itemKey, attribute, result });

/** One attribute, one LOB: n random samples of which the first `deviating` failed. */
function figures(n: number, deviating: number, plan: PlannedConclusion, untested = 0): Figures {
  const keys = Array.from({ length: n + untested }, (_, index) => String(index));
  const [found] = statisticsOf({
    attributes: ['AMOUNT'],
    lobs: ['Cards'],
    samples: keys.map((key) => sample(key)),
    outcomes: keys.slice(0, n).map((key, index) => outcome(key, index < deviating ? 'fail' : 'pass')),
    plans: [plan],
  });
  if (!found) throw new Error('no statistics');
  return found.whole;
}

const results: TestResult[] = ['pass', 'pass', 'pass', 'fail', 'not-testable'];
const lobs = ['Cards', 'Trust', 'Loans'];
const anyFacts = fc
  .array(
    fc.record({
      lob: fc.constantFrom(...lobs),
      random: fc.boolean(),
      amount: fc.option(fc.constantFrom(...results)),
      rate: fc.option(fc.constantFrom(...results)),
    }),
    { maxLength: 60 },
  )
  .map((rows): StatisticsFacts => ({
    attributes: ['AMOUNT', 'RATE'],
    lobs,
    samples: rows.map(({ lob, random }, index) => sample(`row ${index}`, lob, random)),
    outcomes: rows.flatMap(({ amount, rate }, index) => [
      ...(amount ? [outcome(`row ${index}`, amount)] : []),
      ...(rate ? [outcome(`row ${index}`, rate, 'RATE')] : []),
      outcome(`row ${index}`, 'fail', 'OUT OF SCOPE'),
      outcome(`no sample ${index}`, 'fail'),
    ]),
    plans: [whole],
  }));

/** The counts as somebody with a pencil makes them. */
function recount(facts: StatisticsFacts, attribute: string, lob: string | null) {
  const counts = { tested: 0, deviations: 0, notTestable: 0, untested: 0, targetedTested: 0, targetedDeviations: 0 };
  for (const row of facts.samples) {
    if (lob !== null && row.lob !== lob) continue;
    const found = facts.outcomes.find((entry) => entry.itemKey === row.itemKey && entry.attribute === attribute);
    if (!row.random) {
      if (found) counts.targetedTested += 1;
      if (found && found.result !== 'pass') counts.targetedDeviations += 1;
    } else if (!found) counts.untested += 1;
    else {
      counts.tested += 1;
      if (found.result === 'fail') counts.deviations += 1;
      if (found.result === 'not-testable') {
        counts.deviations += 1;
        counts.notTestable += 1;
      }
    }
  }
  return counts;
}

describe('the counts of an attribute', () => {
  it('are those of a naive recount, over the whole and per line of business', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const statistics = statisticsOf(facts);
        expect(statistics.map(({ attribute }) => attribute)).toEqual(['AMOUNT', 'RATE']);
        for (const found of statistics) {
          expect(found.whole).toMatchObject(recount(facts, found.attribute, null));
          expect(found.lobs.map(({ lob }) => lob)).toEqual(lobs);
          for (const row of found.lobs) expect(row).toMatchObject(recount(facts, found.attribute, row.lob));
        }
      }),
      { seed: 20261120 },
    );
  });

  it('add up over the lines of business', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        for (const { whole: all, lobs: parts } of statisticsOf(facts)) {
          for (const name of ['tested', 'deviations', 'notTestable', 'untested', 'targetedDeviations'] as const) {
            expect(parts.reduce((sum, part) => sum + part[name], 0)).toBe(all[name]);
          }
        }
      }),
      { seed: 20261120 },
    );
  });

  it('never move by what targeted samples show', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const targeted = new Set(facts.samples.filter(({ random }) => !random).map(({ itemKey }) => itemKey));
        const outcomes = facts.outcomes.map((entry) =>
          targeted.has(entry.itemKey) ? { ...entry, result: 'fail' as const } : entry,
        );
        const limits = (of: StatisticsFacts) => statisticsOf(of).map(({ whole: all }) => [all.rate, all.limit]);
        expect(limits({ ...facts, outcomes })).toEqual(limits(facts));
      }),
      { seed: 20261120 },
    );
  });

  it('of an attribute that nobody tested have no rate and no limit', () => {
    expect(figures(0, 0, whole, 59)).toMatchObject({ tested: 0, untested: 59, rate: null, limit: null });
  });
});

describe('the limit', () => {
  it.each([
    [25, 0, '11.3'],
    [60, 0, '4.9'],
    [60, 1, '7.7'],
  ])('of %d tested with %d deviations is %s %% at 95 %%, by either method', (n, k, percent) => {
    for (const method of ['hypergeometric', 'binomial'] as const) {
      const { limit } = figures(n, k, { ...whole, populationSize: 1_000_000, method });
      expect(((limit?.upperLimit ?? 0) * 100).toFixed(1)).toBe(percent);
      expect(limit?.method).toBe(method);
    }
  });

  it('says whether the plan’s conclusion holds', () => {
    expect(figures(59, 0, whole)).toMatchObject({
      ...{ tested: 59, deviations: 0, rate: 0 },
      limit: { deviatingItems: 1_483, upperLimit: 0.049433, sampleSize: 59, deviations: 0, supported: true },
    });
    expect(figures(59, 1, whole)).toMatchObject({ rate: 0.016949, limit: { deviations: 1, supported: false } });
    expect(figures(59, 0, { ...whole, method: 'binomial' })).toMatchObject({
      limit: { method: 'binomial', deviatingItems: null, upperLimit: 0.049508, supported: true },
    });
  });

  it('supports the conclusion exactly when the plan accepts the deviations', () => {
    const anyPlan = fc.record({
      risk: fc.constantFrom(0.05, 0.1),
      tolerable: fc.constantFrom(0.02, 0.05, 0.1),
      populationSize: fc.integer({ min: 60, max: 100_000 }),
    });
    fc.assert(
      fc.property(anyPlan, fc.nat(40), fc.nat(6), (input, more, deviations) => {
        const plan = planSample({ ...input, expected: 0 });
        if (plan.kind !== 'planned') return;
        const n = Math.min(plan.sampleSize + more, input.populationSize);
        const { limit } = figures(n, deviations, { ...input, lob: null, method: 'hypergeometric' });
        expect(limit?.supported).toBe(deviations <= acceptableAtSize(plan, n));
      }),
      { seed: 20261120 },
    );
  });

  it('does not call a limit that equals the tolerable rate supported', () => {
    // Of 20 rows, 18 tested and sound: one deviating row, 5 %, is not ruled out.
    const { limit } = figures(18, 0, { ...whole, populationSize: 20 });
    expect(limit).toMatchObject({ deviatingItems: 1, upperLimit: 0.05, tolerable: 0.05, supported: false });
  });

  it('counts a random sample that was not tested as a deviation', () => {
    const { limit, deviations, rate } = figures(58, 0, whole, 1);
    expect({ deviations, rate }).toEqual({ deviations: 0, rate: 0 });
    expect(limit).toEqual(figures(59, 1, whole).limit);
  });

  it('is none at a risk of a half: that is no confidence', () => {
    expect(figures(59, 0, { ...whole, risk: 0.5 }).limit).toBeNull();
  });

  it('with a plan over the whole belongs to the whole, and lines of business are descriptive', () => {
    const samples = [sample('1'), sample('2', 'Trust')];
    const [found] = statisticsOf({
      ...{ attributes: ['AMOUNT'], lobs: ['Cards', 'Trust'], samples, plans: [whole] },
      outcomes: [outcome('1', 'pass'), outcome('2', 'fail')],
    });
    expect(found?.whole.limit).toMatchObject({ sampleSize: 2, deviations: 1, populationSize: 30_000 });
    expect(found?.lobs).toMatchObject([
      { lob: 'Cards', tested: 1, deviations: 0, rate: 0, limit: null },
      { lob: 'Trust', tested: 1, deviations: 1, rate: 1, limit: null },
    ]);
  });

  it('with a plan for each line of business belongs to that line, and there is no pooled one', () => {
    const samples = [sample('1'), sample('2', 'Trust'), sample('3', 'Loans')];
    const [found] = statisticsOf({
      attributes: ['AMOUNT'],
      lobs: ['Cards', 'Trust', 'Loans'],
      samples,
      outcomes: [outcome('1', 'pass'), outcome('2', 'fail'), outcome('3', 'pass')],
      plans: [
        { ...whole, lob: 'Cards', populationSize: 100 },
        { ...whole, lob: 'Trust', populationSize: 10, tolerable: 0.2 },
      ],
    });
    expect(found?.whole).toMatchObject({ tested: 3, deviations: 1, limit: null });
    expect(found?.lobs).toMatchObject([
      { lob: 'Cards', limit: { populationSize: 100, sampleSize: 1, deviations: 0 } },
      { lob: 'Trust', limit: { populationSize: 10, sampleSize: 1, deviations: 1, tolerable: 0.2, upperLimit: 1 } },
      { lob: 'Loans', limit: null },
    ]);
  });

  describe('agrees with the computed vectors', () => {
    const path = fileURLToPath(new URL('../../../shared/data/sampling-vectors.json', import.meta.url));
    const vectors = z.object({
      upperLimits: z.array(z.object({ n: z.number(), k: z.number(), u95: z.number(), u90: z.number() })),
    });
    beforeEach((ctx) => {
      if (!existsSync(path)) ctx.skip('shared/data/sampling-vectors.json is not on this machine');
    });

    it('by the binomial exactly, and by the hypergeometric of a huge population as closely as rows allow', () => {
      const { upperLimits } = vectors.parse(JSON.parse(readFileSync(path, 'utf8')));
      expect(upperLimits.length).toBeGreaterThan(50);
      for (const { n, k, u95, u90 } of upperLimits) {
        for (const [risk, expected] of [
          [0.05, u95],
          [0.1, u90],
        ] as const) {
          const at = (method: PlannedConclusion['method']) =>
            figures(n, k, { ...whole, risk, method, populationSize: 1_000_000_000 }).limit?.upperLimit;
          expect(at('binomial')).toBeCloseTo(expected, 6);
          expect(at('hypergeometric')).toBeCloseTo(expected, 5);
        }
      }
    });
  });
});
