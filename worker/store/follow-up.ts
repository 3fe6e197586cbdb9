// Owns what activities read and write beside versions: what an operation asked for, and how its follow-up ended.
// Knows no population file and no draw.
import type { Kysely } from 'kysely';
import type { Report } from '../../domain/change.ts';
import { operationSchema } from '../../domain/operation.ts';
import type { Answer } from '../../domain/operation.ts';
import type { Population } from '../../domain/population.ts';
import type { ReviewedItem } from '../../domain/revision.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { ItemSource, Version } from '../../domain/version.ts';
import { emitReport, readReport } from './reports.ts';
import { emitPopulation, readPlan, readPopulation } from './sample-rows.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { readReviewedItems, readVersionRow, versionOf } from './version-rows.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** The operation behind a follow-up, as the ledger needs it. */
export interface Followed {
  cycleId: string;
  actorId: string;
  deviceId: string;
  decidedAt: string | null;
  receivedAt: string;
  redrawReason: string | null;
  answers: Answer[];
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
    decidedAt: row.decided_at,
    receivedAt: row.received_at,
    redrawReason: body.kind === 'sample.draw' ? body.redrawReason : null,
    answers: body.kind === 'revision.submit' ? body.answers : [],
  };
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

/** Records that a version could not be made for a reason of the subject matter; a person tries again with a new operation. */
export async function recordFailure(
  store: Store,
  input: { operationId: string; reportId: string; operation: 'create' | 'revise'; message: string },
  clock: () => string,
): Promise<void> {
  const { operationId, reportId, operation, message } = input;
  await write(store, clock(), async (writing) => {
    const { trx, at } = writing;
    const cause = await readFollowed(trx, operationId);
    const error = { completed_at: at, error: message };
    await trx
      .insertInto('version_operations')
      .values({
        operation_key: `${operationId}/failed`,
        report_id: reportId,
        version_id: null,
        operation,
        actor_id: cause.actorId,
        started_at: at,
        ...error,
      })
      .onConflict((c) => c.column('operation_key').doUpdateSet(error))
      .execute();
    const what = operation === 'create' ? 'draw the sample' : 'make the revision';
    await writing.record({
      ...entryOf(reportId, operationId, cause),
      kind: 'version.failed',
      summary: `could not ${what}: ${message}`,
      detail: { operation, message },
    });
    await emitReport(writing, reportId);
    await finishFollowUp(writing, operationId);
  });
}

interface Failing {
  operationId: string;
  reportId: string;
  operation: 'create' | 'revise';
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

/** The `drawPosition`s that a plan's versions took from one stratum, replacements included, ascending. */
export interface UsedPositions {
  stratum: string | null;
  drawPositions: number[];
}

/** All that making a revision needs. Positions are of all versions drawn with this plan, so that none is drawn twice. */
export interface RevisionInput {
  version: Version;
  plan: RecordedPlan;
  items: ReviewedItem[];
  answers: Answer[];
  used: UsedPositions[];
  /** Every key that a version of this plan ever had. */
  usedKeys: string[];
}

/** @throws Error when the version, its plan or the operation does not exist. */
export async function revisionInput(store: Store, versionId: string, operationId: string): Promise<RevisionInput> {
  const { db } = store;
  const row = await readVersionRow(db, versionId);
  const plan = row?.plan_id ? await readPlan(db, row.plan_id) : null;
  if (!row || !plan) throw new Error(`no drawn version ${versionId} exists`);
  const { answers } = await readFollowed(db, operationId);
  const items = await readReviewedItems(db, versionId);
  const used = await usedPositions(db, plan.planId);
  return { version: versionOf(row), plan, items, answers, used, usedKeys: await usedKeys(db, plan.planId) };
}

async function usedKeys(db: Kysely<Schema>, planId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('items')
    .innerJoin('versions', 'versions.version_id', 'items.version_id')
    .select('items.item_key')
    .distinct()
    .where('versions.plan_id', '=', planId)
    .execute();
  return rows.map((row) => row.item_key);
}

async function usedPositions(db: Kysely<Schema>, planId: string): Promise<UsedPositions[]> {
  const rows = await db
    .selectFrom('items')
    .innerJoin('versions', 'versions.version_id', 'items.version_id')
    .select('items.source_text')
    .distinct()
    .where('versions.plan_id', '=', planId)
    .execute();
  const strata = new Map<string | null, Set<number>>();
  for (const row of rows) {
    const source = JSON.parse(row.source_text) as ItemSource;
    if (source.kind !== 'random') continue;
    const positions = strata.get(source.stratum) ?? new Set<number>();
    strata.set(source.stratum, positions.add(source.drawPosition));
  }
  return [...strata].map(([stratum, positions]) => ({
    stratum,
    drawPositions: [...positions].sort((a, b) => a - b),
  }));
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
    .orderBy('number')
    .execute();
  const head = await db
    .selectFrom('reports')
    .select(['ledger_length as length', 'ledger_hash as hash'])
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  return { report, versions: rows.map(versionOf), ledgerHead: head };
}
