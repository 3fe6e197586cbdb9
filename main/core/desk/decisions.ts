// Owns drafting decisions, taking them back and submitting a review. All of it is in the outbox when a function returns.
// Knows no transport; what may be done is asked of access.ts and the domain.
import { decisionsPerOperation } from '../../../domain/operation.ts';
import type { BoundDecision, OperationBody } from '../../../domain/operation.ts';
import { whyNotSubmit } from '../../../domain/review.ts';
import { whyNotReason } from '../../../domain/decision.ts';
import type { Verdict } from '../../../domain/decision.ts';
import type { VerdictCounts, Version } from '../../../domain/version.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import { refuseFor, versionOrFail, whyNotReview } from './access.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { DecisionDraft, KeptDecision } from '../outbox/decision-table.ts';
import type { Author } from '../outbox/outbox.ts';
import { keepTally, reading, shownCounts, standings } from './overlay.ts';

/** The most bytes of JSON in one `decisions.record`: room is left for the envelope within a signal. */
export const bytesPerOperation = 120 * 1024;

/** Drafts decisions as one group; undo takes them back together. */
export function recordDecisions(
  desk: Desk,
  input: CommandParsed<'decision:record'>,
): CommandOutput<'decision:record'> & { decisionIds: number[] } {
  const { version, counts, drafts } = reading(desk, () => {
    const version = versionOrFail(desk, input.versionId);
    refuseFor(whyNotReview(desk, version));
    const counts = shownCounts(desk, version);
    return { version, counts, drafts: bindToShown(desk, version, input.decisions, counts) };
  });
  const { versionId, reportId, number } = version;
  const decisionIds = desk.outbox.write(
    () => desk.outbox.tables.decisions.record({ versionId, reportId, number }, drafts, desk.now()),
    { reportIds: [reportId], versionIds: [versionId] },
  );
  keepTally(desk, versionId, counts);
  return { recorded: drafts.length, counts, decisionIds };
}

/** Binds each decision to what the screen showed, and moves `counts` along. */
function bindToShown(
  desk: Desk,
  version: Version,
  decisions: CommandParsed<'decision:record'>['decisions'],
  counts: VerdictCounts,
): DecisionDraft[] {
  const keys = decisions.map(({ itemKey }) => itemKey);
  const standing = standings(desk, version.versionId, keys);
  const shownNow = new Map<string, Verdict>();
  return decisions.map(({ itemKey, contentHash, decision }) => {
    const found = standing.get(itemKey);
    if (!found) throw failed('not-found', `version ${version.number} has no item ${itemKey} on this laptop`);
    if (found.content_hash !== contentHash) {
      throw failed('refused', `${itemKey} has other contents than the screen showed: read it again`, {
        details: 'content-changed',
      });
    }
    refuseFor(whyNotReason(version.phase, itemKey, decision.reasonCode));
    counts[shownNow.get(itemKey) ?? found.shown] -= 1;
    counts[decision.verdict] += 1;
    shownNow.set(itemKey, decision.verdict);
    return { itemKey, contentHash, seenVerdict: found.server, decision };
  });
}

/** Takes back the last group of drafts of a version; what stood before stands again. */
export function undoDecisions(desk: Desk, input: CommandParsed<'decision:undo'>): CommandOutput<'decision:undo'> {
  const version = versionOrFail(desk, input.versionId);
  const undone = desk.outbox.write(() => desk.outbox.tables.decisions.undoLast(version.versionId), {
    reportIds: [version.reportId],
    versionIds: [version.versionId],
  });
  return { undone: undone.map(({ undone: { itemKey } }) => ({ itemKey })), counts: shownCounts(desk, version) };
}

/** Queues the drafts of a version and the review of it, signed, in one transaction. */
export function submitReview(
  desk: Desk,
  input: CommandParsed<'review:submit'>,
  author: Author,
): CommandOutput<'review:submit'> {
  const version = versionOrFail(desk, input.versionId);
  refuseFor(whyNotReview(desk, version));
  const counts = shownCounts(desk, version);
  refuseFor(whyNotSubmit(input.verdict, version, counts, input.note));
  const { versionId, reportId } = version;
  const groups = cutDrafts(desk.outbox.tables.decisions.drafts(versionId));
  const { approved, rejected, pending } = counts;
  const bodies: OperationBody[] = [
    ...groups.map((group) => recordBody(version, group)),
    {
      kind: 'review.submit',
      reportId,
      versionId,
      verdict: input.verdict,
      note: input.note,
      seen: { approved, rejected, pending },
    },
  ];
  const operations = desk.outbox.queue(bodies, author, desk.now(), (queued) => {
    for (const [index, group] of groups.entries()) {
      const operation = queued[index];
      const ids = group.map(({ decisionId }) => decisionId);
      if (operation) desk.outbox.tables.decisions.enqueue(versionId, ids, operation.operationId);
    }
  });
  return { operationIds: operations.map(({ operationId }) => operationId) };
}

function boundDecision({ itemKey, contentHash, seenVerdict, decision }: KeptDecision): BoundDecision {
  return { itemKey, contentHash, seenVerdict, decision };
}

function recordBody({ reportId, versionId }: Version, group: readonly KeptDecision[]): OperationBody {
  return { kind: 'decisions.record', reportId, versionId, decisions: group.map(boundDecision) };
}

/** Cuts drafts into groups that fit an operation each, in the order in which they were made. */
export function cutDrafts(drafts: readonly KeptDecision[]): KeptDecision[][] {
  const groups: KeptDecision[][] = [];
  let group: KeptDecision[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    // As long as the canonical form: that only orders the keys.
    const size = Buffer.byteLength(JSON.stringify(boundDecision(draft))) + 1;
    if (group.length > 0 && (group.length >= decisionsPerOperation || bytes + size > bytesPerOperation)) {
      groups.push(group);
      group = [];
      bytes = 0;
    }
    group.push(draft);
    bytes += size;
  }
  return group.length > 0 ? [...groups, group] : groups;
}
