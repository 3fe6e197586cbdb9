// Owns how a list that is taller than a browser can draw fits into a scroll area: a block of rows that slides over all rows.
// Pure: knows no element. Rows have one height.

/** The most rows a scroll area holds: browsers cut elements somewhere above 17 million pixels. */
export const blockLimitRows = 250_000;

/** How many rows the scroll area of a list has. */
export function blockSize(total: number): number {
  return Math.min(total, blockLimitRows);
}

/** Rows at either end within which the block stands still, so that the first and the last row can be scrolled to. */
const edgeRows = 2_000;

/**
 * The place in the scroll area that stands for a row, so that the thumb's place says how far one is, and the base to it: row
 * `base + n` is drawn at place n.
 * @param viewRows how many rows are in sight; may be a fraction.
 */
export function placeOfRow(row: number, total: number, viewRows: number): { place: number; base: number } {
  const size = blockSize(total);
  if (size === total) return { place: row, base: 0 };
  const lastBase = total - size;
  if (row < edgeRows) return { place: row, base: 0 };
  if (row >= total - viewRows - edgeRows) return { place: row - lastBase, base: lastBase };
  const place = Math.round((row * Math.max(1, size - viewRows)) / Math.max(1, total - viewRows));
  return { place, base: row - place };
}

/** The base after the thumb was dragged to a place (in rows, may be a fraction): the share of the scroll area is the share of the list. */
export function baseAtPlace(place: number, total: number, viewRows: number): number {
  const size = blockSize(total);
  if (size === total) return 0;
  const share = Math.min(1, Math.max(0, place / Math.max(1, size - viewRows)));
  return Math.round(share * (total - size));
}
