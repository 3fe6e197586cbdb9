// Who is believed: signatures, devices, persons, targets, repeats. Nothing here reaches a rule that it should not.
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperationBody, SignedOperation } from '../../../domain/operation.ts';
import { enrol } from '../../../worker/store/enrol.ts';
import { followUpDone } from '../../../worker/store/follow-up.ts';
import { readChanges } from '../../../worker/store/feeds.ts';
import { loadPeople } from '../../../worker/store/store.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { makeLaptop, openTestStore, testPeople, withReport } from '../../builders.ts';
import type { Laptop, TestStore } from '../../builders.ts';

let test: TestStore;
let reportId: string;
beforeEach(async () => {
  test = await openTestStore();
  reportId = await withReport(test);
});
afterEach(() => test.close());

const handIn = (): OperationBody => ({
  kind: 'population.import',
  reportId,
  fileHash: 'b'.repeat(64),
  fileSize: 10,
  fileName: 'rows.csv',
  keyColumn: null,
});
const toReport = () => ({ kind: 'report' as const, id: reportId });

async function effects(): Promise<number> {
  return (await test.store.db.selectFrom('populations').select('population_hash').execute()).length;
}
async function deadLetters(): Promise<string[]> {
  const rows = await test.store.db.selectFrom('dead_letters').select('message').orderBy('received_at').execute();
  return rows.map((row) => row.message);
}

it('buries a forged signature without a receipt, so that the real operation still applies', async () => {
  const real = test.laptops.tara.operation(handIn());
  const forger = makeLaptop('tara');
  const forged = { ...real, signature: forger.operation(handIn()).signature };
  const answer = await test.send([forged, { ...real, signature: 'x' }]);
  expect(answer.outcomes.map((outcome) => outcome.state)).toEqual(['dead-letter', 'dead-letter']);
  expect(await deadLetters()).toEqual([
    expect.stringMatching(/^bad-signature/),
    expect.stringMatching(/^bad-signature/),
  ]);
  expect(await effects()).toBe(0);
  expect((await test.send([real])).outcomes).toEqual([
    { operationId: real.operation.operationId, state: 'applied', duplicate: false },
  ]);
});

it('buries a changed body under a good signature', async () => {
  const real = test.laptops.tara.operation(handIn());
  const changed = { ...real, operation: { ...real.operation, body: { ...real.operation.body, fileSize: 11 } } };
  expect((await test.send([changed])).outcomes[0]?.state).toBe('dead-letter');
});

it('refuses an operation that names another person than its device, and records who really sent it', async () => {
  const posing = test.laptops.olga.operation(handIn(), { actorId: 'tara' });
  expect((await test.send([posing])).outcomes[0]?.state).toBe('refused');
  const receipt = await test.receipt(posing.operation.operationId);
  expect(receipt).toMatchObject({ actorId: 'olga', reason: { code: 'unknown-device' } });
  expect((await readLedger(test.store, reportId)).at(-1)).toMatchObject({ actorId: 'olga' });
  expect(await effects()).toBe(0);
});

const strangers: [string, (laptop: Laptop) => Promise<void>, string][] = [
  [
    'a revoked device',
    async (laptop) => {
      const { deviceId } = laptop;
      await test.send([test.laptops.mara.operation({ kind: 'device.revoke', deviceId })]);
    },
    'device-not-approved',
  ],
  [
    'a person who left the people file',
    async () => {
      await loadPeople(test.store, { people: testPeople.people.filter((row) => row.personId !== 'tara') }, test.clock);
    },
    'unknown-person',
  ],
];
it.each(strangers)('refuses %s with a receipt', async (_name, prepare, code) => {
  const laptop = makeLaptop('tara');
  await enrol(test.store, laptop.enrolment(), { approveAtOnce: true }, test.clock);
  await prepare(laptop);
  const operation = laptop.operation(handIn());
  expect((await test.send([operation])).outcomes[0]?.state).toBe('refused');
  expect((await test.receipt(operation.operation.operationId)).reason?.code).toBe(code);
  expect(await effects()).toBe(0);
});

it('puts nothing down to a person before their device is approved, and applies a resend afterwards', async () => {
  const laptop = makeLaptop('tara');
  const { deviceId } = laptop;
  await enrol(test.store, laptop.enrolment(), { approveAtOnce: false }, test.clock);
  const operation = laptop.operation(handIn());
  const before = await readLedger(test.store, reportId);
  expect((await test.send([operation])).outcomes[0]?.state).toBe('dead-letter');
  expect(await readLedger(test.store, reportId)).toEqual(before);
  await test.send([test.laptops.mara.operation({ kind: 'device.approve', deviceId })]);
  expect((await test.send([operation])).outcomes[0]?.state).toBe('applied');
});

it('gives no follow-up to another workflow that gets a copy', async () => {
  const other = await withReport(test, 'report-0002');
  const operation = test.laptops.tara.operation(handIn());
  expect((await test.send([operation])).followUps).toHaveLength(1);
  expect((await test.send([operation], { kind: 'report', id: other })).followUps).toEqual([]);
});

it('buries operations of a device that was never enrolled', async () => {
  await test.send([makeLaptop('tara').operation(handIn())]);
  expect(await deadLetters()).toEqual([expect.stringMatching(/^unknown-device/)]);
});

it('refuses an operation that was signed for another report', async () => {
  const other = await withReport(test, 'report-0002');
  const operation = test.laptops.tara.operation(handIn());
  await test.send([operation], { kind: 'report', id: other });
  expect((await test.receipt(operation.operation.operationId)).reason?.code).toBe('wrong-target');
  expect(await effects()).toBe(0);
});

it('answers a repeat with the first outcome and no effect, and its follow-up until that is done', async () => {
  const operation = test.laptops.tara.operation(handIn());
  const first = await test.send([operation]);
  const again = await test.send([operation, operation]);
  expect(again.outcomes.map((outcome) => [outcome.state, outcome.duplicate])).toEqual([
    ['applied', true],
    ['applied', true],
  ]);
  expect(again.followUps).toEqual([...first.followUps, ...first.followUps]);
  expect(again.ledgerHead).toEqual(first.ledgerHead);
  await followUpDone(test.store, operation.operation.operationId, test.clock);
  expect((await test.send([operation])).followUps).toEqual([]);
});

it('buries a used operation id with other contents, and refuses a used number with another id', async () => {
  const first = test.laptops.tara.operation(handIn());
  await test.send([first]);
  const { operationId, sequence } = first.operation;
  const sameId = test.laptops.tara.operation({ ...handIn(), fileHash: 'c'.repeat(64) } as OperationBody, {
    operationId,
  });
  expect((await test.send([sameId])).outcomes[0]?.state).toBe('dead-letter');
  const sameNumber = test.laptops.tara.operation(handIn(), { sequence });
  await test.send([sameNumber]);
  expect((await test.receipt(sameNumber.operation.operationId)).reason).toMatchObject({
    code: 'malformed',
    message: expect.stringContaining(`number ${sequence}`) as string,
  });
});

it('takes an overtaken operation whose number is lower and new', async () => {
  const early = test.laptops.tara.operation(handIn());
  const late = test.laptops.tara.operation({ ...handIn(), fileHash: 'c'.repeat(64) } as OperationBody);
  const answer = await test.send([late, early]);
  expect(answer.outcomes.map((outcome) => outcome.state)).toEqual(['applied', 'applied']);
  expect(answer.watermarks).toEqual({ [test.laptops.tara.deviceId]: late.operation.sequence });
});

it('keeps an operation of an unknown kind for the test managers and answers its sender', async () => {
  const body = { kind: 'sample.enlarge', reportId } as unknown as OperationBody;
  const operation = test.laptops.tara.operation(body);
  await test.send([operation], toReport());
  expect((await test.receipt(operation.operation.operationId)).reason?.code).toBe('unknown-kind');
  expect(await deadLetters()).toEqual([expect.stringMatching(/^unknown-kind/)]);
  const seen = async (laptop: Laptop) => {
    const answer = await readChanges(test.store, laptop.pull(), test.clock);
    if (answer.kind !== 'page') throw new Error(answer.message);
    return answer.feeds.flatMap((feed) => feed.rows).filter((row) => row.change.kind === 'dead-letter').length;
  };
  expect([await seen(test.laptops.mara), await seen(test.laptops.tara)]).toEqual([1, 0]);
});

const garbage: [string, unknown][] = [
  ['nothing', null],
  ['a text', 'submit'],
  ['an empty object', {}],
  ['a bigint', { operation: 1n }],
  ['an operation without a device', { operation: { operationId: randomUUID() }, signature: 'x' }],
];
it.each(garbage)('buries %s without failing', async (_name, raw) => {
  const answer = await test.send([raw], toReport());
  expect(answer.outcomes).toEqual([{ operationId: null, state: 'dead-letter', duplicate: false }]);
});

it('keeps one dead letter however often the same thing is resent', async () => {
  await test.send([{ junk: 1 }], toReport());
  await test.send([{ junk: 1 }, { junk: 1 }], toReport());
  expect(await deadLetters()).toHaveLength(1);
});

const malformed: [string, (body: OperationBody) => unknown][] = [
  ['a note above 10,000 characters', () => reviewWith({ note: 'x'.repeat(10_001) })],
  ['an unknown reason code', () => decisionWith({ verdict: 'rejected', reasonCode: 'boring', note: '' })],
  ['a field that is not agreed', (body) => ({ ...body, approved: true })],
  [
    'an own field __proto__',
    (body) => JSON.parse(JSON.stringify(body).replace('{', '{"__proto__":{"x":1},')) as unknown,
  ],
];
const versionId = 'v-0123456789';
const reviewWith = (over: object) => ({
  ...{ kind: 'review.submit', reportId, versionId, verdict: 'approved', note: '' },
  ...{ seen: { approved: 0, rejected: 0, pending: 0 } },
  ...over,
});
const decisionWith = (decision: object) => ({
  ...{ kind: 'decisions.record', reportId, versionId },
  decisions: [{ itemKey: '1', contentHash: 'a'.repeat(64), seenVerdict: 'pending', decision }],
});
it.each(malformed)('refuses %s as malformed', async (_name, change) => {
  const operation = test.laptops.tara.operation(change(handIn()) as OperationBody);
  await test.send([operation], toReport());
  expect(await test.receipt(operation.operation.operationId)).toMatchObject({
    state: 'refused',
    reason: { code: 'malformed' },
  });
  expect(await effects()).toBe(0);
});

it('keeps script and __proto__ in texts as texts', async () => {
  const fileName = '<script>alert(1)</script>__proto__.csv';
  const operation = test.laptops.tara.operation({ ...handIn(), fileName } as OperationBody);
  await test.send([operation]);
  const row = await test.store.db.selectFrom('populations').select('file_name').executeTakeFirstOrThrow();
  expect(row.file_name).toBe(fileName);
});

const enrolments: [string, (laptop: Laptop, known: Laptop) => unknown, string][] = [
  ['a person nobody knows', (laptop) => laptop.enrolment({ personId: 'zoe' }), 'refused'],
  ['a forged signature', (laptop) => ({ ...laptop.enrolment(), signature: 'AAAA' }), 'refused'],
  ['a key that is none', (laptop) => laptop.enrolment({ publicKey: 'A'.repeat(44) }), 'refused'],
  ['another key under a known id', (laptop, known) => laptop.enrolment({ deviceId: known.deviceId }), 'refused'],
  ['a known key under another person', (_laptop, known) => known.enrolment({ personId: 'olga' }), 'refused'],
  ['what was enrolled before', (_laptop, known) => known.enrolment(), 'approved'],
  ['a new device', (laptop) => laptop.enrolment(), 'waiting'],
];
it.each(enrolments)('answers the enrolment of %s', async (_name, make, status) => {
  const signed = make(makeLaptop('tara'), test.laptops.tara);
  const answer = await enrol(test.store, signed, { approveAtOnce: false }, test.clock);
  expect(answer.status).toBe(status);
});

it('approves a listed key at once, and one that waits as soon as it is listed', async () => {
  const [early, late] = [makeLaptop('tara'), makeLaptop('tara')];
  const listing = (laptops: Laptop[]) => ({
    people: testPeople.people.map((person) =>
      person.personId === 'tara' ? { ...person, devices: laptops.map((laptop) => laptop.publicKey) } : person,
    ),
  });
  await loadPeople(test.store, listing([early]), test.clock);
  const now = await enrol(test.store, early.enrolment(), { approveAtOnce: false }, test.clock);
  const waits = await enrol(test.store, late.enrolment(), { approveAtOnce: false }, test.clock);
  expect([now.status, waits.status]).toEqual(['approved', 'waiting']);
  await loadPeople(test.store, listing([early, late]), test.clock);
  expect((await enrol(test.store, late.enrolment(), { approveAtOnce: false }, test.clock)).status).toBe('approved');
});

it('lets only a test manager approve or revoke a device', async () => {
  const laptop = makeLaptop('tara');
  await enrol(test.store, laptop.enrolment(), { approveAtOnce: false }, test.clock);
  const { deviceId } = laptop;
  const own: SignedOperation = test.laptops.tara.operation({ kind: 'device.approve', deviceId });
  await test.send([own]);
  expect((await test.receipt(own.operation.operationId)).reason?.code).toBe('role');
  const answer = await test.send([test.laptops.mara.operation({ kind: 'device.approve', deviceId })]);
  expect(answer.followUps).toEqual([{ kind: 'device-decided', deviceId, status: 'approved' }]);
});
