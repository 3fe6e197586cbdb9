// Which phase and line of business a step is of, read from what its activity is given.
import { expect, test } from 'vitest';
import type { PhaseSlug } from '../../domain/phases.ts';
import { placeOfStep } from '../../worker/workflows/step-place.ts';

const subject = { reportId: 'r', lob: null, basis: [] };
const followUp = { operationId: 'o', reportId: 'r' };

test.each<[string, readonly unknown[], string | null, PhaseSlug | null, string | null]>([
  ['createPlanningVersion', [subject], null, 'planning', null],
  ['generateSampleRecommendations', [subject], null, 'sample-selection', null],
  ['createObservationVersion', [{ ...subject, lob: 'cards' }], 'cards', 'observations', 'cards'],
  ['createTestReport', [subject], null, 'test-report', null],
  ['createVersion', [{ ...followUp, kind: 'make-version', phase: 'scoping', lob: null }], null, 'scoping', null],
  [
    'createVersion',
    [{ ...followUp, kind: 'complete-phase', phase: 'test-execution', lob: 'cards' }],
    'cards',
    'test-execution',
    'cards',
  ],
  [
    'processObservationReview',
    [{ ...followUp, phase: 'observations', lob: 'cards' }],
    'cards',
    'observations',
    'cards',
  ],
  ['createSampleSelectionVersion', [{ ...followUp, planId: 'p' }], null, 'sample-selection', null],
  ['createSampleRevision', [{ ...followUp, versionId: 'v' }], null, 'sample-selection', null],
  ['readEvidence', [{ ...followUp, lob: 'cards', documentId: 'd' }], 'cards', 'test-execution', 'cards'],
  // A report of an older version carries its lanes itself.
  ['readEvidence', [{ ...followUp, lob: 'cards', documentId: 'd' }], null, 'test-execution', 'cards'],
  ['compensatePhase', [{ compensationId: 'c', reportId: 'r', phase: 'planning', lob: null }], null, 'planning', null],
  ['importPopulation', [{ ...followUp, fileHash: 'f' }], null, null, null],
  ['nameLobs', ['r'], null, null, null],
  ['sendMail', ['r', ['n']], null, null, null],
  ['somethingNew', [], 'cards', null, 'cards'],
])('%s of %j', (activity, args, lane, phase, lob) => {
  expect(placeOfStep(activity, args, lane)).toEqual({ phase, lob });
});
