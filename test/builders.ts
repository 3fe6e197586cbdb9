// Owns what tests begin with: people, laptops with real keys, and a store with a report as far as a test needs it.
// Everything goes through the public functions of the store; nothing is written behind its back.
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditPhase } from '../domain/audit-record.ts';
import { stepsDue, wholeReportLob } from '../domain/flow.ts';
import type { FlowStep } from '../domain/flow.ts';
import { planNextVersion } from '../domain/next-version.ts';
import type { Edit } from '../domain/phase-item.ts';
import { phaseOf } from '../domain/phases.ts';
import type { PhaseSlug } from '../domain/phases.ts';
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
import type {
  Answer,
  BoundDecision,
  LobSource,
  Operation,
  OperationBody,
  Receipt,
  SignedOperation,
  Target,
} from '../domain/operation.ts';
import { targetOf } from '../domain/operation.ts';
import type { PeopleFile } from '../domain/people.ts';
import type { ItemVerdict, Verdict } from '../domain/decision.ts';
import type { ItemBody, Version } from '../domain/version.ts';
import { applyOperations } from '../worker/store/apply.ts';
import type { Applied } from '../worker/store/apply.ts';
import { enrol } from '../worker/store/enrol.ts';
import { completeRecords } from '../worker/store/complete-records.ts';
import { recordPopulation } from '../worker/store/follow-up.ts';
import { makingInput, revisionInput } from '../worker/store/making-input.ts';
import {
  expirePhase,
  finishLob,
  nameLobs,
  openPhase,
  readFlow,
  remindPhase,
  skipPhase,
  startLob,
} from '../worker/store/phase-line.ts';
import { appendRecords } from '../worker/store/records.ts';
import type { FollowUp } from '../worker/store/rules/rule.ts';
import { readPopulation } from '../worker/store/sample-rows.ts';
import { settleReview } from '../worker/store/settle-review.ts';
import { loadPeople, openStore } from '../worker/store/store.ts';
import type { Store, StoreOptions } from '../worker/store/store.ts';
import { readVersion } from '../worker/store/version-rows.ts';
import { createRevision, createSampleVersion, makeVersion, proposeVersion } from '../worker/store/versions.ts';
import type { NewItem } from '../worker/store/versions.ts';
import { write } from '../worker/store/writing.ts';
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
    { personId: 'dana', name: 'Dana Dataowner', roles: ['data-owner'] },
  ],
};
export type TestPerson = 'mara' | 'tara' | 'olga' | 'lena' | 'otto' | 'nina' | 'dana';

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
export async function openTestStore(options: Omit<StoreOptions, 'file'> = {}): Promise<TestStore> {
  const dir = mkdtempSync(join(tmpdir(), 'countersign-store-'));
  const file = join(dir, 'store.db');
  const store = await openStore({ ...options, file });
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

/** The names of lines of business of the tests' reports that are divided; the column is `LOB`. */
export const testLobs = ['lob 0', 'lob 1', 'lob 2'] as const;
const lobColumn: LobSource = { kind: 'column', column: 'LOB' };

/** A cycle with one report that begins at its beginning: tara tests, olga owns, lena leads, mara manages, otto tests and owns. */
export async function startedReport(
  test: TestStore,
  reportId: string,
  over: Partial<Extract<OperationBody, { kind: 'cycle.start' }>['reports'][number]> = {},
): Promise<string> {
  const start = test.laptops.mara.operation({
    kind: 'cycle.start',
    cycleId: `cycle-of-${reportId}`,
    name: 'Cycle 2026 Q4',
    reports: [
      {
        reportId,
        name: 'Credit card accounts',
        ...{ dueAt: null, lobs: { kind: 'none' }, skips: [], deadlines: [] },
        assignments: [
          { personId: 'tara', role: 'tester' },
          { personId: 'olga', role: 'report-owner' },
          { personId: 'lena', role: 'test-lead' },
          { personId: 'otto', role: 'tester' },
          { personId: 'otto', role: 'report-owner' },
          { personId: 'dana', role: 'data-owner' },
        ],
        ...over,
      },
    ],
  });
  await test.send([start]);
  return reportId;
}

/** Carries out the steps of the flow that need nobody and no data, until there is none, as the workflows do. */
export async function advance(test: TestStore, reportId: string): Promise<void> {
  const { store, clock } = test;
  for (;;) {
    const { lobs } = await readFlow(store.db, reportId, null);
    const flows = await Promise.all(
      [null, ...lobs.map((row) => row.lob)].map((lob) => readFlow(store.db, reportId, lob)),
    );
    const steps = flows.flatMap((flow) => stepsDue(flow, clock())).filter(isAlone);
    for (const step of steps) await takeStep(test, reportId, step);
    if (steps.length === 0) return;
  }
}

function isAlone(step: FlowStep): boolean {
  return !['propose', 'name-lobs', 'mail'].includes(step.kind);
}

async function takeStep({ store, clock }: TestStore, reportId: string, step: FlowStep): Promise<void> {
  switch (step.kind) {
    case 'open':
      return openPhase(store, reportId, step.phase, step.lob, clock);
    case 'skip':
      return skipPhase(store, reportId, step.phase, step.lob, step.reason, clock);
    case 'start-lob':
      return startLob(store, reportId, step.lob, clock);
    case 'finish-lob':
      return finishLob(store, reportId, step.lob, clock);
    case 'remind':
      return remindPhase(store, reportId, step.phase, step.lob, clock);
    case 'expire':
      return expirePhase(store, reportId, step.phase, step.lob, clock);
    default:
      throw new Error(`a test does not take the step ${step.kind}`);
  }
}

const beforeSamples = ['planning', 'data-profiling', 'scoping'] as const;

/** A report whose sample selection is open: the phases before it are skipped. Divided by the column `LOB` when asked. */
export async function withReport(
  test: TestStore,
  reportId = 'report-0001',
  options: { divided?: boolean; rowCount?: number } = {},
): Promise<string> {
  const { divided = false, rowCount = 30_000 } = options;
  await startedReport(test, reportId, {
    lobs: divided ? lobColumn : { kind: 'none' },
    skips: beforeSamples.map((phase) => ({ phase, reason: 'not part of this test' })),
  });
  await advance(test, reportId);
  await namedLobs(test, reportId, { divided, rowCount });
  return reportId;
}

/** Names the lines of business as the activity does, and goes on. */
export async function namedLobs(
  test: TestStore,
  reportId: string,
  { divided = true, rowCount = 30_000 }: { divided?: boolean; rowCount?: number } = {},
): Promise<void> {
  const lobs = divided
    ? testLobs.map((lob) => ({ lob, rows: rowCount / testLobs.length }))
    : [{ lob: wholeReportLob, rows: rowCount }];
  await nameLobs(test.store, reportId, { lobs }, test.clock);
  await advance(test, reportId);
}

/** A report, divided by LOB, in which just this phase is open: opened out of its turn, as only a test can. */
export async function withOpen(
  test: TestStore,
  phase: PhaseSlug,
  options: { reportId?: string; lob?: string } = {},
): Promise<{ reportId: string; lob: string | null }> {
  const { reportId = 'report-0001' } = options;
  const lob = phaseOf(phase).scope === 'lob' ? (options.lob ?? testLobs[0]) : null;
  await startedReport(test, reportId, { lobs: lobColumn });
  const lobs = testLobs.map((name) => ({ lob: name, rows: 10_000 }));
  await nameLobs(test.store, reportId, { lobs }, test.clock);
  if (lob !== null) await startLob(test.store, reportId, lob, test.clock);
  await openPhase(test.store, reportId, phase, lob, test.clock);
  return { reportId, lob };
}

/** Items as a maker proposes them. */
export type ProposedItem = { itemKey: string; body: ItemBody };

/** A body that an item of a phase may have; `changes` are laid over it. */
export function proposedItem(phase: PhaseSlug, itemKey: string, changes: ItemBody = {}): ProposedItem {
  const bodies: Partial<Record<PhaseSlug, ItemBody>> = {
    planning: {
      ...{ attribute: itemKey, type: 'integer', mandatory: true, key: false },
      ...{ criticalDataElement: false, description: '' },
    },
    'data-profiling': {
      ...{ kind: 'completeness', attribute: itemKey, otherAttribute: null, parameter: '', description: '' },
      ...{ checked: 9, passed: 9, exceptions: 0, passRate: 1, exceptionKeys: '', fault: '' },
    },
    scoping: {
      ...{ attribute: itemKey, inScope: true, risk: 'high', rationale: 'a critical data element' },
      ...{ criticalDataElement: true, exceptions: 0 },
    },
    observations: {
      ...{
        attribute: itemKey,
        lob: testLobs[0],
        title: `${itemKey} differs`,
        rating: 'high',
        text: 'Two of nine differ.',
      },
      ...{ recommendation: '', tested: 9, deviations: 2, notTestable: 0, sampleKeys: '1001, 1002' },
    },
    'test-report': { section: itemKey, title: itemKey, text: `What ${itemKey} came to.` },
  };
  const body = bodies[phase];
  if (!body) throw new Error(`nobody proposes items of ${phase}`);
  return { itemKey, body: { ...body, ...changes } };
}

const workflowOf = (reportId: string, lob: string | null, activityName: string) => ({
  workflowId: lob === null ? `report/${reportId}` : `lob/${reportId}/${lob}`,
  ...{ runId: 'run-1', stepId: 'step-1', activityName },
});

/** Proposes the draft of an open phase, as its activity does. */
export async function proposed(
  test: TestStore,
  place: { reportId: string; phase: PhaseSlug; lob: string | null },
  items: readonly ProposedItem[],
): Promise<Version> {
  const { reportId, phase, lob } = place;
  const workflow = workflowOf(reportId, lob, 'createVersion');
  const version = await proposeVersion(
    test.store,
    {
      ...{ reportId, phase, lob, workflow },
      idempotencyKey: `${workflow.workflowId}/${phase}/${lob ?? '-'}/proposal`,
      rows: items.map(({ itemKey, body }): NewItem => ({
        ...{ itemKey, content: { body }, source: { kind: 'proposed' }, origin: { kind: 'new' }, verdict: 'pending' },
      })),
    },
    test.clock,
  );
  if (!version) throw new Error(`${phase} is not open: nothing was proposed`);
  return version;
}

/** A report with the draft of one phase, which waits for its author. Items by key, or whole. */
export async function withProposed(
  test: TestStore,
  phase: PhaseSlug,
  items: readonly (string | ProposedItem)[] = ['A', 'B', 'C'],
  options: { reportId?: string; lob?: string } = {},
): Promise<{ reportId: string; lob: string | null; version: Version }> {
  const { reportId, lob } = await withOpen(test, phase, options);
  const whole = items.map((item) => (typeof item === 'string' ? proposedItem(phase, item) : item));
  return { reportId, lob, version: await proposed(test, { reportId, phase, lob }, whole) };
}

/** The newest version of the line that a version is of. */
export async function newestOf(
  test: TestStore,
  version: Pick<Version, 'reportId' | 'phase' | 'lob'>,
): Promise<Version> {
  const row = await test.store.db
    .selectFrom('versions')
    .select('version_id')
    .where('report_id', '=', version.reportId)
    .where('phase', '=', version.phase)
    .where('lob', '=', version.lob ?? '')
    .orderBy('number', 'desc')
    .executeTakeFirstOrThrow();
  const newest = await readVersion(test.store.db, row.version_id);
  if (!newest) throw new Error('the newest version is gone');
  return newest;
}

/** An edit of fields, bound to what the version has. */
export async function edited(test: TestStore, version: Version, itemKey: string, fields: ItemBody): Promise<Edit> {
  const [bound] = await boundTo(test, version.versionId, [[itemKey, approve]]);
  return { edit: 'set', itemKey, contentHash: bound?.contentHash ?? '', fields: { ...fields } };
}

/** Hands a version in, with edits or as it is, and makes what follows; answers with the newest version of the line. */
export async function handedIn(
  test: TestStore,
  version: Version,
  edits: readonly Edit[] = [],
  options: { by?: Laptop; note?: string } = {},
): Promise<Version> {
  const { reportId, versionId } = version;
  const { by = test.laptops.tara, note = '' } = options;
  const body = { kind: 'version.submit' as const, reportId, versionId, edits: [...edits], note };
  const answer = await test.send([by.operation(body)]);
  await carryOut(test, answer.followUps);
  return newestOf(test, version);
}

/** Answers the rejections of a version and makes the next one; answers with the newest version of the line. */
export async function answered(
  test: TestStore,
  version: Version,
  answers: readonly Answer[],
  by: Laptop = test.laptops.tara,
): Promise<Version> {
  const { reportId, versionId } = version;
  const body = { kind: 'revision.submit' as const, reportId, versionId, answers: [...answers], note: '' };
  const answer = await test.send([by.operation(body)]);
  await carryOut(test, answer.followUps);
  return newestOf(test, version);
}

/** Carries out follow-ups that need no population, as the activities do; those that do are left. */
export async function carryOut(test: TestStore, followUps: readonly FollowUp[]): Promise<void> {
  const { store, clock } = test;
  for (const work of followUps) {
    if (work.kind === 'settle-review') {
      const { operationId, reportId, versionId, verdict, lob } = work;
      const workflow = workflowOf(reportId, lob, 'approveVersion');
      const idempotencyKey = `${workflow.workflowId}/settle/${operationId}`;
      await settleReview(store, { idempotencyKey, operationId, reportId, versionId, verdict, workflow }, clock);
    } else if (work.kind === 'complete-phase') {
      const { operationId, reportId, phase, lob } = work;
      const workflow = workflowOf(reportId, lob, 'createVersion');
      const idempotencyKey = `${workflow.workflowId}/complete/${operationId}`;
      await completeRecords(store, { idempotencyKey, operationId, reportId, phase, lob, workflow }, clock);
    } else if (work.kind === 'make-version') {
      await makeNext(test, work);
    }
  }
}

async function makeNext({ store, clock }: TestStore, work: Extract<FollowUp, { kind: 'make-version' }>): Promise<void> {
  const { operationId, reportId, versionId, lob } = work;
  const { version, items, change, actorId } = await makingInput(store, operationId, versionId);
  const planned = planNextVersion(version, items, change, actorId);
  if (!planned.ok) throw new Error(planned.reason.message);
  const rows = planned.items.map(({ itemKey, body, source, origin, verdict }): NewItem => ({
    ...{ itemKey, content: { body }, source, origin, verdict },
  }));
  const workflow = workflowOf(reportId, lob, 'createVersion');
  const idempotencyKey = `${workflow.workflowId}/make/${operationId}`;
  await makeVersion(store, { idempotencyKey, operationId, reportId, versionId, rows, workflow }, clock);
}

/** Puts records where only operations put them, for tests that are about something else. */
export async function recorded(
  test: TestStore,
  place: { reportId: string; phase: AuditPhase; lob: string | null },
  records: readonly { recordKey: string; body: ItemBody }[],
  by: TestPerson = 'tara',
): Promise<void> {
  await write(test.store, test.clock(), async (writing) => {
    const cause = { actorId: by, operationId: randomUUID(), decidedAt: writing.at, receivedAt: writing.at };
    await appendRecords(
      writing,
      place,
      cause,
      records.map((record) => ({ ...record, reason: '' })),
    );
  });
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

/** Imports a population: its state is told, no file is read. Without effect when the report has it. */
export async function withPopulation(
  test: TestStore,
  reportId: string,
  options: { rowCount?: number; by?: Laptop } = {},
): Promise<void> {
  const { rowCount = 30_000, by = test.laptops.tara } = options;
  const populationHash = testPopulationHash;
  const known = await readPopulation(test.store.db, reportId, populationHash);
  if (known?.population.state.kind === 'ready') return;
  const handedOver = by.operation({
    kind: 'population.import',
    reportId,
    fileHash: populationHash,
    fileSize: 1_000,
    fileName: 'accounts.csv',
    keyColumn: 'ID',
  });
  await test.send([handedOver]);
  const { operationId } = handedOver.operation;
  const state = readyPopulation(rowCount);
  await recordPopulation(test.store, { operationId, reportId, populationHash, state }, test.clock);
}

/** Imports a population and records tara's plan; answers with the plan's id. */
export async function withPlan(
  test: TestStore,
  reportId: string,
  options: {
    rowCount?: number;
    by?: Laptop;
    planId?: string;
    sampleSize?: number | null;
    lobColumn?: string | null;
    lob?: string | null;
  } = {},
): Promise<string> {
  const { by = test.laptops.tara, planId = `plan-${randomUUID()}`, sampleSize = null } = options;
  const { lob = null, lobColumn: column = null } = options;
  await withPopulation(test, reportId, options);
  const populationHash = testPopulationHash;
  const request = {
    populationHash,
    keyColumn: 'ID',
    lobColumn: column,
    lob,
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

const workflow = { runId: 'run-1', stepId: 'step-1', activityName: 'createSampleSelectionVersion' };

/** Draws a recorded plan into a version, as the activity does after the operation. */
export async function drawn(
  test: TestStore,
  reportId: string,
  planId: string,
  options: { rows?: NewItem[]; by?: Laptop; redrawReason?: string | null } = {},
): Promise<Version> {
  const { rows = drawnRows(59), by = test.laptops.tara, redrawReason = null } = options;
  const draw = by.operation({ kind: 'sample.draw', reportId, planId, redrawReason, targeted: [] });
  await test.send([draw]);
  const version = await createSampleVersion(
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
  if (!version) throw new Error('the sample was not drawn');
  return version;
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

/**
 * Decides items, submits the review of a version as its owner and carries it out. The keys of `rejected` are rejected, all others
 * approved; what is disputed is left alone.
 */
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
    .select(['items.item_key', 'verdict', 'origin_text'])
    .where('items.version_id', '=', versionId)
    .execute();
  const disputed = items.filter(
    (item) => item.verdict === 'rejected' && item.origin_text.includes('"disputed"'),
  ).length;
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
    seen: { approved: items.length - rejectedCount - disputed, rejected: rejectedCount + disputed, pending: 0 },
  });
  const answer = await test.send(decisions.length === 0 ? [submit] : [record, submit]);
  await carryOut(test, answer.followUps);
  return answer;
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
  let position = Math.max(0, ...input.used.flatMap((used) => used.drawPositions));
  const rows = planned.steps.map((step): NewItem => {
    if (step.kind === 'item') {
      const { itemKey, source, origin, verdict, contentHash } = step;
      return { itemKey, source, origin, verdict, content: { contentHash } };
    }
    position += 1;
    const [row] = drawnRows(1, position);
    if (!row) throw new Error('no row was made');
    return { ...row, origin: step.origin };
  });
  const made = await createRevision(
    test.store,
    {
      idempotencyKey: `report/${reportId}/sample-selection/-/revision/${operationId}`,
      operationId,
      reportId,
      versionId,
      rows,
      workflow: { ...workflow, workflowId: `report/${reportId}`, activityName: 'createSampleRevision' },
    },
    test.clock,
  );
  if (!made) throw new Error('the revision was not made');
  return made;
}
