// Owns who may do what, by role and by four eyes. Asked by the screen beforehand and by the worker where it counts.
import type { Reason } from './operation.ts';
import { roleNames, testerRoles } from './people.ts';
import type { Assignment, Person, Role } from './people.ts';
import { phaseOf } from './phases.ts';
import type { Version } from './version.ts';

/** Everything that needs a role; each operation kind is one of these acts. */
export type Act =
  | { kind: 'start-cycle' }
  | { kind: 'assign' }
  | { kind: 'decide-device' }
  | { kind: 'import-population' }
  | { kind: 'plan-sample' }
  | { kind: 'draw-sample' }
  | { kind: 'review'; version: Pick<Version, 'phase' | 'number' | 'authorId'> }
  | { kind: 'revise'; version: Pick<Version, 'phase' | 'number'> };

const managerOnly: readonly Role[] = ['test-manager'];

function rolesFor(act: Act): readonly Role[] {
  switch (act.kind) {
    case 'start-cycle':
    case 'assign':
    case 'decide-device':
      return managerOnly;
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
  if (act.kind === 'review' && act.version.authorId === person.personId) {
    return {
      code: 'four-eyes',
      message: `${person.name} made version ${act.version.number} and so may not decide on it: another person has to`,
    };
  }
  return null;
}
