// Owns the course of a link: connect, serve, see why it ended, enrol or wait, again. Ends only when it is told to.
// What runs while connected is in sync-connection.ts.
import type { GatewayPool } from './gateway-pool.ts';
import type { Gateway } from './gateway.ts';
import { targetOfServer, whyNoServer } from '../server-control.ts';
import type { ServerControl } from '../server-control.ts';
import type { SignedReads } from './signed-reads.ts';
import type { SyncBoard } from './board.ts';
import type { Connection, ConnectionEnd } from './connection.ts';
import { obstacleOf, obstacleOfRefusal, retryDelayMs } from './state.ts';
import type { Obstacle, Refusal } from './state.ts';
import type { SyncTiming } from './sync.ts';
import type { Waiting } from './waiting.ts';

export interface LoopOptions {
  server: ServerControl;
  gateways: GatewayPool;
  reads: SignedReads;
  board: SyncBoard;
  waiting: Waiting;
  connection: Connection;
  timing: SyncTiming;
  workOffline(): boolean;
  now(): string;
}

/** Runs until the signal is aborted. */
export async function runLoop(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { connection } = options;
  let failures = 0;
  let refusals = 0;
  while (!signal.aborted) {
    if (await waitForServer(options, signal)) {
      failures = 0;
      continue;
    }
    const admissions = connection.admissions();
    const { end, gateway } = await connectAndServe(options, signal);
    if (signal.aborted) return;
    // A link that worked for a while begins its back-off anew.
    failures = connection.admissions() > admissions ? 1 : failures + 1;
    // Counted apart: that nobody answered for a while says nothing about being let in.
    refusals = end.kind === 'refused' ? Math.min(failures, refusals + 1) : 0;
    await afterEnd(options, end, gateway, { failures, refusals }, signal);
  }
}

/** True when there was nothing to connect to; waits for a change of that. */
async function waitForServer({ server, waiting, workOffline }: LoopOptions, signal: AbortSignal): Promise<boolean> {
  if (workOffline()) {
    await waiting.behind({ kind: 'offline', reason: 'chosen', message: 'You chose to work offline.' }, signal);
    return true;
  }
  if (targetOfServer(server.state())) return false;
  const message = whyNoServer(server.state());
  await waiting.behind({ kind: 'offline', reason: 'not-prepared', message }, signal);
  return true;
}

async function connectAndServe(
  { server, gateways, board, connection }: LoopOptions,
  signal: AbortSignal,
): Promise<{ end: ConnectionEnd; gateway: Gateway | null }> {
  const target = targetOfServer(server.state());
  if (!target) return { end: { kind: 'again' }, gateway: null };
  board.connecting();
  const connected = await gateways.get(target, signal);
  if (!connected.ok) return { end: { kind: 'fault', fault: connected.fault }, gateway: null };
  return { end: await connection.serve(connected.value, signal), gateway: connected.value };
}

/** How many links failed one after the other, and how many of the last ones by a refusal. */
interface InARow {
  failures: number;
  refusals: number;
}

async function afterEnd(
  options: LoopOptions,
  end: ConnectionEnd,
  gateway: Gateway | null,
  inARow: InARow,
  signal: AbortSignal,
): Promise<void> {
  const { gateways, waiting, timing } = options;
  if (end.kind === 'again') return;
  const delayMs = retryDelayMs(inARow.failures, timing, Math.random());
  if (end.kind === 'refused') {
    if (gateway) await afterRefusal(options, end.refusal, gateway, inARow, signal);
    return;
  }
  if (gateway && end.fault.kind !== 'no-worker') gateways.discard(gateway);
  await waiting.behind(obstacleOf(end.fault), signal, delayMs);
}

/** People take longer than machines: what only they can change is asked for less often. */
const personDelayMs = 5_000;
/** Refusals that go by themselves (enrolled just now, a number used twice) may come so often in a row. */
const passingRefusals = 3;

async function afterRefusal(
  options: LoopOptions,
  refusal: Refusal,
  gateway: Gateway,
  { failures, refusals }: InARow,
  signal: AbortSignal,
): Promise<void> {
  const { waiting, timing } = options;
  const delayMs = retryDelayMs(failures, timing, Math.random());
  const obstacle = obstacleOfRefusal(refusal);
  if (refusal.code === 'device-waiting' && obstacle) {
    await waitForApproval(options, gateway, obstacle, signal);
  } else if (obstacle) {
    await waiting.behind(obstacle, signal, Math.max(personDelayMs, delayMs));
  } else if (refusals > passingRefusals) {
    await waiting.behind({ kind: 'blocked', reason: 'incompatible', message: refusal.message }, signal, delayMs);
  } else if (refusal.code === 'unknown-device') {
    await enrol(options, gateway, delayMs, signal);
  }
}

/** How long a first enrolment is waited for: in solo mode, and for a listed key, it is decided at once. */
const enrolmentWaitMs = 3_000;

async function enrol(options: LoopOptions, gateway: Gateway, delayMs: number, signal: AbortSignal): Promise<void> {
  const { board, reads, waiting, now } = options;
  board.note('this device is not enrolled: asking for it');
  const answer = await gateway.enrol(reads.enrolment(now()), enrolmentWaitMs, signal);
  if (signal.aborted) return;
  if (!answer.ok) {
    await waiting.behind(obstacleOf(answer.fault), signal, delayMs);
  } else if (answer.value.status === 'refused') {
    const { message } = answer.value;
    await waiting.behind(
      { kind: 'blocked', reason: 'unknown-person', message },
      signal,
      Math.max(personDelayMs, delayMs),
    );
  }
}

/** Stays with the enrolment, so that the approval is noticed at once and not at the next try. */
async function waitForApproval(
  options: LoopOptions,
  gateway: Gateway,
  obstacle: Obstacle,
  signal: AbortSignal,
): Promise<void> {
  const { reads, waiting, timing, now } = options;
  const given = new AbortController();
  const both = AbortSignal.any([signal, given.signal]);
  const decided = gateway.enrol(reads.enrolment(now()), timing.approvalPollMs, both);
  const waited = waiting.behind(obstacle, both, timing.approvalPollMs);
  const first = await Promise.race([decided, waited]);
  // Anything but an approval (the link broke, say): the rest of the time passes all the same, or this would spin.
  if (first && !(first.ok && first.value.status === 'approved')) await waited;
  given.abort();
  await Promise.all([decided, waited]);
}
