import { expect, test } from 'vitest';
import { whyNot } from '../../domain/authority.ts';
import type { Act } from '../../domain/authority.ts';
import type { Person, Role } from '../../domain/people.ts';

const person = (role: Role): Person => ({ personId: 'pat', name: 'Pat', roles: [role] });
const review: Act = { kind: 'review', version: { phase: 'sample-selection', number: 1, authorId: 'tara' } };
const revise: Act = { kind: 'revise', version: { phase: 'sample-selection', number: 1 } };

test.each<[Act, Role, boolean]>([
  [{ kind: 'start-cycle' }, 'test-manager', true],
  [{ kind: 'start-cycle' }, 'test-lead', false],
  [{ kind: 'start-cycle' }, 'tester', false],
  [{ kind: 'assign' }, 'test-manager', true],
  [{ kind: 'assign' }, 'tester', false],
  [{ kind: 'decide-device' }, 'test-manager', true],
  [{ kind: 'decide-device' }, 'report-owner', false],
  [{ kind: 'import-population' }, 'tester', true],
  [{ kind: 'import-population' }, 'report-owner', false],
  [{ kind: 'plan-sample' }, 'test-lead', true],
  [{ kind: 'plan-sample' }, 'report-owner', false],
  [{ kind: 'draw-sample' }, 'tester', true],
  [{ kind: 'draw-sample' }, 'data-owner', false],
  [review, 'report-owner', true],
  [review, 'tester', false],
  [review, 'test-manager', false],
  [revise, 'tester', true],
  [revise, 'report-owner', false],
])('$kind by a %s role is decided by the table', (act, role, allowed) => {
  const why = whyNot(act, person(role), [{ personId: 'pat', role }]);
  expect(why === null).toBe(allowed);
  if (!allowed) expect(why?.code).toBe('role');
});

test('what a person is elsewhere does not count in a report they are not assigned to', () => {
  expect(whyNot(review, person('report-owner'), [{ personId: 'other', role: 'report-owner' }])?.message).toContain(
    'not assigned',
  );
});

test('who made the version may not decide on it, even as the report owner', () => {
  const tara: Person = { personId: 'tara', name: 'Tara', roles: ['tester', 'report-owner'] };
  expect(whyNot(review, tara, [{ personId: 'tara', role: 'report-owner' }])?.code).toBe('four-eyes');
});

test('a role that was taken away does not act on through an old assignment', () => {
  const former: Person = { personId: 'olga', name: 'Olga', roles: ['data-owner'] };
  expect(whyNot(review, former, [{ personId: 'olga', role: 'report-owner' }])?.code).toBe('role');
});
