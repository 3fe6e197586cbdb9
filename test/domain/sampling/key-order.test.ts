// The canonical order against the two things it promises to equal: numbers, and bytes of UTF-8.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalKeyOrder, compareKeys, compareUtf8, keyOrderOf } from '../../../domain/sampling/key-order.ts';

const utf8Text = fc.string({ unit: 'binary' });

describe('the order of keys', () => {
  it.each([
    ['integer', ['10', '9', '-3', '0', '-20', '007', '7'], ['-20', '-3', '0', '007', '7', '9', '10']],
    ['integer', ['999999999999999999', '999999999999999998', '1'], ['1', '999999999999999998', '999999999999999999']],
    ['text', ['10', '9', 'A1'], ['10', '9', 'A1']],
    ['text', ['1000000000000000000', '9'], ['1000000000000000000', '9']],
    ['text', ['1.5', '10', '2'], ['1.5', '10', '2']],
    ['text', ['b', 'a', 'B', 'ä', ''], ['', 'B', 'a', 'b', 'ä']],
    ['text', ['7\n', '10'], ['10', '7\n']],
    ['text', ['٣', '1'], ['1', '٣']],
    ['text', [], []],
  ])('is %s for %o', (order, keys, sorted) => {
    expect(canonicalKeyOrder(keys)).toEqual({ order, keys: sorted });
  });

  it('by text is the order of UTF-8 bytes, beyond the basic plane too', () => {
    expect(compareUtf8('\uFF5E', '\u{1F600}')).toBeLessThan(0);
    fc.assert(
      fc.property(utf8Text, utf8Text, fc.string({ unit: 'binary', maxLength: 3 }), (a, b, prefix) => {
        const bytes = Buffer.compare(Buffer.from(prefix + a, 'utf8'), Buffer.from(prefix + b, 'utf8'));
        expect(Math.sign(compareUtf8(prefix + a, prefix + b))).toBe(bytes);
      }),
      { seed: 20261120, numRuns: 1_000 },
    );
  });

  it('does not depend on the order the keys came in', () => {
    const keys = fc.uniqueArray(fc.oneof(fc.integer().map(String), fc.stringMatching(/^-?[0-9]{1,18}$/u)), {
      minLength: 1,
    });
    fc.assert(
      fc.property(keys, (given) => {
        const sorted = canonicalKeyOrder(given);
        expect(sorted.order).toBe('integer');
        expect(canonicalKeyOrder(given.toReversed())).toEqual(sorted);
        const values = sorted.keys.map(BigInt);
        expect(values.every((value, i) => i === 0 || (values[i - 1] ?? value) <= value)).toBe(true);
      }),
      { seed: 20261120 },
    );
  });

  it('is decided by all keys: one text among integers makes all text', () => {
    expect(keyOrderOf(['1', '2', '3'])).toBe('integer');
    expect(keyOrderOf(['1', '2', 'x'])).toBe('text');
    expect(compareKeys('integer', '10', '9')).toBeGreaterThan(0);
    expect(compareKeys('text', '10', '9')).toBeLessThan(0);
    expect(compareKeys('integer', '5', '5')).toBe(0);
  });

  it('leaves the given keys as they are', () => {
    const keys = ['2', '1'];
    canonicalKeyOrder(keys);
    expect(keys).toEqual(['2', '1']);
  });
});
