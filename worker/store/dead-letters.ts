// Owns what could not be applied and cannot be answered: kept whole, once, for the test managers to see.
import { createHash } from 'node:crypto';
import { directoryFeed, reportFeed, workflowIdOf } from '../../domain/change.ts';
import type { DeadLetter } from '../../domain/change.ts';
import type { Target } from '../../domain/operation.ts';
import { textOf } from './incoming.ts';
import type { Incoming } from './incoming.ts';
import { reportOf } from './reports.ts';
import type { Writing } from './writing.ts';

const excerptLength = 2_000;

/** Keeps what could not be applied, whole, for the test managers. What is resent is kept once. */
export async function bury(writing: Writing, target: Target, item: Incoming, message: string): Promise<void> {
  const rawText = textOf(item.raw) ?? '(not JSON)';
  const place = workflowIdOf(target);
  const digest = createHash('sha256').update(`${place}\n${rawText}`).digest('hex');
  const deadLetterId = `dead-${digest.slice(0, 32)}`;
  const row = { dead_letter_id: deadLetterId, target: place, received_at: item.receivedAt, message, raw_text: rawText };
  const { numInsertedOrUpdatedRows } = await writing.trx
    .insertInto('dead_letters')
    .values(row)
    .onConflict((c) => c.doNothing())
    .executeTakeFirstOrThrow();
  if (numInsertedOrUpdatedRows === 1n) {
    const excerpt = rawText.slice(0, excerptLength);
    const deadLetter: DeadLetter = { deadLetterId, target: place, receivedAt: item.receivedAt, message, excerpt };
    const reportId = await reportOf(writing, target);
    const feed = reportId ? reportFeed(reportId) : directoryFeed;
    writing.emit(feed, { kind: 'dead-letter', deadLetter }, 'role:test-manager');
  }
}
