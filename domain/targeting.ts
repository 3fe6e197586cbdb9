// Owns which rows somebody should look at besides the random sample: those that fail approved profiling rules. Pure.
// What it picks is targeted, never part of a limit.

/** A row that fails rules. */
export interface FailingRow {
  itemKey: string;
  /** The rules that it fails, at least one; the key of each, and how it is said: `completeness of AMOUNT`. */
  failed: readonly { ruleKey: string; words: string }[];
}

/** The most rows that are recommended. */
export const targetLimit = 10;

/**
 * Picks rows one after the other: the one that fails most rules of which no picked row is an example yet, among those the one that
 * fails most rules at all, among those the first. When each rule has its example they are counted anew.
 * @param rows in the canonical order of their keys, each once.
 */
export function pickTargets(rows: readonly FailingRow[], limit: number): { itemKey: string; reason: string }[] {
  const open = [...rows];
  const picks: { itemKey: string; reason: string }[] = [];
  let shown = new Set<string>();
  while (picks.length < limit && open.length > 0) {
    if (open.every((row) => newRules(row, shown) === 0)) shown = new Set();
    const best = open.reduce((first, next) => (isBetter(next, first, shown) ? next : first));
    open.splice(open.indexOf(best), 1);
    for (const rule of best.failed) shown.add(rule.ruleKey);
    picks.push({ itemKey: best.itemKey, reason: reasonOf(best) });
  }
  return picks;
}

function newRules(row: FailingRow, shown: ReadonlySet<string>): number {
  return row.failed.filter((rule) => !shown.has(rule.ruleKey)).length;
}

function isBetter(next: FailingRow, first: FailingRow, shown: ReadonlySet<string>): boolean {
  const more = newRules(next, shown) - newRules(first, shown);
  return more > 0 || (more === 0 && next.failed.length > first.failed.length);
}

/** A row may fail many rules: the first ones are named. */
const namedRules = 5;

function reasonOf({ failed }: FailingRow): string {
  const named = failed.slice(0, namedRules).map((rule) => rule.words);
  const more = failed.length > namedRules ? ` and ${failed.length - namedRules} more` : '';
  const rules = failed.length === 1 ? 'an approved profiling rule' : `${failed.length} approved profiling rules`;
  return `fails ${rules}: ${named.join('; ')}${more}`;
}
