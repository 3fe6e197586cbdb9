// Owns how the workflows call activities: which are local, and their time-outs and retries. Knows nothing of what they do.
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/common';
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import { versionActivities } from '../../domain/activity.ts';
import type { VersionActivity } from '../../domain/activity.ts';
import type { Activities } from '../activities/create-activities.ts';
import { retries } from './retries.ts';

/** Milliseconds of work: one store transaction or one page. */
const storeCall: LocalActivityOptions = {
  startToCloseTimeout: '10 s',
  localRetryThreshold: '2 s',
  retry: retries.storeCall,
};

/** The local activity that was begun last: this module is each workflow's own. */
let lastCall: Promise<unknown> = Promise.resolve();

/**
 * Has the calls of a workflow's local activities follow one another. Several at once are resolved in one order while they run and in
 * another on replay, and then whatever follows them gets other numbers: a determinism violation (sdk-typescript issue 1744).
 */
function oneByOne<Calls extends object>(calls: Calls): Calls {
  return new Proxy(calls, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) => {
        const answer = lastCall.then(() => call(...args));
        lastCall = answer.catch(() => undefined);
        return answer;
      };
    },
  });
}

/**
 * A killed worker is noticed after the heartbeat's limit, not after the whole time-out. One that only was busy for so long is
 * taken for killed too, which costs a repetition and no second effect.
 */
function longWork(minutes: number, retry: ActivityOptions['retry'] = retries.storeWork): ActivityOptions {
  return { startToCloseTimeout: minutes * 60_000, heartbeatTimeout: '5 s', retry };
}

/** Activities of mission.md's row 9 that take seconds, each with its time-out of row 10. */
function named<Name extends VersionActivity & keyof Activities>(
  names: readonly Name[],
  retry?: ActivityOptions['retry'],
): ActivityInterfaceFor<Pick<Activities, Name>> {
  return byName(names, (name) => proxyActivities<Activities>(longWork(versionActivities[name], retry)));
}

/** The same for those that are one store transaction: they run within the workflow's task. */
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

/** Those that propose a phase's first version, or recommend samples. */
export const proposing = {
  ...named([
    'createPlanningVersion',
    'createDataProfilingVersion',
    'createScopingVersion',
    'createObservationVersion',
    'createTestReport',
  ]),
  ...named(['generateSampleRecommendations'], retries.model),
};

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
export const { importPopulation, readEvidence } = proxyActivities<
  Pick<Activities, 'importPopulation' | 'readEvidence'>
>(longWork(30));

/** Counts the rows of each line of business in the population's file. */
export const { nameLobs } = proxyActivities<Pick<Activities, 'nameLobs'>>(longWork(5));

/** Undoes and tells, however long the store is away. */
export const { compensatePhase } = proxyActivities<Pick<Activities, 'compensatePhase'>>(longWork(5));

export const { sendMail } = proxyActivities<Pick<Activities, 'sendMail'>>(longWork(5, retries.mail));

export const { adoptFile } = proxyActivities<Pick<Activities, 'adoptFile'>>(longWork(5, retries.adoption));

/** The longest a pull may wait is a minute. */
export const { awaitChanges } = proxyActivities<Pick<Activities, 'awaitChanges'>>({
  startToCloseTimeout: '70 s',
  heartbeatTimeout: '5 s',
  scheduleToCloseTimeout: '90 s',
  retry: retries.pull,
});
