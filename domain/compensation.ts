// Owns what happens when a step fails for good (mission.md, row 17): the strategies, which phase has which, the state that each ends in,
// and how a person settles it. Pure; knows neither workflow nor store.
import { phaseOf, placeName } from './phases.ts';
import type { PhaseSlug } from './phases.ts';

export const strategies = ['rollback', 'notify', 'skip-to-manual', 'partial-rollback'] as const;
/**
 * `rollback`: the step and what asked for it are undone. `partial-rollback`: what people did stays, the step stops. `notify`: people are
 * told, the step is tried on. `skip-to-manual`: the step is given up, people go on by hand.
 */
export type Strategy = (typeof strategies)[number];

/** A step is a proposal that the flow makes by itself, or the carrying out of an act: of what a person did by an operation. */
export type FailedStep = 'proposal' | 'act';

type PhaseStrategies = Readonly<Record<FailedStep, Strategy>>;

/** Which phase is compensated how. Proposals of recorded phases do not exist: their entry is never asked. */
export const compensationOf: Readonly<Record<PhaseSlug, PhaseStrategies>> = {
  planning: { proposal: 'partial-rollback', act: 'partial-rollback' },
  'data-profiling': { proposal: 'skip-to-manual', act: 'partial-rollback' },
  scoping: { proposal: 'partial-rollback', act: 'partial-rollback' },
  // Recommendations are a help; a half-made sample must not shape the next one.
  'sample-selection': { proposal: 'skip-to-manual', act: 'rollback' },
  'data-owner-id': { proposal: 'notify', act: 'notify' },
  'request-info': { proposal: 'notify', act: 'notify' },
  'test-execution': { proposal: 'notify', act: 'partial-rollback' },
  observations: { proposal: 'partial-rollback', act: 'partial-rollback' },
  'test-report': { proposal: 'rollback', act: 'partial-rollback' },
};

/** What a compensation leaves behind. */
export interface EndState {
  /** `closed`: the phase is as if it had never been opened; `kept`: it stays where it was. */
  phase: 'closed' | 'kept';
  /** What the person did: `withdrawn` (they do it again), `stands`, or there was nothing of the kind. */
  act: 'withdrawn' | 'stands' | 'none';
  /** `held`: done only after a person says so; `given-up`: never done; `tried-on`: tried again and again. */
  step: 'held' | 'given-up' | 'tried-on';
  /** Whether a test manager has to settle it. */
  waits: boolean;
}

/** The declared end of each strategy. */
export function endStateOf(strategy: Strategy, step: FailedStep, phase: PhaseSlug): EndState {
  const act = step === 'act' ? 'stands' : 'none';
  switch (strategy) {
    case 'notify':
      return { phase: 'kept', act, step: 'tried-on', waits: false };
    case 'partial-rollback':
      return { phase: 'kept', act, step: 'held', waits: true };
    case 'rollback':
      return step === 'act'
        ? { phase: 'kept', act: 'withdrawn', step: 'given-up', waits: false }
        : { phase: 'closed', act: 'none', step: 'held', waits: true };
    case 'skip-to-manual':
      return step === 'act'
        ? { phase: 'kept', act: 'withdrawn', step: 'given-up', waits: true }
        : goesOnByHand(phase)
          ? { phase: 'kept', act: 'none', step: 'given-up', waits: false }
          : { phase: 'kept', act: 'none', step: 'held', waits: true };
  }
}

/** True when people can go on in the phase without its proposal: samples are planned without recommendations. */
export function goesOnByHand(phase: PhaseSlug): boolean {
  return phaseOf(phase).making === 'drawn';
}

export const compensationStates = ['notified', 'done', 'waiting', 'settled'] as const;
/** `notified`: the step is tried on; `done`: nobody has to do anything; `waiting`: for a test manager; `settled`: one did. */
export type CompensationState = (typeof compensationStates)[number];

export const settlements = ['try-again', 'withdraw', 'by-hand'] as const;
/** `try-again`: the held step is done again; `withdraw`: the act is taken back; `by-hand`: people went on without the step. */
export type Settlement = (typeof settlements)[number];

/** What was done about a step that failed for good. Times are ISO-8601 UTC. */
export interface Compensation {
  compensationId: string;
  reportId: string;
  phase: PhaseSlug;
  lob: string | null;
  /** What failed, as the workflow calls it: the kind of job. */
  job: string;
  /** The operation that asked for it; null for a proposal. */
  operationId: string | null;
  strategy: Strategy;
  /** Why the step failed, the last time. */
  reason: string;
  /** What was done, in order, each in the transaction of its effect. */
  actions: { action: CompensationAction; at: string }[];
  state: CompensationState;
  settled: { choice: Settlement | 'skipped'; by: string; note: string; at: string } | null;
}

export const compensationActions = ['notified', 'phase-closed', 'act-withdrawn', 'step-held', 'step-given-up'] as const;
export type CompensationAction = (typeof compensationActions)[number];

export const actionWords: Readonly<Record<CompensationAction, string>> = {
  notified: 'people were told',
  'phase-closed': 'the phase was closed again',
  'act-withdrawn': 'what had asked for it was taken back',
  'step-held': 'the step was stopped',
  'step-given-up': 'the step was given up',
};

export const strategyNames: Readonly<Record<Strategy, string>> = {
  rollback: 'rolled back',
  notify: 'told and tried on',
  'skip-to-manual': 'left to people',
  'partial-rollback': 'rolled back in part',
};

/** The actions that lead to an end state, in order. People are always told. */
export function actionsOf(end: EndState): CompensationAction[] {
  return [
    ...(end.act === 'withdrawn' ? (['act-withdrawn'] as const) : []),
    ...(end.phase === 'closed' ? (['phase-closed'] as const) : []),
    ...(end.step === 'held' ? (['step-held'] as const) : []),
    ...(end.step === 'given-up' ? (['step-given-up'] as const) : []),
    'notified',
  ];
}

/** How a compensation can be settled now; empty when nothing is to be settled. */
export function settlementsOf(
  compensation: Pick<Compensation, 'state' | 'strategy' | 'operationId' | 'phase'>,
): Settlement[] {
  if (compensation.state !== 'waiting') return [];
  const { strategy, phase, operationId } = compensation;
  const { step, act } = endStateOf(strategy, operationId === null ? 'proposal' : 'act', phase);
  if (step !== 'held') return ['by-hand'];
  return act === 'stands' ? ['try-again', 'withdraw'] : ['try-again'];
}

/** Why a compensation cannot be settled like this, or null when it can. */
export function whyNotSettle(
  compensation: Pick<Compensation, 'state' | 'strategy' | 'operationId' | 'phase' | 'lob'>,
  choice: Settlement,
): string | null {
  const choices = settlementsOf(compensation);
  if (choices.includes(choice)) return null;
  if (choices.length === 0)
    return `nothing of ${placeName(compensation)} waits to be settled here: it is ${compensation.state}`;
  return `this can be settled by ${choices.join(' or ')}, not by ${choice}`;
}
