// Every way a test can end, for closing-line.test.ts. Not part of the suite: it fails on purpose.
import { beforeAll, describe, expect, test } from 'vitest';

test('passes', () => {
  expect(1 + 1).toBe(2);
});

test('fails', () => {
  expect(1 + 1).toBe(3);
});

test('is skipped with a reason', (context) => {
  context.skip('there is no display');
});

// oxlint-disable-next-line vitest/no-disabled-tests -- what the reporter must object to
test.skip('is skipped in silence', () => {});

describe('a suite whose preparation throws', () => {
  beforeAll(() => {
    throw new Error('not prepared');
  });

  test('is not reached', () => {});
});
