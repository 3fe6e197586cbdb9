// Owns the way to the server: the only home of Temporal's client. Signals go out, pages come in; errors become data.
// Knows nothing of outbox and cache, and nothing of when to try again.
import { gunzip, gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Connection, ConnectionOptions, WorkflowHandle } from '@temporalio/client';
import { signals, taskQueue, workflowIdOf, workflowTypes } from '../../../domain/change.ts';
import type {
  ContentsAnswer,
  PullAnswer,
  ReviveAnswer,
  SignedContents,
  SignedEnrolment,
  SignedPull,
  SignedRevive,
  SignedUpload,
  SubmitBatch,
  UploadAnswer,
} from '../../../domain/change.ts';
import { gzipCodec } from '../../../domain/gzip-codec.ts';
import type { Target } from '../../../domain/operation.ts';
import type { DeviceStatus } from '../../../domain/people.ts';
import { faultOf, isClosingFault, isNotFoundFault, isOutage, TookTooLong } from './link-fault.ts';
import type { Answered } from './link-fault.ts';

/** Where the server is. `environment`: everything (TLS, API key, namespace, profile) comes from Temporal's own variables. */
export type GatewayTarget = { kind: 'embedded'; address: string } | { kind: 'environment'; address: string };

/** What an enrolment came to. */
export interface EnrolmentAnswer {
  status: DeviceStatus | 'refused' | 'unknown';
  message: string;
}

/** Calls to the server. None throws; each is bounded in time and ends at once when its signal is aborted. */
export interface Gateway {
  readonly address: string;
  /** Asks whether somebody does the work: milliseconds, where work that nobody takes would hang. */
  checkWorker(signal: AbortSignal): Promise<Answered<void>>;
  /** Sends operations, in order, to the workflow they are for. `ok` means the server has them on disk, not that they were applied. */
  submit(target: Target, batch: SubmitBatch, signal: AbortSignal): Promise<Answered<void>>;
  /** The next page of changes; waits up to the request's `waitMs` when there is nothing to tell. */
  pull(pull: SignedPull, signal: AbortSignal): Promise<Answered<PullAnswer>>;
  contents(request: SignedContents, signal: AbortSignal): Promise<Answered<ContentsAnswer>>;
  upload(request: SignedUpload, signal: AbortSignal): Promise<Answered<UploadAnswer>>;
  /** Has workflows of reports started that the server lost and the store has. Repeating it is harmless. */
  revive(request: SignedRevive, signal: AbortSignal): Promise<Answered<ReviveAnswer>>;
  /**
   * Asks for this device to be enrolled; repeating it is harmless. Answers as soon as that was decided, and with
   * `waiting` when nobody decided within `waitMs`.
   */
  enrol(enrolment: SignedEnrolment, waitMs: number, signal: AbortSignal): Promise<Answered<EnrolmentAnswer>>;
  close(): Promise<void>;
}

const connectLimitMs = 8_000;
const callLimitMs = 10_000;
const workLimitMs = 20_000;
const outageRetry = { firstDelayMs: 60, maxDelayMs: 500, attempts: 5 };
const closingRetry = { firstDelayMs: 25, maxDelayMs: 500, limitMs: 15_000 };
/** Pollers stay on the server's list for minutes after their process died; a living one polls at least this often. */
const pollerFreshMs = 75_000;
const overStatuses: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);
/** The server waits this long for a worker that hangs before it gives the task to another. */
const workflowTaskTimeout = '2s';

/** A new workflow is taken up within milliseconds; its history then holds more than its start and its first task. */
const takeUpLimitMs = 4_000;
const untakenHistoryLength = 2;

/** Connects, and checks that the namespace exists and a worker polls. Loads Temporal's client on first use. */
export async function connect(target: GatewayTarget, signal: AbortSignal): Promise<Answered<Gateway>> {
  const opening = openLink(target);
  try {
    const gateway = new TemporalGateway(await bounded(connectLimitMs, signal, () => opening));
    const worker = await gateway.checkWorker(signal);
    if (worker.ok) return { ok: true, value: gateway };
    await gateway.close();
    return worker;
  } catch (error) {
    // It may still open later, and would then stay open for ever.
    void opening.then((link) => link.connection.close()).catch(() => undefined);
    return { ok: false, fault: faultOf(error, target.address) };
  }
}

interface Link {
  address: string;
  connection: Connection;
  client: Client;
  namespace: string;
}

async function openLink(target: GatewayTarget): Promise<Link> {
  const temporal = await import('@temporalio/client');
  const { namespace, ...fromEnvironment } = await optionsOf(target);
  const connection = await temporal.Connection.connect({
    ...fromEnvironment,
    connectTimeout: connectLimitMs - 1_000,
    // Measured: with these a client is back within half a second after an outage of ten; by default after ten.
    channelArgs: { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 },
    // The SDK's retry goes on after `close` and then throws where nobody can catch it: retries are made below instead.
    interceptors: [],
  });
  const dataConverter = { payloadCodecs: [gzipCodec({ gzip: promisify(gzip), gunzip: unpack })] };
  const client = new temporal.Client({ connection, namespace, dataConverter, identity: 'countersign' });
  return { address: target.address, connection, client, namespace };
}

/** A page is about a megabyte; a bomb is refused. */
const unpackedLimitBytes = 64 * 1024 * 1024;
const gunzipAsync = promisify(gunzip);
const unpack = (bytes: Uint8Array): Promise<Uint8Array> => gunzipAsync(bytes, { maxOutputLength: unpackedLimitBytes });

async function optionsOf(target: GatewayTarget): Promise<ConnectionOptions & { namespace: string }> {
  if (target.kind === 'embedded') return { address: target.address, namespace: 'default' };
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  const loaded = loadClientConnectConfig();
  const { address, apiKey, tls, metadata } = loaded.connectionOptions as ConnectionOptions;
  return {
    address: address ?? target.address,
    namespace: loaded.namespace ?? 'default',
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

class TemporalGateway implements Gateway {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  get address(): string {
    return this.#link.address;
  }

  async checkWorker(signal: AbortSignal): Promise<Answered<void>> {
    try {
      const { connection, namespace } = this.#link;
      const { pollers } = await this.#call(callLimitMs, signal, () =>
        connection.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: 1 }),
      );
      const since = Date.now() - pollerFreshMs;
      const living = pollers?.some((poller) => Number(poller.lastAccessTime?.seconds ?? 0) * 1_000 > since);
      return living ? { ok: true, value: undefined } : { ok: false, fault: noWorker(this.address) };
    } catch (error) {
      return { ok: false, fault: faultOf(error, this.address) };
    }
  }

  async submit(target: Target, batch: SubmitBatch, signal: AbortSignal): Promise<Answered<void>> {
    const endsAtMs = Date.now() + closingRetry.limitMs;
    for (let delayMs = closingRetry.firstDelayMs; ; delayMs = Math.min(closingRetry.maxDelayMs, delayMs * 2)) {
      try {
        await this.#call(callLimitMs, signal, () => this.#signal(target, batch));
        return { ok: true, value: undefined };
      } catch (error) {
        if (!isClosingFault(error) || signal.aborted || Date.now() + delayMs > endsAtMs)
          return this.#fault(error, target, signal);
        await sleep(delayMs);
      }
    }
  }

  async #signal(target: Target, batch: SubmitBatch): Promise<unknown> {
    const { workflow } = this.#link.client;
    const workflowId = workflowIdOf(target);
    switch (target.kind) {
      case 'report':
        // Reports are started by their cycle and revived on request, never started from a laptop.
        return workflow.getHandle(workflowId).signal(signals.submit, batch);
      case 'cycle':
        return workflow.signalWithStart(workflowTypes.cycle, {
          ...startOptions(workflowId),
          args: [],
          signal: signals.submit,
          signalArgs: [batch],
        });
      case 'device':
        return workflow.signalWithStart(workflowTypes.device, {
          ...startOptions(workflowId),
          args: [{ enrolment: null }],
          signal: signals.submit,
          signalArgs: [batch],
        });
    }
  }

  /** NotFound stands for "over" and for "never was": the server is asked which. */
  async #fault(
    error: unknown,
    target: Target,
    signal: AbortSignal,
  ): Promise<{ ok: false; fault: ReturnType<typeof faultOf> }> {
    if (!isNotFoundFault(error)) return { ok: false, fault: faultOf(error, this.address) };
    const workflowId = workflowIdOf(target);
    try {
      const { status } = await this.#call(callLimitMs, signal, () =>
        this.#link.client.workflow.getHandle(workflowId).describe(),
      );
      // It may have been started, or rolled over, between the two questions.
      const closed = overStatuses.has(status.name);
      const message = `the work on ${workflowId} is ${closed ? 'over' : 'just starting'} (${status.name.toLowerCase()})`;
      return { ok: false, fault: { kind: 'not-found', closed, message } };
    } catch (described) {
      if (!isNotFoundFault(described)) return { ok: false, fault: faultOf(described, this.address) };
      return {
        ok: false,
        fault: { kind: 'not-found', closed: false, message: `the server does not know ${workflowId}` },
      };
    }
  }

  async enrol(enrolment: SignedEnrolment, waitMs: number, signal: AbortSignal): Promise<Answered<EnrolmentAnswer>> {
    const workflowId = workflowIdOf({ kind: 'device', id: enrolment.enrolment.deviceId });
    let handle: WorkflowHandle | undefined;
    try {
      handle = await this.#call(callLimitMs, signal, () =>
        this.#link.client.workflow.start(workflowTypes.device, {
          ...startOptions(workflowId),
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [{ enrolment }],
        }),
      );
      const started = handle;
      return { ok: true, value: (await this.#call(waitMs, signal, () => started.result())) as EnrolmentAnswer };
    } catch (error) {
      if (handle && error instanceof TookTooLong)
        return { ok: true, value: { status: 'waiting', message: 'a test manager has to approve this device' } };
      return { ok: false, fault: faultOf(error, this.address) };
    }
  }

  pull(pull: SignedPull, signal: AbortSignal): Promise<Answered<PullAnswer>> {
    const { deviceId, sequence, waitMs } = pull.request;
    return this.#work(workflowTypes.pullChanges, `pull/${deviceId}/${sequence}`, pull, waitMs + workLimitMs, signal);
  }

  contents(request: SignedContents, signal: AbortSignal): Promise<Answered<ContentsAnswer>> {
    const { deviceId, sequence } = request.request;
    return this.#work(workflowTypes.pullContents, `contents/${deviceId}/${sequence}`, request, workLimitMs, signal);
  }

  upload(request: SignedUpload, signal: AbortSignal): Promise<Answered<UploadAnswer>> {
    const { deviceId, sequence } = request.request;
    // A file that is handed over by path is hashed whole before the answer.
    return this.#work(workflowTypes.putContent, `put/${deviceId}/${sequence}`, request, 3 * workLimitMs, signal);
  }

  revive(request: SignedRevive, signal: AbortSignal): Promise<Answered<ReviveAnswer>> {
    const { deviceId, sequence } = request.request;
    return this.#work(workflowTypes.reviveReports, `revive/${deviceId}/${sequence}`, request, workLimitMs, signal);
  }

  /** Runs a short workflow to its result. What takes too long is ended, so that nothing piles up behind a missing worker. */
  async #work<Value>(
    type: string,
    workflowId: string,
    argument: unknown,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Answered<Value>> {
    let handle: WorkflowHandle | undefined;
    try {
      handle = await this.#call(callLimitMs, signal, () =>
        this.#link.client.workflow.start(type, {
          ...startOptions(workflowId),
          // A start that was tried again may have worked the first time.
          workflowIdConflictPolicy: 'USE_EXISTING',
          workflowExecutionTimeout: limitMs + workLimitMs,
          args: [argument],
        }),
      );
      return { ok: true, value: (await this.#resultOf(handle, limitMs, signal)) as Value };
    } catch (error) {
      if (handle && (signal.aborted || error instanceof TookTooLong)) this.#abandon(handle);
      if (handle && error instanceof TookTooLong) {
        const worker = await this.checkWorker(signal);
        return worker.ok ? { ok: false, fault: noWorker(this.address) } : worker;
      }
      return { ok: false, fault: faultOf(error, this.address) };
    }
  }

  /** The result, unless nobody even takes the work up for a while: a worker that just ended stays on the server's list. */
  async #resultOf(handle: WorkflowHandle, limitMs: number, signal: AbortSignal): Promise<unknown> {
    const own = new AbortController();
    const both = AbortSignal.any([signal, own.signal]);
    const result = this.#call(limitMs, both, async () => ({ value: await handle.result() }));
    // When the race is over nobody listens to what is left of it.
    result.catch(() => undefined);
    try {
      const first = await Promise.race([result, this.#untaken(handle, both)]);
      if (first === 'untaken') throw new TookTooLong(takeUpLimitMs);
      return first.value;
    } finally {
      own.abort();
    }
  }

  /** Resolves once it is certain that nobody took the work up in time, else never. */
  async #untaken(handle: WorkflowHandle, signal: AbortSignal): Promise<'untaken'> {
    try {
      await sleep(takeUpLimitMs, undefined, { signal });
      const { historyLength } = await this.#call(callLimitMs, signal, () => handle.describe());
      if (historyLength <= untakenHistoryLength) return 'untaken';
    } catch {
      // Asking may fail in any way, and be ended: the work itself tells then.
    }
    return new Promise(() => undefined);
  }

  #abandon(handle: WorkflowHandle): void {
    // Its own time-out ends it anyway when this cannot be delivered.
    void this.#call(2_000, new AbortController().signal, () => handle.terminate('the laptop no longer waits')).catch(
      () => undefined,
    );
  }

  /** Work bounded in time, tried again within it while the server cannot be reached for moments. */
  #call<Value>(limitMs: number, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
    return bounded(limitMs, signal, async (own) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.#link.connection.withAbortSignal(own, work);
        } catch (error) {
          if (attempt >= outageRetry.attempts || own.aborted || !isOutage(error)) throw error;
          await sleep(Math.min(outageRetry.maxDelayMs, outageRetry.firstDelayMs * 2 ** (attempt - 1)));
        }
      }
    });
  }

  async close(): Promise<void> {
    await this.#link.connection.close();
  }
}

function startOptions(workflowId: string) {
  return { workflowId, taskQueue, workflowTaskTimeout } as const;
}

function noWorker(address: string) {
  return {
    kind: 'no-worker' as const,
    message: `The server at ${address} answers, but no worker runs: what you do is kept here and is sent when one does.`,
  };
}

/** Runs work until it is done, its time is over, or the signal is aborted; the work's own signal is aborted in the last two cases. */
async function bounded<Value>(
  limitMs: number,
  signal: AbortSignal,
  work: (own: AbortSignal) => Promise<Value>,
): Promise<Value> {
  signal.throwIfAborted();
  const own = new AbortController();
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const interrupt = (reason: unknown): void => {
    reject(reason instanceof Error ? reason : new Error(String(reason)));
    own.abort();
  };
  const onAbort = (): void => interrupt(new DOMException('cancelled', 'AbortError'));
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => interrupt(new TookTooLong(limitMs)), limitMs);
  const working = work(own.signal);
  // When the race is lost nobody listens to the work any more.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, interrupted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
