// Owns what the rules of recorded work share: the item that was not taken, and the revision that the screen showed. Knows no phase.
import type { AuditRecord } from '../../../domain/audit-record.ts';
import { isConflict } from '../../../domain/operation.ts';
import type { ItemOutcome, Reason } from '../../../domain/operation.ts';
import { readPerson } from '../people.ts';
import type { RecordCause } from '../records.ts';
import type { Case } from './rule.ts';

/** A record that was not changed, named by its key. What the store has instead is in the feed, as a record of its own. */
export function notTaken(recordKey: string, reason: Reason): ItemOutcome {
  return { itemKey: recordKey, state: isConflict(reason.code) ? 'conflict' : 'refused', reason, theirs: null };
}

/** Why a change does not fit the record as it is: somebody changed it after the screen was drawn. Null when it fits. */
export async function whyOtherRevision(
  { writing }: Case,
  what: string,
  seenRevision: number,
  latest: AuditRecord | undefined,
): Promise<Reason | null> {
  const revision = latest?.revision ?? 0;
  if (seenRevision === revision) return null;
  if (!latest) return { code: 'already-decided', message: `${what} has no revision ${seenRevision} here: look again` };
  const by = (await readPerson(writing.trx, latest.actorId))?.name ?? latest.actorId;
  const seen = seenRevision === 0 ? 'none' : `revision ${seenRevision}`;
  const message = `${what} was changed by ${by} on ${latest.appliedAt} (revision ${revision}; the screen showed ${seen}): look at it and decide again`;
  return { code: 'already-decided', message };
}

/** The first key that stands in a list twice, as a refusal of the whole operation; null when all differ. */
export function whyTwice(keys: readonly string[], noun: string): Reason | null {
  return new Set(keys).size < keys.length
    ? { code: 'malformed', message: `${noun} is named twice in one operation` }
    : null;
}

export function causeOf({ actor, operationId, decidedAt, receivedAt }: Case): RecordCause {
  return { actorId: actor.personId, operationId, decidedAt, receivedAt };
}
