// Owns what a report's workflow has to know to take the report up: the store outlives Temporal's database, a workflow does not.
// Knows no workflow. The flow itself is flow-state.ts.
import type { Kysely } from 'kysely';
import { workflowIdOf } from '../../domain/change.ts';
import { nextDue, stepsDue } from '../../domain/flow.ts';
import { hasFeature, isKnownVersion } from '../../domain/workflow-version.ts';
import type { ReceiptNote, ReportProgress } from '../../domain/report-progress.ts';
import { recordByWorkflow } from './flow-ledger.ts';
import { readFlow } from './flow-state.ts';
import { emitReport } from './reports.ts';
import { isWork, laneOf } from './rules/rule.ts';
import type { FollowUp } from './rules/rule.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { write } from './writing.ts';

/** What a workflow would know of operations if it had run from the first one on; all empty for a report that is new. */
export interface StoredReport {
  ledgerHead: { length: number; hash: string } | null;
  /** Highest sequence that the report got, per device. */
  watermarks: Record<string, number>;
  counts: ReportProgress['counts'];
  /** The last ones, newest last. */
  receipts: ReceiptNote[];
}

const receiptsTold = 100;

export async function readReportState(store: Store, reportId: string): Promise<StoredReport> {
  return store.db.transaction().execute(async (db) => {
    const row = await db
      .selectFrom('reports')
      .select(['ledger_length as length', 'ledger_hash as hash'])
      .where('report_id', '=', reportId)
      .executeTakeFirst();
    const operations = await readOperations(db, reportId);
    return {
      ledgerHead: row ? { length: row.length, hash: row.hash } : null,
      ...summaryOf(operations, await countDeadLetters(db, reportId)),
    };
  });
}

/** Work that was asked for and is not done, oldest first: the report's own (`lob` null), or that of one of its lanes. */
export async function unfinishedWork(db: Kysely<Schema>, reportId: string, lob: string | null): Promise<FollowUp[]> {
  const unfinished = await allUnfinished(db, reportId);
  if (unfinished.length === 0 || (lob === null && !(await haveLanesWorkflows(db, reportId)))) return unfinished;
  return unfinished.filter((followUp) => laneOf(followUp) === lob);
}

async function haveLanesWorkflows(db: Kysely<Schema>, reportId: string): Promise<boolean> {
  const row = await db
    .selectFrom('reports')
    .select('workflow_version')
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  return row === undefined || hasFeature(row.workflow_version, 'lobChildren');
}

async function allUnfinished(db: Kysely<Schema>, reportId: string): Promise<FollowUp[]> {
  const rows = await db
    .selectFrom('operations')
    .select('follow_ups_text')
    .where('report_id', '=', reportId)
    .where('state', '=', 'applied')
    .where('follow_up_done_at', 'is', null)
    .where('held_by', 'is', null)
    .orderBy('applied_at')
    .orderBy('sequence')
    .execute();
  return rows.flatMap((row) => JSON.parse(row.follow_ups_text) as FollowUp[]).filter(isWork);
}

/**
 * Those of the reports that need their workflow now, whoever acts next: work that was asked for and is not done, a step that is due,
 * a deadline that runs. Reports that are over need none.
 * @param now ISO-8601 UTC.
 */
export async function unfinishedReports(
  db: Kysely<Schema>,
  reportIds: readonly string[],
  now: string,
): Promise<string[]> {
  const unfinished: string[] = [];
  for (const reportId of reportIds) if (await isUnfinished(db, reportId, now)) unfinished.push(reportId);
  return unfinished;
}

async function isUnfinished(db: Kysely<Schema>, reportId: string, now: string): Promise<boolean> {
  const row = await db
    .selectFrom('reports')
    .select(['ended_at', 'workflow_version'])
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  if (!row || row.ended_at !== null) return false;
  // What is due only a newer worker can tell: this one's workflow says that it waits for that.
  if (!isKnownVersion(row.workflow_version)) return true;
  const flow = await readFlow(db, reportId, null);
  if ((await allUnfinished(db, reportId)).length > 0) return true;
  const lanes = flow.lobs.filter((row) => row.status === 'running').map((row) => row.lob);
  const flows = [flow, ...(await Promise.all(lanes.map((lob) => readFlow(db, reportId, lob))))];
  return flows.some((each) => stepsDue(each, now).length > 0 || nextDue(each, now) !== null);
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

/** Says that the report's workflow was ended on the server: nobody starts it again, not even after its history expired. */
export async function endReport(store: Store, reportId: string, clock: () => string): Promise<void> {
  const reason = 'its workflow was ended on the server';
  await write(store, clock(), async (writing) => {
    const ended = await writing.trx
      .updateTable('reports')
      .set({ ended_at: writing.at, end_reason: reason })
      .where('report_id', '=', reportId)
      .where('ended_at', 'is', null)
      .returning('report_id')
      .executeTakeFirst();
    if (!ended) return;
    await emitReport(writing, reportId);
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: 'report/ended', kind: 'report.ended' },
      summary: `ended this report: ${reason}`,
      detail: { reason },
    });
  });
}
