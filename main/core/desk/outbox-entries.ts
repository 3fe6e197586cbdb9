// Owns what one entry of the outbox says: what was meant, how far it came, and what stands in its way. Reads both files; writes nothing.
import { whyNotHandIn } from '../../../domain/next-version.ts';
import type { Answer, Reason } from '../../../domain/operation.ts';
import { whyClosed } from '../../../domain/review.ts';
import { whyNoAnswers } from '../../../domain/revision.ts';
import type { Verdict } from '../../../domain/decision.ts';
import type { OutboxEntry } from '../../../preload/contract.ts';
import { decisionConflict, editConflict, recordConflict } from './conflicts.ts';
import type { Desk } from './desk.ts';
import { verdictText } from './item-life.ts';
import { bodyText, editText, operationText } from './operation-text.ts';
import type { KeptDecision } from '../outbox/decision-table.ts';
import type { KeptEdit } from '../outbox/edit-table.ts';
import type { OperationRow } from '../outbox/operation-table.ts';
import type { KeptChange } from '../outbox/record-change-table.ts';

type Bound = Pick<OutboxEntry, 'reportId' | 'reportName' | 'versionId' | 'versionNumber'>;

function boundTo(desk: Desk, reportId: string | null, versionId: string | null): Bound {
  return {
    reportId,
    reportName: reportId === null ? null : (desk.cache.report(reportId)?.name ?? null),
    versionId,
    versionNumber: versionId === null ? null : (desk.cache.version(versionId)?.number ?? null),
  };
}

type Travelled = Pick<OutboxEntry, 'operationId' | 'attempts' | 'lastAttemptAt' | 'deliveredAt'>;

/** How often the operation of an entry was tried, and when it arrived. */
function travelled(desk: Desk, operationId: string | null, isApplied: boolean): Travelled {
  const operation = operationId === null ? null : desk.outbox.tables.operations.get(operationId);
  return {
    operationId,
    attempts: operation?.attempts ?? 0,
    lastAttemptAt: operation?.last_attempt_at ?? null,
    deliveredAt: isApplied ? (operation?.delivered_at ?? null) : null,
  };
}

const imperative: Readonly<Record<Verdict, string>> = { approved: 'Approve', rejected: 'Reject', pending: 'Re-open' };

export function decisionEntry(desk: Desk, kept: KeptDecision): OutboxEntry {
  const [, ...rest] = verdictText(kept.decision).split(':');
  const why = rest.length > 0 ? ` as${rest.join(':')}` : '';
  return {
    entryId: `d-${kept.decisionId}`,
    kind: 'decision',
    what: `${imperative[kept.decision.verdict]} ${kept.itemKey}${why}`,
    ...boundTo(desk, kept.reportId, kept.versionId),
    ...travelled(desk, kept.operationId, kept.state === 'applied'),
    ...{ itemKey: kept.itemKey, contentHash: kept.contentHash, delivery: kept.state, createdAt: kept.decidedAt },
    reason: decisionReason(desk, kept),
    conflict: isDecisionStuck(desk, kept) ? decisionConflict(desk, kept) : null,
  };
}

/** A draft on a version that was closed meanwhile can no longer be submitted: it says so instead of waiting for ever. */
function decisionReason(desk: Desk, kept: KeptDecision): Reason | null {
  if (kept.state !== 'draft') return kept.reason;
  const version = desk.cache.version(kept.versionId);
  return version && whyClosed(version);
}

/** True for a decision that can only be made again elsewhere. */
export function isDecisionStuck(desk: Desk, kept: KeptDecision): boolean {
  return kept.state === 'conflict' || (kept.state === 'draft' && decisionReason(desk, kept) !== null);
}

export function editEntry(desk: Desk, kept: KeptEdit): OutboxEntry {
  const { edit } = kept;
  const version = desk.cache.version(kept.versionId);
  return {
    entryId: `e-${kept.editId}`,
    kind: 'edit',
    what: version ? editText(edit, version) : `Edit ${edit.itemKey}`,
    ...boundTo(desk, kept.reportId, kept.versionId),
    ...travelled(desk, kept.operationId, kept.state === 'applied'),
    itemKey: edit.itemKey,
    contentHash: edit.edit === 'add' ? null : edit.contentHash,
    ...{ delivery: kept.state, createdAt: kept.draftedAt, reason: editReason(desk, kept) },
    conflict: isEditStuck(desk, kept) ? editConflict(desk, kept) : null,
  };
}

/** A draft on a version that cannot be handed in any more says why. */
function editReason(desk: Desk, kept: KeptEdit): Reason | null {
  if (kept.state !== 'draft') return kept.reason;
  const version = desk.cache.version(kept.versionId);
  return version && whyNotHandIn(version);
}

/** True for an edit that can only be made again elsewhere. */
export function isEditStuck(desk: Desk, kept: KeptEdit): boolean {
  return kept.state === 'conflict' || (kept.state === 'draft' && editReason(desk, kept) !== null);
}

const answerWords: Readonly<Record<Answer['answer'], string>> = {
  replace: 'Replace',
  keep: 'Keep',
  edit: 'Change',
  remove: 'Take out',
  dispute: 'Keep as disputed',
};

export function answerEntry(desk: Desk, rowid: number): OutboxEntry | null {
  const row = desk.outbox.tables.answers.get(rowid);
  if (!row) return null;
  const version = desk.cache.version(row.version_id);
  return {
    entryId: `a-${rowid}`,
    kind: 'answer',
    what: `${answerWords[row.answer]} ${row.item_key}`,
    ...boundTo(desk, version?.reportId ?? null, row.version_id),
    ...travelled(desk, null, false),
    ...{ itemKey: row.item_key, contentHash: row.content_hash, delivery: 'draft', createdAt: row.drafted_at },
    reason: version && whyNoAnswers(version),
    conflict: null,
  };
}

/** True for an answer to a rejection that wants none any more. */
export function isAnswerClosed(desk: Desk, versionId: string): boolean {
  const version = desk.cache.version(versionId);
  return version !== null && whyNoAnswers(version) !== null;
}

export function recordEntry(desk: Desk, kept: KeptChange): OutboxEntry {
  const operation = desk.outbox.tables.operations.get(kept.operationId);
  return {
    entryId: `r-${kept.changeId}`,
    kind: kept.change.kind,
    what: bodyText(desk, kept.change),
    ...boundTo(desk, kept.reportId, null),
    ...travelled(desk, kept.operationId, kept.state === 'applied'),
    itemKey: kept.recordKey,
    contentHash: null,
    ...{ delivery: kept.state, createdAt: operation?.decided_at ?? '', reason: kept.reason },
    conflict: kept.state === 'conflict' ? recordConflict(desk, kept) : null,
  };
}

export function operationEntry(desk: Desk, row: OperationRow): OutboxEntry {
  return {
    entryId: `o-${row.operation_id}`,
    kind: row.kind,
    what: operationText(desk, row),
    ...boundTo(desk, row.report_id, row.version_id),
    ...travelled(desk, row.operation_id, row.state === 'applied'),
    ...{ itemKey: null, contentHash: null, delivery: row.state, createdAt: row.decided_at },
    reason: row.reason === null ? null : (JSON.parse(row.reason) as Reason),
    conflict: null,
  };
}
