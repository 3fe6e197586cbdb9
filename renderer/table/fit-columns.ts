// Owns which columns fit into a width: the ones that must be there, then by priority. Pure; widths in pixels.

/** What a table needs to know to leave a column out. */
export interface Sized {
  id: string;
  /** The least width it needs. */
  minWidth: number;
  /** 0 is always shown; a greater number goes earlier. */
  priority: number;
}

/** The columns that fit, in their own order. */
export function fitColumns<Column extends Sized>(columns: readonly Column[], width: number): Column[] {
  const byPriority = [...columns].sort((a, b) => a.priority - b.priority);
  const shown = new Set<Column>();
  let used = 0;
  for (const column of byPriority) {
    if (column.priority > 0 && used + column.minWidth > width) break;
    used += column.minWidth;
    shown.add(column);
  }
  return columns.filter((column) => shown.has(column));
}
