// Owns the canonical order of a population's keys, in words that JavaScript and SQL can both follow.
// Knows nothing of files, columns or the draw.

/** Named in every draw beside the generator: positions mean nothing without the order they count in. */
export const KEY_ORDER_RULE = 'integer-else-utf8-1';

/**
 * How a set of keys sorts. `integer`: every key is a minus sign or none and 1 to 18 digits; they sort by value, and equal values
 * (`7`, `007`) by their UTF-8 bytes. `text`: any other set, the empty one too; keys sort by their UTF-8 bytes.
 *
 * In SQL (DuckDB, binary collation), where the first statement decides for the whole set:
 *
 *     SELECT coalesce(bool_and(regexp_full_match(key, '-?[0-9]{1,18}')), false) FROM population;
 *     ORDER BY CAST(key AS BIGINT), key   -- integer
 *     ORDER BY key                        -- text
 */
export type KeyOrder = 'integer' | 'text';

const INTEGER_KEY = /^-?[0-9]{1,18}$/u;

/** Which order the whole set takes. One key that is no integer makes all of them text. */
export function keyOrderOf(keys: Iterable<string>): KeyOrder {
  let seen = false;
  for (const key of keys) {
    if (!INTEGER_KEY.test(key)) return 'text';
    seen = true;
  }
  return seen ? 'integer' : 'text';
}

// UTF-8 bytes sort as code points do. UTF-16 units do not: surrogates stand below U+E000 to U+FFFF, so they are lifted above.
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Compares two texts by their UTF-8 bytes: negative, 0 or positive. */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Compares two keys of a set whose order is known (`keyOrderOf` the whole set): negative, 0 or positive. */
export function compareKeys(order: KeyOrder, a: string, b: string): number {
  if (order === 'integer') {
    const left = BigInt(a);
    const right = BigInt(b);
    if (left !== right) return left < right ? -1 : 1;
  }
  return compareUtf8(a, b);
}

/** The keys in canonical order, with the order they took. Leaves the given array as it is. */
export function canonicalKeyOrder(keys: readonly string[]): { order: KeyOrder; keys: string[] } {
  const order = keyOrderOf(keys);
  return { order, keys: keys.toSorted((a, b) => compareKeys(order, a, b)) };
}
