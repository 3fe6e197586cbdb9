// Owns which phase an operation of the outbox belongs to, and how far what this laptop sent for a phase came. Reads only.
import type { OperationBody, OperationKind } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { Delivery } from '../../../preload/contract.ts';
import { placeOf } from './access.ts';
import type { Place } from './access.ts';
import { placeOfCompensation } from './compensations.ts';
import type { Desk } from './desk.ts';
import { itemKinds } from '../outbox/operation-table.ts';
import type { OperationRow } from '../outbox/operation-table.ts';
import { statement } from '../sqlite.ts';

const phaseOfKind: Partial<Record<OperationKind, PhaseSlug>> = {
  'population.import': 'planning',
  'sample.plan': 'sample-selection',
  'sample.draw': 'sample-selection',
  'owner.assign': 'data-owner-id',
  'document.submit': 'request-info',
  'document.review': 'request-info',
  'test.record': 'test-execution',
  'test.update': 'test-execution',
  'evidence.read': 'test-execution',
};

/** The phase (and line of business) that an operation belongs to; null for those that belong to none. */
export function placeOfOperation(
  desk: Desk,
  { body: text, version_id }: Pick<OperationRow, 'body' | 'version_id'>,
): Place | null {
  const body = JSON.parse(text) as OperationBody;
  if (version_id !== null) {
    const version = desk.cache.version(version_id);
    return version && placeOf(version);
  }
  if ('phase' in body) return { phase: body.phase, lob: body.lob };
  if (body.kind === 'compensation.settle') return placeOfCompensation(desk, body.reportId, body.compensationId);
  const phase = phaseOfKind[body.kind];
  if (!phase) return null;
  return { phase, lob: phase !== 'data-owner-id' && 'lob' in body ? body.lob : null };
}

/** The worst comes first: it is what a person has to see. */
const ranks: readonly Delivery[] = ['conflict', 'refused', 'queued', 'sent'];

/** How far what was sent for a phase and is not done came; null when nothing is. Drafts are not counted: they were not sent. */
export function deliveryAt(desk: Desk, reportId: string, place: Place): Delivery | null {
  const states = new Set([
    ...operationStates(desk, reportId, place),
    ...recordStates(desk, reportId, place),
    ...versionStates(desk, reportId, place, 'decisions'),
    ...versionStates(desk, reportId, place, 'edits'),
  ]);
  return ranks.find((state) => states.has(state)) ?? null;
}

const isOpen = "settled_at IS NULL AND state IN ('queued', 'sent', 'refused', 'conflict')";

function operationStates(desk: Desk, reportId: string, place: Place): Delivery[] {
  const sql = `SELECT * FROM operations WHERE report_id = ? AND ${isOpen} AND kind NOT IN (${itemKinds})`;
  return statement<OperationRow>(desk.outbox.db, sql)
    .all(reportId)
    .filter((row) => isAt(placeOfOperation(desk, row), place))
    .map((row) => row.state);
}

function isAt(found: Place | null, { phase, lob }: Place): boolean {
  return found?.phase === phase && found.lob === lob;
}

function recordStates(desk: Desk, reportId: string, { phase, lob }: Place): Delivery[] {
  const sql = `SELECT DISTINCT state FROM record_changes WHERE report_id = ? AND phase = ? AND lob = ? AND ${isOpen}`;
  return statement<Delivery>(desk.outbox.db, sql)
    .pluck()
    .all(reportId, phase, lob ?? '');
}

function versionStates(desk: Desk, reportId: string, place: Place, table: 'decisions' | 'edits'): Delivery[] {
  const sql = `SELECT DISTINCT version_id, state FROM ${table} WHERE report_id = ? AND ${isOpen}`;
  return statement<{ version_id: string; state: Delivery }>(desk.outbox.db, sql)
    .all(reportId)
    .filter(({ version_id: versionId }) => {
      const version = desk.cache.version(versionId);
      return version !== null && isAt(placeOf(version), place);
    })
    .map(({ state }) => state);
}

/** The last operation of a kind that this laptop queued for a phase; null when it queued none. */
export function lastOperationAt(desk: Desk, reportId: string, place: Place, kind: OperationKind): OperationRow | null {
  const sql = 'SELECT * FROM operations WHERE report_id = ? AND kind = ? ORDER BY sequence DESC';
  for (const row of statement<OperationRow>(desk.outbox.db, sql).iterate(reportId, kind)) {
    if (isAt(placeOfOperation(desk, row), place)) return row;
  }
  return null;
}
