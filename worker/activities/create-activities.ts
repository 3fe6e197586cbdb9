// Owns the set of activities by the names that histories know: each takes its dependencies from the factory, so tests and hosts decide
// what they work on. What they do is in the files beside this one.
import { ApplicationFailure, Context } from '@temporalio/activity';
import { z } from 'zod';
import { signedContentsSchema, signedPullSchema, signedReviveSchema, signedUploadSchema } from '../../domain/change.ts';
import type { ContentsAnswer, PullAnswer, ReviveAnswer, UploadAnswer } from '../../domain/change.ts';
import type { Strategy } from '../../domain/compensation.ts';
import type { Target } from '../../domain/operation.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { retryPolicies } from '../../domain/retry-policy.ts';
import type { WorkflowContext } from '../../domain/version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { readEvidence } from '../making/evidence.ts';
import type { EvidenceRead } from '../making/evidence.ts';
import type { MadePhase, MakingDeps, Subject } from '../making/making.ts';
import type { Mailer } from '../notify/mailer.ts';
import type { Incoming } from '../store/apply.ts';
import type { Failed } from '../store/compensations.ts';
import { enrol } from '../store/enrol.ts';
import type { Enrolled } from '../store/enrol.ts';
import { readContents } from '../store/feeds.ts';
import { expirePhase, finishLob, openPhase, remindPhase, skipPhase, startLob } from '../store/phase-line.ts';
import { endReport, readReportState } from '../store/report-state.ts';
import type { StoredReport } from '../store/report-state.ts';
import { reportsToRevive } from '../store/revive.ts';
import { currentVersion } from '../store/version-rows.ts';
import { moveReport } from '../store/workflow-version.ts';
import { applyBatch } from './apply-operations.ts';
import type { AppliedBatch } from './apply-operations.ts';
import { awaitPage, readPage } from './await-changes.ts';
import { compensatePhase } from './compensate-phase.ts';
import type { Compensated } from './compensate-phase.ts';
import { drawSampleVersion } from './draw-sample.ts';
import { withHeartbeat } from './heartbeat.ts';
import { importPopulationFile } from './import-population.ts';
import { ofKnownReports } from './known-reports.ts';
import { completePhase, makeNext, proposeFirst, settle } from './make-version.ts';
import { nameLobsOf } from './name-lobs.ts';
import { readFlowAndWork } from './read-flow.ts';
import type { ReadFlow } from './read-flow.ts';
import { recommendSamples } from './recommend-samples.ts';
import { madeVersion } from './recorded.ts';
import type { FollowUpOf, MadeVersion } from './recorded.ts';
import { reviseSampleVersion } from './revise-sample.ts';
import { dueMailIds, sendDueMails } from './send-mail.ts';
import type { FailedMail } from './send-mail.ts';

export interface ActivityDeps extends MakingDeps {
  /** Null: nothing goes out by e-mail. */
  mailer: Mailer | null;
  /** How a step that failed for good is compensated; `compensationOf` of the domain where it is left out. */
  strategyOf?: (failed: Failed) => Strategy;
  /** Solo mode: a device is approved as it enrols. */
  enrolAtOnce: boolean;
  /** Aborted when the worker is to end: waiting stops at once, work that can be repeated too. */
  stopping: AbortSignal;
}

export function createActivities(deps: ActivityDeps) {
  const forReports = { ...storeCalls(deps), ...versionWork(deps), ...otherWork(deps) };
  return { ...ofKnownReports(deps.store, forReports), ...laptopCalls(deps) };
}
export type Activities = ReturnType<typeof createActivities>;

/** Run within a workflow's task: one store transaction each. */
function storeCalls(deps: ActivityDeps) {
  const { store, clock } = deps;
  const apply = (target: Target, incoming: Incoming[], knownRevision: number | null): Promise<AppliedBatch> =>
    applyBatch(deps, target, incoming, knownRevision);
  return {
    applyOperations: apply,
    // The same for operations of one kind each, by the names of mission.md's row 9.
    assignDataOwner: apply,
    submitDocument: apply,
    recordTestAction: apply,
    updateTestResponse: apply,
    signOffTestReport: apply,

    readReportState: (reportId: string): Promise<StoredReport> => readReportState(store, reportId),
    readFlow: (reportId: string, lob: string | null, known: number | null): Promise<ReadFlow> =>
      readFlowAndWork(deps, reportId, lob, known),
    getCurrentVersion: async (reportId: string, phase: PhaseSlug, lob: string | null): Promise<MadeVersion | null> =>
      madeVersion(await currentVersion(store.db, reportId, phase, lob)),
    readDueMails: (reportId: string): Promise<string[]> => dueMailIds(deps, reportId),

    openPhase: (reportId: string, phase: PhaseSlug, lob: string | null): Promise<void> =>
      openPhase(store, reportId, phase, lob, clock),
    skipPhase: (reportId: string, phase: PhaseSlug, lob: string | null, reason: string): Promise<void> =>
      skipPhase(store, reportId, phase, lob, reason, clock),
    remindPhase: (reportId: string, phase: PhaseSlug, lob: string | null): Promise<void> =>
      remindPhase(store, reportId, phase, lob, clock),
    /** `now`: by the workflow's clock, which may be ahead of this one. */
    expirePhase: (reportId: string, phase: PhaseSlug, lob: string | null, now: string): Promise<void> =>
      expirePhase(store, reportId, phase, lob, () => later(now, clock())),
    startLob: (reportId: string, lob: string): Promise<void> => startLob(store, reportId, lob, clock),
    finishLob: (reportId: string, lob: string): Promise<void> => finishLob(store, reportId, lob, clock),
    endReport: (reportId: string): Promise<void> => endReport(store, reportId, clock),
    moveReport: (reportId: string): Promise<WorkflowVersion> => moveReport(store, reportId, clock),
  };
}

function later(one: string, other: string): string {
  return Date.parse(one) > Date.parse(other) ? one : other;
}

/** What laptops ask of the short-lived workflows; the last two take longer and heartbeat. */
function laptopCalls(deps: ActivityDeps) {
  return {
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
  };
}

/** Work of seconds or more: a step, with a sign of life. Its attempts are tracked from outside (worker/tracking/attempts.ts). */
function step<Result>(
  deps: ActivityDeps,
  work: (running: { signal: AbortSignal; beat(detail: string): void }) => Promise<Result>,
): Promise<Result> {
  return withHeartbeat(deps.stopping, work);
}

/** What makes and settles versions, by the names of mission.md's row 9. */
function versionWork(deps: ActivityDeps) {
  const propose =
    (phase: MadePhase) =>
    (subject: Subject): Promise<MadeVersion | null> =>
      step(deps, () => proposeFirst(deps, phase, subject, here()));
  const settleReviewed = (work: FollowUpOf<'settle-review'>) => step(deps, () => settle(deps, work, here()));
  return {
    createPlanningVersion: propose('planning'),
    createDataProfilingVersion: propose('data-profiling'),
    createScopingVersion: propose('scoping'),
    createObservationVersion: propose('observations'),
    createTestReport: propose('test-report'),
    generateSampleRecommendations: (subject: Subject): Promise<number | null> =>
      step(deps, ({ signal }) => recommendSamples(deps, subject, here(), { attempt: attempt(), signal })),

    createSampleSelectionVersion: (work: FollowUpOf<'draw-sample'>): Promise<MadeVersion | null> =>
      step(deps, () => drawSampleVersion(deps, work, here())),
    createSampleRevision: (work: FollowUpOf<'revise-sample'>): Promise<MadeVersion | null> =>
      step(deps, () => reviseSampleVersion(deps, work, here())),
    createVersion: (work: FollowUpOf<'make-version' | 'complete-phase'>): Promise<MadeVersion | null> =>
      step(deps, () =>
        work.kind === 'make-version' ? makeNext(deps, work, here()) : completePhase(deps, work, here()),
      ),

    approveVersion: settleReviewed,
    approvePlanningVersion: settleReviewed,
    processDataProfilingReview: settleReviewed,
    processSampleReview: settleReviewed,
    approveSampleSelection: settleReviewed,
    processObservationReview: settleReviewed,
  };
}

function otherWork(deps: ActivityDeps) {
  return {
    importPopulation: (work: FollowUpOf<'import-population'>): Promise<void> =>
      step(deps, (running) => importPopulationFile(deps, work, running)),
    readEvidence: (work: FollowUpOf<'read-evidence'>): Promise<EvidenceRead> =>
      step(deps, () => readEvidence(deps, work)),
    compensatePhase: (failed: Failed): Promise<Compensated | null> => step(deps, () => compensatePhase(deps, failed)),
    nameLobs: (reportId: string): Promise<void> => step(deps, () => nameLobsOf(deps, reportId)),
    sendMail: (reportId: string, notificationIds: string[]): Promise<FailedMail[]> =>
      step(deps, () => sendDueMails(deps, reportId, notificationIds, attempt() >= retryPolicies.email.attempts)),
  };
}

function attempt(): number {
  return Context.current().info.attempt;
}

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
