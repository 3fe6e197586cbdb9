// Owns the sentences that say what a review or a revision will do, before it is done. Pure: takes counts, knows no screen.
import type { ReasonCode, Verdict } from '../../domain/decision.ts';
import { reasonRules } from '../../domain/decision.ts';
import type { Answer } from '../../domain/operation.ts';
import { maxRevisions, phaseOf } from '../../domain/phases.ts';
import type { Population } from '../../domain/population.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { ReviewVerdict, VerdictCounts, Version } from '../../domain/version.ts';
import { count, percent } from '../formats.ts';
import type { AnswerCounts } from './use-rejections.ts';

/** What each whole verdict is called on a button and in a list. */
export const reviewVerdictNames: Readonly<Record<ReviewVerdict, string>> = {
  approved: 'Approve',
  'revision-requested': 'Ask for a revision',
  rejected: 'Reject the whole version',
};
/** What was said, in the past. */
export const reviewVerdictsSaid: Readonly<Record<ReviewVerdict, string>> = {
  approved: 'approved',
  'revision-requested': 'revision requested',
  rejected: 'rejected as a whole',
};

type Named = Pick<Version, 'phase' | 'number' | 'revision'>;

/** "1 sample", "55 samples": items as their phase calls them. */
export function itemsOf(version: Pick<Version, 'phase'>, amount: number): string {
  const plural = phaseOf(version.phase).itemsName;
  return `${count(amount)} ${amount === 1 ? plural.replace(/s$/, '') : plural}`;
}

const verb = (amount: number, one: string, many: string) => (amount === 1 ? one : many);

/** What a review will do, in one sentence. */
export function submitSentence(verdict: ReviewVerdict, version: Named, counts: VerdictCounts): string {
  const next = version.number + 1;
  switch (verdict) {
    case 'approved':
      if (counts.disputed > 0) {
        return `${itemsOf(version, counts.approved)} ${verb(counts.approved, 'is', 'are')} approved, ${count(counts.disputed)} ${verb(counts.disputed, 'stays', 'stay')} disputed and in the report, and version ${version.number} becomes the current one; the phase is completed.`;
      }
      return `${itemsOf(version, counts.approved)} ${verb(counts.approved, 'is', 'are')} approved and version ${version.number} becomes the current one; the phase is completed.`;
    case 'revision-requested':
      return `${counts.approved > 0 ? `${carriedWords(version, counts)}; ` : ''}${count(counts.rejected - counts.disputed)} ${verb(counts.rejected - counts.disputed, 'waits', 'wait')} for the tester, who ${version.phase === 'sample-selection' ? 'replaces or keeps' : 'changes or keeps'} each; version ${next} is revision ${version.revision + 1} of ${maxRevisions}.`;
    case 'rejected':
      return `Version ${version.number} with its ${itemsOf(version, counts.total)} is rejected and the phase ends; no further version follows.`;
  }
}

/** What the tester's answers will do, in one sentence. */
export function revisionSentence(version: Named, counts: VerdictCounts, answers: AnswerCounts): string {
  const parts = [
    ...(counts.approved > 0 ? [carriedWords(version, counts)] : [`version ${version.number + 1} is made`]),
    ...(answers.replace > 0 ? [`${count(answers.replace)} ${verb(answers.replace, 'is', 'are')} replaced`] : []),
    ...(answers.keep > 0
      ? [`${count(answers.keep)} ${verb(answers.keep, 'is', 'are')} kept with a rationale and decided again`]
      : []),
    ...(answers.edit > 0
      ? [`${count(answers.edit)} ${verb(answers.edit, 'is', 'are')} changed and decided again`]
      : []),
    ...(answers.remove > 0 ? [`${count(answers.remove)} ${verb(answers.remove, 'is', 'are')} taken out`] : []),
    ...(answers.dispute > 0
      ? [`${count(answers.dispute)} ${verb(answers.dispute, 'is', 'are')} kept as disputed, and the report lists them`]
      : []),
    'the report waits for the reviewer again',
  ];
  const [first = '', ...others] = parts;
  return `${[first.charAt(0).toUpperCase() + first.slice(1), ...others].join('; ')}.`;
}

const carriedWords = (version: Named, { approved }: VerdictCounts): string =>
  `${itemsOf(version, approved)} ${verb(approved, 'stays', 'stay')} approved and ${verb(approved, 'is', 'are')} carried into version ${version.number + 1}`;

/** Why a revision cannot be submitted yet, or null. */
export function whyNotSubmitRevision(rejected: number, answered: number): string | null {
  if (rejected === 0) return 'no item was rejected: there is nothing to answer';
  const open = rejected - answered;
  return open > 0 ? `${count(open)} of ${count(rejected)} rejections ${verb(open, 'has', 'have')} no answer yet` : null;
}

/** "59 of 30,000, random, 5 % risk, 5 % tolerable, 0 expected". */
export function planFacts(version: Pick<Version, 'itemCount'>, plan: RecordedPlan): string {
  const { risk, tolerable, expected } = plan.request;
  return [
    `${count(version.itemCount)} of ${count(plan.populationSize)}`,
    'random',
    `${percent(risk)} risk`,
    `${percent(tolerable)} tolerable`,
    `${expected === 0 ? '0' : percent(expected)} expected`,
  ].join(', ');
}

/** "hypergeometric · seed 20261120 · drawn from accounts.csv": what a re-performer needs, but for the hash beside it. */
export function drawFacts(plan: RecordedPlan, population: Population | null): string {
  const from = population ? ` · drawn from ${population.fileName}` : '';
  return `${plan.method} · seed ${plan.request.seed}${from}`;
}

/** "57 of 59 decided · 1 rejected": the progress, without what is to go. */
export function progressWords(counts: VerdictCounts): string {
  const decided = `${count(counts.total - counts.pending)} of ${count(counts.total)} decided`;
  return counts.rejected > 0 ? `${decided} · ${count(counts.rejected)} rejected` : decided;
}

/** What an answer says, in a cell. */
export function answerWord(answer: Answer | null): string {
  if (answer === null) return 'no answer yet';
  return answerWords[answer.answer];
}
const answerWords: Readonly<Record<Answer['answer'], string>> = {
  replace: 'replace',
  keep: 'keep',
  edit: 'changed',
  remove: 'take out',
  dispute: 'disputed',
};

/** What handing a version in will do, in one sentence. */
export function handInSentence(version: Pick<Version, 'phase' | 'number' | 'status'>, edits: number): string {
  const changes = `${count(edits)} ${verb(edits, 'change', 'changes')}`;
  if (version.status === 'draft' && edits === 0) {
    return `Version ${version.number} goes to its reviewer as it is; you become its author and cannot approve it yourself.`;
  }
  const before = version.status === 'approved' ? `the signatures of version ${version.number} are voided, ` : '';
  return `With ${changes}, ${before}version ${version.number + 1} is made and goes to its reviewer; you become its author and cannot approve it yourself.`;
}

/** The name of a reason, for after the verdict; empty without one. */
export function reasonName(reasonCode: ReasonCode | null): string {
  return reasonCode === null ? '' : reasonRules[reasonCode].name;
}

const done: Readonly<Record<Verdict, string>> = { approved: 'approved', rejected: 'rejected', pending: 'undecided' };
/** "26912 approved", "12 rows rejected": what was kept on this laptop. */
export function decidedWords(keys: readonly string[], verdict: Verdict): string {
  return `${keys.length === 1 ? keys[0] : `${count(keys.length)} rows`} ${done[verdict]}, kept on this laptop, not yet sent`;
}
