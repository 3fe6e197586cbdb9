// Owns what `decisions.record` does: each decision counts only for what its screen showed; the others are conflicts.
import { reportFeed } from '../../../domain/change.ts';
import type { Report } from '../../../domain/change.ts';
import { whyNotReason } from '../../../domain/decision.ts';
import type { Decision, Verdict } from '../../../domain/decision.ts';
import { isConflict } from '../../../domain/operation.ts';
import type { BoundDecision, ItemOutcome, Reason } from '../../../domain/operation.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { insertMany } from '../dialect.ts';
import { countedItems } from '../made-words.ts';
import type { Schema } from '../schema.ts';
import { decisionCells, decisionColumns, readLine, readStanding, readVersionRow } from '../version-rows.ts';
import type { StandingItem } from '../version-rows.ts';
import { emitVersion } from '../version-status.ts';
import { lineOfVersion, whyBusy, whyShut } from './busy.ts';
import { whyNotReviewer } from './four-eyes.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Body = BodyOfKind<'decisions.record'>;

export async function recordDecisions(subject: Case, body: Body, report: Report): Promise<Ruling> {
  const { writing } = subject;
  const { versionId, decisions } = body;
  const version = await readVersionRow(writing.trx, versionId);
  if (version?.report_id !== report.reportId) {
    return refuse({ code: 'not-found', message: `this report has no version ${versionId}` });
  }
  const reason = await whyNotReviewer(subject, version, report);
  if (reason) return refuse(reason, versionId);
  const keys = decisions.map((row) => row.itemKey);
  if (new Set(keys).size < keys.length) {
    return refuse({ code: 'malformed', message: 'an item is decided twice in one operation' }, versionId);
  }
  const closed = whyShut(report, version, subject.actor) ?? (await whyReplaced(subject, version));
  const standing = await readStanding(writing.trx, versionId, keys);
  if (closed) {
    const items = isConflict(closed.code) ? await outdated(subject, version, closed, decisions, standing) : [];
    return refuse(closed, versionId, items);
  }
  const items: ItemOutcome[] = [];
  const taken: Decision[] = [];
  for (const row of decisions) {
    const item = standing.get(row.itemKey);
    const conflict = whyNotTaken(row, item, version);
    if (conflict) items.push(outcome(row, conflict, versionId, item));
    else taken.push(decided(subject, versionId, row));
  }
  await keep(subject, version, taken, standing);
  if (taken.length > 0) {
    return applied({ summary: said(version.phase, taken, items), versionId, items, detail: facts(taken, items) });
  }
  const [first] = items;
  return refuse(first?.reason ?? { code: 'malformed', message: 'no decision was named' }, versionId, items);
}

/** A newer version of the line is under way: a decision on this one would be lost with it. */
async function whyReplaced({ writing }: Case, version: Schema['versions']): Promise<Reason | null> {
  const busy = await whyBusy(writing.trx, lineOfVersion(version));
  if (!busy) return null;
  const message = `a newer version than ${version.number} is being made: decide on that one`;
  return { code: 'version-superseded', message };
}

function whyNotTaken(
  row: BoundDecision,
  item: StandingItem | undefined,
  { number, phase }: Pick<Schema['versions'], 'number' | 'phase'>,
): Reason | null {
  const unfit = whyNotReason(phase, row.itemKey, row.decision.reasonCode);
  if (unfit) return unfit;
  if (!item) return { code: 'foreign-item', message: `version ${number} has no item ${row.itemKey}` };
  if (item.contentHash !== row.contentHash) {
    return { code: 'content-changed', message: `${row.itemKey} has other contents than were decided on` };
  }
  if (item.verdict !== row.seenVerdict) {
    const message = `${row.itemKey} was ${row.seenVerdict} on the screen and is ${item.verdict} here`;
    return { code: 'already-decided', message };
  }
  return null;
}

function outcome(row: BoundDecision, reason: Reason, versionId: string, item: StandingItem | undefined): ItemOutcome {
  return {
    itemKey: row.itemKey,
    state: isConflict(reason.code) ? 'conflict' : 'refused',
    reason,
    theirs: item
      ? {
          versionId,
          contentHash: item.contentHash,
          verdict: item.verdict,
          actorId: item.actorId,
          at: item.appliedAt,
        }
      : null,
  };
}

/** Each decision on a closed version with what the newest version has, or else what the closed one has. */
async function outdated(
  subject: Case,
  version: Schema['versions'],
  reason: Reason,
  decisions: readonly BoundDecision[],
  standing: ReadonlyMap<string, StandingItem>,
): Promise<ItemOutcome[]> {
  const { trx } = subject.writing;
  const line = await readLine(trx, {
    reportId: version.report_id,
    phase: version.phase,
    lob: version.lob === '' ? null : version.lob,
  });
  const newest = line.at(-1)?.version_id ?? version.version_id;
  const keys = decisions.map((row) => row.itemKey);
  const now = newest === version.version_id ? standing : await readStanding(trx, newest, keys);
  return decisions.map((row) => {
    const item = now.get(row.itemKey);
    return item
      ? outcome(row, reason, newest, item)
      : outcome(row, reason, version.version_id, standing.get(row.itemKey));
  });
}

function decided(subject: Case, versionId: string, row: BoundDecision): Decision {
  const { operationId, actor, decidedAt, receivedAt, writing } = subject;
  const { verdict, reasonCode, note } = row.decision;
  return {
    versionId,
    itemKey: row.itemKey,
    verdict,
    reasonCode,
    note,
    actorId: actor.personId,
    operationId,
    decidedAt,
    receivedAt,
    appliedAt: writing.at,
  };
}

async function keep(
  subject: Case,
  version: Schema['versions'],
  taken: readonly Decision[],
  standing: ReadonlyMap<string, StandingItem>,
): Promise<void> {
  if (taken.length === 0) return;
  const { trx, emit } = subject.writing;
  await insertMany(trx, 'decisions', decisionColumns, taken.map(decisionCells));
  await insertMany(
    trx,
    'verdicts',
    ['version_id', 'item_key', 'verdict', 'operation_id'],
    taken.map((row) => [row.versionId, row.itemKey, row.verdict, row.operationId]),
    'on conflict (version_id, item_key) do update set verdict = excluded.verdict, operation_id = excluded.operation_id',
  );
  const counts = { pending: version.pending_count, approved: version.approved_count, rejected: version.rejected_count };
  let disputed = version.disputed_count;
  for (const row of taken) {
    const item = standing.get(row.itemKey);
    counts[item?.verdict ?? 'pending'] -= 1;
    counts[row.verdict] += 1;
    // Disputed is what the owner rejects and the lead keeps: an owner who comes round ends the dispute.
    if (item?.origin.kind !== 'disputed') continue;
    disputed += (row.verdict === 'rejected' ? 1 : 0) - (item.verdict === 'rejected' ? 1 : 0);
  }
  const set = {
    pending_count: counts.pending,
    approved_count: counts.approved,
    rejected_count: counts.rejected,
    disputed_count: disputed,
  };
  await trx.updateTable('versions').set(set).where('version_id', '=', version.version_id).execute();
  const feed = reportFeed(version.report_id);
  emit(feed, { kind: 'decisions', versionId: version.version_id, decisions: [...taken] });
  await emitVersion(subject.writing, version.version_id);
}

function tally<Key extends string>(values: readonly Key[]): [Key, number][] {
  const counts = new Map<Key, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts];
}

function said(phase: PhaseSlug, taken: readonly Decision[], items: readonly ItemOutcome[]): string {
  const words: Record<Verdict, string> = { approved: 'approved', rejected: 'rejected', pending: 'set back to pending' };
  const reasons = tally(taken.flatMap((row) => row.reasonCode ?? []));
  const why = reasons.length > 0 ? ` (${reasons.map(([code, count]) => `${count} ${code}`).join(', ')})` : '';
  const counts = new Map(tally(taken.map((row) => row.verdict)));
  const parts = (['approved', 'rejected', 'pending'] as const).flatMap((verdict) => {
    const count = counts.get(verdict);
    return count ? [`${count} ${words[verdict]}${verdict === 'rejected' ? why : ''}`] : [];
  });
  const missed = items.length > 0 ? `; ${countOf(items.length, 'decision')} not applied` : '';
  return `decided ${countedItems(phase, taken.length)}: ${parts.join(', ')}${missed}`;
}

function facts(taken: readonly Decision[], items: readonly ItemOutcome[]) {
  return {
    verdicts: Object.fromEntries(tally(taken.map((row) => row.verdict))),
    reasons: Object.fromEntries(tally(taken.flatMap((row) => row.reasonCode ?? []))),
    notApplied: items.length,
  };
}
