// Drafting, undoing and submitting on real files; what is confirmed outlives closing and a deleted cache.
import { rmSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { decideAgain } from '../../../main/core/desk/decide-again.ts';
import { dropEntry, listOutbox } from '../../../main/core/desk/outbox-list.ts';
import { recordDecisions, submitReview, undoDecisions } from '../../../main/core/desk/decisions.ts';
import { listItems } from '../../../main/core/desk/items.ts';
import { itemDetail } from '../../../main/core/desk/item-life.ts';
import { versionDetail } from '../../../main/core/desk/version-detail.ts';
import { draftAnswers, submitRevision } from '../../../main/core/desk/revisions.ts';
import { home } from '../../../main/core/desk/home.ts';
import { commands } from '../../../preload/contract.ts';
import type { OutboxEntry } from '../../../preload/contract.ts';
import type { Operation } from '../../../domain/operation.ts';
import { asShown, at, carried, contents, decision, deskWithVersion, receipt, things, version } from './desk-builder.ts';
import type { TestDesk } from './desk-builder.ts';

let desk: TestDesk;
afterEach(() => desk.close());

const rowsOf = (versionId = 'version-1') =>
  listItems(desk, commands['version:items'].input.parse({ versionId, limit: 500 })).rows;
const verdicts = (versionId?: string) => rowsOf(versionId).map((row) => `${row.verdict}/${row.delivery}`);
const outboxOpen = () => listOutbox(desk, { show: 'open', offset: 0, limit: 500 }).entries;
const sentOperations = (): Operation[] =>
  desk.outbox.nextBatches({ limit: 100 }).flatMap((batch) => batch.operations.map((one) => one.operation));
const record = (indexes: number[], verdict: 'approved' | 'rejected' = 'approved') =>
  recordDecisions(desk, {
    versionId: 'version-1',
    decisions: indexes.map((index) => asShown(things(10)[index]!, verdict)),
  });

test('a drafted decision shows at once, counts, and outlives closing and a deleted cache', () => {
  desk = deskWithVersion(4);
  expect(record([0], 'rejected').counts).toEqual({ total: 4, pending: 3, approved: 0, rejected: 1, disputed: 0 });
  expect(record([1, 2]).counts).toEqual({ total: 4, pending: 1, approved: 2, rejected: 1, disputed: 0 });
  const shown = ['rejected/draft', 'approved/draft', 'approved/draft', 'pending/null'];
  expect(verdicts()).toEqual(shown);
  desk.reopen();
  expect(verdicts()).toEqual(shown);
  expect(versionDetail(desk, 'version-1').counts).toEqual({
    total: 4,
    pending: 1,
    approved: 2,
    rejected: 1,
    disputed: 0,
  });

  desk.cache.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(desk.cacheFile + suffix, { force: true });
  const before = desk.outbox.counts(at);
  desk.reopen();
  expect(desk.cache.cursors()).toEqual({});
  expect(desk.outbox.counts(at)).toEqual(before);
  expect(before.draft).toBe(3);
});

test('undo takes the last group back, and what stood before stands again', () => {
  desk = deskWithVersion(4);
  record([0, 1]);
  record([1, 2], 'rejected');
  expect(verdicts()).toEqual(['approved/draft', 'rejected/draft', 'rejected/draft', 'pending/null']);
  const undone = undoDecisions(desk, { versionId: 'version-1' });
  expect(undone.undone.map(({ itemKey }) => itemKey)).toEqual(['key-1', 'key-2']);
  expect(undone.counts).toEqual({ total: 4, pending: 2, approved: 2, rejected: 0, disputed: 0 });
  expect(verdicts()).toEqual(['approved/draft', 'approved/draft', 'pending/null', 'pending/null']);
  undoDecisions(desk, { versionId: 'version-1' });
  expect(verdicts()).toEqual(['pending/null', 'pending/null', 'pending/null', 'pending/null']);
  expect(undoDecisions(desk, { versionId: 'version-1' }).undone).toEqual([]);
});

test('a decision on other contents than the screen showed is refused and nothing is written', () => {
  desk = deskWithVersion(4);
  const [first, second] = things(2);
  const wrong = { ...asShown(second!), contentHash: 'f'.repeat(64) };
  expect(() => recordDecisions(desk, { versionId: 'version-1', decisions: [asShown(first!), wrong] })).toThrow(
    /other contents/,
  );
  expect(desk.outbox.counts(at).draft).toBe(0);
});

test('a tester may not decide, and neither may the person who made the version', () => {
  desk = deskWithVersion(4, 'tara');
  expect(() => record([0])).toThrow(/only report owner may/);
  desk.close();
  desk = deskWithVersion(4);
  desk.feed([{ kind: 'version', version: version({ authorId: 'olga' }) }]);
  expect(() => record([0])).toThrow(/another person has to/);
  expect(versionDetail(desk, 'version-1').whyNotReview?.code).toBe('four-eyes');
});

test('submitting queues every draft exactly once, signed, with the review behind them', () => {
  desk = deskWithVersion(4);
  record([0, 1, 2]);
  record([3], 'rejected');
  expect(() => submitReview(desk, { versionId: 'version-1', verdict: 'approved', note: '' }, desk.author)).toThrow(
    /rejected/,
  );
  const { operationIds } = submitReview(
    desk,
    { versionId: 'version-1', verdict: 'revision-requested', note: '' },
    desk.author,
  );
  expect(() =>
    submitReview(desk, { versionId: 'version-1', verdict: 'revision-requested', note: '' }, desk.author),
  ).toThrow(/waits for its receipt/);
  desk.reopen();
  const [batch, ...others] = desk.outbox.nextBatches({ limit: 10 });
  expect(others).toEqual([]);
  expect(batch?.operationIds).toEqual(operationIds);
  const [recorded, review] = sentOperations();
  expect(recorded?.body.kind === 'decisions.record' && recorded.body.decisions.map((one) => one.itemKey)).toEqual([
    'key-0',
    'key-1',
    'key-2',
    'key-3',
  ]);
  expect(review?.body).toMatchObject({ kind: 'review.submit', seen: { approved: 3, rejected: 1, pending: 0 } });
  expect(batch?.operations.map((one) => [one.operation.sequence, one.signature])).toEqual([
    [1, 'signature-1'],
    [2, 'signature-2'],
  ]);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 0, queued: 5, sent: 0 });
  expect(verdicts()).toEqual(['approved/queued', 'approved/queued', 'approved/queued', 'rejected/queued']);
  expect(versionDetail(desk, 'version-1').submitted).toEqual({
    kind: 'review',
    verdict: 'revision-requested',
    delivery: 'queued',
  });
  expect(home(desk).waiting).toEqual([]);
  expect(home(desk).sent).toMatchObject([{ what: 'revision requested', delivery: 'queued', items: 4 }]);
});

test('a decision that was drafted twice is bound to what the server has, not to the first draft', () => {
  desk = deskWithVersion(2);
  record([0, 1], 'rejected');
  record([0, 1]);
  submitReview(desk, { versionId: 'version-1', verdict: 'approved', note: '' }, desk.author);
  const [recorded] = sentOperations();
  const decisions = recorded?.body.kind === 'decisions.record' ? recorded.body.decisions : [];
  expect(decisions.map((one) => [one.itemKey, one.seenVerdict, one.decision.verdict])).toEqual([
    ['key-0', 'pending', 'approved'],
    ['key-1', 'pending', 'approved'],
  ]);
});

test('a signature that cannot be made leaves everything a draft', () => {
  desk = deskWithVersion(1);
  record([0]);
  const author = {
    ...desk.author,
    sign: (operation: Operation): string => {
      if (operation.body.kind === 'review.submit') throw new Error('the key is locked');
      return 'signature';
    },
  };
  expect(() => submitReview(desk, { versionId: 'version-1', verdict: 'approved', note: '' }, author)).toThrow(/locked/);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 1, queued: 0 });
  expect(sentOperations()).toEqual([]);
});

test('receipts settle operations and items, once, whatever the order of both files', () => {
  desk = deskWithVersion(4);
  record([0, 1, 2]);
  record([3], 'rejected');
  submitReview(desk, { versionId: 'version-1', verdict: 'revision-requested', note: '' }, desk.author);
  const [recorded, review] = sentOperations();
  desk.outbox.markSent([recorded!.operationId, review!.operationId], at);
  expect(verdicts()[0]).toBe('approved/sent');
  const theirs = {
    versionId: 'version-1',
    contentHash: rowsOf()[1]!.contentHash,
    verdict: 'rejected' as const,
    actorId: 'lena',
    at,
  };
  const partly = receipt(recorded!, {
    state: 'conflict',
    items: [
      {
        itemKey: 'key-1',
        state: 'conflict',
        reason: { code: 'already-decided', message: 'was decided before' },
        theirs,
      },
    ],
  });
  expect(desk.outbox.applyReceipts([partly]).operationIds).toEqual([recorded!.operationId]);
  expect(desk.outbox.applyReceipts([partly]).operationIds).toEqual([]);
  // The cache does not have the decisions yet: the applied ones show all the same.
  expect(verdicts()).toEqual(['approved/applied', 'pending/conflict', 'approved/applied', 'rejected/applied']);
  expect(desk.outbox.counts(at)).toMatchObject({ conflict: 1, sent: 1, deliveredToday: 3 });
  const [entry] = outboxOpen().filter((one) => one.delivery === 'conflict');
  expect(entry).toMatchObject({
    what: 'Approve key-1',
    itemKey: 'key-1',
    reason: { code: 'already-decided' },
    conflict: {
      base: { versionNumber: 1, verdict: 'pending', body: things(2)[1]!.body },
      mine: { verdict: 'approved', by: 'olga' },
      theirs: { versionNumber: 1, verdict: 'rejected', by: 'lena' },
    },
  });
  expect(() => dropEntry(desk, { entryId: `o-${review!.operationId}`, note: 'x' })).toThrow(/still waits/);
  dropEntry(desk, { entryId: entry!.entryId, note: 'Lena is right' });
  expect(desk.outbox.counts(at).conflict).toBe(0);
  const kept = desk.outbox.db.prepare("SELECT settled_note FROM decisions WHERE state = 'conflict'").get();
  expect(kept).toEqual({ settled_note: 'Lena is right' });
  expect(desk.outbox.allDeliveredAt()).toBeNull();
  desk.outbox.applyReceipts([receipt(review!)]);
  expect(desk.outbox.allDeliveredAt()).not.toBeNull();
  const delivered = listOutbox(desk, { show: 'delivered', offset: 0, limit: 50 });
  expect(delivered.entries.map((one) => one.what).sort()).toEqual([
    'Approve key-0',
    'Approve key-2',
    'Ask for a revision of version 1',
    'Reject key-3 as duplicate',
  ]);
});

test('a receipt that refuses a whole operation refuses each of its items, and the review can be made again', () => {
  desk = deskWithVersion(2);
  record([0, 1]);
  submitReview(desk, { versionId: 'version-1', verdict: 'approved', note: '' }, desk.author);
  const reason = { code: 'four-eyes' as const, message: 'you drew it' };
  const [recorded, review] = sentOperations();
  desk.outbox.applyReceipts([
    receipt(recorded!, { state: 'refused', reason }),
    receipt(review!, { state: 'refused', reason }),
  ]);
  expect(verdicts()).toEqual(['pending/refused', 'pending/refused']);
  expect(desk.outbox.counts(at)).toMatchObject({ queued: 0, sent: 0, refused: 3 });
  record([0, 1]);
  submitReview(desk, { versionId: 'version-1', verdict: 'approved', note: '' }, desk.author);
  expect(desk.outbox.counts(at)).toMatchObject({ queued: 3, refused: 0 });
});

/** Version 2 as a revision of version 1: key-0 and key-1 carried, new-3 in place of key-3, key-2 kept. */
function revise(over: { changed?: boolean } = {}): void {
  const [first, second, third] = things(3);
  const lineage = { versionId: 'version-1', versionNumber: 1 };
  const secondBody = over.changed ? { ...second!.body, LIMIT_BAL: 80 } : second!.body;
  desk.feed([
    { kind: 'version', version: version({ itemCount: 4, status: 'superseded', reviewVerdict: 'revision-requested' }) },
    {
      kind: 'version',
      version: version({
        versionId: 'version-2',
        number: 2,
        revision: 1,
        parentVersionId: 'version-1',
        createdAt: '2026-11-22T09:00:00.000Z',
        counts: { total: 4, pending: 3, approved: 1, rejected: 0, disputed: 0 },
      }),
    },
  ]);
  desk.cache.storeContents(
    contents('version-2', [
      { ...first!, origin: { ...carried, itemKey: 'key-0' } as typeof carried },
      {
        itemKey: 'key-1',
        body: secondBody,
        origin: { kind: 're-opened', ...lineage, itemKey: 'key-1', reason: 'its content changed' },
      },
      { ...third!, origin: { kind: 'kept', ...lineage, itemKey: 'key-2', rationale: 'we have it' } },
      { itemKey: 'new-3', body: { ID: 'new-3' }, origin: { kind: 'replacement', replacesKey: 'key-3', ...lineage } },
    ]),
  );
}

test('conflicting decisions on a superseded version can be decided again where the contents are the same', () => {
  desk = deskWithVersion(4);
  record([0, 1, 2, 3]);
  submitReview(desk, { versionId: 'version-1', verdict: 'approved', note: '' }, desk.author);
  const reason = { code: 'version-superseded' as const, message: 'version 1 was superseded' };
  desk.outbox.applyReceipts(sentOperations().map((one) => receipt(one, { state: 'conflict', reason })));
  revise({ changed: true });
  const entries = outboxOpen().filter((one) => one.kind === 'decision');
  const places = entries.map((one: OutboxEntry) => one.conflict?.decideAgainOn);
  expect(places.map((place) => place && [place.versionNumber, place.contentUnchanged])).toEqual([
    [2, true],
    [2, false],
    [2, true],
    null,
  ]);
  expect(entries[1]?.conflict?.theirs).toMatchObject({ versionNumber: 2, body: { LIMIT_BAL: 80 } });
  expect(() => decideAgain(desk, { entryIds: [entries[1]!.entryId] })).toThrow(/other contents in version 2/);
  expect(() => decideAgain(desk, { entryIds: [entries[3]!.entryId] })).toThrow(/in no version/);
  const again = decideAgain(desk, { entryIds: entries.map((one) => one.entryId) });
  expect(again).toEqual({ versionId: 'version-2', itemKeys: ['key-0', 'key-2'] });
  expect(verdicts('version-2')).toEqual(['approved/draft', 'pending/null', 'approved/draft', 'pending/null']);
  expect(outboxOpen().filter((one) => one.delivery === 'conflict' && one.kind === 'decision')).toHaveLength(2);
  undoDecisions(desk, { versionId: 'version-2' });
  expect(outboxOpen().filter((one) => one.delivery === 'conflict' && one.kind === 'decision')).toHaveLength(4);
});

test('drafts on a version that was closed meanwhile stay, say why, and can be decided again or dropped', () => {
  desk = deskWithVersion(4);
  record([0, 2]);
  revise();
  const [first, second] = outboxOpen();
  expect(first).toMatchObject({ delivery: 'draft', reason: { code: 'version-superseded' } });
  decideAgain(desk, { entryIds: [first!.entryId] });
  dropEntry(desk, { entryId: second!.entryId, note: 'no longer needed' });
  expect(outboxOpen().map((one) => [one.what, one.versionNumber])).toEqual([['Approve key-0', 2]]);
  expect(verdicts('version-1').slice(0, 3)).toEqual(['pending/null', 'pending/null', 'pending/null']);
});

test('the tester answers rejections, resumes the drafts and submits them once', () => {
  desk = deskWithVersion(4, 'tara');
  const rejected = (itemKey: string, reasonCode: 'duplicate' | 'too-costly') =>
    decision({ itemKey, verdict: 'rejected', reasonCode, note: 'see ledger' });
  desk.feed([
    {
      kind: 'decisions',
      versionId: 'version-1',
      decisions: [rejected('key-1', 'duplicate'), rejected('key-3', 'too-costly')],
    },
    {
      kind: 'version',
      version: version({
        reviewVerdict: 'revision-requested',
        counts: { total: 4, pending: 0, approved: 2, rejected: 2, disputed: 0 },
      }),
    },
  ]);
  expect(home(desk).waiting).toMatchObject([{ needs: '2 rejections to answer', action: 'revise' }]);
  const rows = rowsOf();
  const bind = (index: number) => ({ itemKey: rows[index]!.itemKey, contentHash: rows[index]!.contentHash });
  const answers = (list: Parameters<typeof draftAnswers>[1]['answers']) => ({ versionId: 'version-1', answers: list });
  expect(draftAnswers(desk, answers([{ ...bind(1), answer: 'replace' }]))).toEqual({ answered: 1, open: 1 });
  expect(() => draftAnswers(desk, answers([{ ...bind(3), answer: 'replace' }]))).toThrow(/allows no replacement/);
  expect(() => draftAnswers(desk, answers([{ ...bind(0), answer: 'replace' }]))).toThrow(/no rejected item/);
  const none = { versionId: 'version-1', answers: [], note: '' };
  expect(() => submitRevision(desk, none, desk.author)).toThrow(/key-3/);
  desk.reopen();
  expect(rowsOf()[1]?.answer).toMatchObject({ answer: 'replace' });
  expect(desk.outbox.counts(at).draft).toBe(1);
  const last = { ...bind(3), answer: 'keep' as const, rationale: 'cheap enough' };
  submitRevision(desk, { ...none, answers: [last] }, desk.author);
  const [operation] = sentOperations();
  expect(operation?.body).toMatchObject({
    kind: 'revision.submit',
    answers: [{ itemKey: 'key-1' }, { itemKey: 'key-3' }],
  });
  expect(() => submitRevision(desk, none, desk.author)).toThrow(/waits for its receipt/);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 0, queued: 1 });
  const reason = { code: 'out-of-turn' as const, message: 'too late' };
  desk.outbox.applyReceipts([receipt(operation!, { state: 'refused', reason })]);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 2, refused: 1 });
});

test('an item tells its life over the versions, newest first', () => {
  desk = deskWithVersion(4);
  const gone = decision({ itemKey: 'key-3', verdict: 'rejected', reasonCode: 'duplicate', note: 'twice' });
  desk.feed([{ kind: 'decisions', versionId: 'version-1', decisions: [gone] }]);
  revise();
  expect(itemDetail(desk, { versionId: 'version-1', itemKey: 'key-3' }).life.map((event) => event.what)).toEqual([
    'replaced by new-3',
    'rejected: duplicate – twice',
    'added, random #4',
  ]);
  // The store brings the decision on a carried item along: it belongs to the version it was made on.
  const first = decision({ itemKey: 'key-0' });
  desk.feed([
    { kind: 'decisions', versionId: 'version-1', decisions: [first] },
    { kind: 'decisions', versionId: 'version-2', decisions: [{ ...first, versionId: 'version-2' }] },
  ]);
  const kept = itemDetail(desk, { versionId: 'version-2', itemKey: 'key-0' });
  expect(kept.life.map((event) => `v${event.versionNumber} ${event.what}`)).toEqual([
    'v2 carried from version 1, approved',
    'v1 approved',
    'v1 added, random #1',
  ]);
  expect(kept.row).toMatchObject({ verdict: 'approved', decidedBy: null, decidedAt: null, delivery: null });
  const mine = listItems(
    desk,
    commands['version:items'].input.parse({ versionId: 'version-2', filter: { show: 'mine' } }),
  );
  expect(mine.total).toBe(0);
  expect(itemDetail(desk, { versionId: 'version-2', itemKey: 'new-3' }).life.map((event) => event.what)).toEqual([
    'added as replacement for key-3, random #4',
  ]);
});

test('scripts and __proto__ in keys and fields pass through as they are', () => {
  desk = deskWithVersion(1);
  const body = JSON.parse('{"__proto__":"<script>alert(1)</script>","constructor":"x","a\\"b.$":"=cmd()"}') as never;
  desk.feed([{ kind: 'version', version: version({ versionId: 'version-x', number: 2, itemCount: 1 }) }]);
  desk.cache.storeContents(contents('version-x', [{ itemKey: '__proto__', body }]));
  const [row] = rowsOf('version-x');
  expect(Object.keys(row!.body!).sort()).toEqual(['__proto__', 'a"b.$', 'constructor']);
  expect(Object.getOwnPropertyDescriptor(row!.body, '__proto__')?.value).toBe('<script>alert(1)</script>');
  const decisions = [
    {
      itemKey: '__proto__',
      contentHash: row!.contentHash,
      decision: { verdict: 'approved' as const, reasonCode: null, note: '' },
    },
  ];
  recordDecisions(desk, { versionId: 'version-x', decisions });
  const input = { versionId: 'version-x', sort: { by: 'field:a"b.$' }, filter: { search: '<SCRIPT>' } };
  const found = listItems(desk, commands['version:items'].input.parse(input));
  expect(found.rows.map((one) => one.delivery)).toEqual(['draft']);
});
