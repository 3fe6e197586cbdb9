// Owns the life of one report: takes operations in, has them applied, does what follows, goes on in a new run before it grows too long.
// Decides nothing about an audit: the store and domain/ do.
import {
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { allHandlersFinished, isCancellation } from '@temporalio/workflow';
import { queries } from '../../domain/change.ts';
import type { Target } from '../../domain/operation.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Alert, PendingApproval, ReceiptNote, ReportProgress, VersionRun } from '../../domain/report-progress.ts';
import type { AppliedBatch } from '../activities/apply-operations.ts';
import type { Incoming } from '../store/apply.ts';
import type { StoredReport } from '../store/report-state.ts';
import { local } from './activity-proxies.ts';
import { addWork, hasStartable, isWork, startWork } from './follow-ups.ts';
import type { Work, WorkQueue } from './follow-ups.ts';
import { arrival, drain, inboxBytes, openInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import {
  newPhaseEngine,
  pendingApprovals,
  phaseLives,
  phaseMadeBy,
  versionMade,
  versionReviewed,
} from './phase-engine.ts';
import type { PhaseEngine } from './phase-engine.ts';
import { untilStoreAnswers } from './store-tries.ts';

/** When a run is long enough. The server ends a run's signals at 10,000 and its history at 51,200 events or 50 MB. */
export interface RunLimits {
  signals: number;
  events: number;
}
const usualLimits: RunLimits = { signals: 5_000, events: 8_000 };
const historyBytes = 12 * 1024 * 1024;
/** Beyond this many times its limits a run does not wait for running work any more: the next run starts that again. */
const patience = 1.6;
const ownTaskMs = 10;
/** The most of an inbox that travels undrained, as JSON: a payload of more than 2 MB would stop the workflow for ever. */
const carriedBytes = 1_000_000;
const alertsKept = 20;
const receiptsKept = 100;

/** Everything that a run hands to the next one. */
export interface ReportState {
  waiting: Incoming[];
  pending: Work[];
  engine: PhaseEngine;
  watermarks: Record<string, number>;
  ledgerHead: { length: number; hash: string } | null;
  counts: ReportProgress['counts'];
  receipts: ReceiptNote[];
  alerts: Alert[];
  continued: number;
}

export interface ReportInput {
  /** Tests shorten the runs; null or absent means the usual limits. */
  limits?: RunLimits | null;
  carried?: ReportState;
}

function newState(): ReportState {
  return {
    waiting: [],
    pending: [],
    engine: newPhaseEngine(),
    watermarks: {},
    ledgerHead: null,
    counts: { applied: 0, refused: 0, conflict: 0, 'dead-letter': 0 },
    receipts: [],
    alerts: [],
    continued: 0,
  };
}

/** Runs until it is cancelled, from wherever the store is. Its report's id is in its own id: `report/ID`. */
export async function reportWorkflow(input?: ReportInput): Promise<void> {
  const target: Target = { kind: 'report', id: workflowInfo().workflowId.replace(/^report\//, '') };
  const state = input?.carried ?? newState();
  const limits = input?.limits ?? usualLimits;
  const queue: WorkQueue = { pending: state.pending, running: new Map() };
  const inbox = openInbox(state.waiting);
  answerQueries(target, state, queue, inbox);

  const goOn = (): boolean => mayGoOn(inbox, queue, limits);
  const listener = {
    applied: (batch: AppliedBatch) => afterApplying(state, queue, batch),
    failing: (message: string) => alert(state, 'apply-failing', message),
    enough: goOn,
  };
  const workListener = {
    made: (version: Omit<VersionRun, 'life'>) => versionMade(state.engine, version),
    failed: (work: Work, message: string) => alert(state, 'follow-up-failing', `${work.kind}: ${message}`),
  };
  try {
    if (!input?.carried) {
      const stored = await untilStoreAnswers(() => local.readReportState(target.id), listener.failing);
      takeUp(state, queue, stored);
      if (stored.over) return await drain(inbox, target, listener);
    }
    for (;;) {
      await arrival(inbox, () => goOn() || (hasStartable(queue) && !isLong(inbox, limits, 1)));
      if (goOn()) {
        // In a workflow task of its own: signals that arrive while operations are applied would make the command fail
        // and the operations be applied again.
        await sleep(ownTaskMs);
        if (inboxBytes(inbox) <= carriedBytes) break;
      }
      await drain(inbox, target, listener);
      if (!isLong(inbox, limits, 1)) startWork(queue, workListener);
    }
  } catch (error) {
    // Whoever cancels a report still owes a receipt to those who sent something before.
    if (isCancellation(error)) {
      await CancellationScope.nonCancellable(async () => {
        await drain(inbox, target, { ...listener, enough: () => false });
        await untilStoreAnswers(() => local.endReport(target.id), listener.failing);
      });
    }
    throw error;
  }
  await condition(allHandlersFinished);
  const carried = { ...state, waiting: inbox.waiting, pending: queue.pending, continued: state.continued + 1 };
  await continueAsNew<typeof reportWorkflow>({ limits: input?.limits ?? null, carried });
}

/** Takes over what the store knows: nothing for a new report, everything for one whose workflow was lost with its server. */
function takeUp(state: ReportState, queue: WorkQueue, stored: StoredReport): void {
  const { versions, ledgerHead, watermarks, counts, receipts, unfinished } = stored;
  Object.assign(state, { ledgerHead, watermarks, counts, receipts, alerts: [] } satisfies Partial<ReportState>);
  state.engine.versions = versions;
  for (const followUp of unfinished) if (isWork(followUp)) addWork(queue, followUp);
}

/** True when the run passed its limits, or `times` as much. */
function isLong(inbox: Inbox, limits: RunLimits, times: number): boolean {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  const long =
    inbox.signals >= limits.signals * times ||
    historyLength >= limits.events * times ||
    historySize >= historyBytes * times;
  return long || (times === 1 && continueAsNewSuggested);
}

/** True when the next run may take over: nothing runs that would have to be run again, or there is no more time to wait for it. */
function mayGoOn(inbox: Inbox, queue: WorkQueue, limits: RunLimits): boolean {
  return isLong(inbox, limits, queue.running.size === 0 ? 1 : patience);
}

function alert(state: ReportState, kind: Alert['kind'], message: string): void {
  const others = state.alerts.filter((entry) => entry.kind !== kind || entry.message !== message);
  state.alerts = [...others, { kind, message, at: new Date().toISOString() }].slice(-alertsKept);
}

function afterApplying(state: ReportState, queue: WorkQueue, batch: AppliedBatch): void {
  state.alerts = state.alerts.filter((entry) => entry.kind !== 'apply-failing');
  for (const key of Object.keys(state.counts) as (keyof typeof state.counts)[]) state.counts[key] += batch.counts[key];
  state.receipts = [...state.receipts, ...batch.receipts].slice(-receiptsKept);
  for (const [deviceId, sequence] of Object.entries(batch.watermarks)) {
    state.watermarks[deviceId] = Math.max(sequence, state.watermarks[deviceId] ?? 0);
  }
  followLedger(state, batch.ledgerHead);
  for (const followUp of batch.followUps) {
    if (isWork(followUp)) addWork(queue, followUp);
    else if (followUp.kind === 'version-reviewed') versionReviewed(state.engine, followUp);
  }
}

/** The head that the store has now, against the one the workflow knows: a chain only grows. */
function followLedger(state: ReportState, head: ReportState['ledgerHead']): void {
  const known = state.ledgerHead;
  const length = head?.length ?? 0;
  if (known && length < known.length) {
    alert(
      state,
      'ledger-cut',
      `the ledger was cut: the workflow knows ${known.length} entries, the store has ${length}`,
    );
  } else if (known && length === known.length && head?.hash !== known.hash) {
    alert(state, 'ledger-cut', `the ledger was changed: its entry ${length} is not the one the workflow knows`);
  } else {
    state.ledgerHead = head;
  }
}

function answerQueries(target: Target, state: ReportState, queue: WorkQueue, inbox: Inbox): void {
  const makingNow = (): ReadonlySet<PhaseSlug> =>
    new Set([...queue.running.values()].flatMap((work) => phaseMadeBy(work) ?? []));
  setHandler(defineQuery<VersionRun[]>(queries.phaseVersions), () => state.engine.versions);
  setHandler(defineQuery<PendingApproval[]>(queries.pendingApprovals), () => pendingApprovals(state.engine));
  setHandler(defineQuery<ReceiptNote[]>(queries.receipts), () => state.receipts);
  setHandler(defineQuery<ReportProgress>(queries.progress), () => ({
    target,
    phases: phaseLives(state.engine, makingNow()),
    waiting: inbox.waiting.length,
    followUps: queue.pending.map((work) => ({
      kind: work.kind,
      operationId: work.operationId,
      running: [...queue.running.values()].includes(work),
    })),
    counts: state.counts,
    watermarks: state.watermarks,
    ledgerHead: state.ledgerHead,
    alerts: state.alerts,
    continued: state.continued,
  }));
}
