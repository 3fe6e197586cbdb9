// Owns what a difference between two versions is: align by item key, classify, then fields. Reading versions is the caller's.
import type { ReasonCode, Verdict } from './decision.ts';
import type { ItemBody, ItemOrigin, ItemSource } from './version.ts';

/** One side of an aligned row. */
export interface ComparedItem {
  position: number;
  itemKey: string;
  contentHash: string;
  source: ItemSource;
  origin: ItemOrigin;
  verdict: Verdict;
  reasonCode: ReasonCode | null;
  note: string;
  /** Who decided and when; null while nobody did. */
  decidedBy: string | null;
  decidedAt: string | null;
}

export const changeKinds = ['carried', 'changed', 'removed', 'added'] as const;
export type ChangeKind = (typeof changeKinds)[number];

/**
 * One line of a comparison. A removed item and the one that replaces it share a line: its kind is `removed` and
 * `replacement` says so; it counts once as removed and once as added.
 */
export interface ComparedRow {
  left: ComparedItem | null;
  right: ComparedItem | null;
  /** Of the left item when there is one, else `added`. */
  kind: ChangeKind;
  replacement: boolean;
  verdictFlipped: boolean;
}

/** How many items of each kind; `removed` and `added` count items, not lines. */
export interface ComparisonCounts {
  carried: number;
  changed: number;
  removed: number;
  added: number;
  verdictFlipped: number;
}

/** A field whose value differs; `undefined` stands for a field that one side does not have. */
export interface FieldChange {
  field: string;
  left: string | number | boolean | null | undefined;
  right: string | number | boolean | null | undefined;
}

/** Classifies one aligned row. Both sides have the same key, or the right one replaces the left one, or one is missing. */
export function classify(left: ComparedItem | null, right: ComparedItem | null): ComparedRow {
  if (!left || !right)
    return { left, right, kind: left ? 'removed' : 'added', replacement: false, verdictFlipped: false };
  if (left.itemKey !== right.itemKey) return { left, right, kind: 'removed', replacement: true, verdictFlipped: false };
  const kind = left.contentHash === right.contentHash ? 'carried' : 'changed';
  return { left, right, kind, replacement: false, verdictFlipped: isFlip(left.verdict, right.verdict) };
}

/** A decision flipped when both sides are decided and differ; going back to pending is a re-opening, not a flip. */
function isFlip(left: Verdict, right: Verdict): boolean {
  return left !== 'pending' && right !== 'pending' && left !== right;
}

/**
 * Aligns two versions by item key and classifies every line, in the left version's order with lone right items at the end.
 * Works on any two versions; both lists in position order, keys unique in each.
 */
export function compareItems(left: readonly ComparedItem[], right: readonly ComparedItem[]): ComparedRow[] {
  const leftKeys = new Set(left.map((item) => item.itemKey));
  const rightByKey = new Map(right.map((item) => [item.itemKey, item]));
  const replacements = new Map(
    right.flatMap((item) =>
      item.origin.kind === 'replacement' && !leftKeys.has(item.itemKey)
        ? [[item.origin.replacesKey, item] as const]
        : [],
    ),
  );
  const placed = new Set<string>();
  const rows = left.map((item) => {
    const partner = rightByKey.get(item.itemKey) ?? replacements.get(item.itemKey) ?? null;
    if (partner) placed.add(partner.itemKey);
    return classify(item, partner);
  });
  return [...rows, ...right.filter((item) => !placed.has(item.itemKey)).map((item) => classify(null, item))];
}

/** Counts a comparison's rows. */
export function countRows(rows: Iterable<ComparedRow>): ComparisonCounts {
  const counts: ComparisonCounts = { carried: 0, changed: 0, removed: 0, added: 0, verdictFlipped: 0 };
  for (const row of rows) {
    counts[row.kind] += 1;
    if (row.replacement) counts.added += 1;
    if (row.verdictFlipped) counts.verdictFlipped += 1;
  }
  return counts;
}

/** The fields that differ, in the left body's order and then the right one's. */
export function fieldChanges(left: ItemBody, right: ItemBody): FieldChange[] {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  const value = (body: ItemBody, name: string) => (Object.hasOwn(body, name) ? body[name] : undefined);
  return [...names]
    .map((field) => ({ field, left: value(left, field), right: value(right, field) }))
    .filter((change) => change.left !== change.right);
}
