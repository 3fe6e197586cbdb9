// Owns the outcome of a review: what a whole verdict means for a version in its present state. Pure; asked on both sides.
import type { Reason } from './operation.ts';
import { maxRevisions } from './phases.ts';
import type { ReviewVerdict, VerdictCounts, Version } from './version.ts';

/** What the screen showed when the review was submitted. */
export type SeenCounts = Pick<VerdictCounts, 'approved' | 'rejected' | 'pending'>;

const plural = (count: number, noun: string) => `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Why a version cannot take decisions or a review any more, or null while it can.
 * Answers faults d (a stale approval lands on a newer version) and e (the first review decides).
 */
export function whyClosed(version: Pick<Version, 'number' | 'status' | 'reviewVerdict'>): Reason | null {
  if (version.status === 'superseded') {
    return { code: 'version-superseded', message: `version ${version.number} was superseded: decide on the newer one` };
  }
  if (version.status === 'draft') {
    return { code: 'out-of-turn', message: `version ${version.number} is a draft: its author has to hand it in first` };
  }
  if (version.status !== 'pending' || version.reviewVerdict !== null) {
    return { code: 'version-reviewed', message: `the review of version ${version.number} was submitted before` };
  }
  return null;
}

/**
 * Why a review cannot be submitted as it is, or null when it can.
 * @param counts where the items stand now (on the laptop: with the drafts laid over).
 */
export function whyNotSubmit(
  verdict: ReviewVerdict,
  version: Pick<Version, 'number' | 'status' | 'reviewVerdict' | 'revision'>,
  counts: VerdictCounts,
  note: string,
): Reason | null {
  const closed = whyClosed(version);
  if (closed) return closed;
  if (counts.total === 0) {
    return { code: 'empty-review', message: `version ${version.number} has no items: there is nothing to review` };
  }
  if (verdict === 'rejected') {
    return note.trim() === ''
      ? { code: 'reason-missing', message: 'rejecting a whole version ends the phase and needs a note that says why' }
      : null;
  }
  if (counts.pending > 0) {
    return {
      code: 'incomplete',
      message: `${plural(counts.pending, 'item')} of ${counts.total.toLocaleString('en')} not decided yet`,
    };
  }
  const unanswered = counts.rejected - counts.disputed;
  if (verdict === 'approved' && unanswered > 0) {
    return {
      code: 'incomplete',
      message: `${plural(unanswered, 'item')} rejected: ask for a revision, so that each gets an answer`,
    };
  }
  return verdict === 'revision-requested' ? whyNoRevision(version, counts) : null;
}

function whyNoRevision(version: Pick<Version, 'revision'>, counts: VerdictCounts): Reason | null {
  if (counts.rejected - counts.disputed === 0) {
    return { code: 'reason-missing', message: 'a revision needs at least one rejected item to answer' };
  }
  return version.revision >= maxRevisions
    ? {
        code: 'max-revisions',
        message: `this is revision ${version.revision} of ${maxRevisions}: approve it or reject it whole`,
      }
    : null;
}

/** The conflict when the store stands elsewhere than the reviewer saw, or null when they agree. */
export function whyCountsDiffer(seen: SeenCounts, counts: VerdictCounts): Reason | null {
  if (seen.approved === counts.approved && seen.rejected === counts.rejected && seen.pending === counts.pending)
    return null;
  const say = (c: SeenCounts) => `${c.approved} approved, ${c.rejected} rejected, ${c.pending} pending`;
  return { code: 'counts-differ', message: `the review was made on ${say(seen)}; the server has ${say(counts)}` };
}

/** The review that the counts suggest: what a submit button says before a person chooses otherwise. */
export function suggestedVerdict(counts: VerdictCounts): ReviewVerdict {
  return counts.rejected - counts.disputed > 0 ? 'revision-requested' : 'approved';
}
