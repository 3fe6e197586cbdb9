// Owns the whole record of a report as one JSON text: its ledger with everything the entries speak of, in plain fields and a stable order, so that
// a program that knows nothing of ours can work out every figure again. Reads the cache only.
import type { Report } from '../../../domain/change.ts';
import type { Decision } from '../../../domain/decision.ts';
import type { Version } from '../../../domain/version.ts';
import type { CommandOutput } from '../../../preload/contract.ts';
import { reportOrFail } from './access.ts';
import { initialVerdict, originOf, provenanceColumns, sourceOf } from '../cache/contents.ts';
import type { ProvenanceRow } from '../cache/contents.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import { statement } from '../sqlite.ts';

/** The form of the text; it grows by one when a field changes its meaning or goes. */
const formatVersion = 1;

/**
 * Everything of a report that this laptop holds, ledger first; versions by phase, line of business and number, items in their order.
 * @throws CommandFailure `not-cached` when the items of a version are not all here: figures of a part would be wrong.
 */
export function exportLedger(desk: Desk, { reportId }: { reportId: string }): CommandOutput<'ledger:export'> {
  const { cache } = desk;
  const report = reportOrFail(desk, reportId);
  const ledger = cache.ledger(reportId);
  const order = new Map(report.phases.map((line, index) => [line.phase, index]));
  const versions = cache
    .versions(reportId)
    .toSorted(
      (a, b) =>
        (order.get(a.phase) ?? 0) - (order.get(b.phase) ?? 0) ||
        (a.lob ?? '').localeCompare(b.lob ?? '') ||
        a.number - b.number,
    );
  const content = {
    format: 'countersign-ledger',
    formatVersion,
    report,
    cycle: cache.cycle(report.cycleId),
    people: peopleIn(desk, report),
    ledger,
    populations: byId(cache.populations(reportId), 'populationHash'),
    plans: cache
      .plans(reportId)
      .toSorted((a, b) => a.recordedAt.localeCompare(b.recordedAt) || compare(a.planId, b.planId)),
    recommendations: byId(cache.recommendations(reportId), 'recommendationId'),
    versions: versions.map((version) => ({ ...version, items: itemsOf(desk, report, version) })),
    records: cache.recordsOfReport(reportId),
  };
  const fileName = `${report.name} ledger.json`.replaceAll(/[^\p{L}\p{N} ._-]/gu, '_');
  return { fileName, json: `${JSON.stringify(content)}\n`, entries: ledger.length };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function byId<Name extends string, Thing extends Record<Name, string>>(things: readonly Thing[], name: Name): Thing[] {
  return things.toSorted((a, b) => compare(a[name], b[name]));
}

/** The people of the report, whose ids stand in everything else. */
function peopleIn(desk: Desk, { assignments }: Report) {
  const named = new Set(assignments.map(({ personId }) => personId));
  return byId(
    desk.cache
      .people()
      .filter(({ personId }) => named.has(personId))
      .map(({ personId, name, roles }) => ({ personId, name, roles })),
    'personId',
  );
}

interface ExportedRow extends ProvenanceRow {
  position: number;
  item_key: string;
  content_hash: string;
  body: string | null;
  initial: Decision['verdict'];
  verdict: Decision['verdict'] | null;
  reason_code: Decision['reasonCode'];
  note: string | null;
  actor_id: string | null;
  operation_id: string | null;
  decided_at: string | null;
  received_at: string | null;
  applied_at: string | null;
}

const itemsSql = `SELECT i.position, i.item_key, lower(hex(b.content_hash)) AS content_hash, b.body, ${provenanceColumns('i')},
    ${initialVerdict('i')} AS initial, d.verdict, d.reason_code, d.note, d.actor_id, d.operation_id, d.decided_at,
    d.received_at, d.applied_at
  FROM versions v JOIN items i ON i.version_row = v.version_row JOIN bodies b ON b.body_row = i.body_row
  LEFT JOIN decisions d ON d.version_id = v.version_id AND d.item_key = i.item_key
  WHERE v.version_id = ? ORDER BY i.position`;

function itemsOf(desk: Desk, report: Report, version: Version) {
  const holds = desk.cache.holdings(version.versionId);
  if (!holds || holds.nextPosition < holds.itemCount) throw notWhole(report, version);
  const rows = statement<ExportedRow>(desk.cache.db, itemsSql).all(version.versionId);
  return rows.map((row) => {
    if (row.body === null) throw notWhole(report, version);
    return {
      ...{ position: row.position, itemKey: row.item_key, contentHash: row.content_hash },
      ...{ source: sourceOf(row), origin: originOf(row), body: JSON.parse(row.body) as unknown },
      verdict: row.verdict ?? row.initial,
      decision: decisionOf(row),
    };
  });
}

function notWhole(report: Report, { number, phase }: Version) {
  return failed(
    'not-cached',
    `version ${number} of ${phase} of ${report.name} is not whole on this laptop: sync first, so that the export is complete`,
  );
}

/** Who decided, when and why; null where nobody did. One that came along with a carried item names when it was made. */
function decisionOf(row: ExportedRow) {
  if (row.verdict === null) return null;
  return {
    ...{ verdict: row.verdict, reasonCode: row.reason_code, note: row.note, actorId: row.actor_id },
    ...{ operationId: row.operation_id, decidedAt: row.decided_at, receivedAt: row.received_at },
    appliedAt: row.applied_at,
  };
}
