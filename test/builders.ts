// Owns what tests begin with: people, laptops with real keys, and a store with a report as far as a test needs it.
// Everything goes through the public functions of the store; nothing is written behind its back.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Population } from '../domain/population.ts';
import type {
  SignedContents,
  SignedEnrolment,
  SignedPull,
  SignedRevive,
  SignedUpload,
  UploadRequest,
} from '../domain/change.ts';
import { signedText } from '../domain/operation.ts';
import type { BoundDecision, Operation, OperationBody, Receipt, SignedOperation, Target } from '../domain/operation.ts';
import { targetOf } from '../domain/operation.ts';
import type { PeopleFile } from '../domain/people.ts';
import type { ItemVerdict, Verdict } from '../domain/decision.ts';
import type { ItemBody, Version } from '../domain/version.ts';
import { applyOperations } from '../worker/store/apply.ts';
import type { Applied } from '../worker/store/apply.ts';
import { enrol } from '../worker/store/enrol.ts';
import { recordPopulation, revisionInput } from '../worker/store/follow-up.ts';
import { loadPeople, openStore } from '../worker/store/store.ts';
import type { Store } from '../worker/store/store.ts';
import { createRevision, createSampleVersion } from '../worker/store/versions.ts';
import type { NewItem } from '../worker/store/versions.ts';
import { planRevision } from '../domain/revision.ts';

/** The people of the tests. `otto` is tester and report owner at once; `nina` owns reports and is assigned to none. */
export const testPeople: PeopleFile = {
  people: [
    { personId: 'mara', name: 'Mara Manager', roles: ['test-manager'] },
    { personId: 'tara', name: 'Tara Tester', roles: ['tester'] },
    { personId: 'olga', name: 'Olga Owner', roles: ['report-owner'] },
    { personId: 'lena', name: 'Lena Lead', roles: ['test-lead'] },
    { personId: 'otto', name: 'Otto Both', roles: ['tester', 'report-owner'] },
    { personId: 'nina', name: 'Nina Nowhere', roles: ['report-owner'] },
  ],
};
export type TestPerson = 'mara' | 'tara' | 'olga' | 'lena' | 'otto' | 'nina';

/** A clock that goes on by a second at each look, from 2026-11-21 08:00 UTC. */
export function testClock(): () => string {
  let second = 0;
  return () => new Date(Date.UTC(2026, 10, 21, 8, 0, second++)).toISOString();
}

/** A person's laptop: a key, its numbers, and everything it can sign. */
export interface Laptop {
  deviceId: string;
  personId: string;
  publicKey: string;
  privateKey: KeyObject;
  /** Signs an operation as the laptop's next one; `over` replaces parts before signing. */
  operation(body: OperationBody, over?: Partial<Operation>): SignedOperation;
  pull(cursors?: Record<string, number>, over?: Partial<SignedPull['request']>): SignedPull;
  contents(versionId: string, over?: Partial<SignedContents['request']>): SignedContents;
  upload(request: Pick<UploadRequest, 'reportId' | 'fileHash' | 'fileSize' | 'part'>, chunk?: Buffer): SignedUpload;
  revive(reportId: string | null, over?: Partial<SignedRevive['request']>): SignedRevive;
  enrolment(over?: Partial<SignedEnrolment['enrolment']>): SignedEnrolment;
}

/** Makes a laptop with a key of its own. Nothing knows it until it is enrolled. */
export function makeLaptop(personId: string, label = `${personId}'s laptop`): Laptop {
  const { publicKey: key, privateKey } = generateKeyPairSync('ed25519');
  const publicKey = key.export({ format: 'jwk' }).x ?? '';
  const deviceId = randomUUID();
  const actor = { actorId: personId, deviceId };
  let operations = 0;
  let requests = 0;
  const signature = (purpose: Parameters<typeof signedText>[0], content: unknown) =>
    sign(null, Buffer.from(signedText(purpose, content)), privateKey).toString('base64url');
  return {
    deviceId,
    personId,
    publicKey,
    privateKey,
    operation(body, over = {}) {
      operations += 1;
      const operation: Operation = {
        operationId: randomUUID(),
        ...actor,
        sequence: operations,
        decidedAt: '2026-11-21T07:00:00.000Z',
        body,
        ...over,
      };
      return { operation, signature: signature('operation', operation) };
    },
    pull(cursors = {}, over = {}) {
      requests += 1;
      const request = { ...actor, sequence: requests, cursors, waitMs: 0, ...over };
      return { request, signature: signature('pull', request) };
    },
    contents(versionId, over = {}) {
      requests += 1;
      const request = { ...actor, sequence: requests, versionId, fromPosition: 0, haveVersionIds: [], ...over };
      return { request, signature: signature('contents', request) };
    },
    upload(asked, chunk) {
      requests += 1;
      const request = { ...actor, sequence: requests, ...asked };
      const signed = { request, signature: signature('upload', request) };
      return chunk ? { ...signed, chunk: chunk.toString('base64') } : signed;
    },
    revive(reportId, over = {}) {
      requests += 1;
      const request = { ...actor, sequence: requests, reportId, ...over };
      return { request, signature: signature('revive', request) };
    },
    enrolment(over = {}) {
      const enrolment = { deviceId, personId, label, publicKey, requestedAt: '2026-11-21T07:00:00.000Z', ...over };
      return { enrolment, signature: signature('enrolment', enrolment) };
    },
  };
}

/** A store on a real file with the test people, and the laptops of those who have one. */
export interface TestStore {
  store: Store;
  dir: string;
  file: string;
  clock: () => string;
  laptops: Record<TestPerson, Laptop>;
  /** Sends operations to the workflow that the first one is for, or to `target`. */
  send(operations: readonly unknown[], target?: Target): Promise<Applied>;
  /** The receipt of an operation as the store keeps it. */
  receipt(operationId: string): Promise<Receipt>;
  close(): Promise<void>;
}

/** Opens a store in a new folder and enrols a laptop for each test person. `close` removes the folder. */
export async function openTestStore(): Promise<TestStore> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  const file = join(dir, 'store.db');
  const store = await openStore({ file });
  const clock = testClock();
  await loadPeople(store, testPeople, clock);
  const ids = testPeople.people.map((person) => person.personId as TestPerson);
  const laptops = Object.fromEntries(ids.map((id) => [id, makeLaptop(id)])) as Record<TestPerson, Laptop>;
  for (const id of ids) await enrol(store, laptops[id].enrolment(), { approveAtOnce: true }, clock);
  return {
    store,
    dir,
    file,
    clock,
    laptops,
    send(operations, target) {
      const [first] = operations as SignedOperation[];
      const to = target ?? targetOf((first as SignedOperation).operation.body);
      const receivedAt = clock();
      return applyOperations(
        store,
        to,
        operations.map((raw) => ({ raw, receivedAt })),
        clock,
      );
    },
    async receipt(operationId) {
      const row = await store.db
        .selectFrom('receipts')
        .select('receipt_text')
        .where('operation_id', '=', operationId)
        .executeTakeFirstOrThrow();
      return JSON.parse(row.receipt_text) as Receipt;
    },
    async close() {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A cycle with one report: tara tests, olga owns, lena leads, mara manages, otto tests and owns. */
export async function withReport(test: TestStore, reportId = 'report-0001'): Promise<string> {
  const start = test.laptops.mara.operation({
    kind: 'cycle.start',
    cycleId: `cycle-of-${reportId}`,
    name: 'Cycle 2026 Q4',
    reports: [
      {
        reportId,
        name: 'Credit card accounts',
        dueAt: null,
        assignments: [
          { personId: 'tara', role: 'tester' },
          { personId: 'olga', role: 'report-owner' },
          { personId: 'lena', role: 'test-lead' },
          { personId: 'otto', role: 'tester' },
          { personId: 'otto', role: 'report-owner' },
        ],
      },
    ],
  });
  await test.send([start]);
  return reportId;
}

export const testPopulationHash = 'a'.repeat(64);

/** The state of a ready population with the key column `ID` and the line of business `LOB`. */
export function readyPopulation(rowCount: number): Extract<Population['state'], { kind: 'ready' }> {
  const column = (name: string, distinct: number) => ({
    name,
    type: 'integer' as const,
    nulls: 0,
    blanks: 0,
    distinct,
    min: null,
    max: null,
    examples: [],
    frequent: [],
    percentiles: [],
    key: { unique: distinct === rowCount, duplicates: [], blankRows: [] },
  });
  return {
    kind: 'ready',
    rowCount,
    delimiter: ',',
    encoding: 'utf-8',
    columns: [column('ID', rowCount), column('LOB', 3)],
    keyColumn: 'ID',
    warnings: [],
  };
}

/** Imports a population (its state is told, no file is read) and records tara's plan; answers with the plan's id. */
export async function withPlan(
  test: TestStore,
  reportId: string,
  options: { rowCount?: number; by?: Laptop; planId?: string; sampleSize?: number | null } = {},
): Promise<string> {
  const { rowCount = 30_000, by = test.laptops.tara, planId = `plan-${randomUUID()}`, sampleSize = null } = options;
  const handedIn = by.operation({
    kind: 'population.import',
    reportId,
    fileHash: testPopulationHash,
    fileSize: 1_000,
    fileName: 'accounts.csv',
    keyColumn: 'ID',
  });
  await test.send([handedIn]);
  const { operationId } = handedIn.operation;
  const populationHash = testPopulationHash;
  await recordPopulation(
    test.store,
    { operationId, reportId, populationHash, state: readyPopulation(rowCount) },
    test.clock,
  );
  const request = {
    populationHash,
    keyColumn: 'ID',
    lobColumn: null,
    risk: 0.05,
    tolerable: 0.05,
    expected: 0,
    sampleSize,
    seed: '20261120',
    seedOrigin: 'given' as const,
  };
  await test.send([by.operation({ kind: 'sample.plan', reportId, planId, request })]);
  return planId;
}

/** The body that a test's row with this key has. */
export function testBody(key: number): ItemBody {
  return { ID: key, LIMIT_BAL: key * 10, SEX: key % 2, LOB: `lob ${key % 3}` };
}

/** Rows as a draw brings them: keys 1001, 1002 … */
export function drawnRows(count: number, from = 1): NewItem[] {
  return Array.from({ length: count }, (_, index) => ({
    itemKey: String(1_000 + from + index),
    content: { body: testBody(1_000 + from + index) },
    source: { kind: 'random', drawPosition: from + index, stratum: null },
    origin: { kind: 'new' },
    verdict: 'pending',
  }));
}

const workflow = { runId: 'run-1', stepId: 'step-1', activityName: 'drawSample' };

/** Draws a recorded plan into a version, as the activity does after the operation. */
export async function drawn(
  test: TestStore,
  reportId: string,
  planId: string,
  options: { rows?: NewItem[]; by?: Laptop; redrawReason?: string | null } = {},
): Promise<Version> {
  const { rows = drawnRows(59), by = test.laptops.tara, redrawReason = null } = options;
  const draw = by.operation({ kind: 'sample.draw', reportId, planId, redrawReason });
  await test.send([draw]);
  return createSampleVersion(
    test.store,
    {
      idempotencyKey: `report/${reportId}/sample-selection/-/draw/${planId}`,
      operationId: draw.operation.operationId,
      reportId,
      planId,
      rows,
      workflow: { ...workflow, workflowId: `report/${reportId}` },
    },
    test.clock,
  );
}

/** A report whose version 1 waits for its owner. */
export async function inReview(
  test: TestStore,
  options: { items?: number; reportId?: string } = {},
): Promise<{ reportId: string; planId: string; version: Version; rows: NewItem[] }> {
  const reportId = await withReport(test, options.reportId);
  const planId = await withPlan(test, reportId);
  const rows = drawnRows(options.items ?? 59);
  return { reportId, planId, rows, version: await drawn(test, reportId, planId, { rows }) };
}

export const approve: ItemVerdict = { verdict: 'approved', reasonCode: null, note: '' };
export function reject(reasonCode: ItemVerdict['reasonCode'], note = ''): ItemVerdict {
  return { verdict: 'rejected', reasonCode, note };
}

/** Decisions on items of a version, bound to what the store has: `[key, decision]` pairs. */
export async function boundTo(
  test: TestStore,
  versionId: string,
  pairs: readonly (readonly [string, ItemVerdict])[],
): Promise<BoundDecision[]> {
  const items = await test.store.db
    .selectFrom('items')
    .leftJoin('verdicts', (join) =>
      join.onRef('verdicts.version_id', '=', 'items.version_id').onRef('verdicts.item_key', '=', 'items.item_key'),
    )
    .select(['items.item_key', 'content_hash', 'verdict'])
    .where('items.version_id', '=', versionId)
    .execute();
  const byKey = new Map(items.map((item) => [item.item_key, item]));
  return pairs.map(([itemKey, decision]) => ({
    itemKey,
    contentHash: byKey.get(itemKey)?.content_hash ?? '0'.repeat(64),
    seenVerdict: byKey.get(itemKey)?.verdict ?? ('pending' satisfies Verdict),
    decision,
  }));
}

/** Decides items and submits the review of a version as its owner. The keys of `rejected` are rejected, all others approved. */
export async function reviewed(
  test: TestStore,
  version: Version,
  rejected: Record<string, ItemVerdict> = {},
  by: Laptop = test.laptops.olga,
): Promise<Applied> {
  const { reportId, versionId } = version;
  const items = await test.store.db
    .selectFrom('items')
    .leftJoin('verdicts', (join) =>
      join.onRef('verdicts.version_id', '=', 'items.version_id').onRef('verdicts.item_key', '=', 'items.item_key'),
    )
    .select(['items.item_key', 'verdict'])
    .where('items.version_id', '=', versionId)
    .execute();
  const open = items.filter((item) => (item.verdict ?? 'pending') === 'pending' || rejected[item.item_key]);
  const pairs = open.map((item) => [item.item_key, rejected[item.item_key] ?? approve] as const);
  const decisions = await boundTo(test, versionId, pairs);
  const rejectedCount = Object.keys(rejected).length;
  const record = by.operation({ kind: 'decisions.record', reportId, versionId, decisions });
  const submit = by.operation({
    kind: 'review.submit',
    reportId,
    versionId,
    verdict: rejectedCount > 0 ? 'revision-requested' : 'approved',
    note: '',
    seen: { approved: items.length - rejectedCount, rejected: rejectedCount, pending: 0 },
  });
  return test.send([record, submit]);
}

/** Replaces every rejected item of a version whose review asked for a revision, and makes the next version. */
export async function revised(test: TestStore, version: Version, by: Laptop = test.laptops.tara): Promise<Version> {
  const { reportId, versionId } = version;
  const rejected = await test.store.db
    .selectFrom('verdicts')
    .innerJoin('items', (join) =>
      join.onRef('items.version_id', '=', 'verdicts.version_id').onRef('items.item_key', '=', 'verdicts.item_key'),
    )
    .select(['items.item_key', 'content_hash'])
    .where('verdicts.version_id', '=', versionId)
    .where('verdict', '=', 'rejected')
    .execute();
  const answers = rejected.map((item) => ({
    itemKey: item.item_key,
    contentHash: item.content_hash,
    answer: 'replace' as const,
  }));
  const submit = by.operation({ kind: 'revision.submit', reportId, versionId, answers, note: '' });
  await test.send([submit]);
  const { operationId } = submit.operation;
  const input = await revisionInput(test.store, versionId, operationId);
  const hashes = new Map(input.items.map((item) => [item.itemKey, item.contentHash]));
  const planned = planRevision(input.items, version.number, input.answers, (key) => hashes.get(key) ?? null);
  if (!planned.ok) throw new Error(planned.reason.message);
  let next = Math.max(0, ...input.used.flatMap((used) => used.drawPositions));
  const rows = planned.steps.map((step): NewItem => {
    if (step.kind === 'item') {
      const { itemKey, source, origin, verdict, contentHash } = step;
      return { itemKey, source, origin, verdict, content: { contentHash } };
    }
    next += 1;
    const [row] = drawnRows(1, next);
    if (!row) throw new Error('no row was made');
    return { ...row, origin: step.origin };
  });
  return createRevision(
    test.store,
    {
      idempotencyKey: `report/${reportId}/sample-selection/-/revision/${operationId}`,
      operationId,
      reportId,
      versionId,
      rows,
      workflow: { ...workflow, workflowId: `report/${reportId}`, activityName: 'reviseSample' },
    },
    test.clock,
  );
}
