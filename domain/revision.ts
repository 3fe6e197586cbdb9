// Owns how a revision follows from a reviewed version and the tester's answers (mission.md, row 8). Pure.
import { reasonRules } from './decision.ts';
import type { ReasonCode, Verdict } from './decision.ts';
import type { Answer, Reason } from './operation.ts';
import { maxRevisions } from './phases.ts';
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

/**
 * The steps that make the next version, one per item, in the same order; or why the answers do not serve.
 * A carried item keeps its approval unless its content now hashes to something else, which re-opens it.
 * @param currentHash the content hash that the key has now, null when its row is gone.
 */
export function planRevision(
  items: readonly ReviewedItem[],
  versionNumber: number,
  answers: readonly Answer[],
  currentHash: (itemKey: string) => string | null,
): { ok: true; steps: RevisionStep[] } | { ok: false; reason: Reason } {
  const byKey = new Map(answers.map((answer) => [answer.itemKey, answer]));
  const fault = answersFault(items, answers, byKey);
  if (fault) return { ok: false, reason: fault };
  const steps = items.map((item): RevisionStep => {
    const answer = byKey.get(item.itemKey);
    return answer ? answered(item, versionNumber, answer) : carried(item, versionNumber, currentHash(item.itemKey));
  });
  return { ok: true, steps };
}

/** The first thing wrong with the answers: each rejected item has exactly one, and no other item has any. */
function answersFault(
  items: readonly ReviewedItem[],
  answers: readonly Answer[],
  byKey: ReadonlyMap<string, Answer>,
): Reason | null {
  if (byKey.size !== answers.length) return { code: 'malformed', message: 'an item was answered twice' };
  const rejected = new Map(items.filter((item) => item.verdict === 'rejected').map((item) => [item.itemKey, item]));
  for (const answer of answers) {
    const reason = whyNotAnswer(answer, rejected.get(answer.itemKey));
    if (reason) return reason;
  }
  const open = [...rejected.keys()].filter((key) => !byKey.has(key));
  return open.length > 0
    ? {
        code: 'incomplete',
        message: `${open.length} rejected items have no answer yet: ${open.slice(0, 10).join(', ')}`,
      }
    : null;
}

/** True when a rejection for this reason lets the tester draw another row. */
export function mayReplace(reasonCode: ReasonCode | null): boolean {
  return reasonCode !== null && reasonRules[reasonCode].replaceable;
}

/** Why an answer does not serve, or null when it does. `rejected` is the item as it stands, undefined when it is not rejected. */
export function whyNotAnswer(
  answer: Answer,
  rejected: { contentHash: string; reasonCode: ReasonCode | null } | undefined,
): Reason | null {
  const { itemKey } = answer;
  if (!rejected) return { code: 'foreign-item', message: `${itemKey} is no rejected item of this version` };
  if (rejected.contentHash !== answer.contentHash) {
    return { code: 'content-changed', message: `${itemKey} has other contents than the answer was given on` };
  }
  if (answer.answer !== 'replace' || mayReplace(rejected.reasonCode)) return null;
  const name = rejected.reasonCode ? reasonRules[rejected.reasonCode].name : 'no reason';
  return {
    code: 'not-replaceable',
    message: `${itemKey} was rejected as "${name}", which allows no replacement: keep it with a rationale`,
  };
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

function carried(item: ReviewedItem, versionNumber: number, currentHash: string | null): RevisionStep {
  const { position, itemKey, source } = item;
  const lineage =
    item.origin.kind === 'carried'
      ? { versionId: item.origin.versionId, versionNumber: item.origin.versionNumber, itemKey: item.origin.itemKey }
      : { versionId: item.versionId, versionNumber, itemKey };
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
