// Cycles for tests that need a report, or its samples, and not the phases before. Knows no core.
import type { OperationBody } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { practiceCycle } from '../../../main/core/imports/practice.ts';

/** What stands before the samples of a report. */
export const beforeSamples: readonly PhaseSlug[] = ['planning', 'data-profiling', 'scoping'];
/** Each with the reason that the report discloses. */
export const skipsBeforeSamples = beforeSamples.map((phase) => ({ phase, reason: 'this test is about samples' }));

/** The practice people's cycle with one report that begins with its samples and is not divided into lines of business. */
export function cycleOfSamples(today: string): Extract<OperationBody, { kind: 'cycle.start' }> {
  const cycle = practiceCycle(today);
  return {
    ...cycle,
    reports: cycle.reports.map((report) => ({ ...report, lobs: { kind: 'none' }, skips: [...skipsBeforeSamples] })),
  };
}
