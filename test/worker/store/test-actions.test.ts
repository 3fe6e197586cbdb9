// Test actions are recorded, changed and read from documents: every rule with what it refuses, and the histories.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { actionKey } from '../../../domain/audit-record.ts';
import type { TestAction } from '../../../domain/audit-record.ts';
import type { OperationBody, Receipt } from '../../../domain/operation.ts';
import { evidenceToRead, recordReadValues, recordUnreadable } from '../../../worker/store/evidence.ts';
import type { ReadValue } from '../../../worker/store/evidence.ts';
import { unfinishedWork } from '../../../worker/store/report-state.ts';
import { readLatestRecords } from '../../../worker/store/records.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { advance, carryOut } from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';
import { historyOf, inLanes, laneOf, openLaneStore, reportOf, samplesOf, scope, sent } from './lanes.ts';
import type { Uploads } from './lanes.ts';
import type { TestedSample } from '../../../worker/store/scope.ts';

let test: TestStore;
let uploads: Uploads;
let reportId: string;
let samples: TestedSample[];
beforeEach(async () => {
  ({ test, uploads } = await openLaneStore());
});
afterEach(() => test.close());

const said = (receipt: Receipt) => `${receipt.state} ${receipt.reason?.code ?? ''}`.trim();
const place = (lob = laneOf) => ({ reportId, phase: 'test-execution' as const, lob });
const sampleOf = (index: number) => samples[index] as TestedSample;
const evidence = { documentId: 'document-1', revision: 2, locator: 'row 2' };

/** A document of the lane, handed in by its owner and judged by a tester; its judged revision is 2. */
async function withDocument(
  lob = laneOf,
  verdict: 'accepted' | 'rejected' = 'accepted',
  documentId = 'document-1',
): Promise<void> {
  const file = uploads.add(`ID,LIMIT_BAL of ${lob}`);
  await sent(test, 'dana', {
    ...{ kind: 'document.submit', reportId, lob, documentId, title: 'Extract', ...file },
    ...{ fileName: 'extract.csv', effectiveDate: '2026-09-30', seenRevision: 0, note: '' },
  });
  const review = { kind: 'document.review', reportId, lob, documentId, seenRevision: 1, verdict } as const;
  await sent(test, 'tara', { ...review, reason: 'looked at' });
}

/** A lane whose documents are complete and whose testing is open. */
async function inTesting(): Promise<void> {
  reportId = await inLanes(test);
  await withDocument();
  await completed('request-info');
  samples = await samplesOf(test, reportId);
}

async function completed(phase: 'request-info' | 'test-execution', lob = laneOf): Promise<Receipt> {
  const body: OperationBody = { kind: 'phase.complete', reportId, phase, lob, withoutSamples: [], note: '' };
  const operation = test.laptops.tara.operation(body);
  const { followUps } = await test.send([operation]);
  await carryOut(test, followUps);
  await advance(test, reportId);
  return test.receipt(operation.operation.operationId);
}

/** The test of the first sample's `LIMIT_BAL` as it should be; `over` changes it. */
function action(over: Partial<TestAction> = {}, index = 0): TestAction {
  const { itemKey, contentHash, body } = sampleOf(index);
  const attribute = over.attribute ?? 'LIMIT_BAL';
  return {
    ...{ itemKey, contentHash, attribute, found: body[attribute] ?? null, result: 'pass', notTestableReason: '' },
    ...{ evidence, note: '', seenRevision: 0, reason: '' },
    ...over,
  };
}

const record = (actions: TestAction[], by: TestPerson = 'tara', lob = laneOf) =>
  sent(test, by, { kind: 'test.record', reportId, lob, actions });
const update = (actions: TestAction[], by: TestPerson = 'tara') =>
  sent(test, by, { kind: 'test.update', reportId, lob: laneOf, actions });
const firstKey = () => actionKey(sampleOf(0).itemKey, 'LIMIT_BAL');

describe('a test action', () => {
  beforeEach(inTesting);

  it('is recorded with what the sample says is expected', async () => {
    expect(said(await record([action({ found: 99, result: 'fail', note: 'a digit lost' })]))).toBe('applied');
    expect(await historyOf(test, place(), firstKey())).toEqual([
      {
        ...{ revision: 1, reason: '', actorId: 'tara' },
        body: {
          ...{ itemKey: sampleOf(0).itemKey, attribute: 'LIMIT_BAL', expected: sampleOf(0).body['LIMIT_BAL'] },
          ...{ found: 99, result: 'fail', notTestableReason: '', note: 'a digit lost', random: true },
          ...{ documentId: 'document-1', documentRevision: 2, locator: 'row 2' },
        },
      },
    ]);
    expect((await readLedger(test.store, reportId)).at(-1)).toMatchObject({
      summary: 'tested 1 attribute of samples of lob 0: 1 failed',
      detail: { recordKeys: [firstKey()], results: { fail: 1 }, notApplied: 0 },
    });
  });

  it('says whether its sample was drawn at random: only those support a limit', async () => {
    const picked = samples.findIndex((sample) => !sample.random);
    await record([action({}, picked), action({}, picked === 0 ? 1 : 0)]);
    const records = await readLatestRecords(test.store.db, reportId, 'test-execution', laneOf);
    const random = new Map(records.map(({ body }) => [body['itemKey'], body['random']]));
    expect(new Set(random.values())).toEqual(new Set([false, true]));
    expect(random.get(sampleOf(picked).itemKey)).toBe(false);
  });

  it('is changed with a reason, and every response stays in the history', async () => {
    await record([action()]);
    const changed = action({ found: 99, result: 'fail', seenRevision: 1, reason: 'misread' });
    expect(said(await update([changed], 'otto'))).toBe('applied');
    const history = await historyOf(test, place(), firstKey());
    expect(history.map(({ revision, body, reason, actorId }) => [revision, body['result'], reason, actorId])).toEqual([
      [1, 'pass', '', 'tara'],
      [2, 'fail', 'misread', 'otto'],
    ]);
  });

  it('that somebody else recorded or changed meanwhile is a conflict of that one; the others are applied', async () => {
    await record([action()], 'otto');
    const receipt = await record([action(), action({ attribute: 'SEX' })]);
    expect(said(receipt)).toBe('conflict already-decided');
    expect(receipt.items).toMatchObject([{ itemKey: firstKey(), state: 'conflict', theirs: null }]);
    expect(receipt.reason?.message).toMatch(/the test of LIMIT_BAL of 1002 was changed by Otto Both .* \(revision 1/);
    expect(await readLatestRecords(test.store.db, reportId, 'test-execution', laneOf)).toHaveLength(2);
    const late = { seenRevision: 1, reason: 'misread', found: 98, result: 'fail' as const };
    await update([action(late)], 'otto');
    expect(said(await update([action(late)]))).toBe('conflict already-decided');
  });

  it('is first recorded and then changed, not the other way round', async () => {
    expect(said(await update([action({ seenRevision: 0 })]))).toBe('refused malformed');
    await record([action()]);
    expect(said(await record([action({ seenRevision: 1, reason: 'misread' })]))).toBe('refused malformed');
  });

  it('does not hold for a sample of another line of business', async () => {
    const [foreign] = await samplesOf(test, reportId, 'lob 1');
    const { itemKey, contentHash } = foreign as TestedSample;
    expect(said(await record([action({ itemKey, contentHash })]))).toBe('conflict foreign-item');
    expect(said(await record([action({ itemKey: '9999' })]))).toBe('conflict foreign-item');
  });

  it('does not hold for a sample that has other contents than the screen showed', async () => {
    expect(said(await record([action({ contentHash: '0'.repeat(64) })]))).toBe('conflict content-changed');
  });

  it('is about an attribute in scope', async () => {
    const receipt = await record([action({ attribute: 'LOB' })]);
    expect(said(receipt)).toBe('refused not-found');
    expect(receipt.reason?.message).toBe('"LOB" is not in scope, so that it is not tested');
  });

  it('rests on a document that was accepted', async () => {
    expect(said(await record([action({ evidence: null })]))).toBe('refused evidence-missing');
    expect(said(await record([action({ evidence: { ...evidence, revision: 1 } })]))).toBe('refused evidence-missing');
    const other = { ...evidence, documentId: 'document-9' };
    expect(said(await record([action({ evidence: other })]))).toBe('refused evidence-missing');
    expect(await readLatestRecords(test.store.db, reportId, 'test-execution', laneOf)).toEqual([]);
  });

  it('rests on a document of its own line of business', async () => {
    await withDocument('lob 1', 'accepted', 'document-7');
    const foreign = { ...evidence, documentId: 'document-7' };
    expect(said(await record([action({ evidence: foreign })]))).toBe('refused evidence-missing');
  });

  it('needs no document when it is not testable, but a reason', async () => {
    const lost = { result: 'not-testable' as const, found: null, evidence: null };
    expect(said(await record([action({ ...lost, notTestableReason: 'file lost' })]))).toBe('applied');
    expect(said(await record([action({ ...lost }, 1)]))).toBe('refused malformed');
  });

  it('passes with another value than expected only with a note', async () => {
    expect(said(await record([action({ found: 1 })]))).toBe('refused reason-missing');
    expect(said(await record([action({ found: 1, note: 'in thousands' })]))).toBe('applied');
    expect(said(await record([action({ found: ` ${String(sampleOf(1).body['LIMIT_BAL'])}` }, 1)]))).toBe('applied');
  });

  it('is named once in an operation, and recorded by testers only', async () => {
    expect(said(await record([action(), action()]))).toBe('refused malformed');
    expect(said(await record([action()], 'olga'))).toBe('refused role');
    expect(said(await record([action()], 'dana'))).toBe('refused role');
  });

  it('is recorded once however often the operation arrives', async () => {
    const operation = test.laptops.tara.operation({ kind: 'test.record', reportId, lob: laneOf, actions: [action()] });
    await test.send([operation]);
    const { outcomes } = await test.send([operation]);
    expect(outcomes).toMatchObject([{ state: 'applied', duplicate: true }]);
    expect(await historyOf(test, place(), firstKey())).toHaveLength(1);
  });

  it('waits for its turn: where documents are still asked for nothing is tested', async () => {
    const [other] = await samplesOf(test, reportId, 'lob 1');
    const { itemKey, contentHash } = other as TestedSample;
    const receipt = await record([action({ itemKey, contentHash })], 'tara', 'lob 1');
    expect(said(receipt)).toBe('refused out-of-turn');
    expect(receipt.reason?.message).toMatch(/^Test execution of lob 1 has not begun yet; open now: /);
  });

  it('is not changed any more once completion was asked for', async () => {
    const all = samples.flatMap((_, index) => scope.map((attribute) => action({ attribute }, index)));
    expect(said(await record(all))).toBe('applied');
    const body: OperationBody = { kind: 'phase.complete', ...place(), withoutSamples: [], note: '' };
    expect(said(await sent(test, 'tara', body))).toBe('applied');
    const changed = action({ seenRevision: 1, reason: 'late', found: 1, result: 'fail' });
    expect(said(await update([changed]))).toBe('refused out-of-turn');
  });

  it('counts as a deviation of its line of business when it failed or could not be tested', async () => {
    const all = samples.flatMap((_, index) => scope.map((attribute) => action({ attribute }, index)));
    const [first, second, ...others] = all as [TestAction, TestAction, ...TestAction[]];
    const lost = { result: 'not-testable' as const, found: null, evidence: null, notTestableReason: 'file lost' };
    await record([{ ...first, found: 1, result: 'fail' }, { ...second, ...lost }, ...others]);
    await completed('test-execution');
    expect((await reportOf(test, reportId)).lobs[0]).toMatchObject({ lob: laneOf, deviations: 2 });
  });
});

describe('where asking for documents was skipped', () => {
  it('results rest on no document', async () => {
    reportId = await inLanes(test, ['data-owner-id', 'request-info']);
    samples = await samplesOf(test, reportId);
    expect(said(await record([action({ evidence: null })]))).toBe('applied');
    expect(said(await record([action({ attribute: 'SEX' })]))).toBe('refused evidence-missing');
  });
});

describe('reading a document', () => {
  beforeEach(inTesting);

  type Read = Extract<OperationBody, { kind: 'evidence.read' }>;
  const asked = async (over: Partial<Read> = {}, by: TestPerson = 'tara') => {
    const body: Read = { kind: 'evidence.read', reportId, lob: laneOf, documentId: 'document-1', revision: 2, ...over };
    const operation = test.laptops[by].operation(body);
    const { followUps } = await test.send([operation]);
    const { operationId } = operation.operation;
    return { operationId, followUps, receipt: await test.receipt(operationId) };
  };
  const valuesOf = (differing: Record<string, ReadValue['found']> = {}): ReadValue[] =>
    samples.flatMap(({ itemKey, body }, index) =>
      scope.map((attribute) => ({
        ...{ itemKey, attribute, locator: `row ${index + 1}` },
        found: differing[actionKey(itemKey, attribute)] ?? String(body[attribute]),
      })),
    );
  const recorded = () => readLatestRecords(test.store.db, reportId, 'test-execution', laneOf);
  const ledgerOf = async (kind: string) =>
    (await readLedger(test.store, reportId)).filter((entry) => entry.kind === kind);

  it('is asked for by an operation and is work of the lane', async () => {
    const { receipt, followUps, operationId } = await asked();
    expect(said(receipt)).toBe('applied');
    expect(followUps).toEqual([
      { kind: 'read-evidence', operationId, reportId, lob: laneOf, documentId: 'document-1', revision: 2 },
    ]);
    expect(await unfinishedWork(test.store.db, reportId, laneOf)).toEqual(followUps);
    expect((await ledgerOf('evidence.read')).at(-1)?.summary).toBe(
      'asked for the values of 8 untested attributes of samples of lob 0 to be read from "Extract"',
    );
  });

  it('looks for what nobody tested yet', async () => {
    await record([action()]);
    const wanted = await evidenceToRead(test.store.db, { ...place(), documentId: 'document-1', revision: 2 });
    expect(wanted).toMatchObject({ title: 'Extract', fileName: 'extract.csv', keyColumn: 'ID' });
    expect('samples' in wanted && wanted.samples.map((sample) => sample.attributes)).toEqual([
      ['SEX'],
      [...scope],
      [...scope],
      [...scope],
    ]);
  });

  it('passes what is as expected and fails what differs', async () => {
    const { operationId } = await asked();
    const differing = { [actionKey('1005', 'SEX')]: '0' };
    const reading = { operationId, reportId, lob: laneOf, actions: valuesOf(differing) };
    await recordReadValues(test.store, reading, test.clock);
    const records = await recorded();
    const failed = records.filter(({ body }) => body['result'] !== 'pass');
    expect(records).toHaveLength(8);
    expect(failed.map(({ recordKey }) => recordKey)).toEqual([actionKey('1005', 'SEX')]);
    expect(failed[0]).toMatchObject({
      ...{ revision: 1, actorId: 'tara', operationId },
      body: { expected: 1, found: '0', documentId: 'document-1', documentRevision: 2, locator: 'row 2' },
    });
    expect((await ledgerOf('evidence.values')).map((entry) => entry.summary)).toEqual([
      'read 8 values of samples of lob 0 from "Extract": 1 differ, nothing is left to test',
    ]);
    expect(await unfinishedWork(test.store.db, reportId, laneOf)).toEqual([]);
  });

  it('that is repeated, wholly or after it was cut off, records each value once', async () => {
    const { operationId } = await asked();
    const reading = { operationId, reportId, lob: laneOf, actions: valuesOf() };
    await recordReadValues(test.store, reading, test.clock);
    await recordReadValues(test.store, { ...reading, actions: [] }, test.clock);
    await recordReadValues(test.store, reading, test.clock);
    expect((await recorded()).map((row) => row.revision)).toEqual(Array.from({ length: 8 }, () => 1));
    expect(await ledgerOf('evidence.values')).toHaveLength(1);
  });

  it('leaves what people tested meanwhile, and what the document does not say', async () => {
    const { operationId } = await asked();
    await record([action({ found: 99, result: 'fail' })]);
    const [first, second] = valuesOf() as [ReadValue, ReadValue];
    const foreign = { ...first, itemKey: '9999' };
    const outOfScope = { ...first, attribute: 'LOB' };
    const reading = { operationId, reportId, lob: laneOf, actions: [first, second, foreign, outOfScope] };
    await recordReadValues(test.store, reading, test.clock);
    expect((await recorded()).map(({ body }) => [body['attribute'], body['result']])).toEqual([
      ['LIMIT_BAL', 'fail'],
      ['SEX', 'pass'],
    ]);
    expect((await ledgerOf('evidence.values'))[0]?.summary).toBe(
      'read 1 value of samples of lob 0 from "Extract": 0 differ, 6 are left to test',
    );
  });

  it('records nothing when its lane was cancelled meanwhile, and says so', async () => {
    const { operationId } = await asked();
    await sent(test, 'mara', { kind: 'lob.control', reportId, lob: laneOf, act: 'cancel', reason: 'sold' });
    await recordReadValues(test.store, { operationId, reportId, lob: laneOf, actions: valuesOf() }, test.clock);
    expect(await recorded()).toEqual([]);
    expect((await ledgerOf('evidence.values'))[0]?.summary).toMatch(/read 0 values .* it was cancelled meanwhile/);
  });

  it('of what is no table ends in the ledger, once', async () => {
    const { operationId } = await asked();
    const reading = { operationId, reportId, lob: laneOf };
    await recordUnreadable(test.store, reading, 'the file has no column "ID"', test.clock);
    await recordUnreadable(test.store, reading, 'the file has no column "ID"', test.clock);
    expect((await ledgerOf('evidence.unreadable')).map((entry) => entry.summary)).toEqual([
      'could not read values of samples of lob 0 from "Extract": the file has no column "ID"',
    ]);
    expect(await unfinishedWork(test.store.db, reportId, laneOf)).toEqual([]);
    await recordReadValues(test.store, { ...reading, actions: valuesOf() }, test.clock);
    expect(await recorded()).toEqual([]);
  });

  it.each<[string, Partial<Read>, TestPerson, string]>([
    ['a document that was not accepted', { revision: 1 }, 'tara', 'refused evidence-missing'],
    ['a revision that does not exist', { revision: 9 }, 'tara', 'refused not-found'],
    ['a document that does not exist', { documentId: 'document-9' }, 'tara', 'refused not-found'],
    ['a line of business whose testing has not begun', { lob: 'lob 1' }, 'tara', 'refused out-of-turn'],
    ['a data owner', {}, 'dana', 'refused role'],
  ])('is refused for %s', async (_what, over, by, expected) => {
    const { receipt, followUps } = await asked(over, by);
    expect(said(receipt)).toBe(expected);
    expect(followUps).toEqual([]);
  });

  it('is refused when everything is tested', async () => {
    await record(samples.flatMap((_, index) => scope.map((attribute) => action({ attribute }, index))));
    expect(said((await asked()).receipt)).toBe('refused out-of-turn');
  });

  it('of 2,500 values goes in several transactions and is one reading all the same', async () => {
    const { operationId } = await asked();
    const foreign = Array.from({ length: 2_492 }, (_, index): ReadValue => ({
      ...{ itemKey: `none ${index}`, attribute: 'SEX', found: '1', locator: '' },
    }));
    const reading = { operationId, reportId, lob: laneOf, actions: [...foreign, ...valuesOf()] };
    await recordReadValues(test.store, reading, test.clock);
    expect(await recorded()).toHaveLength(8);
    expect(await ledgerOf('evidence.values')).toHaveLength(1);
  });
});
