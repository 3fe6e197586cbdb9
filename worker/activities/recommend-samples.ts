// Owns the activity that recommends rows to look at beside the random sample: asks the recommender and has the store keep what it
// picked, once.
import { createHash } from 'node:crypto';
import type { WorkflowContext } from '../../domain/version.ts';
import { isWaiting } from '../making/making.ts';
import type { Subject } from '../making/making.ts';
import { recommendRows } from '../making/sample-selection.ts';
import { setProblem } from '../store/phase-line.ts';
import { recordRecommendation } from '../store/recommendations.ts';
import type { ActivityDeps } from './create-activities.ts';
import { keyOf } from './recorded.ts';

/** How many rows were picked; null when nothing can be picked yet, which the report says then. */
export async function recommendSamples(
  deps: ActivityDeps,
  subject: Subject,
  workflow: WorkflowContext,
  running: { attempt: number; signal: AbortSignal },
): Promise<number | null> {
  const { store, clock } = deps;
  const { reportId } = subject;
  const recommended = await recommendRows(deps, subject, running);
  if (isWaiting(recommended)) {
    await setProblem(store, reportId, recommended.waiting, clock);
    return null;
  }
  const key = keyOf(workflow, { phase: 'sample-selection', lob: null }, 'recommendation', '1');
  const recommendationId = `r-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  await recordRecommendation(store, { recommendationId, reportId, ...recommended, at: clock() }, clock);
  return recommended.picks.length;
}
