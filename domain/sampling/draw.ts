// Owns the seeded draw: which positions of a population, in which order. Works on positions 0 … N−1 of the canonical key order.
// Knows no rows and no keys, and makes no seed of its own.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { z } from 'zod';
import { seedTextSchema } from '../sample-plan.ts';
import { KEY_ORDER_RULE } from './key-order.ts';
import { populationSizeSchema } from './plan.ts';

/** Where the numbers come from: SHA-256(sub-seed ‖ counter) for counter 0, 1, 2 … (64 bits, big-endian). */
export const DRAW_GENERATOR = 'sha256-counter';

/**
 * How numbers become positions. A change of anything below needs a new name here.
 *
 * 1. sub-seed = SHA-256 of the UTF-8 text `countersign-draw-1`, line feed, the seed's decimal digits, line feed, and either `whole`
 *    or `stratum`, line feed, the stratum's name.
 * 2. Each block of the generator gives eight words of 32 bits, big-endian, in order.
 * 3. Fisher–Yates over 0 … N−1: draw i (from 0) has m = N − i positions left; words not below ⌊2³² / m⌋ · m are passed over; the
 *    position at i + (word mod m) is drawn and changes places with the one at i.
 */
export const DRAW_ALGORITHM = 'countersign-draw-1';

const WORD_RANGE = 2 ** 32;
const WORDS_PER_BLOCK = 8;
const SEED_MESSAGE = 'The seed must be a whole number from 0 to 9007199254740991, in digits, for example 20261120.';

/** A seed as it is recorded (digits) or as a safe integer from 0; parses to its digits. Anything else gets one plain sentence. */
export const seedSchema = z
  .union([seedTextSchema, z.int(SEED_MESSAGE).min(0, SEED_MESSAGE)], SEED_MESSAGE)
  .transform(String);

/** What makes a draw reproducible, as it is recorded with every version. `stratum` is null when the whole population is one. */
export const drawRecordSchema = z.strictObject({
  generator: z.literal(DRAW_GENERATOR),
  algorithm: z.literal(DRAW_ALGORITHM),
  keyOrder: z.literal(KEY_ORDER_RULE),
  seed: seedTextSchema,
  stratum: z.string().nullable(),
  /** SHA-256 in hex: what the generator really starts from. */
  subSeed: z.string().regex(/^[0-9a-f]{64}$/u),
  /** Rows of the population, or of the stratum. */
  populationSize: populationSizeSchema,
});
export type DrawRecord = z.infer<typeof drawRecordSchema>;

/** What a draw starts from. `stratum` is the name of a line of business (or other stratum); null or absent is the whole population. */
export type DrawInput = { seed: string | number; populationSize: number; stratum?: string | null };

function subSeedBytes(seed: string, stratum: string | null): Uint8Array {
  const scope = stratum === null ? 'whole' : `stratum\n${stratum}`;
  return sha256(utf8ToBytes(`${DRAW_ALGORITHM}\n${seed}\n${scope}`));
}

/** The sub-seed of a stratum (or, with null, of the whole population): SHA-256 in hex. Throws a ZodError on a seed that is no integer. */
export function subSeed(seed: string | number, stratum: string | null): string {
  return bytesToHex(subSeedBytes(seedSchema.parse(seed), stratum));
}

function wordStream(start: Uint8Array): () => number {
  const message = new Uint8Array(start.length + 8);
  message.set(start);
  const counterView = new DataView(message.buffer);
  let counter = 0n;
  let index = WORDS_PER_BLOCK;
  let block = new DataView(new ArrayBuffer(0));
  return () => {
    if (index === WORDS_PER_BLOCK) {
      counterView.setBigUint64(start.length, counter);
      counter += 1n;
      const digest = sha256(message);
      block = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
      index = 0;
    }
    index += 1;
    return block.getUint32((index - 1) * 4);
  };
}

function below(limit: number, nextWord: () => number): number {
  const accepted = WORD_RANGE - (WORD_RANGE % limit);
  let word = nextWord();
  while (word >= accepted) word = nextWord();
  return word % limit;
}

/** One order of the whole population, found as far as it is asked for. The same input gives the same order, always. */
export type DrawOrder = {
  record: DrawRecord;
  /** The position drawn as number `index` (from 0). Throws a RangeError at the population's end. */
  at: (index: number) => number;
  /** The positions drawn as numbers `from` … `from + count − 1`. Throws a RangeError beyond the population's end. */
  take: (from: number, count: number) => number[];
};

/**
 * The order in which positions are drawn, without replacement. A longer sample keeps the first n; a replacement is the next position of
 * the same order and so was never drawn before. Memory and time grow with the highest index asked for, not with the population.
 * Throws a ZodError on a seed or a size out of bounds.
 */
export function drawOrder(input: DrawInput): DrawOrder {
  const seed = seedSchema.parse(input.seed);
  const populationSize = populationSizeSchema.parse(input.populationSize);
  const stratum = input.stratum ?? null;
  const start = subSeedBytes(seed, stratum);
  const nextWord = wordStream(start);
  const drawn: number[] = [];
  // Only places that no longer hold their own number are kept, and only those not yet drawn.
  const moved = new Map<number, number>();

  function drawNext(): void {
    const here = drawn.length;
    const there = here + below(populationSize - here, nextWord);
    drawn.push(moved.get(there) ?? there);
    if (there !== here) moved.set(there, moved.get(here) ?? here);
    moved.delete(here);
  }

  function take(from: number, count: number): number[] {
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(count) || from < 0 || count < 0) {
      throw new RangeError(`A draw from ${from} of ${count} positions makes no sense.`);
    }
    if (from + count > populationSize) throw new RangeError(exceeds(from, count, populationSize));
    while (drawn.length < from + count) drawNext();
    return drawn.slice(from, from + count);
  }

  const record: DrawRecord = {
    generator: DRAW_GENERATOR,
    algorithm: DRAW_ALGORITHM,
    keyOrder: KEY_ORDER_RULE,
    seed,
    stratum,
    subSeed: bytesToHex(start),
    populationSize,
  };
  return {
    record,
    take,
    at(index) {
      const [position] = take(index, 1);
      if (position === undefined) throw new RangeError(exceeds(index, 1, populationSize));
      return position;
    },
  };
}

function exceeds(from: number, count: number, populationSize: number): string {
  if (from === 0) return `A sample of ${count} is larger than its population of ${populationSize}.`;
  return `${from} of ${populationSize} rows are drawn already: ${count} more cannot be.`;
}

/** Positions with the record that reproduces them, or why there are none. `message` is one sentence for the screen. */
export type DrawResult =
  | { kind: 'drawn'; record: DrawRecord; from: number; positions: number[] }
  | { kind: 'refused'; reason: 'bad-seed' | 'bad-size' | 'exceeds-population'; message: string };

/**
 * The positions drawn as numbers `from` … `from + count − 1` of an order. A first draw starts at 0; an extension or a replacement starts at
 * the number of positions drawn so far from this stratum, replacements included. Never throws.
 */
export function drawPositions(input: DrawInput & { from: number; count: number }): DrawResult {
  const { from, count, ...start } = input;
  if (!seedSchema.safeParse(start.seed).success) return { kind: 'refused', reason: 'bad-seed', message: SEED_MESSAGE };
  const size = populationSizeSchema.safeParse(start.populationSize);
  if (!size.success) {
    const message = size.error.issues[0]?.message ?? 'The population has no rows.';
    return { kind: 'refused', reason: 'bad-size', message };
  }
  if (!Number.isSafeInteger(from) || from < 0 || !Number.isSafeInteger(count) || count < 1) {
    return { kind: 'refused', reason: 'bad-size', message: 'A draw takes a whole number of rows, at least one.' };
  }
  if (from + count > size.data) {
    return { kind: 'refused', reason: 'exceeds-population', message: exceeds(from, count, size.data) };
  }
  const order = drawOrder(start);
  return { kind: 'drawn', record: order.record, from, positions: order.take(from, count) };
}
