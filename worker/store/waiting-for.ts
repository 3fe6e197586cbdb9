// Owns who holds a phase up: whose act is next, worked out from where the phase stands. Pure; knows no table.
import type { PhaseState } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import type { Assignment, Role } from '../../domain/people.ts';
import { phaseOf } from '../../domain/phases.ts';

/** What is known of the version that a phase has in review. */
export interface InReview {
  /** Who made it or a version that it follows from: they may not decide on it. */
  authors: readonly string[];
  /** Whose signatures stand. */
  signed: readonly { role: Role; actorId: string }[];
}

/** The people whose act is next, by id; nobody when the phase is not open. */
export function waitingFor(
  line: Pick<PhaseState, 'phase' | 'state' | 'expiredAt'>,
  assignments: readonly Assignment[],
  inReview: InReview,
): string[] {
  if (!isOpen(line.state)) return [];
  const holders = (role: Role): string[] => assignments.filter((row) => row.role === role).map((row) => row.personId);
  // Only a manager can act on a phase whose deadline is over.
  if (line.expiredAt !== null) return holders('test-manager');
  const phase = phaseOf(line.phase);
  if (line.state === 'in-review') {
    const next = phase.approvers.filter((role) => !inReview.signed.some((row) => row.role === role));
    const barred = new Set([...inReview.authors, ...inReview.signed.map((row) => row.actorId)]);
    return firstFilled(next, (role) => holders(role).filter((personId) => !barred.has(personId)));
  }
  const authors = firstFilled(phase.authors, holders);
  return line.phase === 'request-info' ? [...new Set([...holders('data-owner'), ...authors])] : authors;
}

/** All of a list may act, but it is the first role of it that has people that is expected to: the tester, else the lead. */
function firstFilled(roles: readonly Role[], of: (role: Role) => string[]): string[] {
  for (const role of roles) {
    const people = [...new Set(of(role))];
    if (people.length > 0) return people;
  }
  return [];
}
