// Owns what activities read and write beside versions: what an operation asked for, and how its follow-up ended.
// Knows no population file and no draw. What the making of a version rests on is making-input.ts.
import type { Kysely } from 'kysely';
import type { Report } from '../../domain/change.ts';
import type { NextChange } from '../../domain/next-version.ts';
import { operationSchema } from '../../domain/operation.ts';
import type { OperationBody } from '../../domain/operation.ts';
import type { Population } from '../../domain/population.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { Version } from '../../domain/version.ts';
import { logVersionOperation } from './new-version.ts';
import type { Cause } from './new-version.ts';
import { emitReport, readReport } from './reports.ts';
import { emitPopulation, readPlan, readPopulation } from './sample-rows.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { versionsOf } from './version-rows.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** The operation behind a follow-up, as versions and the ledger need it. */
export interface Followed extends Cause {
  deviceId: string;
  operationId: string;
  redrawReason: string | null;
  /** Rows that a person or a model picked, for a draw. */
  targeted: Extract<OperationBody, { kind: 'sample.draw' }>['targeted'];
  /** What the next version is to differ in; null when the operation asks for none. */
  change: NextChange | null;
}

/** @throws Error when no such operation was applied to a report. */
export async function readFollowed(db: Kysely<Schema>, operationId: string): Promise<Followed> {
  const row = await db
    .selectFrom('operations')
    .innerJoin('reports', 'reports.report_id', 'operations.report_id')
    .select(['cycle_id', 'actor_id', 'device_id', 'decided_at', 'received_at', 'body_text'])
    .where('operation_id', '=', operationId)
    .where('state', '=', 'applied')
    .executeTakeFirst();
  if (!row) throw new Error(`the operation ${operationId} was not applied to a report`);
  const { body } = operationSchema.parse(JSON.parse(row.body_text));
  return {
    cycleId: row.cycle_id,
    actorId: row.actor_id,
    deviceId: row.device_id,
    operationId,
    decidedAt: row.decided_at,
    receivedAt: row.received_at,
    redrawReason: body.kind === 'sample.draw' ? body.redrawReason : null,
    targeted: body.kind === 'sample.draw' ? body.targeted : [],
    change: changeOf(body),
  };
}

function changeOf(body: OperationBody): Followed['change'] {
  if (body.kind === 'version.submit') return { kind: 'edits', edits: body.edits };
  return body.kind === 'revision.submit' ? { kind: 'answers', answers: body.answers } : null;
}

export async function finishFollowUp({ trx, at }: Writing, operationId: string): Promise<void> {
  await trx
    .updateTable('operations')
    .set({ follow_up_done_at: at })
    .where('operation_id', '=', operationId)
    .where('follow_up_done_at', 'is', null)
    .execute();
}

/** Says that an operation's follow-ups need not be done again. Making versions and recording populations say it themselves. */
export async function followUpDone(store: Store, operationId: string, clock: () => string): Promise<void> {
  await write(store, clock(), (writing) => finishFollowUp(writing, operationId));
}

/** A recorded plan; null when there is none of that id. */
export function planOf(store: Store, planId: string): Promise<RecordedPlan | null> {
  return readPlan(store.db, planId);
}

/** A population with the key column that its import asked for; null when the report has none of that hash. */
export function populationOf(
  store: Store,
  reportId: string,
  populationHash: string,
): Promise<{ population: Population; askedKeyColumn: string | null; operationId: string } | null> {
  return readPopulation(store.db, reportId, populationHash);
}

/** Records what became of an import, once per operation: feed, ledger, and the follow-up is done. */
export async function recordPopulation(
  store: Store,
  input: {
    operationId: string;
    reportId: string;
    populationHash: string;
    state: Extract<Population['state'], { kind: 'ready' | 'failed' }>;
  },
  clock: () => string,
): Promise<void> {
  const { operationId, reportId, populationHash, state } = input;
  await write(store, clock(), async (writing) => {
    const cause = await readFollowed(writing.trx, operationId);
    const found = await readPopulation(writing.trx, reportId, populationHash);
    // A later import of the same file owns the row now, or an earlier one's profile stands: then only the ledger tells of this one.
    const stands = state.kind === 'failed' && found?.population.state.kind === 'ready';
    if (found?.operationId === operationId && !stands) {
      await writing.trx
        .updateTable('populations')
        .set({ state_text: JSON.stringify(state) })
        .where('report_id', '=', reportId)
        .where('population_hash', '=', populationHash)
        .execute();
      await emitPopulation(writing, reportId, populationHash);
    }
    if (state.kind === 'ready') await goOn(writing, reportId);
    const fileName = found?.population.fileName ?? populationHash;
    await writing.record({
      ...entryOf(reportId, operationId, cause),
      kind: state.kind === 'ready' ? 'population.imported' : 'population.failed',
      summary:
        state.kind === 'ready'
          ? `imported ${fileName}: ${state.rowCount.toLocaleString('en')} rows, key ${state.keyColumn ?? 'not found'}`
          : `could not import ${fileName}: ${state.message}`,
      detail:
        state.kind === 'ready'
          ? { populationHash, rowCount: state.rowCount, keyColumn: state.keyColumn }
          : { populationHash, message: state.message },
    });
    await finishFollowUp(writing, operationId);
  });
}

/** What waited for a population, or could not be found in the one before, can be tried now. */
async function goOn(writing: Writing, reportId: string): Promise<void> {
  await writing.trx.updateTable('reports').set({ problem: null }).where('report_id', '=', reportId).execute();
  await emitReport(writing, reportId);
}

function entryOf(reportId: string, operationId: string, cause: Followed) {
  return {
    reportId,
    entryKey: `${operationId}/result`,
    actorId: cause.actorId,
    deviceId: cause.deviceId,
    operationId,
    versionId: null,
    decidedAt: cause.decidedAt,
    receivedAt: cause.receivedAt,
  };
}

/** A version, or something done with one, that did not come about. */
interface Failure {
  operationId: string;
  reportId: string;
  operation: Schema['version_operations']['operation'];
  message: string;
}

const failureWords: Readonly<Record<Failure['operation'], string>> = {
  create: 'make the version',
  revise: 'make the revision',
  approve: 'approve the version',
  reject: 'reject the version',
};

/** Records that a version could not be made for a reason of the subject matter; a person tries again with a new operation. */
export async function recordFailure(store: Store, failure: Failure, clock: () => string): Promise<void> {
  await write(store, clock(), (writing) => enterFailure(writing, failure));
}

/** The same within a transaction; null, as there is no version. */
export async function enterFailure(writing: Writing, failure: Failure): Promise<null> {
  const { operationId, reportId, operation, message } = failure;
  const cause = await readFollowed(writing.trx, operationId);
  const operationKey = `${operationId}/failed`;
  const { actorId } = cause;
  await logVersionOperation(writing, {
    ...{ operationKey, reportId, versionId: null, operation, actorId, error: message },
  });
  await writing.record({
    ...entryOf(reportId, operationId, cause),
    kind: 'version.failed',
    summary: `could not ${failureWords[operation]}: ${message}`,
    detail: { operation, message },
  });
  await emitReport(writing, reportId);
  await finishFollowUp(writing, operationId);
  return null;
}

interface Failing {
  operationId: string;
  reportId: string;
  operation: Schema['version_operations']['operation'];
}

const failingKey = (operationId: string): string => `${operationId}/failing`;

/** Tracks that making a version failed for a reason that may pass, and is tried again. No ledger row: nothing was decided. */
export async function recordFailing(
  store: Store,
  failing: Failing,
  message: string,
  clock: () => string,
): Promise<void> {
  const { operationId, reportId, operation } = failing;
  const error = { completed_at: null, error: message };
  await write(store, clock(), async ({ trx, at }) => {
    const cause = await readFollowed(trx, operationId);
    await trx
      .insertInto('version_operations')
      .values({
        operation_key: failingKey(operationId),
        ...{ report_id: reportId, version_id: null, operation, actor_id: cause.actorId, started_at: at, ...error },
      })
      .onConflict((c) => c.column('operation_key').doUpdateSet(error))
      .execute();
  });
}

/** Tracks that it works again: the last error stays beside the time at which it was over. */
export async function recordOver(store: Store, operationId: string, clock: () => string): Promise<void> {
  await store.db
    .updateTable('version_operations')
    .set({ completed_at: clock() })
    .where('operation_key', '=', failingKey(operationId))
    .where('completed_at', 'is', null)
    .execute();
}

/** A report as queries and the timeline ask for it; null when there is none. */
export async function reportSummary(
  store: Store,
  reportId: string,
): Promise<{ report: Report; versions: Version[]; ledgerHead: { length: number; hash: string } } | null> {
  const { db } = store;
  const report = await readReport(db, reportId);
  if (!report) return null;
  const rows = await db
    .selectFrom('versions')
    .selectAll()
    .where('report_id', '=', reportId)
    .orderBy('created_at')
    .orderBy('number')
    .execute();
  const head = await db
    .selectFrom('reports')
    .select(['ledger_length as length', 'ledger_hash as hash'])
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  return { report, versions: await versionsOf(db, rows), ledgerHead: head };
}
