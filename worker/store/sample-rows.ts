// Owns populations and sample plans as rows. Knows no arithmetic; that is domain/sampling.
import type { Kysely } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import type { Population } from '../../domain/population.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { Schema } from './schema.ts';
import type { Writing } from './writing.ts';

/** A population of a report with the key column that was asked for; null when the report has none of that hash. */
export async function readPopulation(
  db: Kysely<Schema>,
  reportId: string,
  populationHash: string,
): Promise<{ population: Population; askedKeyColumn: string | null; operationId: string } | null> {
  const row = await db
    .selectFrom('populations')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('population_hash', '=', populationHash)
    .executeTakeFirst();
  if (!row) return null;
  const population: Population = {
    populationHash,
    reportId,
    fileName: row.file_name,
    fileSize: row.file_size,
    importedBy: row.imported_by,
    importedAt: row.imported_at,
    state: JSON.parse(row.state_text) as Population['state'],
  };
  return { population, askedKeyColumn: row.key_column, operationId: row.operation_id };
}

/** Tells the report's feed how a population stands. */
export async function emitPopulation(writing: Writing, reportId: string, populationHash: string): Promise<void> {
  const found = await readPopulation(writing.trx, reportId, populationHash);
  if (found) writing.emit(reportFeed(reportId), { kind: 'population', population: found.population });
}

/** A recorded plan, null when there is none. */
export async function readPlan(db: Kysely<Schema>, planId: string): Promise<RecordedPlan | null> {
  const row = await db.selectFrom('plans').selectAll().where('plan_id', '=', planId).executeTakeFirst();
  if (!row) return null;
  return { ...(JSON.parse(row.plan_text) as Omit<RecordedPlan, 'versionId'>), versionId: row.version_id };
}

/** Keeps a plan; what it says never changes, only the version drawn from it is added later. */
export async function insertPlan(writing: Writing, plan: Omit<RecordedPlan, 'versionId'>): Promise<void> {
  await writing.trx
    .insertInto('plans')
    .values({
      plan_id: plan.planId,
      report_id: plan.reportId,
      recorded_by: plan.recordedBy,
      plan_text: JSON.stringify(plan),
      version_id: null,
    })
    .execute();
  writing.emit(reportFeed(plan.reportId), { kind: 'plan', plan: { ...plan, versionId: null } });
}
