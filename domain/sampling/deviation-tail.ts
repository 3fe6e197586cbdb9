// Owns the numerics of attribute sampling: P(X ≤ k) for a sample of n, with and without replacement, to about 12 digits.
// Knows nothing of plans, risks or screens.

/**
 * Where deviations come from. `binomial`: each tested item deviates with `rate` (a fraction), the population's size plays no part.
 * `hypergeometric`: exactly `deviatingItems` of `populationSize` items deviate and the sample is drawn without replacement.
 */
export type DeviationModel =
  { kind: 'binomial'; rate: number } | { kind: 'hypergeometric'; populationSize: number; deviatingItems: number };

/** The probability of at most `deviations` deviations among `sampleSize` tested items. */
export type DeviationTail = (sampleSize: number, deviations: number) => number;

/**
 * Both distributions are C(n,k) · Π hit(i<k) · Π miss(i<n−k) / Π any(i<n). Each factor is a ratio to the population's size, so the sums
 * of their logarithms stay small: log-gamma of 10 million would leave only eight exact digits.
 */
type Factors = { hit: (i: number) => number; miss: (i: number) => number; any: (i: number) => number };

function factorsOf(model: DeviationModel): Factors {
  if (model.kind === 'binomial') {
    const { rate } = model;
    return { hit: () => rate, miss: () => 1 - rate, any: () => 1 };
  }
  const { populationSize, deviatingItems } = model;
  const sound = populationSize - deviatingItems;
  return {
    hit: (i) => Math.max(0, deviatingItems - i) / populationSize,
    miss: (i) => Math.max(0, sound - i) / populationSize,
    any: (i) => (populationSize - i) / populationSize,
  };
}

/** Running sums of log(factor(0)) … log(factor(length − 1)): entry m is the logarithm of the product of the first m factors. */
function logProducts(factor: (i: number) => number, length: number): Float64Array {
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i += 1) sums[i + 1] = (sums[i] ?? 0) + Math.log(factor(i));
  return sums;
}

/**
 * Adds the probabilities of j = deviations, deviations − 1, … 0, given the first one. The terms are log-concave: once one no longer
 * changes the sum, none after it will.
 */
function sumDownwards(factors: Factors, sampleSize: number, deviations: number, first: number): number {
  let term = first;
  let sum = first;
  for (let j = deviations; j > 0 && term > sum * 1e-18; j -= 1) {
    term *= ((j / (sampleSize - j + 1)) * factors.miss(sampleSize - j)) / factors.hit(j - 1);
    sum += term;
  }
  return Math.min(1, sum);
}

/**
 * Prepares P(X ≤ deviations) for many sample sizes up to `maxSampleSize` (at most the population's size).
 * Meant for deviations not far above the expected count; the far upper side would underflow.
 */
export function deviationTail(model: DeviationModel, maxSampleSize: number): DeviationTail {
  const factors = factorsOf(model);
  const logHit = logProducts(factors.hit, maxSampleSize);
  const logMiss = logProducts(factors.miss, maxSampleSize);
  const logAny = logProducts(factors.any, maxSampleSize);
  const logFactorial = logProducts((i) => i + 1, maxSampleSize);
  const at = (sums: Float64Array, index: number): number => sums[index] ?? Number.NaN;
  return (sampleSize, deviations) => {
    if (deviations >= sampleSize || factors.hit(deviations) === 0) return 1;
    const sound = sampleSize - deviations;
    const logChoose = at(logFactorial, sampleSize) - at(logFactorial, deviations) - at(logFactorial, sound);
    const first = Math.exp(logChoose + at(logHit, deviations) + at(logMiss, sound) - at(logAny, sampleSize));
    return sumDownwards(factors, sampleSize, deviations, first);
  };
}

/**
 * The same for one sample and many rates: rate ↦ P(X ≤ deviations | sampleSize, rate), binomial. Exact for rates from
 * deviations / sampleSize upwards.
 */
export function binomialTailByRate(sampleSize: number, deviations: number): (rate: number) => number {
  let logChoose = 0;
  for (let i = 1; i <= deviations; i += 1) logChoose += Math.log((sampleSize - deviations + i) / i);
  return (rate) => {
    if (deviations >= sampleSize) return 1;
    const logHits = deviations === 0 ? 0 : deviations * Math.log(rate);
    const first = Math.exp(logChoose + logHits + (sampleSize - deviations) * Math.log1p(-rate));
    return sumDownwards(factorsOf({ kind: 'binomial', rate }), sampleSize, deviations, first);
  };
}
