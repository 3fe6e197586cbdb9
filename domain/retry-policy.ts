// Owns how often and how fast failing work is tried again (mission.md, row 16): the policies, and which activity has which.
// Pure data and one formula; workflows, activities and screens read it. Imports types only.
import type { VersionActivity } from './activity.ts';

/** How the waits between attempts grow: by doubling, by one base each, or not at all. */
export type Spacing = 'exponential' | 'linear' | 'fixed';

export interface RetryPolicy {
  /** How often it is tried in all. Null: until it works, or nobody wants it any more. */
  attempts: number | null;
  spacing: Spacing;
  /** The first wait, in milliseconds: from the end of an attempt that failed to the start of the next. */
  baseMs: number;
  /** No wait is longer. */
  mostMs: number;
}

const minuteMs = 60_000;

export const retryPolicies = {
  /** A language model: after the last attempt the rules recommend. */
  llm: { attempts: 3, spacing: 'exponential', baseMs: 2_000, mostMs: minuteMs },
  /** Work that reads and writes the version store; after the last attempt its phase is compensated. */
  database: { attempts: 3, spacing: 'linear', baseMs: 2_000, mostMs: minuteMs },
  /** E-mail: the last attempt records the failure. */
  email: { attempts: 3, spacing: 'fixed', baseMs: 2_000, mostMs: minuteMs },
  /** Reading whole files, and compensating: what was asked for is done, however long the disk is away. */
  patient: { attempts: null, spacing: 'exponential', baseMs: 500, mostMs: 30_000 },
  /** A laptop waits for the answer: one more try, then it is told. */
  answer: { attempts: 2, spacing: 'exponential', baseMs: 200, mostMs: minuteMs },
} as const satisfies Record<string, RetryPolicy>;
export type RetryPolicyName = keyof typeof retryPolicies;

/** The activities of mission.md's row 9 that are steps of their own; the others of the 21 run within the workflow's task. */
type StepActivity = Exclude<
  VersionActivity,
  | 'getCurrentVersion'
  | 'assignDataOwner'
  | 'submitDocument'
  | 'recordTestAction'
  | 'updateTestResponse'
  | 'signOffTestReport'
>;
/** Every activity that is a step: seconds of work, with a sign of life. */
export type TrackedActivity =
  | StepActivity
  | 'importPopulation'
  | 'readEvidence'
  | 'nameLobs'
  | 'sendMail'
  | 'compensatePhase'
  | 'adoptFile'
  | 'awaitChanges';

/** Which activity uses which policy. */
export const retryPolicyOf: Readonly<Record<TrackedActivity, RetryPolicyName>> = {
  createVersion: 'database',
  approveVersion: 'database',
  createPlanningVersion: 'database',
  approvePlanningVersion: 'database',
  createDataProfilingVersion: 'database',
  processDataProfilingReview: 'database',
  createScopingVersion: 'database',
  generateSampleRecommendations: 'llm',
  createSampleSelectionVersion: 'database',
  processSampleReview: 'database',
  createSampleRevision: 'database',
  approveSampleSelection: 'database',
  createObservationVersion: 'database',
  processObservationReview: 'database',
  createTestReport: 'database',
  readEvidence: 'database',
  nameLobs: 'database',
  importPopulation: 'patient',
  compensatePhase: 'patient',
  sendMail: 'email',
  adoptFile: 'answer',
  awaitChanges: 'answer',
};

/** The type of the failure of an attempt that ended because its worker did: the step itself has not failed. */
export const workerStoppedFailure = 'WorkerStopped';

/** True for the name of an activity that has a policy here. */
export function isTracked(activity: string): activity is TrackedActivity {
  return Object.hasOwn(retryPolicyOf, activity);
}

/** Milliseconds to wait after attempt number `attempt` (1 for the first) failed. `baseMs`: another base than the policy's, in tests. */
export function retryDelayMs(policy: RetryPolicy, attempt: number, baseMs: number = policy.baseMs): number {
  const factor = { exponential: 2 ** Math.min(attempt - 1, 30), linear: attempt, fixed: 1 }[policy.spacing];
  return Math.min(policy.mostMs, baseMs * factor);
}
