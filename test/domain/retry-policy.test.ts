// How long failing work waits between its attempts: mission.md's row 16 as a table.
import { describe, expect, test } from 'vitest';
import { isTracked, retryDelayMs, retryPolicies, retryPolicyOf } from '../../domain/retry-policy.ts';
import type { RetryPolicy } from '../../domain/retry-policy.ts';

const { llm, database, email, patient, answer } = retryPolicies;
/** The waits after the first attempts. */
const waits = (policy: RetryPolicy, attempts: number, baseMs?: number): number[] =>
  Array.from({ length: attempts }, (_, index) => retryDelayMs(policy, index + 1, baseMs));

describe('the waits of a policy', () => {
  test.each<[string, number[], number[]]>([
    ['a model: exponential', waits(llm, 4), [2_000, 4_000, 8_000, 16_000]],
    ['the database: linear', waits(database, 4), [2_000, 4_000, 6_000, 8_000]],
    ['e-mail: fixed', waits(email, 4), [2_000, 2_000, 2_000, 2_000]],
    ['what waits for a disk: exponential', waits(patient, 8).slice(-3), [16_000, 30_000, 30_000]],
    ['what a laptop waits for: soon', waits(answer, 2), [200, 400]],
    ['with another base: exponential', waits(llm, 3, 10), [10, 20, 40]],
    ['with another base: linear', waits(database, 3, 10), [10, 20, 30]],
    ['with another base: fixed', waits(email, 3, 10), [10, 10, 10]],
  ])('%s', (_, found, declared) => {
    expect(found).toEqual(declared);
  });

  test.each([llm, database])('never grows beyond its most, whatever the attempt: %j', (policy) => {
    expect(retryDelayMs(policy, 1_000_000)).toBe(policy.mostMs);
  });
});

test('models, the database and e-mail are tried three times', () => {
  expect([llm.attempts, database.attempts, email.attempts]).toEqual([3, 3, 3]);
  const { generateSampleRecommendations, createVersion, sendMail } = retryPolicyOf;
  expect([generateSampleRecommendations, createVersion, sendMail]).toEqual(['llm', 'database', 'email']);
});

test('only an activity’s own name has a policy', () => {
  expect(['createVersion', 'applyOperations', 'toString', ''].map(isTracked)).toEqual([true, false, false, false]);
});
