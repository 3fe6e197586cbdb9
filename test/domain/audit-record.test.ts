import { describe, expect, it } from 'vitest';
import {
  actionKey,
  actionProblems,
  assignmentKey,
  isDeviation,
  sameValue,
  testActionSchema,
  whyNotTested,
} from '../../domain/audit-record.ts';
import type { TestFacts } from '../../domain/audit-record.ts';
import type { ItemBody } from '../../domain/version.ts';

describe('keys of records', () => {
  it('differ wherever a part differs, even when a part has a slash in it', () => {
    const keys = [assignmentKey('a/b', 'c'), assignmentKey('a', 'b/c'), assignmentKey('a', 'b'), actionKey('1', 'a/b')];
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('a value that was found', () => {
  it.each<[string, ItemBody[string], ItemBody[string], boolean]>([
    ['a number and itself', 5, 5, true],
    ['a number and the text that says it', 5, '5', true],
    ['a number and the text with other zeros', 1.5, '1.50', true],
    ['a text in scientific notation', 100_000, '1e5', true],
    ['two numbers that differ in the last digit', 1.5, '1.51', false],
    ['a number and a text of more digits than it keeps', 9007199254740992, '9007199254740993', false],
    ['a text and itself with white space around it', 'EUR', ' EUR ', true],
    ['texts that differ in the case of a letter', 'EUR', 'eur', false],
    ['texts with leading zeros, which are codes', '007', '7', false],
    ['long numbers, which are texts, that differ in the last digit', '12345678901234567', '12345678901234568', false],
    ['letters that are written in two ways', 'Zo\u00eb', 'Zoe\u0308', true],
    ['nothing and nothing', null, null, true],
    ['nothing and white space', null, '  ', true],
    ['nothing and zero', null, 0, false],
    ['something and nothing', 'EUR', null, false],
    ['a truth value and the text that says it', true, 'TRUE', true],
    ['a truth value and the text of the other one', true, 'false', false],
    ['a truth value and a number', true, 1, false],
  ])('%s', (_what, expected, found, same) => {
    expect(sameValue(expected, found)).toBe(same);
    expect(sameValue(found, expected)).toBe(same);
  });
});

const stated = { found: 5, result: 'pass' as const, notTestableReason: '', seenRevision: 0, reason: '' };

describe('a test action in itself', () => {
  it('is without fault when it says what was found', () => {
    expect(actionProblems(stated)).toEqual([]);
  });

  it.each<[string, Partial<Parameters<typeof actionProblems>[0]>, string]>([
    ['has to say why something cannot be tested', { result: 'not-testable' }, 'notTestableReason'],
    ['gives that reason for nothing else', { notTestableReason: 'file lost' }, 'notTestableReason'],
    ['has to say why a response is changed', { seenRevision: 2 }, 'reason'],
    ['does not take white space for a reason', { seenRevision: 2, reason: ' ' }, 'reason'],
  ])('%s', (_what, over, field) => {
    expect(actionProblems({ ...stated, ...over }).map(({ path }) => path[0])).toEqual([field]);
  });

  it('is refused on the wire with the same words', () => {
    const parsed = testActionSchema.safeParse({
      ...{ itemKey: '1', contentHash: 'a'.repeat(64), attribute: 'LIMIT', found: null },
      ...{ result: 'not-testable', seenRevision: 0 },
    });
    expect(parsed.error?.issues[0]?.message).toMatch(/counts as a deviation/);
  });
});

describe('a test action against what is known', () => {
  const evidence = { documentId: 'document-1', revision: 2, locator: 'row 12' };
  const action = { attribute: 'LIMIT', found: 5, result: 'pass' as const, evidence, note: '' };
  const facts: TestFacts = { expected: 5, evidenceNeeded: true, evidenceAccepted: true };

  it.each<[string, Partial<Parameters<typeof whyNotTested>[0]>, Partial<TestFacts>, string | null]>([
    ['holds with an accepted document and the value that was expected', {}, {}, null],
    ['needs a document to pass', { evidence: null }, {}, 'evidence-missing'],
    ['needs a document to fail', { evidence: null, result: 'fail', found: 6 }, {}, 'evidence-missing'],
    ['needs none for what is not testable', { evidence: null, result: 'not-testable', found: null }, {}, null],
    ['needs none where no documents were asked for', { evidence: null }, { evidenceNeeded: false }, null],
    ['needs one that was accepted', {}, { evidenceAccepted: false }, 'evidence-missing'],
    [
      'needs that even where it could have none',
      {},
      { evidenceNeeded: false, evidenceAccepted: false },
      'evidence-missing',
    ],
    ['may fail with another value', { found: 6, result: 'fail' }, {}, null],
    ['passes with another value only with a note', { found: 6 }, {}, 'reason-missing'],
    ['passes with another value with a note', { found: 6, note: 'rounded' }, {}, null],
    ['passes with nothing found only with a note', { found: null }, {}, 'reason-missing'],
  ])('%s', (_what, over, known, code) => {
    expect(whyNotTested({ ...action, ...over }, { ...facts, ...known })?.code ?? null).toBe(code);
  });

  it('is told what was found and what was expected', () => {
    expect(whyNotTested({ ...action, found: null }, { ...facts, expected: 'EUR' })?.message).toBe(
      'LIMIT: passed although nothing was found and "EUR" expected: a note has to say why',
    );
  });
});

describe('a deviation', () => {
  it('is a failure and what could not be tested', () => {
    expect(['pass', 'fail', 'not-testable'].map((result) => isDeviation(result as 'pass'))).toEqual([
      false,
      true,
      true,
    ]);
  });
});
