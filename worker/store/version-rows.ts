// Owns versions, items, decisions and signatures as rows: reading them and translating them to the domain's words. Knows no rule.
import type { Kysely } from 'kysely';
import type { Decision } from '../../domain/decision.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { ReviewedItem } from '../../domain/revision.ts';
import type { ItemBody, ItemOrigin, ItemSource, SignOff, Version, WorkflowContext } from '../../domain/version.ts';
import { paddedList } from './dialect.ts';
import type { Schema } from './schema.ts';

/** @param signOffs the version's signatures; see `signOffsOf`. */
export function versionOf(row: Schema['versions'], signOffs: readonly SignOff[]): Version {
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
      disputed: row.disputed_count,
    },
    signOffs: [...signOffs],
    summary: JSON.parse(row.summary_text) as Version['summary'],
    workflow: JSON.parse(row.workflow_text) as WorkflowContext,
  };
}

/** The row of a version, undefined when there is none. */
export function readVersionRow(db: Kysely<Schema>, versionId: string): Promise<Schema['versions'] | undefined> {
  return db.selectFrom('versions').selectAll().where('version_id', '=', versionId).executeTakeFirst();
}

/** The signatures of versions, by version id and in the order of their making; versions without any are absent. */
export async function signOffsOf(
  db: Kysely<Schema>,
  versionIds: readonly string[],
): Promise<ReadonlyMap<string, SignOff[]>> {
  if (versionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('sign_offs')
    .selectAll()
    .where('version_id', 'in', paddedList(versionIds))
    .orderBy('applied_at')
    .orderBy('meaning', 'desc')
    .execute();
  const grouped = Map.groupBy(rows, (row) => row.version_id);
  return new Map([...grouped].map(([versionId, signed]) => [versionId, signed.map(signOffOf)]));
}

function signOffOf(row: Schema['sign_offs']): SignOff {
  return {
    role: row.role,
    actorId: row.actor_id,
    meaning: row.meaning,
    note: row.note,
    itemsHash: row.items_hash,
    operationId: row.operation_id,
    decidedAt: row.decided_at,
    appliedAt: row.applied_at,
    voidedAt: row.voided_at,
  };
}

/** Rows as versions, each with its signatures. */
export async function versionsOf(db: Kysely<Schema>, rows: readonly Schema['versions'][]): Promise<Version[]> {
  // Only the versions of a phase that is signed off have any; the others need no look-up.
  const signable = rows.filter((row) => phaseOf(row.phase).approval === 'sign-off').map((row) => row.version_id);
  const signOffs = await signOffsOf(db, signable);
  return rows.map((row) => versionOf(row, signOffs.get(row.version_id) ?? []));
}

/** A version, null when there is none of that id. */
export async function readVersion(db: Kysely<Schema>, versionId: string): Promise<Version | null> {
  const row = await readVersionRow(db, versionId);
  const [version] = row ? await versionsOf(db, [row]) : [];
  return version ?? null;
}

/** The current version of a line: the approved one, null while there is none. `lob` null: of the whole report. */
export async function currentVersion(
  db: Kysely<Schema>,
  reportId: string,
  phase: PhaseSlug,
  lob: string | null,
): Promise<Version | null> {
  const row = await db
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('phase', '=', phase)
    .where('lob', '=', lob ?? '')
    .where('status', '=', 'approved')
    .executeTakeFirst();
  const [version] = row ? await versionsOf(db, [row]) : [];
  return version ?? null;
}

/** The current versions of a phase whatever their lines of business, in the order of those: samples may be planned for each. */
export async function currentVersions(db: Kysely<Schema>, reportId: string, phase: PhaseSlug): Promise<Version[]> {
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('phase', '=', phase)
    .where('status', '=', 'approved')
    .orderBy('lob')
    .execute();
  return versionsOf(db, rows);
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
  origin: ItemOrigin;
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
    .select([
      'items.item_key',
      'items.content_hash',
      'items.origin_text',
      'verdicts.verdict',
      'decisions.actor_id',
      'decisions.applied_at',
    ])
    .where('items.version_id', '=', versionId)
    .where('items.item_key', 'in', paddedList(itemKeys))
    .execute();
  return new Map(
    rows.map((row) => {
      const origin = JSON.parse(row.origin_text) as ItemOrigin;
      const { item_key: itemKey, content_hash: contentHash, actor_id: actorId, applied_at: appliedAt } = row;
      const verdict = row.verdict ?? initialVerdict(origin);
      return [itemKey, { itemKey, contentHash, verdict, actorId, appliedAt, origin }];
    }),
  );
}

/** Where an item stands that nobody decided on: what was recorded needs no decision. */
function initialVerdict(origin: ItemOrigin): Decision['verdict'] {
  return origin.kind === 'recorded' ? 'approved' : 'pending';
}

/** An item of a version with what it says and where it stands. */
export type VersionItemBody = ReviewedItem & { body: ItemBody };

/** The items of a version with their bodies and verdicts, in position order: all, or those of the named keys. Empty without such a version. */
export async function readVersionItems(
  db: Kysely<Schema>,
  versionId: string,
  itemKeys?: readonly string[],
): Promise<VersionItemBody[]> {
  const rows = await itemsWithDecision(db)
    .innerJoin('bodies', 'bodies.content_hash', 'items.content_hash')
    .select([...reviewedColumns, 'bodies.body_text'])
    .where('items.version_id', '=', versionId)
    .$if(itemKeys !== undefined, (query) => query.where('items.item_key', 'in', paddedList(itemKeys ?? [])))
    .orderBy('items.position')
    .execute();
  return rows.map((row) => ({ ...reviewedOf(versionId, row), body: JSON.parse(row.body_text) as ItemBody }));
}

/** All items of a version with where they stand, in position order. */
export async function readReviewedItems(db: Kysely<Schema>, versionId: string): Promise<ReviewedItem[]> {
  const rows = await itemsWithDecision(db)
    .select(reviewedColumns)
    .where('items.version_id', '=', versionId)
    .orderBy('items.position')
    .execute();
  return rows.map((row) => reviewedOf(versionId, row));
}

const reviewedColumns = [
  'items.position',
  'items.item_key',
  'items.content_hash',
  'items.source_text',
  'items.origin_text',
  'verdicts.verdict',
  'decisions.reason_code',
] as const;

interface ReviewedRow extends Omit<Schema['items'], 'version_id'> {
  verdict: Decision['verdict'] | null;
  reason_code: Decision['reasonCode'];
}

function reviewedOf(versionId: string, row: ReviewedRow): ReviewedItem {
  const origin = JSON.parse(row.origin_text) as ItemOrigin;
  return {
    versionId,
    position: row.position,
    itemKey: row.item_key,
    contentHash: row.content_hash,
    source: JSON.parse(row.source_text) as ItemSource,
    origin,
    verdict: row.verdict ?? initialVerdict(origin),
    reasonCode: row.reason_code,
  };
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
