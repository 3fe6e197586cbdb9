import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, contentHash, sha256Hex } from '../../domain/canonical.ts';

test('keys are ordered whatever order they were written in', () => {
  expect(canonicalJson({ b: 1, a: [true, null, 'x'] })).toBe('{"a":[true,null,"x"],"b":1}');
});

test('a key without a value counts as absent', () => {
  expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
});

test('an own __proto__ key is content like any other', () => {
  const withProto = JSON.parse('{"__proto__":"x","a":1}') as object;
  expect(canonicalJson(withProto)).toBe('{"__proto__":"x","a":1}');
  expect(contentHash(withProto)).not.toBe(contentHash({ a: 1 }));
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1])('what JSON cannot carry is refused: %s', (value) => {
  expect(() => canonicalJson(value)).toThrow(TypeError);
});

test('the hash is the published SHA-256', () => {
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('reading canonical JSON back and writing it again changes nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    }),
  );
});
