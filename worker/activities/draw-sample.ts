// Owns the activity that makes a version from a recorded plan: draws the random rows, adds the targeted ones and has the store make the
// version, once per plan.
import type { Json } from '../../domain/canonical.ts';
import { strataOf } from '../../domain/sampling/report-plan.ts';
import type { WorkflowContext } from '../../domain/version.ts';
import { planOf, readFollowed } from '../store/follow-up.ts';
import { readReport } from '../store/reports.ts';
import { createSampleVersion } from '../store/versions.ts';
import type { NewItem } from '../store/versions.ts';
import type { ActivityDeps } from './create-activities.ts';
import { keyOf, madeVersion, orRecorded } from './recorded.ts';
import type { FollowUpOf, MadeVersion } from './recorded.ts';
import { drawPlan, pickTargeted } from './sample-draw.ts';
import type { DrawnRow, DrawnStratum, TargetedRow } from './sample-draw.ts';

/** The version, or null when the plan cannot be carried out; why stands in the ledger then. */
export async function drawSampleVersion(
  deps: Pick<ActivityDeps, 'store' | 'populations' | 'clock' | 'log'>,
  work: FollowUpOf<'draw-sample'>,
  workflow: WorkflowContext,
): Promise<MadeVersion | null> {
  const { store, populations, clock } = deps;
  const { operationId, reportId, planId } = work;
  const plan = await planOf(store, planId);
  if (!plan) throw new Error(`the store has no plan ${planId}`);
  const { targeted } = await readFollowed(store.db, operationId);
  const report = await readReport(store.db, reportId);
  const names = report && strataOf(report);
  return orRecorded(deps, { operationId, reportId, operation: 'create' }, async () => {
    const { rows, strata } = await drawPlan(populations, plan, names);
    const picked = await pickTargeted(populations, plan, targeted, new Set(rows.map((row) => row.itemKey)));
    const place = { phase: 'sample-selection', lob: plan.request.lob } as const;
    const version = await createSampleVersion(
      store,
      {
        idempotencyKey: keyOf(workflow, place, 'draw', planId),
        ...{ operationId, reportId, planId, workflow },
        rows: [...rows, ...picked].map(newItem),
        summary: { strata: strata.map(disclosed), targeted: picked.length },
      },
      clock,
    );
    return madeVersion(version);
  });
}

function newItem({ itemKey, body, source }: DrawnRow | TargetedRow): NewItem {
  return { itemKey, content: { body }, source, origin: { kind: 'new' }, verdict: 'pending' };
}

/** What has to be known to draw again: the record of the draw, and the stratum's share. */
function disclosed({ record, sampleSize, weight }: DrawnStratum): Json {
  return { ...record, sampleSize, weight };
}
