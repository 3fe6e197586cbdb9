// Owns the names of the activities that make and settle versions, and their time-outs (mission.md, rows 9 and 10).
// What they do is the worker's; this is what histories, steps and the log of versions call them.
import type { PhaseSlug } from './phases.ts';
import type { OperationKind } from './operation.ts';
import type { ReviewVerdict } from './version.ts';

/** The seeds' 21 activities. Time-outs in minutes, from start to close: create and approve 5, sample version and revision 10, sample generation 30. */
export const versionActivities = {
  createVersion: 5,
  getCurrentVersion: 5,
  approveVersion: 5,
  createPlanningVersion: 5,
  approvePlanningVersion: 5,
  createDataProfilingVersion: 5,
  processDataProfilingReview: 5,
  createScopingVersion: 5,
  generateSampleRecommendations: 30,
  createSampleSelectionVersion: 10,
  processSampleReview: 5,
  createSampleRevision: 10,
  approveSampleSelection: 5,
  assignDataOwner: 5,
  submitDocument: 5,
  recordTestAction: 5,
  updateTestResponse: 5,
  createObservationVersion: 5,
  processObservationReview: 5,
  createTestReport: 5,
  signOffTestReport: 5,
} as const;
export type VersionActivity = keyof typeof versionActivities;

/** What a phase begins with: the activity that proposes its first version, or recommends samples. Recorded phases begin empty. */
export const proposingActivity = {
  planning: 'createPlanningVersion',
  'data-profiling': 'createDataProfilingVersion',
  scoping: 'createScopingVersion',
  'sample-selection': 'generateSampleRecommendations',
  observations: 'createObservationVersion',
  'test-report': 'createTestReport',
} as const satisfies Partial<Record<PhaseSlug, VersionActivity>>;
export type ProposedPhase = keyof typeof proposingActivity;

/** The phases whose current versions a proposal rests on; the workflow looks them up first (`getCurrentVersion`) and names them. */
export const basisOf: Readonly<Record<ProposedPhase, readonly PhaseSlug[]>> = {
  planning: [],
  'data-profiling': ['planning'],
  scoping: ['planning', 'data-profiling'],
  'sample-selection': ['data-profiling', 'scoping'],
  observations: ['test-execution'],
  // Of all phases and all lines of business: read by the activity itself.
  'test-report': [],
};

/** Operations that have an activity of their own to apply them; all others are applied by `applyOperations`. */
export const applyingActivity: Readonly<Partial<Record<OperationKind, VersionActivity>>> = {
  'owner.assign': 'assignDataOwner',
  'document.submit': 'submitDocument',
  'test.record': 'recordTestAction',
  'test.update': 'updateTestResponse',
  'report.sign': 'signOffTestReport',
};

/** The activity that settles a review, after the review itself was applied and has its receipt. */
export function settlingActivity(
  phase: PhaseSlug,
  verdict: ReviewVerdict,
): Extract<
  VersionActivity,
  | 'approveVersion'
  | 'approvePlanningVersion'
  | 'processDataProfilingReview'
  | 'processSampleReview'
  | 'approveSampleSelection'
  | 'processObservationReview'
> {
  if (phase === 'data-profiling') return 'processDataProfilingReview';
  if (phase === 'observations') return 'processObservationReview';
  if (phase === 'sample-selection') return verdict === 'approved' ? 'approveSampleSelection' : 'processSampleReview';
  return phase === 'planning' && verdict === 'approved' ? 'approvePlanningVersion' : 'approveVersion';
}
