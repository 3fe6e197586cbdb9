import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareItems, countRows, fieldChanges } from '../../domain/comparison.ts';
import type { ComparedItem } from '../../domain/comparison.ts';
import type { ItemOrigin } from '../../domain/version.ts';

function compared(itemKey: string, options: Partial<ComparedItem> = {}): ComparedItem {
  return {
    position: 0,
    itemKey,
    contentHash: `hash of ${itemKey}`,
    source: { kind: 'random', drawPosition: 1, stratum: null },
    origin: { kind: 'new' },
    verdict: 'approved',
    reasonCode: null,
    note: '',
    decidedBy: null,
    decidedAt: null,
    ...options,
  };
}
const replaces = (replacesKey: string): ItemOrigin => ({
  kind: 'replacement',
  replacesKey,
  versionId: 'v1',
  versionNumber: 1,
});

test('a removed row and its replacement stand on one line and count as one removed and one added', () => {
  const rows = compareItems(
    [compared('9042', { verdict: 'rejected' })],
    [compared('18233', { origin: replaces('9042') })],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ kind: 'removed', replacement: true });
  expect(countRows(rows)).toEqual({ carried: 0, changed: 0, removed: 1, added: 1, verdictFlipped: 0 });
});

test('the same key with other contents is changed', () => {
  const rows = compareItems([compared('771')], [compared('771', { contentHash: 'other' })]);
  expect(rows[0]?.kind).toBe('changed');
});

test('a decision that turned is flipped; one that was re-opened is not', () => {
  const flipped = compareItems([compared('1')], [compared('1', { verdict: 'rejected' })]);
  const reopened = compareItems([compared('1')], [compared('1', { verdict: 'pending' })]);
  expect([flipped[0]?.verdictFlipped, reopened[0]?.verdictFlipped]).toEqual([true, false]);
});

test('only the fields that differ are named, one that a side lacks too', () => {
  expect(fieldChanges({ LIMIT_BAL: 50000, AGE: 34 }, { LIMIT_BAL: 80000, AGE: 34, NEW: null })).toEqual([
    { field: 'LIMIT_BAL', left: 50000, right: 80000 },
    { field: 'NEW', left: undefined, right: null },
  ]);
});

test('a field that one side only inherits is absent there', () => {
  expect(fieldChanges({}, JSON.parse('{"constructor":"x"}') as Record<string, string>)).toEqual([
    { field: 'constructor', left: undefined, right: 'x' },
  ]);
});

test('every item of both versions appears exactly once and the counts add up', () => {
  const keys = fc.uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 40 });
  fc.assert(
    fc.property(keys, keys, fc.infiniteStream(fc.boolean()), (leftKeys, rightKeys, replacesOne) => {
      const left = leftKeys.map((key) => compared(key));
      const gone = leftKeys.filter((key) => !rightKeys.includes(key));
      const right = rightKeys.map((key) => {
        const target = leftKeys.includes(key) || !replacesOne.next().value ? undefined : gone.pop();
        return target === undefined ? compared(key) : compared(key, { origin: replaces(target) });
      });
      const rows = compareItems(left, right);
      expect(rows.flatMap((row) => row.left?.itemKey ?? [])).toEqual(leftKeys);
      expect(rows.flatMap((row) => row.right?.itemKey ?? []).sort()).toEqual([...rightKeys].sort());
      const counts = countRows(rows);
      expect(counts.carried + counts.changed + counts.removed).toBe(left.length);
      expect(counts.carried + counts.changed + counts.added).toBe(right.length);
    }),
  );
});
