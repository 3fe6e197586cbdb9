// Owns drafting again what can no longer arrive as it was: decisions and edits, on the present version, where the contents are what was
// seen. Nothing is sent by it. Knows no transport.
import type { Version } from '../../../domain/version.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { refuseFor, whyNotEdit, whyNotReview } from './access.ts';
import { presentPlaceOf, presentPlaceOfEdit } from './conflicts.ts';
import type { PresentPlace } from './conflicts.ts';
import { recordDecisions } from './decisions.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { KeptDecision } from '../outbox/decision-table.ts';
import type { KeptEdit } from '../outbox/edit-table.ts';
import { isDecisionStuck, isEditStuck } from './outbox-entries.ts';
import { notOpen } from './outbox-list.ts';
import { statement } from '../sqlite.ts';

type Output = CommandOutput<'outbox:decide-again'>;

/** Drafts entries again: conflicting decisions, or conflicting edits (also all of a version that could not be handed in), not both. */
export function decideAgain(desk: Desk, { entryIds }: CommandParsed<'outbox:decide-again'>): Output {
  const decisions = entryIds.filter((entryId) => entryId.startsWith('d-'));
  if (decisions.length === entryIds.length) return decideOnAgain(desk, entryIds);
  if (decisions.length === 0) return editAgain(desk, entryIds);
  throw failed('refused', 'decisions and edits are drafted again one kind at a time: they belong to different people');
}

/** An item with the place where it stands now. */
interface Found<Kept> {
  itemKey: string;
  /** The content that was seen; null for an addition. */
  seenHash: string | null;
  kept: Kept;
  place: PresentPlace | null;
}

function decideOnAgain(desk: Desk, entryIds: readonly string[]): Output {
  const found = entryIds.map((entryId): Found<KeptDecision> => {
    const kept = desk.outbox.tables.decisions.get(Number(entryId.slice(2)));
    if (!kept || kept.settledAt !== null) throw notOpen(entryId);
    if (!isDecisionStuck(desk, kept)) throw failed('refused', `${kept.itemKey} is in no conflict`);
    return { itemKey: kept.itemKey, seenHash: kept.contentHash, kept, place: presentPlaceOf(desk, kept) };
  });
  const { target, same } = whereTheSame(found, 'decided on', 'decide on what it says now');
  refuseFor(whyNotReview(desk, target));
  const again = same.map(({ kept }) => kept);
  const { versionId } = target;
  desk.outbox.write(
    () => {
      const { decisionIds } = recordDecisions(desk, {
        versionId,
        decisions: again.map(({ itemKey, contentHash, decision }) => ({ itemKey, contentHash, decision })),
      });
      for (const [index, kept] of again.entries()) {
        const by = decisionIds[index] ?? null;
        desk.outbox.tables.decisions.settle(kept.decisionId, 'decided-again', null, by, desk.now());
      }
    },
    changeOf(target, again),
  );
  return { versionId, itemKeys: again.map(({ itemKey }) => itemKey) };
}

function editAgain(desk: Desk, entryIds: readonly string[]): Output {
  const found = entryIds
    .flatMap((entryId) => editsBehind(desk, entryId))
    .map((kept): Found<KeptEdit> => {
      const { edit } = kept;
      const seenHash = edit.edit === 'add' ? null : edit.contentHash;
      return { itemKey: edit.itemKey, seenHash, kept, place: presentPlaceOfEdit(desk, kept) };
    });
  const { target, same } = whereTheSame(found, 'edited', 'edit what it says now');
  refuseFor(whyNotEdit(desk, target));
  const again = same.map(({ kept }) => kept);
  const { edits, operations } = desk.outbox.tables;
  const newer = new Set(edits.drafts(target.versionId).map(({ edit }) => edit.itemKey));
  const twice = again.find(({ edit, versionId }) => versionId !== target.versionId && newer.has(edit.itemKey));
  if (twice) {
    const message = `${twice.edit.itemKey} has a newer draft on version ${target.number}: take that back first, or drop this one`;
    throw failed('refused', message);
  }
  const at = desk.now();
  desk.outbox.write(
    () => {
      const ids = edits.draft(
        target,
        again.map(({ edit }) => edit),
        at,
      );
      for (const [index, kept] of again.entries()) {
        edits.settle(kept.editId, 'decided-again', null, ids[index] ?? null, at);
      }
      // When nothing of what was handed in waits there any more, that it was refused needs nobody either.
      for (const versionId of new Set(again.map((kept) => kept.versionId))) {
        if (edits.countOpen(versionId) === 0) operations.settleCarried(versionId, 'version.submit', at);
      }
    },
    changeOf(target, again),
  );
  return { versionId: target.versionId, itemKeys: same.map(({ itemKey }) => itemKey) };
}

/** The edits behind an entry: one, or all that wait on the version of a refused handing in. */
function editsBehind(desk: Desk, entryId: string): KeptEdit[] {
  const { edits, operations } = desk.outbox.tables;
  const id = entryId.slice(2);
  if (entryId.startsWith('e-')) {
    const kept = edits.get(Number(id));
    if (!kept || kept.settledAt !== null) throw notOpen(entryId);
    if (!isEditStuck(desk, kept)) throw failed('refused', `${kept.edit.itemKey} is in no conflict`);
    return [kept];
  }
  const row = entryId.startsWith('o-') ? operations.get(id) : null;
  if (!row || row.settled_at !== null || row.kind !== 'version.submit') {
    throw failed('refused', `${entryId} is nothing that can be drafted again: do it anew where it belongs`);
  }
  const sql = `SELECT edit_id FROM edits WHERE version_id = ? AND settled_at IS NULL AND (state = 'conflict'
    OR (state = 'draft' AND current = 1)) ORDER BY edit_id`;
  const waiting = statement<number>(desk.outbox.db, sql)
    .pluck()
    .all(row.version_id)
    .flatMap((editId) => edits.get(editId) ?? []);
  const stuck = waiting.filter((kept) => isEditStuck(desk, kept));
  if (stuck.length > 0) return stuck;
  throw failed('refused', 'its edits are drafts on the version that they were made on: hand it in again there');
}

/** The one version where items can be dealt with now, and those of them whose contents are what was seen. @throws CommandFailure when none are. */
function whereTheSame<Kept>(
  found: readonly Found<Kept>[],
  done: string,
  advice: string,
): { target: Version; same: Found<Kept>[] } {
  const [first] = found;
  const target = found.find(({ place }) => place !== null)?.place?.version;
  if (!first || !target) {
    throw failed('refused', `${first?.itemKey ?? 'The item'} is in no version that can be ${done} now`);
  }
  const same = found.filter(
    ({ place, seenHash }) => place?.version.versionId === target.versionId && place.contentHash === seenHash,
  );
  if (same.length > 0) return { target, same };
  throw failed(
    'refused',
    `${first.itemKey} has other contents in version ${target.number}: open it there and ${advice}`,
    { details: 'content-changed' },
  );
}

function changeOf({ reportId, versionId }: Version, again: readonly { versionId: string }[]) {
  return { reportIds: [reportId], versionIds: [...new Set([versionId, ...again.map((kept) => kept.versionId)])] };
}
