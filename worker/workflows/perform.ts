// Owns how each job of the queue is carried out: by which activity, or by which workflow that is told. Knows no queue.
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, workflowInfo } from '@temporalio/workflow';
import { basisOf, proposingActivity, settlingActivity } from '../../domain/activity.ts';
import type { ProposedPhase } from '../../domain/activity.ts';
import { sha256Hex } from '../../domain/canonical.ts';
import { flowHas } from '../../domain/flow.ts';
import type { FlowState } from '../../domain/flow.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { workerStoppedFailure } from '../../domain/retry-policy.ts';
import { unknownVersionFailure } from '../../domain/workflow-version.ts';
import type { Failed } from '../store/compensations.ts';
import {
  compensatePhase,
  createSampleRevision,
  createSampleSelectionVersion,
  createVersion,
  getCurrentVersion,
  importPopulation,
  local,
  nameLobs,
  proposing,
  readEvidence,
  sendMail,
  settling,
} from './activity-proxies.ts';
import type { Begun, Outcome } from './flow-engine.ts';
import type { RunLimits } from './run-limits.ts';
import { rootMessage } from './store-tries.ts';
import { tellLane, tellReport } from './tell.ts';
import { ownerOf } from './work.ts';
import type { Job, Work } from './work.ts';

/** Whose jobs they are. */
export interface Performer {
  reportId: string;
  /** Handed on to the lanes that are started. */
  limits: RunLimits | null;
  /** The flow as it is known now. */
  flow(): FlowState | null;
}

/**
 * Begins a job in a scope of its own, so that it can be ended alone. A cancelled one has ended at once: what the SDK says of its
 * activity comes before the next local activity's result while the workflow runs and beside it on replay, so nothing may follow from it.
 */
export function begin(performer: Performer, work: Work): Begun {
  const scope = new CancellationScope();
  const { promise: ended, resolve } = Promise.withResolvers<Outcome>();
  void scope
    .run(() => performOrCompensate(performer, work))
    .catch((error: unknown): Outcome =>
      isCancellation(error) ? { kind: 'cancelled' } : { kind: 'failed', message: rootMessage(error) },
    )
    .then(resolve);
  return {
    ended,
    cancel() {
      scope.cancel();
      resolve({ kind: 'cancelled' });
    },
  };
}

async function performOrCompensate(performer: Performer, work: Work): Promise<Outcome> {
  try {
    return { kind: 'done', note: await perform(performer, work.job) };
  } catch (error) {
    const failed = failedStep(performer, work, error);
    if (!failed) throw error;
    const compensated = await compensatePhase(failed);
    // Told, and tried on: the job stays due.
    if (compensated?.strategy === 'notify') throw error;
    return { kind: 'done', note: null };
  }
}

/** What is to be compensated; null for what is simply tried again: whatever belongs to no phase, the end of a worker, and an older one. */
function failedStep({ reportId, flow }: Performer, { key, job, phase, lob }: Work, error: unknown): Failed | null {
  const known = flow();
  if (!known || !flowHas(known, 'compensation') || phase === null || !isCompensated(job)) return null;
  const cause = error instanceof ActivityFailure ? error.cause : null;
  if (!(cause instanceof ApplicationFailure) || noFailures.includes(cause.type ?? '')) return null;
  const when = `${workflowInfo().workflowId}/${key}/${Date.now()}`;
  return {
    compensationId: `k-${sha256Hex(when).slice(0, 32)}`,
    ...{ reportId, phase, lob, job: job.kind, reason: rootMessage(error) },
    operationId: 'operationId' in job ? job.operationId : null,
  };
}

/** What says nothing about the step itself. */
const noFailures: readonly string[] = [unknownVersionFailure, workerStoppedFailure];

/** Opening, skipping, deadlines and lanes are single transactions: they are tried until they work. */
function isCompensated({ kind }: Job): boolean {
  return kind === 'propose' || compensatedActs.includes(kind);
}
const compensatedActs: readonly Job['kind'][] = [
  'draw-sample',
  'revise-sample',
  'make-version',
  'settle-review',
  'complete-phase',
  'read-evidence',
];

/** Carries a job out. Answers with what a person should read about it, or null. */
async function perform(performer: Performer, job: Job): Promise<string | null> {
  const { reportId } = performer;
  switch (job.kind) {
    case 'open':
      await local.openPhase(reportId, job.phase, job.lob);
      return null;
    case 'propose':
      await propose(reportId, job.phase, job.lob);
      return null;
    case 'skip':
      await local.skipPhase(reportId, job.phase, job.lob, job.reason);
      return null;
    case 'remind':
      await local.remindPhase(reportId, job.phase, job.lob);
      return null;
    case 'expire':
      // The worker's clock may be behind the one that says that it is time.
      await local.expirePhase(reportId, job.phase, job.lob, new Date().toISOString());
      return null;
    case 'name-lobs':
      await nameLobs(reportId);
      return null;
    case 'start-lob':
      // The lane's workflow is started by being told: the flow shows the lane as running from now on.
      await local.startLob(reportId, job.lob);
      return null;
    case 'finish-lob':
      await local.finishLob(reportId, job.lob);
      return null;
    case 'mail':
      return mail(reportId);
    case 'tell':
      await tell(performer, job.lob);
      return null;
    case 'import-population':
      await importPopulation(job);
      return null;
    case 'draw-sample':
      await createSampleSelectionVersion(job);
      return null;
    case 'revise-sample':
      await createSampleRevision(job);
      return null;
    case 'make-version':
    case 'complete-phase':
      await createVersion(job);
      return null;
    case 'settle-review':
      await settling[settlingActivity(job.phase, job.verdict)](job);
      return null;
    case 'read-evidence':
      await readEvidence(job);
      return null;
  }
}

/** Looks up the current versions that the proposal rests on, and has it made from exactly those. */
async function propose(reportId: string, slug: PhaseSlug, lob: string | null): Promise<void> {
  if (!isProposed(slug)) throw new Error(`${slug} begins empty: nothing proposes it`);
  const basis: { phase: PhaseSlug; versionId: string }[] = [];
  for (const phase of basisOf[slug]) {
    const version = await getCurrentVersion(reportId, phase, ownerOf(phase, lob));
    if (version) basis.push({ phase, versionId: version.versionId });
  }
  await proposing[proposingActivity[slug]]({ reportId, lob, basis });
}

function isProposed(slug: PhaseSlug): slug is ProposedPhase {
  return Object.hasOwn(proposingActivity, slug);
}

async function mail(reportId: string): Promise<string | null> {
  const failed = await sendMail(reportId, await local.readDueMails(reportId));
  const [first] = failed;
  if (!first) return null;
  const others = failed.length > 1 ? ` (and ${failed.length - 1} more)` : '';
  return `no e-mail to ${first.personId}: ${first.reason}${others}`;
}

async function tell({ reportId, limits, flow }: Performer, lob: string | null): Promise<void> {
  if (lob === null) return tellReport(reportId);
  const known = flow();
  const status = known?.lobs.find((entry) => entry.lob === lob)?.status;
  const isUnderWay = known?.over === false && (status === 'running' || status === 'paused');
  await tellLane({ reportId, lob }, isUnderWay, limits);
}
