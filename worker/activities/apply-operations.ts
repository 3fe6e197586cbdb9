// Owns the activity that applies what arrived: calls the store and cuts its answer down to what a history should carry.
import type { ReceiptNote, ReportProgress } from '../../domain/report-progress.ts';
import type { Target } from '../../domain/operation.ts';
import { applyOperations } from '../store/apply.ts';
import type { Applied, FollowUp, Incoming } from '../store/apply.ts';
import type { ActivityDeps } from './create-activities.ts';

/** What the workflow is told: ids and counts, no bodies. */
export interface AppliedBatch {
  counts: ReportProgress['counts'];
  /** The last ones, newest last. */
  receipts: ReceiptNote[];
  followUps: FollowUp[];
  ledgerHead: { length: number; hash: string } | null;
  watermarks: Record<string, number>;
}

const receiptsTold = 100;

export async function applyBatch(deps: ActivityDeps, target: Target, incoming: Incoming[]): Promise<AppliedBatch> {
  const applied: Applied = await applyOperations(deps.store, target, incoming, deps.clock);
  const counts: AppliedBatch['counts'] = { applied: 0, refused: 0, conflict: 0, 'dead-letter': 0 };
  for (const { state } of applied.outcomes) counts[state] += 1;
  return {
    counts,
    receipts: applied.outcomes.slice(-receiptsTold).map(({ operationId, state }) => ({ operationId, state })),
    followUps: applied.followUps,
    ledgerHead: applied.ledgerHead,
    watermarks: applied.watermarks,
  };
}
