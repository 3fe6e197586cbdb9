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
  [{ kind: 'control' }, 'test-manager', true],
  [{ kind: 'control' }, 'test-lead', false],
  [{ kind: 'skip' }, 'test-manager', true],
  [{ kind: 'skip' }, 'tester', false],
  [{ kind: 'set-deadline' }, 'test-manager', true],
  [{ kind: 'set-deadline' }, 'report-owner', false],
  [{ kind: 'set-lobs' }, 'tester', true],
  [{ kind: 'set-lobs' }, 'report-owner', false],
  [{ kind: 'author', phase: 'scoping' }, 'tester', true],
  [{ kind: 'author', phase: 'scoping' }, 'report-owner', false],
  [{ kind: 'complete', phase: 'test-execution' }, 'test-lead', true],
  [{ kind: 'complete', phase: 'test-execution' }, 'data-owner', false],
  [{ kind: 'assign-owners' }, 'tester', true],
  [{ kind: 'assign-owners' }, 'data-owner', false],
  [{ kind: 'submit-document' }, 'data-owner', true],
  [{ kind: 'submit-document' }, 'report-owner', false],
  [{ kind: 'review-document' }, 'tester', true],
  [{ kind: 'review-document' }, 'data-owner', false],
  [{ kind: 'record-tests' }, 'tester', true],
  [{ kind: 'record-tests' }, 'report-owner', false],
  [{ kind: 'dispute' }, 'test-lead', true],
  [{ kind: 'dispute' }, 'tester', false],
  [{ kind: 'dispute' }, 'test-manager', false],
  [{ kind: 'sign', role: 'test-lead', version: { number: 1, authorId: 'tara' } }, 'test-lead', true],
  [{ kind: 'sign', role: 'test-lead', version: { number: 1, authorId: 'tara' } }, 'test-manager', false],
  [{ kind: 'sign', role: 'report-owner', version: { number: 1, authorId: 'tara' } }, 'report-owner', true],
  [{ kind: 'sign', role: 'report-owner', version: { number: 1, authorId: 'tara' } }, 'test-lead', false],
  [{ kind: 'review', version: { phase: 'planning', number: 1, authorId: 'tara' } }, 'test-manager', true],
  [{ kind: 'review', version: { phase: 'planning', number: 1, authorId: 'tara' } }, 'report-owner', false],
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

test('who handed a version in signs it neither as lead nor as owner', () => {
  const lena: Person = { personId: 'lena', name: 'Lena', roles: ['test-lead'] };
  const sign: Act = { kind: 'sign', role: 'test-lead', version: { number: 2, authorId: 'lena' } };
  expect(whyNot(sign, lena, [{ personId: 'lena', role: 'test-lead' }])?.code).toBe('four-eyes');
});

test('a role that was taken away does not act on through an old assignment', () => {
  const former: Person = { personId: 'olga', name: 'Olga', roles: ['data-owner'] };
  expect(whyNot(review, former, [{ personId: 'olga', role: 'report-owner' }])?.code).toBe('role');
});
