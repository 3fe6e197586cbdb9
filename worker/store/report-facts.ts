// Owns the reading of everything that a test report is assembled from. Knows no section and writes nothing.
import type { Kysely } from 'kysely';
import type { Decision } from '../../domain/decision.ts';
import { phases } from '../../domain/phases.ts';
import type { Population } from '../../domain/population.ts';
import type { DrawnVersion, ReportFacts, ReportItem, VersionWithItems } from '../../domain/report-facts.ts';
import type { Version } from '../../domain/version.ts';
import { readFollowed } from './follow-up.ts';
import { readReport } from './reports.ts';
import { readPlan, readPopulation } from './sample-rows.ts';
import type { Schema } from './schema.ts';
import { currentVersions, decisionOf, readVersionItems, versionsOf } from './version-rows.ts';

/** @throws Error when the store has no such report. */
export async function readReportFacts(db: Kysely<Schema>, reportId: string): Promise<ReportFacts> {
  const report = await readReport(db, reportId);
  if (!report) throw new Error(`the store has no report ${reportId}`);
  const cycle = await db
    .selectFrom('cycles')
    .select('name')
    .where('cycle_id', '=', report.cycleId)
    .executeTakeFirstOrThrow();
  const people = await db.selectFrom('people').select(['person_id', 'name']).execute();
  const drawn = await readDrawn(db, reportId);
  return {
    report,
    cycleName: cycle.name,
    people: new Map(people.map((row) => [row.person_id, row.name])),
    population: await readTestedPopulation(db, reportId, drawn),
    current: await readCurrent(db, reportId),
    drawn,
    expired: await readExpired(db, reportId),
    ledger: await readLedgerHead(db, reportId),
  };
}

/** The approved versions of all phases but the report's own: an assembled report never speaks of itself. */
async function readCurrent(db: Kysely<Schema>, reportId: string): Promise<VersionWithItems[]> {
  const current: VersionWithItems[] = [];
  for (const { slug } of phases.filter((phase) => phase.slug !== 'test-report')) {
    for (const version of await currentVersions(db, reportId, slug)) current.push(await withItems(db, version));
  }
  return current;
}

async function readDrawn(db: Kysely<Schema>, reportId: string): Promise<DrawnVersion[]> {
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('phase', '=', 'sample-selection')
    .orderBy('lob')
    .orderBy('number')
    .execute();
  const versions = await versionsOf(db, rows);
  const drawn: DrawnVersion[] = [];
  for (const [index, version] of versions.entries()) {
    const { plan_id: planId, operation_id: operationId } = rows[index] as Schema['versions'];
    const isRedraw = version.number > 1 && version.parentVersionId === null;
    drawn.push({
      ...(await withItems(db, version)),
      plan: planId === null ? null : await readPlan(db, planId),
      redrawReason: isRedraw ? (await readFollowed(db, operationId)).redrawReason : null,
    });
  }
  return drawn;
}

async function withItems(db: Kysely<Schema>, version: Version): Promise<VersionWithItems> {
  const decisions = await readCounting(db, version.versionId);
  const items = await readVersionItems(db, version.versionId);
  return {
    version,
    items: items.map(({ itemKey, body, source, origin, verdict }): ReportItem => ({
      ...{ itemKey, body, source, origin, verdict },
      decision: decisions.get(itemKey) ?? null,
    })),
  };
}

/** The decisions that count on a version's items, by key. */
async function readCounting(db: Kysely<Schema>, versionId: string): Promise<Map<string, Decision>> {
  const rows = await db
    .selectFrom('verdicts')
    .innerJoin('decisions', (join) =>
      join
        .onRef('decisions.version_id', '=', 'verdicts.version_id')
        .onRef('decisions.item_key', '=', 'verdicts.item_key')
        .onRef('decisions.operation_id', '=', 'verdicts.operation_id'),
    )
    .selectAll('decisions')
    .where('verdicts.version_id', '=', versionId)
    .execute();
  return new Map(rows.map((row) => [row.item_key, decisionOf(row)]));
}

/** The population that the approved sample was drawn from, else the one that was imported last and could be read. */
async function readTestedPopulation(
  db: Kysely<Schema>,
  reportId: string,
  drawn: readonly DrawnVersion[],
): Promise<Population | null> {
  const approved = drawn.find(({ version }) => version.status === 'approved')?.plan;
  if (approved) {
    return (await readPopulation(db, reportId, approved.request.populationHash))?.population ?? null;
  }
  const rows = await db
    .selectFrom('populations')
    .select('population_hash')
    .where('report_id', '=', reportId)
    .orderBy('imported_at', 'desc')
    .execute();
  for (const row of rows) {
    const found = await readPopulation(db, reportId, row.population_hash);
    if (found?.population.state.kind === 'ready') return found.population;
  }
  return null;
}

/** From the ledger: the header forgets a deadline that was extended. */
async function readExpired(db: Kysely<Schema>, reportId: string): Promise<ReportFacts['expired']> {
  const rows = await db
    .selectFrom('ledger')
    .select(['detail_text', 'applied_at'])
    .where('report_id', '=', reportId)
    .where('kind', '=', 'phase.expired')
    .orderBy('sequence')
    .execute();
  return rows.map((row) => {
    const { phase, lob, dueAt } = JSON.parse(row.detail_text) as Omit<ReportFacts['expired'][number], 'at'>;
    return { phase, lob, dueAt, at: row.applied_at };
  });
}

async function readLedgerHead(db: Kysely<Schema>, reportId: string): Promise<ReportFacts['ledger']> {
  return db
    .selectFrom('reports')
    .select(['ledger_length as length', 'ledger_hash as hash'])
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
}
