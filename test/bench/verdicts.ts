// Owns what the figures of a run come to: both sides of each comparison, their ratio, and whether the goal is reached. Pure.
import { median } from './bench.ts';
import type { Bench, Comparison, Side } from './bench.ts';
import type { Measured } from './rounds.ts';

/** One comparison with what was measured: medians over the rounds of this run. */
export interface Verdict {
  says: string;
  ours: Side & { median: number };
  theirs: (Side & { median: number }) | null;
  /** Ours by theirs, ours less theirs, or ours. */
  value: number;
  /** The same value of each round, lowest and highest: how far single rounds stray. */
  spread: { lowest: number; highest: number };
  goal: Comparison['goal'];
  reached: boolean;
}

export function verdictsOf(bench: Bench, measured: Measured): Verdict[] {
  return bench.comparisons.map((comparison) => verdictOf(comparison, measured));
}

function verdictOf(comparison: Comparison, measured: Measured): Verdict {
  const { says, ours, goal } = comparison;
  const theirs = 'theirs' in comparison ? comparison.theirs : null;
  const mine = seriesOf(measured, ours);
  const other = theirs === null ? mine.map(() => 0) : seriesOf(measured, theirs);
  const value = compared(goal, median(mine), median(other));
  const perRound = mine.map((figure, round) => compared(goal, figure, other[round] ?? Number.NaN));
  return {
    says,
    ours: { ...ours, median: median(mine) },
    theirs: theirs === null ? null : { ...theirs, median: median(other) },
    value,
    spread: { lowest: Math.min(...perRound), highest: Math.max(...perRound) },
    goal,
    reached: value <= goal.most,
  };
}

function compared(goal: Comparison['goal'], ours: number, theirs: number): number {
  return goal.kind === 'times' ? ours / theirs : ours - theirs;
}

function seriesOf(measured: Measured, { contestant, figure }: Side): number[] {
  const series = (measured.get(contestant) ?? []).flatMap((figures) => figures[figure] ?? []);
  if (series.length === 0) throw new RangeError(`the contestant "${contestant}" measured no "${figure}"`);
  return series;
}
