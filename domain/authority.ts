// Owns who may do what, by role and by four eyes. Asked by the screen beforehand and by the worker where it counts.
import type { Reason } from './operation.ts';
import { roleNames, testerRoles } from './people.ts';
import type { Assignment, Person, Role } from './people.ts';
import { phaseOf } from './phases.ts';
import type { PhaseSlug } from './phases.ts';
import type { Version } from './version.ts';

/** Everything that needs a role; each operation kind is one of these acts. */
export type Act =
  | { kind: 'start-cycle' }
  | { kind: 'assign' }
  | { kind: 'decide-device' }
  | { kind: 'import-population' }
  | { kind: 'plan-sample' }
  | { kind: 'draw-sample' }
  | { kind: 'control' }
  | { kind: 'skip' }
  | { kind: 'set-deadline' }
  | { kind: 'settle-compensation' }
  | { kind: 'move-workflow' }
  | { kind: 'set-lobs' }
  | { kind: 'author'; phase: PhaseSlug }
  | { kind: 'complete'; phase: PhaseSlug }
  | { kind: 'assign-owners' }
  | { kind: 'submit-document' }
  | { kind: 'review-document' }
  | { kind: 'record-tests' }
  | { kind: 'dispute' }
  | { kind: 'sign'; role: Role; version: Pick<Version, 'number' | 'authorId'> }
  | { kind: 'review'; version: Pick<Version, 'phase' | 'number' | 'authorId'> }
  | { kind: 'revise'; version: Pick<Version, 'phase' | 'number'> };

const managerOnly: readonly Role[] = ['test-manager'];

function rolesFor(act: Act): readonly Role[] {
  switch (act.kind) {
    case 'start-cycle':
    case 'assign':
    case 'decide-device':
    case 'control':
    case 'skip':
    case 'set-deadline':
    case 'settle-compensation':
    case 'move-workflow':
      return managerOnly;
    case 'author':
    case 'complete':
      return phaseOf(act.phase).authors;
    case 'submit-document':
      return ['data-owner', ...testerRoles];
    case 'dispute':
      return ['test-lead'];
    case 'sign':
      return [act.role];
    case 'review':
      return phaseOf(act.version.phase).approvers;
    case 'revise':
      return phaseOf(act.version.phase).authors;
    default:
      return testerRoles;
  }
}

const actNames: Readonly<Record<Act['kind'], string>> = {
  'start-cycle': 'start a cycle',
  assign: 'assign people',
  'decide-device': 'approve or revoke a device',
  'import-population': 'import a population',
  'plan-sample': 'plan a sample',
  'draw-sample': 'draw a sample',
  control: 'pause, resume or cancel',
  skip: 'skip a phase',
  'set-deadline': 'set a deadline',
  'settle-compensation': 'settle what failed for good',
  'move-workflow': 'move a report to another workflow version',
  'set-lobs': 'choose the lines of business',
  author: 'submit a version',
  complete: 'complete this phase',
  'assign-owners': 'assign data owners',
  'submit-document': 'submit documents',
  'review-document': 'accept or reject a document',
  'record-tests': 'record test actions',
  dispute: 'keep a rejected observation as disputed',
  sign: 'sign this report',
  review: 'decide on this version',
  revise: 'revise this version',
};

/** Acts that belong to a report ask for the person's assignments there; the others for what the person is. */
function held(act: Act, person: Person, assignments: readonly Assignment[]): readonly Role[] {
  if (act.kind === 'start-cycle' || act.kind === 'decide-device') return person.roles;
  const assigned = assignments.filter((row) => row.personId === person.personId).map((row) => row.role);
  // A role that was taken away in the people file does not act on through an old assignment.
  return assigned.filter((role) => person.roles.includes(role));
}

/**
 * Why a person may not do something, or null when they may.
 * @param assignments the assignments of the report that the act belongs to; empty for acts that belong to none.
 */
export function whyNot(act: Act, person: Person, assignments: readonly Assignment[]): Reason | null {
  const needed = rolesFor(act);
  const has = held(act, person, assignments);
  if (!has.some((role) => needed.includes(role))) {
    const names = needed.map((role) => roleNames[role]).join(', ');
    const own = has.length > 0 ? has.map((role) => roleNames[role]).join(', ') : 'not assigned';
    return { code: 'role', message: `only ${names} may ${actNames[act.kind]}; ${person.name} is ${own} here` };
  }
  if ((act.kind === 'review' || act.kind === 'sign') && act.version.authorId === person.personId) {
    return {
      code: 'four-eyes',
      message: `${person.name} made version ${act.version.number} and so may not decide on it: another person has to`,
    };
  }
  return null;
}
