// Owns aligning two cached versions in SQL: found once per pair and kept, because items never change. Only lines that are
// no plain carrying are kept; the others follow from the left version's order.
import { initialVerdict } from '../cache/contents.ts';
import type { Sqlite } from '../sqlite.ts';
import { statement } from '../sqlite.ts';

/** A pair of versions by their row numbers, with what was found. */
export interface Alignment {
  left_row: number;
  right_row: number;
  carried: number;
  changed: number;
  removed: number;
  added: number;
  /** Lines in all: the left version's items, then right ones without a partner. */
  lines: number;
  left_items: number;
}

/** The alignment of two whole versions; made when it is not there yet. */
export function alignment(db: Sqlite, leftRow: number, rightRow: number): Alignment {
  const ask = statement<Alignment>(db, 'SELECT * FROM comparisons WHERE left_row = ? AND right_row = ?');
  const known = ask.get(leftRow, rightRow);
  if (known) return known;
  const align = db.transaction(() => alignNow(db, leftRow, rightRow));
  // In a savepoint when the caller has a transaction, else in its own.
  if (db.inTransaction) align();
  else align.immediate();
  return ask.get(leftRow, rightRow) as Alignment;
}

function alignNow(db: Sqlite, left: number, right: number): void {
  const pair = { left, right };
  const run = (sql: string) => statement(db, sql).run(pair).changes;
  db.exec(`CREATE TEMP TABLE IF NOT EXISTS lone (position INTEGER PRIMARY KEY, replaces TEXT);
    CREATE INDEX IF NOT EXISTS temp.lone_replaces ON lone (replaces, position); DELETE FROM temp.lone;`);
  const added = run(`INSERT INTO temp.lone (position, replaces)
    SELECT r.position, CASE r.origin_kind WHEN 'replacement' THEN r.origin_key END FROM items r
    WHERE r.version_row = @right
      AND NOT EXISTS (SELECT 1 FROM items l WHERE l.version_row = @left AND l.item_key = r.item_key)`);
  const columns = 'comparison_changes (left_row, right_row, line, kind, left_position, right_position)';
  const changed = run(`INSERT INTO ${columns}
    SELECT @left, @right, l.position, 'changed', l.position, r.position FROM items l
      CROSS JOIN items r ON r.version_row = @right AND r.item_key = l.item_key
    WHERE l.version_row = @left AND l.body_row <> r.body_row`);
  // When several stand in for the same item, the last one shares its line and the others are lines of their own.
  const removed = run(`INSERT INTO ${columns}
    SELECT @left, @right, l.position, 'removed', l.position,
      (SELECT max(n.position) FROM temp.lone n WHERE n.replaces = l.item_key)
    FROM items l WHERE l.version_row = @left
      AND NOT EXISTS (SELECT 1 FROM items r WHERE r.version_row = @right AND r.item_key = l.item_key)`);
  const leftItems = statement<number>(db, 'SELECT count(*) FROM items WHERE version_row = ?')
    .pluck()
    .get(left) as number;
  run(`DELETE FROM temp.lone WHERE position IN (SELECT right_position FROM comparison_changes
    WHERE left_row = @left AND right_row = @right AND kind = 'removed')`);
  const own = statement(
    db,
    `INSERT INTO ${columns} SELECT @left, @right, @leftItems - 1 + row_number() OVER (ORDER BY position), 'added', NULL,
      position FROM temp.lone`,
  ).run({ ...pair, leftItems }).changes;
  db.exec('DELETE FROM temp.lone');
  const carried = leftItems - changed - removed;
  statement(db, 'INSERT INTO comparisons VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(
    left,
    right,
    carried,
    changed,
    removed,
    added,
    leftItems + own,
    leftItems,
  );
}

/**
 * Lines whose decision flipped, as SQL over `@left`, `@right` (rows), `@leftId`, `@rightId`. A rejection is always a
 * decision, so the few rejections of either side are looked at and never all items.
 */
const flips = (from: 'left' | 'right') => {
  const other = from === 'left' ? 'right' : 'left';
  return `SELECT l.position AS line FROM decisions d INDEXED BY decisions_rejected
    CROSS JOIN items l ON l.version_row = @left AND l.item_key = d.item_key
    CROSS JOIN items r ON r.version_row = @right AND r.item_key = d.item_key
    LEFT JOIN decisions e ON e.version_id = @${other}Id AND e.item_key = d.item_key
    WHERE d.version_id = @${from}Id AND d.verdict = 'rejected'
      AND coalesce(e.verdict, ${initialVerdict(from === 'left' ? 'r' : 'l')}) = 'approved'`;
};
export const flippedLines = `${flips('left')} UNION ${flips('right')}`;

const changesWhere = 'SELECT line FROM comparison_changes WHERE left_row = @left AND right_row = @right';

/** Lines of each filter but `all` and `carried`, as SQL; a flipped decision is a change. */
export const linesOf = {
  changes: `${changesWhere} UNION ${flippedLines}`,
  changed: `${changesWhere} AND kind = 'changed'`,
  removed: `${changesWhere} AND kind = 'removed'`,
  // A replacement shares the line of what it replaces, and was added all the same.
  added: `${changesWhere} AND (kind = 'added' OR (kind = 'removed' AND right_position IS NOT NULL))`,
  flipped: flippedLines,
  carried: `SELECT i.position AS line FROM items i WHERE i.version_row = @left AND NOT EXISTS (SELECT 1
    FROM comparison_changes c WHERE c.left_row = @left AND c.right_row = @right AND c.line = i.position)`,
} as const;
