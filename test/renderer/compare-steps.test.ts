// Moving from change to change, and what the chips of a comparison count.
import { expect, test } from 'vitest';
import { fieldsThatFit } from '../../renderer/compare/compare-columns.tsx';
import { changeWords, compareChips, stepToChange } from '../../renderer/compare/steps.ts';

const changes = [1, 4, 6, 9];

test.each([
  [0, 1, 1],
  [1, 1, 4],
  [5, 1, 6],
  [9, 1, null],
  [9, -1, 6],
  [5, -1, 4],
  [1, -1, null],
  [0, -1, null],
] as const)('from line %i the step %i leads to %s', (line, direction, to) => {
  expect(stepToChange(changes, line, direction)).toBe(to);
});

test('says which change it is', () => {
  expect(changeWords(changes, 4)).toBe('change 2 of 4');
  expect(changeWords(changes, 0)).toBe('4 changed lines');
  expect(changeWords([], 3)).toBe('no change here');
});

test('a replaced row counts as removed and as added', () => {
  const chips = compareChips({ carried: 54, changed: 1, removed: 4, added: 4, verdictFlipped: 0 });
  expect(Object.fromEntries(chips.map(({ show, count }) => [show, count]))).toEqual({
    all: 63,
    changes: 9,
    added: 4,
    removed: 4,
    changed: 1,
    carried: 54,
    flipped: 0,
  });
});

test('a changed field is shown before others, in its own place', () => {
  const fields = ['LIMIT', 'SEX', 'AGE', 'BILL'];
  const room = 10 + 2 * (32 + 104 + 150 + 2 * 88);
  expect(fieldsThatFit(fields, new Set(['BILL']), null, room, () => 88)).toEqual(['LIMIT', 'BILL']);
  expect(fieldsThatFit(fields, new Set(), ['AGE'], room, () => 88)).toEqual(['AGE']);
});
