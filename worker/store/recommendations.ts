// Owns the recommended rows as the store keeps them: each set once, in the feed and on record. Who recommends is the worker's.
import type { Kysely } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import type { Recommendation } from '../../domain/change.ts';
import { recordByWorkflow } from './flow-ledger.ts';
import { emitReport } from './reports.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';

/**
 * Keeps a set of recommended rows; sample selection counts as proposed from then on. A second call with the same id has no
 * effect, so that a repeated activity recommends once.
 */
export async function recordRecommendation(
  store: Store,
  recommendation: Recommendation,
  clock: () => string,
): Promise<void> {
  await write(store, clock(), async (writing) => {
    const { recommendationId, reportId, picks, by, fallback } = recommendation;
    const { numInsertedOrUpdatedRows } = await writing.trx
      .insertInto('recommendations')
      .values({
        recommendation_id: recommendationId,
        report_id: reportId,
        recommendation_text: JSON.stringify(recommendation),
      })
      .onConflict((c) => c.column('recommendation_id').doNothing())
      .executeTakeFirstOrThrow();
    if (!numInsertedOrUpdatedRows) return;
    writing.emit(reportFeed(reportId), { kind: 'recommendation', recommendation });
    await emitReport(writing, reportId);
    const rows = `${picks.length.toLocaleString('en')} ${picks.length === 1 ? 'row' : 'rows'}`;
    const who = by.kind === 'model' ? `the model ${by.model}` : 'rules on the profile';
    const instead = fallback === '' ? '' : `, in place of the model: ${fallback}`;
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `recommendation/${recommendationId}`, kind: 'sample.recommended' },
      summary: `recommended ${rows} to look at, by ${who}${instead}`,
      detail: { recommendationId, by: { ...by }, fallback, itemKeys: picks.map((pick) => pick.itemKey) },
    });
  });
}

/** The recommendations of a report, oldest first. */
export async function readRecommendations(db: Kysely<Schema>, reportId: string): Promise<Recommendation[]> {
  const rows = await db
    .selectFrom('recommendations')
    .select('recommendation_text')
    .where('report_id', '=', reportId)
    .execute();
  return rows
    .map((row) => JSON.parse(row.recommendation_text) as Recommendation)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || (a.recommendationId < b.recommendationId ? -1 : 1));
}
