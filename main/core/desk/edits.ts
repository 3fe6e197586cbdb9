// Owns drafting an author's edits of a version, taking them back and handing the version in. All of it is in the outbox when a function
// returns. Knows no transport; which edits fit is asked of the domain.
import { contentHash } from '../../../domain/canonical.ts';
import { filledFields } from '../../../domain/item-fields.ts';
import { isSaidAlready, whyNotEdit } from '../../../domain/next-version.ts';
import type { OperationBody, Reason } from '../../../domain/operation.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import type { Version } from '../../../domain/version.ts';
import type { CommandOutput, CommandParsed, ItemRow } from '../../../preload/contract.ts';
import { refuseFor, versionOrFail, whyNotEdit as whyNoEdits } from './access.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { KeptEdit } from '../outbox/edit-table.ts';
import type { Author } from '../outbox/outbox.ts';
import { rowOfKey } from './overlay.ts';

/** Drafts edits. One of the same item takes the place of the draft before it; one that changes nothing takes it back. */
export function draftEdits(desk: Desk, input: CommandParsed<'edit:draft'>): CommandOutput<'edit:draft'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNoEdits(desk, version));
  desk.outbox.write(() => keepDrafts(desk, version, input.edits), changeOf(version));
  return { edits: desk.outbox.tables.edits.countDrafts(version.versionId) };
}

/** Takes drafted edits back. What was handed in stays as it is. */
export function undoEdits(desk: Desk, input: CommandParsed<'edit:undo'>): CommandOutput<'edit:undo'> {
  const version = versionOrFail(desk, input.versionId);
  const { edits } = desk.outbox.tables;
  desk.outbox.write(() => edits.takeBack(version.versionId, input.itemKeys), changeOf(version));
  return { edits: edits.countDrafts(version.versionId) };
}

/** Queues the handing in of a version with its drafted edits. Edits given here are drafted in the same transaction. */
export function submitVersion(
  desk: Desk,
  input: CommandParsed<'version:submit'>,
  author: Author,
): CommandOutput<'version:submit'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNoEdits(desk, version));
  const { reportId, versionId } = version;
  const { note } = input;
  return desk.outbox.write(() => {
    keepDrafts(desk, version, input.edits);
    const edits = desk.outbox.tables.edits.drafts(versionId).map((kept) => kept.edit);
    refuseFor(whyNothingNew(version, edits, note));
    const body: OperationBody = { kind: 'version.submit', reportId, versionId, edits, note };
    const [operation] = desk.outbox.queue([body], author, desk.now(), ([queued]) => {
      if (queued) desk.outbox.tables.edits.enqueue(versionId, queued.operationId);
    });
    if (!operation) throw new Error('the outbox queued nothing');
    return { operationId: operation.operationId };
  }, changeOf(version));
}

/** Drafted additions as rows after those of the version: nobody could see or take them back otherwise. */
export function addedRows(desk: Desk, version: Version): ItemRow[] {
  if (version.status === 'superseded') return [];
  return desk.outbox.tables.edits
    .shown(version.versionId)
    .flatMap((kept, index) => addedRow(desk, version, kept, index));
}

function addedRow(desk: Desk, version: Version, { edit, state }: KeptEdit, index: number): ItemRow[] {
  if (edit.edit !== 'add') return [];
  const filled = filledFields(version.phase, edit.fields);
  const body = 'missing' in filled ? edit.fields : filled.fields;
  return [
    {
      position: version.itemCount + index,
      ...{ itemKey: edit.itemKey, contentHash: contentHash(body), body },
      source: { kind: 'added', by: desk.personId },
      origin: { kind: 'new' },
      ...{ verdict: 'pending', reasonCode: null, note: '', decidedBy: null, decidedAt: null },
      ...{ delivery: state, answer: null, edit },
    },
  ];
}

function changeOf({ reportId, versionId }: Version) {
  return { reportIds: [reportId], versionIds: [versionId] };
}

function keepDrafts(desk: Desk, version: Version, edits: readonly Edit[]): void {
  if (edits.length === 0) return;
  const { versionId, reportId, number } = version;
  const { edits: table } = desk.outbox.tables;
  const added = new Map(addedRows(desk, version).map((row) => [row.itemKey, row]));
  const drafts = edits.map((edit) => draftOf(desk, version, edit, added.get(edit.itemKey)));
  table.takeBack(
    versionId,
    drafts.flatMap((draft) => (draft.kind === 'nothing' ? [draft.itemKey] : [])),
  );
  const kept = drafts.flatMap((draft) => (draft.kind === 'edit' ? [draft.edit] : []));
  table.draft({ versionId, reportId, number }, kept, desk.now());
}

type Draft = { kind: 'edit'; edit: Edit } | { kind: 'nothing'; itemKey: string };

/** What becomes of an edit: itself, or nothing when the item says that already. @throws CommandFailure when it does not fit. */
function draftOf(desk: Desk, version: Version, edit: Edit, added: ItemRow | undefined): Draft {
  const { itemKey } = edit;
  if (added && edit.edit !== 'add') return ofAddition(version, added, edit);
  const row = rowOfKey(desk, version.versionId, itemKey);
  refuseFor(whyNotEdit(version, edit, row ?? undefined));
  if (edit.edit !== 'set' || !row) return { kind: 'edit', edit };
  if (row.body === null) {
    throw failed('not-cached', `the contents of ${itemKey} are not on this laptop yet: sync first`);
  }
  return isSaidAlready({ body: row.body }, edit.fields) ? { kind: 'nothing', itemKey } : { kind: 'edit', edit };
}

/** A change of what was only added here is another addition; taking it out again leaves nothing. */
function ofAddition(version: Version, added: ItemRow, edit: Exclude<Edit, { edit: 'add' }>): Draft {
  const { itemKey } = added;
  if (edit.edit === 'remove') return { kind: 'nothing', itemKey };
  const again: Edit = { edit: 'add', itemKey, fields: { ...added.body, ...edit.fields } };
  refuseFor(whyNotEdit(version, again, undefined));
  return { kind: 'edit', edit: again };
}

/** Why handing in would say nothing that was not said before, or null. A draft is handed in as it is, a rejected version with a reason. */
function whyNothingNew(version: Version, edits: readonly Edit[], note: string): Reason | null {
  const { number, status } = version;
  if (edits.length > 0 || status === 'draft') return null;
  if (status !== 'rejected') {
    return { code: 'out-of-turn', message: `version ${number} was handed in before, and nothing was changed` };
  }
  return note.trim() === ''
    ? { code: 'reason-missing', message: `version ${number} was rejected: edit it, or say why it stays` }
    : null;
}
