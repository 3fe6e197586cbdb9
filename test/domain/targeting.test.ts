import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pickTargets } from '../../domain/targeting.ts';
import type { FailingRow } from '../../domain/targeting.ts';

function row(itemKey: string, ...rules: string[]): FailingRow {
  return { itemKey, failed: rules.map((rule) => ({ ruleKey: rule, words: `rule ${rule}` })) };
}
const keys = (rows: readonly FailingRow[], limit = 10) => pickTargets(rows, limit).map((pick) => pick.itemKey);

test('the row that fails most rules comes first, of equal ones the first', () => {
  expect(keys([row('1', 'a'), row('2', 'a', 'b'), row('3', 'a', 'b')])).toEqual(['2', '3', '1']);
});

test('rows of rules without an example come before more of the same', () => {
  const rows = [row('1', 'a', 'b'), row('2', 'a', 'b'), row('3', 'c'), row('4', 'd')];
  expect(keys(rows, 3)).toEqual(['1', '3', '4']);
  expect(keys(rows)).toEqual(['1', '3', '4', '2']);
});

test('a reason names the rules, the first five of many', () => {
  const [one] = pickTargets([row('1', 'a')], 1);
  expect(one?.reason).toBe('fails an approved profiling rule: rule a');
  const [many] = pickTargets([row('1', 'a', 'b', 'c', 'd', 'e', 'f', 'g')], 1);
  expect(many?.reason).toBe('fails 7 approved profiling rules: rule a; rule b; rule c; rule d; rule e and 2 more');
});

test('whatever fails, each pick is a row, none comes twice, and as many rules have an example as can', () => {
  const rowsOf = fc
    .uniqueArray(fc.nat(30), { maxLength: 15 })
    .chain((ids) =>
      fc.tuple(
        ...ids.map((id) =>
          fc
            .uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 })
            .map((rules) => row(String(id), ...rules)),
        ),
      ),
    );
  fc.assert(
    fc.property(rowsOf, fc.nat(12), (rows, limit) => {
      const picked = keys(rows, limit);
      expect(picked).toHaveLength(Math.min(limit, rows.length));
      expect(new Set(picked).size).toBe(picked.length);
      const rulesOf = (of: readonly FailingRow[]) =>
        new Set(of.flatMap((each) => each.failed.map((rule) => rule.ruleKey)));
      const examples = rulesOf(rows.filter((each) => picked.includes(each.itemKey)));
      // With as many picks as there are rules, each rule has one.
      if (limit >= 6) expect(examples).toEqual(rulesOf(rows));
    }),
  );
});
