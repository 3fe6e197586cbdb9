// Owns versions, items and decisions as rows: reading them and translating them to the domain's words. Knows no rule.
import type { Kysely } from 'kysely';
import type { Decision } from '../../domain/decision.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ReviewedItem } from '../../domain/revision.ts';
import type { ItemOrigin, ItemSource, Version, WorkflowContext } from '../../domain/version.ts';
import { paddedList } from './dialect.ts';
import type { Schema } from './schema.ts';

export function versionOf(row: Schema['versions']): Version {
  return {
    versionId: row.version_id,
    cycleId: row.cycle_id,
    reportId: row.report_id,
    phase: row.phase,
    lob: row.lob === '' ? null : row.lob,
    number: row.number,
    status: row.status,
    reviewVerdict: row.review_verdict,
    parentVersionId: row.parent_version_id,
    masterRecordId: row.master_record_id,
    revision: row.revision,
    authorId: row.author_id,
    createdAt: row.created_at,
    reviewedBy: row.reviewed_by,
    reviewedAt: row.reviewed_at,
    reviewNote: row.review_note,
    itemCount: row.item_count,
    counts: {
      total: row.item_count,
      pending: row.pending_count,
      approved: row.approved_count,
      rejected: row.rejected_count,
    },
    summary: JSON.parse(row.summary_text) as Version['summary'],
    workflow: JSON.parse(row.workflow_text) as WorkflowContext,
  };
}

/** The row of a version, undefined when there is none. */
export function readVersionRow(db: Kysely<Schema>, versionId: string): Promise<Schema['versions'] | undefined> {
  return db.selectFrom('versions').selectAll().where('version_id', '=', versionId).executeTakeFirst();
}

/** All versions of one line (report, phase, LOB), oldest first. */
export function readLine(
  db: Kysely<Schema>,
  line: { reportId: string; phase: PhaseSlug; lob: string | null },
): Promise<Schema['versions'][]> {
  return db
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', line.reportId)
    .where('phase', '=', line.phase)
    .where('lob', '=', line.lob ?? '')
    .orderBy('number')
    .execute();
}

/** An item where it stands now. */
export interface StandingItem {
  itemKey: string;
  contentHash: string;
  verdict: Decision['verdict'];
  actorId: string | null;
  appliedAt: string | null;
}

/** Items with the decision that counts now, where there is one. */
function itemsWithDecision(db: Kysely<Schema>) {
  return db
    .selectFrom('items')
    .leftJoin('verdicts', (join) =>
      join.onRef('verdicts.version_id', '=', 'items.version_id').onRef('verdicts.item_key', '=', 'items.item_key'),
    )
    .leftJoin('decisions', (join) =>
      join
        .onRef('decisions.version_id', '=', 'verdicts.version_id')
        .onRef('decisions.item_key', '=', 'verdicts.item_key')
        .onRef('decisions.operation_id', '=', 'verdicts.operation_id'),
    );
}

/** The named items of a version, by key; keys that the version does not have are absent. */
export async function readStanding(
  db: Kysely<Schema>,
  versionId: string,
  itemKeys: readonly string[],
): Promise<Map<string, StandingItem>> {
  const rows = await itemsWithDecision(db)
    .select(['items.item_key', 'items.content_hash', 'verdicts.verdict', 'decisions.actor_id', 'decisions.applied_at'])
    .where('items.version_id', '=', versionId)
    .where('items.item_key', 'in', paddedList(itemKeys))
    .execute();
  return new Map(
    rows.map((row) => [
      row.item_key,
      {
        itemKey: row.item_key,
        contentHash: row.content_hash,
        verdict: row.verdict ?? 'pending',
        actorId: row.actor_id,
        appliedAt: row.applied_at,
      },
    ]),
  );
}

/** All items of a version with where they stand, in position order. */
export async function readReviewedItems(db: Kysely<Schema>, versionId: string): Promise<ReviewedItem[]> {
  const rows = await itemsWithDecision(db)
    .select([
      'items.position',
      'items.item_key',
      'items.content_hash',
      'items.source_text',
      'items.origin_text',
      'verdicts.verdict',
      'decisions.reason_code',
    ])
    .where('items.version_id', '=', versionId)
    .orderBy('items.position')
    .execute();
  return rows.map((row) => ({
    versionId,
    position: row.position,
    itemKey: row.item_key,
    contentHash: row.content_hash,
    source: JSON.parse(row.source_text) as ItemSource,
    origin: JSON.parse(row.origin_text) as ItemOrigin,
    verdict: row.verdict ?? 'pending',
    reasonCode: row.reason_code,
  }));
}

export function decisionOf(row: Schema['decisions']): Decision {
  return {
    versionId: row.version_id,
    itemKey: row.item_key,
    operationId: row.operation_id,
    verdict: row.verdict,
    reasonCode: row.reason_code,
    note: row.note,
    actorId: row.actor_id,
    decidedAt: row.decided_at,
    receivedAt: row.received_at,
    appliedAt: row.applied_at,
  };
}

/** The columns of a decision in the order that `decisionCells` gives. */
export const decisionColumns = [
  'version_id',
  'item_key',
  'operation_id',
  'verdict',
  'reason_code',
  'note',
  'actor_id',
  'decided_at',
  'received_at',
  'applied_at',
] as const;

export function decisionCells(decision: Decision): (string | null)[] {
  return [
    decision.versionId,
    decision.itemKey,
    decision.operationId,
    decision.verdict,
    decision.reasonCode,
    decision.note,
    decision.actorId,
    decision.decidedAt,
    decision.receivedAt,
    decision.appliedAt,
  ];
}
