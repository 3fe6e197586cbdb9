// Owns what is known around a version: its plan, population, columns, lines of business and its chain.
// Reads the cache only.
import type { Population } from '../../../domain/population.ts';
import type { RecordedPlan } from '../../../domain/sample-plan.ts';
import type { Version } from '../../../domain/version.ts';
import type { Desk } from './desk.ts';
import { statement } from '../sqlite.ts';

/** The plan that a version, or the first version of its chain, was drawn from. */
export function planOf(desk: Desk, version: Version): RecordedPlan | null {
  const planId = version.summary['planId'];
  const plans = desk.cache.plans(version.reportId);
  return (
    plans.find((plan) => plan.planId === planId) ??
    plans.find((plan) => plan.versionId === version.versionId) ??
    plans.find((plan) => plan.versionId === version.masterRecordId) ??
    null
  );
}

/** The field whose values are the lines of business, or null. */
export function lobColumnOf(desk: Desk, version: Version): string | null {
  return planOf(desk, version)?.request.lobColumn ?? null;
}

/** The population that a version was drawn from, when it is ready. */
export function populationOf(desk: Desk, version: Version): Population | null {
  const hash = planOf(desk, version)?.request.populationHash ?? version.summary['populationHash'];
  return (
    desk.cache
      .populations(version.reportId)
      .find((population) => population.populationHash === hash && population.state.kind === 'ready') ?? null
  );
}

/** Field names in the order of the file, then those that the file does not have. */
export function fieldsOf(desk: Desk, version: Version): string[] {
  const fields = desk.cache.holdings(version.versionId)?.fields ?? [];
  const state = populationOf(desk, version)?.state;
  if (state?.kind !== 'ready') return fields;
  const known = new Set(fields);
  const inFile = state.columns.map(({ name }) => name).filter((name) => known.has(name));
  const placed = new Set(inFile);
  return [...inFile, ...fields.filter((name) => !placed.has(name))];
}

/** The lines of business that a version's rows belong to, sorted. */
export function lobsOf(desk: Desk, version: Version): string[] {
  const strata = desk.cache.holdings(version.versionId)?.strata ?? [];
  if (strata.length > 0) return strata.toSorted();
  const column = lobColumnOf(desk, version);
  if (column === null) return [];
  return statement<{ lob: string }>(
    desk.cache.db,
    `SELECT DISTINCT CAST(f.value AS TEXT) AS lob FROM versions v JOIN items i ON i.version_row = v.version_row
       JOIN bodies b ON b.body_row = i.body_row, json_each(b.body) f
     WHERE v.version_id = ? AND f.key = ? AND f.value IS NOT NULL ORDER BY 1`,
  )
    .all(version.versionId, column)
    .map(({ lob }) => lob);
}

/** The versions of the same report, phase and line of business, newest first. */
export function chainOf(desk: Desk, version: Version): Version[] {
  return desk.cache
    .versions(version.reportId)
    .filter((other) => other.phase === version.phase && other.lob === version.lob)
    .sort((a, b) => b.number - a.number);
}
