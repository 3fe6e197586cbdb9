// Owns the carrying out of a review: what its verdict means for the version, its phase and the people, in one transaction and once.
// The review itself was recorded and has its receipt before; whether it could be given was judged there.
import type { Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import type { PhaseOutcome } from '../../domain/flow.ts';
import { maxRevisions, phaseOf } from '../../domain/phases.ts';
import type { ReviewVerdict, Version, WorkflowContext } from '../../domain/version.ts';
import { keyOf, nameOf, recordByWorkflow } from './flow-ledger.ts';
import { finishFollowUp, readFollowed } from './follow-up.ts';
import type { Followed } from './follow-up.ts';
import { withSamples } from './lob-samples.ts';
import { logVersionOperation } from './new-version.ts';
import { notify } from './notifications.ts';
import { chainAuthors, emitReport, lineOf, readReport, saveLobs } from './reports.ts';
import type { PhaseMove } from './reports.ts';
import { sampleMove } from './sample-line.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { readVersion, readVersionRow } from './version-rows.ts';
import { emitVersion, supersedeBefore } from './version-status.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export interface Settlement {
  /** Made of workflow id, phase, LOB and operation id, never of a run or an attempt. */
  idempotencyKey: string;
  operationId: string;
  reportId: string;
  versionId: string;
  verdict: ReviewVerdict;
  workflow: WorkflowContext;
}

/**
 * Carries out what a review, or the last signature, said of a version: its status, where its phase goes, ledger, log and news.
 * Answers with the version as it stands then. Done again, or when the version was closed meanwhile because its phase was skipped or
 * its report ended, it changes nothing.
 */
export async function settleReview(store: Store, input: Settlement, clock: () => string): Promise<Version> {
  return write(store, clock(), async (writing) => {
    const { trx } = writing;
    const { reportId, operationId, versionId, verdict } = input;
    const row = await readVersionRow(trx, versionId);
    const report = await readReport(trx, reportId);
    if (!report || row?.report_id !== reportId) throw new Error(`the report ${reportId} has no version ${versionId}`);
    const cause = await readFollowed(trx, operationId);
    if (row.review_verdict !== verdict) {
      throw new Error(`version ${versionId} was not reviewed as ${verdict} but ${row.review_verdict ?? 'not at all'}`);
    }
    if ((await isToDo(writing, operationId)) && row.status === 'pending' && isLineOpen(report, row)) {
      await settle(writing, input, report, row, cause);
    }
    await finishFollowUp(writing, operationId);
    const settled = await readVersion(trx, versionId);
    if (!settled) throw new Error(`the version ${versionId} is gone from the store`);
    return settled;
  });
}

async function isToDo({ trx }: Writing, operationId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('operations')
    .select('follow_up_done_at')
    .where('operation_id', '=', operationId)
    .executeTakeFirstOrThrow();
  return row.follow_up_done_at === null;
}

function placeOf(row: Schema['versions']): { phase: Schema['versions']['phase']; lob: string | null } {
  return { phase: row.phase, lob: phaseOf(row.phase).scope === 'lob' ? row.lob : null };
}

function isLineOpen(report: Report, row: Schema['versions']): boolean {
  const line = lineOf(report, placeOf(row));
  const lane = report.lobs.find((entry) => entry.lob === line?.lob);
  return report.ended === null && lane?.status !== 'cancelled' && line !== undefined && isOpen(line.state);
}

async function settle(
  writing: Writing,
  input: Settlement,
  report: Report,
  row: Schema['versions'],
  cause: Followed,
): Promise<void> {
  const { verdict, idempotencyKey, reportId, versionId } = input;
  const { actorId, deviceId, operationId, decidedAt, receivedAt } = cause;
  if (verdict === 'approved') await supersedeBefore(writing, row);
  if (verdict !== 'revision-requested') {
    await writing.trx.updateTable('versions').set({ status: verdict }).where('version_id', '=', versionId).execute();
    const operation = verdict === 'approved' ? 'approve' : 'reject';
    await logVersionOperation(writing, {
      ...{ operationKey: idempotencyKey, reportId, versionId, operation, actorId, error: null },
    });
  }
  await emitVersion(writing, versionId);
  const move = await moveOf(writing, report, row, verdict);
  if (move.state === 'completed' && row.phase === 'sample-selection') {
    await saveLobs(writing, reportId, await withSamples(writing.trx, report));
  }
  const place = placeOf(row);
  const told = await emitReport(writing, reportId, move);
  const name = nameOf(place);
  await writing.record({
    reportId,
    entryKey: idempotencyKey,
    kind: `version.${verdict}`,
    ...{ actorId, deviceId, operationId, versionId, decidedAt, receivedAt },
    summary: `${verdictWords(row, verdict)} version ${row.number} of ${name}`,
    detail: { ...place, number: row.number, verdict, outcome: move.outcome ?? null, workflow: { ...input.workflow } },
  });
  if (move.state === 'completed')
    await recordCompleted(writing, report, { ...place, versionId, outcome: move.outcome });
  await tellPeople(writing, told, row, verdict);
}

/** Where the phase goes. A rejection says why it is one; a deadline that passed is none and never comes here. */
async function moveOf(
  writing: Writing,
  report: Report,
  row: Schema['versions'],
  verdict: ReviewVerdict,
): Promise<PhaseMove> {
  const place = placeOf(row);
  const versionId = row.version_id;
  const over = { remindAt: null, dueAt: null, expiredAt: null };
  const rejected = { outcome: rejection(row), reason: row.review_note ?? '' };
  if (row.phase === 'sample-selection') {
    // Others of its lines of business may still be in review.
    const move = await sampleMove(writing.trx, report);
    // A redraw that is rejected ends nothing where an approved sample stands: what that completes is no rejection.
    if (verdict === 'rejected' && move.state !== 'completed') return { ...move, ...rejected };
    return move.state === 'completed' ? { ...move, ...over } : move;
  }
  if (verdict === 'rejected') return { ...place, versionId, state: 'rejected', ...rejected };
  if (verdict === 'revision-requested') {
    return { ...place, versionId, state: 'in-revision', outcome: null, reason: row.review_note ?? '' };
  }
  const outcome = phaseOf(row.phase).approval === 'sign-off' ? 'signed' : 'approved';
  return { ...place, versionId, state: 'completed', outcome, reason: '', ...over };
}

function rejection(row: Schema['versions']): PhaseOutcome {
  if (row.revision >= maxRevisions) return 'MaxRevisionsExceeded';
  return row.phase === 'sample-selection' ? 'SampleSelectionRejected' : 'VersionRejected';
}

function verdictWords(row: Schema['versions'], verdict: ReviewVerdict): string {
  if (verdict === 'revision-requested') return 'asked for a revision of';
  if (verdict === 'rejected') return 'rejected';
  return phaseOf(row.phase).approval === 'sign-off' ? 'signed off' : 'approved';
}

/** Enters that a phase is completed: once per version that completed it. */
export async function recordCompleted(
  writing: Writing,
  report: Pick<Report, 'reportId'>,
  done: {
    phase: Schema['versions']['phase'];
    lob: string | null;
    versionId: string | null;
    outcome?: PhaseOutcome | null;
  },
): Promise<void> {
  const { phase, lob, versionId } = done;
  await recordByWorkflow(writing, {
    reportId: report.reportId,
    entryKey: `phase/${keyOf(done)}/completed/${versionId ?? '-'}`,
    kind: 'phase.completed',
    versionId,
    summary: `completed ${nameOf(done)}`,
    detail: { phase, lob, outcome: done.outcome ?? null },
  });
}

const newsKinds = { approved: 'completed', rejected: 'rejected', 'revision-requested': 'revision-requested' } as const;

async function tellPeople(
  writing: Writing,
  report: Report,
  row: Schema['versions'],
  verdict: ReviewVerdict,
): Promise<void> {
  const place = placeOf(row);
  const authors = (await chainAuthors(writing.trx, [row.version_id])).get(row.version_id) ?? [];
  const managers = report.assignments.filter((entry) => entry.role === 'test-manager').map((entry) => entry.personId);
  const isSigned = verdict === 'approved' && phaseOf(row.phase).approval === 'sign-off';
  const everybody = report.assignments.map((entry) => entry.personId);
  const next = lineOf(report, place)?.waitingFor ?? [];
  const note = (row.review_note ?? '').trim();
  const why = note === '' ? '' : `: ${note.slice(0, 200)}`;
  const words = { approved: 'was approved', rejected: 'was rejected', 'revision-requested': 'is to be revised' };
  await notify(writing, {
    reportId: report.reportId,
    personIds: [...new Set(isSigned ? everybody : [...authors, ...managers, ...next])],
    kind: isSigned ? 'signed' : newsKinds[verdict],
    ...place,
    key: `${row.version_id}/${verdict}`,
    text: `version ${row.number} of ${nameOf(place)} of "${report.name}" ${isSigned ? 'is signed' : words[verdict]}${why}`,
  });
}
