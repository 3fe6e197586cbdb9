// Owns drafting answers to rejected items and submitting a revision. All of it is in the outbox when a function returns.
// Knows no transport; which answers serve is asked of the domain.
import { whyNotAnswer } from '../../../domain/revision.ts';
import type { Answer } from '../../../domain/operation.ts';
import type { ReasonCode } from '../../../domain/decision.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { refuseFor, versionOrFail, whyNotRevise } from './access.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { Author } from '../outbox/outbox.ts';
import { statement } from '../sqlite.ts';

interface Rejection {
  itemKey: string;
  contentHash: string;
  reasonCode: ReasonCode | null;
}

/** The rejected items of a version as the server has them, by key. Drafts of a reviewer play no part. */
export function rejectionsOf(desk: Desk, versionId: string): Map<string, Rejection> {
  const rows = statement<Rejection>(
    desk.cache.db,
    `SELECT d.item_key AS itemKey, lower(hex(b.content_hash)) AS contentHash, d.reason_code AS reasonCode
     FROM decisions d INDEXED BY decisions_rejected
     JOIN versions v ON v.version_id = d.version_id
     JOIN items i ON i.version_row = v.version_row AND i.item_key = d.item_key
     JOIN bodies b ON b.body_row = i.body_row
     WHERE d.version_id = ? AND d.verdict = 'rejected' ORDER BY i.position`,
  ).all(versionId);
  return new Map(rows.map((row) => [row.itemKey, row]));
}

/** Drafts answers; an answer given again replaces the one before. */
export function draftAnswers(desk: Desk, input: CommandParsed<'revision:answer'>): CommandOutput<'revision:answer'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNotRevise(desk, version));
  const rejections = rejectionsOf(desk, version.versionId);
  for (const answer of input.answers) refuseFor(whyNotAnswer(answer, rejections.get(answer.itemKey)));
  desk.outbox.write(() => desk.outbox.tables.answers.draft(version.versionId, input.answers, desk.now()), {
    reportIds: [version.reportId],
    versionIds: [version.versionId],
  });
  const answered = answeredIn(desk, version.versionId, rejections).length;
  return { answered, open: rejections.size - answered };
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
  const rejections = rejectionsOf(desk, versionId);
  const answered = answeredIn(desk, versionId, rejections).length;
  return { undone, answered, open: rejections.size - answered };
}

/** Drafted answers to items that are rejected, in the version's order. */
export function answeredIn(desk: Desk, versionId: string, rejections = rejectionsOf(desk, versionId)): Answer[] {
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
  const { versionId, reportId, number } = version;
  const rejections = rejectionsOf(desk, versionId);
  for (const answer of input.answers) refuseFor(whyNotAnswer(answer, rejections.get(answer.itemKey)));
  const change = { reportIds: [reportId], versionIds: [versionId] };
  return desk.outbox.write(() => {
    desk.outbox.tables.answers.draft(versionId, input.answers, desk.now());
    const answers = answeredIn(desk, versionId, rejections);
    refuseOpen(answers, rejections, number);
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

function refuseOpen(answers: readonly Answer[], rejections: ReadonlyMap<string, Rejection>, number: number): void {
  const answered = new Set(answers.map(({ itemKey }) => itemKey));
  const open = [...rejections.keys()].filter((itemKey) => !answered.has(itemKey));
  if (open.length === 0 && rejections.size > 0) return;
  if (rejections.size === 0) {
    throw failed('not-cached', `the rejections of version ${number} are not on this laptop yet: sync first`);
  }
  throw failed(
    'refused',
    `${open.length.toLocaleString('en')} rejected items have no answer yet: ${open.slice(0, 10).join(', ')}`,
    { details: 'incomplete' },
  );
}
