// Owns laying the outbox over the cache: where an item stands on this laptop, and a version's counts with drafts.
// Reads both files through the cache's connection; writes nothing.
import type { Answer } from '../../../domain/operation.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import type { ReasonCode, Verdict } from '../../../domain/decision.ts';
import type { ItemBody, VerdictCounts, Version } from '../../../domain/version.ts';
import type { Delivery, ItemRow } from '../../../preload/contract.ts';
import { initialVerdict, originOf, provenanceColumns, sourceOf } from '../cache/contents.ts';
import type { ProvenanceRow } from '../cache/contents.ts';
import type { Cache } from '../cache/cache.ts';
import type { Desk } from './desk.ts';
import { answerOf } from '../outbox/answer-table.ts';
import type { AnswerColumns } from '../outbox/answer-table.ts';
import { statement } from '../sqlite.ts';

/** Items of one version (`@row`, `@version`) with their cached decision `d` and the outbox's word `o`. */
export const itemsFrom = `items i
  LEFT JOIN decisions d ON d.version_id = @version AND d.item_key = i.item_key
  LEFT JOIN outbox.decisions o ON o.version_id = @version AND o.item_key = i.item_key AND o.current = 1`;

/** What the feed said, without the outbox. */
const cachedVerdict = `coalesce(d.verdict, ${initialVerdict('i')})`;
/** What the server has as far as this laptop knows: a receipt may be here before the decision it is for. */
const serverVerdict = `coalesce(d.verdict, CASE o.state WHEN 'applied' THEN o.verdict END, ${initialVerdict('i')})`;
const laidOver = `(o.state IN ('draft', 'queued', 'sent') AND o.settled_at IS NULL)`;
/** What the screen shows. A refused or conflicting decision has no effect: the server's stands. */
export const shownVerdict = `(CASE WHEN ${laidOver} THEN o.verdict ELSE ${serverVerdict} END)`;
/**
 * True for a decision that came along from the version before: it was made before this one (`@createdAt`) existed, and belongs to
 * the version that it was made on. Carried items have no other; for the rest one of the same moment counts as made here.
 */
export const broughtAlong = `(CASE WHEN i.origin_kind IN ('carried', 'disputed') THEN d.applied_at <= @createdAt
  ELSE d.applied_at < @createdAt END)`;
/** True for rows that this person decided in this version (`@me`). */
export const decidedByMe = `(${laidOver} OR (o.state = 'applied' AND d.verdict IS NULL) OR (d.actor_id IS @me AND NOT ${broughtAlong}))`;

interface ShownRow extends ProvenanceRow {
  position: number;
  item_key: string;
  content_hash: string;
  body: string | null;
  server_verdict: Verdict;
  d_verdict: Verdict | null;
  d_reason_code: ReasonCode | null;
  d_note: string | null;
  d_actor_id: string | null;
  d_decided_at: string | null;
  o_verdict: Verdict | null;
  o_reason_code: ReasonCode | null;
  o_note: string | null;
  o_decided_at: string | null;
  o_state: Delivery | null;
  o_settled_at: string | null;
  brought: 0 | 1 | null;
  a_answer: Answer['answer'] | null;
  a_rationale: string | null;
  a_fields: string | null;
  a_content_hash: string | null;
  e_edit: string | null;
  e_state: Delivery | null;
}

const shownColumns = `i.position, i.item_key, lower(hex(b.content_hash)) AS content_hash, b.body,
  ${provenanceColumns('i')}, ${serverVerdict} AS server_verdict,
  d.verdict AS d_verdict, d.reason_code AS d_reason_code, d.note AS d_note, d.actor_id AS d_actor_id,
  d.decided_at AS d_decided_at, o.verdict AS o_verdict, o.reason_code AS o_reason_code, o.note AS o_note,
  o.decided_at AS o_decided_at, o.state AS o_state, o.settled_at AS o_settled_at,
  ${broughtAlong} AS brought, a.answer AS a_answer, a.rationale AS a_rationale, a.fields AS a_fields,
  a.content_hash AS a_content_hash, e.edit AS e_edit, e.state AS e_state`;

const shownFrom = `${itemsFrom} JOIN bodies b ON b.body_row = i.body_row
  LEFT JOIN outbox.answers a ON a.version_id = @version AND a.item_key = i.item_key AND a.settled_at IS NULL
  LEFT JOIN outbox.edits e ON e.version_id = @version AND e.item_key = i.item_key AND e.current = 1`;

/** The number that the cache gave a version, or null for one that is not here. */
export function versionRow(cache: Cache, versionId: string): number | null {
  const row = statement<{ version_row: number }>(cache.db, 'SELECT version_row FROM versions WHERE version_id = ?').get(
    versionId,
  );
  return row?.version_row ?? null;
}

/** Rows by position, first and last included. */
export function rowsBetween(desk: Desk, versionId: string, first: number, last: number): ItemRow[] {
  const sql = `SELECT ${shownColumns} FROM ${shownFrom}
    WHERE i.version_row = @row AND i.position BETWEEN @first AND @last ORDER BY i.position`;
  return read(desk, versionId, sql, { first, last });
}

/** Rows by their places in a list (a temporary table of places and positions), first and last included. */
export function rowsOfList(desk: Desk, versionId: string, list: string, first: number, last: number): ItemRow[] {
  const sql = `SELECT ${shownColumns} FROM temp.${list} l CROSS JOIN ${shownFrom}
    WHERE l.place BETWEEN @first AND @last AND i.version_row = @row AND i.position = l.position ORDER BY l.place`;
  return read(desk, versionId, sql, { first, last });
}

/** One row, or null. */
export function rowOfKey(desk: Desk, versionId: string, itemKey: string): ItemRow | null {
  const sql = `SELECT ${shownColumns} FROM ${shownFrom} WHERE i.version_row = @row AND i.item_key = @itemKey`;
  return read(desk, versionId, sql, { itemKey })[0] ?? null;
}

function read(desk: Desk, versionId: string, sql: string, values: Record<string, unknown>): ItemRow[] {
  const row = versionRow(desk.cache, versionId);
  const version = desk.cache.version(versionId);
  if (row === null || !version) return [];
  const { createdAt, status } = version;
  const rows = statement<ShownRow>(desk.cache.db, sql).all({ row, version: versionId, createdAt, ...values });
  return rows.map((shown) => itemRow(shown, desk.personId, status === 'superseded'));
}

/** When a version was made; the empty text for one that is not here. */
export function createdAtOf(desk: Desk, versionId: string): string {
  return desk.cache.version(versionId)?.createdAt ?? '';
}

function itemRow(row: ShownRow, me: string, isSuperseded: boolean): ItemRow {
  const mine = row.o_state !== null && row.o_settled_at === null;
  const overlaid = mine && (row.o_state === 'draft' || row.o_state === 'queued' || row.o_state === 'sent');
  const ahead = row.o_state === 'applied' && row.d_verdict === null;
  const ours = overlaid || ahead;
  const here = row.brought !== 1;
  // In the version that came of it an applied edit is the item's body.
  const edit = row.e_state === 'applied' && isSuperseded ? null : row.e_state;
  return {
    position: row.position,
    itemKey: row.item_key,
    contentHash: row.content_hash,
    body: row.body === null ? null : (JSON.parse(row.body) as ItemBody),
    source: sourceOf(row),
    origin: originOf(row),
    verdict: overlaid ? (row.o_verdict ?? 'pending') : row.server_verdict,
    reasonCode: ours ? row.o_reason_code : row.d_reason_code,
    note: (ours ? row.o_note : row.d_note) ?? '',
    decidedBy: ours ? me : here ? row.d_actor_id : null,
    decidedAt: ours ? row.o_decided_at : here ? row.d_decided_at : null,
    delivery: deliveryOf(row, mine, edit),
    answer: shownAnswer(row),
    edit: row.e_edit !== null && edit !== null && laidEdits.has(edit) ? (JSON.parse(row.e_edit) as Edit) : null,
  };
}

/** Edits that become, or are becoming, part of the next version; a refused one has no effect. */
const laidEdits: ReadonlySet<Delivery> = new Set(['draft', 'queued', 'sent', 'applied']);

/** What this laptop did comes first: what it decided, then what it edits; then whether anybody decided at all. */
function deliveryOf(row: ShownRow, mine: boolean, edit: Delivery | null): Delivery | null {
  if (mine && row.o_state !== 'applied') return row.o_state;
  if (edit !== null) return edit;
  return (row.d_verdict !== null && row.brought !== 1) || row.o_state === 'applied' ? 'applied' : null;
}

function shownAnswer(row: ShownRow): Answer | null {
  const { a_answer: answer, a_rationale: rationale, a_fields: fields, a_content_hash: content_hash } = row;
  if (answer === null || content_hash === null) return null;
  const columns: AnswerColumns = { item_key: row.item_key, content_hash, answer, rationale, fields };
  return answerOf(columns);
}

/** Where an item stands, as a decision on it needs to know. */
export interface Standing {
  content_hash: string;
  server: Verdict;
  shown: Verdict;
}

/** How many rows are scanned in the time that one takes to be asked for alone (measured: 28 µs against about 1). */
const scannedPerAsked = 20;

/** Where these items of a version stand. An item that is not here has no entry. */
export function standings(desk: Desk, versionId: string, itemKeys: readonly string[]): Map<string, Standing> {
  const row = versionRow(desk.cache, versionId);
  const found = new Map<string, Standing>();
  if (row === null) return found;
  const { db } = desk.cache;
  const sql = `SELECT i.item_key, lower(hex(b.content_hash)) AS content_hash, ${serverVerdict} AS server,
    ${shownVerdict} AS shown FROM ${itemsFrom} JOIN bodies b ON b.body_row = i.body_row WHERE i.version_row = @row`;
  const wanted = new Set(itemKeys);
  if (wanted.size * scannedPerAsked < desk.cache.cachedItems(versionId)) {
    const ask = statement<Standing>(db, `${sql} AND i.item_key = @itemKey`);
    for (const itemKey of wanted) {
      const standing = ask.get({ row, version: versionId, itemKey });
      if (standing) found.set(itemKey, standing);
    }
    return found;
  }
  const scan = statement<Standing & { item_key: string }>(db, sql);
  for (const standing of scan.iterate({ row, version: versionId })) {
    if (wanted.has(standing.item_key)) found.set(standing.item_key, standing);
  }
  return found;
}

/**
 * Runs several reads on one state of both files. It is also what makes many small reads cheap: each one alone would
 * lock and unlock two files.
 */
export function reading<Value>(desk: Desk, run: () => Value): Value {
  return desk.cache.db.inTransaction ? run() : desk.cache.db.transaction(run).deferred();
}

/** Counts of a version as they were last worked out, and on which data. */
interface Tally {
  cache: number;
  outbox: number;
  counts: VerdictCounts;
}
const tallies = new WeakMap<Cache, Map<string, Tally>>();

/** The counts of a version with this laptop's drafts and queued decisions laid over. */
export function shownCounts(desk: Desk, version: Version): VerdictCounts {
  const known = talliesOf(desk).get(version.versionId);
  if (known && isFresh(desk, version.versionId, known)) return { ...known.counts };
  const counts = { ...version.counts };
  const moved = statement<{ cached: Verdict; shown: Verdict; items: number }>(
    desk.cache.db,
    `SELECT ${cachedVerdict} AS cached, ${shownVerdict} AS shown, count(*) AS items FROM outbox.decisions o
       LEFT JOIN decisions d ON d.version_id = o.version_id AND d.item_key = o.item_key
       LEFT JOIN items i ON i.version_row = @row AND i.item_key = o.item_key
     WHERE o.version_id = @version AND o.current = 1 GROUP BY 1, 2`,
  ).all({ row: versionRow(desk.cache, version.versionId), version: version.versionId });
  for (const { cached, shown, items } of moved) {
    counts[cached] -= items;
    counts[shown] += items;
  }
  keepTally(desk, version.versionId, counts);
  return { ...counts };
}

/** Notes counts that follow from a change that was just written, so that nobody counts them again. */
export function keepTally(desk: Desk, versionId: string, counts: VerdictCounts): void {
  const { cache, outbox } = desk;
  const tally = { cache: cache.revisionOf(versionId), outbox: outbox.revisionOf(versionId), counts: { ...counts } };
  talliesOf(desk).set(versionId, tally);
}

function talliesOf({ cache }: Desk): Map<string, Tally> {
  let known = tallies.get(cache);
  if (!known) {
    known = new Map();
    tallies.set(cache, known);
  }
  return known;
}

function isFresh({ cache, outbox }: Desk, versionId: string, tally: Tally): boolean {
  return tally.cache === cache.revisionOf(versionId) && tally.outbox === outbox.revisionOf(versionId);
}
