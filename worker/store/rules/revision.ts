// Owns what `revision.submit` does at once: the tester's answers are checked and kept. Making the version is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { maxRevisions } from '../../../domain/phases.ts';
import { planRevision } from '../../../domain/revision.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Schema } from '../schema.ts';
import { readReviewedItems, readVersionRow } from '../version-rows.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';
import { whyBusy } from './sample.ts';

export async function submitRevision(
  subject: Case,
  body: BodyOfKind<'revision.submit'>,
  report: Report,
): Promise<Ruling> {
  const { writing, actor, operationId } = subject;
  const { reportId, versionId, answers, note } = body;
  const version = await readVersionRow(writing.trx, versionId);
  if (version?.report_id !== reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const reason =
    whyNot({ kind: 'revise', version }, actor, report.assignments) ??
    whyNotAsked(version) ??
    (await whyBusy(subject, reportId));
  if (reason) return refuse(reason, versionId);
  const items = await readReviewedItems(writing.trx, versionId);
  const hashes = new Map(items.map((item) => [item.itemKey, item.contentHash]));
  // Whether carried rows changed in the meantime is looked up when the version is made.
  const planned = planRevision(items, version.number, answers, (key) => hashes.get(key) ?? null);
  if (!planned.ok) return refuse(planned.reason, versionId);
  const replaced = answers.filter((answer) => answer.answer === 'replace').length;
  return applied({
    summary:
      `answered ${countOf(answers.length, 'rejection')} of version ${version.number}: ` +
      `${replaced} to replace, ${answers.length - replaced} kept`,
    detail: { replaced, kept: answers.length - replaced, note },
    versionId,
    followUps: [{ kind: 'revise-sample', operationId, reportId, versionId }],
  });
}

function whyNotAsked(version: Schema['versions']): Reason | null {
  const { number, status, review_verdict: verdict, revision } = version;
  if (status === 'superseded') {
    return { code: 'version-superseded', message: `version ${number} was superseded: a newer one exists` };
  }
  if (status !== 'pending' || verdict !== 'revision-requested') {
    return { code: 'out-of-turn', message: `no review asked for a revision of version ${number}` };
  }
  if (revision >= maxRevisions) {
    return { code: 'max-revisions', message: `version ${number} is revision ${revision} of ${maxRevisions}` };
  }
  return null;
}
