// Owns which answers a reviewed version wants, and how a revised sample follows from them (mission.md, row 8). Pure.
// How the next version of everything else is made is next-version.ts.
import { reasonRules } from './decision.ts';
import type { ReasonCode, Verdict } from './decision.ts';
import { whyNotFields } from './item-fields.ts';
import type { Answer, Reason } from './operation.ts';
import { editableFields, mayAddItems } from './phase-item.ts';
import { maxRevisions, phaseOf } from './phases.ts';
import type { PhaseSlug } from './phases.ts';
import type { ItemOrigin, ItemSource, Version, VersionItem } from './version.ts';

/** An item of the reviewed version with where it stands. */
export type ReviewedItem = VersionItem & { verdict: Verdict; reasonCode: ReasonCode | null };

/** What the next version's item at the same position is. `replace` still needs its row from the draw. */
export type RevisionStep =
  | {
      kind: 'item';
      position: number;
      itemKey: string;
      contentHash: string;
      source: ItemSource;
      origin: ItemOrigin;
      verdict: Verdict;
    }
  | { kind: 'replace'; position: number; replacesKey: string; stratum: string | null; origin: ItemOrigin };

/** Why no answers to a version's rejections are wanted, or null while they are. */
export function whyNoAnswers(
  version: Pick<Version, 'number' | 'status' | 'reviewVerdict' | 'revision'>,
): Reason | null {
  const { number, status, reviewVerdict, revision } = version;
  if (status === 'superseded') {
    return { code: 'version-superseded', message: `version ${number} was superseded: a newer one exists` };
  }
  if (status !== 'pending' || reviewVerdict !== 'revision-requested') {
    return { code: 'out-of-turn', message: `no review asked for a revision of version ${number}` };
  }
  return revision >= maxRevisions
    ? { code: 'max-revisions', message: `version ${number} is revision ${revision} of ${maxRevisions}` }
    : null;
}

/** True when a rejection stands that the author has to answer: the test lead may have kept the item as disputed. */
export function needsAnswer(item: Pick<ReviewedItem, 'verdict' | 'origin'>): boolean {
  return item.verdict === 'rejected' && item.origin.kind !== 'disputed';
}

/**
 * The steps that make the next version of a sample, one per item that stays, in the same order; or why the answers do not serve.
 * A carried item keeps its approval unless its content now hashes to something else, which re-opens it.
 * @param currentHash the content hash that the key has now, null when its row is gone.
 */
export function planRevision(
  items: readonly ReviewedItem[],
  versionNumber: number,
  answers: readonly Answer[],
  currentHash: (itemKey: string) => string | null,
): { ok: true; steps: RevisionStep[] } | { ok: false; reason: Reason } {
  const fault = whyAnswersUnfit('sample-selection', items, answers);
  if (fault) return { ok: false, reason: fault };
  const byKey = new Map(answers.map((answer) => [answer.itemKey, answer]));
  const steps = items.flatMap((item): RevisionStep[] => {
    const answer = byKey.get(item.itemKey);
    if (answer?.answer === 'remove') return [];
    return [answer ? answered(item, versionNumber, answer) : carried(item, versionNumber, currentHash(item.itemKey))];
  });
  return steps.length === 0 ? { ok: false, reason: nothingLeft } : { ok: true, steps };
}

/** Why a version without items is not made. */
export const nothingLeft: Reason = {
  code: 'empty-review',
  message: 'nothing would be left in the next version, and there is nothing to review in an empty one',
};

/** The first thing wrong with the answers: each rejected item has exactly one, and no other item has any. */
export function whyAnswersUnfit(
  phase: PhaseSlug,
  items: readonly ReviewedItem[],
  answers: readonly Answer[],
): Reason | null {
  const answeredKeys = new Set(answers.map((answer) => answer.itemKey));
  if (answeredKeys.size !== answers.length) return { code: 'malformed', message: 'an item was answered twice' };
  const rejected = new Map(items.filter((item) => item.verdict === 'rejected').map((item) => [item.itemKey, item]));
  for (const answer of answers) {
    const reason = whyNotAnswer(phase, answer, rejected.get(answer.itemKey));
    if (reason) return reason;
  }
  const open = items.filter((item) => needsAnswer(item) && !answeredKeys.has(item.itemKey)).map((item) => item.itemKey);
  return open.length > 0
    ? {
        code: 'incomplete',
        message: `${open.length} rejected ${open.length === 1 ? 'item has' : 'items have'} no answer yet: ${open.slice(0, 10).join(', ')}`,
      }
    : null;
}

/** True when a rejection for this reason lets the tester draw another row. */
export function mayReplace(reasonCode: ReasonCode | null): boolean {
  return reasonCode !== null && reasonRules[reasonCode].replaceable;
}

/** An item as an answer to it has to know it. */
export type AnsweredItem = Pick<ReviewedItem, 'contentHash' | 'reasonCode' | 'source' | 'origin'>;

/** Why an answer does not serve, or null when it does. `rejected` is the item as it stands, undefined when it is not rejected. */
export function whyNotAnswer(phase: PhaseSlug, answer: Answer, rejected: AnsweredItem | undefined): Reason | null {
  const { itemKey } = answer;
  if (!rejected) return { code: 'foreign-item', message: `${itemKey} is no rejected item of this version` };
  if (rejected.contentHash !== answer.contentHash) {
    return { code: 'content-changed', message: `${itemKey} has other contents than the answer was given on` };
  }
  if (rejected.origin.kind === 'disputed' && answer.answer !== 'edit') {
    return {
      code: 'foreign-item',
      message: `${itemKey} is kept as disputed: it waits for no answer but may be edited`,
    };
  }
  const { itemsName } = phaseOf(phase);
  switch (answer.answer) {
    case 'keep':
      return null;
    case 'replace':
      return whyNotReplaced(phase, itemKey, rejected);
    case 'remove':
      return whyNotRemoved(phase, itemKey, rejected);
    case 'dispute':
      return phase === 'observations'
        ? null
        : { code: 'not-editable', message: `only observations can be kept as disputed, ${itemsName} cannot` };
    case 'edit':
      return editableFields[phase].length === 0
        ? { code: 'not-editable', message: `${itemsName} are not edited: they follow from the population` }
        : whyNotFields(phase, answer.fields);
  }
}

function whyNotReplaced(phase: PhaseSlug, itemKey: string, rejected: AnsweredItem): Reason | null {
  const because = (why: string): Reason => ({ code: 'not-replaceable', message: `${itemKey} ${why}` });
  if (phase !== 'sample-selection') return because('cannot be replaced: only samples are drawn');
  if (!mayReplace(rejected.reasonCode)) {
    const name = rejected.reasonCode ? reasonRules[rejected.reasonCode].name : 'no reason';
    return because(`was rejected as "${name}", which allows no replacement: keep it with a rationale`);
  }
  return rejected.source.kind === 'random'
    ? null
    : because('was targeted, not drawn, so no other row stands in for it: keep it or take it out');
}

function whyNotRemoved(phase: PhaseSlug, itemKey: string, rejected: AnsweredItem): Reason | null {
  if (mayAddItems(phase)) return null;
  if (phase !== 'sample-selection') {
    const message = `${phaseOf(phase).itemsName} are not taken out: they follow from the data`;
    return { code: 'not-editable', message };
  }
  // A random sample without one of its rows would support no limit.
  if (rejected.source.kind !== 'targeted') {
    return { code: 'not-editable', message: `${itemKey} was drawn at random: replace it or keep it with a rationale` };
  }
  return mayReplace(rejected.reasonCode)
    ? null
    : { code: 'not-editable', message: `${itemKey} belongs to the population: keep it with a rationale` };
}

function answered(item: ReviewedItem, versionNumber: number, answer: Answer): RevisionStep {
  const { position, itemKey, versionId } = item;
  if (answer.answer === 'keep') {
    const origin: ItemOrigin = { kind: 'kept', versionId, versionNumber, itemKey, rationale: answer.rationale };
    return {
      kind: 'item',
      position,
      itemKey,
      contentHash: item.contentHash,
      source: item.source,
      origin,
      verdict: 'pending',
    };
  }
  const stratum = item.source.kind === 'random' ? item.source.stratum : null;
  const origin: ItemOrigin = { kind: 'replacement', replacesKey: itemKey, versionId, versionNumber };
  return { kind: 'replace', position, replacesKey: itemKey, stratum, origin };
}

/** The version in which an item was first seen as it is: a carried one keeps it, however often it is carried. */
export function lineageOf(
  item: Pick<ReviewedItem, 'versionId' | 'itemKey' | 'origin'>,
  versionNumber: number,
): { versionId: string; versionNumber: number; itemKey: string } {
  const { origin } = item;
  return origin.kind === 'carried'
    ? { versionId: origin.versionId, versionNumber: origin.versionNumber, itemKey: origin.itemKey }
    : { versionId: item.versionId, versionNumber, itemKey: item.itemKey };
}

function carried(item: ReviewedItem, versionNumber: number, currentHash: string | null): RevisionStep {
  const { position, itemKey, source } = item;
  const lineage = lineageOf(item, versionNumber);
  if (currentHash === item.contentHash) {
    return {
      kind: 'item',
      position,
      itemKey,
      contentHash: item.contentHash,
      source,
      origin: { kind: 'carried', ...lineage },
      verdict: item.verdict,
    };
  }
  const reason = currentHash === null ? 'its row is gone from the population' : 'its content changed';
  const origin: ItemOrigin = { kind: 're-opened', ...lineage, reason };
  return {
    kind: 'item',
    position,
    itemKey,
    contentHash: currentHash ?? item.contentHash,
    source,
    origin,
    verdict: 'pending',
  };
}
