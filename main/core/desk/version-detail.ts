// Owns a version's header as the screen shows it: counts with drafts, what may be done and why not.
// Reads only.
import type { OperationBody } from '../../../domain/operation.ts';
import { editableFields } from '../../../domain/phase-item.ts';
import type { VersionDetail } from '../../../preload/contract.ts';
import { versionOrFail, whyNotEdit, whyNotReview, whyNotRevise, whyNotSign } from './access.ts';
import type { Desk } from './desk.ts';
import { shownCounts } from './overlay.ts';
import { answerCounts } from './revisions.ts';
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
    changed: (origins['re-opened'] ?? 0) + (origins.edited ?? 0),
    cachedItems: desk.cache.cachedItems(versionId),
    fields: fieldsOf(desk, version),
    lobs: lobsOf(desk, version),
    whyNotReview: whyNotReview(desk, version),
    whyNotRevise: whyNotRevise(desk, version),
    whyNotEdit: whyNotEdit(desk, version),
    whyNotSign: whyNotSign(desk, version),
    editable: [...editableFields[version.phase]],
    edits: desk.outbox.tables.edits.countDrafts(versionId),
    answered: version.reviewVerdict === 'revision-requested' ? answerCounts(desk, versionId).answered : 0,
    submitted: submittedOn(desk, versionId),
  };
}

function submittedOn(desk: Desk, versionId: string): VersionDetail['submitted'] {
  const row = desk.outbox.tables.operations.lastSubmitted(versionId);
  if (!row || row.settled_at !== null) return null;
  const body = JSON.parse(row.body) as OperationBody;
  const delivery = row.state;
  switch (body.kind) {
    case 'review.submit':
      return { kind: 'review', verdict: body.verdict, delivery };
    case 'revision.submit':
      return { kind: 'revision', verdict: null, delivery };
    case 'version.submit':
      return { kind: 'version', verdict: null, delivery };
    case 'report.sign':
      return { kind: 'signature', verdict: null, delivery };
    default:
      return null;
  }
}
