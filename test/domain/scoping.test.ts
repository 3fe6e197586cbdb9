import { expect, test } from 'vitest';
import type { AttributeBody } from '../../domain/phase-item.ts';
import { proposeScoping, scopingSummary } from '../../domain/scoping.ts';
import type { ScopingRule } from '../../domain/scoping.ts';

function attribute(over: Partial<AttributeBody> = {}): AttributeBody {
  return {
    ...{ attribute: 'A', type: 'integer', mandatory: false, key: false, criticalDataElement: false, description: '' },
    ...over,
  };
}
function rule(over: Partial<ScopingRule> = {}): ScopingRule {
  return { kind: 'range', attribute: 'A', otherAttribute: null, exceptions: 0, fault: '', ...over };
}
const critical = { criticalDataElement: true, mandatory: true };
const mandatory = { mandatory: true };
const key = { key: true, mandatory: true };

test.each<[string, Partial<AttributeBody>, ScopingRule[] | null, boolean, string, RegExp]>([
  [
    'critical with exceptions',
    critical,
    [rule({ exceptions: 3 })],
    true,
    'high',
    /critical data element; profiling found 3 exceptions \(range\)/,
  ],
  ['critical without exceptions', critical, [rule()], true, 'medium', /found no exception to its approved rule\./],
  ['critical, not profiled', critical, null, true, 'high', /profiling was skipped/],
  [
    'critical, with a rule that did not run',
    critical,
    [rule({ fault: 'x' })],
    true,
    'high',
    /1 of its approved rules could not be run/,
  ],
  ['exceptions alone', {}, [rule({ exceptions: 1 })], true, 'medium', /^Profiling found 1 exception \(range\)\.$/],
  ['mandatory with exceptions', mandatory, [rule({ exceptions: 1 })], true, 'medium', /found 1 exception/],
  [
    'mandatory without exceptions',
    mandatory,
    [rule(), rule()],
    true,
    'low',
    /^Mandatory, not critical; .*its 2 approved rules\.$/,
  ],
  ['mandatory, not profiled', mandatory, null, true, 'medium', /profiling was skipped/],
  ['neither', {}, [], false, 'low', /^Neither critical nor mandatory; no approved rule speaks of it\.$/],
  ['neither, not profiled', {}, null, false, 'low', /profiling was skipped/],
  ['the key', key, [rule()], false, 'low', /^The key, by which evidence is looked up/],
  ['the key with exceptions', key, [rule({ exceptions: 2 })], true, 'medium', /found 2 exceptions/],
  ['a key that is called critical', { ...key, ...critical }, [rule()], true, 'medium', /critical data element/],
])('%s', (_name, said, rules, inScope, risk, rationale) => {
  const [decision] = proposeScoping([attribute(said)], rules);
  expect(decision).toMatchObject({ inScope, risk, rationale: expect.stringMatching(rationale) as string });
});

test('exceptions are those of all rules on the attribute, of comparisons on both; none are known without profiling', () => {
  const attributes = ['A', 'B', 'C'].map((name) => attribute({ attribute: name }));
  const rules = [
    rule({ exceptions: 2 }),
    rule({ kind: 'cross-column', otherAttribute: 'B', exceptions: 3 }),
    rule({ attribute: 'C' }),
  ];
  expect(proposeScoping(attributes, rules).map((row) => row.exceptions)).toEqual([5, 3, 0]);
  expect(proposeScoping(attributes, null).map((row) => row.exceptions)).toEqual([null, null, null]);
});

test('coverage says how much of what was planned is in scope', () => {
  const attributes = [attribute(critical), attribute({ ...critical, attribute: 'B' }), attribute({ attribute: 'C' })];
  const decisions = proposeScoping(attributes, []);
  expect(scopingSummary(decisions)).toEqual({
    ...{ attributes: 3, inScope: 2, criticalDataElements: 2, criticalInScope: 2, coverage: 0.666667 },
  });
  const without = decisions.map((row) => (row.attribute === 'B' ? { ...row, inScope: false } : row));
  expect(scopingSummary(without)).toMatchObject({ inScope: 1, criticalInScope: 1, coverage: 0.333333 });
  expect(scopingSummary([])).toMatchObject({ attributes: 0, coverage: 0 });
});
