// Runs scenarios on the real server at each version of the workflow, several at once, and keeps the histories. Started by run.ts only.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { lobWorkflowId, queries, workflowIdOf } from '../../domain/change.ts';
import type { LaneProgress, ReportProgress } from '../../domain/report-progress.ts';
import { hasFeature, newestVersion, workflowVersions } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { peopleOfDrivenCycles } from '../worker/driven-cycle.ts';
import { openSmtp } from '../worker/notify/smtp.ts';
import type { TestSmtp } from '../worker/notify/smtp.ts';
import { World } from '../worker/worker-world.ts';
import { Faults } from './faults.ts';
import { namesOfHistories, removeHistories, replaceHistories, scenarioOf } from './history-files.ts';
import type { HistoryFile, RecordedHistory } from './history-files.ts';
import { nearWorld } from './near-world.ts';
import type { Beside } from './near-world.ts';
import { eventually, progressOf, statusOf } from './scenario.ts';
import type { Given, Scenario, Subject } from './scenario.ts';
import { namesOfScenarios, scenariosOf } from './scenarios.ts';

/** So many share a world: each laptop of it pulls what all of them bring. */
const perWorld = 8;
/** Of a workflow that went on in many runs: the first ones and the last ones. */
const runsKept = { first: 2, last: 2 };

const wanted = (process.env['HISTORIES'] ?? '').split(' ').filter((name) => name !== '');
const known = workflowVersions.flatMap((version) => [
  version,
  ...scenariosOf(version).flatMap(({ name }) => [name, `${version}/${name}`]),
]);
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new Error(`no version and no scenario is called ${unknown.join(', ')}`);
const isWanted = (version: string, name: string): boolean =>
  wanted.length === 0 || [version, name, `${version}/${name}`].some((each) => wanted.includes(each));

for (const version of workflowVersions) {
  const own = scenariosOf(version).filter(({ name }) => isWanted(version, name));
  for (let from = 0; from < own.length; from += perWorld) {
    describe(`${version}, from ${from + 1}`, () => {
      let given: Given & { smtp: TestSmtp };
      beforeAll(async () => {
        given = await openGiven(version);
      });
      afterAll(async () => {
        await given.world.close();
        await given.smtp.close();
      });
      test.concurrent.each(own.slice(from, from + perWorld))('$name', async (scenario) => {
        const histories = await historiesOf(given, scenario, await scenario.run(given));
        replaceHistories(version, scenario.name, histories);
      });
    });
  }
}

test('what is not in the table any more is not kept', () => {
  const names = new Set(namesOfScenarios());
  const isStray = (name: string): boolean =>
    !name.startsWith('unrecorded/') && !names.has(`${name.split('/')[0]}/${scenarioOf(name)}`);
  removeHistories(isStray);
  expect(namesOfHistories().filter(isStray)).toEqual([]);
});

async function openGiven(version: WorkflowVersion): Promise<Given & { smtp: TestSmtp }> {
  const faults = new Faults();
  const smtp = await openSmtp({
    onRcptTo: ({ address }, _session, done) => done(address.startsWith('paul') ? new Error('no such person') : null),
  });
  const withAddress = ['petra', 'paul'].map((personId) => ({
    ...{ personId, name: `${personId} Tester`, roles: ['tester' as const], email: `${personId}@example.org` },
  }));
  let beside: Beside | undefined;
  const world = await World.open({
    beginsAs: version,
    people: { people: [...peopleOfDrivenCycles.people, ...withAddress] },
    mail: { url: `smtp://127.0.0.1:${smtp.port}`, from: 'Countersign <audit@example.org>' },
    activities(deps) {
      const activities = faults.activities(deps);
      beside = { deps, activities };
      return activities;
    },
  });
  if (!beside) throw new Error('the worker did not start');
  return { world: nearWorld(world, beside), faults, version, smtp };
}

/** The histories of everything that ran for a report, once it rests. */
async function historiesOf(
  given: Given,
  { name }: Scenario,
  subject: Subject,
): Promise<Omit<HistoryFile, 'version'>[]> {
  const { reportId, ofCycle } = subject;
  const progress = await eventually(async () => {
    const now = await progressOf(given, subject);
    return now.work.length === 0 && now.waiting === 0 ? now : null;
  });
  expect([given.version, newestVersion]).toContain(progress.version);
  await lanesRest(given, reportId, progress);
  const path = `${given.version}/${name}`;
  const report = await runsOf(given, path, workflowIdOf({ kind: 'report', id: reportId }));
  const lanes = progress.lobs.map(({ lob }) =>
    runsOf(given, `${path}-lane-${fileName(lob)}`, lobWorkflowId(reportId, lob)),
  );
  const cycle = ofCycle ? await runsOf(given, `${path}-cycle`, workflowIdOf({ kind: 'cycle', id: ofCycle })) : [];
  return [...report, ...(await Promise.all(lanes)).flat(), ...cycle];
}

/** A lane that the report began is a workflow moments later, and has nothing to do some moments after that. */
async function lanesRest(given: Given, reportId: string, { version, lobs }: ReportProgress): Promise<void> {
  if (version === null || !hasFeature(version, 'lobChildren')) return;
  for (const { lob, status } of lobs) {
    if (status !== 'running' && status !== 'paused') continue;
    const workflowId = lobWorkflowId(reportId, lob);
    await eventually(async () => (await statusOf(given, workflowId)) !== null);
    const lane = given.world.client.workflow.getHandle(workflowId);
    await eventually(async () => (await lane.query<LaneProgress>(queries.progress)).work.length === 0);
  }
}

const fileName = (lob: string): string => lob.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-');

/** The runs of a workflow that went on from one to the next; none when there is no such workflow. */
async function runsOf(given: Given, name: string, workflowId: string): Promise<Omit<HistoryFile, 'version'>[]> {
  if ((await statusOf(given, workflowId)) === null) return [];
  const runs: RecordedHistory[] = [];
  for (let runId: string | undefined | null = undefined; runId !== null;) {
    const history: Run = await historyOf(given.world, workflowId, runId);
    runs.unshift(history);
    runId = history.events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || null;
  }
  const { first, last } = runsKept;
  return runs
    .map((history, index) => ({ name: runs.length > 1 ? `${name}-run-${index + 1}` : name, workflowId, history }))
    .filter((_, index) => index < first || index >= runs.length - last);
}

interface Run extends RecordedHistory {
  events: {
    eventType: string;
    workflowExecutionStartedEventAttributes?: { continuedExecutionRunId?: string };
  }[];
}

async function historyOf(world: World, workflowId: string, runId: string | undefined): Promise<Run> {
  const history = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
  return JSON.parse(historyToJSON(history)) as Run;
}
