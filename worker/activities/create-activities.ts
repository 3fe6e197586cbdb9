// Owns the set of activities: each takes its dependencies from the factory, so tests and hosts decide what they work on.
import { ApplicationFailure, Context } from '@temporalio/activity';
import { z } from 'zod';
import { signedContentsSchema, signedPullSchema, signedReviveSchema, signedUploadSchema } from '../../domain/change.ts';
import type { ContentsAnswer, PullAnswer, ReviveAnswer, UploadAnswer } from '../../domain/change.ts';
import type { Target } from '../../domain/operation.ts';
import type { WorkflowContext } from '../../domain/version.ts';
import type { ContentStore } from '../content/content-store.ts';
import type { PopulationStore } from '../population/population-store.ts';
import type { Incoming } from '../store/apply.ts';
import { enrol } from '../store/enrol.ts';
import type { Enrolled } from '../store/enrol.ts';
import { readContents } from '../store/feeds.ts';
import { endReport, readReportState } from '../store/report-state.ts';
import type { StoredReport } from '../store/report-state.ts';
import { reportsToRevive } from '../store/revive.ts';
import type { Store } from '../store/store.ts';
import type { Work } from '../workflows/follow-ups.ts';
import { applyBatch } from './apply-operations.ts';
import type { AppliedBatch } from './apply-operations.ts';
import { awaitPage, readPage } from './await-changes.ts';
import { drawSampleVersion } from './draw-sample.ts';
import type { MadeVersion } from './draw-sample.ts';
import { withHeartbeat } from './heartbeat.ts';
import { importPopulationFile } from './import-population.ts';
import { reviseSampleVersion } from './revise-sample.ts';
import { tracked } from './tracking.ts';

export interface ActivityDeps {
  store: Store;
  populations: PopulationStore;
  contents: ContentStore;
  /** Solo mode: a device is approved as it enrols. */
  enrolAtOnce: boolean;
  /** The time now, ISO-8601 UTC. */
  clock(): string;
  log(line: string): void;
  /** Aborted when the worker is to end: waiting stops at once, work that can be repeated too. */
  stopping: AbortSignal;
}

type WorkOf<Kind extends Work['kind']> = Extract<Work, { kind: Kind }>;

/** All activities, by the names that histories know. Local ones first; the others take seconds and heartbeat. */
export function createActivities(deps: ActivityDeps) {
  return {
    applyOperations: (target: Target, incoming: Incoming[]): Promise<AppliedBatch> =>
      applyBatch(deps, target, incoming),

    readReportState: (reportId: string): Promise<StoredReport> => readReportState(deps.store, reportId),

    endReport: (reportId: string): Promise<void> => endReport(deps.store, reportId, deps.clock),

    enrol: async (deviceId: string, signedEnrolment: unknown): Promise<Enrolled> => {
      const named = (signedEnrolment as { enrolment?: { deviceId?: unknown } } | null)?.enrolment?.deviceId;
      if (named !== deviceId) return { status: 'refused', message: `the enrolment is not for device ${deviceId}` };
      return enrol(deps.store, signedEnrolment, { approveAtOnce: deps.enrolAtOnce }, deps.clock);
    },

    readChanges: (signedPull: unknown): Promise<{ answer: PullAnswer; waitMs: number }> =>
      readPage(deps, readable(signedPullSchema, signedPull)),

    readContents: (signedContents: unknown): Promise<ContentsAnswer> =>
      readContents(deps.store, readable(signedContentsSchema, signedContents)),

    putContent: (signedUpload: unknown): Promise<UploadAnswer> =>
      deps.contents.receive(readable(signedUploadSchema, signedUpload)),

    reportsToRevive: (signedRevive: unknown): Promise<ReviveAnswer> =>
      reportsToRevive(deps.store, readable(signedReviveSchema, signedRevive)),

    adoptFile: (signedUpload: unknown): Promise<UploadAnswer> =>
      withHeartbeat(deps.stopping, () => deps.contents.receive(readable(signedUploadSchema, signedUpload))),

    awaitChanges: (signedPull: unknown, empty: PullAnswer): Promise<PullAnswer> =>
      withHeartbeat(deps.stopping, ({ signal }) =>
        awaitPage(deps, readable(signedPullSchema, signedPull), empty, signal),
      ),

    importPopulation: (work: WorkOf<'import-population'>): Promise<void> =>
      withHeartbeat(deps.stopping, (running) => tracked(deps, () => importPopulationFile(deps, work, running))),

    drawSample: (work: WorkOf<'draw-sample'>): Promise<MadeVersion | null> =>
      withHeartbeat(deps.stopping, () => tracked(deps, () => drawSampleVersion(deps, work, here()))),

    reviseSample: (work: WorkOf<'revise-sample'>): Promise<MadeVersion | null> =>
      withHeartbeat(deps.stopping, () => tracked(deps, () => reviseSampleVersion(deps, work, here()))),
  };
}
export type Activities = ReturnType<typeof createActivities>;

/** What has not the agreed form fails for good: asking again would not help. */
function readable<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw ApplicationFailure.nonRetryable(z.prettifyError(parsed.error), 'Malformed');
  return parsed.data;
}

/** Where in Temporal the current activity stands: kept on every version (mission.md, row 4). */
function here(): WorkflowContext {
  const { workflowExecution, activityId, activityType } = Context.current().info;
  return {
    workflowId: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
    stepId: activityId,
    activityName: activityType,
  };
}
