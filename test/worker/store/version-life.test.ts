// The life of a version in the phases that propose one: draft, handed in, edited, reviewed, revised, rejected, begun anew.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, OperationBody } from '../../../domain/operation.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { Version } from '../../../domain/version.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { makingInput } from '../../../worker/store/making-input.ts';
import { expirePhase, openPhase, skipPhase } from '../../../worker/store/phase-line.ts';
import { settleReview } from '../../../worker/store/settle-review.ts';
import { currentVersion, readVersion, readVersionItems } from '../../../worker/store/version-rows.ts';
import { makeVersion, proposeVersion } from '../../../worker/store/versions.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  answered,
  approve,
  boundTo,
  carryOut,
  edited,
  handedIn,
  openTestStore,
  reject,
  reviewed,
  withProposed,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

async function sent(by: TestPerson, body: unknown) {
  const operation = test.laptops[by].operation(body as OperationBody);
  const answer = await test.send([operation]);
  const receipt = await test.receipt(operation.operation.operationId);
  const said = `${receipt.state} ${receipt.reason?.code ?? ''}`.trim();
  return { ...receipt, said, followUps: answer.followUps };
}
const submit = (version: Version, edits: readonly Edit[] = [], note = '') => ({
  ...{ kind: 'version.submit', reportId: version.reportId, versionId: version.versionId, edits, note },
});
const review = async (version: Version, verdict: string, note = '') => {
  const now = await readVersion(test.store.db, version.versionId);
  const { approved, rejected, pending } = now?.counts ?? { approved: 0, rejected: 0, pending: 0 };
  return {
    ...{ kind: 'review.submit', reportId: version.reportId, versionId: version.versionId, verdict, note },
    seen: { approved, rejected, pending },
  };
};
const items = async (version: Pick<Version, 'versionId'>) =>
  (await readVersionItems(test.store.db, version.versionId)).map((row) => [row.itemKey, row.verdict, row.origin.kind]);
async function line(version: Version) {
  const summary = await reportSummary(test.store, version.reportId);
  return summary?.report.phases.find((row) => row.phase === version.phase && row.lob === version.lob);
}
const answersTo = async (version: Version, wanted: Record<string, object>): Promise<Answer[]> => {
  const bound = await boundTo(
    test,
    version.versionId,
    Object.keys(wanted).map((key) => [key, approve] as const),
  );
  return bound.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, ...wanted[itemKey] }) as Answer);
};

describe('a proposal', () => {
  it('is a draft of nobody: once, and not where a phase is not open', async () => {
    const { version, reportId } = await withProposed(test, 'scoping');
    expect(version).toMatchObject({
      ...{ number: 1, status: 'draft', authorId: 'countersign', revision: 0, parentVersionId: null },
      counts: { total: 3, pending: 3, approved: 0, rejected: 0, disputed: 0 },
      summary: { itemsHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect(await line(version)).toMatchObject({ state: 'in-work', versionId: version.versionId });
    const again = {
      ...({ reportId, phase: 'scoping', lob: null, rows: [], workflow: version.workflow } as const),
      idempotencyKey: `report/${reportId}/scoping/-/proposal`,
    };
    expect(await proposeVersion(test.store, again, test.clock)).toEqual(version);
    expect(await proposeVersion(test.store, { ...again, idempotencyKey: 'another' }, test.clock)).toBeNull();
    const elsewhere = { ...again, phase: 'planning', idempotencyKey: 'a third' } as const;
    expect(await proposeVersion(test.store, elsewhere, test.clock)).toBeNull();
    const entries = (await readLedger(test.store, reportId)).filter((entry) => entry.kind === 'version.created');
    expect(entries).toMatchObject([
      { actorId: 'countersign', summary: 'proposed version 1 of Scoping: 3 scoping decisions', operationId: null },
    ]);
  });

  it('takes no decision and no review before somebody handed it in', async () => {
    const { version, reportId } = await withProposed(test, 'scoping');
    const decisions = await boundTo(test, version.versionId, [['A', approve]]);
    const record = { kind: 'decisions.record', reportId, versionId: version.versionId, decisions };
    expect((await sent('olga', record)).said).toBe('refused out-of-turn');
    expect((await sent('olga', await review(version, 'rejected', 'no'))).said).toBe('refused out-of-turn');
  });
});

describe('handing in', () => {
  it('a draft as it is makes its submitter the author, at once', async () => {
    const { version } = await withProposed(test, 'scoping');
    const done = await sent('tara', submit(version));
    expect(done).toMatchObject({ said: 'applied', followUps: [{ kind: 'wake', lob: null }] });
    expect(await readVersion(test.store.db, version.versionId)).toMatchObject({ status: 'pending', authorId: 'tara' });
    expect(await line(version)).toMatchObject({ state: 'in-review', waitingFor: ['olga', 'otto'] });
    expect((await sent('tara', submit(version))).said).toBe('refused out-of-turn');
  });

  it('with edits makes the next version: what was edited is its author’s and pending', async () => {
    const { version } = await withProposed(test, 'scoping');
    const edit = await edited(test, version, 'B', { risk: 'low' });
    const done = await sent('tara', submit(version, [edit]));
    expect(done.followUps).toMatchObject([{ kind: 'make-version', phase: 'scoping', lob: null }]);
    expect((await sent('otto', submit(version, [edit]))).said).toBe('refused out-of-turn');
    await carryOut(test, done.followUps);
    const summary = await reportSummary(test.store, version.reportId);
    expect(summary?.versions.map((row) => [row.number, row.status, row.authorId, row.parentVersionId])).toEqual([
      [1, 'superseded', 'countersign', null],
      [2, 'pending', 'tara', version.versionId],
    ]);
    expect(summary?.versions[1]).toMatchObject({ revision: 0, masterRecordId: version.versionId });
    expect(await items(summary?.versions[1] as Version)).toEqual([
      ['A', 'pending', 'new'],
      ['B', 'pending', 'edited'],
      ['C', 'pending', 'new'],
    ]);
    expect((await readLedger(test.store, version.reportId)).at(-1)?.summary).toBe(
      'edited version 1 into version 2: 1 edited',
    );
    expect((await sent('tara', submit(version))).said).toBe('conflict version-superseded');
  });

  it('is the tester role’s alone, and each edit that does not fit is named', async () => {
    const { version } = await withProposed(test, 'scoping');
    const fits = await edited(test, version, 'A', { risk: 'low' });
    expect((await sent('olga', submit(version, [fits]))).said).toBe('refused role');
    const stale = { ...(await edited(test, version, 'B', { risk: 'low' })), contentHash: 'e'.repeat(64) } as Edit;
    const fixed = await edited(test, version, 'C', { exceptions: 0 });
    const receipt = await sent('tara', submit(version, [fits, stale, fixed]));
    expect(receipt.said).toBe('conflict content-changed');
    expect(receipt.items.map((item) => [item.itemKey, item.state, item.reason.code])).toEqual([
      ['B', 'conflict', 'content-changed'],
      ['C', 'refused', 'not-editable'],
    ]);
    expect(await line(version)).toMatchObject({ state: 'in-work' });
  });

  it('while its owner decides keeps what was decided, and the owner is told to look at the newer one', async () => {
    const { version } = await withProposed(test, 'scoping');
    const second = await handedIn(test, version);
    const { reportId, versionId } = second;
    const decided = async (pairs: Parameters<typeof boundTo>[2]) => ({
      ...{ kind: 'decisions.record', reportId, versionId, decisions: await boundTo(test, versionId, pairs) },
    });
    await sent(
      'olga',
      await decided([
        ['A', approve],
        ['C', reject('incorrect')],
      ]),
    );
    const late = await decided([['B', approve]]);
    // What is rejected waits for the review: changed now, it would be a revision that nobody counts (at most three).
    const unasked = await sent('tara', submit(second, [await edited(test, second, 'C', { risk: 'low' })]));
    expect(unasked.said).toBe('refused out-of-turn');
    const done = await sent('tara', submit(second, [await edited(test, second, 'B', { risk: 'low' })]));
    // The newer version is asked for and not made yet.
    expect((await sent('olga', late)).said).toBe('conflict version-superseded');
    expect((await sent('olga', await review(second, 'rejected', 'no'))).said).toBe('refused out-of-turn');
    await carryOut(test, done.followUps);
    const next = await reportSummary(test.store, reportId);
    expect(await items(next?.versions.at(-1) as Version)).toEqual([
      ['A', 'approved', 'carried'],
      ['B', 'pending', 'edited'],
      ['C', 'rejected', 'new'],
    ]);
    expect(next?.versions.at(-1)?.counts).toMatchObject({ approved: 1, pending: 1, rejected: 1 });
    expect((await sent('olga', late)).said).toBe('conflict version-superseded');
  });

  it('of nothing is refused: an empty version cannot be reviewed (fault i)', async () => {
    const { version } = await withProposed(test, 'data-profiling', []);
    expect((await sent('tara', submit(version))).said).toBe('refused empty-review');
    const fields = { kind: 'completeness', attribute: 'AGE' };
    const next = await handedIn(test, version, [{ edit: 'add', itemKey: 'own', fields }]);
    expect(await items(next)).toEqual([['own', 'pending', 'new']]);
  });
});

describe('four eyes', () => {
  it('in planning another person of the tester role approves, never one who had a hand in it', async () => {
    const { version } = await withProposed(test, 'planning');
    const byTara = await handedIn(test, version);
    expect(await line(byTara)).toMatchObject({ waitingFor: ['otto'] });
    const byOtto = await handedIn(test, byTara, [await edited(test, byTara, 'A', { mandatory: false })], {
      by: test.laptops.otto,
    });
    expect(await line(byOtto)).toMatchObject({ waitingFor: ['lena'] });
    const decisions = await boundTo(test, byOtto.versionId, [['A', approve]]);
    const { reportId, versionId } = byOtto;
    const record = { kind: 'decisions.record', reportId, versionId, decisions };
    expect((await sent('otto', record)).said).toBe('refused four-eyes');
    expect((await sent('tara', record)).said).toBe('refused four-eyes');
    expect((await sent('olga', record)).said).toBe('refused role');
    expect((await sent('lena', record)).said).toBe('applied');
  });

  it('hold over a whole rejection: who wrote what was begun anew may not approve it', async () => {
    const { version } = await withProposed(test, 'planning');
    const byTara = await handedIn(test, version);
    const rejection = await sent('lena', await review(byTara, 'rejected', 'the file is of another year'));
    await carryOut(test, rejection.followUps);
    const byOtto = await handedIn(test, byTara, [await edited(test, byTara, 'A', { mandatory: false })], {
      by: test.laptops.otto,
    });
    expect(byOtto).toMatchObject({ number: 2, revision: 0, masterRecordId: byOtto.versionId });
    expect(byOtto.parentVersionId).toBe(byTara.versionId);
    expect((await sent('tara', await review(byOtto, 'rejected', 'no'))).said).toBe('refused four-eyes');
  });
});

describe('a review', () => {
  it('is recorded and closes the version at once; carrying it out settles version, phase, log and news, once', async () => {
    const { version } = await withProposed(test, 'scoping');
    const pending = await handedIn(test, version);
    const { reportId, versionId } = pending;
    const all = await boundTo(test, versionId, [
      ['A', approve],
      ['B', approve],
      ['C', approve],
    ]);
    await sent('olga', { kind: 'decisions.record', reportId, versionId, decisions: all });
    const done = await sent('olga', await review(pending, 'approved', 'well scoped'));
    expect(await readVersion(test.store.db, versionId)).toMatchObject({ status: 'pending', reviewVerdict: 'approved' });
    expect(await line(pending)).toMatchObject({ state: 'in-review' });
    expect((await sent('otto', await review(pending, 'approved'))).said).toBe('conflict version-reviewed');
    const [work] = done.followUps;
    if (work?.kind !== 'settle-review') throw new Error('the review is not to be settled');
    const input = { ...work, idempotencyKey: 'settled', workflow: pending.workflow };
    const settled = await settleReview(test.store, input, test.clock);
    expect(settled).toMatchObject({ status: 'approved', reviewedBy: 'olga', reviewNote: 'well scoped' });
    const before = await reportSummary(test.store, reportId);
    expect(await settleReview(test.store, input, test.clock)).toEqual(settled);
    expect(await reportSummary(test.store, reportId)).toEqual(before);
    expect(await line(pending)).toMatchObject({ state: 'completed', outcome: 'approved', waitingFor: [] });
    expect((await currentVersion(test.store.db, reportId, 'scoping', null))?.versionId).toBe(versionId);
    const log = await test.store.db.selectFrom('version_operations').selectAll().execute();
    expect(log.map((row) => [row.operation, row.actor_id, row.error, row.completed_at !== null])).toEqual([
      ['create', 'countersign', null, true],
      ['approve', 'olga', null, true],
    ]);
    const ledger = await readLedger(test.store, reportId);
    expect(ledger.slice(-2).map((entry) => [entry.kind, entry.actorId, entry.summary])).toEqual([
      ['version.approved', 'olga', 'approved version 1 of Scoping'],
      ['phase.completed', 'countersign', 'completed Scoping'],
    ]);
    // Nothing lands on a completed phase.
    expect((await sent('tara', submit(pending, [await edited(test, pending, 'A', { risk: 'low' })]))).said).toBe(
      'refused out-of-turn',
    );
  });

  it('of a version whose phase was skipped meanwhile is carried out as nothing', async () => {
    const { version } = await withProposed(test, 'scoping');
    const pending = await handedIn(test, version);
    const done = await sent('olga', await review(pending, 'rejected', 'no'));
    await skipPhase(test.store, pending.reportId, 'scoping', null, 'not needed', test.clock);
    await carryOut(test, done.followUps);
    expect(await readVersion(test.store.db, pending.versionId)).toMatchObject({ status: 'superseded' });
    expect(await line(pending)).toMatchObject({ state: 'skipped' });
    expect(
      await test.store.db.selectFrom('operations').select('kind').where('follow_up_done_at', 'is', null).execute(),
    ).toEqual([]);
  });

  it('rejects items only for reasons that can be said of them', async () => {
    const { version } = await withProposed(test, 'scoping');
    const { reportId, versionId } = await handedIn(test, version);
    const pairs = [
      ['A', reject('duplicate')],
      ['B', reject('incorrect')],
    ] as const;
    const decisions = await boundTo(test, versionId, pairs);
    const receipt = await sent('olga', { kind: 'decisions.record', reportId, versionId, decisions });
    expect(receipt.items).toMatchObject([{ itemKey: 'A', state: 'refused', reason: { code: 'malformed' } }]);
    expect((await readVersion(test.store.db, versionId))?.counts).toMatchObject({ rejected: 1, pending: 2 });
  });

  it('of a whole version names the seeds’ outcomes; the authors begin anew with a new chain (fault p)', async () => {
    const { version } = await withProposed(test, 'scoping');
    const first = await handedIn(test, version);
    const rejection = await sent('olga', await review(first, 'rejected', 'of another year'));
    await carryOut(test, rejection.followUps);
    expect(await readVersion(test.store.db, first.versionId)).toMatchObject({ status: 'rejected', reviewedBy: 'olga' });
    expect(await line(first)).toMatchObject({
      ...{ state: 'rejected', outcome: 'VersionRejected', reason: 'of another year', waitingFor: ['otto', 'tara'] },
    });
    expect((await sent('tara', submit(first))).said).toBe('refused reason-missing');
    const again = await handedIn(test, first, [], { note: 'it is this year: see the header of the file' });
    expect(again).toMatchObject({ number: 2, status: 'pending', revision: 0 });
    expect(await line(again)).toMatchObject({ state: 'in-review', outcome: null, reason: '' });
    expect(await readVersion(test.store.db, first.versionId)).toMatchObject({ status: 'superseded' });
  });
});

describe('a revision', () => {
  it('answers each rejection: what is approved is carried with who and when, what is answered is pending (fault c)', async () => {
    const { version } = await withProposed(test, 'observations', ['A', 'B', 'C']);
    const first = await handedIn(test, version);
    await reviewed(test, first, { B: reject('incorrect'), C: reject('not-agreed', 'it was paid') });
    expect(await line(first)).toMatchObject({ state: 'in-revision' });
    expect((await sent('tara', submit(first))).said).toBe('conflict version-reviewed');
    const answers = await answersTo(first, {
      B: { answer: 'edit', fields: { text: 'Three of nine differ.' } },
      C: { answer: 'dispute', rationale: 'no payment is in the file' },
    });
    const revision = {
      kind: 'revision.submit',
      reportId: first.reportId,
      versionId: first.versionId,
      answers,
      note: '',
    };
    const byTara = await sent('tara', revision);
    expect(byTara.reason?.message).toContain('only test lead may keep a rejected observation as disputed');
    const second = await answered(test, first, answers, test.laptops.lena);
    expect(second).toMatchObject({
      ...{ number: 2, revision: 1, masterRecordId: first.masterRecordId, authorId: 'lena' },
      counts: { total: 3, approved: 1, pending: 1, rejected: 1, disputed: 1 },
    });
    expect(await items(second)).toEqual([
      ['A', 'approved', 'carried'],
      ['B', 'pending', 'edited'],
      ['C', 'rejected', 'disputed'],
    ]);
    const carried = await test.store.db
      .selectFrom('decisions')
      .select(['item_key', 'verdict', 'actor_id', 'note'])
      .where('version_id', '=', second.versionId)
      .orderBy('item_key')
      .execute();
    expect(carried).toEqual([
      { item_key: 'A', verdict: 'approved', actor_id: 'olga', note: '' },
      { item_key: 'C', verdict: 'rejected', actor_id: 'olga', note: 'it was paid' },
    ]);
    expect((await readLedger(test.store, first.reportId)).at(-1)?.summary).toBe(
      'revised version 1 into version 2: 1 edited, 1 kept as disputed, 1 carried',
    );
    // What is disputed does not block, and stays.
    await reviewed(test, second);
    expect(await line(second)).toMatchObject({ state: 'completed', outcome: 'approved' });
    expect(await items(second)).toContainEqual(['C', 'rejected', 'disputed']);
  });

  it('an owner who comes round ends the dispute', async () => {
    const { version } = await withProposed(test, 'observations', ['A', 'B']);
    const first = await handedIn(test, version);
    await reviewed(test, first, { B: reject('incorrect') });
    const answers = await answersTo(first, { B: { answer: 'dispute', rationale: 'it is so' } });
    const second = await answered(test, first, answers, test.laptops.lena);
    const { reportId, versionId } = second;
    const decide = async (verdict: typeof approve) => ({
      ...{ kind: 'decisions.record', reportId, versionId },
      decisions: await boundTo(test, versionId, [['B', verdict]]),
    });
    await sent('olga', await decide(reject('incorrect')));
    expect((await readVersion(test.store.db, versionId))?.counts).toMatchObject({ rejected: 1, disputed: 1 });
    await sent('olga', await decide(approve));
    expect((await readVersion(test.store.db, versionId))?.counts).toMatchObject({
      approved: 2,
      rejected: 0,
      disputed: 0,
    });
    await sent('olga', await decide(reject('incorrect')));
    expect((await readVersion(test.store.db, versionId))?.counts).toMatchObject({ rejected: 1, disputed: 1 });
  });

  it('can be asked for three times, the third can be reviewed (fault b), and its rejection is MaxRevisionsExceeded', async () => {
    const { version } = await withProposed(test, 'scoping');
    let current = await handedIn(test, version);
    for (let revision = 1; revision <= 3; revision += 1) {
      await reviewed(test, current, { B: reject('incorrect') });
      const fields = { rationale: `attempt ${revision}` };
      current = await answered(test, current, await answersTo(current, { B: { answer: 'edit', fields } }));
      expect(current).toMatchObject({ number: revision + 1, revision, status: 'pending' });
    }
    const { reportId, versionId } = current;
    const decisions = await boundTo(test, versionId, [['B', reject('incorrect')]]);
    await sent('olga', { kind: 'decisions.record', reportId, versionId, decisions });
    expect((await sent('olga', await review(current, 'revision-requested'))).said).toBe('refused max-revisions');
    const done = await sent('olga', await review(current, 'rejected', 'four times wrong'));
    await carryOut(test, done.followUps);
    expect(await line(current)).toMatchObject({ state: 'rejected', outcome: 'MaxRevisionsExceeded' });
    const anew = await handedIn(test, current, [await edited(test, current, 'B', { risk: 'low' })]);
    expect(anew).toMatchObject({ number: 5, revision: 0 });
    // Approved before and unchanged: still so in the new chain.
    expect(await items(anew)).toEqual([
      ['A', 'approved', 'carried'],
      ['B', 'pending', 'edited'],
      ['C', 'approved', 'carried'],
    ]);
  });

  it('is asked for once, however often the review is carried out', async () => {
    const { version } = await withProposed(test, 'scoping');
    const first = await handedIn(test, version);
    const { followUps } = await reviewed(test, first, { B: reject('incorrect') });
    const count = async () => (await test.store.db.selectFrom('changes').select('kind').execute()).length;
    const before = await count();
    await carryOut(test, followUps);
    expect(await count()).toBe(before);
  });

  it('does not carry an approval that nobody gave: somebody decided meanwhile, and it is planned again', async () => {
    const { version } = await withProposed(test, 'scoping');
    const done = await sent('tara', submit(version, [await edited(test, version, 'A', { risk: 'low' })]));
    const [asked] = done.followUps;
    if (asked?.kind !== 'make-version') throw new Error('no version is to be made');
    const { items: base } = await makingInput(test.store, asked.operationId, version.versionId);
    const rows = base.map(({ itemKey, body, source, origin }) => ({
      ...{ itemKey, content: { body }, source, origin, verdict: 'approved' as const },
    }));
    const input = { ...asked, idempotencyKey: 'too much', rows, workflow: version.workflow };
    await expect(makeVersion(test.store, input, test.clock)).rejects.toThrow('A cannot be carried as approved');
    expect((await reportSummary(test.store, version.reportId))?.versions).toHaveLength(1);
  });

  it('is made once per operation, and not of a version that was superseded meanwhile', async () => {
    const { version } = await withProposed(test, 'scoping');
    const done = await sent('tara', submit(version, [await edited(test, version, 'A', { risk: 'low' })]));
    await carryOut(test, done.followUps);
    await carryOut(test, done.followUps);
    const summary = await reportSummary(test.store, version.reportId);
    expect(summary?.versions).toHaveLength(2);
    const late = {
      ...{ idempotencyKey: 'late', operationId: done.operationId, reportId: version.reportId },
      ...{ versionId: version.versionId, rows: [], workflow: version.workflow },
    };
    expect(await makeVersion(test.store, late, test.clock)).toBeNull();
    expect((await readLedger(test.store, version.reportId)).at(-1)?.summary).toBe(
      'could not make the version: version 1 was superseded meanwhile',
    );
  });
});

describe('what is not a phase’s turn', () => {
  const places: [string, PhaseSlug, (id: string) => Promise<unknown>, string][] = [
    ['paused', 'scoping', (id) => control(id, 'pause'), 'refused paused'],
    ['cancelled', 'scoping', (id) => control(id, 'cancel'), 'refused out-of-turn'],
    ['skipped', 'scoping', (id) => skipPhase(test.store, id, 'scoping', null, 'no', test.clock), 'refused out-of-turn'],
  ];
  const control = (reportId: string, act: 'pause' | 'cancel') =>
    sent('mara', { kind: 'report.control', reportId, act, reason: 'for a test' });
  it.each(places)('a version of a report or phase that is %s is not handed in', async (_name, phase, stop, said) => {
    const { version, reportId } = await withProposed(test, phase);
    await stop(reportId);
    expect((await sent('tara', submit(version))).said).toBe(said);
  });

  it('an expired phase takes nothing but from its manager, who extends it', async () => {
    const { version, reportId } = await withProposed(test, 'planning');
    const place = { kind: 'deadline.set', reportId, phase: 'planning', lob: null, remindBeforeSeconds: 0 };
    await sent('mara', { ...place, dueAt: '2026-11-21T09:00:00.000Z', reason: 'soon' });
    await expirePhase(test.store, reportId, 'planning', null, () => '2026-11-21T10:00:00.000Z');
    const late = await sent('tara', submit(version));
    expect(late.said).toBe('refused expired');
    expect(late.reason?.message).toContain('a test manager can extend it');
    expect((await sent('mara', submit(version))).said).toBe('applied');
    expect(await line(version)).toMatchObject({ state: 'in-review', outcome: 'expired', waitingFor: ['mara'] });
    const edit = await edited(test, version, 'A', { mandatory: false });
    expect((await sent('tara', submit(version, [edit]))).said).toBe('refused expired');
    await sent('mara', { ...place, dueAt: '2026-11-29T09:00:00.000Z', reason: 'the file came late' });
    expect((await sent('tara', submit(version, [edit]))).said).toBe('applied');
    expect(await line(version)).toMatchObject({ state: 'in-review', outcome: null, expiredAt: null });
  });

  it('an operation on a phase that has not begun says which is open', async () => {
    const { reportId } = await withProposed(test, 'scoping');
    await openPhase(test.store, reportId, 'planning', null, test.clock);
    const plan = { kind: 'phase.complete', reportId, phase: 'data-owner-id', lob: null, withoutSamples: [], note: '' };
    const refused = await sent('tara', plan);
    expect(refused.said).toBe('refused out-of-turn');
    expect(refused.reason?.message).toBe('Data owner identification has not begun yet; open now: Planning, Scoping');
  });
});
