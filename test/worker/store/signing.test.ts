// The chain of signatures on a test report: who may sign, in which order, what exactly, and what an edit does to it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody } from '../../../domain/operation.ts';
import type { Version } from '../../../domain/version.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { loadPeople } from '../../../worker/store/store.ts';
import { currentVersion, readVersion, readVersionItems } from '../../../worker/store/version-rows.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  answered,
  approve,
  boundTo,
  carryOut,
  edited,
  handedIn,
  openTestStore,
  recorded,
  reject,
  testPeople,
  withProposed,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

let test: TestStore;
let version: Version;
beforeEach(async () => {
  test = await openTestStore();
  const draft = await withProposed(test, 'test-report', ['scope', 'results', 'conclusion']);
  version = await handedIn(test, draft.version);
});
afterEach(() => test.close());

async function sent(by: TestPerson, body: unknown) {
  const operation = test.laptops[by].operation(body as OperationBody);
  const answer = await test.send([operation]);
  await carryOut(test, answer.followUps);
  const receipt = await test.receipt(operation.operation.operationId);
  return { ...receipt, said: `${receipt.state} ${receipt.reason?.code ?? ''}`.trim(), followUps: answer.followUps };
}
const sign = (of: Version, meaning: 'reviewed' | 'acknowledged', over: object = {}) => ({
  ...{ kind: 'report.sign', reportId: of.reportId, versionId: of.versionId, meaning, note: '' },
  itemsHash: of.summary['itemsHash'],
  ...over,
});
const decide = async (by: TestPerson, pairs: Parameters<typeof boundTo>[2]) =>
  sent(by, {
    ...{ kind: 'decisions.record', reportId: version.reportId, versionId: version.versionId },
    decisions: await boundTo(test, version.versionId, pairs),
  });
const now = (of: Pick<Version, 'versionId'>) => readVersion(test.store.db, of.versionId);
async function line() {
  const summary = await reportSummary(test.store, version.reportId);
  return summary?.report.phases.find((row) => row.phase === 'test-report');
}

it('goes from the lead, who reviewed it, to the owner, who acknowledges it; then it is the current report', async () => {
  expect(await line()).toMatchObject({ state: 'in-review', waitingFor: ['lena'] });
  const first = await sent('lena', sign(version, 'reviewed', { note: 'well done' }));
  expect(first).toMatchObject({ said: 'applied', followUps: [{ kind: 'wake' }] });
  expect(await now(version)).toMatchObject({
    ...{ status: 'pending', reviewVerdict: null, counts: { total: 3, approved: 3, pending: 0 } },
    signOffs: [{ role: 'test-lead', actorId: 'lena', meaning: 'reviewed', note: 'well done', voidedAt: null }],
  });
  expect(await line()).toMatchObject({ state: 'in-review', waitingFor: ['olga', 'otto'] });
  const approved = await test.store.db
    .selectFrom('decisions')
    .select(['actor_id', 'operation_id', 'verdict'])
    .where('version_id', '=', version.versionId)
    .execute();
  expect(approved).toEqual(
    [1, 2, 3].map(() => ({ actor_id: 'lena', operation_id: first.operationId, verdict: 'approved' })),
  );
  const last = await sent('olga', sign(version, 'acknowledged'));
  expect(last).toMatchObject({ said: 'applied', followUps: [{ kind: 'settle-review', verdict: 'approved' }] });
  const signed = await now(version);
  expect(signed).toMatchObject({ status: 'approved', reviewVerdict: 'approved', reviewedBy: 'olga' });
  expect(signed?.signOffs.map((row) => [row.role, row.actorId, row.meaning, row.itemsHash])).toEqual([
    ['test-lead', 'lena', 'reviewed', version.summary['itemsHash']],
    ['report-owner', 'olga', 'acknowledged', version.summary['itemsHash']],
  ]);
  expect(await line()).toMatchObject({ state: 'completed', outcome: 'signed', waitingFor: [] });
  expect((await currentVersion(test.store.db, version.reportId, 'test-report', null))?.versionId).toBe(
    version.versionId,
  );
  const entries = await readLedger(test.store, version.reportId);
  expect(entries.slice(-4).map((entry) => entry.summary)).toEqual([
    'signed version 1 of Test report as reviewed: well done',
    'signed version 1 of Test report as acknowledged',
    'signed off version 1 of Test report',
    'completed Test report',
  ]);
  const told = await test.store.db
    .selectFrom('notifications')
    .select('person_id')
    .where('notification_text', 'like', '%"kind":"signed"%')
    .orderBy('person_id')
    .execute();
  expect(told.map((row) => row.person_id)).toEqual(['dana', 'lena', 'mara', 'olga', 'otto', 'tara']);
});

const refusals: [string, TestPerson, () => Promise<object> | object, string][] = [
  ['the owner before the lead', 'olga', () => sign(version, 'acknowledged'), 'refused out-of-turn'],
  ['a tester as the lead', 'otto', () => sign(version, 'reviewed'), 'refused role'],
  ['the manager as the lead', 'mara', () => sign(version, 'reviewed'), 'refused role'],
  ['the lead as the owner', 'lena', () => sign(version, 'acknowledged'), 'refused role'],
  [
    'the lead, on other sections than are here',
    'lena',
    () => sign(version, 'reviewed', { itemsHash: 'f'.repeat(64) }),
    'conflict content-changed',
  ],
  [
    'the lead, of no version',
    'lena',
    () => sign(version, 'reviewed', { versionId: 'v-00000000' }),
    'refused not-found',
  ],
  [
    'the lead, who executed a test of it',
    'lena',
    async () => {
      const place = { reportId: version.reportId, phase: 'test-execution', lob: 'lob 0' } as const;
      await recorded(test, place, [{ recordKey: '1001/LIMIT', body: { result: 'pass' } }], 'lena');
      return sign(version, 'reviewed');
    },
    'refused four-eyes',
  ],
  [
    'the lead, with a rejected section',
    'lena',
    async () => {
      await decide('olga', [['scope', reject('incorrect')]]);
      return sign(version, 'reviewed');
    },
    'refused incomplete',
  ],
  [
    'the owner, with a section set back after the lead signed',
    'olga',
    async () => {
      await sent('lena', sign(version, 'reviewed'));
      await decide('otto', [['scope', { verdict: 'pending', reasonCode: null, note: '' }]]);
      return sign(version, 'acknowledged');
    },
    'refused incomplete',
  ],
  [
    'the lead, a second time',
    'lena',
    async () => {
      await sent('lena', sign(version, 'reviewed'));
      return sign(version, 'reviewed');
    },
    'conflict already-decided',
  ],
  [
    'an approval by a review instead of a signature',
    'lena',
    () => ({
      ...{ kind: 'review.submit', reportId: version.reportId, versionId: version.versionId, verdict: 'approved' },
      ...{ note: '', seen: { approved: 0, rejected: 0, pending: 3 } },
    }),
    'refused out-of-turn',
  ],
];
it.each(refusals)('refuses %s', async (_name, by, body, said) => {
  expect((await sent(by, await body())).said).toBe(said);
  expect((await now(version))?.status).toBe('pending');
});

it('refuses a person both signatures, whatever they are', async () => {
  const people = testPeople.people.map((person) =>
    person.personId === 'lena' ? { ...person, roles: [...person.roles, 'report-owner' as const] } : person,
  );
  await loadPeople(test.store, { people }, test.clock);
  const both = { personId: 'lena', role: 'report-owner', assigned: true };
  await sent('mara', { kind: 'assignment.set', reportId: version.reportId, ...both });
  await sent('lena', sign(version, 'reviewed'));
  expect(await line()).toMatchObject({ waitingFor: ['olga', 'otto'] });
  const second = await sent('lena', sign(version, 'acknowledged'));
  expect(second.said).toBe('refused four-eyes');
  expect(second.reason?.message).toContain('signed version 1 before');
});

it('does not wait for a lead who executed a test of it', async () => {
  expect(await line()).toMatchObject({ waitingFor: ['lena'] });
  const place = { reportId: version.reportId, phase: 'test-execution', lob: 'lob 0' } as const;
  await recorded(test, place, [{ recordKey: '1001/LIMIT', body: { result: 'pass' } }], 'lena');
  await sent('mara', {
    ...{ kind: 'assignment.set', reportId: version.reportId },
    ...{ personId: 'dana', role: 'data-owner', assigned: true },
  });
  expect((await line())?.waitingFor).not.toContain('lena');
});

it('refuses an owner observations that follow from tests of their own', async () => {
  const people = testPeople.people.map((person) =>
    person.personId === 'otto' ? { ...person, roles: ['tester' as const, 'report-owner' as const] } : person,
  );
  await loadPeople(test.store, { people }, test.clock);
  const found = await withProposed(test, 'observations', ['LIMIT'], { reportId: 'report-0002' });
  const place = { reportId: 'report-0002', phase: 'test-execution', lob: found.version.lob } as const;
  await recorded(test, place, [{ recordKey: '1001/LIMIT', body: { result: 'fail' } }], 'otto');
  const pending = await handedIn(test, found.version);
  const decisions = await boundTo(test, pending.versionId, [['LIMIT', approve]]);
  const record = { kind: 'decisions.record', reportId: 'report-0002', versionId: pending.versionId, decisions };
  const refused = await sent('otto', record);
  expect(refused.said).toBe('refused four-eyes');
  expect(refused.reason?.message).toContain('so may not decide on what they found');
  expect((await sent('olga', record)).said).toBe('applied');
});

it('refuses one who had a hand in the report', async () => {
  const draft = await withProposed(test, 'test-report', ['scope'], { reportId: 'report-0002' });
  const byLena = await handedIn(test, draft.version, [], { by: test.laptops.lena });
  expect((await sent('lena', sign(byLena, 'reviewed'))).said).toBe('refused four-eyes');
});

it('refuses to sign what no signature is wanted of', async () => {
  const draft = await withProposed(test, 'scoping', ['A'], { reportId: 'report-0002' });
  const pending = await handedIn(test, draft.version);
  expect((await sent('lena', sign(pending, 'reviewed'))).said).toBe('refused out-of-turn');
});

describe('an edit', () => {
  it('after the first signature voids it: the lead signs the new version', async () => {
    await sent('lena', sign(version, 'reviewed'));
    const next = await handedIn(test, version, [await edited(test, version, 'scope', { text: 'Another scope.' })]);
    expect(next).toMatchObject({ number: 2, signOffs: [], counts: { approved: 2, pending: 1 } });
    expect(await now(version)).toMatchObject({
      ...{ status: 'superseded', signOffs: [{ actorId: 'lena', voidedAt: expect.any(String) as string }] },
    });
    expect(await line()).toMatchObject({ state: 'in-review', waitingFor: ['lena'], versionId: next.versionId });
    expect((await sent('olga', sign(next, 'acknowledged'))).said).toBe('refused out-of-turn');
    expect((await sent('olga', sign(version, 'acknowledged'))).said).toBe('conflict version-superseded');
    await sent('lena', sign(next, 'reviewed'));
    expect((await sent('olga', sign(next, 'acknowledged'))).said).toBe('applied');
    expect(await line()).toMatchObject({ state: 'completed', outcome: 'signed' });
  });

  it('after the last signature makes a new report, and the signed one is current no more', async () => {
    await sent('lena', sign(version, 'reviewed'));
    await sent('olga', sign(version, 'acknowledged'));
    const again = await sent('tara', {
      ...{ kind: 'version.submit', reportId: version.reportId, versionId: version.versionId, edits: [], note: 'so' },
    });
    expect(again.said).toBe('refused out-of-turn');
    const next = await handedIn(test, version, [await edited(test, version, 'scope', { text: 'Another scope.' })]);
    expect(next).toMatchObject({ number: 2, revision: 0, parentVersionId: version.versionId, signOffs: [] });
    const voided = await now(version);
    expect(voided?.status).toBe('superseded');
    expect(voided?.signOffs.every((row) => row.voidedAt !== null)).toBe(true);
    expect(await currentVersion(test.store.db, version.reportId, 'test-report', null)).toBeNull();
    expect(await line()).toMatchObject({ state: 'in-review', outcome: null, waitingFor: ['lena'] });
    await sent('lena', sign(next, 'reviewed'));
    await sent('olga', sign(next, 'acknowledged'));
    expect((await currentVersion(test.store.db, version.reportId, 'test-report', null))?.number).toBe(2);
  });

  it('of a version that was sent back comes as an answer, and voids the lead’s signature too', async () => {
    await sent('lena', sign(version, 'reviewed'));
    await decide('olga', [['results', reject('not-agreed', 'the figures are of last year')]]);
    const back = await sent('olga', {
      ...{ kind: 'review.submit', reportId: version.reportId, versionId: version.versionId },
      ...{ verdict: 'revision-requested', note: '', seen: { approved: 2, rejected: 1, pending: 0 } },
    });
    expect(back.said).toBe('applied');
    expect(await line()).toMatchObject({ state: 'in-revision', waitingFor: ['otto', 'tara'] });
    const [bound] = await boundTo(test, version.versionId, [['results', approve]]);
    const fields = { text: 'Of this year.' };
    const answer = { itemKey: 'results', contentHash: bound?.contentHash ?? '', answer: 'edit' as const, fields };
    const next = await answered(test, version, [answer]);
    expect(next).toMatchObject({ number: 2, revision: 1, signOffs: [], counts: { approved: 2, pending: 1 } });
    expect((await now(version))?.signOffs.every((row) => row.voidedAt !== null)).toBe(true);
    expect((await readVersionItems(test.store.db, next.versionId)).map((row) => row.origin.kind)).toEqual([
      'carried',
      'edited',
      'carried',
    ]);
  });
});
