// A version's life as the report's workflow follows it, for any phase.
import { expect, test } from 'vitest';
import {
  newPhaseEngine,
  pendingApprovals,
  phaseLives,
  versionMade,
  versionReviewed,
} from '../../worker/workflows/phase-engine.ts';
import type { PhaseEngine } from '../../worker/workflows/phase-engine.ts';

const made = (number: number, lob: string | null = null) =>
  ({ versionId: `v-${lob ?? ''}${number}`, phase: 'sample-selection', lob, number }) as const;
const lives = (engine: PhaseEngine) => engine.versions.map(({ versionId, life }) => `${versionId} ${life}`);
const samples = (engine: PhaseEngine, making: 'sample-selection'[] = []) =>
  phaseLives(engine, new Set(making)).find((row) => row.phase === 'sample-selection')?.life;

test('version 1 is revised into version 2, which is approved and current', () => {
  const engine = newPhaseEngine();
  expect(samples(engine)).toBe('not-started');
  expect(samples(engine, ['sample-selection'])).toBe('making');
  versionMade(engine, made(1));
  expect(samples(engine)).toBe('in-review');
  expect(pendingApprovals(engine)).toEqual([{ ...made(1), approvers: ['report-owner'] }]);
  versionReviewed(engine, { versionId: 'v-1', verdict: 'revision-requested' });
  expect(samples(engine)).toBe('in-revision');
  expect(pendingApprovals(engine)).toEqual([]);
  versionMade(engine, made(2));
  expect(lives(engine)).toEqual(['v-1 superseded', 'v-2 in-review']);
  versionReviewed(engine, { versionId: 'v-2', verdict: 'approved' });
  expect(lives(engine)).toEqual(['v-1 superseded', 'v-2 approved']);
  expect(samples(engine)).toBe('completed');
});

test('told twice, neither a version nor a review counts twice, and the first review stays', () => {
  const engine = newPhaseEngine();
  versionMade(engine, made(1));
  versionMade(engine, made(1));
  versionReviewed(engine, { versionId: 'v-1', verdict: 'rejected' });
  versionReviewed(engine, { versionId: 'v-1', verdict: 'approved' });
  expect(lives(engine)).toEqual(['v-1 rejected']);
  expect(samples(engine)).toBe('rejected');
});

test('a review that is heard before the making of its version is not lost', () => {
  const engine = newPhaseEngine();
  versionReviewed(engine, { versionId: 'v-1', verdict: 'approved' });
  versionReviewed(engine, { versionId: 'v-1', verdict: 'approved' });
  expect(pendingApprovals(engine)).toEqual([]);
  versionMade(engine, made(1));
  expect(lives(engine)).toEqual(['v-1 approved']);
  expect(engine.early).toEqual([]);
});

test('an approved version stays current until a newer one is approved', () => {
  const engine = newPhaseEngine();
  versionMade(engine, made(1));
  versionReviewed(engine, { versionId: 'v-1', verdict: 'approved' });
  versionMade(engine, made(2));
  expect(lives(engine)).toEqual(['v-1 approved', 'v-2 in-review']);
  versionReviewed(engine, { versionId: 'v-2', verdict: 'approved' });
  expect(lives(engine)).toEqual(['v-1 superseded', 'v-2 approved']);
});

test('lines of business do not supersede each other', () => {
  const engine = newPhaseEngine();
  versionMade(engine, made(1, 'cards'));
  versionMade(engine, made(2, 'loans'));
  expect(lives(engine)).toEqual(['v-cards1 in-review', 'v-loans2 in-review']);
});
