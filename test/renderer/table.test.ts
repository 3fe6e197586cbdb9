// The pure parts of the long table: selection, the block that slides over a million rows, columns by priority.
import { expect, test } from 'vitest';
import { fitColumns } from '../../renderer/table/fit-columns.ts';
import { baseAtPlace, blockLimitRows, blockSize, placeOfRow } from '../../renderer/table/row-block.ts';
import {
  extendTo,
  isSelected,
  noSelection,
  selectAll,
  selectedCount,
  selectedRows,
  toggleRow,
} from '../../renderer/table/selection.ts';

const keyOf = (key: string) => key;

test('a row is selected and taken out again', () => {
  const one = toggleRow(noSelection<string>(), 3, 'c', 'c');
  expect(isSelected(one, 'c')).toBe(true);
  expect(selectedCount(toggleRow(one, 3, 'c', 'c'))).toBe(0);
});

test('a range grows and shrinks with the cursor and leaves single rows alone', () => {
  const single = toggleRow(noSelection<string>(), 9, 'z', 'z');
  const wide = extendTo(single, 1, ['b', 'c', 'd'], keyOf);
  const narrow = extendTo(wide, 1, ['b', 'c'], keyOf);
  expect([...selectedRows(narrow).keys()].sort()).toEqual(['b', 'c', 'z']);
  expect(narrow.anchor).toBe(1);
});

test('a row of the range can be taken out without losing the others', () => {
  const range = extendTo(noSelection<string>(), 0, ['a', 'b', 'c'], keyOf);
  const left = toggleRow(range, 1, 'b', 'b');
  expect([...selectedRows(left).keys()]).toEqual(['a', 'c']);
});

test('a row that is single and in the range counts once', () => {
  const both = extendTo(selectAll(['a'], keyOf), 0, ['a', 'b'], keyOf);
  expect(selectedCount(both)).toBe(2);
});

test('a short list is drawn whole', () => {
  expect(blockSize(59)).toBe(59);
  expect(placeOfRow(58, 59, 20)).toEqual({ place: 58, base: 0 });
  expect(baseAtPlace(40, 59, 20)).toBe(0);
});

const total = 1_000_000;
const view = 20;
test.each([0, 1, 19, 1_000, 499_999, 987_654, total - view, total - 1])(
  'row %i of a million has a place in the block',
  (row) => {
    const { place, base } = placeOfRow(row, total, view);
    expect(place + base).toBe(row);
    expect(place).toBeGreaterThanOrEqual(0);
    expect(place).toBeLessThan(blockLimitRows);
    expect(base).toBeGreaterThanOrEqual(0);
    expect(base).toBeLessThanOrEqual(total - blockLimitRows);
  },
);

test('near either end the block stands still, so that the first and the last rows are reached row by row', () => {
  expect(placeOfRow(1_500, total, 18.6)).toEqual({ place: 1_500, base: 0 });
  expect(placeOfRow(total - 500, total, 18.6)).toEqual({ place: blockLimitRows - 500, base: total - blockLimitRows });
});

test('a thumb at the very end shows the last row also when a part of a row is in sight', () => {
  expect(baseAtPlace(blockLimitRows - 18.6, total, 18.6)).toBe(total - blockLimitRows);
});

test('the thumb at the top, in the middle and at the bottom shows the first, the middle and the last rows', () => {
  expect(baseAtPlace(0, total, view)).toBe(0);
  const middle = (blockLimitRows - view) / 2;
  expect(middle + baseAtPlace(middle, total, view)).toBe((total - view) / 2);
  const bottom = blockLimitRows - view;
  expect(bottom + baseAtPlace(bottom, total, view)).toBe(total - view);
});

test('what must be there stays however narrow it is; the rest comes by priority and in its own order', () => {
  const columns = [
    { id: '#', minWidth: 60, priority: 0 },
    { id: 'limit', minWidth: 100, priority: 1 },
    { id: 'age', minWidth: 100, priority: 10 },
    { id: 'source', minWidth: 100, priority: 3 },
    { id: 'verdict', minWidth: 100, priority: 0 },
  ];
  const shown = (width: number) => fitColumns(columns, width).map(({ id }) => id);
  expect(shown(50)).toEqual(['#', 'verdict']);
  expect(shown(260)).toEqual(['#', 'limit', 'verdict']);
  expect(shown(370)).toEqual(['#', 'limit', 'source', 'verdict']);
  expect(shown(900)).toEqual(['#', 'limit', 'age', 'source', 'verdict']);
});
