// Owns how counts, rates and phases read in a test report. Knows no section.
import { phaseOf } from '../phases.ts';
import type { PhaseSlug } from '../phases.ts';

/** `1 sample`, `59 samples`, `30,000 rows`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : plural}`;
}

/** A fraction as percent with at most two digits: 0.05 is `5 %`. */
export function percent(rate: number): string {
  return `${Number((rate * 100).toFixed(2))} %`;
}

/** "Planning", "Testing of Cards". */
export function lineName({ phase, lob }: { phase: PhaseSlug; lob: string | null }): string {
  return lob === null ? phaseOf(phase).name : `${phaseOf(phase).name} of ${lob}`;
}

/** A list in words, or what stands for an empty one. */
export function listed(names: readonly string[], none = 'none'): string {
  return names.length === 0 ? none : names.join(', ');
}
