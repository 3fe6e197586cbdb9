// Owns drafting answers to rejected items and submitting a revision. All of it is in the outbox when a function returns.
// Knows no transport; which answers serve is asked of the domain.
import { isSaidAlready } from '../../../domain/next-version.ts';
import type { Answer, Reason } from '../../../domain/operation.ts';
import { needsAnswer, whyNotAnswer } from '../../../domain/revision.ts';
import type { AnsweredItem } from '../../../domain/revision.ts';
import type { ReasonCode } from '../../../domain/decision.ts';
import type { Version } from '../../../domain/version.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { refuseFor, versionOrFail, whyNotHere, whyNotRevise } from './access.ts';
import { originOf, provenanceColumns, sourceOf } from '../cache/contents.ts';
import type { ProvenanceRow } from '../cache/contents.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { Author } from '../outbox/outbox.ts';
import { rowOfKey } from './overlay.ts';
import { statement } from '../sqlite.ts';

/** A rejected item as an answer to it has to know it. */
export type Rejection = AnsweredItem & { itemKey: string };
type Rejections = ReadonlyMap<string, Rejection>;

interface RejectionRow extends ProvenanceRow {
  item_key: string;
  content_hash: string;
  reason_code: ReasonCode | null;
}

/** The rejected items of a version as the server has them, by key; disputed ones too. Drafts of a reviewer play no part. */
export function rejectionsOf(desk: Desk, versionId: string): Map<string, Rejection> {
  const rows = statement<RejectionRow>(
    desk.cache.db,
    `SELECT d.item_key, lower(hex(b.content_hash)) AS content_hash, d.reason_code, ${provenanceColumns('i')}
     FROM decisions d INDEXED BY decisions_rejected
     JOIN versions v ON v.version_id = d.version_id
     JOIN items i ON i.version_row = v.version_row AND i.item_key = d.item_key
     JOIN bodies b ON b.body_row = i.body_row
     WHERE d.version_id = ? AND d.verdict = 'rejected' ORDER BY i.position`,
  ).all(versionId);
  return new Map(
    rows.map((row) => [
      row.item_key,
      {
        ...{ itemKey: row.item_key, contentHash: row.content_hash, reasonCode: row.reason_code },
        ...{ source: sourceOf(row), origin: originOf(row) },
      },
    ]),
  );
}

/** The rejections that wait for an answer: the test lead may have kept others as disputed. */
export function openRejections(rejections: Rejections): Rejection[] {
  return [...rejections.values()].filter(({ origin }) => needsAnswer({ verdict: 'rejected', origin }));
}

/** Drafts answers; an answer given again replaces the one before. */
export function draftAnswers(desk: Desk, input: CommandParsed<'revision:answer'>): CommandOutput<'revision:answer'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNotRevise(desk, version));
  const rejections = rejectionsOf(desk, version.versionId);
  refuseUnfit(desk, version, input.answers, rejections);
  desk.outbox.write(() => desk.outbox.tables.answers.draft(version.versionId, input.answers, desk.now()), {
    reportIds: [version.reportId],
    versionIds: [version.versionId],
  });
  return answerCounts(desk, version.versionId, rejections);
}

/** Takes drafted answers back: the rejections are unanswered again. One that was submitted stays as it is. */
export function undoAnswers(desk: Desk, input: CommandParsed<'revision:undo'>): CommandOutput<'revision:undo'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNotRevise(desk, version));
  const { versionId, reportId } = version;
  const undone = desk.outbox.write(() => desk.outbox.tables.answers.takeBack(versionId, input.itemKeys), {
    reportIds: [reportId],
    versionIds: [versionId],
  });
  return { undone, ...answerCounts(desk, versionId, rejectionsOf(desk, versionId)) };
}

/** How many rejections that want an answer have one drafted, and how many have none. */
export function answerCounts(
  desk: Desk,
  versionId: string,
  rejections: Rejections = rejectionsOf(desk, versionId),
): { answered: number; open: number } {
  const drafted = desk.outbox.answers(versionId);
  const wanted = openRejections(rejections);
  const answered = wanted.filter(({ itemKey }) => drafted.has(itemKey)).length;
  return { answered, open: wanted.length - answered };
}

/** Drafted answers to items that are rejected, in the version's order. */
function answersTo(desk: Desk, versionId: string, rejections: Rejections): Answer[] {
  const drafted = desk.outbox.answers(versionId);
  return [...rejections.keys()].flatMap((itemKey) => drafted.get(itemKey) ?? []);
}

/** Queues the revision that answers every rejection. Answers given here are drafted in the same transaction. */
export function submitRevision(
  desk: Desk,
  input: CommandParsed<'revision:submit'>,
  author: Author,
): CommandOutput<'revision:submit'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNotRevise(desk, version));
  const { versionId, reportId } = version;
  const rejections = rejectionsOf(desk, versionId);
  refuseUnfit(desk, version, input.answers, rejections);
  const change = { reportIds: [reportId], versionIds: [versionId] };
  return desk.outbox.write(() => {
    desk.outbox.tables.answers.draft(versionId, input.answers, desk.now());
    const answers = answersTo(desk, versionId, rejections);
    refuseOpen(version, answers, rejections);
    const [operation] = desk.outbox.queue(
      [{ kind: 'revision.submit', reportId, versionId, answers, note: input.note }],
      author,
      desk.now(),
      ([queued]) => {
        if (queued) desk.outbox.tables.answers.enqueue(versionId, queued.operationId);
      },
    );
    if (!operation) throw new Error('the outbox queued nothing');
    return { operationId: operation.operationId };
  }, change);
}

function refuseUnfit(desk: Desk, version: Version, answers: readonly Answer[], rejections: Rejections): void {
  for (const answer of answers) {
    refuseFor(whyNotThisAnswer(desk, version, answer, rejections.get(answer.itemKey)));
  }
}

/** Why an answer does not serve, or is not this person's to give; null when it may be given. */
function whyNotThisAnswer(
  desk: Desk,
  version: Version,
  answer: Answer,
  rejection: Rejection | undefined,
): Reason | null {
  const unfit = whyNotAnswer(version.phase, answer, rejection);
  if (unfit) return unfit;
  // Keeping an observation against its owner's rejection is the test lead's to say.
  if (answer.answer === 'dispute') return whyNotHere(desk, { kind: 'dispute' }, version.reportId);
  const body = answer.answer === 'edit' ? rowOfKey(desk, version.versionId, answer.itemKey)?.body : null;
  if (answer.answer !== 'edit' || !body || !isSaidAlready({ body }, answer.fields)) return null;
  const message = `the edit of ${answer.itemKey} changes nothing: change it, or keep it with a rationale`;
  return { code: 'malformed', message };
}

function refuseOpen({ number }: Version, answers: readonly Answer[], rejections: Rejections): void {
  if (rejections.size === 0) {
    throw failed('not-cached', `the rejections of version ${number} are not on this laptop yet: sync first`);
  }
  const answered = new Set(answers.map(({ itemKey }) => itemKey));
  const open = openRejections(rejections).filter(({ itemKey }) => !answered.has(itemKey));
  if (open.length === 0) return;
  const named = open.slice(0, 10).map(({ itemKey }) => itemKey);
  throw failed(
    'refused',
    `${open.length.toLocaleString('en')} rejected items have no answer yet: ${named.join(', ')}`,
    { details: 'incomplete' },
  );
}
