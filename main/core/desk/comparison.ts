// Owns comparing two cached versions, a page of aligned lines at a time. Alignment is in comparison-lines.ts, what a
// difference is in the domain. Verdicts are those the server confirmed: drafts belong to the review, not here.
import { classify, fieldChanges } from '../../../domain/comparison.ts';
import type { ComparedItem, ComparisonCounts } from '../../../domain/comparison.ts';
import type { ReasonCode, Verdict } from '../../../domain/decision.ts';
import type { ItemBody, Version } from '../../../domain/version.ts';
import type { CommandParsed, ComparisonPage } from '../../../preload/contract.ts';
import { versionOrFail } from './access.ts';
import { initialVerdict, originOf, provenanceColumns, sourceOf } from '../cache/contents.ts';
import type { ProvenanceRow } from '../cache/contents.ts';
import { alignment, flippedLines, linesOf } from './comparison-lines.ts';
import type { Alignment } from './comparison-lines.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import { versionRow } from './overlay.ts';
import { statement } from '../sqlite.ts';
import type { Sqlite } from '../sqlite.ts';
import { fieldsOf } from './version-facts.ts';

export type Show = CommandParsed<'version:compare'>['show'];
type Line = ComparisonPage['rows'][number];

/** The most places of changes that a page tells. */
const changeIndexLimit = 10_000;

/** Two aligned versions, ready to be read line by line. */
export interface Comparison {
  left: Version;
  right: Version;
  counts: ComparisonCounts;
  fields: string[];
  /** Lines of a filter. */
  total(show: Show): number;
  /** Lines of a filter from a place on; `index` is the place. */
  lines(show: Show, offset: number, limit: number): Line[];
  changeIndexes(show: Show): number[];
}

/** A page of a comparison. */
export function compareVersions(desk: Desk, input: CommandParsed<'version:compare'>): ComparisonPage {
  const comparison = openComparison(desk, input.leftVersionId, input.rightVersionId);
  const { left, right, counts, fields } = comparison;
  return {
    left,
    right,
    counts,
    fields,
    total: comparison.total(input.show),
    rows: comparison.lines(input.show, input.offset, input.limit),
    changeIndexes: comparison.changeIndexes(input.show),
  };
}

/** Aligns two versions. @throws CommandFailure `not-cached` when one of them is not whole on this laptop. */
export function openComparison(desk: Desk, leftVersionId: string, rightVersionId: string): Comparison {
  const left = versionOrFail(desk, leftVersionId);
  const right = versionOrFail(desk, rightVersionId);
  const { db } = desk.cache;
  const found = alignment(db, wholeRow(desk, left), wholeRow(desk, right));
  const pair = { left: found.left_row, right: found.right_row };
  const ids = { leftId: left.versionId, rightId: right.versionId };
  // Named values must be exactly those that a statement names.
  const valuesFor = (sql: string) => (sql.includes('@leftId') ? { ...pair, ...ids } : pair);
  const countOf = (sql: string) =>
    statement<number>(db, `SELECT count(*) FROM (${sql})`).pluck().get(valuesFor(sql)) as number;
  const loader = lineLoader(db, found, ids);
  const verdictFlipped = countOf(flippedLines);
  const { carried, changed, removed, added } = found;

  function total(show: Show): number {
    if (show === 'all') return found.lines;
    if (show === 'carried' || show === 'changed' || show === 'removed') return found[show];
    if (show === 'flipped') return verdictFlipped;
    return countOf(linesOf[show]);
  }
  function numbers(show: Show, offset: number, limit: number): number[] {
    if (show === 'all') {
      return Array.from({ length: Math.max(0, Math.min(limit, found.lines - offset)) }, (_, index) => offset + index);
    }
    const sql = linesOf[show];
    return statement<number>(db, `${sql} ORDER BY line LIMIT @limit OFFSET @offset`)
      .pluck()
      .all({ ...valuesFor(sql), limit, offset });
  }
  function changeIndexes(show: Show): number[] {
    if (show === 'all') return numbers('changes', 0, changeIndexLimit);
    if (show === 'carried') return carriedFlips(db, { ...pair, ...ids });
    return Array.from({ length: Math.min(total(show), changeIndexLimit) }, (_, index) => index);
  }
  return {
    left,
    right,
    counts: { carried, changed, removed, added, verdictFlipped },
    fields: [...new Set([...fieldsOf(desk, left), ...fieldsOf(desk, right)])],
    total,
    lines: (show, offset, limit) =>
      numbers(show, offset, limit).map((line, index) => ({ ...loader(line), index: offset + index })),
    changeIndexes,
  };
}

/** Among carried lines only flipped decisions are changes; their place is their line without the changes before it. */
function carriedFlips(db: Sqlite, values: Record<string, unknown>): number[] {
  const sql = `SELECT f.line - (SELECT count(*) FROM comparison_changes c WHERE c.left_row = @left
      AND c.right_row = @right AND c.line < f.line) FROM (${flippedLines}) f
    WHERE NOT EXISTS (SELECT 1 FROM comparison_changes c WHERE c.left_row = @left AND c.right_row = @right
      AND c.line = f.line) ORDER BY 1 LIMIT ${changeIndexLimit}`;
  return statement<number>(db, sql).pluck().all(values);
}

function wholeRow(desk: Desk, version: Version): number {
  const holds = desk.cache.holdings(version.versionId);
  const row = versionRow(desk.cache, version.versionId);
  if (!holds || row === null || holds.nextPosition < holds.itemCount) {
    const here = (holds?.nextPosition ?? 0).toLocaleString('en');
    throw failed(
      'not-cached',
      `version ${version.number} is not whole on this laptop (${here} of ${version.itemCount.toLocaleString('en')} rows): sync first`,
    );
  }
  return row;
}

interface SideRow extends ProvenanceRow {
  position: number;
  item_key: string;
  content_hash: string;
  body: string | null;
  verdict: Verdict;
  reason_code: ReasonCode | null;
  note: string | null;
  actor_id: string | null;
  decided_at: string | null;
}

const sideSql = `SELECT i.position, i.item_key, lower(hex(b.content_hash)) AS content_hash, b.body, ${provenanceColumns('i')},
    coalesce(d.verdict, ${initialVerdict('i')}) AS verdict,
    d.reason_code, d.note, d.actor_id, d.decided_at
  FROM items i JOIN bodies b ON b.body_row = i.body_row
  LEFT JOIN decisions d ON d.version_id = @version AND d.item_key = i.item_key WHERE i.version_row = @row`;

function comparedItem(row: SideRow): ComparedItem {
  return {
    position: row.position,
    itemKey: row.item_key,
    contentHash: row.content_hash,
    source: sourceOf(row),
    origin: originOf(row),
    verdict: row.verdict,
    reasonCode: row.reason_code,
    note: row.note ?? '',
    decidedBy: row.actor_id,
    decidedAt: row.decided_at,
  };
}

/** Loads one line by its number. */
function lineLoader(db: Sqlite, found: Alignment, { leftId, rightId }: { leftId: string; rightId: string }) {
  const byPosition = statement<SideRow>(db, `${sideSql} AND i.position = @position`);
  const byKey = statement<SideRow>(db, `${sideSql} AND i.item_key = @itemKey`);
  const change = statement<{ left_position: number | null; right_position: number | null }>(
    db,
    'SELECT left_position, right_position FROM comparison_changes WHERE left_row = ? AND right_row = ? AND line = ?',
  );
  const leftSide = { row: found.left_row, version: leftId };
  const rightSide = { row: found.right_row, version: rightId };
  const at = (side: typeof leftSide, position: number | null): SideRow | null =>
    position === null ? null : (byPosition.get({ ...side, position }) ?? null);

  return (line: number): Omit<Line, 'index'> => {
    const moved = change.get(found.left_row, found.right_row, line);
    const left = at(leftSide, moved ? moved.left_position : line);
    const right = moved
      ? at(rightSide, moved.right_position)
      : left && (byKey.get({ ...rightSide, itemKey: left.item_key }) ?? null);
    const row = classify(left && comparedItem(left), right && comparedItem(right));
    const leftBody = bodyOf(left);
    const rightBody = bodyOf(right);
    const fields = row.kind === 'changed' && leftBody && rightBody ? fieldChanges(leftBody, rightBody) : [];
    return { ...row, leftBody, rightBody, fields };
  };
}

function bodyOf(row: SideRow | null): ItemBody | null {
  return row?.body == null ? null : (JSON.parse(row.body) as ItemBody);
}
