// Owns the activity that applies what arrived: calls the store and cuts its answer down to what a history should carry.
import type { FlowState } from '../../domain/flow.ts';
import type { ReceiptNote, ReportProgress } from '../../domain/report-progress.ts';
import type { Target } from '../../domain/operation.ts';
import { applyOperations } from '../store/apply.ts';
import type { Applied, FollowUp, Incoming } from '../store/apply.ts';
import { mustKnowReport } from '../store/workflow-version.ts';
import type { ActivityDeps } from './create-activities.ts';
import { newerFlow } from './read-flow.ts';

/** What the workflow is told: ids, counts and the flow where it changed; no bodies. */
export interface AppliedBatch {
  counts: ReportProgress['counts'];
  /** The last ones, newest last. */
  receipts: ReceiptNote[];
  followUps: FollowUp[];
  ledgerHead: { length: number; hash: string } | null;
  watermarks: Record<string, number>;
  /** Null when it is the one that the workflow knows, and for targets that are no report. */
  flow: FlowState | null;
}

const receiptsTold = 100;

/** @param knownRevision of the flow that the workflow has, null when it has none. */
export async function applyBatch(
  deps: Pick<ActivityDeps, 'store' | 'clock'>,
  target: Target,
  incoming: Incoming[],
  knownRevision: number | null,
): Promise<AppliedBatch> {
  if (target.kind === 'report') await mustKnowReport(deps.store, target.id);
  const applied: Applied = await applyOperations(deps.store, target, incoming, deps.clock);
  const counts: AppliedBatch['counts'] = { applied: 0, refused: 0, conflict: 0, 'dead-letter': 0 };
  for (const { state } of applied.outcomes) counts[state] += 1;
  return {
    counts,
    receipts: applied.outcomes.slice(-receiptsTold).map(({ operationId, state }) => ({ operationId, state })),
    followUps: applied.followUps,
    ledgerHead: applied.ledgerHead,
    watermarks: applied.watermarks,
    flow: target.kind === 'report' ? await newerFlow(deps, target.id, null, knownRevision) : null,
  };
}
