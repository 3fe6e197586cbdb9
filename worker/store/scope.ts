// Owns what is tested in a report, as the store has it: the population, the attributes in scope, and the samples of a line of business.
// Writes nothing. What follows from the facts is domain/in-scope.ts.
import type { Kysely } from 'kysely';
import type { Report } from '../../domain/change.ts';
import { attributesInScope, lobOf } from '../../domain/in-scope.ts';
import type { ApprovedItem } from '../../domain/in-scope.ts';
import type { Reason } from '../../domain/operation.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Population } from '../../domain/population.ts';
import type { ItemBody } from '../../domain/version.ts';
import { lobColumnOf } from './lob-samples.ts';
import type { Schema } from './schema.ts';
import { currentVersion, currentVersions, readVersionItems } from './version-rows.ts';

/** A population that was read. */
export type ReadyPopulation = Extract<Population['state'], { kind: 'ready' }> & { populationHash: string };

/** The population that a report works on: the one imported last of those that could be read; null while there is none. */
export async function readReadyPopulation(db: Kysely<Schema>, reportId: string): Promise<ReadyPopulation | null> {
  const rows = await db
    .selectFrom('populations')
    .select(['population_hash', 'state_text'])
    .where('report_id', '=', reportId)
    .orderBy('imported_at', 'desc')
    .execute();
  for (const row of rows) {
    const state = JSON.parse(row.state_text) as Population['state'];
    if (state.kind === 'ready') return { ...state, populationHash: row.population_hash };
  }
  return null;
}

/**
 * Why no sample of this population is planned, drawn or approved any more, or null while one can be: another one was handed in since.
 * One report rests on one population. Files that could not be read do not count.
 */
export async function whyOtherPopulation(
  db: Kysely<Schema>,
  reportId: string,
  populationHash: string,
): Promise<Reason | null> {
  const rows = await db
    .selectFrom('populations')
    .select(['population_hash', 'file_name', 'state_text'])
    .where('report_id', '=', reportId)
    .orderBy('imported_at', 'desc')
    .execute();
  const kindOf = (row: { state_text: string }) => (JSON.parse(row.state_text) as Population['state']).kind;
  const latest = rows.find((row) => kindOf(row) !== 'failed');
  if (!latest || latest.population_hash === populationHash) return null;
  const before = rows.find((row) => row.population_hash === populationHash)?.file_name ?? 'another file';
  const message =
    kindOf(latest) === 'importing'
      ? `the population ${latest.file_name} is being read: wait, then plan and draw from it`
      : `this sample is of ${before}, and ${latest.file_name} was imported since: plan and draw from that one, or import ${before} again`;
  return { code: 'out-of-turn', message };
}

/** The attributes that are tested, in the order of the scoping (or the plan, or the file). */
export async function readAttributesInScope(db: Kysely<Schema>, reportId: string): Promise<string[]> {
  const population = await readReadyPopulation(db, reportId);
  return attributesInScope({
    scoping: await approvedItems(db, reportId, 'scoping'),
    planning: await approvedItems(db, reportId, 'planning'),
    columns: population?.columns.map((column) => column.name) ?? [],
    keyColumn: population?.keyColumn ?? null,
  });
}

async function approvedItems(db: Kysely<Schema>, reportId: string, phase: PhaseSlug): Promise<ApprovedItem[] | null> {
  const version = await currentVersion(db, reportId, phase, null);
  if (!version) return null;
  const items = await readVersionItems(db, version.versionId);
  return items.filter((item) => item.verdict === 'approved');
}

/** An approved sample as testing needs it. */
export interface TestedSample {
  itemKey: string;
  contentHash: string;
  /** The row of the population as it was approved: what is expected. */
  body: ItemBody;
  /** Drawn at random: only those support a limit. */
  random: boolean;
}

/** The approved samples of a line of business by their keys, in the order of their versions; all, or only those of the named keys. */
export async function readSamples(
  db: Kysely<Schema>,
  report: Pick<Report, 'reportId' | 'lobs' | 'lobSource'>,
  lob: string,
  itemKeys?: readonly string[],
): Promise<Map<string, TestedSample>> {
  const lobColumn = lobColumnOf(report);
  const names = report.lobs.map((row) => row.lob);
  const samples = new Map<string, TestedSample>();
  for (const version of await currentVersions(db, report.reportId, 'sample-selection')) {
    if (version.lob !== null && version.lob !== lob) continue;
    for (const item of await readVersionItems(db, version.versionId, itemKeys)) {
      const { itemKey, contentHash, body, source, verdict } = item;
      if (verdict !== 'approved' || (version.lob ?? lobOf(body, lobColumn, names)) !== lob) continue;
      samples.set(itemKey, { itemKey, contentHash, body, random: source.kind === 'random' });
    }
  }
  return samples;
}
