// Owns how a version gets into the store: its row, its items with their bodies, the decisions that come along, its place in the
// feed, in the log of versions and in the ledger. Which rows it has and what follows for its phase is the caller's.
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../domain/canonical.ts';
import type { Json } from '../../domain/canonical.ts';
import { reportFeed } from '../../domain/change.ts';
import type { Decision, Verdict } from '../../domain/decision.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type {
  ItemBody,
  ItemOrigin,
  ItemSource,
  Version,
  VersionStatus,
  WorkflowContext,
} from '../../domain/version.ts';
import { insertMany } from './dialect.ts';
import type { Schema } from './schema.ts';
import { decisionCells, decisionColumns, decisionOf, readVersion } from './version-rows.ts';
import { emitVersion } from './version-status.ts';
import type { Writing } from './writing.ts';

/** A row of a version to be made. `content` names a body that the store has, or brings it. */
export interface NewItem {
  itemKey: string;
  content: { contentHash: string } | { body: ItemBody };
  source: ItemSource;
  origin: ItemOrigin;
  /** What it starts with: `pending`, or the verdict that a carried, disputed or recorded item has. */
  verdict: Verdict;
}

/** What every way of making a version needs. */
export interface NewVersion {
  /** Made of workflow id, phase, LOB and plan or operation id, never of a run or an attempt. */
  idempotencyKey: string;
  reportId: string;
  /** In the version's order; positions are given here. */
  rows: readonly NewItem[];
  workflow: WorkflowContext;
  /** Facts about the whole version, for example the strata with their weights. */
  summary?: { readonly [key: string]: Json };
}

/** On whose behalf a version is made: of somebody's operation, or (device and operation null) of the workflow itself. */
export interface Cause {
  cycleId: string;
  actorId: string;
  deviceId: string | null;
  operationId: string | null;
  decidedAt: string | null;
  receivedAt: string;
}

/** Where a version stands in its line. */
export interface Place {
  phase: PhaseSlug;
  lob: string | null;
  status: VersionStatus;
  number: number;
  revision: number;
  parentVersionId: string | null;
  masterRecordId: string;
  planId: string | null;
  summary: { readonly [key: string]: Json };
}

/** The id of the version that a key makes. */
export function versionIdOf(idempotencyKey: string): string {
  return `v-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}

/** The version that a key made before, null when it made none. */
export function madeBefore({ trx }: Writing, idempotencyKey: string): Promise<Version | null> {
  return readVersion(trx, versionIdOf(idempotencyKey));
}

/** Puts the version and its items into the store. */
export async function insertVersion(
  writing: Writing,
  input: NewVersion,
  cause: Cause,
  place: Place,
): Promise<Schema['versions']> {
  const { trx, at } = writing;
  const count = (verdict: Verdict) => input.rows.filter((item) => item.verdict === verdict).length;
  const versionId = versionIdOf(input.idempotencyKey);
  const items = input.rows.map(hashed);
  const row: Schema['versions'] = {
    version_id: versionId,
    cycle_id: cause.cycleId,
    report_id: input.reportId,
    phase: place.phase,
    lob: place.lob ?? '',
    number: place.number,
    status: place.status,
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
    disputed_count: input.rows.filter((item) => item.origin.kind === 'disputed').length,
    summary_text: JSON.stringify({ ...place.summary, itemsHash: itemsHash(items) }),
    workflow_text: JSON.stringify(input.workflow),
    plan_id: place.planId,
    operation_id: cause.operationId ?? '',
    idempotency_key: input.idempotencyKey,
  };
  await trx.insertInto('versions').values(row).execute();
  await insertItems(writing, versionId, items);
  return row;
}

interface HashedItem {
  item: NewItem;
  contentHash: string;
  /** Of a body that the store may not have; null for one that is only named. */
  bodyText: string | null;
}

/** The same as `contentHash` of the domain, faster by a factor that shows at 100,000 items. */
function hashed(item: NewItem): HashedItem {
  if ('contentHash' in item.content) return { item, contentHash: item.content.contentHash, bodyText: null };
  const bodyText = canonicalJson(item.content.body);
  return { item, contentHash: createHash('sha256').update(bodyText).digest('hex'), bodyText };
}

/** One hash for all keys and contents in their order: what is signed, and what the ledger vouches for without holding the items. */
function itemsHash(items: readonly HashedItem[]): string {
  const hash = createHash('sha256');
  for (const { item, contentHash } of items) hash.update(`${JSON.stringify(item.itemKey)} ${contentHash}\n`);
  return hash.digest('hex');
}

async function insertItems({ trx }: Writing, versionId: string, items: readonly HashedItem[]): Promise<void> {
  const bodies = new Map(
    items.flatMap(({ contentHash, bodyText }) => (bodyText === null ? [] : [[contentHash, bodyText] as const])),
  );
  const columns = ['content_hash', 'body_text'];
  await insertMany(trx, 'bodies', columns, [...bodies], 'on conflict (content_hash) do nothing');
  const names = ['version_id', 'position', 'item_key', 'content_hash', 'source_text', 'origin_text'];
  const cells = items.map(({ item, contentHash }, position) => [
    ...[versionId, position, item.itemKey, contentHash],
    ...[JSON.stringify(item.source), JSON.stringify(item.origin)],
  ]);
  await insertMany(trx, 'items', names, cells);
}

/**
 * Has the decisions of items that keep their verdict come along from the version before, with who and when of the original.
 * @throws Error when an item would keep a verdict that it does not have: somebody decided meanwhile, and it is to be planned again.
 */
export async function carryDecisions(
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

/** Tells the feed of decisions in pieces that fit a page. */
export function emitDecisions(
  writing: Writing,
  row: Pick<Schema['versions'], 'report_id' | 'version_id'>,
  decisions: readonly Decision[],
): void {
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

/** Enters what was done with a version into the log of versions (mission.md, row 5), once per key. */
export async function logVersionOperation(
  { trx, at }: Writing,
  entry: {
    operationKey: string;
    reportId: string;
    versionId: string | null;
    operation: Schema['version_operations']['operation'];
    actorId: string;
    /** Why it failed; null when it did not. */
    error: string | null;
  },
): Promise<void> {
  const ended = { version_id: entry.versionId, completed_at: at, error: entry.error };
  await trx
    .insertInto('version_operations')
    .values({
      operation_key: entry.operationKey,
      report_id: entry.reportId,
      operation: entry.operation,
      actor_id: entry.actorId,
      started_at: at,
      ...ended,
    })
    .onConflict((c) => c.column('operation_key').doUpdateSet(ended))
    .execute();
}

/** Enters a version that was made into log and ledger. */
export async function recordMade(
  writing: Writing,
  row: Schema['versions'],
  cause: Cause,
  made: { operation: 'create' | 'revise'; summary: string },
): Promise<void> {
  const { version_id: versionId, report_id: reportId, idempotency_key: key } = row;
  const { operation, summary } = made;
  const { actorId, deviceId, operationId, decidedAt, receivedAt } = cause;
  await logVersionOperation(writing, { operationKey: key, reportId, versionId, operation, actorId, error: null });
  const facts = JSON.parse(row.summary_text) as Version['summary'];
  await writing.record({
    reportId,
    entryKey: key,
    kind: operation === 'create' ? 'version.created' : 'version.revised',
    ...{ actorId, deviceId, operationId, versionId, summary, decidedAt, receivedAt },
    detail: {
      phase: row.phase,
      lob: row.lob === '' ? null : row.lob,
      number: row.number,
      items: row.item_count,
      itemsHash: facts['itemsHash'] ?? null,
      parentVersionId: row.parent_version_id,
      planId: row.plan_id,
      ...(facts['strata'] === undefined ? {} : { strata: facts['strata'] }),
    },
  });
}
