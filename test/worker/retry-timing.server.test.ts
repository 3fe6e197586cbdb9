// The retries of mission.md's row 16 on the real server, at their real base of 2 s: how long it takes from the start of one attempt to the
// start of the next. All policies at once, in one worker; the activities fail by a fault around them. Three reports do it side by side: a
// busy machine lengthens waits and never shortens them, so the shortest of three is what the policy made of it. One that is too busy even for
// that is asked again.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { workflowTypes } from '../../domain/change.ts';
import type { FlowState } from '../../domain/flow.ts';
import { retryDelayMs, retryPolicies, retryPolicyOf } from '../../domain/retry-policy.ts';
import type { TrackedActivity } from '../../domain/retry-policy.ts';
import { newestVersion } from '../../domain/workflow-version.ts';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { Activities } from '../../worker/activities/create-activities.ts';
import { dataConverter } from '../../worker/data-converter.ts';
import { startWorker } from '../../worker/run-worker.ts';
import { until } from './worker-world.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'countersign-retries-'));
const taskQueue = `test-${randomUUID()}`;
const attempts = 3;
const activities = ['generateSampleRecommendations', 'createVersion', 'sendMail'] as const;
/** When each attempt of each report began, by a clock that nobody sets. */
const starts = new Map<string, number[]>();
const key = (activity: TrackedActivity, workflowId: string): string => `${activity} of ${workflowId}`;
const failing = (activity: TrackedActivity) => async (): Promise<never> => {
  const began = performance.now();
  const name = key(activity, Context.current().info.workflowExecution?.workflowId ?? '');
  starts.set(name, [...(starts.get(name) ?? []), began]);
  throw new Error(`${activity} fails`);
};

let reports: string[] = [];

/** A report that has recommendations to make, mail to send and a version to make, all at once. */
const clock = { remindAt: null, dueAt: null, reminded: false, expired: false };
const flow: FlowState = {
  ...{ revision: 1, reportId: 'r', lob: null, paused: false, over: false, populationReady: true, lobsNamed: true },
  ...{ lobsProblem: false, lobs: [], pending: [], skips: [], mailsDue: true },
  lines: [{ phase: 'sample-selection', lob: null, status: 'in-work', version: null, proposed: false, ...clock }],
};
const makeVersion = { kind: 'make-version', operationId: 'o', reportId: 'r', versionId: 'v', lob: null } as const;
const faulty: Partial<Activities> = {
  readReportState: async () => ({
    ...{ ledgerHead: null, watermarks: {}, receipts: [] },
    counts: { applied: 0, refused: 0, conflict: 0, 'dead-letter': 0 },
  }),
  readFlow: async () => ({ flow, unfinished: [{ ...makeVersion, phase: 'scoping' }] }),
  getCurrentVersion: async () => null,
  readDueMails: async () => [],
  generateSampleRecommendations: failing('generateSampleRecommendations'),
  createVersion: failing('createVersion'),
  sendMail: failing('sendMail'),
};

let client: Client;
const ends: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  const address = inject('temporalAddress');
  const settings = {
    ...{ connection: { address }, namespace: 'default', dataDir, handoverDir: join(dataDir, 'incoming') },
    ...{ people: { people: [] }, enrolAtOnce: true, model: null, mail: null, workflowBundleFile: null },
    beginsAs: newestVersion,
  };
  const stopping = new AbortController();
  const worker = await startWorker(settings, {
    ...{ log: () => undefined, stopping: stopping.signal, taskQueue },
    activities: (deps) => ({ ...createActivities(deps), ...faulty }),
  });
  const connection = await Connection.connect({ address });
  client = new Client({ connection, dataConverter });
  ends.push(
    async () => stopping.abort(),
    () => worker.finished,
    () => connection.close(),
  );
});
beforeEach(async () => {
  reports = ['one', 'two', 'three'].map((name) => `report/${name}-${randomUUID()}`);
  await Promise.all(
    reports.map((workflowId) => client.workflow.start(workflowTypes.report, { workflowId, taskQueue })),
  );
});
afterEach(async () => {
  await Promise.all(reports.map((workflowId) => client.workflow.getHandle(workflowId).terminate()));
});
afterAll(async () => {
  for (const end of ends) await end();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The wait before each attempt but the first, in each of the reports. */
function waitsOf(activity: TrackedActivity): { declaredMs: number; measuredMs: number[] }[] {
  const policy = retryPolicies[retryPolicyOf[activity]];
  const began = reports.map((workflowId) => starts.get(key(activity, workflowId)) ?? []);
  return Array.from({ length: attempts - 1 }, (_, index) => ({
    declaredMs: retryDelayMs(policy, index + 1),
    measuredMs: began.map((times) => Math.round((times[index + 1] ?? 0) - (times[index] ?? 0))),
  }));
}

test(
  'exponential, linear and fixed waits are the declared ones within 10 %, over three attempts',
  { retry: 3 },
  async () => {
    const names = activities.flatMap((activity) => reports.map((workflowId) => key(activity, workflowId)));
    await until(async () => names.every((name) => (starts.get(name)?.length ?? 0) >= attempts));
    const measured = activities.map((activity) => ({
      spacing: retryPolicies[retryPolicyOf[activity]].spacing,
      waits: waitsOf(activity),
    }));
    expect(measured.map(({ spacing, waits }) => [spacing, ...waits.map((wait) => wait.declaredMs)])).toEqual([
      ['exponential', 2_000, 4_000],
      ['linear', 2_000, 4_000],
      ['fixed', 2_000, 2_000],
    ]);
    for (const { spacing, waits } of measured) {
      for (const { declaredMs, measuredMs } of waits) {
        const shortest = Math.min(...measuredMs);
        const said = `${spacing}: ${measuredMs.join(', ')} ms instead of ${declaredMs} ms`;
        expect(Math.abs(shortest - declaredMs) / declaredMs, said).toBeLessThanOrEqual(0.1);
      }
    }
    if (process.env['COUNTERSIGN_SHOW']) console.log(JSON.stringify(measured));
  },
);
