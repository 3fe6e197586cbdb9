// A report that waits for its review while its server and its worker are restarted again and again, killed or stopped: it costs nothing while
// it waits, and nothing of it is lost. 50 restarts by `npm run soak -- long-wait`.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queries, reportFeed, taskQueue } from '../../domain/change.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import type { OperationBody, Receipt } from '../../domain/operation.ts';
import type { ReportProgress } from '../../domain/report-progress.ts';
import type { VersionItem } from '../../domain/version.ts';
import type { Store } from '../../worker/store/store.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { numbers } from '../numbers.ts';
import { startTestTemporal } from '../server/temporal.ts';
import type { TestTemporal } from '../server/temporal.ts';
import { applied, isIn } from './cycle-world.ts';
import { endProgram, killPrograms, startSupervised } from './worker-program.ts';
import type { WorkerProgram } from './worker-program.ts';
import { beginReport, drawFirst, until, World } from './worker-world.ts';
import type { Begun, Laptop } from './worker-world.ts';

const restarts = Number(process.env['COUNTERSIGN_RESTARTS'] ?? 3);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);

/** The most that each adds to the report's history: several tries of a task among them, which a kill costs. */
const eventsPerOperation = 16;
const eventsOfReminder = 16;

// The program polls the usual queue, and the server is this test's to kill.
let temporal: TestTemporal;
let world: World;
let worker: WorkerProgram;
beforeAll(async () => {
  temporal = await startTestTemporal();
  world = await World.open({ address: temporal.address, taskQueue, worker: false });
  await startWorker();
});
afterAll(async () => {
  killPrograms();
  await world?.close();
  await temporal?.stop();
});

async function startWorker(): Promise<void> {
  const { address, namespace } = temporal;
  const { dataDir, handoverDir } = world.settings();
  worker = startSupervised({ address, namespace, dataDir, handoverDir: handoverDir ?? '' });
  await worker.ready;
}

type Signal = 'SIGKILL' | 'SIGTERM';
const said = { SIGKILL: 'killed', SIGTERM: 'stopped' } as const;

async function restartServer(signal: Signal): Promise<void> {
  const pid = temporal.pid();
  process.kill(pid, signal);
  await temporal.runningAgain(pid);
}

/** One restart of both. */
interface Restart {
  server: Signal;
  worker: Signal;
  /** The other one is there while it is restarted. */
  first: 'server' | 'worker';
  /** Something is sent before the worker is there again. */
  sends: boolean;
}

/** Each kind of end follows on the other; what happens together is the seed's. */
function planned(): Restart[] {
  const next = numbers(seed);
  const begin = next(2);
  const signals: readonly Signal[] = ['SIGKILL', 'SIGTERM'];
  const signal = (index: number): Signal => signals[index % 2] ?? 'SIGKILL';
  return Array.from({ length: restarts }, (_, index) => ({
    server: signal(begin + index),
    worker: signal(next(2)),
    first: next(2) === 0 ? 'server' : 'worker',
    sends: (begin + Math.floor(index / 2)) % 2 === 0,
  }));
}

type Item = Pick<VersionItem, 'itemKey' | 'contentHash'>;

/** The report of this test, and what was sent to it. */
interface Waiting extends Begun {
  versionId: string;
  open: Item[];
  sent: string[];
}

/** A version in review with a first decision, a deadline a month ahead, and a reminder in some seconds. */
async function waitingReport(): Promise<Waiting> {
  const begun = await beginReport(world);
  const { versionId } = await drawFirst(begun);
  const waiting = { ...begun, versionId, open: await begun.olga.contents(versionId), sent: [] };
  await applied(settled(waiting, begun.olga, approving(waiting)));
  const monthSeconds = 30 * 86_400;
  const dueAt = new Date(Date.now() + (monthSeconds + 6) * 1_000).toISOString();
  const place = { reportId: begun.reportId, phase: 'sample-selection' as const, lob: null };
  const deadline = { kind: 'deadline.set' as const, ...place, dueAt, remindBeforeSeconds: monthSeconds };
  await applied(settled(waiting, begun.mara, { ...deadline, reason: 'the auditors come' }));
  return waiting;
}

/** Approves so many of the open items. */
function approving(waiting: Waiting, count = 1): OperationBody {
  const { reportId, versionId } = waiting;
  const decisions = waiting.open.splice(0, count).map(({ itemKey, contentHash }) => ({
    ...{ itemKey, contentHash, seenVerdict: 'pending' as const },
    decision: { verdict: 'approved' as const, reasonCode: null, note: '' },
  }));
  return { kind: 'decisions.record', reportId, versionId, decisions };
}

/** Sends until the server has it, which may be more than once: a connection that broke says nothing of what was sent by it. */
async function send(waiting: Waiting, laptop: Laptop, body: OperationBody): Promise<string> {
  const operation = laptop.operation(body);
  const { operationId } = operation.operation;
  waiting.sent.push(operationId);
  await reached(() => world.send(body, [operation]));
  return operationId;
}

async function settled(waiting: Waiting, laptop: Laptop, body: OperationBody): Promise<Receipt> {
  return laptop.receipt(await send(waiting, laptop, body));
}

/** Asks again while the server is not reached: after its restart a connection waits for its next try. */
function reached<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  return until(async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      if (isUnreached(error)) return null;
      throw error;
    }
  }).then(({ answer }) => answer);
}

function isUnreached(error: unknown): boolean {
  const unavailable = 14;
  if (!(error instanceof Error)) return false;
  return (error as { code?: number }).code === unavailable || isUnreached(error.cause);
}

async function restart(waiting: Waiting, plan: Restart, index: number): Promise<void> {
  if (plan.first === 'server') await restartServer(plan.server);
  await endProgram(worker, plan.worker);
  if (plan.first === 'worker') await restartServer(plan.server);
  const told = plan.sends ? sentAt(waiting, index) : null;
  const operationId = told && (await send(waiting, told.laptop, told.body));
  await startWorker();
  if (operationId === null) await reached(() => waiting.mara.pull(0));
  else expect(await told?.laptop.receipt(operationId)).toMatchObject({ state: 'applied' });
  const what = `server ${said[plan.server]}, worker ${said[plan.worker]}, the ${plan.first} first`;
  console.log(`seed ${seed} restart ${index + 1} of ${restarts}: ${what}, sent ${told?.body.kind ?? 'nothing'}`);
}

/** In turn, a decision of the review and something that has nothing to do with it. */
function sentAt(waiting: Waiting, index: number): { laptop: Laptop; body: OperationBody } {
  const { reportId, mara, olga } = waiting;
  if (index % 2 === 0) return { laptop: olga, body: approving(waiting) };
  const assignment = { personId: 'tom', role: 'tester', assigned: index % 4 < 2 } as const;
  return { laptop: mara, body: { kind: 'assignment.set', reportId, ...assignment } };
}

/** Events of the report's history once no task of it is under way, and whether the reminder is among them. */
async function atRest({ reportId }: Waiting): Promise<{ events: number; reminded: boolean }> {
  const events = await until(async () => {
    const { historyLength, raw } = await reached(() => world.report(reportId).describe());
    return raw.pendingWorkflowTask ? null : historyLength;
  });
  const ledger = await world.inStore((store) => readLedger(store, reportId));
  return { events, reminded: ledger.some(({ kind }) => kind === 'phase.reminded') };
}

/** What is not exactly once among the receipts that laptops are told. */
async function notOnce({ reportId, sent }: Waiting, { db }: Store): Promise<string[]> {
  const rows = await db
    .selectFrom('changes')
    .select('body_text')
    .where('feed', '=', reportFeed(reportId))
    .where('kind', '=', 'receipt')
    .execute();
  const told = rows.map((row) => (JSON.parse(row.body_text) as { receipt: Receipt }).receipt);
  return sent.filter((id) => told.filter(({ operationId }) => operationId === id).length !== 1);
}

/** Workflows of any kind that did not end as they should, and tasks of the report's that failed. */
async function failures({ reportId }: Waiting): Promise<string[]> {
  const found: string[] = [];
  const query = `ExecutionStatus IN ('Failed', 'TimedOut', 'Terminated')`;
  for await (const { workflowId, status } of world.client.workflow.list({ query })) {
    found.push(`${workflowId}: ${status.name}`);
  }
  const { events } = await world.report(reportId).fetchHistory();
  for (const event of events ?? []) {
    const { workflowTaskFailedEventAttributes: failed } = event;
    if (failed) found.push(`task of event ${String(event.eventId)}: ${failed.failure?.message ?? ''}`);
  }
  return found;
}

test(
  `a report waits through ${restarts} restarts of server and worker, and its review is completed`,
  { timeout: 180_000 + restarts * 30_000 },
  async () => {
    const waiting = await waitingReport();
    const { reportId, olga, versionId } = waiting;
    const begin = await atRest(waiting);
    for (const [index, plan] of planned().entries()) {
      const before = await atRest(waiting);
      await restart(waiting, plan, index);
      const after = await atRest(waiting);
      // Waiting costs nothing, but for the reminder.
      const most = (plan.sends ? eventsPerOperation : 0) + (after.reminded === before.reminded ? 0 : eventsOfReminder);
      expect(after.events - before.events, `restart ${index + 1}`).toBeLessThanOrEqual(most);
    }
    const items = waiting.open.length;
    await applied(settled(waiting, olga, approving(waiting, items)));
    const seen = { approved: (await olga.contents(versionId)).length, rejected: 0, pending: 0 };
    const review = { kind: 'review.submit' as const, reportId, versionId, verdict: 'approved' as const };
    await applied(settled(waiting, olga, { ...review, note: 'it was worth the wait', seen }));
    await olga.phase({ reportId, phase: 'sample-selection', lob: null }, isIn('completed'));

    await world.inStore(async (store) => {
      const ledger = await readLedger(store, reportId);
      const { alerts, ledgerHead } = await world.report(reportId).query<ReportProgress>(queries.progress);
      expect(ledgerFault(ledger, ledgerHead ?? undefined)).toBeNull();
      expect(alerts).toEqual([]);
      expect(ledger.filter(({ kind }) => kind === 'phase.reminded')).toHaveLength(1);
      expect(await notOnce(waiting, store)).toEqual([]);
    });
    expect(await failures(waiting)).toEqual([]);
    const { events } = await atRest(waiting);
    console.log(`seed ${seed}: ${begin.events} events before, ${events} after ${waiting.sent.length} operations`);
  },
);
