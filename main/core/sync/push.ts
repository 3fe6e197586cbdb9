// Owns sending the outbox: batches in order, a mark after each ack, again when no receipt came (design decision 3).
// Knows nothing of what comes back, of connecting, or of back-off between connections.
import { workflowIdOf } from '../../../domain/change.ts';
import type { Bell } from './bell.ts';
import type { Gateway } from './gateway.ts';
import type { LinkFault } from './link-fault.ts';
import type { Batch, Outbox } from '../outbox/outbox.ts';
import type { SignedReads } from './signed-reads.ts';
import type { SyncStep } from './sync.ts';

/** Milliseconds: when an unanswered operation is sent again, and when one for an unknown workflow is tried again. */
export interface PushTiming {
  resendAfterMs: number;
  resendAtMostMs: number;
  unknownFirstMs: number;
  unknownAtMostMs: number;
}

export interface PushOptions {
  outbox: Outbox;
  gateway: Gateway;
  reads: Pick<SignedReads, 'revive'>;
  /** Rung when something was queued, a receipt came, or somebody wants it now. */
  bell: Bell;
  signal: AbortSignal;
  now(): string;
  step(name: SyncStep): void | Promise<void>;
  timing: PushTiming;
  onProgress(remaining: number): void;
  /** Workflows that the server does not know although operations for them wait; null when there is none. */
  onUnknown(message: string | null): void;
  /** The receipts that came since the start of the program: tells that answers do come. */
  receiptsSeen(): number;
}

/** A workflow that the server does not know (yet): its operations wait, the others go on. */
interface Unknown {
  since: number;
  delayMs: number;
  tryAt: number;
  message: string;
  /** It was just started again: when it is still unknown, that did not help. */
  revived: boolean;
}

const batchesAtOnce = 200;
/** Later than every time an operation was sent at. */
const always = '9999-12-31T23:59:59.999Z';

/** Sends until the signal is aborted or the link fails; answers with the fault then. */
export async function pushUntilFault(options: PushOptions): Promise<LinkFault> {
  const { signal, bell } = options;
  const unknown = new Map<string, Unknown>();
  const resend = createResendClock(options);
  while (!signal.aborted) {
    const fault = await pushAll(options, unknown, resend.due());
    if (fault) return fault;
    const nextUnknownAt = Math.min(...[...unknown.values()].map((entry) => entry.tryAt));
    const waitMs = Math.min(nextUnknownAt - performance.now(), resend.waitMs());
    await bell.wait(signal, Number.isFinite(waitMs) ? Math.max(10, waitMs) : undefined);
  }
  return { kind: 'cancelled', message: 'cancelled' };
}

/** Sends what can be sent now. Answers with the fault that stopped it, or null when nothing is left that may go. */
async function pushAll(
  options: PushOptions,
  unknown: Map<string, Unknown>,
  resendBefore: string | null,
): Promise<LinkFault | null> {
  const { outbox, signal } = options;
  let again = resendBefore;
  for (;;) {
    const batches = outbox.nextBatches({ limit: batchesAtOnce, ...(again === null ? {} : { resendBefore: again }) });
    const open = batches.filter((batch) => (unknown.get(workflowIdOf(batch.target))?.tryAt ?? 0) <= performance.now());
    // Each round, because many unknown workflows may keep the rounds going for long; trying those again is not sending.
    tellUnknown(options, unknown);
    if (open.every((batch) => unknown.has(workflowIdOf(batch.target)))) options.onProgress(0);
    if (open.length === 0) break;
    const revived = new Set<string>();
    for (const batch of open) {
      if (signal.aborted) return { kind: 'cancelled', message: 'cancelled' };
      const workflowId = workflowIdOf(batch.target);
      // An earlier batch of this round may have found the workflow missing: order within it is kept.
      if (revived.has(workflowId) || (unknown.get(workflowId)?.tryAt ?? 0) > performance.now()) continue;
      const outcome = await pushOne(options, unknown, batch);
      if (outcome === 'revived') revived.add(workflowId);
      else if (outcome) return outcome;
    }
    // What was sent in this round has a newer time, so asking again would bring only what is due again. But what a lost
    // workflow had and gave no receipt for went with it, and belongs in front of what follows.
    again = revived.size > 0 ? always : null;
  }
  return null;
}

async function pushOne(
  options: PushOptions,
  unknown: Map<string, Unknown>,
  batch: Batch,
): Promise<LinkFault | 'revived' | null> {
  const { outbox, gateway, signal, step, now } = options;
  const workflowId = workflowIdOf(batch.target);
  if (batch.first && !unknown.has(workflowId)) options.onProgress(Math.max(1, outbox.queuedOperations()));
  await step('before-send');
  const answer = await gateway.submit(batch.target, { operations: batch.operations }, signal);
  await step('after-ack');
  if (answer.ok) {
    await step('before-mark');
    outbox.markSent(batch.operationIds, now());
    unknown.delete(workflowId);
    return null;
  }
  if (signal.aborted) return { kind: 'cancelled', message: 'cancelled' };
  const { fault } = answer;
  outbox.markAttempt(batch.operationIds, now());
  if (fault.kind !== 'not-found') return fault;
  if (fault.closed) return refuse(options, batch, 'out-of-turn', fault.message);
  if (isLost(batch, unknown.get(workflowId))) return revive(options, unknown, batch, fault.message);
  remember(unknown, workflowId, fault.message, options.timing);
  return null;
}

/** A report that is new may just be started by its cycle; one that took something before, or stays unknown, is lost. */
function isLost(batch: Batch, before: Unknown | undefined): boolean {
  return batch.target.kind === 'report' && (!batch.first || before !== undefined) && !before?.revived;
}

/** Ends a batch that can never arrive. */
function refuse({ outbox, now }: PushOptions, batch: Batch, code: 'out-of-turn' | 'not-assigned', why: string): null {
  outbox.refuse(batch.operationIds, { code, message: `This came too late: ${why}.` }, now());
  return null;
}

/** Has the report's workflow started again if the store has the report; else its operations wait on. */
async function revive(
  options: PushOptions,
  unknown: Map<string, Unknown>,
  batch: Batch,
  message: string,
): Promise<LinkFault | 'revived' | null> {
  const { gateway, reads, signal, timing } = options;
  const workflowId = workflowIdOf(batch.target);
  const answer = await gateway.revive(reads.revive({ reportId: batch.target.id }), signal);
  if (signal.aborted) return { kind: 'cancelled', message: 'cancelled' };
  if (!answer.ok) {
    if (answer.fault.kind !== 'failed') return answer.fault;
    remember(unknown, workflowId, `${message}; ${answer.fault.message}`, timing);
    return null;
  }
  if (answer.value.kind === 'revived') {
    unknown.set(workflowId, { ...remember(unknown, workflowId, message, timing), tryAt: 0, revived: true });
    return 'revived';
  }
  const { code, message: why } = answer.value;
  if (code === 'over') return refuse(options, batch, 'out-of-turn', why);
  if (code === 'not-assigned') return refuse(options, batch, code, why);
  remember(unknown, workflowId, `${message}; ${why}`, timing);
  return null;
}

function remember(unknown: Map<string, Unknown>, workflowId: string, message: string, timing: PushTiming): Unknown {
  const before = unknown.get(workflowId);
  const delayMs = before ? Math.min(timing.unknownAtMostMs, before.delayMs * 2) : timing.unknownFirstMs;
  const at = performance.now();
  const entry = { since: before?.since ?? at, delayMs, tryAt: at + delayMs, message, revived: false };
  unknown.set(workflowId, entry);
  return entry;
}

/** A report's workflow starts moments after its cycle: only what lasts longer is worth a word. */
const unknownIsNewsAfterMs = 8_000;

function tellUnknown(options: PushOptions, unknown: ReadonlyMap<string, Unknown>): void {
  const at = performance.now();
  const lasting = [...unknown.values()].filter((entry) => at - entry.since >= unknownIsNewsAfterMs);
  const first = lasting[0];
  options.onUnknown(
    first
      ? `What was done here for ${lasting.length} ${lasting.length === 1 ? 'workflow' : 'workflows'} waits: ${first.message}. Either it is another server or namespace, or it lost its state. It is kept here and tried again.`
      : null,
  );
}

/**
 * When sent operations are sent again: after a while of good connection without a receipt. Runs on the monotonic clock,
 * because the laptop's clock may jump; the first time and after such a jump everything unanswered counts as due.
 */
function createResendClock(options: PushOptions) {
  const { outbox, timing } = options;
  let afterMs = timing.resendAfterMs;
  let countFrom = performance.now();
  let receipts = options.receiptsSeen();
  let skewMs = Date.now() - performance.now();
  let first = true;
  return {
    due(): string | null {
      if (options.receiptsSeen() !== receipts) {
        receipts = options.receiptsSeen();
        afterMs = timing.resendAfterMs;
      }
      if (performance.now() - countFrom < afterMs || outbox.sentOperations() === 0) return null;
      const jumped = Math.abs(Date.now() - performance.now() - skewMs) > 1_000;
      const cutoff = first || jumped ? always : new Date(Date.now() - afterMs).toISOString();
      skewMs = Date.now() - performance.now();
      first = false;
      countFrom = performance.now();
      afterMs = Math.min(timing.resendAtMostMs, afterMs * 2);
      return cutoff;
    },
    waitMs: () => (outbox.sentOperations() === 0 ? Infinity : Math.max(0, afterMs - (performance.now() - countFrom))),
  };
}
