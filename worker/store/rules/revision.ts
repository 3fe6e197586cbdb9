// Owns what `revision.submit` does at once: the author's answers are checked and kept. Making the version is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { planNextVersion } from '../../../domain/next-version.ts';
import type { Answer, Reason } from '../../../domain/operation.ts';
import { planRevision, whyNoAnswers } from '../../../domain/revision.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import type { Schema } from '../schema.ts';
import { readReviewedItems, readVersionItems, readVersionRow } from '../version-rows.ts';
import { lineOfVersion, placeOf, whyBusy } from './busy.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, FollowUp, Ruling } from './rule.ts';

export async function submitRevision(
  subject: Case,
  body: BodyOfKind<'revision.submit'>,
  report: Report,
): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, versionId, answers, note } = body;
  const version = await readVersionRow(writing.trx, versionId);
  if (version?.report_id !== reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const { number, status, review_verdict: reviewVerdict, revision } = version;
  const reason =
    whyNot({ kind: 'revise', version }, actor, report.assignments) ??
    whyNotDispute(subject, answers, report) ??
    whyNoAnswers({ number, status, reviewVerdict, revision }) ??
    whyNotTurn(report, placeOf(version), actor) ??
    (await whyBusy(writing.trx, lineOfVersion(version))) ??
    (await whyUnfit(subject, version, answers));
  if (reason) return refuse(reason, versionId);
  return applied({
    summary: `answered ${countOf(answers.length, 'rejection')} of version ${number}: ${answerWords(version.phase, answers)}`,
    detail: { ...tally(answers), note },
    versionId,
    followUps: [followUpOf(subject.operationId, version)],
  });
}

function followUpOf(operationId: string, version: Schema['versions']): FollowUp {
  const { report_id: reportId, version_id: versionId, phase } = version;
  return phase === 'sample-selection'
    ? { kind: 'revise-sample', operationId, reportId, versionId }
    : { kind: 'make-version', operationId, reportId, versionId, ...placeOf(version) };
}

/** Keeping an observation against its owner's rejection is the test lead's to say. */
function whyNotDispute({ actor }: Case, answers: readonly Answer[], report: Report): Reason | null {
  const disputes = answers.some((answer) => answer.answer === 'dispute');
  return disputes ? whyNot({ kind: 'dispute' }, actor, report.assignments) : null;
}

async function whyUnfit(
  subject: Case,
  version: Schema['versions'],
  answers: readonly Answer[],
): Promise<Reason | null> {
  const { trx } = subject.writing;
  const { version_id: versionId, number, phase, status } = version;
  if (phase === 'sample-selection') {
    const items = await readReviewedItems(trx, versionId);
    const hashes = new Map(items.map((item) => [item.itemKey, item.contentHash]));
    // Whether carried rows changed in the meantime is looked up when the version is made.
    const planned = planRevision(items, number, answers, (key) => hashes.get(key) ?? null);
    return planned.ok ? null : planned.reason;
  }
  const items = await readVersionItems(trx, versionId);
  const change = { kind: 'answers', answers } as const;
  const planned = planNextVersion({ number, phase, status }, items, change, subject.actor.personId);
  return planned.ok ? null : planned.reason;
}

function tally(answers: readonly Answer[]) {
  const count = (kind: Answer['answer']) => answers.filter((answer) => answer.answer === kind).length;
  return {
    ...{ replaced: count('replace'), kept: count('keep'), edited: count('edit') },
    ...{ removed: count('remove'), disputed: count('dispute') },
  };
}

function answerWords(phase: Schema['versions']['phase'], answers: readonly Answer[]): string {
  const { replaced, kept, edited, removed, disputed } = tally(answers);
  const parts: [number, string][] = [
    [edited, 'edited'],
    [removed, 'taken out'],
    [disputed, 'kept as disputed'],
  ];
  const others = parts.flatMap(([count, word]) => (count > 0 ? [`${count} ${word}`] : []));
  const first = phase === 'sample-selection' ? [`${replaced} to replace`, `${kept} kept`] : [`${kept} kept`];
  return [...first, ...others].join(', ');
}
