// Owns a version's header as the screen shows it: counts with drafts, what may be done and why not.
// Reads only.
import type { ReviewVerdict } from '../../../domain/version.ts';
import type { VersionDetail } from '../../../preload/contract.ts';
import { versionOrFail, whyNotReview, whyNotRevise } from './access.ts';
import type { Desk } from './desk.ts';
import { shownCounts } from './overlay.ts';
import { answeredIn } from './revisions.ts';
import { fieldsOf, lobsOf } from './version-facts.ts';

/** A version with what this laptop knows of it. */
export function versionDetail(desk: Desk, versionId: string): VersionDetail {
  const version = versionOrFail(desk, versionId);
  const origins = desk.cache.holdings(versionId)?.origins ?? {};
  return {
    version,
    counts: shownCounts(desk, version),
    carried: origins.carried ?? 0,
    replacements: origins.replacement ?? 0,
    changed: origins['re-opened'] ?? 0,
    cachedItems: desk.cache.cachedItems(versionId),
    fields: fieldsOf(desk, version),
    lobs: lobsOf(desk, version),
    whyNotReview: whyNotReview(desk, version),
    whyNotRevise: whyNotRevise(desk, version),
    answered: version.reviewVerdict === 'revision-requested' ? answeredIn(desk, versionId).length : 0,
    submitted: submittedOn(desk, versionId),
  };
}

function submittedOn(desk: Desk, versionId: string): VersionDetail['submitted'] {
  const row = desk.outbox.tables.operations.lastSubmitted(versionId);
  if (!row || row.settled_at !== null) return null;
  if (row.kind === 'revision.submit') return { kind: 'revision', verdict: null, delivery: row.state };
  const { verdict } = JSON.parse(row.body) as { verdict: ReviewVerdict };
  return { kind: 'review', verdict, delivery: row.state };
}
