// Owns how the workflows call activities: which are local, and their time-outs and retries. Knows nothing of what they do.
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/common';
import type { Activities } from '../activities/create-activities.ts';

/** Milliseconds of work: one store transaction or one page. A failing store is tried for some seconds, then the caller decides. */
const storeCall: LocalActivityOptions = {
  startToCloseTimeout: '10 s',
  localRetryThreshold: '2 s',
  retry: { initialInterval: '50 ms', backoffCoefficient: 2, maximumInterval: '2 s', maximumAttempts: 6 },
};

/**
 * A killed worker is noticed after the heartbeat's limit, not after the whole time-out. One that only was busy for so long is
 * taken for killed too, which costs a repetition and no second effect. Only the world's end stops retrying.
 */
function longWork(startToCloseTimeout: ActivityOptions['startToCloseTimeout']): ActivityOptions {
  return {
    startToCloseTimeout: startToCloseTimeout ?? '5 min',
    heartbeatTimeout: '5 s',
    retry: { initialInterval: '200 ms', backoffCoefficient: 2, maximumInterval: '30 s' },
  };
}

export const local =
  proxyLocalActivities<
    Pick<
      Activities,
      | 'applyOperations'
      | 'readReportState'
      | 'endReport'
      | 'enrol'
      | 'readChanges'
      | 'readContents'
      | 'putContent'
      | 'reportsToRevive'
    >
  >(storeCall);

/** Time-outs of mission.md, row 10: sample versions and revisions 10 minutes, what reads whole files 30. */
export const { drawSample, reviseSample } = proxyActivities<Pick<Activities, 'drawSample' | 'reviseSample'>>(
  longWork('10 min'),
);
export const { importPopulation } = proxyActivities<Pick<Activities, 'importPopulation'>>(longWork('30 min'));

/** A laptop waits for the answer: one more try, then it is told. */
export const { adoptFile } = proxyActivities<Pick<Activities, 'adoptFile'>>({
  ...longWork('5 min'),
  retry: { maximumAttempts: 2 },
});

/** The longest a pull may wait is a minute; its worker may die once meanwhile. */
export const { awaitChanges } = proxyActivities<Pick<Activities, 'awaitChanges'>>({
  ...longWork('70 s'),
  scheduleToCloseTimeout: '90 s',
  retry: { initialInterval: '100 ms', maximumAttempts: 2 },
});
