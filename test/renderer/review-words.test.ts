// What a review says before it is done, and which of its parts are shown to whom.
import { expect, test } from 'vitest';
import type { ItemRow } from '../../preload/contract.ts';
import { whyNotReject } from '../../renderer/review/reason-dialog.tsx';
import { fieldWidth, longestTexts, numericFields, toneOfRow } from '../../renderer/review/review-columns.tsx';
import { changedFields, editedBody } from '../../renderer/review/edit-fields.ts';
import {
  handInSentence,
  progressWords,
  revisionSentence,
  submitSentence,
  whyNotSubmitRevision,
} from '../../renderer/review/sentences.ts';
import { nextOpenRow } from '../../renderer/review/use-decisions.ts';
import { answersGiven, replaceableRows } from '../../renderer/review/use-rejections.ts';
import { modeOf } from '../../renderer/review/use-review.ts';
import { firstView, isReviewView, nextSort } from '../../renderer/review/view-state.ts';

const version = { phase: 'sample-selection', number: 1, revision: 0 } as const;
const counts = (approved: number, rejected: number, pending = 0) => ({
  total: approved + rejected + pending,
  approved,
  rejected,
  pending,
  disputed: 0,
});

function item(overrides: Partial<ItemRow> = {}): ItemRow {
  return {
    position: 0,
    itemKey: '4711',
    contentHash: 'a'.repeat(64),
    body: {},
    source: { kind: 'random', drawPosition: 1, stratum: null },
    origin: { kind: 'new' },
    verdict: 'pending',
    reasonCode: null,
    note: '',
    decidedBy: null,
    decidedAt: null,
    delivery: null,
    answer: null,
    edit: null,
    ...overrides,
  };
}

test.each([
  ['approved', counts(59, 0), '59 samples are approved and version 1 becomes the current one; the phase is completed.'],
  [
    'revision-requested',
    counts(55, 4),
    '55 samples stay approved and are carried into version 2; 4 wait for the tester, who replaces or keeps each; version 2 is revision 1 of 3.',
  ],
  [
    'revision-requested',
    counts(1, 1),
    '1 sample stays approved and is carried into version 2; 1 waits for the tester, who replaces or keeps each; version 2 is revision 1 of 3.',
  ],
  [
    'rejected',
    counts(59, 0),
    'Version 1 with its 59 samples is rejected and the phase ends; no further version follows.',
  ],
] as const)('submitting says what "%s" will do', (verdict, seen, sentence) => {
  expect(submitSentence(verdict, version, seen)).toBe(sentence);
});

const noAnswers = { replace: 0, keep: 0, edit: 0, remove: 0, dispute: 0 };
test.each([
  [
    { ...noAnswers, replace: 4 },
    '55 samples stay approved and are carried into version 2; 4 are replaced; the report waits for the reviewer again.',
  ],
  [
    { ...noAnswers, replace: 3, keep: 1 },
    '55 samples stay approved and are carried into version 2; 3 are replaced; 1 is kept with a rationale and decided again; the report waits for the reviewer again.',
  ],
  [
    { ...noAnswers, edit: 2, remove: 1, dispute: 1 },
    '55 samples stay approved and are carried into version 2; 2 are changed and decided again; 1 is taken out; 1 is kept as disputed, and the report lists them; the report waits for the reviewer again.',
  ],
])('submitting a revision says what the answers %o will do', (answers, sentence) => {
  expect(revisionSentence(version, counts(55, 4), answers)).toBe(sentence);
});

test('where nothing stays approved nothing is said to be carried', () => {
  expect(revisionSentence(version, counts(0, 1), { ...noAnswers, edit: 1 })).toBe(
    'Version 2 is made; 1 is changed and decided again; the report waits for the reviewer again.',
  );
  expect(submitSentence('revision-requested', version, counts(0, 1))).toBe(
    '1 waits for the tester, who replaces or keeps each; version 2 is revision 1 of 3.',
  );
});

test.each([
  [
    { status: 'draft' as const },
    0,
    'Version 1 goes to its reviewer as it is; you become its author and cannot approve it yourself.',
  ],
  [
    { status: 'draft' as const },
    1,
    'With 1 change, version 2 is made and goes to its reviewer; you become its author and cannot approve it yourself.',
  ],
  [
    { status: 'approved' as const },
    2,
    'With 2 changes, the signatures of version 1 are voided, version 2 is made and goes to its reviewer; you become its author and cannot approve it yourself.',
  ],
])('handing in %o with %i changes says what it will do', (of, edits, sentence) => {
  expect(handInSentence({ phase: 'planning', number: 1, ...of }, edits)).toBe(sentence);
});

test('an approval with disputed observations says that they stay', () => {
  const seen = { ...counts(3, 1), disputed: 1 };
  expect(submitSentence('approved', { phase: 'observations', number: 2, revision: 1 }, seen)).toBe(
    '3 observations are approved, 1 stays disputed and in the report, and version 2 becomes the current one; the phase is completed.',
  );
});

test('an edit laid over a row shows what the next version will hold, and names only what it changes', () => {
  const row = item({
    body: { inScope: true, rationale: 'key' },
    edit: { edit: 'set', itemKey: '4711', contentHash: 'a'.repeat(64), fields: { inScope: false } },
  });
  expect(editedBody(row)).toEqual({ inScope: false, rationale: 'key' });
  expect(changedFields(row.body ?? {}, { inScope: false, rationale: 'key' })).toEqual({ inScope: false });
});

test.each([
  [4, 4, null],
  [4, 3, '1 of 4 rejections has no answer yet'],
  [4, 0, '4 of 4 rejections have no answer yet'],
  [0, 0, 'no item was rejected: there is nothing to answer'],
])('%i rejections with %i answers: %s', (rejected, answered, why) => {
  expect(whyNotSubmitRevision(rejected, answered)).toBe(why);
});

test('the progress counts what is decided and names rejections only when there are some', () => {
  expect(progressWords(counts(56, 1, 2))).toBe('57 of 59 decided · 1 rejected');
  expect(progressWords(counts(57, 0, 2))).toBe('57 of 59 decided');
});

test.each([
  [null, '', 'a rejection needs a reason code'],
  ['duplicate', '', null],
  ['other', '  ', 'the reason "other" needs a note'],
  ['other', 'voided by the bank', null],
  ['duplicate', 'x'.repeat(10_001), 'a note has at most 10,000 characters'],
] as const)('rejecting as %s', (reason, note, why) => {
  expect(whyNotReject(reason, note)).toBe(why);
});

test('who may decide decides, who may answer answers, who may edit edits, everybody else reads', () => {
  const no = { code: 'role', message: 'no' } as const;
  expect(modeOf({ whyNotReview: null, whyNotRevise: null, whyNotEdit: null })).toBe('review');
  expect(modeOf({ whyNotReview: no, whyNotRevise: null, whyNotEdit: null })).toBe('answer');
  expect(modeOf({ whyNotReview: no, whyNotRevise: no, whyNotEdit: null })).toBe('edit');
  expect(modeOf({ whyNotReview: no, whyNotRevise: no, whyNotEdit: no })).toBe('read');
});

test('a filter that was remembered is read again, anything else is not', () => {
  expect(isReviewView(firstView)).toBe(true);
  expect(isReviewView({ ...firstView, filter: { show: 'gone' } })).toBe(false);
  expect(isReviewView(null)).toBe(false);
});

test('pressing a heading sorts by it, then the other way, then not at all', () => {
  const once = nextSort({ by: '#', descending: false }, 'field:AGE');
  const twice = nextSort(once, 'field:AGE');
  expect([once, twice, nextSort(twice, 'field:AGE')]).toEqual([
    { by: 'field:AGE', descending: false },
    { by: 'field:AGE', descending: true },
    { by: '#', descending: false },
  ]);
});

test('after a decision the next open row is taken, round the end, and unread rows are asked for', () => {
  const rows = ['pending', 'approved', 'pending', 'rejected'].map((verdict) => item({ verdict: verdict as 'pending' }));
  const source = { total: rows.length, row: (at: number) => rows[at] };
  expect(nextOpenRow(source, 0)).toBe(2);
  expect(nextOpenRow(source, 2)).toBe(0);
  expect(nextOpenRow({ total: 9, row: source.row }, 2)).toBe('unread');
  expect(nextOpenRow({ total: 1, row: source.row }, 0)).toBeNull();
});

test('what is settled recedes; what this laptop holds back does not', () => {
  expect(toneOfRow(item())).toBe('open');
  expect(toneOfRow(item({ verdict: 'approved' }))).toBe('settled');
  expect(toneOfRow(item({ verdict: 'approved', delivery: 'draft' }))).toBe('');
  expect(toneOfRow(item({ verdict: 'rejected', reasonCode: 'duplicate' }))).toBe('');
});

test('a field is set to the right when all its values are numbers', () => {
  const rows = [item({ body: { a: 1, b: 'x', c: null } }), item({ body: { a: '2.50', b: 3, c: null } })];
  expect([...numericFields(['a', 'b', 'c'], rows)]).toEqual(['a']);
});

test('a column of numbers is as wide as its longest number, a column of texts only up to a limit', () => {
  const longest = longestTexts('sample-selection', ['n', 't'], [{ n: -1_234_567.89, t: 'x'.repeat(400) }, null]);
  expect(longest.get('n')).toBe('-1,234,567.89'.length);
  expect(fieldWidth('n', true, 40)).toBeGreaterThan(40 * 8);
  expect(fieldWidth('t', false, longest.get('t') ?? 0)).toBeLessThan(300);
});

test('only unanswered rows whose reason allows another row are replaced together', () => {
  const hash = 'a'.repeat(64);
  const rows = [
    item({ itemKey: 'a', verdict: 'rejected', reasonCode: 'duplicate' }),
    item({ itemKey: 'b', verdict: 'rejected', reasonCode: 'too-costly' }),
    item({
      itemKey: 'c',
      verdict: 'rejected',
      reasonCode: 'voided',
      answer: { itemKey: 'c', contentHash: hash, answer: 'keep', rationale: 'seen' },
    }),
  ];
  expect(replaceableRows(rows).map(({ itemKey }) => itemKey)).toEqual(['a']);
  expect(answersGiven(rows)).toEqual({ ...noAnswers, keep: 1 });
});
