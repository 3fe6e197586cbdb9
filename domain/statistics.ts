// Owns what testing came to: per attribute over the whole and per line of business, with upper limits from random samples only.
// Pure; knows no storage and no words of a report. All rates are fractions: 5 % is 0.05.
import { isDeviation } from './audit-record.ts';
import type { TestResult } from './audit-record.ts';
import { ceilOfRate, mostDeviatingItems, upperLimit } from './sampling/plan.ts';

/** An approved sample. Only random ones support a limit; targeted ones are counted apart. */
export interface TestedSample {
  itemKey: string;
  lob: string;
  random: boolean;
}

/** The latest response of a test action. */
export interface TestOutcome {
  itemKey: string;
  attribute: string;
  result: TestResult;
}

/** What of a plan decides the limits. `lob` null: planned over the whole, and so is its conclusion. */
export interface PlannedConclusion {
  lob: string | null;
  populationSize: number;
  method: 'hypergeometric' | 'binomial';
  risk: number;
  tolerable: number;
}

export interface StatisticsFacts {
  /** In scope. */
  attributes: readonly string[];
  lobs: readonly string[];
  samples: readonly TestedSample[];
  outcomes: readonly TestOutcome[];
  /** One over the whole, or one for each planned line of business; empty when nothing was planned. */
  plans: readonly PlannedConclusion[];
}

/** Counts of one attribute. A failure and what is not testable are deviations (AS 2315.40). */
export interface Counts {
  /** Random samples that were tested. */
  tested: number;
  deviations: number;
  /** Among the deviations. */
  notTestable: number;
  /** Random samples that were not tested, because their line of business was skipped or cancelled. */
  untested: number;
  /** Deviations per tested random sample, six digits; null when none was tested. */
  rate: number | null;
  targetedTested: number;
  targetedDeviations: number;
}

/**
 * The one-sided upper limit of the rate of deviations, and what it says of the plan. Untested samples count as deviations in it: what
 * could not be examined cannot support a conclusion.
 */
export interface Limit {
  method: PlannedConclusion['method'];
  populationSize: number;
  /** Random samples and deviations that went into it, untested ones included in both. */
  sampleSize: number;
  deviations: number;
  /** The most deviating rows that are not ruled out; null for the binomial, which knows no rows. */
  deviatingItems: number | null;
  /** Six digits. */
  upperLimit: number;
  risk: number;
  tolerable: number;
  /** The plan's conclusion holds: a rate as high as the tolerable one is ruled out at the plan's risk. */
  supported: boolean;
}

/** `limit` is null where no plan speaks of these samples (or at a risk of a half and more), or nothing was tested. */
export type Figures = Counts & { limit: Limit | null };

export interface AttributeStatistics {
  attribute: string;
  whole: Figures;
  lobs: (Figures & { lob: string })[];
}

/**
 * The statistics of every attribute in scope, in the order given. With a plan over the whole the figures of a line of business are
 * descriptive; with a plan for each, the pooled figures are. Outcomes of rows that are no approved samples are left out.
 */
export function statisticsOf({ attributes, lobs, samples, outcomes, plans }: StatisticsFacts): AttributeStatistics[] {
  const byAttribute = Map.groupBy(outcomes, (outcome) => outcome.attribute);
  const byLob = Map.groupBy(samples, (sample) => sample.lob);
  const planOf = (lob: string | null) => plans.find((plan) => plan.lob === lob);
  return attributes.map((attribute) => {
    const results = new Map(byAttribute.get(attribute)?.map(({ itemKey, result }) => [itemKey, result]));
    return {
      attribute,
      whole: figuresOf(samples, results, planOf(null)),
      lobs: lobs.map((lob) => ({ lob, ...figuresOf(byLob.get(lob) ?? [], results, planOf(lob)) })),
    };
  });
}

function figuresOf(
  samples: readonly TestedSample[],
  results: ReadonlyMap<string, TestResult>,
  plan: PlannedConclusion | undefined,
): Figures {
  const found = (random: boolean): TestResult[] =>
    samples.flatMap((sample) => (sample.random === random ? (results.get(sample.itemKey) ?? []) : []));
  const drawn = found(true);
  const targeted = found(false);
  const tested = drawn.length;
  const deviations = drawn.filter(isDeviation).length;
  const counts: Counts = {
    tested,
    deviations,
    notTestable: drawn.filter((result) => result === 'not-testable').length,
    untested: samples.filter(({ random }) => random).length - tested,
    rate: tested === 0 ? null : sixDigits(deviations / tested),
    targetedTested: targeted.length,
    targetedDeviations: targeted.filter(isDeviation).length,
  };
  return { ...counts, limit: plan && tested > 0 ? limitOf(plan, counts) : null };
}

function limitOf(plan: PlannedConclusion, counts: Counts): Limit | null {
  const { method, populationSize, risk, tolerable } = plan;
  // Beyond even chances nothing is confident; such a plan can be recorded, but no limit stands on it.
  if (risk >= 0.5) return null;
  const sampleSize = counts.tested + counts.untested;
  const deviations = counts.deviations + counts.untested;
  const given = { method, populationSize, sampleSize, deviations, risk, tolerable };
  if (method === 'binomial') {
    const limit = upperLimit({ sampleSize, deviations, confidence: 1 - risk });
    return { ...given, deviatingItems: null, upperLimit: sixDigits(limit), supported: limit <= tolerable };
  }
  const deviatingItems = mostDeviatingItems({ populationSize, sampleSize, deviations, risk });
  return {
    ...given,
    deviatingItems,
    upperLimit: sixDigits(deviatingItems / populationSize),
    // A plan tolerates fewer than ⌈N × tolerable⌉ rows: a limit of exactly the tolerable rate is not below it.
    supported: deviatingItems < ceilOfRate(populationSize, tolerable),
  };
}

/** What is recorded and hashed must not hang on the last digits of an engine's logarithm. */
function sixDigits(rate: number): number {
  return Number(rate.toFixed(6));
}
