// Owns how the metrics of a phase are written. Pure.
import type { PhaseMetrics } from '../../domain/tracking.ts';
import { counted } from '../formats.ts';

/** "3 of 12 steps failed · 5 retries": what went wrong over all phases; empty when nothing did. */
export function troubleWords(metrics: readonly PhaseMetrics[]): string {
  const sum = (value: (row: PhaseMetrics) => number): number => metrics.reduce((total, row) => total + value(row), 0);
  const [steps, failed, retries] = [sum((row) => row.steps), sum((row) => row.failedSteps), sum((row) => row.retries)];
  return [
    ...(failed > 0 ? [`${failed} of ${counted(steps, 'step')} failed for good`] : []),
    ...(retries > 0 ? [counted(retries, 'retry', 'retries')] : []),
  ].join(' · ');
}
