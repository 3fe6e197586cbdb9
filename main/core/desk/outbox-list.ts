// Owns the list of what has not arrived: one entry per decision, answer or operation, with conflicts side by side; dropping with
// a note and deciding again. Knows no transport.
import type { Reason } from '../../../domain/operation.ts';
import { whyClosed } from '../../../domain/review.ts';
import type { Verdict } from '../../../domain/decision.ts';
import type { ItemBody, Version } from '../../../domain/version.ts';
import type {
  CommandOutput,
  CommandParsed,
  ConflictDetail,
  ConflictSide,
  Delivery,
  OutboxEntry,
} from '../../../preload/contract.ts';
import { refuseFor, whyNotReview } from './access.ts';
import type { Desk } from './desk.ts';
import { recordDecisions } from './decisions.ts';
import { failed } from '../failure.ts';
import { verdictText } from './item-life.ts';
import { operationText } from './operation-text.ts';
import type { KeptDecision } from '../outbox/decision-table.ts';
import type { OperationRow } from '../outbox/operation-table.ts';
import { rowOfKey } from './overlay.ts';
import { statement } from '../sqlite.ts';
import { chainOf } from './version-facts.ts';

interface Place {
  source: 'decision' | 'operation' | 'answer';
  id: string;
}

const openSql = `
  SELECT 'decision' AS source, CAST(decision_id AS TEXT) AS id, decided_at AS at, decision_id AS tie FROM decisions
    WHERE settled_at IS NULL AND state <> 'applied' AND (state <> 'draft' OR current = 1)
  UNION ALL SELECT 'operation', operation_id, decided_at, sequence FROM operations
    WHERE settled_at IS NULL AND state <> 'applied' AND kind <> 'decisions.record'
  UNION ALL SELECT 'answer', CAST(rowid AS TEXT), drafted_at, rowid FROM answers WHERE operation_id IS NULL`;
const deliveredSql = `
  SELECT 'decision' AS source, CAST(k.decision_id AS TEXT) AS id, o.delivered_at AS at, k.decision_id AS tie
    FROM decisions k JOIN operations o ON o.operation_id = k.operation_id WHERE k.state = 'applied'
  UNION ALL SELECT 'operation', operation_id, delivered_at, sequence FROM operations
    WHERE state = 'applied' AND kind <> 'decisions.record'`;

/** What has not arrived, oldest first; or what was delivered, newest first. */
export function listOutbox(desk: Desk, input: CommandParsed<'outbox:list'>): CommandOutput<'outbox:list'> {
  const { db } = desk.outbox;
  const [sql, order] = input.show === 'open' ? [openSql, 'at, tie'] : [deliveredSql, 'at DESC, tie DESC'];
  const total = statement<number>(db, `SELECT count(*) FROM (${sql})`).pluck().get() as number;
  const places = statement<Place>(db, `SELECT source, id FROM (${sql}) ORDER BY ${order} LIMIT ? OFFSET ?`).all(
    input.limit,
    input.offset,
  );
  return { total, entries: places.flatMap((place) => entryAt(desk, place) ?? []) };
}

function entryAt(desk: Desk, { source, id }: Place): OutboxEntry | null {
  const { decisions, operations } = desk.outbox.tables;
  if (source === 'decision') {
    const kept = decisions.get(Number(id));
    return kept && decisionEntry(desk, kept);
  }
  if (source === 'operation') {
    const row = operations.get(id);
    return row && operationEntry(desk, row);
  }
  return answerEntry(desk, Number(id));
}

type Bound = Pick<OutboxEntry, 'reportId' | 'reportName' | 'versionId' | 'versionNumber'>;

function boundTo(desk: Desk, reportId: string | null, versionId: string | null): Bound {
  return {
    reportId,
    reportName: reportId === null ? null : (desk.cache.report(reportId)?.name ?? null),
    versionId,
    versionNumber: versionId === null ? null : (desk.cache.version(versionId)?.number ?? null),
  };
}

const imperative: Readonly<Record<Verdict, string>> = { approved: 'Approve', rejected: 'Reject', pending: 'Re-open' };

function decisionEntry(desk: Desk, kept: KeptDecision): OutboxEntry {
  const operation = kept.operationId === null ? null : desk.outbox.tables.operations.get(kept.operationId);
  const [, ...rest] = verdictText(kept.decision).split(':');
  const why = rest.length > 0 ? ` as${rest.join(':')}` : '';
  return {
    entryId: `d-${kept.decisionId}`,
    operationId: kept.operationId,
    kind: 'decision',
    what: `${imperative[kept.decision.verdict]} ${kept.itemKey}${why}`,
    ...boundTo(desk, kept.reportId, kept.versionId),
    itemKey: kept.itemKey,
    contentHash: kept.contentHash,
    delivery: kept.state,
    createdAt: kept.decidedAt,
    attempts: operation?.attempts ?? 0,
    lastAttemptAt: operation?.last_attempt_at ?? null,
    reason: reasonOf(desk, kept),
    conflict: isStuck(desk, kept) ? conflictOf(desk, kept) : null,
    deliveredAt: kept.state === 'applied' ? (operation?.delivered_at ?? null) : null,
  };
}

/** A draft on a version that was closed meanwhile can no longer be submitted: it says so instead of waiting for ever. */
function reasonOf(desk: Desk, kept: KeptDecision): Reason | null {
  if (kept.state !== 'draft') return kept.reason;
  const version = desk.cache.version(kept.versionId);
  return version && whyClosed(version);
}

function isStuck(desk: Desk, kept: KeptDecision): boolean {
  return kept.state === 'conflict' || (kept.state === 'draft' && reasonOf(desk, kept) !== null);
}

function operationEntry(desk: Desk, row: OperationRow): OutboxEntry {
  return {
    entryId: `o-${row.operation_id}`,
    operationId: row.operation_id,
    kind: row.kind,
    what: operationText(desk, row),
    ...boundTo(desk, row.report_id, row.version_id),
    itemKey: null,
    contentHash: null,
    delivery: row.state,
    createdAt: row.decided_at,
    attempts: row.attempts,
    lastAttemptAt: row.last_attempt_at,
    reason: row.reason === null ? null : (JSON.parse(row.reason) as Reason),
    conflict: null,
    deliveredAt: row.state === 'applied' ? row.delivered_at : null,
  };
}

function answerEntry(desk: Desk, rowid: number): OutboxEntry | null {
  const row = statement<{
    version_id: string;
    item_key: string;
    content_hash: string;
    answer: string;
    drafted_at: string;
  }>(desk.outbox.db, 'SELECT * FROM answers WHERE rowid = ?').get(rowid);
  if (!row) return null;
  const reportId = desk.cache.version(row.version_id)?.reportId ?? null;
  const delivery: Delivery = 'draft';
  return {
    entryId: `a-${rowid}`,
    operationId: null,
    kind: 'answer',
    what: `${row.answer === 'replace' ? 'Replace' : 'Keep'} ${row.item_key}`,
    ...boundTo(desk, reportId, row.version_id),
    itemKey: row.item_key,
    contentHash: row.content_hash,
    delivery,
    createdAt: row.drafted_at,
    attempts: 0,
    lastAttemptAt: null,
    reason: null,
    conflict: null,
    deliveredAt: null,
  };
}

function bodyByHash(desk: Desk, contentHash: string | null): ItemBody | null {
  if (contentHash === null) return null;
  const text = statement<string | null>(desk.cache.db, 'SELECT body FROM bodies WHERE content_hash = unhex(?)')
    .pluck()
    .get(contentHash);
  return text == null ? null : (JSON.parse(text) as ItemBody);
}

function side(
  desk: Desk,
  versionId: string | null,
  values: Omit<ConflictSide, 'versionNumber' | 'body'>,
): ConflictSide {
  const versionNumber = versionId === null ? null : (desk.cache.version(versionId)?.number ?? null);
  return { versionNumber, body: bodyByHash(desk, values.contentHash), ...values };
}

function conflictOf(desk: Desk, kept: KeptDecision): ConflictDetail {
  const { contentHash, versionId, decision } = kept;
  const seen = { verdict: kept.seenVerdict, by: null, at: null };
  const mine = { verdict: decision.verdict, by: desk.personId, at: kept.decidedAt };
  const base = side(desk, versionId, { contentHash, ...seen });
  const place = presentPlace(desk, kept);
  return {
    base: { ...base, versionNumber: base.versionNumber ?? (kept.seenVersionNumber || null) },
    mine: {
      ...side(desk, versionId, { contentHash, ...mine }),
      reasonCode: decision.reasonCode,
      note: decision.note,
    },
    theirs: theirsOf(desk, kept),
    decideAgainOn: place && {
      versionId: place.version.versionId,
      versionNumber: place.version.number,
      contentUnchanged: place.contentHash === contentHash,
    },
  };
}

/** What the server has instead: as its receipt said, else as the cache knows it. */
function theirsOf(desk: Desk, kept: KeptDecision): ConflictSide | null {
  if (kept.theirs) {
    const { versionId, contentHash, verdict, actorId, at } = kept.theirs;
    return side(desk, versionId, { contentHash, verdict, by: actorId, at });
  }
  const version = desk.cache.version(kept.versionId);
  if (!version) return null;
  for (const one of chainOf(desk, version)) {
    const row = rowOfKey(desk, one.versionId, kept.itemKey);
    if (!row) continue;
    const { contentHash, verdict, decidedBy, decidedAt } = row;
    return side(desk, one.versionId, { contentHash, verdict, by: decidedBy, at: decidedAt });
  }
  return null;
}

/** The version on which the item can be decided now, or null. */
function presentPlace(desk: Desk, kept: KeptDecision): { version: Version; contentHash: string } | null {
  const version = desk.cache.version(kept.versionId);
  if (!version) return null;
  const open = chainOf(desk, version).find((one) => whyClosed(one) === null);
  const row = open && rowOfKey(desk, open.versionId, kept.itemKey);
  return open && row ? { version: open, contentHash: row.contentHash } : null;
}

/** Gives up an entry that cannot arrive. The note and the entry stay in the outbox's file. */
export function dropEntry(desk: Desk, input: CommandParsed<'outbox:drop'>): CommandOutput<'outbox:drop'> {
  const { decisions, operations } = desk.outbox.tables;
  const { entryId, note } = input;
  const id = entryId.slice(2);
  const at = desk.now();
  if (entryId.startsWith('d-')) {
    const kept = mustBeOpen(decisions.get(Number(id)), entryId);
    if (kept.state !== 'refused' && !isStuck(desk, kept)) throw stillWaiting(entryId);
    const change = { reportIds: [kept.reportId], versionIds: [kept.versionId] };
    desk.outbox.write(() => decisions.settle(kept.decisionId, 'dropped', note, null, at), change);
    return { dropped: entryId };
  }
  const row = entryId.startsWith('o-') ? operations.get(id) : null;
  if (!row || row.settled_at !== null) throw notOpen(entryId);
  if (row.state !== 'refused' && row.state !== 'conflict') throw stillWaiting(entryId);
  const change = {
    reportIds: row.report_id === null ? [] : [row.report_id],
    versionIds: row.version_id === null ? [] : [row.version_id],
  };
  desk.outbox.write(() => operations.drop(id, note, at), change);
  return { dropped: entryId };
}

const notOpen = (entryId: string) => failed('not-found', `there is no open entry ${entryId} in the outbox`);
const stillWaiting = (entryId: string) =>
  failed('refused', `${entryId} still waits for the server: only what was refused or conflicts can be dropped`);

function mustBeOpen(kept: KeptDecision | null, entryId: string): KeptDecision {
  if (!kept || kept.settledAt !== null) throw notOpen(entryId);
  return kept;
}

/** Drafts conflicting decisions again where their items stand now, when their contents are what was seen. */
export function decideAgain(
  desk: Desk,
  input: CommandParsed<'outbox:decide-again'>,
): CommandOutput<'outbox:decide-again'> {
  const found = input.entryIds.map((entryId) => {
    const kept = entryId.startsWith('d-') ? desk.outbox.tables.decisions.get(Number(entryId.slice(2))) : null;
    const open = mustBeOpen(kept, entryId);
    if (!isStuck(desk, open)) throw failed('refused', `${open.itemKey} is in no conflict`);
    return { kept: open, place: presentPlace(desk, open) };
  });
  const [first] = found;
  const target = found.find(({ place }) => place !== null)?.place?.version;
  if (!first || !target) {
    throw failed('refused', `${first?.kept.itemKey ?? 'The item'} is in no version that can be decided on now`);
  }
  refuseFor(whyNotReview(desk, target));
  const same = found.filter(
    ({ kept, place }) => place?.version.versionId === target.versionId && place.contentHash === kept.contentHash,
  );
  if (same.length === 0) {
    throw failed(
      'refused',
      `${first.kept.itemKey} has other contents in version ${target.number}: open it there and decide on what it says now`,
      { details: 'content-changed' },
    );
  }
  draftAgain(
    desk,
    target,
    same.map(({ kept }) => kept),
  );
  return { versionId: target.versionId, itemKeys: same.map(({ kept }) => kept.itemKey) };
}

function draftAgain(desk: Desk, target: Version, again: readonly KeptDecision[]): void {
  const { versionId, reportId } = target;
  const versionIds = [...new Set([versionId, ...again.map((kept) => kept.versionId)])];
  desk.outbox.write(
    () => {
      const { decisionIds } = recordDecisions(desk, {
        versionId,
        decisions: again.map(({ itemKey, contentHash, decision }) => ({ itemKey, contentHash, decision })),
      });
      for (const [index, kept] of again.entries()) {
        const by = decisionIds[index] ?? null;
        desk.outbox.tables.decisions.settle(kept.decisionId, 'decided-again', null, by, desk.now());
      }
    },
    { reportIds: [reportId], versionIds },
  );
}
