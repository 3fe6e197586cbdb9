// Owns what is tested in a report as this laptop has it: the attributes in scope, and the approved samples of a line of business.
// Reads the cache only, once for each state of the versions that decide it. What follows from the facts is domain/in-scope.ts.
import { actionKey } from '../../../domain/audit-record.ts';
import type { Report } from '../../../domain/change.ts';
import { attributesInScope, lobOf } from '../../../domain/in-scope.ts';
import type { ApprovedItem } from '../../../domain/in-scope.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ItemBody, ItemSource, Version } from '../../../domain/version.ts';
import type { Cache } from '../cache/cache.ts';
import { initialVerdict } from '../cache/contents.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import { statement } from '../sqlite.ts';

/** An approved sample as testing needs it. */
export interface LaneSample {
  itemKey: string;
  contentHash: string;
  /** The row of the population as it was approved: what is expected. */
  body: ItemBody;
  random: boolean;
}

/** One attribute of one sample, to be tested. */
export interface LaneTest {
  sample: LaneSample;
  attribute: string;
  recordKey: string;
}

/** What is tested in a line of business: every approved sample × every attribute in scope, in their orders. */
export interface LaneScope {
  attributes: string[];
  samples: Map<string, LaneSample>;
  tests: LaneTest[];
}

/** The attributes in scope; null while the contents that say so are not on this laptop. */
export function attributesOf(desk: Desk, report: Report): string[] | null {
  return remembered(desk, report, 'attributes', () => {
    const scoping = approvedOf(desk, report, 'scoping');
    const planning = approvedOf(desk, report, 'planning');
    if (scoping === 'missing' || planning === 'missing') return null;
    const ready = desk.cache.populations(report.reportId).find(({ state }) => state.kind === 'ready')?.state;
    const columns = ready?.kind === 'ready' ? ready.columns.map(({ name }) => name) : [];
    const keyColumn = ready?.kind === 'ready' ? ready.keyColumn : null;
    return attributesInScope({ scoping, planning, columns, keyColumn });
  });
}

/** What is tested in a line of business; null while the contents that say so are not on this laptop. */
export function laneScope(desk: Desk, report: Report, lob: string): LaneScope | null {
  return remembered(desk, report, `lane ${lob}`, () => {
    const attributes = attributesOf(desk, report);
    const samples = samplesOf(desk, report, lob);
    if (!attributes || !samples) return null;
    const tests = [...samples.values()].flatMap((sample) =>
      attributes.map((attribute) => ({ sample, attribute, recordKey: actionKey(sample.itemKey, attribute) })),
    );
    return { attributes, samples, tests };
  });
}

/** Throws instead of answering null. @throws CommandFailure `not-cached`. */
export function known<Value>(value: Value | null): Value {
  if (value !== null) return value;
  throw failed(
    'not-cached',
    'what is in scope is not on this laptop yet: the approved versions of scoping and of the sample have to be here whole. Sync first',
  );
}

/** The value that a test of an attribute expects. */
export function expectedOf({ body }: LaneSample, attribute: string): ItemBody[string] {
  return Object.hasOwn(body, attribute) ? (body[attribute] ?? null) : null;
}

function currentOf(desk: Desk, report: Report, phase: PhaseSlug): Version[] {
  return desk.cache
    .versions(report.reportId)
    .filter((version) => version.phase === phase && version.status === 'approved')
    .sort((a, b) => (a.lob ?? '').localeCompare(b.lob ?? ''));
}

interface ApprovedRow {
  item_key: string;
  content_hash: string;
  body: string | null;
  source_kind: ItemSource['kind'];
}

/** The approved items of a version in their order; null while one of them is not here. */
function approvedItems(desk: Desk, version: Version): (ApprovedRow & { body: string })[] | null {
  const holds = desk.cache.holdings(version.versionId);
  if (!holds || holds.nextPosition < holds.itemCount) return null;
  const rows = statement<ApprovedRow>(
    desk.cache.db,
    `SELECT i.item_key, lower(hex(b.content_hash)) AS content_hash, b.body, i.source_kind
     FROM versions v JOIN items i ON i.version_row = v.version_row JOIN bodies b ON b.body_row = i.body_row
     LEFT JOIN decisions d ON d.version_id = v.version_id AND d.item_key = i.item_key
     WHERE v.version_id = ? AND coalesce(d.verdict, ${initialVerdict('i')}) = 'approved' ORDER BY i.position`,
  ).all(version.versionId);
  const whole = rows.flatMap(({ body, ...row }) => (body === null ? [] : [{ ...row, body }]));
  return whole.length === rows.length ? whole : null;
}

/** `null`: the phase has no approved version; `missing`: it has one that is not here whole. */
function approvedOf(desk: Desk, report: Report, phase: PhaseSlug): ApprovedItem[] | null | 'missing' {
  const [version] = currentOf(desk, report, phase);
  if (!version) return null;
  const rows = approvedItems(desk, version);
  return rows ? rows.map((row) => ({ itemKey: row.item_key, body: JSON.parse(row.body) as ItemBody })) : 'missing';
}

function samplesOf(desk: Desk, report: Report, lob: string): Map<string, LaneSample> | null {
  const names = report.lobs.map((row) => row.lob);
  const { lobSource } = report;
  const lobColumn = lobSource === null || lobSource.kind === 'none' ? null : lobSource.column;
  const samples = new Map<string, LaneSample>();
  for (const version of currentOf(desk, report, 'sample-selection')) {
    if (version.lob !== null && version.lob !== lob) continue;
    const rows = approvedItems(desk, version);
    if (!rows) return null;
    for (const row of rows) {
      const body = JSON.parse(row.body) as ItemBody;
      if ((version.lob ?? lobOf(body, lobColumn, names)) !== lob) continue;
      const { item_key: itemKey, content_hash: contentHash } = row;
      samples.set(itemKey, { itemKey, contentHash, body, random: row.source_kind === 'random' });
    }
  }
  return samples;
}

const scopePhases: readonly PhaseSlug[] = ['planning', 'scoping', 'sample-selection'];

/** Changes whenever something that decides the scope does. */
function stampOf(desk: Desk, report: Report): string {
  const { cache } = desk;
  const versions = cache
    .versions(report.reportId)
    .filter((version) => scopePhases.includes(version.phase) && version.status === 'approved')
    .map(({ versionId }) => [versionId, cache.revisionOf(versionId), cache.cachedItems(versionId)]);
  const populations = cache
    .populations(report.reportId)
    .map(({ populationHash, state }) => [populationHash, state.kind]);
  return JSON.stringify([versions, populations, report.lobSource, report.lobs.map((row) => row.lob)]);
}

interface Remembered {
  stamp: string;
  values: Map<string, unknown>;
}
const memory = new WeakMap<Cache, Map<string, Remembered>>();

/** Works something out once for each state of the report's scope. */
function remembered<Value>(desk: Desk, report: Report, name: string, make: () => Value): Value {
  const reports = memory.get(desk.cache) ?? new Map<string, Remembered>();
  memory.set(desk.cache, reports);
  const stamp = stampOf(desk, report);
  let here = reports.get(report.reportId);
  if (!here || here.stamp !== stamp) {
    here = { stamp, values: new Map() };
    reports.set(report.reportId, here);
  }
  if (!here.values.has(name)) here.values.set(name, make());
  return here.values.get(name) as Value;
}
