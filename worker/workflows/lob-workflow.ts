// Owns the life of one line of business: does what is due in its lane, from wherever the store is, until the lane has come to its end.
// Takes no operations: those go to its report. Decides nothing about an audit.
import { ApplicationFailure } from '@temporalio/common';
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { queries } from '../../domain/change.ts';
import type { Alert, LaneProgress } from '../../domain/report-progress.ts';
import { openAlarm } from './alarm.ts';
import { addWork, hasEnded, isIdle, newEngine, nextTurnMs, takeTurn, workShown } from './flow-engine.ts';
import type { Engine } from './flow-engine.ts';
import { look, withAlert } from './look.ts';
import { begin } from './perform.ts';
import { isLong, mayGoOn, usualLimits } from './run-limits.ts';
import type { RunLimits } from './run-limits.ts';
import { phaseLives } from './report-answers.ts';
import { newsSignal } from './tell.ts';
import type { Work } from './work.ts';

const ownTaskMs = 10;

/** What a run hands to the next one: little, because each begins with reading the store. */
interface LobState {
  /** What its report is still to be told, and work in the middle. */
  pending: Work[];
  alerts: Alert[];
  continued: number;
}

export interface LobInput {
  /** Tests shorten the runs; null or absent means the former limits (run-limits.ts). */
  limits?: RunLimits | null;
  carried?: LobState;
}

/** Runs until its lane is finished or cancelled, or its report is over. Which lane it is stands in its id: `lob/REPORT/LOB`. */
export async function lobWorkflow(input?: LobInput): Promise<void> {
  const { reportId, lob } = placeOf(workflowInfo().workflowId);
  const limits = input?.limits ?? null;
  const state = input?.carried ?? { pending: [], alerts: [], continued: 0 };
  const noted = (message: string): void => void (state.alerts = withAlert(state.alerts, 'step-failing', message));
  const engine = newEngine({ lob, noted, nowMs: Date.now, pending: state.pending });
  const performer = { reportId, limits, flow: () => engine.flow };
  const alarm = openAlarm();
  let signals = 0;
  setHandler(newsSignal, () => {
    signals += 1;
    engine.look = true;
  });
  setHandler(defineQuery<LaneProgress>(queries.progress), () => progressOf(engine, reportId, lob, state));

  const goOn = (): boolean => mayGoOn(signals, engine.running.size, limits);
  const mayBegin = (): boolean => !isLong(signals, limits);
  for (;;) {
    await condition(() => engine.look || (engine.turn && mayBegin()) || alarm.rang || goOn());
    if (goOn()) {
      // In a task of its own: news that come meanwhile would make the command fail. What they tell is read by the next run.
      await sleep(ownTaskMs);
      break;
    }
    if (engine.look) await look(engine, reportId);
    if (hasEnded(engine) && isIdle(engine)) return;
    if (mayBegin()) takeTurn(engine, (work) => begin(performer, work));
    alarm.set(nextTurnMs(engine));
  }
  // What the last job changed was not looked at: the next run sees it, and would not know whose doing it was.
  if (engine.worked) addWork(engine, { kind: 'tell', lob: null });
  await condition(allHandlersFinished);
  const carried = { pending: engine.pending, alerts: state.alerts, continued: state.continued + 1 };
  await continueAsNew<typeof lobWorkflow>({ limits: limits ?? usualLimits, carried });
}

function placeOf(workflowId: string): { reportId: string; lob: string } {
  const [, reportId = '', lob = ''] = workflowId.split('/');
  try {
    return { reportId, lob: decodeURIComponent(lob) };
  } catch (error) {
    // Started by somebody else: without this the workflow's task would fail for ever.
    throw ApplicationFailure.nonRetryable(`no lane is called ${workflowId}: ${String(error)}`, 'Malformed');
  }
}

function progressOf(engine: Engine, reportId: string, lob: string, { alerts, continued }: LobState): LaneProgress {
  return {
    ...{ reportId, lob, continued },
    phases: phaseLives(engine).filter((row) => row.lob === lob),
    paused: engine.flow?.paused ?? false,
    work: workShown(engine),
    alerts: [...alerts, ...engine.failing.values()],
  };
}
