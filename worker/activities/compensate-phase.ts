// Owns the activity that compensates a step that failed for good: chooses the strategy of the phase and has the store carry it out, once.
import { compensationOf } from '../../domain/compensation.ts';
import type { Compensation } from '../../domain/compensation.ts';
import { compensate } from '../store/compensations.ts';
import type { Failed } from '../store/compensations.ts';
import type { ActivityDeps } from './create-activities.ts';

/** What a history is told: the log has the rest. */
export type Compensated = Pick<Compensation, 'compensationId' | 'strategy' | 'state'>;

/** Null when nobody wants the step any more. */
export async function compensatePhase(
  { store, clock, strategyOf }: Pick<ActivityDeps, 'store' | 'clock' | 'strategyOf'>,
  failed: Failed,
): Promise<Compensated | null> {
  const strategies = compensationOf[failed.phase];
  const strategy = strategyOf?.(failed) ?? strategies[failed.operationId === null ? 'proposal' : 'act'];
  const compensation = await compensate(store, failed, strategy, clock);
  return compensation && { compensationId: compensation.compensationId, strategy, state: compensation.state };
}
