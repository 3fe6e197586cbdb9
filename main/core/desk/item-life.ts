// Owns the life of one item: its row, what happened to it in every version, and how its figures stand in the population.
// Reads only.
import { reasonRules } from '../../../domain/decision.ts';
import type { Decision, ItemVerdict } from '../../../domain/decision.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { proposer } from '../../../domain/version.ts';
import type { ItemBody, ItemOrigin, ItemSource, Version } from '../../../domain/version.ts';
import type { ItemDetail, ItemEvent } from '../../../preload/contract.ts';
import { versionOrFail } from './access.ts';
import { originOf, sourceOf } from '../cache/contents.ts';
import type { ProvenanceRow } from '../cache/contents.ts';
import type { Desk } from './desk.ts';
import { addedRows } from './edits.ts';
import { failed } from '../failure.ts';
import { editText } from './operation-text.ts';
import { rowOfKey } from './overlay.ts';
import { statement } from '../sqlite.ts';
import { chainOf, populationOf } from './version-facts.ts';

/** One row with its life over all versions. */
export function itemDetail(desk: Desk, input: { versionId: string; itemKey: string }): ItemDetail {
  const version = versionOrFail(desk, input.versionId);
  const { itemKey } = input;
  const row =
    rowOfKey(desk, version.versionId, itemKey) ??
    addedRows(desk, version).find((added) => added.itemKey === itemKey) ??
    null;
  if (!row) throw failed('not-found', `version ${version.number} has no item ${itemKey} on this laptop`);
  return { row, life: lifeOf(desk, version, itemKey), percentiles: percentilesOf(desk, version, row.body) };
}

/** Everything that is known of a key over the versions of its chain, newest first. */
export function lifeOf(desk: Desk, version: Version, itemKey: string): ItemEvent[] {
  return chainOf(desk, version).flatMap((one) => eventsIn(desk, one, itemKey));
}

function eventsIn(desk: Desk, version: Version, itemKey: string): ItemEvent[] {
  const { versionId, number: versionNumber } = version;
  const came = provenanceIn(desk, versionId, itemKey);
  const event = (what: string): ItemEvent => ({
    versionNumber,
    versionId,
    what,
    // What the workflow proposed is nobody's work.
    by: version.authorId === proposer ? null : version.authorId,
    decidedAt: version.createdAt,
    appliedAt: version.createdAt,
    operationId: null,
  });
  if (!came) {
    const replacement = replacementOf(desk, versionId, itemKey);
    return replacement === null ? [] : [event(`replaced by ${replacement}`)];
  }
  return [
    ...draftIn(desk, version, itemKey),
    ...editIn(desk, version, itemKey),
    ...decisionsIn(desk, version, itemKey, originOf(came)),
    event(howItCame(originOf(came), sourceOf(came))),
  ];
}

function provenanceIn(desk: Desk, versionId: string, itemKey: string): ProvenanceRow | null {
  const sql = `SELECT i.* FROM items i JOIN versions v ON v.version_row = i.version_row
    WHERE v.version_id = ? AND i.item_key = ?`;
  return statement<ProvenanceRow>(desk.cache.db, sql).get(versionId, itemKey) ?? null;
}

function replacementOf(desk: Desk, versionId: string, itemKey: string): string | null {
  const sql = `SELECT i.item_key FROM items i JOIN versions v ON v.version_row = i.version_row
    WHERE v.version_id = ? AND i.origin_kind = 'replacement' AND i.origin_key = ?`;
  return statement<{ item_key: string }>(desk.cache.db, sql).get(versionId, itemKey)?.item_key ?? null;
}

function howItCame(origin: ItemOrigin, source: ItemSource): string {
  switch (origin.kind) {
    case 'new':
      return sourceWords(source);
    case 'recorded':
      return `recorded, revision ${origin.recordRevision}`;
    case 'replacement':
      return `added as replacement for ${origin.replacesKey}, ${drawnWords(source)}`;
    case 'carried':
      return `carried from version ${origin.versionNumber}, approved`;
    case 'edited':
      return `edited since version ${origin.versionNumber}`;
    case 're-opened':
      return `re-opened: ${origin.reason}`;
    case 'kept':
      return `kept by the tester: ${origin.rationale}`;
    case 'disputed':
      return `kept as disputed: ${origin.rationale}`;
  }
}

function sourceWords(source: ItemSource): string {
  switch (source.kind) {
    case 'proposed':
      return 'proposed from the data';
    case 'added':
      return 'added by hand';
    case 'random':
    case 'targeted':
      return `added, ${drawnWords(source)}`;
  }
}

function drawnWords(source: ItemSource): string {
  if (source.kind === 'random') return `random #${source.drawPosition}`;
  return source.kind === 'targeted' ? `targeted: ${source.reason}` : source.kind;
}

/** A decision in words: "rejected: duplicate – seen twice". */
export function verdictText({ verdict, reasonCode, note }: ItemVerdict): string {
  const reason = reasonCode === null ? '' : `: ${reasonRules[reasonCode].name}`;
  return `${verdict}${reason}${note.trim() === '' ? '' : ` – ${note}`}`;
}

interface DecisionRow {
  verdict: Decision['verdict'];
  reason_code: Decision['reasonCode'];
  note: string;
  actor_id: string;
  operation_id: string;
  decided_at: string;
  applied_at: string;
}

/** A decision that came along from the version before is told where it was made. */
function decisionsIn(desk: Desk, version: Version, itemKey: string, origin: ItemOrigin): ItemEvent[] {
  const cameAlong = (appliedAt: string): boolean =>
    origin.kind === 'carried' || origin.kind === 'disputed'
      ? appliedAt <= version.createdAt
      : appliedAt < version.createdAt;
  const sql = 'SELECT * FROM decisions WHERE version_id = ? AND item_key = ?';
  return statement<DecisionRow>(desk.cache.db, sql)
    .all(version.versionId, itemKey)
    .filter((row) => !cameAlong(row.applied_at))
    .map((row) => ({
      versionNumber: version.number,
      versionId: version.versionId,
      what: verdictText({ verdict: row.verdict, reasonCode: row.reason_code, note: row.note }),
      by: row.actor_id,
      decidedAt: row.decided_at,
      appliedAt: row.applied_at,
      operationId: row.operation_id,
    }));
}

/** This laptop's own word, while the server does not have it. */
function draftIn(desk: Desk, version: Version, itemKey: string): ItemEvent[] {
  const kept = desk.outbox.tables.decisions.current(version.versionId, itemKey);
  if (!kept || kept.state === 'applied' || kept.settledAt !== null) return [];
  return [
    {
      versionNumber: version.number,
      versionId: version.versionId,
      what: `${verdictText(kept.decision)} (${kept.state} on this laptop)`,
      by: desk.personId,
      decidedAt: kept.decidedAt,
      appliedAt: null,
      operationId: kept.operationId,
    },
  ];
}

/** The author's own edit, while it is no version yet. */
function editIn(desk: Desk, version: Version, itemKey: string): ItemEvent[] {
  const kept = desk.outbox.tables.edits.shown(version.versionId).find(({ edit }) => edit.itemKey === itemKey);
  if (!kept || version.status === 'superseded') return [];
  return [
    {
      ...{ versionNumber: version.number, versionId: version.versionId, by: desk.personId },
      what: `${editText(kept.edit, version)} (${kept.state} on this laptop)`,
      ...{ decidedAt: kept.draftedAt, appliedAt: null, operationId: kept.operationId },
    },
  ];
}

const millisecondsPerDay = 86_400_000;

/** Where a row's figures stand among the population's, 0 to 100. */
function percentilesOf(desk: Desk, version: Version, body: ItemBody | null): Record<string, number> {
  // Only samples are rows of the population.
  const state = phaseOf(version.phase).making === 'drawn' ? populationOf(desk, version)?.state : undefined;
  if (state?.kind !== 'ready' || !body) return {};
  const found: [string, number][] = [];
  for (const { name, type, percentiles } of state.columns) {
    const value = Object.hasOwn(body, name) ? body[name] : null;
    if (percentiles.length === 0 || value === null || value === undefined || value === '') continue;
    const isDate = type === 'date' || type === 'timestamp';
    const figure = isDate ? Date.parse(String(value)) / millisecondsPerDay : Number(value);
    if (!Number.isFinite(figure)) continue;
    found.push([
      name,
      Math.max(
        0,
        percentiles.findLastIndex((bound) => bound <= figure),
      ),
    ]);
  }
  return Object.fromEntries(found);
}
