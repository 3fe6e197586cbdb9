// Owns the three sides of a conflict: what was seen, what was meant, what the server has; and where it can be decided again.
// Reads both files; writes nothing.
import { filledFields } from '../../../domain/item-fields.ts';
import { whyNotHandIn } from '../../../domain/next-version.ts';
import { whyClosed } from '../../../domain/review.ts';
import type { AuditRecord } from '../../../domain/audit-record.ts';
import type { ItemBody, Version } from '../../../domain/version.ts';
import type { ConflictDetail, ConflictSide } from '../../../preload/contract.ts';
import type { Desk } from './desk.ts';
import type { KeptDecision } from '../outbox/decision-table.ts';
import type { KeptEdit } from '../outbox/edit-table.ts';
import type { KeptChange, RecordOperation } from '../outbox/record-change-table.ts';
import { rowOfKey } from './overlay.ts';
import { statement } from '../sqlite.ts';
import { chainOf } from './version-facts.ts';

/** Where an item can be decided on, or edited, now. */
export interface PresentPlace {
  version: Version;
  contentHash: string | null;
}

function bodyByHash(desk: Desk, contentHash: string | null): ItemBody | null {
  if (contentHash === null) return null;
  const text = statement<string | null>(desk.cache.db, 'SELECT body FROM bodies WHERE content_hash = unhex(?)')
    .pluck()
    .get(contentHash);
  return text == null ? null : (JSON.parse(text) as ItemBody);
}

function side(
  desk: Desk,
  versionId: string | null,
  values: Omit<ConflictSide, 'versionNumber' | 'body'>,
): ConflictSide {
  const versionNumber = versionId === null ? null : (desk.cache.version(versionId)?.number ?? null);
  return { versionNumber, body: bodyByHash(desk, values.contentHash), ...values };
}

export function decisionConflict(desk: Desk, kept: KeptDecision): ConflictDetail {
  const { contentHash, versionId, decision } = kept;
  const seen = { verdict: kept.seenVerdict, by: null, at: null };
  const mine = { verdict: decision.verdict, by: desk.personId, at: kept.decidedAt };
  const base = side(desk, versionId, { contentHash, ...seen });
  const place = presentPlaceOf(desk, kept);
  return {
    base: { ...base, versionNumber: base.versionNumber ?? (kept.seenVersionNumber || null) },
    mine: {
      ...side(desk, versionId, { contentHash, ...mine }),
      reasonCode: decision.reasonCode,
      note: decision.note,
    },
    theirs: theirsOf(desk, { ...kept, itemKey: kept.itemKey }),
    decideAgainOn: place && againOn(place, contentHash),
  };
}

function againOn({ version, contentHash }: PresentPlace, seen: string | null): ConflictDetail['decideAgainOn'] {
  return {
    versionId: version.versionId,
    versionNumber: version.number,
    contentUnchanged: contentHash === seen,
  };
}

/** What the server has instead: as its receipt said, else as the cache knows it. */
function theirsOf(desk: Desk, kept: Pick<KeptDecision, 'theirs' | 'versionId' | 'itemKey'>): ConflictSide | null {
  if (kept.theirs) {
    const { versionId, contentHash, verdict, actorId, at } = kept.theirs;
    return side(desk, versionId, { contentHash, verdict, by: actorId, at });
  }
  const version = desk.cache.version(kept.versionId);
  if (!version) return null;
  for (const one of chainOf(desk, version)) {
    const row = rowOfKey(desk, one.versionId, kept.itemKey);
    if (!row) continue;
    const { contentHash, verdict, decidedBy, decidedAt } = row;
    return side(desk, one.versionId, { contentHash, verdict, by: decidedBy, at: decidedAt });
  }
  return null;
}

/** The version on which the item can be decided now, or null. */
export function presentPlaceOf(desk: Desk, kept: KeptDecision): PresentPlace | null {
  const version = desk.cache.version(kept.versionId);
  if (!version) return null;
  const open = chainOf(desk, version).find((one) => whyClosed(one) === null);
  const row = open && rowOfKey(desk, open.versionId, kept.itemKey);
  return open && row ? { version: open, contentHash: row.contentHash } : null;
}

export function editConflict(desk: Desk, kept: KeptEdit): ConflictDetail {
  const { edit, versionId } = kept;
  const seen = edit.edit === 'add' ? null : edit.contentHash;
  const nobody = { verdict: null, by: null, at: null };
  const base = side(desk, versionId, { contentHash: seen, ...nobody });
  const place = presentPlaceOfEdit(desk, kept);
  return {
    base: { ...base, versionNumber: base.versionNumber ?? kept.seenVersionNumber },
    mine: {
      ...{ versionNumber: base.versionNumber, contentHash: null, verdict: null, by: desk.personId, at: kept.draftedAt },
      body: meantBody(desk, kept, base.body),
      reasonCode: null,
      note: edit.edit === 'remove' ? edit.reason : '',
    },
    theirs: theirsOf(desk, { theirs: kept.theirs, versionId, itemKey: edit.itemKey }),
    decideAgainOn: place && againOn(place, seen),
  };
}

function meantBody(desk: Desk, { edit, versionId }: KeptEdit, base: ItemBody | null): ItemBody | null {
  if (edit.edit === 'remove') return base;
  if (edit.edit === 'set') return { ...base, ...edit.fields };
  const phase = desk.cache.version(versionId)?.phase;
  const filled = phase ? filledFields(phase, edit.fields) : null;
  return filled && 'fields' in filled ? filled.fields : edit.fields;
}

/** The version that the edit can be drafted on now, or null: the newest that can be handed in, when it has the item (or lacks an added one). */
export function presentPlaceOfEdit(desk: Desk, { edit, versionId }: KeptEdit): PresentPlace | null {
  const version = desk.cache.version(versionId);
  const open = version && chainOf(desk, version).find((one) => whyNotHandIn(one) === null);
  if (!open) return null;
  const row = rowOfKey(desk, open.versionId, edit.itemKey);
  if (edit.edit === 'add') return row ? null : { version: open, contentHash: null };
  return row && { version: open, contentHash: row.contentHash };
}

/** Records have no place where they are decided again: recording anew, with what is there in view, answers the conflict. */
export function recordConflict(desk: Desk, kept: KeptChange): ConflictDetail {
  const { reportId, phase, lob, recordKey, seenRevision, change, operationId } = kept;
  const history = desk.cache.recordHistory({ reportId, phase, lob }, recordKey);
  const seen = history.find((record) => record.revision === seenRevision);
  const [latest] = history;
  const at = desk.outbox.tables.operations.get(operationId)?.decided_at ?? null;
  const wanted = wantedFields(change);
  return {
    base: recordSide(seen),
    mine: {
      ...{ versionNumber: null, contentHash: null, verdict: null, by: desk.personId, at },
      body: { ...seen?.body, ...wanted.fields },
      reasonCode: null,
      note: wanted.note,
    },
    theirs: latest && latest.revision !== seenRevision ? recordSide(latest) : null,
    decideAgainOn: null,
  };
}

function recordSide(record: AuditRecord | undefined): ConflictSide {
  const { body = null, actorId: by = null, decidedAt: at = null } = record ?? {};
  return { versionNumber: null, contentHash: null, verdict: null, body, by, at };
}

/** The fields of a record that a change of one record sets, and why. */
function wantedFields(change: RecordOperation): { fields: ItemBody; note: string } {
  switch (change.kind) {
    case 'owner.assign': {
      const [row] = change.assignments;
      const { lob = '', attribute = '', dataOwnerId = '', reason = '' } = row ?? {};
      return { fields: { lob, attribute, dataOwnerId }, note: reason };
    }
    case 'document.submit': {
      const { title, fileName, fileHash, fileSize, effectiveDate, note } = change;
      return { fields: { title, fileName, fileHash, fileSize, effectiveDate, state: 'submitted' }, note };
    }
    case 'document.review':
      return { fields: { state: change.verdict }, note: change.reason };
    case 'test.record':
    case 'test.update': {
      const [action] = change.actions;
      if (!action) return { fields: {}, note: '' };
      const { itemKey, attribute, found, result, notTestableReason, evidence, note, reason } = action;
      const shown = { itemKey, attribute, found, result, notTestableReason, locator: evidence?.locator ?? '' };
      return { fields: shown, note: [note, reason].filter((text) => text !== '').join('; ') };
    }
  }
}
