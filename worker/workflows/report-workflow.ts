// Owns the life of one report: takes operations in, has them applied, has done what is due, goes on in a new run before it grows too
// long. Decides nothing about an audit: the store and domain/ do. A signed report's workflow waits on without a timer, so that an
// edit finds it: that costs a row on the server, no event and, once it leaves the cache, nothing in the worker.
import { CancellationScope, allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { defineQuery, isCancellation, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { queries } from '../../domain/change.ts';
import type { FlowState } from '../../domain/flow.ts';
import type { Target } from '../../domain/operation.ts';
import type {
  Alert,
  PendingApproval,
  PhaseVersion,
  ReceiptNote,
  ReportProgress,
} from '../../domain/report-progress.ts';
import type { AppliedBatch } from '../activities/apply-operations.ts';
import type { Incoming } from '../store/apply.ts';
import { local } from './activity-proxies.ts';
import { openAlarm } from './alarm.ts';
import { follow, hasEnded, isIdle, mayMove, newEngine, nextTurnMs } from './flow-engine.ts';
import { take, takeTurn, wantsMove, workShown } from './flow-engine.ts';
import type { Engine } from './flow-engine.ts';
import { drain, inboxBytes, openInbox } from './inbox.ts';
import type { DrainListener, Inbox } from './inbox.ts';
import { look, untilRead, withAlert } from './look.ts';
import { begin } from './perform.ts';
import { pendingApprovals, phaseLives, phaseVersions } from './report-answers.ts';
import { isLong, mayGoOn, usualLimits } from './run-limits.ts';
import type { RunLimits } from './run-limits.ts';
import { newsSignal } from './tell.ts';
import { raiseAlert } from './tracking.ts';
import type { Work } from './work.ts';

const ownTaskMs = 10;
/** The most of an inbox that travels undrained, as JSON: a payload of more than 2 MB would stop the workflow for ever. */
const carriedBytes = 1_000_000;
const receiptsKept = 100;

/** Everything that a run hands to the next one: ids, counts, the compact flow, and what could not be applied yet. */
export interface ReportState {
  waiting: Incoming[];
  pending: Work[];
  flow: FlowState | null;
  watermarks: Record<string, number>;
  ledgerHead: { length: number; hash: string } | null;
  counts: ReportProgress['counts'];
  receipts: ReceiptNote[];
  alerts: Alert[];
  continued: number;
}

export interface ReportInput {
  /** Tests shorten the runs, of the lanes too; null or absent means the former limits (run-limits.ts). */
  limits?: RunLimits | null;
  carried?: ReportState;
}

function newState(): ReportState {
  return {
    ...{ waiting: [], pending: [], flow: null, watermarks: {}, ledgerHead: null },
    counts: { applied: 0, refused: 0, conflict: 0, 'dead-letter': 0 },
    ...{ receipts: [], alerts: [], continued: 0 },
  };
}

/** Runs until the report is over, from wherever the store is. Its report's id is in its own id: `report/ID`. */
export async function reportWorkflow(input?: ReportInput): Promise<void> {
  const target: Target = { kind: 'report', id: workflowInfo().workflowId.replace(/^report\//, '') };
  const state = input?.carried ?? newState();
  const limits = input?.limits ?? null;
  const noted = (message: string): void => alert(state, 'step-failing', message);
  const engine = newEngine({ lob: null, noted, nowMs: Date.now, pending: state.pending, flow: state.flow });
  const inbox = openInbox(state.waiting);
  setHandler(newsSignal, () => {
    inbox.signals += 1;
    engine.look = true;
  });
  answerQueries(target, state, engine, inbox);

  const goOn = (): boolean => mayGoOn(inbox.signals, engine.running.size, limits);
  const listener: DrainListener = {
    known: () => engine.flow?.revision ?? null,
    applied: (batch) => afterApplying(state, engine, batch),
    failing: (message) => alert(state, 'apply-failing', message),
    enough: goOn,
  };
  try {
    if (!input?.carried) await takeUpReport(target.id, state, engine);
    const end = await live({ target, engine, inbox, listener, limits });
    if (end === 'over') return;
    if (end === 'moved') forgetWork(engine);
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => endOf(target, engine, inbox, listener));
    throw error;
  }
  await condition(allHandlersFinished);
  const { pending, flow } = engine;
  const carried = { ...state, pending, flow, waiting: inbox.waiting, continued: state.continued + 1 };
  await continueAsNew<typeof reportWorkflow>({ limits: limits ?? usualLimits, carried });
}

/** The next run reads flow and unfinished work anew: as the other version it may have lanes, and what waits of theirs is not its own any more. */
function forgetWork(engine: Engine): void {
  engine.flow = null;
  engine.pending = engine.pending.filter(({ job }) => job.kind === 'tell');
}

interface Living {
  target: Target;
  engine: Engine;
  inbox: Inbox;
  listener: DrainListener;
  limits: RunLimits | null;
}

/** Drains, looks and acts until the report is over, the next run may take over, or it has to because the workflow's version is another now. */
async function live({ target, engine, inbox, listener, limits }: Living): Promise<'over' | 'long' | 'moved'> {
  const performer = { reportId: target.id, limits, flow: () => engine.flow };
  const alarm = openAlarm();
  const goOn = (): boolean => mayGoOn(inbox.signals, engine.running.size, limits);
  const mayBegin = (): boolean => !isLong(inbox.signals, limits) && !wantsMove(engine.flow);
  for (;;) {
    await condition(
      () =>
        mayMove(engine) ||
        inbox.waiting.length > 0 ||
        engine.look ||
        (engine.turn && mayBegin()) ||
        alarm.rang ||
        goOn(),
    );
    if (goOn()) {
      // In a workflow task of its own: signals that arrive while operations are applied would make the command fail
      // and the operations be applied again.
      await sleep(ownTaskMs);
      if (inboxBytes(inbox) <= carriedBytes) return 'long';
    }
    await drain(inbox, target, listener);
    if (engine.look) await look(engine, target.id);
    if (hasEnded(engine) && isIdle(engine) && inbox.waiting.length === 0) return 'over';
    if (mayMove(engine) && (await hasMoved(engine, target.id))) return 'moved';
    if (mayBegin()) takeTurn(engine, (work) => begin(performer, work));
    alarm.set(nextTurnMs(engine));
  }
}

/** In a workflow task of its own, as every end of a run: see above. */
async function hasMoved(engine: Engine, reportId: string): Promise<boolean> {
  await sleep(ownTaskMs);
  // Whatever came meanwhile travels to the next run undrained.
  if (!mayMove(engine)) return false;
  await untilRead(engine, () => local.moveReport(reportId));
  return true;
}

/** Takes over what the store knows: nothing for a new report, everything for one whose workflow was lost with its server. */
async function takeUpReport(reportId: string, state: ReportState, engine: Engine): Promise<void> {
  const stored = await untilRead(engine, () => local.readReportState(reportId));
  const { ledgerHead, watermarks, counts, receipts } = stored;
  Object.assign(state, { ledgerHead, watermarks, counts, receipts, alerts: [] } satisfies Partial<ReportState>);
  await look(engine, reportId);
}

/** Whoever cancels a report on the server still owes a receipt to those who sent something before, and its lanes their end. */
async function endOf(target: Target, engine: Engine, inbox: Inbox, listener: DrainListener): Promise<void> {
  await drain(inbox, target, { ...listener, enough: () => false });
  await untilRead(engine, () => local.endReport(target.id));
  await look(engine, target.id);
  const performer = { reportId: target.id, limits: null, flow: () => engine.flow };
  takeTurn(engine, (work) => begin(performer, work));
  await condition(() => engine.running.size === 0);
}

function alert(state: ReportState, kind: Alert['kind'], message: string): void {
  state.alerts = withAlert(state.alerts, kind, message);
  if (kind === 'ledger-cut') raiseAlert(kind, 'critical', message);
}

function afterApplying(state: ReportState, engine: Engine, batch: AppliedBatch): void {
  state.alerts = state.alerts.filter((entry) => entry.kind !== 'apply-failing');
  for (const key of Object.keys(state.counts) as (keyof typeof state.counts)[]) state.counts[key] += batch.counts[key];
  state.receipts = [...state.receipts, ...batch.receipts].slice(-receiptsKept);
  for (const [deviceId, sequence] of Object.entries(batch.watermarks)) {
    state.watermarks[deviceId] = Math.max(sequence, state.watermarks[deviceId] ?? 0);
  }
  followLedger(state, batch.ledgerHead);
  take(engine, batch.flow);
  follow(engine, batch.followUps);
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

function answerQueries(target: Target, state: ReportState, engine: Engine, inbox: Inbox): void {
  setHandler(defineQuery<PhaseVersion[]>(queries.phaseVersions), () => phaseVersions(engine));
  setHandler(defineQuery<PendingApproval[]>(queries.pendingApprovals), () => pendingApprovals(engine));
  setHandler(defineQuery<ReceiptNote[]>(queries.receipts), () => state.receipts);
  setHandler(defineQuery<ReportProgress>(queries.progress), () => ({
    target,
    phases: phaseLives(engine),
    lobs: engine.flow?.lobs ?? [],
    version: engine.flow?.version ?? null,
    paused: engine.flow?.paused ?? false,
    waiting: inbox.waiting.length,
    work: workShown(engine),
    counts: state.counts,
    watermarks: state.watermarks,
    ledgerHead: state.ledgerHead,
    alerts: [...state.alerts, ...engine.failing.values()],
    continued: state.continued,
  }));
}
