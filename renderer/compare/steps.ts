// Owns moving from change to change in a comparison, and what the chips count. Pure.
import type { ComparisonCounts } from '../../domain/comparison.ts';
import type { Version } from '../../domain/version.ts';

/** The place among the changes that a line has: the one it is, else the one before it; -1 above the first. */
export function placeAmong(changes: readonly number[], line: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle] ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The line of the next (`1`) or previous (`-1`) change; null when there is none that way. */
export function stepToChange(changes: readonly number[], line: number, direction: 1 | -1): number | null {
  const at = placeAmong(changes, line);
  const onChange = at >= 0 && changes[at] === line;
  const to = direction === 1 ? at + 1 : onChange ? at - 1 : at;
  return changes[to] ?? null;
}

/** "change 2 of 9", or how many there are while the cursor is above the first. */
export function changeWords(changes: readonly number[], line: number): string {
  if (changes.length === 0) return 'no change here';
  const at = placeAmong(changes, line);
  return at === -1
    ? `${changes.length.toLocaleString('en')} changed lines`
    : `change ${(at + 1).toLocaleString('en')} of ${changes.length.toLocaleString('en')}`;
}

export type CompareShow = 'all' | 'changes' | 'added' | 'removed' | 'changed' | 'carried' | 'flipped';

/** What each chip counts: items, so that a replaced row counts as removed and as added. */
export function compareChips(counts: ComparisonCounts): { show: CompareShow; label: string; count: number }[] {
  const { carried, changed, removed, added, verdictFlipped } = counts;
  return [
    { show: 'all', label: 'All rows', count: carried + changed + removed + added },
    { show: 'changes', label: 'Only changes', count: changed + removed + added },
    { show: 'added', label: 'Added', count: added },
    { show: 'removed', label: 'Removed', count: removed },
    { show: 'changed', label: 'Changed', count: changed },
    { show: 'carried', label: 'Carried', count: carried },
    { show: 'flipped', label: 'Verdict flipped', count: verdictFlipped },
  ];
}

/** The last version before this one that a person reviewed, or null. */
export function lastReviewedBy(personId: string | null, before: Version, siblings: readonly Version[]): Version | null {
  const mine = siblings.filter((one) => one.reviewedBy === personId && one.number < before.number);
  return personId === null ? null : (mine.at(-1) ?? null);
}

/** "one revision apart", "3 revisions apart", "the same version". */
export function distanceWords(left: Pick<Version, 'number'>, right: Pick<Version, 'number'>): string {
  const apart = Math.abs(right.number - left.number);
  if (apart === 0) return 'the same version';
  return apart === 1 ? 'one version apart' : `${apart} versions apart`;
}
