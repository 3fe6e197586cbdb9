// Owns what arrived by `submit` and is not applied yet, and its way into the store. Knows of operation kinds
// only which activity applies them.
import { condition, defineSignal, patched, setHandler, sleep } from '@temporalio/workflow';
import { applyingActivity } from '../../domain/activity.ts';
import { signals } from '../../domain/change.ts';
import type { Target } from '../../domain/operation.ts';
import type { AppliedBatch } from '../activities/apply-operations.ts';
import type { Incoming } from '../store/apply.ts';
import { applying, local } from './activity-proxies.ts';
import { storeTries } from './store-tries.ts';

/** How much one local activity takes: counted in operations, and in the entries of their longest list. */
const weightPerCall = 20_000;
/**
 * More than this wait: a crowd. So many of it are applied at a time and, while signals keep coming, each time in a workflow task of its
 * own: the server fails a task during which more than a hundred arrive, and then all of it is done again.
 */
const crowdPerCall = 20;
const ownTaskMs = 10;
const depthLimit = 64;

export const submitSignal = defineSignal<[unknown]>(signals.submit);

/** What waits, oldest first, and how many signals this run has taken (the server allows 10,000). */
export interface Inbox {
  waiting: Incoming[];
  signals: number;
}

/** Takes in whatever `submit` brings, from now on. Carried entries come first. */
export function openInbox(carried: readonly Incoming[]): Inbox {
  const inbox: Inbox = { waiting: [...carried], signals: 0 };
  setHandler(submitSignal, (batch) => {
    inbox.signals += 1;
    const receivedAt = new Date().toISOString();
    for (const raw of entriesOf(batch)) inbox.waiting.push({ raw: bounded(raw), receivedAt });
  });
  return inbox;
}

/** The operations of a batch, or the thing itself when it is no batch: the store makes a dead letter of it. */
function entriesOf(batch: unknown): unknown[] {
  const operations = isRecord(batch) ? batch['operations'] : null;
  return Array.isArray(operations) && operations.length > 0 ? operations : [batch ?? null];
}

// What is nested too deep cannot be written as JSON again: it would fail the workflow's task for ever.
function bounded(raw: unknown): unknown {
  if (raw === undefined) return null;
  return isDeeperThan(raw, depthLimit)
    ? { unreadable: `it is nested deeper than ${depthLimit} levels`, type: Array.isArray(raw) ? 'array' : typeof raw }
    : raw;
}

function isDeeperThan(value: unknown, levels: number): boolean {
  let layer: unknown[] = [value];
  for (let level = 0; layer.length > 0; level += 1) {
    if (level > levels) return true;
    layer = layer.flatMap((entry) => (typeof entry === 'object' && entry !== null ? Object.values(entry) : []));
  }
  return false;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

type ApplyingActivity = 'applyOperations' | keyof typeof applying;
const activityByKind = new Map<unknown, ApplyingActivity>(
  Object.entries(applyingActivity) as [string, keyof typeof applying][],
);

/** The activity that applies an operation of this kind: some kinds have one of their own name, all do the same. */
function activityOf(raw: unknown): ApplyingActivity {
  return activityByKind.get(bodyOf(raw)?.['kind']) ?? 'applyOperations';
}

function bodyOf(raw: unknown): Record<string, unknown> | null {
  const operation = isRecord(raw) ? raw['operation'] : null;
  const body = isRecord(operation) ? operation['body'] : null;
  return isRecord(body) ? body : null;
}

function weightOf(raw: unknown): number {
  const body = bodyOf(raw);
  if (!body) return 1;
  return Object.values(body).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 1);
}

/** True when a crowd waits. Runs that met one before this was patched in replay as they went. */
function isCrowd(waiting: readonly Incoming[]): boolean {
  return waiting.length > crowdPerCall && patched('crowd-in-tasks-of-their-own');
}

interface Call {
  activity: ApplyingActivity;
  entries: Incoming[];
}

/** What the next call takes: at least one entry, else as many of one activity (of a crowd: of any) as its weight allows. */
function nextCall(waiting: readonly Incoming[], crowd: boolean): Call {
  const activity = crowd ? 'applyOperations' : activityOf(waiting[0]?.raw);
  const fits = ({ raw }: Incoming, index: number): boolean =>
    crowd ? index < crowdPerCall : activityOf(raw) === activity;
  let weight = 0;
  const end = waiting.findIndex((entry, index) => {
    weight += weightOf(entry.raw);
    return index > 0 && (weight > weightPerCall || !fits(entry, index));
  });
  return { activity, entries: waiting.slice(0, end === -1 ? waiting.length : end) };
}

/** Who is told how the draining goes. `enough` ends it before the inbox is empty, for a run that is too long already. */
export interface DrainListener {
  /** The revision of the flow that is known, so that only a newer one travels; without it none does. */
  known?(): number | null;
  applied(batch: AppliedBatch): void;
  failing?(message: string): void;
  enough?(): boolean;
}

/**
 * Applies everything that waits, in order, and tells `applied` about each call. Entries leave the inbox only when they are applied.
 * When the store keeps failing, `failing` is told and it is tried again: an operation is never dropped.
 */
export async function drain(inbox: Inbox, target: Target, told: DrainListener): Promise<void> {
  const tried = storeTries((message) => told.failing?.(message));
  let seenSignals = 0;
  while (inbox.waiting.length > 0) {
    const crowd = isCrowd(inbox.waiting);
    const { activity, entries } = nextCall(inbox.waiting, crowd);
    const apply = activity === 'applyOperations' ? local.applyOperations : applying[activity];
    const known = told.known?.() ?? null;
    const batch = await tried(() => apply(target, entries, known));
    if (batch) {
      inbox.waiting.splice(0, entries.length);
      told.applied(batch);
    }
    if (crowd && inbox.signals > seenSignals && !told.enough?.()) {
      seenSignals = inbox.signals;
      await sleep(ownTaskMs);
    }
    if (told.enough?.()) return;
  }
}

/** How large the waiting entries are as JSON, about. */
export function inboxBytes(inbox: Inbox): number {
  return inbox.waiting.reduce((sum, { raw }) => sum + JSON.stringify(raw).length, 0);
}

/** Resolves when something waits, or when `other` says so. */
export function arrival(inbox: Inbox, other: () => boolean = () => false): Promise<void> {
  return condition(() => inbox.waiting.length > 0 || other());
}
