// Owns what `review.submit` does: one whole verdict per version, made on what the store has.
import type { Report } from '../../../domain/change.ts';
import { whyClosed, whyCountsDiffer, whyNotSubmit } from '../../../domain/review.ts';
import type { ReviewVerdict } from '../../../domain/version.ts';
import { emitReport } from '../reports.ts';
import type { PhaseMove } from '../reports.ts';
import type { Schema } from '../schema.ts';
import { emitVersion, supersedeBefore } from '../version-status.ts';
import { readVersionRow, versionOf } from '../version-rows.ts';
import { whyNotReviewer } from './four-eyes.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Body = BodyOfKind<'review.submit'>;

const phaseAfter: Readonly<Record<ReviewVerdict, PhaseMove['state']>> = {
  approved: 'completed',
  'revision-requested': 'in-revision',
  rejected: 'rejected',
};

const verdictWords: Readonly<Record<ReviewVerdict, string>> = {
  approved: 'approved',
  'revision-requested': 'revision requested',
  rejected: 'rejected as a whole',
};

export async function submitReview(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing } = subject;
  const { versionId, verdict, note, seen } = body;
  const row = await readVersionRow(writing.trx, versionId);
  if (row?.report_id !== report.reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const version = versionOf(row);
  const reason =
    (await whyNotReviewer(subject, row, report)) ??
    whyClosed(version) ??
    whyCountsDiffer(seen, version.counts) ??
    whyNotSubmit(verdict, version, version.counts, note);
  if (reason) return refuse(reason, versionId);
  if (verdict === 'approved') await supersedeBefore(writing, row);
  await settle(subject, row, verdict, note);
  await emitReport(writing, report.reportId, { phase: row.phase, state: phaseAfter[verdict], versionId });
  const said = note.trim() === '' ? '' : `: ${note.trim().slice(0, 200)}`;
  return applied({
    summary: `submitted the review of version ${version.number}: ${verdictWords[verdict]}${said}`,
    detail: { verdict, note, counts: { ...version.counts } },
    versionId,
    followUps: [{ kind: 'version-reviewed', versionId, verdict }],
  });
}

async function settle(subject: Case, row: Schema['versions'], verdict: ReviewVerdict, note: string): Promise<void> {
  const { writing, actor, operationId } = subject;
  const { trx, at } = writing;
  await trx
    .updateTable('versions')
    .set({
      status: verdict === 'revision-requested' ? 'pending' : verdict,
      review_verdict: verdict,
      reviewed_by: actor.personId,
      reviewed_at: at,
      review_note: note,
    })
    .where('version_id', '=', row.version_id)
    .execute();
  await emitVersion(writing, row.version_id);
  // A revision is logged when it is made (`revise`); asking for one is on the version itself.
  if (verdict === 'revision-requested') return;
  await trx
    .insertInto('version_operations')
    .values({
      operation_key: operationId,
      report_id: row.report_id,
      version_id: row.version_id,
      operation: verdict === 'approved' ? 'approve' : 'reject',
      actor_id: actor.personId,
      started_at: at,
      completed_at: at,
      error: null,
    })
    .execute();
}
