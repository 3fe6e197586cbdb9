// Owns what a report's workflow, or a lane's, has to do and does: follow-ups of operations, due steps of its flow and news for others,
// as one queue with lanes of work. Pure but for the work that it is given to begin; knows no activity and no handler.
import { flowHas, isSettled, nextDue, stepsDue } from '../../domain/flow.ts';
import type { FlowState } from '../../domain/flow.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Alert, ReportProgress } from '../../domain/report-progress.ts';
import { unrecordedVersion } from '../../domain/workflow-version.ts';
import type { FollowUp } from '../store/rules/rule.ts';
import { jobOf, nameOf, ownerOf, workOf } from './work.ts';
import type { Job, Work } from './work.ts';

/** How a job ended. A note is for people, and stays. */
export type Outcome =
  { kind: 'done'; note: string | null } | { kind: 'failed'; message: string } | { kind: 'cancelled' };

/** A job under way. */
export interface Begun {
  /** Never rejects. */
  ended: Promise<Outcome>;
  cancel(): void;
}

export interface Engine {
  /** Null: of the report; else of this lane. */
  readonly lob: string | null;
  /** Null while the store does not know the report. */
  flow: FlowState | null;
  /** Follow-ups and news, in order of arrival. Running ones stand here too: in a new run they are begun again. */
  pending: Work[];
  /** By lane. */
  running: Map<string, { work: Work; cancel(): void }>;
  /** Jobs that did not do what they should, or not yet: when they are tried again. */
  pauses: Map<string, { untilMs: number; lengthMs: number }>;
  /** What fails now, by key of the job. */
  failing: Map<string, Alert>;
  /** What stays for people to read. */
  noted(message: string): void;
  /** The time now, in milliseconds since 1970: the workflow's. */
  nowMs(): number;
  /** The store has news: the flow has to be read again. */
  look: boolean;
  /** A job of its own ended since the flow was read: what it changed is news for others. */
  worked: boolean;
  /** The revision of the flow that needs no telling any more: it was told, or others made it. Null before the first reading. */
  shared: number | null;
  /** Something may be begun. */
  turn: boolean;
}

/** A job that fails, or that leaves its step due, is tried again after this, each time after twice as long. */
const pause = { firstMs: 1_000, mostMs: 60_000 };

export function newEngine(
  given: Pick<Engine, 'lob' | 'noted' | 'nowMs'> & Partial<Pick<Engine, 'flow' | 'pending'>>,
): Engine {
  const nothing = { running: new Map(), pauses: new Map(), failing: new Map() };
  return {
    flow: null,
    ...given,
    ...nothing,
    pending: [...(given.pending ?? [])],
    look: true,
    worked: false,
    shared: null,
    turn: true,
  };
}

/** Adds a job unless it waits already; news that are being told are told once more, for what happened meanwhile. */
export function addWork(engine: Engine, job: Job): void {
  const work = workOf(job);
  const running = [...engine.running.values()].map((entry) => entry.work);
  const known = engine.pending.some(
    (entry) => entry.key === work.key && (job.kind !== 'tell' || !running.includes(entry)),
  );
  if (!known) engine.pending.push(work);
  engine.turn = true;
}

/** Takes over what applied operations ask for: own work into the queue, a lane's as news for that lane. */
export function follow(engine: Engine, followUps: readonly FollowUp[]): void {
  for (const followUp of followUps) {
    if (followUp.kind !== 'wake') takeUp(engine, [followUp]);
    else if (followUp.lob === engine.lob || !hasLanes(engine)) engine.look = true;
    else addWork(engine, { kind: 'tell', lob: followUp.lob });
  }
}

/** Takes over work that the store knows as unfinished. News among it are old: whoever reads this has looked. */
export function takeUp(engine: Engine, unfinished: readonly FollowUp[]): void {
  for (const followUp of unfinished) {
    const job = jobOf(followUp);
    if (!job) continue;
    const { phase, lob } = workOf(job);
    const owner = phase === null ? null : ownerOf(phase, lob);
    addWork(engine, owner === engine.lob || !hasLanes(engine) ? job : { kind: 'tell', lob: owner });
  }
}

/** True when lines of business have workflows of their own, which are told; else all is the report's. */
function hasLanes({ flow }: Engine): boolean {
  return flow === null || flowHas(flow, 'lobChildren');
}

/** Takes over the flow as the store has it now, unless a newer one is known. Ends what it made superfluous. */
export function take(engine: Engine, flow: FlowState | null): void {
  if (!flow || (engine.flow && flow.revision < engine.flow.revision)) return;
  if (engine.lob === null && flowHas(flow, 'lobChildren')) {
    for (const lob of lanesToTell(engine.flow, flow)) addWork(engine, { kind: 'tell', lob });
  }
  engine.flow = flow;
  engine.turn = true;
  if (hasEnded(engine)) engine.pending = engine.pending.filter((work) => work.job.kind === 'tell');
  for (const { work, cancel } of engine.running.values()) if (isSuperfluous(engine, flow, work)) cancel();
}

/** True when nothing is to be done any more but telling and mailing: the report is over, or this lane has come to its end. */
export function hasEnded({ flow, lob }: Engine): boolean {
  if (!flow) return false;
  const status = flow.lobs.find((entry) => entry.lob === lob)?.status;
  return flow.over || status === 'finished' || status === 'cancelled';
}

function isSuperfluous(engine: Engine, flow: FlowState, { job, phase, lob }: Work): boolean {
  if (job.kind === 'tell' || job.kind === 'mail') return false;
  if (hasEnded(engine)) return true;
  const lane = lob === null ? undefined : flow.lobs.find((entry) => entry.lob === lob);
  if (lane?.status === 'cancelled') return true;
  // A proposal that nobody wants any more would keep a skipped phase busy for as long as it is tried.
  const line = flow.lines.find((entry) => entry.phase === phase && entry.lob === lob);
  return job.kind === 'propose' && line !== undefined && isSettled(line.status);
}

/** The lanes for which the report decided something since: whether they run, and what of them is to be skipped. */
function lanesToTell(before: FlowState | null, after: FlowState): string[] {
  const facts = (flow: FlowState | null, lob: string): string => {
    const skips = flow?.skips.filter((skip) => skip.lob === lob || (skip.lob === null && isOfLanes(skip.phase)));
    const status = flow?.lobs.find((entry) => entry.lob === lob)?.status;
    return JSON.stringify([flow?.paused, flow?.over, status, skips]);
  };
  return after.lobs
    .filter(({ lob, status }) => {
      // One that waits has no workflow; one that finished told the report itself, and ended.
      const wasRunning = before?.lobs.some((entry) => entry.lob === lob && isUnderWay(entry.status)) ?? false;
      return (isUnderWay(status) || (wasRunning && status === 'cancelled')) && facts(before, lob) !== facts(after, lob);
    })
    .map(({ lob }) => lob);
}

const isOfLanes = (phase: PhaseSlug): boolean => phaseOf(phase).scope === 'lob';
const isUnderWay = (status: FlowState['lobs'][number]['status']): boolean =>
  status === 'running' || status === 'paused';

/** Everything that waits to be done now, follow-ups and news first; what is paused and what runs included. */
function dueWork({ flow, pending }: Engine, nowMs: number): Work[] {
  const steps = flow ? stepsDue(flow, isoOf(nowMs)) : [];
  return [...pending, ...steps.map(workOf)];
}

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** One turn: begins what can begin. A lane whose first job pauses waits with it. The flow has been read anew when `look` said so. */
export function takeTurn(engine: Engine, begin: (work: Work) => Begun): void {
  engine.turn = false;
  const nowMs = engine.nowMs();
  const due = dueWork(engine, nowMs);
  const keys = new Set(due.map((work) => work.key));
  for (const key of engine.pauses.keys()) if (!keys.has(key)) engine.pauses.delete(key);
  for (const key of engine.failing.keys()) if (!keys.has(key)) engine.failing.delete(key);
  const busy = new Set(engine.running.keys());
  for (const work of due) {
    if (busy.has(work.lane)) continue;
    busy.add(work.lane);
    if ((engine.pauses.get(work.key)?.untilMs ?? 0) <= nowMs) start(engine, work, begin);
  }
}

function start(engine: Engine, work: Work, begin: (work: Work) => Begun): void {
  const { ended, cancel } = begin(work);
  engine.running.set(work.lane, { work, cancel });
  void ended.then((outcome) => {
    engine.running.delete(work.lane);
    engine.turn = true;
    if (work.job.kind !== 'tell') Object.assign(engine, { look: true, worked: true });
    // Cancelled with its workflow: it stays on the queue, should the workflow go on.
    if (outcome.kind !== 'cancelled') settle(engine, work, outcome, engine.nowMs());
  });
}

function settle(engine: Engine, work: Work, outcome: Exclude<Outcome, { kind: 'cancelled' }>, nowMs: number): void {
  const isStep = !engine.pending.includes(work);
  if (outcome.kind === 'failed') {
    const kind = isStep ? 'step-failing' : 'follow-up-failing';
    engine.failing.set(work.key, { kind, message: `${nameOf(work)}: ${outcome.message}`, at: isoOf(nowMs) });
  } else {
    engine.failing.delete(work.key);
    engine.pending = engine.pending.filter((entry) => entry !== work);
    if (outcome.note !== null) engine.noted(`${nameOf(work)}: ${outcome.note}`);
  }
  // A step that was done and is still due when the flow was read again had no effect: it waits like one that failed.
  if (!isStep && outcome.kind === 'done') return;
  const lengthMs = Math.min(pause.mostMs, (engine.pauses.get(work.key)?.lengthMs ?? pause.firstMs / 2) * 2);
  engine.pauses.set(work.key, { untilMs: nowMs + lengthMs, lengthMs });
}

/** When the engine has to be turned again although nothing happens: a deadline, a reminder, the end of a pause. Null: never. */
export function nextTurnMs(engine: Engine): number | null {
  const nowMs = engine.nowMs();
  const due = engine.flow && nextDue(engine.flow, isoOf(nowMs));
  // A pause that is over waits for its lane, and whatever ends there turns the engine.
  const ends = [...engine.pauses.values()].map((entry) => entry.untilMs).filter((untilMs) => untilMs > nowMs);
  const next = Math.min(...ends, due ? Date.parse(due) : Infinity);
  return Number.isFinite(next) ? next : null;
}

/** True when the report is to go on as another version of its workflow, and nothing runs that the move would break off. */
export function mayMove({ flow, running }: Engine): boolean {
  return wantsMove(flow) && running.size === 0;
}

/** True while nothing new is begun: what runs comes to its end first. */
export function wantsMove(flow: FlowState | null): boolean {
  return flow?.movesTo !== undefined && !flow.over && flow.movesTo !== (flow.version ?? unrecordedVersion);
}

/** True when nothing runs and nothing is to be done now. */
export function isIdle(engine: Engine): boolean {
  return engine.running.size === 0 && dueWork(engine, engine.nowMs()).length === 0;
}

/** What waits and runs, as queries show it. */
export function workShown(engine: Engine): ReportProgress['work'] {
  const running = [...engine.running.values()].map((entry) => entry.work);
  const steps = running.filter((work) => !engine.pending.includes(work));
  return [...engine.pending, ...steps].map((work) => ({
    kind: work.job.kind,
    phase: work.phase,
    lob: work.lob,
    operationId: 'operationId' in work.job ? work.job.operationId : null,
    running: running.includes(work),
  }));
}

/** Lines whose version is being made now. */
export function isMaking({ running }: Engine, phase: PhaseSlug, lob: string | null): boolean {
  const makes: readonly Job['kind'][] = ['propose', 'draw-sample', 'revise-sample', 'make-version', 'complete-phase'];
  return [...running.values()].some(
    ({ work }) => makes.includes(work.job.kind) && work.phase === phase && ownerOf(phase, work.lob) === lob,
  );
}
