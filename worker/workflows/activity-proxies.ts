// Owns how the workflows call activities: which are local, and their time-outs and retries. Knows nothing of what they do.
import { CancellationScope, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions, RetryPolicy } from '@temporalio/common';
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import { versionActivities } from '../../domain/activity.ts';
import type { VersionActivity } from '../../domain/activity.ts';
import { retryPolicies, retryPolicyOf } from '../../domain/retry-policy.ts';
import type { RetryPolicyName } from '../../domain/retry-policy.ts';
import type { Activities } from '../activities/create-activities.ts';

/**
 * Milliseconds of work: one store transaction or one page. Tried for some seconds, then the workflow says so and tries on, slower.
 * These retries are within the workflow's task, so they are Temporal's own and not those of domain/retry-policy.ts.
 */
const storeCall: LocalActivityOptions = {
  startToCloseTimeout: '10 s',
  localRetryThreshold: '2 s',
  retry: { initialInterval: '50 ms', backoffCoefficient: 2, maximumInterval: '2 s', maximumAttempts: 6 },
};

/** The local activity that was begun last: this module is each workflow's own. */
let lastCall: Promise<unknown> = Promise.resolve();

/**
 * Has the calls of a workflow's local activities follow one another, each to its end, and their answers come after everything else that
 * comes with them. What arrives while one runs is an activation of its own, but on replay the same one as the answer; several answers, or
 * one of a call that was cancelled, come in another order then. Whatever follows would get other numbers: a determinism violation
 * (sdk-typescript issue 1744).
 */
function oneByOne<Calls extends object>(calls: Calls): Calls {
  return new Proxy(calls, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => {
        const answer = lastCall.then(() => behindTheRest(CancellationScope.nonCancellable(() => call(...args))));
        lastCall = answer.catch(() => undefined);
        return answer;
      };
    },
  });
}

/** More than any chain of promises that follows from the end of a job: the longest one takes nine. */
const longestChain = 50;

/** Settles as the call does, when whatever else was settled with it has had its effect. */
async function behindTheRest<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } finally {
    for (let link = 0; link < longestChain; link += 1) await Promise.resolve();
  }
}

/** Activities of mission.md's row 9 that are one store transaction, each with its time-out of row 10: they run within the workflow's task. */
function namedCalls<Name extends VersionActivity & keyof Activities>(
  names: readonly Name[],
): ActivityInterfaceFor<Pick<Activities, Name>> {
  return byName(names, (name) =>
    oneByOne(proxyLocalActivities<Activities>({ ...storeCall, startToCloseTimeout: versionActivities[name] * 60_000 })),
  );
}

function byName<Name extends keyof Activities>(
  names: readonly Name[],
  proxies: (name: Name) => Pick<ActivityInterfaceFor<Activities>, Name>,
): ActivityInterfaceFor<Pick<Activities, Name>> {
  const entries = names.map((name) => [name, proxies(name)[name]] as const);
  return Object.fromEntries(entries) as unknown as ActivityInterfaceFor<Pick<Activities, Name>>;
}

export const local = oneByOne(
  proxyLocalActivities<
    Pick<
      Activities,
      | 'applyOperations'
      | 'readReportState'
      | 'readFlow'
      | 'openPhase'
      | 'skipPhase'
      | 'remindPhase'
      | 'expirePhase'
      | 'startLob'
      | 'finishLob'
      | 'readDueMails'
      | 'endReport'
      | 'moveReport'
      | 'enrol'
      | 'readChanges'
      | 'readContents'
      | 'putContent'
      | 'reportsToRevive'
    >
  >(storeCall),
);

/** Those that apply operations of one kind each; all others are applied by `applyOperations`. */
export const applying = namedCalls([
  'assignDataOwner',
  'submitDocument',
  'recordTestAction',
  'updateTestResponse',
  'signOffTestReport',
]);

export const { getCurrentVersion } = namedCalls(['getCurrentVersion']);

/** The activities that are steps. This does not compile while one of them has no policy. */
type StepActivity = Exclude<
  keyof Activities,
  keyof typeof local | keyof typeof applying | keyof ReturnType<typeof namedCalls<'getCurrentVersion'>>
>;
const policyOf: Readonly<Record<StepActivity, RetryPolicyName>> = retryPolicyOf;

/**
 * How often a step is tried, and how soon after an attempt that ended without a word, by its heartbeat's limit: one that failed says
 * itself when it is tried again (worker/tracking/attempts.ts).
 */
function retryOf(name: StepActivity, initialInterval: RetryPolicy['initialInterval'] = '200 ms'): RetryPolicy {
  const { attempts } = retryPolicies[policyOf[name]];
  const spacing = { initialInterval, backoffCoefficient: 2, maximumInterval: '10 s' } as const;
  return attempts === null ? spacing : { ...spacing, maximumAttempts: attempts };
}

/**
 * A killed worker is noticed after the heartbeat's limit, not after the whole time-out. One that only was busy for so long is
 * taken for killed too, which costs a repetition and no second effect.
 */
function longWork(name: StepActivity, minutes: number): ActivityOptions {
  return { startToCloseTimeout: minutes * 60_000, heartbeatTimeout: '5 s', retry: retryOf(name) };
}

/** Activities of mission.md's row 9 that take seconds, each with its time-out of row 10. */
function named<Name extends VersionActivity & StepActivity>(
  names: readonly Name[],
): ActivityInterfaceFor<Pick<Activities, Name>> {
  return byName(names, (name) => proxyActivities<Activities>(longWork(name, versionActivities[name])));
}

/** Other steps, all with the same time-out. */
function within<Name extends StepActivity>(
  minutes: number,
  names: readonly Name[],
): ActivityInterfaceFor<Pick<Activities, Name>> {
  return byName(names, (name) => proxyActivities<Activities>(longWork(name, minutes)));
}

/** Those that propose a phase's first version, or recommend samples. */
export const proposing = named([
  'createPlanningVersion',
  'createDataProfilingVersion',
  'createScopingVersion',
  'createObservationVersion',
  'createTestReport',
  'generateSampleRecommendations',
]);

/** Those that carry out what a review, or the last signature, said. */
export const settling = named([
  'approveVersion',
  'approvePlanningVersion',
  'processDataProfilingReview',
  'processSampleReview',
  'approveSampleSelection',
  'processObservationReview',
]);

export const { createVersion, createSampleSelectionVersion, createSampleRevision } = named([
  'createVersion',
  'createSampleSelectionVersion',
  'createSampleRevision',
]);

/** What reads whole files has half an hour. */
export const { importPopulation, readEvidence } = within(30, ['importPopulation', 'readEvidence']);

/** `nameLobs` counts the rows of each line of business in the population's file. */
export const { nameLobs, sendMail, adoptFile } = within(5, ['nameLobs', 'sendMail', 'adoptFile']);

/** Undoes and tells, however long the store is away. */
export const { compensatePhase } = within(5, ['compensatePhase']);

/** The longest a pull may wait is a minute; its worker may die once meanwhile. */
export const { awaitChanges } = proxyActivities<Pick<Activities, 'awaitChanges'>>({
  startToCloseTimeout: '70 s',
  heartbeatTimeout: '5 s',
  scheduleToCloseTimeout: '90 s',
  retry: retryOf('awaitChanges', '100 ms'),
});
