// Owns profiles of columns for tests of what is proposed from them.
import type { ColumnProfile } from '../../domain/population.ts';

/** A column of 1,000 rows that are all filled; `over` is laid over it. */
export function columnProfile(name: string, over: Partial<ColumnProfile> = {}): ColumnProfile {
  return {
    name,
    ...{ type: 'text', nulls: 0, blanks: 0, distinct: 500, min: 'a', max: 'z', examples: ['b'], frequent: [] },
    percentiles: [],
    key: { unique: false, duplicates: [], blankRows: [] },
    ...over,
  };
}

/** A column of numbers or dates with these percentiles: 101 of them, or what gives each. */
export function ordered(
  name: string,
  type: 'integer' | 'decimal' | 'date',
  percentile: (percent: number) => number,
  over: Partial<ColumnProfile> = {},
): ColumnProfile {
  const percentiles = Array.from({ length: 101 }, (_, percent) => percentile(percent));
  return columnProfile(name, {
    ...{ type, percentiles, min: String(percentiles[0]), max: String(percentiles[100]) },
    ...over,
  });
}
