// A worker on the run's real server with its own data folder and task queue, and people whose laptops speak to it.
// It knows no screen: it is what a gateway does, without one.
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { inject } from 'vitest';
import { signals, workflowIdOf, workflowTypes } from '../../domain/change.ts';
import type {
  Change,
  ContentsAnswer,
  FeedName,
  PhaseState,
  PullAnswer,
  Report,
  SignedEnrolment,
  SignedPull,
  SignedRevive,
  UploadAnswer,
} from '../../domain/change.ts';
import { targetOf } from '../../domain/operation.ts';
import type { OperationBody, Receipt, SignedOperation } from '../../domain/operation.ts';
import { practicePeople } from '../../domain/people.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version, VersionItem } from '../../domain/version.ts';
import { newestVersion } from '../../domain/workflow-version.ts';
import { keptWorkflowBundle } from '../../worker/bundle.ts';
import { dataConverter } from '../../worker/data-converter.ts';
import { makeLaptop } from '../builders.ts';
import type { Laptop as Signer } from '../builders.ts';
import { startWorker } from '../../worker/run-worker.ts';
import type { StartOptions } from '../../worker/run-worker.ts';
import type { WorkerSettings } from '../../worker/config.ts';
import { openStore } from '../../worker/store/store.ts';
import type { Store } from '../../worker/store/store.ts';

export type HistoryEvent = NonNullable<History['events']>[number];

/** Asks again until the answer is there; a test's own time limit ends it. */
export async function until<Answer>(ask: () => Promise<Answer | null | undefined | false>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** One person's laptop: it signs (as `makeLaptop` does), sends and pulls. */
export class Laptop {
  readonly #world: World;
  readonly #signer: Signer;
  readonly cursors: Record<string, number> = {};
  readonly changes: { feed: FeedName; change: Change }[] = [];

  constructor(world: World, personId: string) {
    this.#world = world;
    this.#signer = makeLaptop(personId);
  }

  get deviceId(): string {
    return this.#signer.deviceId;
  }

  get publicKey(): string {
    return this.#signer.publicKey;
  }

  enrolment(): SignedEnrolment {
    return this.#signer.enrolment();
  }

  startEnrolment() {
    return this.#world.client.workflow.start(workflowTypes.device, {
      workflowId: workflowIdOf({ kind: 'device', id: this.deviceId }),
      taskQueue: this.#world.taskQueue,
      workflowIdConflictPolicy: 'USE_EXISTING',
      args: [{ deviceId: this.deviceId, enrolment: this.enrolment() }],
    });
  }

  async enrol(): Promise<this> {
    await (await this.startEnrolment()).result();
    return this;
  }

  operation(body: OperationBody): SignedOperation {
    return this.#signer.operation(body);
  }

  async do(body: OperationBody): Promise<SignedOperation> {
    const operation = this.operation(body);
    await this.#world.send(body, [operation]);
    return operation;
  }

  /** Sends and waits for the receipt by pulling, as a laptop does. */
  async settled(body: OperationBody): Promise<Receipt> {
    const { operation } = await this.do(body);
    return this.receipt(operation.operationId);
  }

  async receipt(operationId: string): Promise<Receipt> {
    const change = await this.seen((entry) => entry.kind === 'receipt' && entry.receipt.operationId === operationId);
    if (change.kind !== 'receipt') throw new Error('no receipt');
    return change.receipt;
  }

  /** The newest change that fits, pulling until there is one. */
  async seen(fits: (change: Change) => boolean): Promise<Change> {
    for (;;) {
      const found = this.changes.findLast(({ change }) => fits(change));
      if (found) return found.change;
      await this.pull(10_000);
    }
  }

  /** The newest version of a line that fits, pulling until there is one. */
  async version(place: Place, fits: (version: Version) => boolean): Promise<Version> {
    const change = await this.seen(
      (each) => each.kind === 'version' && isAt(place, each.version) && fits(each.version),
    );
    if (change.kind !== 'version') throw new Error('no version');
    return change.version;
  }

  /** The report's header as soon as it is so, pulling until it is. */
  async report(reportId: string, is: (report: Report) => boolean): Promise<Report> {
    for (;;) {
      const last = this.changes.findLast(
        ({ change }) => change.kind === 'report' && change.report.reportId === reportId,
      );
      if (last?.change.kind === 'report' && is(last.change.report)) return last.change.report;
      await this.pull(10_000);
    }
  }

  /** Where a phase stands as soon as it is so, pulling until it is. */
  async phase({ reportId, phase, lob }: Place, is: (line: PhaseState) => boolean): Promise<PhaseState> {
    const lineOf = (report: Report) => report.phases.find((line) => line.phase === phase && line.lob === lob);
    const report = await this.report(reportId, (each) => {
      const line = lineOf(each);
      return line !== undefined && is(line);
    });
    const line = lineOf(report);
    if (!line) throw new Error(`no phase ${phase}`);
    return line;
  }

  signedPull(waitMs: number): SignedPull {
    return this.#signer.pull({ ...this.cursors }, { waitMs });
  }

  signedRevive(reportId: string | null): SignedRevive {
    return this.#signer.revive(reportId);
  }

  startPull(waitMs: number) {
    return this.#world.start<PullAnswer>(workflowTypes.pullChanges, this.signedPull(waitMs));
  }

  async pull(waitMs: number): Promise<PullAnswer> {
    const handle = await this.startPull(waitMs);
    const answer = await handle.result();
    if (answer.kind === 'refused') throw new Error(`${answer.code}: ${answer.message}`);
    for (const { feed, rows, cursor } of answer.feeds) {
      this.cursors[feed] = cursor;
      this.changes.push(...rows.map(({ change }) => ({ feed, change })));
    }
    return answer;
  }

  async contents(versionId: string): Promise<Omit<VersionItem, 'versionId'>[]> {
    const items: Omit<VersionItem, 'versionId'>[] = [];
    for (let fromPosition: number | null = 0; fromPosition !== null;) {
      const signed = this.#signer.contents(versionId, { fromPosition });
      const handle = await this.#world.start<ContentsAnswer>(workflowTypes.pullContents, signed);
      const answer: ContentsAnswer = await handle.result();
      if (answer.kind === 'refused') throw new Error(`${answer.code}: ${answer.message}`);
      items.push(...answer.items);
      fromPosition = answer.nextPosition;
    }
    return items;
  }

  /** Hands a file over by path and waits until the store has it. */
  async handOver(reportId: string, text: string): Promise<{ fileHash: string; fileSize: number }> {
    const fileHash = createHash('sha256').update(text).digest('hex');
    const fileSize = Buffer.byteLength(text);
    const path = join(this.#world.handoverDir, fileHash);
    writeFileSync(path, text);
    const signed = this.#signer.upload({ reportId, fileHash, fileSize, part: { kind: 'path', path } });
    const handle = await this.#world.start<UploadAnswer>(workflowTypes.putContent, signed);
    const answer = (await handle.result()) as { kind: string };
    if (answer.kind !== 'received') throw new Error(JSON.stringify(answer));
    return { fileHash, fileSize };
  }
}

/** A phase of a report, or of one of its lines of business. */
export interface Place {
  reportId: string;
  phase: PhaseSlug;
  lob: string | null;
}

function isAt(place: Place, version: Version): boolean {
  return version.reportId === place.reportId && version.phase === place.phase && version.lob === place.lob;
}

export interface WorldOptions {
  /** Practice people come in at once by default, as in solo mode. */
  enrolAtOnce?: boolean;
  people?: WorkerSettings['people'];
  mail?: WorkerSettings['mail'];
  model?: WorkerSettings['model'];
  beginsAs?: WorkerSettings['beginsAs'];
  /** Faults around the activities, and shorter waits between their attempts. */
  activities?: StartOptions['activities'];
  retryBaseMs?: number;
  /** Another server than the run's one, another queue than one's own, and no worker: for the worker as a program. */
  address?: string;
  taskQueue?: string;
  worker?: boolean;
}

/** As the laptop's gateway has it: a worker that was killed in such a task holds nobody up for the usual 10 s. */
export const workflowTaskTimeout = '2s';

/** Folder, queue and connection of one test's worker. The worker itself is started and stopped by the test. */
export class World {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'countersign-worker-'));
  readonly handoverDir = join(this.dataDir, 'incoming');
  readonly taskQueue: string;
  readonly #address: string;
  readonly logLines: string[] = [];
  readonly client: Client;
  readonly #connection: Connection;
  readonly #options: WorldOptions;
  #running: { stop(): Promise<void> } | null = null;

  private constructor(connection: Connection, address: string, options: WorldOptions) {
    this.#connection = connection;
    this.#address = address;
    this.taskQueue = options.taskQueue ?? `test-${randomUUID()}`;
    this.#options = options;
    this.client = new Client({ connection, dataConverter });
    mkdirSync(this.handoverDir);
  }

  static async open(options: WorldOptions = {}): Promise<World> {
    const address = options.address ?? inject('temporalAddress');
    const world = new World(await Connection.connect({ address }), address, options);
    if (options.worker ?? true) await world.startWorker();
    return world;
  }

  settings(): WorkerSettings {
    return {
      connection: { address: this.#address },
      namespace: 'default',
      dataDir: join(this.dataDir, 'worker'),
      handoverDir: this.handoverDir,
      people: this.#options.people ?? { people: practicePeople.map((person) => ({ ...person })) },
      enrolAtOnce: this.#options.enrolAtOnce ?? true,
      model: this.#options.model ?? null,
      mail: this.#options.mail ?? null,
      workflowBundleFile: null,
      beginsAs: this.#options.beginsAs ?? newestVersion,
    };
  }

  async startWorker(): Promise<void> {
    const stopping = new AbortController();
    const log = (line: string) => void this.logLines.push(line);
    const { activities, retryBaseMs } = this.#options;
    const faults = { retryBaseMs, ...(activities ? { activities } : {}) };
    const options = { log, stopping: stopping.signal, taskQueue: this.taskQueue, ...faults };
    const worker = await startWorker(this.settings(), options);
    this.#running = {
      async stop() {
        stopping.abort();
        await worker.finished;
      },
    };
  }

  async stopWorker(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  laptop(personId: string): Promise<Laptop> {
    return new Laptop(this, personId).enrol();
  }

  /** Sends anything to the workflow of a body, started where laptops start it. */
  async send(body: OperationBody, operations: unknown[]): Promise<void> {
    const target = targetOf(body);
    const workflowId = workflowIdOf(target);
    if (target.kind === 'report') {
      await this.client.workflow.getHandle(workflowId).signal(signals.submit, { operations });
      return;
    }
    await this.client.workflow.signalWithStart(workflowTypes[target.kind], {
      workflowId,
      taskQueue: this.taskQueue,
      args: [{}],
      signal: signals.submit,
      signalArgs: [{ operations }],
    });
  }

  start<Answer>(type: string, argument: unknown) {
    return this.client.workflow.start<(argument: unknown) => Promise<Answer>>(type, {
      workflowId: `${type}/${randomUUID()}`,
      taskQueue: this.taskQueue,
      workflowTaskTimeout,
      args: [argument],
    });
  }

  report(reportId: string) {
    return this.client.workflow.getHandle(workflowIdOf({ kind: 'report', id: reportId }));
  }

  /** Asks the worker's store beside it. */
  async inStore<Answer>(ask: (store: Store) => Promise<Answer>): Promise<Answer> {
    const store = await openStore({ file: join(this.settings().dataDir, 'store.db') });
    try {
      return await ask(store);
    } finally {
      await store.close();
    }
  }

  /** Also replays what ran here: whatever a workflow did has to come again from its history, or no restart of a worker would survive it. */
  async close(): Promise<void> {
    await this.stopWorker();
    const unlike = await this.#unlike();
    await this.#connection.close();
    rmSync(this.dataDir, { recursive: true, force: true });
    if (unlike.length > 0) throw new Error(`these do not replay:\n${unlike.join('\n')}`);
  }

  /** Every run of the long-lived workflows that this world's worker had, once it did something: another could not be replayed to an end. */
  async *histories(): AsyncGenerator<{ workflowId: string; history: History }> {
    const types = [workflowTypes.cycle, workflowTypes.report, workflowTypes.lob].map((type) => `'${type}'`).join(', ');
    const query = `TaskQueue = '${this.taskQueue}' AND WorkflowType IN (${types})`;
    for await (const run of this.client.workflow.list({ query }).intoHistories()) {
      const history = run.history as History;
      if (history.events?.some((event) => event.workflowTaskCompletedEventAttributes)) yield { ...run, history };
    }
  }

  /** The workflows whose histories do not replay, each with the reason. */
  async #unlike(): Promise<string[]> {
    const options = { workflowBundle: { codePath: await keptWorkflowBundle() }, dataConverter };
    const unlike: string[] = [];
    for await (const { workflowId, error } of Worker.runReplayHistories(options, this.histories())) {
      if (error) unlike.push(`${workflowId}: ${error.message}`);
    }
    return unlike;
  }
}

/** A small population: ID and AMOUNT, as CSV text. */
export function populationCsv(rows: number): string {
  const lines = Array.from({ length: rows }, (_, index) => `${index + 1},${(index * 37) % 1_000}`);
  return ['ID,AMOUNT', ...lines, ''].join('\n');
}

/** The people of a report that has begun. */
export interface Begun {
  reportId: string;
  mara: Laptop;
  tara: Laptop;
  olga: Laptop;
}

type ReportStart = Extract<OperationBody, { kind: 'cycle.start' }>['reports'][number];

/** A report as `cycle.start` takes it: practice people, everything else as `more` says. */
export function reportStart(reportId: string, more: Partial<ReportStart> = {}): ReportStart {
  const assignments = [
    { personId: 'mara', role: 'test-manager' as const },
    { personId: 'tara', role: 'tester' as const },
    { personId: 'olga', role: 'report-owner' as const },
  ];
  return { reportId, name: 'Cards', lobs: null, skips: [], deadlines: [], assignments, dueAt: null, ...more };
}

/** Leaves out what comes before samples and beside them. */
export const samplesOnly: ReportStart['skips'] = (
  ['planning', 'data-profiling', 'scoping', 'data-owner-id'] as const
).map((phase) => ({ phase, reason: 'this test is about samples' }));

/** A cycle with one report, started by its test manager. */
export async function beginReport(
  world: World,
  reportId: string = randomUUID(),
  more: Partial<ReportStart> = { skips: samplesOnly },
): Promise<Begun> {
  const [mara, tara, olga] = await Promise.all([world.laptop('mara'), world.laptop('tara'), world.laptop('olga')]);
  const reports = [reportStart(reportId, more)];
  const started = await mara.settled({ kind: 'cycle.start', cycleId: randomUUID(), name: 'Autumn', reports });
  if (started.state !== 'applied') throw new Error(JSON.stringify(started.reason));
  await until(async () => (await describes(world, reportId)) ?? null);
  return { reportId, mara, tara, olga };
}

async function describes(world: World, reportId: string) {
  try {
    return await world.report(reportId).describe();
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return null;
    throw error;
  }
}

/** Imports a population and draws version 1 of its sample. Answers the version's id and the plan's. */
export async function drawFirst({ reportId, tara }: Begun, rows = 200): Promise<{ versionId: string; planId: string }> {
  const { fileHash, fileSize } = await tara.handOver(reportId, populationCsv(rows));
  const fileName = 'population.csv';
  await tara.settled({ kind: 'population.import', reportId, fileHash, fileSize, fileName, keyColumn: 'ID' });
  const isReady = (change: Change) =>
    change.kind === 'population' && change.population.reportId === reportId && change.population.state.kind === 'ready';
  await tara.seen(isReady);
  await tara.phase({ reportId, phase: 'sample-selection', lob: null }, (line) => line.state === 'in-work');
  const planId = randomUUID();
  const request = {
    populationHash: fileHash,
    keyColumn: 'ID',
    ...{ lobColumn: null, lob: null },
    ...{ risk: 0.05, tolerable: 0.05, expected: 0 },
    sampleSize: null,
    seed: '20261120',
    seedOrigin: 'given' as const,
  };
  const planned = await tara.settled({ kind: 'sample.plan', reportId, planId, request });
  if (planned.state !== 'applied') throw new Error(JSON.stringify(planned.reason));
  await tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] });
  const change = await tara.seen(
    (entry) => entry.kind === 'version' && entry.version.reportId === reportId && entry.version.number === 1,
  );
  if (change.kind !== 'version') throw new Error('no version');
  return { versionId: change.version.versionId, planId };
}

/** Decides items of a version as a reviewer who saw them pending. */
export async function decide(
  laptop: Laptop,
  reportId: string,
  versionId: string,
  items: readonly Pick<VersionItem, 'itemKey' | 'contentHash'>[],
  decision: { verdict: 'approved' | 'rejected'; reasonCode: 'duplicate' | 'voided' | null },
): Promise<Receipt> {
  const decisions = items.map(({ itemKey, contentHash }) => ({
    itemKey,
    contentHash,
    seenVerdict: 'pending' as const,
    decision: { ...decision, note: '' },
  }));
  return laptop.settled({ kind: 'decisions.record', reportId, versionId, decisions });
}
