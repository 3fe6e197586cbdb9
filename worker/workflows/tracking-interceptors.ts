// Owns what is tracked of the workflows of reports and lanes, in one place: runs, steps, waits and the phases that moved. It watches what
// passes and changes none of it: no command, and not one turn of the event loop more on the way of a result.
import { TemporalFailure, defaultPayloadConverter } from '@temporalio/common';
import { ContinueAsNew, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import type { Headers, WorkflowInterceptors } from '@temporalio/workflow';
import { applyingActivity } from '../../domain/activity.ts';
import { flowHas } from '../../domain/flow.ts';
import type { FlowLine, FlowState } from '../../domain/flow.ts';
import { placeOfWorkflow, trackedText } from '../../domain/tracking-rules.ts';
import { transitionsBetween } from '../../domain/tracking.ts';
import type { FlowSeen, TrackedExecution, TrackedStep, TrackedWait } from '../../domain/tracking.ts';
import { placeOfStep } from './step-place.ts';
import { rootMessage } from './store-tries.ts';
import { note } from './tracking.ts';

/** Shorter timers are pauses of the program, nothing that anybody waits for. */
const shortestWaitMs = 1_000;

/** What a run hands to the next one beside its input: where the phases stood when it read them last. */
const flowHeader = 'countersign-flow-seen';

/** Local activities whose results bring the flow. */
const bringFlow = new Set<string>(['readFlow', 'applyOperations', ...Object.values(applyingActivity)]);

/** One run of a tracked workflow. */
interface Run {
  readonly lob: string | null;
  readonly ids: { workflowId: string; runId: string };
  seen: FlowSeen | null;
  /** Steps and waits that have not ended. */
  readonly open: Set<TrackedStep | TrackedWait>;
}

/** The SDK calls this for each workflow. */
export function interceptors(): WorkflowInterceptors {
  const { workflowId, runId } = workflowInfo();
  const place = placeOfWorkflow(workflowId);
  if (!place) return {};
  const run: Run = { lob: place.lob, ids: { workflowId, runId }, seen: null, open: new Set() };
  return {
    inbound: [
      {
        execute: (input, next) => {
          run.seen = seenBefore(input);
          return watched(beginExecution(run), () => next(input));
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => {
          const { activityType, args, seq, options } = input;
          const stepId = options.activityId ?? String(seq);
          return watched(beginStep(run, stepId, activityType, args), () => next(input));
        },
        scheduleLocalActivity: (input, next) =>
          bringFlow.has(input.activityType)
            ? watched({ done: (answer) => see(run, answer), failed: nothing }, () => next(input))
            : next(input),
        startTimer: (input, next) =>
          input.durationMs < shortestWaitMs
            ? next(input)
            : watched(beginWait(run, String(input.seq), input.durationMs), () => next(input)),
        continueAsNew: (input, next) => next({ ...input, headers: { ...input.headers, ...handedOn(run) } }),
      },
    ],
  };
}

/** What to do when something ends. */
interface Watcher {
  done(answer: unknown): void;
  failed(error: unknown): void;
}

const nothing = (): void => undefined;

/** The promise of `begin` itself, watched: whoever waits for it gets it in the same turn as without. A fault of the tracking stays its own. */
function watched<Answer>({ done, failed }: Watcher, begin: () => Promise<Answer>): Promise<Answer> {
  const guarded = (tell: (value: unknown) => void) => (value: unknown) => {
    try {
      tell(value);
    } catch (error) {
      log.error('tracking', { error });
    }
  };
  const promise = begin();
  void promise.then(guarded(done), guarded(failed));
  return promise;
}

/** The time of the workflow. */
const now = (): string => new Date().toISOString();

function beginExecution(run: Run): Watcher {
  const begun: TrackedExecution = {
    kind: 'execution',
    ...{ ...run.ids, lob: run.lob, continuedFrom: workflowInfo().continuedFromExecutionRunId ?? null },
    ...{ startedAt: now(), endedAt: null, outcome: null },
  };
  note(begun);
  const ended = (outcome: TrackedExecution['outcome']): void => {
    const endedAt = now();
    for (const entry of run.open)
      note(entry.kind === 'step' ? { ...entry, endedAt, outcome: 'cancelled' } : { ...entry, endedAt });
    note({ ...begun, endedAt, outcome });
  };
  return {
    done: () => ended('completed'),
    failed(error) {
      if (error instanceof ContinueAsNew) ended('continued');
      else if (isCancellation(error)) ended('cancelled');
      // Anything else fails its task, which is repeated: the run goes on.
      else if (error instanceof TemporalFailure) ended('failed');
    },
  };
}

function beginStep(run: Run, stepId: string, activity: string, args: readonly unknown[]): Watcher {
  const begun: TrackedStep = {
    kind: 'step',
    ...{ ...run.ids, stepId, activity, ...placeOfStep(activity, args, run.lob) },
    ...{ startedAt: now(), endedAt: null, outcome: null, error: '' },
  };
  note(begun);
  run.open.add(begun);
  const ended = (outcome: TrackedStep['outcome'], error = ''): void => {
    if (run.open.delete(begun)) note({ ...begun, endedAt: now(), outcome, error });
  };
  return {
    done: () => ended('done'),
    failed: (error) => (isCancellation(error) ? ended('cancelled') : ended('failed', trackedText(rootMessage(error)))),
  };
}

function beginWait(run: Run, waitId: string, durationMs: number): Watcher {
  const until = new Date(Date.now() + durationMs).toISOString();
  const begun: TrackedWait = {
    kind: 'wait',
    ...{ ...run.ids, waitId, lob: run.lob, startedAt: now(), until, endedAt: null },
  };
  note(begun);
  run.open.add(begun);
  const ended = (): void => {
    if (run.open.delete(begun)) note({ ...begun, endedAt: now() });
  };
  return { done: ended, failed: ended };
}

/** Looks at a flow that was brought: notes the phases that moved since the last one. */
function see(run: Run, answer: unknown): void {
  const flow = (answer as { flow?: FlowState | null } | null)?.flow ?? null;
  if (!flow || (run.seen && flow.revision < run.seen.revision)) return;
  if (run.seen) for (const entry of transitionsBetween(run.seen, flow, ownLines(run, flow), now())) note(entry);
  run.seen = seenOf(flow);
}

/** A report answers for its lanes as long as they have no workflows of their own. */
function ownLines({ lob }: Run, flow: FlowState): (line: FlowLine) => boolean {
  return lob === null && !flowHas(flow, 'lobChildren') ? () => true : (line) => line.lob === lob;
}

function seenOf({ revision, lines }: FlowState): FlowSeen {
  return { revision, lines: lines.map(({ phase, lob, status }) => ({ phase, lob, status })) };
}

function handedOn({ seen }: Run): Headers {
  return seen === null ? {} : { [flowHeader]: defaultPayloadConverter.toPayload(seen) };
}

/** What the run before this one saw; else the flow that its input carries, which is from before there was a header. */
function seenBefore({ headers, args }: { headers: Headers; args: readonly unknown[] }): FlowSeen | null {
  const payload = headers[flowHeader];
  if (payload) return defaultPayloadConverter.fromPayload<FlowSeen>(payload);
  const carried = (args[0] as { carried?: { flow?: FlowState | null } } | undefined)?.carried?.flow;
  return carried ? seenOf(carried) : null;
}
