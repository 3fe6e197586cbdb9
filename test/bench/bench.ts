// Owns what a benchmark is: contestants that each run in a fresh process, and what is compared. Knows no benchmark.

/** What one run of a contestant measured, by name. Milliseconds, unless the name ends in another unit. */
export type Figures = Readonly<Record<string, number>>;

/** Runs once in a fresh process. `folder` is its own: a copy of the bench's fixture, removed afterwards. */
export type Contestant = (folder: string) => Promise<Figures>;

/** A figure of a contestant; its median over the rounds counts. */
export interface Side {
  contestant: string;
  figure: string;
}

/**
 * What is asked of two sides of one run: `times` bounds the ratio, `plus-ms` the difference. `at-most` bounds a figure
 * that stands alone (a count, not a time).
 */
export type Comparison =
  | {
      says: string;
      ours: Side;
      theirs: Side;
      goal: { kind: 'times'; most: number } | { kind: 'plus-ms'; most: number };
    }
  | { says: string; ours: Side; goal: { kind: 'at-most'; most: number; unit: string } };

export interface Bench {
  /** The name of its file. */
  name: string;
  /** The row of shared/docs/performance.md, and what is done, in one line. */
  shows: string;
  /** Interleaved: each contestant runs once a round. */
  rounds: number;
  /** Fills a folder that every contestant gets a copy of. */
  fixture?(folder: string): Promise<void>;
  contestants: Readonly<Record<string, Contestant>>;
  comparisons: readonly Comparison[];
}

/** The middle of some numbers. @throws RangeError for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share (0 … 1) of the numbers lies, between two of them where need be. @throws RangeError for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) throw new RangeError('there are no numbers');
  return below + (above - below) * (place - Math.floor(place));
}

/** Runs work and says how many milliseconds it took. */
export async function timed<Value>(work: () => Value | Promise<Value>): Promise<{ value: Value; ms: number }> {
  const startedAtMs = performance.now();
  const value = await work();
  return { value, ms: performance.now() - startedAtMs };
}
