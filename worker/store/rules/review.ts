// Owns what `review.submit` does at once: one whole verdict per version, made on what the store has, is recorded and closes the
// version. Carrying it out is a follow-up.
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { whyCountsDiffer, whyNotSubmit } from '../../../domain/review.ts';
import type { ReviewVerdict, Version } from '../../../domain/version.ts';
import { emitReport } from '../reports.ts';
import { readPlan } from '../sample-rows.ts';
import type { Schema } from '../schema.ts';
import { whyOtherPopulation } from '../scope.ts';
import { readVersionRow, versionsOf } from '../version-rows.ts';
import { emitVersion } from '../version-status.ts';
import { lineOfVersion, placeOf, whyBusy, whyShut } from './busy.ts';
import { whyNotReviewer } from './four-eyes.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Body = BodyOfKind<'review.submit'>;

const verdictWords: Readonly<Record<ReviewVerdict, string>> = {
  approved: 'approved',
  'revision-requested': 'revision requested',
  rejected: 'rejected as a whole',
};

export async function submitReview(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing, operationId } = subject;
  const { versionId, verdict, note, seen } = body;
  const row = await readVersionRow(writing.trx, versionId);
  const [version] = row ? await versionsOf(writing.trx, [row]) : [];
  if (!row || !version || version.reportId !== report.reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const reason =
    (await whyNotReviewer(subject, row, report)) ??
    whyShut(report, row, subject.actor) ??
    whySigned(version, verdict) ??
    (await whyBusy(writing.trx, lineOfVersion(row))) ??
    (await whyOldPopulation(subject, row, verdict)) ??
    whyCountsDiffer(seen, version.counts) ??
    whyNotSubmit(verdict, version, version.counts, note);
  if (reason) return refuse(reason, versionId);
  await closeVersion(subject, row, verdict, note);
  await emitReport(writing, report.reportId);
  const said = note.trim() === '' ? '' : `: ${note.trim().slice(0, 200)}`;
  const { reportId } = report;
  return applied({
    summary: `submitted the review of version ${version.number}: ${verdictWords[verdict]}${said}`,
    detail: { verdict, note, counts: { ...version.counts } },
    versionId,
    followUps: [{ kind: 'settle-review', operationId, reportId, versionId, ...placeOf(row), verdict }],
  });
}

function whySigned(version: Version, verdict: ReviewVerdict): Reason | null {
  if (verdict !== 'approved' || phaseOf(version.phase).approval !== 'sign-off') return null;
  return { code: 'out-of-turn', message: `version ${version.number} is signed, not approved by a review: sign it` };
}

/** What is approved is tested, and the report names one population. Rejecting it, or asking for a revision, stays possible. */
async function whyOldPopulation(
  { writing }: Case,
  row: Schema['versions'],
  verdict: ReviewVerdict,
): Promise<Reason | null> {
  if (verdict !== 'approved' || row.plan_id === null) return null;
  const plan = await readPlan(writing.trx, row.plan_id);
  return plan && whyOtherPopulation(writing.trx, row.report_id, plan.request.populationHash);
}

/** Puts a whole verdict on the version: nothing more lands on it. */
export async function closeVersion(
  { writing, actor }: Case,
  row: Pick<Schema['versions'], 'version_id'>,
  verdict: ReviewVerdict,
  note: string,
): Promise<void> {
  const { trx, at } = writing;
  await trx
    .updateTable('versions')
    .set({ review_verdict: verdict, reviewed_by: actor.personId, reviewed_at: at, review_note: note })
    .where('version_id', '=', row.version_id)
    .execute();
  await emitVersion(writing, row.version_id);
}
