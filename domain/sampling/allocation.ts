// Owns the spread of one sample over strata (lines of business) in proportion to their rows.
// Knows nothing of plans and seeds; what is spread so supports a conclusion on the whole only.
import { compareUtf8 } from './key-order.ts';

/** A stratum and its rows; a stratum without rows is allowed and gets no samples. */
export type Stratum = { name: string; count: number };

/** A stratum's part: `weight` is its share of the population's rows (0 … 1), recorded with the draw. */
export type StratumShare = Stratum & { weight: number; sampleSize: number };

/** The shares in the order the strata were given, or why there are none. `message` is one sentence for the screen. */
export type Allocation =
  | { kind: 'allocated'; shares: StratumShare[] }
  | {
      kind: 'refused';
      reason: 'no-rows' | 'bad-count' | 'duplicate-stratum' | 'fewer-than-strata' | 'exceeds-population';
      message: string;
    };

type Refusal = Extract<Allocation, { kind: 'refused' }>;

function refused(reason: Refusal['reason'], message: string): Refusal {
  return { kind: 'refused', reason, message };
}

function whyNot(sampleSize: number, strata: readonly Stratum[]): Refusal | null {
  const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
  if (!isCount(sampleSize) || !strata.every(({ count }) => isCount(count))) {
    return refused('bad-count', 'Sample size and row counts must be whole numbers from 0.');
  }
  const names = new Set<string>();
  for (const { name } of strata) {
    if (names.has(name)) return refused('duplicate-stratum', `The stratum "${name}" is named twice.`);
    names.add(name);
  }
  const filled = strata.filter(({ count }) => count > 0);
  const total = filled.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return refused('no-rows', 'No stratum has a row.');
  if (sampleSize < filled.length) {
    return refused(
      'fewer-than-strata',
      `A sample of ${sampleSize} cannot give each of the ${filled.length} strata at least one item.`,
    );
  }
  if (sampleSize > total) {
    return refused('exceeds-population', `A sample of ${sampleSize} is larger than its population of ${total}.`);
  }
  return null;
}

/** Rounds the quotas by largest remainder; equal remainders go to the larger stratum, then to the name that comes first in UTF-8 order. */
function largestRemainder(sampleSize: number, strata: readonly Stratum[]): Map<string, number> {
  // A sample's size times a stratum's rows can leave what a double holds exactly, hence BigInt.
  const total = strata.reduce((sum, { count }) => sum + BigInt(count), 0n);
  const quotas = strata.map((stratum) => {
    const scaled = BigInt(sampleSize) * BigInt(stratum.count);
    return { stratum, floor: Number(scaled / total), remainder: scaled % total };
  });
  let left = sampleSize - quotas.reduce((sum, { floor }) => sum + floor, 0);
  const byRemainder = quotas.toSorted((a, b) => {
    if (a.remainder !== b.remainder) return a.remainder > b.remainder ? -1 : 1;
    return b.stratum.count - a.stratum.count || compareUtf8(a.stratum.name, b.stratum.name);
  });
  const sizes = new Map<string, number>();
  for (const { stratum, floor } of byRemainder) {
    sizes.set(stratum.name, left > 0 ? floor + 1 : floor);
    left -= 1;
  }
  return sizes;
}

/** Splits off the strata whose quota is below one. They get one item, which lowers the quota of the rest, so it repeats until none is below. */
function liftSmall(
  sampleSize: number,
  strata: readonly Stratum[],
): { lifted: Stratum[]; rest: Stratum[]; left: number } {
  const lifted: Stratum[] = [];
  let rest = [...strata];
  let left = sampleSize;
  for (;;) {
    const total = rest.reduce((sum, { count }) => sum + BigInt(count), 0n);
    const isSmall = ({ count }: Stratum): boolean => BigInt(left) * BigInt(count) < total;
    const small = rest.filter(isSmall);
    if (small.length === 0) return { lifted, rest, left };
    rest = rest.filter((stratum) => !isSmall(stratum));
    lifted.push(...small);
    left -= small.length;
  }
}

/**
 * Spreads a sample over strata in proportion to their rows: largest remainder, at least one item for each stratum that has rows, never more
 * than its rows. The order of the strata does not change any share. Never throws.
 */
export function allocate(input: { sampleSize: number; strata: readonly Stratum[] }): Allocation {
  const { sampleSize, strata } = input;
  const refusal = whyNot(sampleSize, strata);
  if (refusal !== null) return refusal;
  const { lifted, rest, left } = liftSmall(
    sampleSize,
    strata.filter(({ count }) => count > 0),
  );
  const sizes = largestRemainder(left, rest);
  for (const { name } of lifted) sizes.set(name, 1);
  const total = strata.reduce((sum, { count }) => sum + count, 0);
  const shares = strata.map(({ name, count }) => ({
    name,
    count,
    weight: count / total,
    sampleSize: sizes.get(name) ?? 0,
  }));
  return { kind: 'allocated', shares };
}
