import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHash } from '../../domain/canonical.ts';
import { reasonCodes, reasonRules } from '../../domain/decision.ts';
import type { ReasonCode, Verdict } from '../../domain/decision.ts';
import type { Answer } from '../../domain/operation.ts';
import { planRevision, whyNoAnswers } from '../../domain/revision.ts';
import type { ReviewedItem } from '../../domain/revision.ts';

const hashOf = (key: string) => contentHash({ key });
function item(position: number, itemKey: string, verdict: Verdict, reasonCode: ReasonCode | null = null): ReviewedItem {
  return {
    versionId: 'version-one',
    position,
    itemKey,
    contentHash: hashOf(itemKey),
    source: { kind: 'random', drawPosition: position + 1, stratum: null },
    origin: { kind: 'new' },
    verdict,
    reasonCode,
  };
}
const replace = (itemKey: string): Answer => ({ itemKey, contentHash: hashOf(itemKey), answer: 'replace' });
const keep = (itemKey: string): Answer => ({
  itemKey,
  contentHash: hashOf(itemKey),
  answer: 'keep',
  rationale: 'needed',
});
const reviewed = [item(0, 'A', 'approved'), item(1, 'B', 'rejected', 'duplicate'), item(2, 'C', 'approved')];

test('V1 A✓ B✗ C✓ becomes V2 with A and C carried and approved and a replacement pending in B’s place', () => {
  const plan = planRevision(reviewed, 1, [replace('B')], hashOf);
  if (!plan.ok) throw new Error(plan.reason.message);
  expect(plan.steps).toMatchObject([
    {
      kind: 'item',
      position: 0,
      itemKey: 'A',
      verdict: 'approved',
      origin: { kind: 'carried', versionId: 'version-one', versionNumber: 1 },
    },
    { kind: 'replace', position: 1, replacesKey: 'B' },
    { kind: 'item', position: 2, itemKey: 'C', verdict: 'approved', origin: { kind: 'carried' } },
  ]);
});

test('a carried item keeps the version it was first approved in, however often it is carried', () => {
  const twice = [
    {
      ...item(0, 'A', 'approved'),
      versionId: 'version-two',
      origin: { kind: 'carried', versionId: 'version-one', versionNumber: 1, itemKey: 'A' } as const,
    },
  ];
  const plan = planRevision(twice, 2, [], hashOf);
  expect(plan.ok && plan.steps[0]?.origin).toMatchObject({ versionId: 'version-one', versionNumber: 1 });
});

test('an approved item whose content changed is re-opened and says why', () => {
  const plan = planRevision(reviewed, 1, [replace('B')], (key) => (key === 'A' ? 'f'.repeat(64) : hashOf(key)));
  expect(plan.ok && plan.steps[0]).toMatchObject({
    verdict: 'pending',
    origin: { kind: 're-opened', reason: 'its content changed' },
  });
});

test('a kept item is pending again with its rationale', () => {
  const plan = planRevision(reviewed, 1, [keep('B')], hashOf);
  expect(plan.ok && plan.steps[1]).toMatchObject({
    itemKey: 'B',
    verdict: 'pending',
    origin: { kind: 'kept', rationale: 'needed' },
  });
});

test.each(reasonCodes)('a rejection as %s is replaceable exactly when its rule says so', (reasonCode) => {
  const plan = planRevision([item(0, 'B', 'rejected', reasonCode)], 1, [replace('B')], hashOf);
  expect(plan.ok).toBe(reasonRules[reasonCode].replaceable);
  if (!plan.ok) expect(plan.reason.code).toBe('not-replaceable');
});

test.each<[string, Answer[], string]>([
  ['a rejection without an answer is named', [], 'incomplete'],
  ['an answer to an item that was not rejected is refused (fault q)', [replace('B'), keep('A')], 'foreign-item'],
  ['two answers to one item are refused', [replace('B'), keep('B')], 'malformed'],
  [
    'an answer given on other contents is refused',
    [{ ...replace('B'), contentHash: 'e'.repeat(64) }],
    'content-changed',
  ],
])('%s', (_name, answers, code) => {
  const plan = planRevision(reviewed, 1, answers, hashOf);
  expect(plan.ok ? null : plan.reason.code).toBe(code);
});

const targeted: ReviewedItem = {
  ...item(3, 'T', 'rejected', 'duplicate'),
  source: { kind: 'targeted', reason: 'an exception of a rule' },
};
const remove = (itemKey: string): Answer => ({ ...keep(itemKey), answer: 'remove' }) as Answer;

test.each<[string, ReviewedItem, Answer, string | null]>([
  ['a targeted row that should not be there is taken out', targeted, remove('T'), null],
  ['a targeted row is not replaced by a random one', targeted, replace('T'), 'not-replaceable'],
  ['a targeted row that is only costly stays', { ...targeted, reasonCode: 'too-costly' }, remove('T'), 'not-editable'],
  ['a random row is not taken out', item(3, 'T', 'rejected', 'duplicate'), remove('T'), 'not-editable'],
  [
    'a sample is not edited',
    item(3, 'T', 'rejected', 'duplicate'),
    { itemKey: 'T', contentHash: hashOf('T'), answer: 'edit', fields: { LIMIT: 1 } },
    'not-editable',
  ],
  [
    'a sample is not kept as disputed',
    item(3, 'T', 'rejected', 'duplicate'),
    { ...keep('T'), answer: 'dispute' } as Answer,
    'not-editable',
  ],
])('%s', (_name, row, answer, code) => {
  const plan = planRevision([item(0, 'A', 'approved'), row], 1, [answer], hashOf);
  expect(plan.ok ? null : plan.reason.code).toBe(code);
  if (plan.ok) expect(plan.steps.map((step) => step.position)).toEqual([0]);
});

test('a sample of which nothing would be left is not made', () => {
  const plan = planRevision([targeted], 1, [remove('T')], hashOf);
  expect(plan.ok ? null : plan.reason.code).toBe('empty-review');
});

test('every item of a version has exactly one step, in the same place', () => {
  const verdict = fc.constantFrom<Verdict>('approved', 'rejected', 'pending');
  fc.assert(
    fc.property(
      fc.array(verdict, { minLength: 1, maxLength: 50 }),
      fc.infiniteStream(fc.boolean()),
      (list, replaces) => {
        const items = list.map((value, index) =>
          item(index, `k${index}`, value, value === 'rejected' ? 'voided' : null),
        );
        const answers = items
          .filter((row) => row.verdict === 'rejected')
          .map((row) => (replaces.next().value ? replace(row.itemKey) : keep(row.itemKey)));
        const plan = planRevision(items, 1, answers, hashOf);
        expect(plan.ok && plan.steps.map((step) => step.position)).toEqual(items.map((row) => row.position));
      },
    ),
  );
});

const asked = { number: 2, status: 'pending', reviewVerdict: 'revision-requested', revision: 1 } as const;

test.each([
  ['asked for a revision', asked, null],
  ['was not reviewed', { ...asked, reviewVerdict: null }, 'out-of-turn'],
  ['was rejected as a whole', { ...asked, status: 'rejected', reviewVerdict: 'rejected' }, 'out-of-turn'],
  ['was superseded', { ...asked, status: 'superseded' }, 'version-superseded'],
  ['is the last revision', { ...asked, revision: 3 }, 'max-revisions'],
] as const)('whether answers are wanted when the version %s', (_how, version, code) => {
  expect(whyNoAnswers(version)?.code ?? null).toBe(code);
});
