import { expect, test } from 'vitest';
import { suggestedVerdict, whyClosed, whyCountsDiffer, whyNotSubmit } from '../../domain/review.ts';
import type { ReviewVerdict, VersionStatus } from '../../domain/version.ts';

const counts = (approved: number, rejected: number, pending: number, disputed = 0) => ({
  total: approved + rejected + pending,
  approved,
  rejected,
  pending,
  disputed,
});
const version = (revision = 0, status: VersionStatus = 'pending', reviewVerdict: ReviewVerdict | null = null) => ({
  number: revision + 1,
  revision,
  status,
  reviewVerdict,
});

test.each<[string, ReviewVerdict, ReturnType<typeof counts>, number, string, string | null]>([
  ['an empty review approves nothing (fault i)', 'approved', counts(0, 0, 0), 0, '', 'empty-review'],
  ['undecided items block an approval (fault h)', 'approved', counts(58, 0, 1), 0, '', 'incomplete'],
  ['undecided items block a revision', 'revision-requested', counts(50, 4, 5), 0, '', 'incomplete'],
  ['a rejected sample blocks an approval, it needs an answer', 'approved', counts(55, 4, 0), 0, '', 'incomplete'],
  ['everything approved can be approved', 'approved', counts(59, 0, 0), 0, '', null],
  ['a rejection can be sent back for revision', 'revision-requested', counts(55, 4, 0), 0, '', null],
  [
    'a revision without a rejection has nothing to answer',
    'revision-requested',
    counts(59, 0, 0),
    0,
    '',
    'reason-missing',
  ],
  ['the third revision can still be reviewed (fault b)', 'approved', counts(59, 0, 0), 3, '', null],
  ['a fourth revision cannot be asked for', 'revision-requested', counts(58, 1, 0), 3, '', 'max-revisions'],
  ['a third revision can be asked for', 'revision-requested', counts(58, 1, 0), 2, '', null],
  ['what is disputed needs no answer: it does not block an approval', 'approved', counts(3, 2, 0, 2), 0, '', null],
  ['a rejection beside a disputed one still blocks it', 'approved', counts(3, 2, 0, 1), 0, '', 'incomplete'],
  [
    'a revision of disputed items alone has nothing to answer',
    'revision-requested',
    counts(3, 2, 0, 2),
    0,
    '',
    'reason-missing',
  ],
  ['a whole rejection needs a note', 'rejected', counts(0, 1, 58), 0, ' ', 'reason-missing'],
  ['a whole rejection may come early', 'rejected', counts(0, 1, 58), 0, 'wrong population', null],
])('%s', (_name, verdict, now, revision, note, code) => {
  expect(whyNotSubmit(verdict, version(revision), now, note)?.code ?? null).toBe(code);
});

test.each<[VersionStatus, ReviewVerdict | null, string | null]>([
  ['pending', null, null],
  ['pending', 'revision-requested', 'version-reviewed'],
  ['approved', 'approved', 'version-reviewed'],
  ['rejected', 'rejected', 'version-reviewed'],
  ['superseded', 'revision-requested', 'version-superseded'],
  ['draft', null, 'out-of-turn'],
])('a %s version whose review said %s takes decisions or not', (status, reviewVerdict, code) => {
  expect(whyClosed(version(0, status, reviewVerdict))?.code ?? null).toBe(code);
});

test('a review made on other counts than the server has is a conflict', () => {
  expect(whyCountsDiffer({ approved: 55, rejected: 4, pending: 0 }, counts(55, 4, 0))).toBeNull();
  expect(whyCountsDiffer({ approved: 55, rejected: 4, pending: 0 }, counts(56, 3, 0))?.code).toBe('counts-differ');
});

test('a rejection suggests a revision', () => {
  expect(suggestedVerdict(counts(58, 1, 0))).toBe('revision-requested');
  expect(suggestedVerdict(counts(59, 0, 0))).toBe('approved');
  expect(suggestedVerdict(counts(58, 1, 0, 1))).toBe('approved');
});
