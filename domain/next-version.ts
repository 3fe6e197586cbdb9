// Owns how the next version of anything but a sample follows from the one before it and what somebody wants changed: an author's
// edits, or the answers to rejections. Pure; knows no storage. Samples are revision.ts.
import { contentHash } from './canonical.ts';
import { filledFields, whyNotFields } from './item-fields.ts';
import type { Answer, Reason } from './operation.ts';
import { mayAddItems } from './phase-item.ts';
import type { Edit, ItemFields } from './phase-item.ts';
import { phaseOf } from './phases.ts';
import { lineageOf, nothingLeft, whyAnswersUnfit } from './revision.ts';
import type { ReviewedItem } from './revision.ts';
import type { Verdict } from './decision.ts';
import type { ItemBody, ItemOrigin, ItemSource, Version } from './version.ts';

/** The version that the next one follows from. */
export type BaseVersion = Pick<Version, 'number' | 'phase' | 'status'>;

/** An item of it, with what it says and where it stands. */
export type BaseItem = ReviewedItem & { body: ItemBody };

/** What somebody wants changed. */
export type NextChange = { kind: 'edits'; edits: readonly Edit[] } | { kind: 'answers'; answers: readonly Answer[] };

/** An item of the next version. */
export interface NextItem {
  itemKey: string;
  body: ItemBody;
  contentHash: string;
  source: ItemSource;
  origin: ItemOrigin;
  verdict: Verdict;
  /** `changed` and `new` by a person: fields that follow from theirs are to be worked out before the item is kept. */
  made: 'same' | 'changed' | 'new';
}

export type NextVersion =
  | { ok: true; items: NextItem[] }
  /** `items`: each item that stands in the way; empty when it is the whole. */
  | { ok: false; reason: Reason; items: { itemKey: string; reason: Reason }[] };

/** Why a version cannot be handed in, with edits or as it is, or null when it can. */
export function whyNotHandIn(version: Pick<Version, 'phase' | 'number' | 'status' | 'reviewVerdict'>): Reason | null {
  const { phase, number, status, reviewVerdict } = version;
  const { making, name, approval } = phaseOf(phase);
  if (making !== 'proposed') {
    return { code: 'out-of-turn', message: `versions of ${name} are ${making}: nobody hands them in` };
  }
  if (status === 'superseded') {
    return { code: 'version-superseded', message: `version ${number} was superseded: hand in the newer one` };
  }
  if (status === 'draft' || status === 'rejected') return null;
  if (reviewVerdict === 'revision-requested') {
    return {
      code: 'version-reviewed',
      message: `the review of version ${number} asked for a revision: answer its rejections`,
    };
  }
  // An edit of a signed report is a new report: it voids the signatures.
  if (status === 'pending' ? reviewVerdict === null : approval === 'sign-off') return null;
  return { code: 'version-reviewed', message: `the review of version ${number} was submitted before` };
}

/** How far into the review loop the next version is, and whether it belongs to the chain of the one before it. */
export function placeAfter(
  base: Pick<Version, 'status' | 'revision'>,
  change: NextChange['kind'],
): { revision: number; sameChain: boolean } {
  if (base.status === 'rejected' || base.status === 'approved') return { revision: 0, sameChain: false };
  return { revision: change === 'answers' ? base.revision + 1 : base.revision, sameChain: true };
}

/**
 * The items of the next version in their order, or why there is none. What is approved and unchanged stays approved; what changed is
 * pending; a disputed item stays until its author edits it.
 * @param by who wants the change.
 */
export function planNextVersion(
  base: BaseVersion,
  items: readonly BaseItem[],
  change: NextChange,
  by: string,
): NextVersion {
  const next =
    change.kind === 'edits' ? withEdits(base, items, change.edits, by) : withAnswers(base, items, change.answers, by);
  return next.ok && next.items.length === 0 ? refused(nothingLeft) : next;
}

/** True when the next version would say nothing else than the one before it. */
export function changesNothing(items: readonly BaseItem[], next: readonly NextItem[]): boolean {
  return next.length === items.length && next.every((item) => item.made === 'same');
}

function refused(reason: Reason, items: { itemKey: string; reason: Reason }[] = []): NextVersion {
  return { ok: false, reason, items };
}

/** An item of the base that nobody touched. */
function untouched(base: BaseVersion, item: BaseItem): NextItem {
  const { itemKey, body, contentHash: hash, source, origin, verdict } = item;
  const same = { itemKey, body, contentHash: hash, source, made: 'same' as const };
  if (verdict === 'approved') {
    return { ...same, verdict, origin: { kind: 'carried', ...lineageOf(item, base.number) } };
  }
  if (verdict === 'pending' || origin.kind === 'disputed' || base.status !== 'rejected') {
    return { ...same, verdict, origin };
  }
  // A new chain begins: what was rejected in the old one is put up for decision again.
  const reason = `version ${base.number} was rejected as a whole`;
  return { ...same, verdict: 'pending', origin: { kind: 're-opened', ...lineageOf(item, base.number), reason } };
}

function changed(base: BaseVersion, item: BaseItem, fields: ItemFields): NextItem {
  const body = { ...item.body, ...fields };
  const { itemKey, source, versionId } = item;
  const origin: ItemOrigin = { kind: 'edited', versionId, versionNumber: base.number, itemKey };
  return { itemKey, body, contentHash: contentHash(body), source, origin, verdict: 'pending', made: 'changed' };
}

/** True when an item says all of it already: such an edit changes nothing. */
export function isSaidAlready(item: Pick<BaseItem, 'body'>, fields: ItemFields): boolean {
  return Object.entries(fields).every(([name, value]) => Object.hasOwn(item.body, name) && item.body[name] === value);
}

function withEdits(base: BaseVersion, items: readonly BaseItem[], edits: readonly Edit[], by: string): NextVersion {
  const byKey = new Map(items.map((item) => [item.itemKey, item]));
  const seen = new Set<string>();
  const faults = edits.flatMap((edit) => {
    const item = byKey.get(edit.itemKey);
    const reason = seen.has(edit.itemKey)
      ? editedTwice(edit)
      : (whyNotEdit(base, edit, item) ?? whyRejected(base, item));
    seen.add(edit.itemKey);
    return reason ? [{ itemKey: edit.itemKey, reason }] : [];
  });
  const [first] = faults;
  if (first) return refused(first.reason, faults);
  const wanted = new Map(edits.map((edit) => [edit.itemKey, edit]));
  const kept = items.flatMap((item): NextItem[] => {
    const edit = wanted.get(item.itemKey);
    if (edit?.edit === 'remove') return [];
    if (edit?.edit === 'set' && !isSaidAlready(item, edit.fields)) return [changed(base, item, edit.fields)];
    return [untouched(base, item)];
  });
  const added = edits.flatMap((edit) => (edit.edit === 'add' ? addedItem(base, edit, by) : []));
  return { ok: true, items: [...kept, ...added] };
}

/** Changing what a reviewer has rejected is an answer to the review: as an edit it would be a revision that nobody counts. */
function whyRejected({ number, status }: BaseVersion, item: BaseItem | undefined): Reason | null {
  if (status !== 'pending' || item?.verdict !== 'rejected' || item.origin.kind === 'disputed') return null;
  const { itemKey } = item;
  const message = `${itemKey} of version ${number} was rejected: wait for the whole review, then answer the rejection`;
  return { code: 'out-of-turn', message };
}

function editedTwice({ itemKey }: Edit): Reason {
  return { code: 'malformed', message: `${itemKey} is edited twice in one operation` };
}

/** Why an edit does not fit a version, or null when it does. `item`: the one it names, undefined when the version has none. */
export function whyNotEdit(
  base: Pick<BaseVersion, 'phase' | 'number'>,
  edit: Edit,
  item: Pick<BaseItem, 'contentHash'> | undefined,
): Reason | null {
  const { phase, number } = base;
  const { itemKey } = edit;
  const { itemsName } = phaseOf(phase);
  if (edit.edit !== 'set' && !mayAddItems(phase)) {
    const message = `${itemsName} are neither added nor taken out: they follow from the data`;
    return { code: 'not-editable', message };
  }
  if (edit.edit === 'add') {
    if (item) return { code: 'malformed', message: `version ${number} has an item ${itemKey} already` };
    const filled = filledFields(phase, edit.fields);
    if ('missing' in filled) {
      return { code: 'malformed', message: `${itemKey} needs the field "${filled.missing}"` };
    }
    return whyNotFields(phase, edit.fields);
  }
  if (!item) return { code: 'foreign-item', message: `version ${number} has no item ${itemKey}` };
  if (item.contentHash !== edit.contentHash) {
    return { code: 'content-changed', message: `${itemKey} has other contents than were edited` };
  }
  return edit.edit === 'set' ? whyNotFields(phase, edit.fields) : null;
}

function addedItem(base: BaseVersion, edit: Extract<Edit, { edit: 'add' }>, by: string): NextItem[] {
  const filled = filledFields(base.phase, edit.fields);
  if ('missing' in filled) return [];
  const body = filled.fields;
  const source: ItemSource = { kind: 'added', by };
  const { itemKey } = edit;
  const made = { origin: { kind: 'new' }, verdict: 'pending', made: 'new' } as const;
  return [{ itemKey, body, contentHash: contentHash(body), source, ...made }];
}

function withAnswers(
  base: BaseVersion,
  items: readonly BaseItem[],
  answers: readonly Answer[],
  by: string,
): NextVersion {
  const fault = whyAnswersUnfit(base.phase, items, answers);
  if (fault) return refused(fault);
  const byKey = new Map(answers.map((answer) => [answer.itemKey, answer]));
  const idle = items.find((item) => {
    const answer = byKey.get(item.itemKey);
    return answer?.answer === 'edit' && isSaidAlready(item, answer.fields);
  });
  if (idle) {
    const message = `the edit of ${idle.itemKey} changes nothing: change it, or keep it with a rationale`;
    return refused({ code: 'malformed', message });
  }
  const next = items.flatMap((item): NextItem[] => {
    const answer = byKey.get(item.itemKey);
    return answer ? answered(base, item, answer, by) : [untouched(base, item)];
  });
  return { ok: true, items: next };
}

function answered(base: BaseVersion, item: BaseItem, answer: Answer, by: string): NextItem[] {
  const { itemKey, body, contentHash: hash, source, versionId } = item;
  const same = { itemKey, body, contentHash: hash, source, made: 'same' as const };
  const from = { versionId, versionNumber: base.number, itemKey };
  switch (answer.answer) {
    case 'edit':
      return [changed(base, item, answer.fields)];
    case 'keep':
      return [{ ...same, verdict: 'pending', origin: { kind: 'kept', ...from, rationale: answer.rationale } }];
    case 'dispute': {
      const origin: ItemOrigin = { kind: 'disputed', ...from, rationale: answer.rationale, by };
      return [{ ...same, verdict: 'rejected', origin }];
    }
    case 'remove':
      return [];
    case 'replace':
      throw new Error(`${itemKey} is no sample: no other row stands in for it`);
  }
}
