// Data owners are assigned and documents handed in, accepted and rejected: every rule with what it refuses.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assignmentKey } from '../../../domain/audit-record.ts';
import type { OwnerAssignment } from '../../../domain/audit-record.ts';
import type { OperationBody, Receipt } from '../../../domain/operation.ts';
import { sizeOfWhole } from '../../../worker/content/content-store.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { loadPeople } from '../../../worker/store/store.ts';
import { testPeople } from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';
import { expirePhase } from '../../../worker/store/phase-line.ts';
import { atOwners, historyOf, inLanes, laneOf, openLaneStore, sent } from './lanes.ts';
import type { Uploads } from './lanes.ts';

let test: TestStore;
let uploads: Uploads;
let reportId: string;
beforeEach(async () => {
  ({ test, uploads } = await openLaneStore());
});
afterEach(() => test.close());

const said = (receipt: Receipt) => `${receipt.state} ${receipt.reason?.code ?? ''}`.trim();

async function notificationsOf(personId: string, kind: string): Promise<string[]> {
  const rows = await test.store.db
    .selectFrom('notifications')
    .select('notification_text')
    .where('person_id', '=', personId)
    .orderBy('created_at')
    .execute();
  const all = rows.map((row) => JSON.parse(row.notification_text) as { kind: string; phase: string; text: string });
  return all.filter((row) => row.kind === kind).map((row) => row.text);
}

describe('data owners', () => {
  beforeEach(async () => {
    reportId = await atOwners(test);
  });

  const row = (over: Partial<OwnerAssignment> = {}): OwnerAssignment => ({
    ...{ lob: laneOf, attribute: 'LIMIT_BAL', dataOwnerId: 'dana', seenRevision: 0, reason: '' },
    ...over,
  });
  const assign = (rows: OwnerAssignment[], by: TestPerson = 'tara') =>
    sent(test, by, { kind: 'owner.assign', reportId, assignments: rows });
  const place = () => ({ reportId, phase: 'data-owner-id' as const, lob: null });
  const key = assignmentKey(laneOf, 'LIMIT_BAL');

  it('are assigned per line of business and attribute', async () => {
    const receipt = await assign([row(), row({ attribute: 'SEX' }), row({ lob: 'lob 1' })]);
    expect(said(receipt)).toBe('applied');
    expect(await historyOf(test, place(), key)).toEqual([
      {
        ...{ revision: 1, reason: '', actorId: 'tara' },
        body: { lob: laneOf, attribute: 'LIMIT_BAL', dataOwnerId: 'dana', dataOwner: 'Dana Dataowner' },
      },
    ]);
    const last = (await readLedger(test.store, reportId)).at(-1);
    expect(last?.summary).toBe('assigned data owners: Dana Dataowner for 3 attributes');
    expect(last?.detail).toMatchObject({ notApplied: 0 });
  });

  it('change with a reason, and the earlier ones stay in the history', async () => {
    const people = testPeople.people.map((person) =>
      person.personId === 'otto' ? { ...person, roles: [...person.roles, 'data-owner' as const] } : person,
    );
    await loadPeople(test.store, { people }, test.clock);
    await sent(test, 'mara', {
      kind: 'assignment.set',
      reportId,
      personId: 'otto',
      role: 'data-owner',
      assigned: true,
    });
    await assign([row()]);
    await assign([row({ dataOwnerId: 'otto', seenRevision: 1, reason: 'Dana left the department' })]);
    const history = await historyOf(test, place(), key);
    expect(history.map(({ revision, body, reason }) => [revision, body['dataOwner'], reason])).toEqual([
      [1, 'Dana Dataowner', ''],
      [2, 'Otto Both', 'Dana left the department'],
    ]);
  });

  it('do not change without one', async () => {
    await assign([row()]);
    expect(said(await assign([row({ seenRevision: 1, reason: ' ' })]))).toBe('refused reason-missing');
  });

  it('that somebody else assigned meanwhile are a conflict of that item; the others are applied', async () => {
    await assign([row()], 'otto');
    const receipt = await assign([row(), row({ attribute: 'SEX' })]);
    expect(said(receipt)).toBe('conflict already-decided');
    expect(receipt.items).toMatchObject([{ itemKey: key, state: 'conflict', theirs: null }]);
    expect(receipt.items[0]?.reason.message).toMatch(
      /^the data owner of LIMIT_BAL in lob 0 was changed by Otto Both on .* \(revision 1; the screen showed none\)/,
    );
    expect(await historyOf(test, place(), assignmentKey(laneOf, 'SEX'))).toHaveLength(1);
    expect(await historyOf(test, place(), key)).toHaveLength(1);
  });

  it.each<[string, Partial<OwnerAssignment>, string]>([
    ['a line of business that does not exist', { lob: 'lob 9' }, 'refused not-found'],
    ['an attribute that is out of scope', { attribute: 'LOB' }, 'refused not-found'],
    ['somebody who does not exist', { dataOwnerId: 'nobody' }, 'refused unknown-person'],
    ['somebody who is no data owner', { dataOwnerId: 'otto' }, 'refused role'],
    ['a revision that never was', { seenRevision: 3, reason: 'why not' }, 'conflict already-decided'],
  ])('are refused for %s', async (_what, over, expected) => {
    expect(said(await assign([row(over)]))).toBe(expected);
    expect(await historyOf(test, place(), key)).toEqual([]);
  });

  it('have to belong to the report: else they could neither read nor hand in anything', async () => {
    await sent(test, 'mara', {
      kind: 'assignment.set',
      reportId,
      personId: 'dana',
      role: 'data-owner',
      assigned: false,
    });
    expect(said(await assign([row()]))).toBe('refused not-assigned');
  });

  it('are not assigned in a line of business that was cancelled', async () => {
    const body: OperationBody = { kind: 'lob.control', reportId, lob: laneOf, act: 'cancel', reason: 'sold' };
    await sent(test, 'mara', body);
    expect(said(await assign([row()]))).toBe('refused out-of-turn');
    expect(said(await assign([row({ lob: 'lob 1' })]))).toBe('applied');
  });

  it('are assigned by testers only, and each place once in an operation', async () => {
    expect(said(await assign([row()], 'olga'))).toBe('refused role');
    expect(said(await assign([row()], 'dana'))).toBe('refused role');
    expect(said(await assign([row(), row()]))).toBe('refused malformed');
  });

  it('are not assigned any more once completion was asked for', async () => {
    const all = ['lob 0', 'lob 1', 'lob 2'].flatMap((lob) =>
      ['LIMIT_BAL', 'SEX'].map((attribute) => row({ lob, attribute })),
    );
    await assign(all);
    const complete = { kind: 'phase.complete', reportId, phase: 'data-owner-id', lob: null } as const;
    expect(said(await sent(test, 'tara', { ...complete, withoutSamples: [], note: '' }))).toBe('applied');
    expect(said(await assign([row({ seenRevision: 1, reason: 'late' })]))).toBe('refused out-of-turn');
  });

  it('are assigned once however often the operation arrives', async () => {
    const operation = test.laptops.tara.operation({ kind: 'owner.assign', reportId, assignments: [row()] });
    await test.send([operation]);
    const { outcomes } = await test.send([operation]);
    expect(outcomes).toMatchObject([{ state: 'applied', duplicate: true }]);
    expect(await historyOf(test, place(), key)).toHaveLength(1);
  });
});

describe('documents', () => {
  beforeEach(async () => {
    reportId = await inLanes(test);
  });

  type Submission = Extract<OperationBody, { kind: 'document.submit' }>;
  const submission = (over: Partial<Submission> = {}): Submission => ({
    ...{ kind: 'document.submit', reportId, lob: laneOf, documentId: 'document-1', title: 'Extract' },
    ...uploads.add('ID,LIMIT_BAL\n1002,10020\n'),
    ...{ fileName: 'extract.csv', effectiveDate: '2026-09-30', seenRevision: 0, note: '' },
    ...over,
  });
  const submit = (over: Partial<Submission> = {}, by: TestPerson = 'dana') => sent(test, by, submission(over));
  const review = (
    verdict: 'accepted' | 'rejected',
    { by = 'tara', ...over }: { by?: TestPerson; seenRevision?: number; reason?: string; lob?: string } = {},
  ) =>
    sent(test, by, {
      ...{ kind: 'document.review', reportId, lob: laneOf, documentId: 'document-1', verdict },
      ...{ seenRevision: 1, reason: verdict === 'rejected' ? 'the wrong month' : '' },
      ...over,
    });
  const history = () => historyOf(test, { reportId, phase: 'request-info', lob: laneOf }, 'document-1');

  it('are handed in with the hash of their file and the day they speak of', async () => {
    expect(said(await submit({ note: 'as asked' }))).toBe('applied');
    const { fileHash, fileSize } = submission();
    expect(await history()).toEqual([
      {
        ...{ revision: 1, reason: '', actorId: 'dana' },
        body: {
          ...{ title: 'Extract', fileName: 'extract.csv', fileHash, fileSize, effectiveDate: '2026-09-30' },
          ...{ state: 'submitted', submittedBy: 'dana', submission: 1, note: 'as asked' },
        },
      },
    ]);
    const last = (await readLedger(test.store, reportId)).at(-1);
    expect(last).toMatchObject({
      summary: 'handed in the document "Extract" of lob 0: extract.csv, effective 2026-09-30',
      detail: { documentId: 'document-1', revision: 1, fileHash, fileSize },
    });
  });

  it('whose file was not uploaded whole are refused: nobody could look at them', async () => {
    const fileHash = createHash('sha256').update('never sent').digest('hex');
    const receipt = await submit({ fileHash });
    expect(said(receipt)).toBe('refused incomplete');
    expect(receipt.reason?.message).toMatch(/extract.csv was not uploaded whole: hand it in again/);
    expect(await history()).toEqual([]);
  });

  it('whose file has another size than was said are refused', async () => {
    expect(said(await submit({ fileSize: 5 }))).toBe('refused malformed');
  });

  it('wait for the testers, who are told once', async () => {
    const operation = test.laptops.dana.operation(submission());
    await test.send([operation]);
    await test.send([operation]);
    const waiting = (text: string) => text.includes('accept or reject');
    expect((await notificationsOf('tara', 'waiting-for-you')).filter(waiting)).toEqual([
      'the document "Extract" of lob 0 of "Credit card accounts" waits for you to accept or reject it',
    ]);
    expect((await notificationsOf('otto', 'waiting-for-you')).filter(waiting)).toHaveLength(1);
    expect((await notificationsOf('lena', 'waiting-for-you')).filter(waiting)).toEqual([]);
  });

  it('of a tester wait for the other ones', async () => {
    await submit({}, 'tara');
    const waiting = (text: string) => text.includes('accept or reject');
    expect((await notificationsOf('tara', 'waiting-for-you')).filter(waiting)).toEqual([]);
    expect((await notificationsOf('otto', 'waiting-for-you')).filter(waiting)).toHaveLength(1);
  });

  it('are accepted by a tester', async () => {
    await submit();
    expect(said(await review('accepted'))).toBe('applied');
    expect((await history()).map(({ revision, body, actorId }) => [revision, body['state'], actorId])).toEqual([
      [1, 'submitted', 'dana'],
      [2, 'accepted', 'tara'],
    ]);
  });

  it('are rejected with a reason, which whoever handed them in is told', async () => {
    await submit();
    expect(said(await review('rejected'))).toBe('applied');
    expect((await history()).at(-1)).toMatchObject({ reason: 'the wrong month', body: { state: 'rejected' } });
    expect(await notificationsOf('dana', 'rejected')).toEqual([
      'Tara Tester rejected the document "Extract" of lob 0 of "Credit card accounts": the wrong month',
    ]);
  });

  it('are handed in again after a rejection, and every revision stays', async () => {
    await submit();
    await review('rejected');
    const better = uploads.add('ID,LIMIT_BAL\n1002,10021\n');
    expect(said(await submit({ ...better, seenRevision: 2, effectiveDate: '2026-10-31' }))).toBe('applied');
    expect(said(await review('accepted', { seenRevision: 3 }))).toBe('applied');
    const rows = (await history()).map(({ revision, body }) => [revision, body['state'], body['submission']]);
    expect(rows).toEqual([
      [1, 'submitted', 1],
      [2, 'rejected', 1],
      [3, 'submitted', 2],
      [4, 'accepted', 2],
    ]);
    expect((await history())[2]).toMatchObject({ reason: 'handed in again', body: { fileHash: better.fileHash } });
  });

  it('may be bettered before anybody looked at them', async () => {
    await submit();
    expect(said(await submit({ seenRevision: 1, note: 'the last page was missing' }))).toBe('applied');
    expect(said(await review('accepted'))).toBe('conflict already-decided');
  });

  it('that were accepted are not replaced: tests may rest on them', async () => {
    await submit();
    await review('accepted');
    expect(said(await submit({ seenRevision: 2 }))).toBe('refused out-of-turn');
    expect(said(await submit({ documentId: 'document-2' }))).toBe('applied');
  });

  it('that changed since the screen was drawn are a conflict', async () => {
    await submit();
    expect(said(await submit())).toBe('conflict already-decided');
    await review('rejected');
    const receipt = await review('accepted', { by: 'otto' });
    expect(said(receipt)).toBe('conflict already-decided');
    expect(receipt.items).toMatchObject([{ itemKey: 'document-1', state: 'conflict' }]);
    expect(receipt.reason?.message).toMatch(
      /was changed by Tara Tester .* \(revision 2; the screen showed revision 1\)/,
    );
  });

  it('are judged by somebody else than who handed them in', async () => {
    await submit({}, 'tara');
    expect(said(await review('accepted'))).toBe('refused four-eyes');
    expect(said(await review('accepted', { by: 'otto' }))).toBe('applied');
  });

  it('are judged once', async () => {
    await submit();
    await review('accepted');
    expect(said(await review('rejected', { seenRevision: 2 }))).toBe('refused out-of-turn');
  });

  it('are not rejected without a reason', async () => {
    await submit();
    expect(said(await review('rejected', { reason: '  ' }))).toBe('refused reason-missing');
  });

  it('are handed in by data owners and testers, and judged by testers', async () => {
    expect(said(await submit({}, 'olga'))).toBe('refused role');
    expect(said(await submit({}, 'nina'))).toBe('refused role');
    await submit();
    expect(said(await review('accepted', { by: 'dana' }))).toBe('refused role');
    expect(said(await review('accepted', { by: 'olga' }))).toBe('refused role');
    expect(said(await review('accepted', { lob: 'lob 1' }))).toBe('refused not-found');
  });

  it('of one line of business are not those of another', async () => {
    await submit();
    await submit({ lob: 'lob 1' });
    expect(await history()).toHaveLength(1);
    expect(said(await submit({ lob: 'lob 9' }))).toBe('refused not-found');
  });

  it('wait while the line of business is paused, and the others go on', async () => {
    await sent(test, 'mara', { kind: 'lob.control', reportId, lob: laneOf, act: 'pause', reason: 'audit committee' });
    const receipt = await submit();
    expect(said(receipt)).toBe('refused paused');
    expect(receipt.reason?.message).toMatch(/lob 0 is paused \(audit committee\): a test manager can resume it/);
    expect(said(await submit({ lob: 'lob 1' }))).toBe('applied');
  });

  it('come too late after the deadline, but for a test manager', async () => {
    const dueAt = '2026-11-22T08:00:00.000Z';
    const deadline = { kind: 'deadline.set', reportId, phase: 'request-info', lob: laneOf, dueAt } as const;
    await sent(test, 'mara', { ...deadline, remindBeforeSeconds: 0, reason: 'quarter end' });
    await expirePhase(test.store, reportId, 'request-info', laneOf, () => '2026-11-22T09:00:00.000Z');
    expect(said(await submit())).toBe('refused expired');
    expect(said(await submit({}, 'mara'))).toBe('applied');
  });
});

it('a file counts as handed in when its bytes lie in the content store under their hash', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-contents-'));
  try {
    const fileHash = createHash('sha256').update('abc').digest('hex');
    expect(await sizeOfWhole(dir, fileHash)).toBeNull();
    writeFileSync(join(dir, `${fileHash}.part`), 'ab');
    expect(await sizeOfWhole(dir, fileHash)).toBeNull();
    writeFileSync(join(dir, fileHash), 'abc');
    expect(await sizeOfWhole(dir, fileHash)).toBe(3);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
