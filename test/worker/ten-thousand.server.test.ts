// Ten thousand operations on one report: its workflow goes on in new runs with its whole state, nothing is lost or applied twice, and
// nothing large stands in any history. COUNTERSIGN_RUN_SIGNALS says after how many signals a run ends (0: the application's limits).
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries, reportFeed, signals, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import { bytesPerBatch } from '../../domain/operation.ts';
import type { OperationBody } from '../../domain/operation.ts';
import type { ReceiptNote, ReportProgress } from '../../domain/report-progress.ts';
import { readReportState } from '../../worker/store/report-state.ts';
import { openStore } from '../../worker/store/store.ts';
import type { Store } from '../../worker/store/store.ts';
import { readLedger } from '../../worker/store/writing.ts';
import type { ReportInput, ReportState } from '../../worker/workflows/report-workflow.ts';
import { applied, beginCycle, importRows, isIn, skipping } from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { payloadsOf } from './history-payloads.ts';
import type { HistoryPayload } from './history-payloads.ts';
import { until, World } from './worker-world.ts';
import type { Laptop } from './worker-world.ts';

const runSignals = Number(process.env['COUNTERSIGN_RUN_SIGNALS'] ?? 250);
const limits = runSignals > 0 ? { signals: runSignals, events: 8_000 } : null;
const share = { olga: 4_000, tara: 3_000, mara: 3_000 } as const;
const total = 10_000;
/** Of each laptop, without a receipt. Fewer than a hundred in all: the server fails a task during which more signals arrive. */
const onTheirWay = runSignals > 0 ? Math.min(30, Math.ceil(runSignals / 10)) : 30;
/** After so long without a receipt an operation is lost. */
const answerLimitMs = 60_000;
/** Of the population's rows: this text may stand in no payload. */
const rowMark = 'only-in-the-row';

/** One run of the report's workflow, as its history tells it. */
interface Run {
  events: number;
  bytes: number;
  payloads: HistoryPayload[];
  /** What it was begun with; null for the first one. */
  carried: ReportState | null;
  /** Operations that came by its signals. */
  brought: number;
}

let world: World;
let cycle: Cycle;
let store: Store;
let versionId: string;
/** Ids of the operations of each laptop, in the order in which it sent them. */
let sent: Record<keyof typeof share, string[]>;
let progress: ReportProgress;
let receipts: ReceiptNote[];
let ledger: LedgerEntry[];
/** Oldest first. */
let runs: Run[];

beforeAll(async () => {
  world = await World.open();
  cycle = await beginInRuns();
  store = await openStore({ file: join(world.dataDir, 'worker', 'store.db') });
  ({ versionId } = await drawMarked());
  const startedMs = performance.now();
  sent = await sendAll();
  const sentMs = performance.now();
  progress = await until(async () => {
    const now = await report().query<ReportProgress>(queries.progress);
    return now.waiting === 0 && now.work.length === 0 ? now : null;
  });
  const restMs = performance.now();
  receipts = await report().query<ReceiptNote[]>(queries.receipts);
  ledger = await readLedger(store, cycle.reportId);
  runs = await allRuns();
  tell({ operations: sentMs - startedMs, 'coming to rest': restMs - sentMs, histories: performance.now() - restMs });
}, 900_000);
afterAll(async () => {
  await store?.close();
  await world?.close();
});

const report = () => world.report(cycle.reportId);

/** A report whose runs end as this test wants it, begun before its cycle is: the cycle finds it running. */
async function beginInRuns(): Promise<Cycle> {
  const reportId = randomUUID();
  await world.client.workflow.start(workflowTypes.report, {
    workflowId: workflowIdOf({ kind: 'report', id: reportId }),
    taskQueue: world.taskQueue,
    args: [{ limits } satisfies ReportInput],
  });
  return beginCycle(world, { reportId, skips: skipping('planning', 'data-profiling', 'scoping') });
}

/** A sample whose rows carry the mark, waiting for olga's decisions; data owners can be named beside it. */
async function drawMarked(): Promise<{ versionId: string }> {
  const { reportId, tara, olga } = cycle;
  const rows = Array.from(
    { length: 2_000 },
    (_, index) => `${index + 1},${(index * 37) % 1_000},${rowMark}-${index + 1}`,
  );
  const populationHash = await importRows(cycle, ['ID,AMOUNT,REMARK', ...rows, ''].join('\n'));
  const place = { reportId, phase: 'sample-selection' as const, lob: null };
  await tara.phase(place, isIn('in-work'));
  const planId = randomUUID();
  const request = {
    ...{ populationHash, keyColumn: 'ID', lobColumn: null, lob: null },
    ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null },
    ...{ seed: '20261120', seedOrigin: 'given' as const },
  };
  await applied(tara.settled({ kind: 'sample.plan', reportId, planId, request }));
  await applied(tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] }));
  const version = await olga.version(place, (each) => each.status === 'pending');
  await tara.phase({ ...place, phase: 'data-owner-id' }, isIn('in-work'));
  return version;
}

/** Three people at once: olga decides the samples again and again, tara names data owners, mara assigns and takes back. */
async function sendAll(): Promise<typeof sent> {
  const { reportId, olga, tara, mara } = cycle;
  const items = await olga.contents(versionId);
  const verdictOf = (index: number) => (Math.floor(index / items.length) % 2 === 0 ? 'approved' : 'rejected');
  const decide = (index: number): OperationBody => {
    const { itemKey = '', contentHash = '' } = items[index % items.length] ?? {};
    const verdict = verdictOf(index);
    const seenVerdict = index < items.length ? 'pending' : verdictOf(index - items.length);
    const decision = { verdict, reasonCode: verdict === 'rejected' ? ('duplicate' as const) : null, note: '' } as const;
    const decisions = [{ itemKey, contentHash, seenVerdict, decision } as const];
    return { kind: 'decisions.record', reportId, versionId, decisions };
  };
  const nameOwner = (index: number): OperationBody => {
    const [attribute, seenRevision] = [index % 2 === 0 ? 'AMOUNT' : 'REMARK', Math.floor(index / 2)];
    const reason = seenRevision === 0 ? '' : `change ${seenRevision}`;
    const assignment = { lob: 'Whole report', attribute, dataOwnerId: 'dana', seenRevision, reason };
    return { kind: 'owner.assign', reportId, assignments: [assignment] };
  };
  const assign = (index: number): OperationBody => ({
    ...{ kind: 'assignment.set', reportId, personId: 'tom', role: 'tester' },
    assigned: index % 2 === 1,
  });
  const [olgas, taras, maras] = await Promise.all([
    send(olga, share.olga, decide),
    send(tara, share.tara, nameOwner),
    send(mara, share.mara, assign),
  ]);
  return { olga: olgas, tara: taras, mara: maras };
}

/** Each operation in a signal of its own, as a laptop sends that is online; done when the last one was applied. */
async function send(laptop: Laptop, count: number, body: (index: number) => OperationBody): Promise<string[]> {
  const ids: string[] = [];
  let [last, answered] = [0, 0];
  for (let index = 0; index < count; index += 1) {
    const signed = laptop.operation(body(index));
    last = signed.operation.sequence;
    if (last - answered > onTheirWay) answered = await appliedUpTo(laptop, last - onTheirWay);
    await until(() => isTaken(signed));
    ids.push(signed.operation.operationId);
  }
  await appliedUpTo(laptop, last);
  return ids;
}

/** The last of a laptop's operations that the store applied, once it is this one or a later one. */
async function appliedUpTo({ deviceId }: Laptop, wanted: number): Promise<number> {
  const endsAtMs = Date.now() + answerLimitMs;
  return until(async () => {
    const device = store.db.selectFrom('devices').select('operation_sequence').where('device_id', '=', deviceId);
    const { operation_sequence: sequence } = await device.executeTakeFirstOrThrow();
    if (sequence < wanted && Date.now() > endsAtMs) throw new Error(`operation ${wanted} of ${deviceId} got lost`);
    return sequence >= wanted && sequence;
  });
}

/** False when the run is closing at this moment (code 8): the next one takes the signal. */
async function isTaken(operation: unknown): Promise<boolean> {
  try {
    await report().signal(signals.submit, { operations: [operation] });
    return true;
  } catch (error) {
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      if ((cause as { code?: number }).code === 8) return false;
    }
    throw error;
  }
}

async function allRuns(): Promise<Run[]> {
  const found: Run[] = [];
  const { workflowId } = report();
  for (let runId = (await report().describe()).runId; runId !== '';) {
    const handle = world.client.workflow.getHandle(workflowId, runId);
    const [{ historySize }, history] = await Promise.all([handle.describe(), handle.fetchHistory()]);
    const payloads = await payloadsOf(history);
    found.unshift({
      ...{ events: history.events?.length ?? 0, bytes: historySize ?? 0, payloads },
      ...{ carried: carriedBy(payloads), brought: broughtBy(payloads) },
    });
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId ?? '';
  }
  return found;
}

function carriedBy(payloads: readonly HistoryPayload[]): ReportState | null {
  const [input] = payloads.filter(({ path }) => path.startsWith('workflowExecutionStartedEventAttributes.input.'));
  return input ? ((JSON.parse(input.text) as ReportInput).carried ?? null) : null;
}

function broughtBy(payloads: readonly HistoryPayload[]): number {
  const batches = payloads.filter(({ name }) => name === signals.submit);
  const sizes = batches.map(({ text }) => (JSON.parse(text) as { operations: unknown[] }).operations.length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0);
const most = (numbers: readonly number[]): number => Math.max(...numbers);
const allPayloads = (): HistoryPayload[] => runs.flatMap(({ payloads }) => payloads);

function tell(ms: Record<string, number>): void {
  const seconds = Object.entries(ms).map(([what, each]) => `${what} ${(each / 1_000).toFixed(1)} s`);
  const largest = allPayloads().reduce((one, other) => (other.bytes > one.bytes ? other : one));
  const carried = runs.map((run) => run.carried?.waiting.length ?? 0);
  console.log(
    [
      `${total} operations: ${seconds.join(', ')}; ${runs.length - 1} rolls`,
      `largest run: ${most(runs.map((run) => run.events))} events, ${most(runs.map((run) => run.bytes))} bytes`,
      `most carried undrained: ${most(carried)} operations`,
      `largest payload: ${largest.bytes} bytes (${largest.text.length} unpacked), ${largest.path}`,
    ].join('\n'),
  );
}

test('every operation was applied and has one receipt, one entry in the ledger and one effect', async () => {
  const ids = Object.values(sent).flat();
  expect(new Set(ids).size).toBe(total);
  const rows = await store.db
    .selectFrom('operations')
    .select(['operation_id', 'state'])
    .where('report_id', '=', cycle.reportId)
    .execute();
  const states = new Map(rows.map((row) => [row.operation_id, row.state]));
  expect(ids.filter((id) => states.get(id) !== 'applied')).toEqual([]);

  const told = await store.db
    .selectFrom('changes')
    .select('body_text')
    .where('feed', '=', reportFeed(cycle.reportId))
    .where('kind', '=', 'receipt')
    .execute();
  const toldIds = told.map((row) => (JSON.parse(row.body_text) as { receipt: { operationId: string } }).receipt);
  expect(
    notOnce(
      ids,
      toldIds.map(({ operationId }) => operationId),
    ),
  ).toEqual([]);
  expect(
    notOnce(
      ids,
      ledger.map((entry) => entry.operationId ?? ''),
    ),
  ).toEqual([]);
  const decisions = await store.db.selectFrom('decisions').select('operation_id').execute();
  expect(
    notOnce(
      sent.olga,
      decisions.map((row) => row.operation_id),
    ),
  ).toEqual([]);
  const records = await store.db
    .selectFrom('records')
    .select('operation_id')
    .where('phase', '=', 'data-owner-id')
    .execute();
  expect(
    notOnce(
      sent.tara,
      records.map((row) => row.operation_id),
    ),
  ).toEqual([]);
});

/** Those of the ids that are not exactly once among the others. */
function notOnce(ids: readonly string[], others: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const id of others) times.set(id, (times.get(id) ?? 0) + 1);
  return ids.filter((id) => times.get(id) !== 1);
}

test('each laptop’s operations were applied in the order in which it sent them', () => {
  const place = new Map(ledger.map((entry) => [entry.operationId, entry.sequence]));
  for (const ids of Object.values(sent)) {
    const places = ids.map((id) => place.get(id) ?? 0);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  }
});

test('the ledger is one sound chain, up to the head that the workflow carries', () => {
  expect(progress.ledgerHead?.length).toBe(ledger.length);
  expect(ledgerFault(ledger, progress.ledgerHead ?? undefined)).toBeNull();
});

test('the workflow went on in new runs and knows what the store says, from the first operation on', async () => {
  const { counts, watermarks, ledgerHead } = await readReportState(store, cycle.reportId);
  expect(progress.continued).toBe(runs.length - 1);
  expect(progress.continued).toBeGreaterThanOrEqual(runSignals > 0 ? total / runSignals / 2 : 1);
  expect(progress).toMatchObject({ counts, watermarks, ledgerHead, alerts: [], waiting: 0 });
  expect(counts).toMatchObject({ refused: 0, conflict: 0, 'dead-letter': 0 });
  const last = ledger.flatMap(({ operationId }) => (operationId === null ? [] : [{ operationId, state: 'applied' }]));
  expect(receipts).toEqual(last.slice(-100));
});

test('each run begins with the whole state: what it counts and what still waits are all operations that came before it', () => {
  const [, ...later] = runs;
  for (const [index, { carried }] of later.entries()) {
    const before = sumOf(runs.slice(0, index + 1).map((run) => run.brought));
    expect(sumOf(Object.values(carried?.counts ?? {})) + (carried?.waiting.length ?? 0)).toBe(before);
    expect(carried?.continued).toBe(index + 1);
  }
});

test('no run’s history comes near the limits of the server', () => {
  expect(most(runs.map((run) => run.events))).toBeLessThan(10_240);
  expect(most(runs.map((run) => run.bytes))).toBeLessThan(16 * 1024 * 1024);
});

test('no payload is large: signals are as large as laptops make them, what travels undrained is a megabyte at most, packed', () => {
  const all = allPayloads();
  expect(most(all.filter(({ name }) => name === signals.submit).map(({ bytes }) => bytes))).toBeLessThan(bytesPerBatch);
  expect(most(all.map(({ bytes }) => bytes))).toBeLessThan(384 * 1024);
  const others = all.filter(
    ({ name, path }) => name !== signals.submit && !/(Started|AsNew)EventAttributes.input/.test(path),
  );
  expect(most(others.map(({ bytes }) => bytes))).toBeLessThan(16 * 1024);
});

test('nothing of the population’s rows stands in any payload but the keys that people decided on', async () => {
  const bodies = await store.db.selectFrom('bodies').select('body_text').execute();
  expect(bodies.filter((row) => row.body_text.includes(rowMark)).length).toBeGreaterThan(50);
  expect(allPayloads().filter(({ text }) => text.includes(rowMark))).toEqual([]);
});
