// Owns what a report's workflow has to know to take the report up: the store outlives Temporal's database, a workflow does not.
// Knows no workflow.
import type { Kysely } from 'kysely';
import { workflowIdOf } from '../../domain/change.ts';
import type { OperationKind } from '../../domain/operation.ts';
import type { ReceiptNote, ReportProgress, VersionLife, VersionRun } from '../../domain/report-progress.ts';
import type { FollowUp } from './rules/rule.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';

/** Everything that a workflow would know if it had run from the first operation on; all empty for a report that is new. */
export interface StoredReport {
  /** In the order of their making. */
  versions: VersionRun[];
  /** Work that was asked for and is not done, oldest first. */
  unfinished: FollowUp[];
  ledgerHead: { length: number; hash: string } | null;
  /** Highest sequence that the report got, per device. */
  watermarks: Record<string, number>;
  counts: ReportProgress['counts'];
  /** The last ones, newest last. */
  receipts: ReceiptNote[];
  /** Its workflow ended for good. */
  over: boolean;
}

/** Kinds whose follow-up is work, not news for the workflow's state. */
const workKinds: readonly OperationKind[] = ['population.import', 'sample.draw', 'revision.submit'];
const receiptsTold = 100;

export async function readReportState(store: Store, reportId: string): Promise<StoredReport> {
  return store.db.transaction().execute(async (db) => {
    const row = await db
      .selectFrom('reports')
      .select(['ledger_length as length', 'ledger_hash as hash', 'ended_at'])
      .where('report_id', '=', reportId)
      .executeTakeFirst();
    const operations = await readOperations(db, reportId);
    return {
      versions: await readVersions(db, reportId),
      unfinished: await readUnfinished(db, reportId),
      ledgerHead: row ? { length: row.length, hash: row.hash } : null,
      ...summaryOf(operations, await countDeadLetters(db, reportId)),
      over: (row?.ended_at ?? null) !== null,
    };
  });
}

async function readVersions(db: Kysely<Schema>, reportId: string): Promise<VersionRun[]> {
  const rows = await db
    .selectFrom('versions')
    .select(['version_id', 'phase', 'lob', 'number', 'status', 'review_verdict'])
    .where('report_id', '=', reportId)
    .orderBy('created_at')
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    versionId: row.version_id,
    phase: row.phase,
    lob: row.lob === '' ? null : row.lob,
    number: row.number,
    life: lifeOf(row),
  }));
}

function lifeOf({ status, review_verdict }: Pick<Schema['versions'], 'status' | 'review_verdict'>): VersionLife {
  if (status === 'approved' || status === 'rejected' || status === 'superseded') return status;
  return review_verdict === 'revision-requested' ? 'revision-requested' : 'in-review';
}

async function readUnfinished(db: Kysely<Schema>, reportId: string): Promise<FollowUp[]> {
  const rows = await unfinishedOf(db, [reportId])
    .select('follow_ups_text')
    .orderBy('applied_at')
    .orderBy('sequence')
    .execute();
  return rows.flatMap((row) => JSON.parse(row.follow_ups_text) as FollowUp[]);
}

function unfinishedOf(db: Kysely<Schema>, reportIds: readonly string[]) {
  return db
    .selectFrom('operations')
    .where('operations.report_id', 'in', reportIds)
    .where('kind', 'in', workKinds)
    .where('state', '=', 'applied')
    .where('follow_up_done_at', 'is', null);
}

/** Those of the reports that have work which was asked for and is not done, and are not over. */
export async function unfinishedReports(db: Kysely<Schema>, reportIds: readonly string[]): Promise<string[]> {
  if (reportIds.length === 0) return [];
  const rows = await unfinishedOf(db, reportIds)
    .innerJoin('reports', 'reports.report_id', 'operations.report_id')
    .select('reports.report_id')
    .where('reports.ended_at', 'is', null)
    .distinct()
    .execute();
  return rows.map((row) => row.report_id);
}

type OperationNote = Pick<Schema['operations'], 'operation_id' | 'state' | 'device_id' | 'sequence'>;

function readOperations(db: Kysely<Schema>, reportId: string): Promise<OperationNote[]> {
  return db
    .selectFrom('operations')
    .select(['operation_id', 'state', 'device_id', 'sequence'])
    .where('report_id', '=', reportId)
    .orderBy('applied_at')
    .orderBy('sequence')
    .execute();
}

async function countDeadLetters(db: Kysely<Schema>, reportId: string): Promise<number> {
  const row = await db
    .selectFrom('dead_letters')
    .select(({ fn }) => fn.countAll<number | string>().as('entries'))
    .where('target', '=', workflowIdOf({ kind: 'report', id: reportId }))
    .executeTakeFirstOrThrow();
  return Number(row.entries);
}

function summaryOf(
  operations: readonly OperationNote[],
  deadLetters: number,
): Pick<StoredReport, 'counts' | 'watermarks' | 'receipts'> {
  const counts: StoredReport['counts'] = { applied: 0, refused: 0, conflict: 0, 'dead-letter': deadLetters };
  const watermarks: Record<string, number> = {};
  for (const { state, device_id: deviceId, sequence } of operations) {
    counts[state] += 1;
    watermarks[deviceId] = Math.max(watermarks[deviceId] ?? 0, sequence);
  }
  const receipts = operations
    .slice(-receiptsTold)
    .map(({ operation_id: operationId, state }) => ({ operationId, state }));
  return { counts, watermarks, receipts };
}

/** Says that the report's workflow ended for good: nobody starts it again, not even after its history expired. */
export async function endReport(store: Store, reportId: string, clock: () => string): Promise<void> {
  await write(store, clock(), async ({ trx, at }) => {
    await trx
      .updateTable('reports')
      .set({ ended_at: at })
      .where('report_id', '=', reportId)
      .where('ended_at', 'is', null)
      .execute();
  });
}
