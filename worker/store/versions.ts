// Owns the making of versions: number, items, carried decisions, feed and ledger in one transaction, once per key.
// Which rows a version has is decided before, by the draw or by the tester's answers.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Json } from '../../domain/canonical.ts';
import { reportFeed } from '../../domain/change.ts';
import type { Decision, Verdict } from '../../domain/decision.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { ItemBody, ItemOrigin, ItemSource, Version, WorkflowContext } from '../../domain/version.ts';
import { insertMany } from './dialect.ts';
import { finishFollowUp, readFollowed } from './follow-up.ts';
import type { Followed } from './follow-up.ts';
import { emitReport } from './reports.ts';
import { readPlan, readPopulation } from './sample-rows.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';
import { decisionCells, decisionColumns, decisionOf, readLine, readVersionRow, versionOf } from './version-rows.ts';
import { emitVersion, supersedeBefore } from './version-status.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

/** A row of a version to be made. `content` names a body that the store has, or brings it. */
export interface NewItem {
  itemKey: string;
  content: { contentHash: string } | { body: ItemBody };
  source: ItemSource;
  origin: ItemOrigin;
  /** What it starts with: `pending`, or the verdict that a carried item keeps. */
  verdict: Verdict;
}

/** What both ways of making a version need. */
export interface NewVersion {
  /** Made of workflow id, phase and plan or operation id, never of a run or an attempt. */
  idempotencyKey: string;
  /** The operation whose follow-up this is. */
  operationId: string;
  reportId: string;
  /** In the version's order; positions are given here. */
  rows: readonly NewItem[];
  workflow: WorkflowContext;
  /** More facts about the whole version, for example the strata with their weights. */
  summary?: { readonly [key: string]: Json };
}

/** The id of the version that a key makes. */
export function versionIdOf(idempotencyKey: string): string {
  return `v-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

/**
 * Makes the version of a draw. A second call with the same key answers with what the first one made.
 * Supersedes a version that is still pending and counts the redraw.
 */
export async function createSampleVersion(
  store: Store,
  input: NewVersion & { planId: string },
  clock: () => string,
): Promise<Version> {
  return write(store, clock(), async (writing) => {
    const made = await existing(writing, input.idempotencyKey);
    if (made) return made;
    const { trx } = writing;
    const cause = await readFollowed(trx, input.operationId);
    const plan = await readPlan(trx, input.planId);
    if (plan?.reportId !== input.reportId) throw new Error(`the report ${input.reportId} has no plan ${input.planId}`);
    const line = await readLine(trx, { reportId: input.reportId, phase: 'sample-selection', lob: null });
    const versionId = versionIdOf(input.idempotencyKey);
    const row = await insertVersion(writing, input, cause, {
      number: (line.at(-1)?.number ?? 0) + 1,
      revision: 0,
      parentVersionId: null,
      masterRecordId: versionId,
      planId: plan.planId,
      summary: { ...(await planSummary(writing, plan)), ...input.summary },
    });
    await trx.updateTable('plans').set({ version_id: versionId }).where('plan_id', '=', plan.planId).execute();
    writing.emit(reportFeed(input.reportId), { kind: 'plan', plan: { ...plan, versionId } });
    if (line.length > 0) {
      await trx
        .updateTable('reports')
        .set((eb) => ({ redraws: eb('redraws', '+', 1) }))
        .where('report_id', '=', input.reportId)
        .execute();
    }
    const again = line.length > 0 ? `, a redraw: ${cause.redrawReason ?? 'no reason given'}` : '';
    const size = input.rows.length.toLocaleString('en');
    const summary = `drew ${size} of ${plan.populationSize.toLocaleString('en')} into version ${row.number}${again}`;
    return complete(writing, row, input, cause, { operation: 'create', summary });
  });
}

/**
 * Makes the version that follows a reviewed one: `rows` come from the steps of `planRevision`. Items that carry their
 * verdict bring their decision along, with who and when of the original.
 */
export async function createRevision(
  store: Store,
  input: NewVersion & { versionId: string },
  clock: () => string,
): Promise<Version> {
  return write(store, clock(), async (writing) => {
    const made = await existing(writing, input.idempotencyKey);
    if (made) return made;
    const cause = await readFollowed(writing.trx, input.operationId);
    const parent = await readVersionRow(writing.trx, input.versionId);
    if (parent?.report_id !== input.reportId) {
      throw new Error(`the report ${input.reportId} has no version ${input.versionId}`);
    }
    const lob = parent.lob === '' ? null : parent.lob;
    const line = await readLine(writing.trx, { reportId: input.reportId, phase: parent.phase, lob });
    const row = await insertVersion(writing, input, cause, {
      number: (line.at(-1)?.number ?? 0) + 1,
      revision: parent.revision + 1,
      parentVersionId: parent.version_id,
      masterRecordId: parent.master_record_id,
      planId: parent.plan_id,
      summary: { ...versionOf(parent).summary, ...input.summary },
    });
    await carryDecisions(writing, row, input.rows, parent.version_id);
    const carried = input.rows.filter((item) => item.origin.kind === 'carried').length;
    const replaced = input.rows.filter((item) => item.origin.kind === 'replacement').length;
    const kept = input.rows.filter((item) => item.origin.kind === 'kept').length;
    const reopened = input.rows.length - carried - replaced - kept;
    const summary =
      `revised version ${parent.number} into version ${row.number}: ` +
      `${carried} carried, ${replaced} replaced, ${kept} kept, ${reopened} re-opened`;
    return complete(writing, row, input, cause, { operation: 'revise', summary });
  });
}

async function existing({ trx }: Writing, idempotencyKey: string): Promise<Version | null> {
  const row = await trx
    .selectFrom('versions')
    .selectAll()
    .where('idempotency_key', '=', idempotencyKey)
    .executeTakeFirst();
  return row ? versionOf(row) : null;
}

async function planSummary({ trx }: Writing, plan: RecordedPlan): Promise<Record<string, Json>> {
  const { request } = plan;
  const found = await readPopulation(trx, plan.reportId, request.populationHash);
  return {
    planId: plan.planId,
    populationHash: request.populationHash,
    fileName: found?.population.fileName ?? null,
    populationSize: plan.populationSize,
    keyColumn: request.keyColumn,
    lobColumn: request.lobColumn,
    risk: request.risk,
    tolerable: request.tolerable,
    expected: request.expected,
    method: plan.method,
    sampleSize: plan.sampleSize,
    acceptableDeviations: plan.acceptableDeviations,
    seed: request.seed,
    seedOrigin: request.seedOrigin,
    generator: plan.generator,
    algorithm: plan.algorithm,
  };
}

interface Place {
  number: number;
  revision: number;
  parentVersionId: string | null;
  masterRecordId: string;
  planId: string | null;
  summary: { readonly [key: string]: Json };
}

async function insertVersion(
  writing: Writing,
  input: NewVersion,
  cause: Followed,
  place: Place,
): Promise<Schema['versions']> {
  const { trx, at } = writing;
  const count = (verdict: Verdict) => input.rows.filter((item) => item.verdict === verdict).length;
  const row: Schema['versions'] = {
    version_id: versionIdOf(input.idempotencyKey),
    cycle_id: cause.cycleId,
    report_id: input.reportId,
    phase: 'sample-selection',
    lob: '',
    number: place.number,
    status: 'pending',
    review_verdict: null,
    parent_version_id: place.parentVersionId,
    master_record_id: place.masterRecordId,
    revision: place.revision,
    author_id: cause.actorId,
    created_at: at,
    reviewed_by: null,
    reviewed_at: null,
    review_note: null,
    item_count: input.rows.length,
    pending_count: count('pending'),
    approved_count: count('approved'),
    rejected_count: count('rejected'),
    summary_text: JSON.stringify(place.summary),
    workflow_text: JSON.stringify(input.workflow),
    plan_id: place.planId,
    operation_id: input.operationId,
    idempotency_key: input.idempotencyKey,
  };
  await trx.insertInto('versions').values(row).execute();
  await insertItems(writing, row.version_id, input.rows);
  return row;
}

async function insertItems(writing: Writing, versionId: string, rows: readonly NewItem[]): Promise<void> {
  const bodies = new Map<string, string>();
  const cells = rows.map((item, position) => {
    const hash = 'body' in item.content ? hashOf(item.content.body, bodies) : item.content.contentHash;
    return [versionId, position, item.itemKey, hash, JSON.stringify(item.source), JSON.stringify(item.origin)];
  });
  const columns = ['content_hash', 'body_text'];
  await insertMany(writing.trx, 'bodies', columns, [...bodies], 'on conflict (content_hash) do nothing');
  const names = ['version_id', 'position', 'item_key', 'content_hash', 'source_text', 'origin_text'];
  await insertMany(writing.trx, 'items', names, cells);
}

/** The same as `contentHash` of the domain, faster by a factor that shows at 100,000 items. */
function hashOf(body: ItemBody, bodies: Map<string, string>): string {
  const text = canonicalJson(body);
  const hash = createHash('sha256').update(text).digest('hex');
  bodies.set(hash, text);
  return hash;
}

async function carryDecisions(
  writing: Writing,
  row: Schema['versions'],
  rows: readonly NewItem[],
  parentVersionId: string,
): Promise<void> {
  const { trx } = writing;
  const carried = rows.filter((item) => item.verdict !== 'pending');
  if (carried.length === 0) return;
  const counting = await trx
    .selectFrom('verdicts')
    .innerJoin('decisions', (join) =>
      join
        .onRef('decisions.version_id', '=', 'verdicts.version_id')
        .onRef('decisions.item_key', '=', 'verdicts.item_key')
        .onRef('decisions.operation_id', '=', 'verdicts.operation_id'),
    )
    .selectAll('decisions')
    .where('verdicts.version_id', '=', parentVersionId)
    .execute();
  const byKey = new Map(counting.map((decision) => [decision.item_key, decision]));
  const decisions = carried.map((item): Decision => {
    const original = byKey.get(item.itemKey);
    if (original?.verdict !== item.verdict) {
      throw new Error(
        `${item.itemKey} cannot be carried as ${item.verdict}: it is ${original?.verdict ?? 'undecided'}`,
      );
    }
    return { ...decisionOf(original), versionId: row.version_id };
  });
  await insertMany(trx, 'decisions', decisionColumns, decisions.map(decisionCells));
  const cells = decisions.map((d) => [d.versionId, d.itemKey, d.verdict, d.operationId]);
  await insertMany(trx, 'verdicts', ['version_id', 'item_key', 'verdict', 'operation_id'], cells);
  // The version's header goes first, so that a laptop knows what the decisions belong to.
  await emitVersion(writing, row.version_id);
  emitDecisions(writing, row, decisions);
}

/** A change travels whole in a page of about a megabyte, whatever notes its decisions carry. */
const decisionsPerChange = 500;
const charactersPerChange = 250_000;

function emitDecisions(writing: Writing, row: Schema['versions'], decisions: readonly Decision[]): void {
  let part: Decision[] = [];
  let characters = 0;
  const flush = (): void => {
    if (part.length === 0) return;
    writing.emit(reportFeed(row.report_id), { kind: 'decisions', versionId: row.version_id, decisions: part });
    part = [];
    characters = 0;
  };
  for (const decision of decisions) {
    part.push(decision);
    characters += decision.note.length;
    if (part.length >= decisionsPerChange || characters >= charactersPerChange) flush();
  }
  flush();
}

async function complete(
  writing: Writing,
  row: Schema['versions'],
  input: NewVersion,
  cause: Followed,
  made: { operation: 'create' | 'revise'; summary: string },
): Promise<Version> {
  const { trx, at } = writing;
  const { version_id: versionId, report_id: reportId } = row;
  // An approved version stays the current one until a newer one is approved.
  await supersedeBefore(writing, row, ['draft', 'pending', 'rejected']);
  await emitVersion(writing, versionId);
  await emitReport(writing, reportId, { phase: row.phase, state: 'in-review', versionId });
  await trx
    .insertInto('version_operations')
    .values({
      operation_key: input.idempotencyKey,
      report_id: reportId,
      version_id: versionId,
      operation: made.operation,
      actor_id: cause.actorId,
      started_at: at,
      completed_at: at,
      error: null,
    })
    .onConflict((c) => c.column('operation_key').doUpdateSet({ version_id: versionId, completed_at: at, error: null }))
    .execute();
  await writing.record({
    reportId,
    entryKey: input.idempotencyKey,
    kind: made.operation === 'create' ? 'version.created' : 'version.revised',
    actorId: cause.actorId,
    deviceId: cause.deviceId,
    operationId: input.operationId,
    versionId,
    summary: made.summary,
    detail: {
      number: row.number,
      items: row.item_count,
      itemsHash: itemsHash(input.rows),
      parentVersionId: row.parent_version_id,
      planId: row.plan_id,
      ...(input.summary?.['strata'] === undefined ? {} : { strata: input.summary['strata'] }),
    },
    decidedAt: cause.decidedAt,
    receivedAt: cause.receivedAt,
  });
  await finishFollowUp(writing, input.operationId);
  return versionOf(row);
}

/** One hash for all keys and contents in their order, so that the ledger vouches for them without holding them. */
function itemsHash(rows: readonly NewItem[]): string {
  const hash = createHash('sha256');
  for (const { itemKey, content } of rows) {
    const body = 'body' in content ? createHash('sha256').update(canonicalJson(content.body)).digest('hex') : null;
    hash.update(`${JSON.stringify(itemKey)} ${'contentHash' in content ? content.contentHash : body}\n`);
  }
  return hash.digest('hex');
}
