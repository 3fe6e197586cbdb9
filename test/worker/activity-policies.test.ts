// Every activity is either a step with a retry policy, or runs within its workflow's task.
import { expect, test } from 'vitest';
import { isTracked } from '../../domain/retry-policy.ts';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { ActivityDeps } from '../../worker/activities/create-activities.ts';

/** Milliseconds each: `local`, `applying` and `getCurrentVersion` of worker/workflows/activity-proxies.ts. */
const withinTheTask = [
  ...['applyOperations', 'assignDataOwner', 'submitDocument', 'recordTestAction', 'updateTestResponse'],
  ...[
    'signOffTestReport',
    'readReportState',
    'readFlow',
    'getCurrentVersion',
    'readDueMails',
    'openPhase',
    'skipPhase',
  ],
  ...['remindPhase', 'expirePhase', 'startLob', 'finishLob', 'endReport', 'moveReport'],
  ...['enrol', 'readChanges', 'readContents', 'putContent', 'reportsToRevive'],
];

test('every activity that is a step has a policy, and no other has one', () => {
  const names = Object.keys(createActivities({} as ActivityDeps));
  expect(names.filter((name) => isTracked(name) === withinTheTask.includes(name))).toEqual([]);
});
