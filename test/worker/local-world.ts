// A world without a server: laptops speak to the worker's own activities, which work on a real store, real populations and real files; what
// is due is done at once, in one order, as the flow says it. For tests that drive many cycles. Knows no time-out, no retry, no history.
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { basisOf, proposingActivity, settlingActivity } from '../../domain/activity.ts';
import type { ProposedPhase } from '../../domain/activity.ts';
import { lobWorkflowId, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import { stepsDue } from '../../domain/flow.ts';
import type { FlowStep } from '../../domain/flow.ts';
import { targetOf } from '../../domain/operation.ts';
import type { OperationBody } from '../../domain/operation.ts';
import type { PeopleFile } from '../../domain/people.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { createActivities } from '../../worker/activities/create-activities.ts';
import type { Activities, ActivityDeps } from '../../worker/activities/create-activities.ts';
import { openContents, sizeOfWhole } from '../../worker/content/content-store.ts';
import { openPopulationStore } from '../../worker/population/population-store.ts';
import { ruleBased } from '../../worker/recommender/rule-based.ts';
import { readFlow } from '../../worker/store/phase-line.ts';
import { unfinishedWork } from '../../worker/store/report-state.ts';
import type { FollowUp } from '../../worker/store/rules/rule.ts';
import { loadPeople, openStore } from '../../worker/store/store.ts';
import type { Store } from '../../worker/store/store.ts';
import { Laptop } from './worker-world.ts';
import type { World } from './worker-world.ts';

export interface LocalWorld {
  /** As much of a world as laptops and cycles use. */
  world: World;
  store: Store;
  activities: Activities;
  /** Goes on from a copy of this world's store, with the same populations and files. */
  branch(storeFile: string, options?: LocalOptions): Promise<LocalWorld>;
  close(): Promise<void>;
}

/** What is other than usual. */
export interface LocalOptions {
  /** The version of the workflow that reports begin with. */
  beginsAs?: WorkflowVersion;
  /** Called before each job is done. */
  before?(called: Called): Promise<void>;
}

/** A job that is about to be done. */
export interface Called {
  activityType: keyof Activities;
  args: readonly unknown[];
  reportId: string;
  job: Job;
}

export async function openLocalWorld(people: PeopleFile, options: LocalOptions = {}): Promise<LocalWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-local-'));
  const handoverDir = join(dataDir, 'incoming');
  const contentsDir = join(dataDir, 'contents');
  for (const dir of [handoverDir, contentsDir]) mkdirSync(dir);
  const populations = await openPopulationStore({ dir: join(dataDir, 'populations') });
  const open = async (file: string, { beginsAs, before }: LocalOptions): Promise<LocalWorld> => {
    const sizeOfFile = (fileHash: string) => sizeOfWhole(contentsDir, fileHash);
    const store = await openStore({ file, sizeOfFile, ...(beginsAs ? { beginsAs } : {}) });
    await loadPeople(store, people);
    const deps: ActivityDeps = {
      ...{ store, populations, contents: openContents({ store, dataDir: contentsDir, handoverDir }) },
      ...{ recommender: ruleBased, mailer: null, enrolAtOnce: true, stopping: new AbortController().signal },
      clock: () => new Date().toISOString(),
      log: (line) => console.error(line),
    };
    const activities = createActivities(deps);
    const world = worldOf(handoverDir, store, activities, before ?? (async () => undefined));
    return { world, store, activities, branch: (copy, more = {}) => open(copy, more), close: () => store.close() };
  };
  const local = await open(join(dataDir, 'store.db'), options);
  return {
    ...local,
    async close() {
      await populations.close();
      await local.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

type Before = NonNullable<LocalOptions['before']>;

function worldOf(handoverDir: string, store: Store, activities: Activities, before: Before): World {
  const world = {
    handoverDir,
    async laptop(personId: string): Promise<Laptop> {
      const laptop = new Laptop(world, personId);
      await activities.enrol(laptop.deviceId, laptop.enrolment());
      return laptop;
    },
    async send(body: OperationBody, operations: unknown[]): Promise<void> {
      const receivedAt = new Date().toISOString();
      const incoming = operations.map((raw) => ({ raw, receivedAt }));
      await activities.applyOperations(targetOf(body), incoming, null);
      const reports = await store.db.selectFrom('reports').select('report_id').execute();
      for (const { report_id: reportId } of reports) await settle(store, activities, reportId, before);
    },
    start: async (type: string, argument: unknown) => {
      const answer = await asked(activities, type, argument);
      return { result: () => Promise.resolve(answer) };
    },
    /** A report's workflow is there as soon as its report is. */
    report: () => ({ describe: () => Promise.resolve({}) }),
  } as unknown as World;
  return world;
}

/** What the short-lived workflow of this type answers. */
async function asked(activities: Activities, type: string, argument: unknown): Promise<unknown> {
  if (type === workflowTypes.pullContents) return activities.readContents(argument);
  if (type === workflowTypes.putContent) return new MockActivityEnvironment().run(activities.adoptFile, argument);
  if (type !== workflowTypes.pullChanges) throw new Error(`nobody answers ${type} here`);
  const { answer, waitMs } = await activities.readChanges(argument);
  // All that is due was done before: waiting would be for ever.
  if (waitMs > 0) throw new Error('what is waited for does not come: nothing is due any more');
  return answer;
}

const mostSteps = 500;

/** Does everything that is due in a report and its lanes, one after the other, until there is nothing. */
async function settle(store: Store, activities: Activities, reportId: string, before: Before): Promise<void> {
  for (let done = 0; done < mostSteps; done += 1) {
    const due = await firstDue(store, reportId);
    if (!due) return;
    await perform(activities, reportId, due, before);
  }
  throw new Error(`after ${mostSteps} steps there is still something due`);
}

type Job = FlowStep | FollowUp;

async function firstDue({ db }: Store, reportId: string): Promise<{ lob: string | null; job: Job } | null> {
  const { lobs } = await readFlow(db, reportId, null);
  for (const lob of [null, ...lobs.map((row) => row.lob)]) {
    const flow = await readFlow(db, reportId, lob);
    const [job] = [...(await unfinishedWork(db, reportId, lob)), ...stepsDue(flow, new Date().toISOString())];
    if (job) return { lob, job };
  }
  return null;
}

/** As worker/workflows/perform.ts, without a workflow. */
async function perform(
  activities: Activities,
  reportId: string,
  { lob, job }: { lob: string | null; job: Job },
  before: Before,
): Promise<void> {
  const workflowId = lob === null ? workflowIdOf({ kind: 'report', id: reportId }) : lobWorkflowId(reportId, lob);
  const [activityType, ...args] = await callFor(activities, reportId, job);
  const info = { workflowExecution: { workflowId, runId: randomUUID() }, activityType, activityId: '1' };
  const activity = activities[activityType] as (...given: unknown[]) => Promise<unknown>;
  await before({ activityType, args, reportId, job });
  await new MockActivityEnvironment(info).run(activity, ...args);
}

async function callFor(
  activities: Activities,
  reportId: string,
  job: Job,
): Promise<[activity: keyof Activities, ...args: unknown[]]> {
  switch (job.kind) {
    case 'open':
      return ['openPhase', reportId, job.phase, job.lob];
    case 'skip':
      return ['skipPhase', reportId, job.phase, job.lob, job.reason];
    case 'propose': {
      const phase = job.phase as ProposedPhase;
      return [
        proposingActivity[phase],
        { reportId, lob: job.lob, basis: await basis(activities, reportId, phase, job.lob) },
      ];
    }
    case 'name-lobs':
      return ['nameLobs', reportId];
    case 'start-lob':
      return ['startLob', reportId, job.lob];
    case 'finish-lob':
      return ['finishLob', reportId, job.lob];
    case 'import-population':
      return ['importPopulation', job];
    case 'draw-sample':
      return ['createSampleSelectionVersion', job];
    case 'revise-sample':
      return ['createSampleRevision', job];
    case 'make-version':
    case 'complete-phase':
      return ['createVersion', job];
    case 'settle-review':
      return [settlingActivity(job.phase, job.verdict), job];
    case 'read-evidence':
      return ['readEvidence', job];
    default:
      throw new Error(`nobody does ${job.kind} here`);
  }
}

async function basis(activities: Activities, reportId: string, proposed: ProposedPhase, lob: string | null) {
  const found = [];
  for (const phase of basisOf[proposed]) {
    const version = await activities.getCurrentVersion(reportId, phase, phaseOf(phase).scope === 'lob' ? lob : null);
    if (version) found.push({ phase, versionId: version.versionId });
  }
  return found;
}
