// Owns what is known around a version: its plan, population, columns, lines of business and its chain.
// Reads the cache only.
import { noLob } from '../../../domain/in-scope.ts';
import { phaseOf } from '../../../domain/phases.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
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
  if (version.phase === 'data-owner-id') return 'lob';
  if (phaseOf(version.phase).making !== 'drawn') return null;
  const source = desk.cache.report(version.reportId)?.lobSource;
  const column = source && source.kind !== 'none' ? source.column : null;
  return planOf(desk, version)?.request.lobColumn ?? column;
}

/** A row's line of business as SQL over its value: what is blank has a name too. */
export function lobName(value: string): string {
  return `coalesce(nullif(trim(CAST(${value} AS TEXT)), ''), '${noLob}')`;
}

/** The fields of an item in the order in which people read them; what is not named here comes after, as it was met. */
const fieldOrder: Readonly<Record<PhaseSlug, readonly string[]>> = {
  planning: ['attribute', 'type', 'mandatory', 'key', 'criticalDataElement', 'description'],
  'data-profiling': [
    ...['kind', 'attribute', 'otherAttribute', 'parameter', 'description', 'checked', 'passed', 'exceptions'],
    ...['passRate', 'exceptionKeys', 'fault'],
  ],
  scoping: ['attribute', 'inScope', 'risk', 'rationale', 'criticalDataElement', 'exceptions'],
  'sample-selection': [],
  'data-owner-id': ['lob', 'attribute', 'dataOwner', 'dataOwnerId'],
  'request-info': [
    ...['title', 'state', 'fileName', 'effectiveDate', 'submittedBy', 'submission', 'note', 'fileSize', 'fileHash'],
  ],
  'test-execution': [
    ...['itemKey', 'attribute', 'expected', 'found', 'result', 'notTestableReason', 'note', 'documentId'],
    ...['documentRevision', 'locator', 'random'],
  ],
  observations: [
    ...['attribute', 'lob', 'title', 'rating', 'text', 'recommendation', 'tested', 'deviations', 'notTestable'],
    'sampleKeys',
  ],
  'test-report': ['section', 'title', 'text'],
};

/** The population that a version was drawn from, when it is ready. */
export function populationOf(desk: Desk, version: Version): Population | null {
  const hash = planOf(desk, version)?.request.populationHash ?? version.summary['populationHash'];
  return (
    desk.cache
      .populations(version.reportId)
      .find((population) => population.populationHash === hash && population.state.kind === 'ready') ?? null
  );
}

/** Field names as people read them: of a sample in the order of the file, of everything else in that of its phase. */
export function fieldsOf(desk: Desk, version: Version): string[] {
  const fields = desk.cache.holdings(version.versionId)?.fields ?? [];
  const state = populationOf(desk, version)?.state;
  const inFile = state?.kind === 'ready' ? state.columns.map(({ name }) => name) : [];
  const isSample = phaseOf(version.phase).making === 'drawn';
  const known = new Set(fields);
  const first = (isSample ? inFile : fieldOrder[version.phase]).filter((name) => known.has(name));
  const placed = new Set(first);
  return [...first, ...fields.filter((name) => !placed.has(name))];
}

/** The lines of business that a version's rows belong to, sorted. */
export function lobsOf(desk: Desk, version: Version): string[] {
  if (version.lob !== null) return [version.lob];
  const strata = desk.cache.holdings(version.versionId)?.strata ?? [];
  if (strata.length > 0) return strata.toSorted();
  const column = lobColumnOf(desk, version);
  if (column === null) return [];
  return statement<{ lob: string }>(
    desk.cache.db,
    `SELECT DISTINCT ${lobName('f.value')} AS lob FROM versions v JOIN items i ON i.version_row = v.version_row
       JOIN bodies b ON b.body_row = i.body_row, json_each(b.body) f
     WHERE v.version_id = ? AND f.key = ? ORDER BY 1`,
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
