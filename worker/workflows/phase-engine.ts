// Owns a version's life as a report's workflow follows it, for any phase: made, reviewed, revised, current. Pure; the phases are data.
// The store decides what may happen; this keeps what happened.
import { phaseOf, phases } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { PendingApproval, PhaseLife, Reviewed, VersionLife, VersionRun } from '../../domain/report-progress.ts';
import type { ReviewVerdict } from '../../domain/version.ts';
import type { FollowUp } from '../store/apply.ts';

/** What the engine keeps; plain data that travels through continue-as-new. */
export interface PhaseEngine {
  versions: VersionRun[];
  /** Reviews that were told before the making of their version was (the store commits first, the workflow hears later). */
  early: Reviewed[];
}

export function newPhaseEngine(): PhaseEngine {
  return { versions: [], early: [] };
}

const lifeAfter: Readonly<Record<ReviewVerdict, VersionLife>> = {
  approved: 'approved',
  'revision-requested': 'revision-requested',
  rejected: 'rejected',
};

/** The phase whose version a follow-up makes; null for what makes none. Versions of one phase are made one after the other. */
export function phaseMadeBy(followUp: FollowUp): PhaseSlug | null {
  switch (followUp.kind) {
    case 'draw-sample':
    case 'revise-sample':
      return 'sample-selection';
    default:
      return null;
  }
}

const sameLine = (a: VersionRun, b: VersionRun): boolean => a.phase === b.phase && a.lob === b.lob;

/** A version was made: it waits for its review, and what it stands in for is superseded. An approved one stays current until another is. */
export function versionMade(engine: PhaseEngine, made: Omit<VersionRun, 'life'>): void {
  if (engine.versions.some((version) => version.versionId === made.versionId)) return;
  const version: VersionRun = { ...made, life: 'in-review' };
  for (const earlier of engine.versions) {
    const replaced = sameLine(earlier, version) && earlier.number < version.number && earlier.life !== 'approved';
    if (replaced) earlier.life = 'superseded';
  }
  engine.versions.push(version);
  const review = engine.early.find((entry) => entry.versionId === made.versionId);
  if (!review) return;
  engine.early = engine.early.filter((entry) => entry !== review);
  versionReviewed(engine, review);
}

/** A review was applied. Told twice, it changes nothing the second time. */
export function versionReviewed(engine: PhaseEngine, review: Reviewed): void {
  const version = engine.versions.find((entry) => entry.versionId === review.versionId);
  if (!version) {
    if (!engine.early.some((entry) => entry.versionId === review.versionId)) engine.early.push(review);
    return;
  }
  if (version.life !== 'in-review') return;
  version.life = lifeAfter[review.verdict];
  if (version.life !== 'approved') return;
  for (const earlier of engine.versions) {
    if (sameLine(earlier, version) && earlier.number < version.number) earlier.life = 'superseded';
  }
}

/** Versions that wait for a review, with the roles that may give it. */
export function pendingApprovals(engine: PhaseEngine): PendingApproval[] {
  return engine.versions
    .filter((version) => version.life === 'in-review')
    .map(({ versionId, phase, lob, number }) => ({
      versionId,
      phase,
      lob,
      number,
      approvers: phaseOf(phase).approvers,
    }));
}

/** Where each phase stands. `making` are the phases that have a version in the making now. */
export function phaseLives(
  engine: PhaseEngine,
  making: ReadonlySet<PhaseSlug>,
): { phase: PhaseSlug; life: PhaseLife }[] {
  return phases.map(({ slug }) => ({
    phase: slug,
    life: making.has(slug) ? 'making' : lifeOf(engine.versions.filter((version) => version.phase === slug)),
  }));
}

function lifeOf(versions: readonly VersionRun[]): PhaseLife {
  const open = versions.filter((version) => version.life !== 'superseded');
  if (open.length === 0) return 'not-started';
  const some = (life: VersionLife): boolean => open.some((version) => version.life === life);
  if (some('in-review')) return 'in-review';
  if (some('revision-requested')) return 'in-revision';
  return some('rejected') ? 'rejected' : 'completed';
}
