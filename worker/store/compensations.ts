// Owns what is done about a step that failed for good: each action in the transaction of its effect, once, and on record. Which strategy
// a phase has, and what it ends in, is domain/compensation.ts; who settles it by hand is rules/compensation.ts.
import type { Kysely } from 'kysely';
import { actionsOf, actionWords, endStateOf, strategyNames } from '../../domain/compensation.ts';
import type {
  Compensation,
  CompensationAction,
  CompensationState,
  Settlement,
  Strategy,
} from '../../domain/compensation.ts';
import type { Report } from '../../domain/change.ts';
import { isSettled } from '../../domain/flow.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { recordUnreadableIn } from './evidence.ts';
import { nameOf, recordByWorkflow } from './flow-ledger.ts';
import { enterFailure } from './follow-up.ts';
import { notify } from './notifications.ts';
import { emitReport, lineOf, readReport } from './reports.ts';
import type { FollowUp } from './rules/rule.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { trackNow } from './tracking.ts';
import { emitVersion, voidSignOffs } from './version-status.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** A step that failed for good. Its id is made of the workflow, the job and when it failed: a repeated activity finds what the first one did. */
export type Failed = Pick<
  Compensation,
  'compensationId' | 'reportId' | 'phase' | 'lob' | 'job' | 'operationId' | 'reason'
>;

/**
 * Compensates a step that failed for good, by the strategy of its phase. Answers with what was done; null when nobody wants the step any
 * more. Done again it changes nothing.
 */
export function compensate(
  store: Store,
  failed: Failed,
  strategy: Strategy,
  clock: () => string,
): Promise<Compensation | null> {
  return write(store, clock(), async (writing) => {
    const known = await readCompensation(writing.trx, failed.compensationId);
    if (known) return known;
    const report = await readReport(writing.trx, failed.reportId);
    if (!report) return null;
    // What a phase was left out with is not carried out any more.
    if (lineOf(report, failed)?.state === 'skipped') await withdraw(writing, failed);
    if (await isUnwanted(writing, failed, report)) return null;
    const before = strategy === 'notify' ? await readNotified(writing.trx, failed) : null;
    if (before) return failedAgain(writing, before, failed.reason);
    const end = endStateOf(strategy, failed.operationId === null ? 'proposal' : 'act', failed.phase);
    const actions = actionsOf(end);
    const state: CompensationState = end.waits ? 'waiting' : end.step === 'tried-on' ? 'notified' : 'done';
    const compensation: Compensation = {
      ...failed,
      strategy,
      actions: actions.map((action) => ({ action, at: writing.at })),
      ...{ state, settled: null },
    };
    await insert(writing, compensation, failed.operationId === null && end.step !== 'tried-on');
    for (const action of actions) await carryOut(writing, action, compensation, report);
    await tell(writing, compensation);
    return compensation;
  });
}

/** Over, cancelled, skipped, done meanwhile, or held by another compensation already. */
async function isUnwanted(writing: Writing, failed: Failed, report: Report): Promise<boolean> {
  const { reportId, phase, lob, operationId } = failed;
  const line = lineOf(report, { phase, lob });
  const lane = report.lobs.find((row) => row.lob === lob);
  if (report.ended !== null || lane?.status === 'cancelled' || !line) return true;
  if (operationId === null) {
    const held = await readHeldProposals(writing.trx, reportId);
    return isSettled(line.state) || held.some((row) => row.phase === phase && row.lob === lob);
  }
  const row = await writing.trx
    .selectFrom('operations')
    .select(['follow_up_done_at', 'held_by'])
    .where('operation_id', '=', operationId)
    .executeTakeFirst();
  return row?.follow_up_done_at !== null || row.held_by !== null;
}

async function carryOut(
  writing: Writing,
  action: CompensationAction,
  compensation: Compensation,
  report: Report,
): Promise<void> {
  const { reportId, phase, lob, operationId } = compensation;
  switch (action) {
    case 'act-withdrawn':
      await withdraw(writing, compensation);
      return;
    case 'phase-closed': {
      const closed = { state: 'not-started', openedAt: null, dueAt: null, remindAt: null, remindedAt: null } as const;
      await emitReport(writing, reportId, {
        phase,
        lob,
        ...closed,
        expiredAt: null,
        outcome: null,
        reason: compensation.reason,
      });
      return;
    }
    case 'step-held':
      if (operationId !== null) await hold(writing, operationId, compensation.compensationId);
      return;
    case 'step-given-up':
      // A proposal is held by the row of its compensation; an act was withdrawn.
      return;
    case 'notified':
      await notifyOf(writing, compensation, report);
  }
}

async function hold({ trx }: Writing, operationId: string, compensationId: string | null): Promise<void> {
  await trx
    .updateTable('operations')
    .set({ held_by: compensationId })
    .where('operation_id', '=', operationId)
    .execute();
}

/** Takes back what asked for the step, unless it is done: whoever did it can do it again. */
async function withdraw(
  writing: Writing,
  { operationId, reason }: Pick<Compensation, 'operationId' | 'reason'>,
): Promise<void> {
  if (operationId === null) return;
  const row = await writing.trx
    .selectFrom('operations')
    .select(['follow_ups_text', 'follow_up_done_at'])
    .where('operation_id', '=', operationId)
    .executeTakeFirstOrThrow();
  if (row.follow_up_done_at !== null) return;
  for (const followUp of JSON.parse(row.follow_ups_text) as FollowUp[]) await withdrawWork(writing, followUp, reason);
}

async function withdrawWork(writing: Writing, followUp: FollowUp, message: string): Promise<void> {
  switch (followUp.kind) {
    case 'draw-sample':
    case 'make-version':
    case 'complete-phase':
      await enterFailure(writing, { ...followUp, operation: 'create', message });
      return;
    case 'revise-sample':
      await enterFailure(writing, { ...followUp, operation: 'revise', message });
      return;
    case 'settle-review':
      await reopenReview(writing, followUp.versionId);
      await enterFailure(writing, { ...followUp, operation: settled[followUp.verdict], message });
      return;
    case 'read-evidence':
      await recordUnreadableIn(writing, followUp, message);
      return;
    default:
      // News, and imports, which no phase owns.
      return;
  }
}

const settled = { approved: 'approve', rejected: 'reject', 'revision-requested': 'revise' } as const;

/** The version waits for its review again, with the decisions that stand on it; a signed one for its signatures. */
async function reopenReview(writing: Writing, versionId: string): Promise<void> {
  await writing.trx
    .updateTable('versions')
    .set({ review_verdict: null, reviewed_by: null, reviewed_at: null, review_note: null })
    .where('version_id', '=', versionId)
    .where('status', '=', 'pending')
    .execute();
  await voidSignOffs(writing, { version_id: versionId });
  await emitVersion(writing, versionId);
}

async function notifyOf(writing: Writing, compensation: Compensation, report: Report): Promise<void> {
  const { compensationId, reportId, phase, lob, operationId, strategy, reason, state } = compensation;
  const managers = report.assignments.filter((row) => row.role === 'test-manager').map((row) => row.personId);
  const actor = await actorOf(writing.trx, operationId);
  const waits = state === 'waiting' ? ': it waits for a test manager' : '';
  const text = `a step of ${nameOf(compensation)} of "${report.name}" failed for good and was ${strategyNames[strategy]}${waits}. ${reason}`;
  await notify(writing, {
    ...{ reportId, personIds: [...new Set([...managers, ...(actor === null ? [] : [actor])])] },
    ...{ kind: 'compensated', phase, lob, key: `compensation/${compensationId}`, text: text.slice(0, 1_000) },
  });
}

async function actorOf(db: Kysely<Schema>, operationId: string | null): Promise<string | null> {
  if (operationId === null) return null;
  const row = await db
    .selectFrom('operations')
    .select('actor_id')
    .where('operation_id', '=', operationId)
    .executeTakeFirst();
  return row?.actor_id ?? null;
}

async function insert({ trx }: Writing, compensation: Compensation, holdsProposal: boolean): Promise<void> {
  const { compensationId, reportId, phase, lob, operationId, state } = compensation;
  await trx
    .insertInto('compensations')
    .values({
      ...{ compensation_id: compensationId, report_id: reportId, phase, lob, operation_id: operationId, state },
      ...{ holds_proposal: holdsProposal ? 1 : 0, compensation_text: JSON.stringify(compensation) },
    })
    .execute();
}

/** Enters it into the ledger and the log, and has the flow counted up. */
async function tell(writing: Writing, compensation: Compensation): Promise<void> {
  const { compensationId, reportId, phase, lob, job, operationId, strategy, reason, actions } = compensation;
  await trackNow(writing, reportId, { kind: 'compensation', ...compensation });
  await recordByWorkflow(writing, {
    ...{ reportId, entryKey: `compensation/${compensationId}`, kind: 'step.compensated' },
    summary: `a step of ${nameOf(compensation)} failed for good and was ${strategyNames[strategy]}: ${reason.slice(0, 500)}`,
    detail: { phase, lob, job, operationId, strategy, reason, actions: actions.map((row) => actionWords[row.action]) },
  });
  await emitReport(writing, reportId);
}

/** A step that is tried on and fails again is no other thing, and people know of it: its log says the last reason. */
async function failedAgain(writing: Writing, before: Compensation, reason: string): Promise<Compensation> {
  const compensation: Compensation = { ...before, reason };
  await save(writing, compensation);
  await trackNow(writing, before.reportId, { kind: 'compensation', ...compensation });
  return compensation;
}

async function readNotified(db: Kysely<Schema>, failed: Failed): Promise<Compensation | null> {
  const rows = await readOf(db, failed.reportId, ['notified']);
  return (
    rows.find(
      (row) =>
        row.phase === failed.phase &&
        row.lob === failed.lob &&
        row.job === failed.job &&
        row.operationId === failed.operationId,
    ) ?? null
  );
}

/** A compensation of a report; null when there is none of that id. */
export async function readCompensation(db: Kysely<Schema>, compensationId: string): Promise<Compensation | null> {
  const row = await db
    .selectFrom('compensations')
    .select('compensation_text')
    .where('compensation_id', '=', compensationId)
    .executeTakeFirst();
  return row ? (JSON.parse(row.compensation_text) as Compensation) : null;
}

async function readOf(
  db: Kysely<Schema>,
  reportId: string,
  states: readonly CompensationState[],
): Promise<Compensation[]> {
  const rows = await db
    .selectFrom('compensations')
    .select('compensation_text')
    .where('report_id', '=', reportId)
    .where('state', 'in', states)
    .orderBy('compensation_id')
    .execute();
  return rows.map((row) => JSON.parse(row.compensation_text) as Compensation);
}

/** The lines whose proposal is not to be made. */
export async function readHeldProposals(
  db: Kysely<Schema>,
  reportId: string,
): Promise<{ phase: PhaseSlug; lob: string | null }[]> {
  return db
    .selectFrom('compensations')
    .select(['phase', 'lob'])
    .where('report_id', '=', reportId)
    .where('holds_proposal', '=', 1)
    .execute();
}

/** Whatever becomes of a compensation later, its proposal is held no more. */
async function save({ trx }: Writing, compensation: Compensation): Promise<void> {
  await trx
    .updateTable('compensations')
    .set({
      state: compensation.state,
      holds_proposal: 0,
      compensation_text: JSON.stringify(compensation),
    })
    .where('compensation_id', '=', compensation.compensationId)
    .execute();
}

/** Carries out what a person chose. Whether they may, and whether it can be chosen, was judged before. */
export async function settleCompensation(
  writing: Writing,
  compensation: Compensation,
  settling: { choice: Settlement; by: string; note: string },
): Promise<void> {
  const { operationId, reportId } = compensation;
  if (operationId !== null) await hold(writing, operationId, null);
  if (settling.choice === 'withdraw') await withdraw(writing, compensation);
  await closeOne(writing, compensation, settling);
  await emitReport(writing, reportId);
}

async function closeOne(
  writing: Writing,
  compensation: Compensation,
  settling: { choice: Settlement | 'skipped'; by: string; note: string },
): Promise<void> {
  const closed: Compensation = { ...compensation, state: 'settled', settled: { ...settling, at: writing.at } };
  await save(writing, closed);
  await trackNow(writing, compensation.reportId, { kind: 'compensation', ...closed });
}

/** A phase that is left out needs nothing any more: what waits in it is over, and acts that are held or tried on are taken back. */
export async function closeCompensations(
  writing: Writing,
  reportId: string,
  place: { phase: PhaseSlug; lob: string | null },
  by: string,
  note: string,
): Promise<void> {
  const waiting = (await readOf(writing.trx, reportId, ['waiting', 'notified', 'done'])).filter(
    (row) => row.phase === place.phase && row.lob === place.lob,
  );
  for (const compensation of waiting) {
    const { operationId, state } = compensation;
    if (operationId !== null) await hold(writing, operationId, null);
    await withdraw(writing, { operationId, reason: `the phase was skipped: ${note}` });
    if (state === 'waiting') await closeOne(writing, compensation, { choice: 'skipped', by, note });
    else await save(writing, compensation);
  }
}
