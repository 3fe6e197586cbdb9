// Owns what `revision.submit` does at once: the tester's answers are checked and kept. Making the version is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { planRevision, whyNoAnswers } from '../../../domain/revision.ts';
import { readReviewedItems, readVersionRow, versionOf } from '../version-rows.ts';
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
    whyNoAnswers(versionOf(version)) ??
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
