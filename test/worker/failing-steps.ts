// Owns the steps of the driven cycle that can fail for good, by name: which activity, told apart by its arguments, and where it stands.
// Knows no strategy and no server.
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Activities } from '../../worker/activities/create-activities.ts';

/** One step of the driven cycle. */
export interface FailingStep {
  name: string;
  activity: keyof Activities;
  /** Texts that its arguments hold as JSON, all of them. */
  where: readonly string[];
  phase: PhaseSlug;
  lob: string | null;
  step: 'proposal' | 'act';
}

type Rest = [phase: PhaseSlug, step: FailingStep['step'], where?: string[], lob?: string | null];

const step = (name: string, activity: keyof Activities, ...[phase, of, where = [], lob = null]: Rest): FailingStep => ({
  ...{ name, activity, where, phase, lob, step: of },
});
const made = (phase: PhaseSlug): string[] => [`"phase":"${phase}"`, '"kind":"make-version"'];
const completed = (phase: PhaseSlug): string[] => [`"phase":"${phase}"`, '"kind":"complete-phase"'];
const ofCards = '"lob":"cards"';

/** Every step of each phase that is compensated when it fails for good. */
export const failingSteps: readonly FailingStep[] = [
  step('propose planning', 'createPlanningVersion', 'planning', 'proposal'),
  step('settle planning', 'approvePlanningVersion', 'planning', 'act'),
  step('propose rules', 'createDataProfilingVersion', 'data-profiling', 'proposal'),
  step('edit rules', 'createVersion', 'data-profiling', 'act', made('data-profiling')),
  step('settle rules', 'processDataProfilingReview', 'data-profiling', 'act'),
  step('propose scoping', 'createScopingVersion', 'scoping', 'proposal'),
  step('edit scoping', 'createVersion', 'scoping', 'act', made('scoping')),
  step('settle scoping', 'approveVersion', 'scoping', 'act', ['"phase":"scoping"']),
  step('recommend samples', 'generateSampleRecommendations', 'sample-selection', 'proposal'),
  step('draw the sample', 'createSampleSelectionVersion', 'sample-selection', 'act'),
  step('settle a rejected sample', 'processSampleReview', 'sample-selection', 'act'),
  step('revise the sample', 'createSampleRevision', 'sample-selection', 'act'),
  step('settle the sample', 'approveSampleSelection', 'sample-selection', 'act'),
  step('complete data owners', 'createVersion', 'data-owner-id', 'act', completed('data-owner-id')),
  step('complete documents', 'createVersion', 'request-info', 'act', [...completed('request-info'), ofCards], 'cards'),
  step('read the evidence', 'readEvidence', 'test-execution', 'act', [ofCards], 'cards'),
  step(
    'complete testing',
    'createVersion',
    'test-execution',
    'act',
    [...completed('test-execution'), ofCards],
    'cards',
  ),
  step('propose observations', 'createObservationVersion', 'observations', 'proposal', [ofCards], 'cards'),
  step('settle observations', 'processObservationReview', 'observations', 'act', [ofCards], 'cards'),
  step('assemble the report', 'createTestReport', 'test-report', 'proposal'),
  step('edit the report', 'createVersion', 'test-report', 'act', made('test-report')),
  step('settle the report', 'approveVersion', 'test-report', 'act', ['"phase":"test-report"']),
];

/** True when a call is of this step. */
export function isOf({ activity, where }: FailingStep, called: string, args: readonly unknown[]): boolean {
  if (called !== activity) return false;
  const text = JSON.stringify(args);
  return where.every((part) => text.includes(part));
}
