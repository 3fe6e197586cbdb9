// Owns the size of an attribute sample: plan, allowances for the curve, upper limit of what was found.
// Knows nothing of who asks, of the draw, or of the rows. All rates are fractions: 5 % is 0.05.
import { z } from 'zod';
import type { DeviationModel } from './deviation-tail.ts';
import { binomialTailByRate, deviationTail } from './deviation-tail.ts';

/** No plan is searched beyond this many items. */
export const MAX_SAMPLE_SIZE = 2_000;

/** The largest population a plan or a draw takes: what 32-bit words of the generator can address. */
export const MAX_POPULATION_SIZE = 4_294_967_295;

// Rates count in trillionths, so that 1.1 / 100 is 11 ‰ and not a hair above it when it is rounded up.
const TICKS = 1_000_000_000_000;
const TICKS_EXACT = 1_000_000_000_000n;
// A probability this close to the risk (relatively) equals it: one of 20 left untested is exactly 5 %.
const EQUAL_WITHIN = 1e-9;

const ticksOf = (rate: number): number => Math.round(rate * TICKS);
const isProperRate = (rate: number): boolean => ticksOf(rate) > 0 && ticksOf(rate) < TICKS;

/** ⌈count × rate⌉ without floating point, so 0.07 × 100 is 7. */
export function ceilOfRate(count: number, rate: number): number {
  return Number((BigInt(count) * BigInt(ticksOf(rate)) + TICKS_EXACT - 1n) / TICKS_EXACT);
}

function properRate(name: string) {
  const message = `The ${name} must be more than 0 % and less than 100 %.`;
  return z.number(message).gt(0, message).lt(1, message).refine(isProperRate, message);
}

const EXPECTED_MESSAGE = 'The expected rate must be at least 0 % and less than 100 %.';
const POPULATION_MESSAGE = 'The population must have between 1 and 4,294,967,295 rows.';

/** The size of a population that has rows. */
export const populationSizeSchema = z
  .int(POPULATION_MESSAGE)
  .min(1, POPULATION_MESSAGE)
  .max(MAX_POPULATION_SIZE, POPULATION_MESSAGE);

/** What a plan is made from. Rates are fractions; `populationSize` is null when nobody knows it. */
export const planInputSchema = z.strictObject({
  /** Risk of accepting a population that deviates at the tolerable rate. */
  risk: properRate('risk'),
  tolerable: properRate('tolerable rate'),
  expected: z.number(EXPECTED_MESSAGE).min(0, EXPECTED_MESSAGE).lt(1, EXPECTED_MESSAGE),
  populationSize: populationSizeSchema.nullable(),
});
export type PlanInput = z.infer<typeof planInputSchema>;

/**
 * A plan that works, as it is recorded. The sample supports the conclusion when it shows at most `acceptableDeviations`.
 * `check` is the binomial plan beside a hypergeometric one; null when no size up to 2,000 serves there, or when the plan itself is
 * binomial. `achievedRisk` is the probability the size really leaves (six digits, for the eye). `deviatingItems` is D = ⌈N × tolerable⌉, null for binomial.
 */
export const samplePlanSchema = z.strictObject({
  kind: z.literal('planned'),
  method: z.enum(['hypergeometric', 'binomial']),
  sampleSize: z.int().min(1).max(MAX_SAMPLE_SIZE),
  acceptableDeviations: z.int().min(0).max(MAX_SAMPLE_SIZE),
  achievedRisk: z.number().min(0).max(1),
  risk: planInputSchema.shape.risk,
  tolerable: planInputSchema.shape.tolerable,
  expected: planInputSchema.shape.expected,
  populationSize: planInputSchema.shape.populationSize,
  deviatingItems: z.int().min(1).max(MAX_POPULATION_SIZE).nullable(),
  check: z
    .strictObject({
      method: z.literal('binomial'),
      sampleSize: z.int().min(1).max(MAX_SAMPLE_SIZE),
      acceptableDeviations: z.int().min(0).max(MAX_SAMPLE_SIZE),
    })
    .nullable(),
});
export type SamplePlan = z.infer<typeof samplePlanSchema>;

/** Why there is no plan. `message` is one sentence or two for the screen. */
export type ImpossiblePlan = {
  kind: 'impossible';
  reason: 'bad-input' | 'expected-not-below-tolerable' | 'population-too-small' | 'no-size-serves';
  message: string;
};

type Size = { sampleSize: number; acceptableDeviations: number; achievedRisk: number };

function meets(probability: number, risk: number): boolean {
  return probability <= risk * (1 + EQUAL_WITHIN);
}

function smallestSize(model: DeviationModel, maxSize: number, risk: number, expected: number): Size | null {
  const tail = deviationTail(model, maxSize);
  for (let sampleSize = 1; sampleSize <= maxSize; sampleSize += 1) {
    const acceptableDeviations = ceilOfRate(sampleSize, expected);
    const achievedRisk = tail(sampleSize, acceptableDeviations);
    if (meets(achievedRisk, risk)) {
      // Engines differ in the last digits of Math.log; what is recorded must not.
      return { sampleSize, acceptableDeviations, achievedRisk: Number(achievedRisk.toPrecision(6)) };
    }
  }
  return null;
}

function modelOf(tolerable: number, populationSize: number | null): DeviationModel {
  if (populationSize === null) return { kind: 'binomial', rate: tolerable };
  return { kind: 'hypergeometric', populationSize, deviatingItems: ceilOfRate(populationSize, tolerable) };
}

function maxSizeOf(populationSize: number | null): number {
  return Math.min(MAX_SAMPLE_SIZE, populationSize ?? MAX_SAMPLE_SIZE);
}

function impossible(reason: ImpossiblePlan['reason'], message: string): ImpossiblePlan {
  return { kind: 'impossible', reason, message };
}

function noSize(populationSize: number | null): ImpossiblePlan {
  if (populationSize !== null && populationSize <= MAX_SAMPLE_SIZE) {
    return impossible(
      'population-too-small',
      `Even all ${populationSize} rows cannot support this conclusion: the expected deviations already reach the tolerable number.`,
    );
  }
  return impossible(
    'no-size-serves',
    'No sample of up to 2,000 items serves. Lower the expected rate, or raise the tolerable rate or the risk.',
  );
}

/**
 * The smallest sample size n with P(X ≤ k | n, tolerable) ≤ risk, where k = ⌈n × expected⌉. Hypergeometric with D = ⌈N × tolerable⌉
 * when the population's size is known, with the binomial plan beside it; binomial alone when it is not. Never throws: input outside
 * its bounds is `impossible` with reason `bad-input`. Takes a few milliseconds at most, whatever the population's size.
 */
export function planSample(input: PlanInput): SamplePlan | ImpossiblePlan {
  const parsed = planInputSchema.safeParse(input);
  if (!parsed.success) return impossible('bad-input', parsed.error.issues[0]?.message ?? 'The plan cannot be read.');
  const { populationSize } = parsed.data;
  const risk = ticksOf(parsed.data.risk) / TICKS;
  const tolerable = ticksOf(parsed.data.tolerable) / TICKS;
  const expected = ticksOf(parsed.data.expected) / TICKS;
  if (expected >= tolerable) {
    return impossible('expected-not-below-tolerable', 'The expected rate must be lower than the tolerable rate.');
  }
  const model = modelOf(tolerable, populationSize);
  const size = smallestSize(model, maxSizeOf(populationSize), risk, expected);
  if (size === null) return noSize(populationSize);
  const given = { risk, tolerable, expected, populationSize };
  if (model.kind === 'binomial') {
    return { kind: 'planned', method: 'binomial', ...size, ...given, deviatingItems: null, check: null };
  }
  const beside = smallestSize({ kind: 'binomial', rate: tolerable }, MAX_SAMPLE_SIZE, risk, expected);
  return {
    kind: 'planned',
    method: 'hypergeometric',
    ...size,
    ...given,
    deviatingItems: model.deviatingItems,
    check: beside && {
      method: 'binomial',
      sampleSize: beside.sampleSize,
      acceptableDeviations: beside.acceptableDeviations,
    },
  };
}

/** One point of the curve: the sample that may show `deviations` and still support the conclusion; null when none up to 2,000 (or N) does. */
export type Allowance = { deviations: number; sampleSize: number | null };

/**
 * For each number of deviations 0 … `upToDeviations` the smallest sample size that allows it at the plan's risk, tolerable rate,
 * population and method. Sizes never shrink along the list.
 */
export function allowances(
  plan: Pick<SamplePlan, 'risk' | 'tolerable' | 'populationSize'>,
  upToDeviations: number,
): Allowance[] {
  const maxSize = maxSizeOf(plan.populationSize);
  const tail = deviationTail(modelOf(plan.tolerable, plan.populationSize), maxSize);
  const points: Allowance[] = [];
  let sampleSize = 1;
  for (let deviations = 0; deviations <= upToDeviations; deviations += 1) {
    while (sampleSize <= maxSize && !meets(tail(sampleSize, deviations), plan.risk)) sampleSize += 1;
    points.push({ deviations, sampleSize: sampleSize <= maxSize ? sampleSize : null });
  }
  return points;
}

/**
 * The most deviations a sample larger than planned may show: the largest k with P(X ≤ k | sampleSize, tolerable) ≤ risk, by the plan's
 * own method. Throws a RangeError on a size below the plan's or above the population's.
 */
export function acceptableAtSize(plan: SamplePlan, sampleSize: number): number {
  if (!Number.isSafeInteger(sampleSize) || sampleSize < plan.sampleSize) {
    throw new RangeError(`The plan needs at least ${plan.sampleSize} items, not ${sampleSize}.`);
  }
  if (plan.populationSize !== null && sampleSize > plan.populationSize) {
    throw new RangeError(`A sample of ${sampleSize} is larger than its population of ${plan.populationSize}.`);
  }
  const tail = deviationTail(modelOf(plan.tolerable, plan.populationSize), sampleSize);
  let acceptable = plan.acceptableDeviations;
  while (meets(tail(sampleSize, acceptable + 1), plan.risk)) acceptable += 1;
  return acceptable;
}

/** What was found: a random sample, its deviations (not testable items included) and the confidence wanted, 0.5 ≤ confidence < 1. */
export type Findings = { sampleSize: number; deviations: number; confidence: number };

/**
 * The exact one-sided upper limit (Clopper-Pearson) of the deviation rate, as a fraction: the rate at which so few deviations would
 * show with probability 1 − confidence. Only for random samples. Throws a RangeError on figures that no sample can have.
 */
export function upperLimit({ sampleSize, deviations, confidence }: Findings): number {
  if (!Number.isSafeInteger(sampleSize) || sampleSize < 1) {
    throw new RangeError(`A sample has at least one item, not ${sampleSize}.`);
  }
  if (!Number.isSafeInteger(deviations) || deviations < 0 || deviations > sampleSize) {
    throw new RangeError(`${deviations} deviations do not fit a sample of ${sampleSize}.`);
  }
  if (!(confidence >= 0.5 && confidence < 1)) {
    throw new RangeError(`The confidence must be at least 0.5 and less than 1, not ${confidence}.`);
  }
  const tail = binomialTailByRate(sampleSize, deviations);
  const risk = 1 - confidence;
  // From 50 % confidence upwards the limit is never below the rate that was found: the median of a binomial is its mean there.
  let low = deviations / sampleSize;
  let high = 1;
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (tail(middle) > risk) low = middle;
    else high = middle;
  }
  return high;
}

/** What was found in a random sample of a population whose size is known. `risk` is above 0 and below 0.5. */
export type FindingsOfKnown = { populationSize: number; sampleSize: number; deviations: number; risk: number };

/**
 * The exact one-sided upper limit without replacement: the most rows D of the population that may deviate without the sample speaking
 * against it, the largest D with P(X ≤ deviations | D) > risk. A sample supports a plan's conclusion exactly when D is below
 * ⌈N × tolerable⌉. Only for random samples. Throws a RangeError on figures that no sample can have.
 */
export function mostDeviatingItems({ populationSize, sampleSize, deviations, risk }: FindingsOfKnown): number {
  if (!populationSizeSchema.safeParse(populationSize).success) throw new RangeError(POPULATION_MESSAGE);
  if (!Number.isSafeInteger(sampleSize) || sampleSize < 1 || sampleSize > populationSize) {
    throw new RangeError(`A sample of ${populationSize} rows has 1 to ${populationSize} items, not ${sampleSize}.`);
  }
  if (!Number.isSafeInteger(deviations) || deviations < 0 || deviations > sampleSize) {
    throw new RangeError(`${deviations} deviations do not fit a sample of ${sampleSize}.`);
  }
  if (!(risk > 0 && risk < 0.5)) throw new RangeError(`The risk must be more than 0 and less than 0.5, not ${risk}.`);
  const isRuledOut = (deviatingItems: number): boolean => {
    const model: DeviationModel = { kind: 'hypergeometric', populationSize, deviatingItems };
    return meets(deviationTail(model, sampleSize)(sampleSize, deviations), risk);
  };
  // What was found cannot be ruled out: up to its rate in the population the probability is at least a half.
  let low = Math.max(deviations, Math.floor((populationSize / sampleSize) * deviations));
  // The items found sound are sound.
  let high = populationSize - (sampleSize - deviations);
  while (low < high) {
    const middle = low + Math.ceil((high - low) / 2);
    if (isRuledOut(middle)) high = middle - 1;
    else low = middle;
  }
  return low;
}
