import { expect, test } from 'vitest';
import { noteLimit, reasonCodes } from '../../domain/decision.ts';
import { operationSchema, signedText, targetOf } from '../../domain/operation.ts';
import { workflowIdOf } from '../../domain/change.ts';
import { phases } from '../../domain/phases.ts';
import { canBecome, versionStatuses, versionTransitions } from '../../domain/version.ts';

const hash = 'a'.repeat(64);
function operation(body: unknown) {
  return {
    operationId: 'operation-1',
    actorId: 'olga',
    deviceId: 'device-1',
    sequence: 1,
    decidedAt: '2026-11-20T10:00:00.000Z',
    body,
  };
}
function decide(decision: unknown) {
  const decisions = [{ itemKey: '771', contentHash: hash, seenVerdict: 'pending', decision }];
  return operation({ kind: 'decisions.record', reportId: 'report-1', versionId: 'version-1', decisions });
}

test.each<[string, unknown, boolean]>([
  ['an approval', decide({ verdict: 'approved' }), true],
  ['a rejection with its reason', decide({ verdict: 'rejected', reasonCode: 'duplicate' }), true],
  ['a rejection without a reason', decide({ verdict: 'rejected' }), false],
  ['an approval with a reason', decide({ verdict: 'approved', reasonCode: 'duplicate' }), false],
  ['"other" without a note', decide({ verdict: 'rejected', reasonCode: 'other' }), false],
  ['"other" with a note', decide({ verdict: 'rejected', reasonCode: 'other', note: 'sold' }), true],
  ['an unknown reason', decide({ verdict: 'rejected', reasonCode: 'boring' }), false],
  ['a note at the limit', decide({ verdict: 'approved', note: 'x'.repeat(noteLimit) }), true],
  ['a note above the limit', decide({ verdict: 'approved', note: 'x'.repeat(noteLimit + 1) }), false],
  ['a field that nobody knows', decide({ verdict: 'approved', admin: true }), false],
  ['an own __proto__ field', decide(JSON.parse('{"verdict":"approved","__proto__":{"admin":true}}')), false],
  ['an unknown kind', operation({ kind: 'version.approve', reportId: 'report-1' }), false],
  [
    'no decisions at all',
    operation({ kind: 'decisions.record', reportId: 'report-1', versionId: 'version-1', decisions: [] }),
    false,
  ],
])('%s is taken or refused by the schema', (_name, value, valid) => {
  expect(operationSchema.safeParse(value).success).toBe(valid);
});

test('an operation goes to the workflow of what it is about', () => {
  const cycle = { kind: 'cycle.start', cycleId: 'cycle-0001', name: 'Q4', reports: [] as never[] } as const;
  expect(workflowIdOf(targetOf(cycle))).toBe('cycle/cycle-0001');
  expect(workflowIdOf(targetOf({ kind: 'device.revoke', deviceId: 'device-1' }))).toBe('device/device-1');
  expect(
    workflowIdOf(
      targetOf({ kind: 'sample.draw', reportId: 'report-1', planId: 'plan-0001', redrawReason: null, targeted: [] }),
    ),
  ).toBe('report/report-1');
});

test('a signature for one purpose does not serve another', () => {
  expect(signedText('pull', { a: 1 })).not.toBe(signedText('operation', { a: 1 }));
});

test('every reason code has its rule in the reason table and every phase its row', () => {
  expect(reasonCodes).toHaveLength(9);
  expect(phases).toHaveLength(9);
});

test('a superseded version stays superseded and nothing becomes a draft again', () => {
  for (const from of versionStatuses) {
    expect(canBecome('superseded', from)).toBe(false);
    expect(versionTransitions[from]).not.toContain('draft');
  }
  expect(canBecome('pending', 'approved')).toBe(true);
});
