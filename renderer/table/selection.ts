// Owns which rows are selected: single ones, and one range that follows the cursor. Pure; knows no table.

/** `single` were chosen one by one, `range` is what Shift reaches from the anchor. Values are the rows as they were seen. */
export interface Selection<Row> {
  single: ReadonlyMap<string, Row>;
  range: ReadonlyMap<string, Row>;
  /** Where a range starts; null before anything was selected. */
  anchor: number | null;
}

export function noSelection<Row>(): Selection<Row> {
  return { single: new Map(), range: new Map(), anchor: null };
}

/** Everything that is selected, by key. */
export function selectedRows<Row>(selection: Selection<Row>): Map<string, Row> {
  return new Map([...selection.single, ...selection.range]);
}
export function isSelected(selection: Selection<unknown>, key: string): boolean {
  return selection.single.has(key) || selection.range.has(key);
}
export function selectedCount(selection: Selection<unknown>): number {
  let count = selection.single.size;
  for (const key of selection.range.keys()) if (!selection.single.has(key)) count += 1;
  return count;
}

/** Selects a row, or takes it out. The next range starts there. */
export function toggleRow<Row>(selection: Selection<Row>, index: number, key: string, row: Row): Selection<Row> {
  const single = selectedRows(selection);
  if (!single.delete(key)) single.set(key, row);
  return { single, range: new Map(), anchor: index };
}

/** Makes these rows the range; what was chosen one by one stays. `anchor` is where Shift was first held. */
export function extendTo<Row>(
  selection: Selection<Row>,
  anchor: number,
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Selection<Row> {
  return { single: selection.single, range: new Map(rows.map((row) => [keyOf(row), row])), anchor };
}

/** Selects exactly these rows. */
export function selectAll<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Selection<Row> {
  return { single: new Map(rows.map((row) => [keyOf(row), row])), range: new Map(), anchor: 0 };
}
