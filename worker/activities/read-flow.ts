// Owns what workflows read of the store to know what is due: the flow, when it is newer than theirs, and unfinished work.
import type { FlowState } from '../../domain/flow.ts';
import type { FollowUp } from '../store/apply.ts';
import { readFlow } from '../store/phase-line.ts';
import { unfinishedWork } from '../store/report-state.ts';
import type { ActivityDeps } from './create-activities.ts';

export interface ReadFlow {
  /** Null when the caller knows it, or when there is no such report. */
  flow: FlowState | null;
  /** Follow-ups of this scope (the report, or one lane) that were asked for and are not done, oldest first. */
  unfinished: FollowUp[];
}

/** @param known the revision of the flow that the caller has, null when it has none. */
export async function readFlowAndWork(
  deps: Pick<ActivityDeps, 'store'>,
  reportId: string,
  lob: string | null,
  known: number | null,
): Promise<ReadFlow> {
  return {
    flow: await newerFlow(deps, reportId, lob, known),
    unfinished: await unfinishedWork(deps.store.db, reportId, lob),
  };
}

/** The flow, unless its revision is the known one: a look at one number before everything is read. */
export async function newerFlow(
  { store: { db } }: Pick<ActivityDeps, 'store'>,
  reportId: string,
  lob: string | null,
  known: number | null,
): Promise<FlowState | null> {
  const row = await db
    .selectFrom('reports')
    .select('flow_revision')
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  if (!row || row.flow_revision === known) return null;
  return readFlow(db, reportId, lob);
}
