// The draw: pinned first positions, the textbook shuffle beside it, and what a sample must keep when it grows.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DrawInput } from '../../../domain/sampling/draw.ts';
import { drawOrder, drawPositions, drawRecordSchema, seedSchema, subSeed } from '../../../domain/sampling/draw.ts';

const SEED = '20261120';
const property = { seed: 20261120 };
const anySeed = fc.nat(Number.MAX_SAFE_INTEGER);
const anySize = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 4_294_967_295 }));

// Made once with a second implementation in another language. A change here means a new algorithm name, never a new list.
// prettier-ignore
const GOLDEN = [
  24383, 2568, 22492, 10972, 24566, 3471, 19402, 2633, 10136, 15523, 2491, 4645, 12418, 11926, 27481,
  9021, 13760, 3531, 1384, 29246, 23386, 16755, 22916, 3844, 17997, 11001, 27437, 16116, 24025, 688,
  10185, 17614, 3817, 24, 14478, 15952, 12760, 11705, 15783, 9561, 16130, 24710, 19576, 3271, 18508,
  25277, 16892, 12234, 5011, 2042, 24133, 7802, 1615, 8666, 14133, 29631, 16150, 18222, 931,
];

/** The algorithm as draw.ts states it, on a plain array and BigInt: slow, whole and independent. */
function textbookOrder(seed: string, populationSize: number, stratum: string | null): number[] {
  const scope = stratum === null ? 'whole' : `stratum\n${stratum}`;
  const start = createHash('sha256').update(`countersign-draw-1\n${seed}\n${scope}`, 'utf8').digest();
  const words: bigint[] = [];
  let counter = 0n;
  const nextWord = (): bigint => {
    if (words.length === 0) {
      const tail = Buffer.alloc(8);
      tail.writeBigUInt64BE(counter);
      counter += 1n;
      const block = createHash('sha256').update(start).update(tail).digest();
      for (let i = 0; i < 32; i += 4) words.push(BigInt(block.readUInt32BE(i)));
    }
    return words.shift() ?? 0n;
  };
  const places = Array.from({ length: populationSize }, (_, i) => i);
  for (let i = 0; i < populationSize; i += 1) {
    const left = BigInt(populationSize - i);
    let word = nextWord();
    while (word >= (2n ** 32n / left) * left) word = nextWord();
    const other = i + Number(word % left);
    [places[i], places[other]] = [places[other] ?? -1, places[i] ?? -1];
  }
  return places;
}

function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('the pinned draw', () => {
  it('of 30,000 rows with seed 20261120 never changes', () => {
    expect(drawPositions({ seed: SEED, populationSize: 30_000, from: 0, count: 59 })).toEqual({
      kind: 'drawn',
      record: {
        generator: 'sha256-counter',
        algorithm: 'countersign-draw-1',
        keyOrder: 'integer-else-utf8-1',
        seed: '20261120',
        stratum: null,
        subSeed: '258f734fa0838249c2dc90b3f139b90a1c28b1c0fe3a9770e16497e70199ff9c',
        populationSize: 30_000,
      },
      from: 0,
      positions: GOLDEN,
    });
  });

  it('of a stratum has its own order and sub-seed', () => {
    const order = drawOrder({ seed: SEED, populationSize: 30_000, stratum: 'Cards' });
    expect(order.take(0, 5)).toEqual([4_089, 7_197, 13_659, 6_930, 20_896]);
    expect(order.record.subSeed).toBe('534ec4b7804d064adaf5e1387454c7ba09a1aaa82d226f0b8fc7538b9bf00cf9');
  });
});

describe('the draw', () => {
  it('is the textbook shuffle, found lazily', () => {
    fc.assert(
      fc.property(
        anySeed,
        fc.integer({ min: 1, max: 400 }),
        fc.option(fc.string({ unit: 'grapheme' })),
        (seed, size, stratum) => {
          const order = drawOrder({ seed, populationSize: size, stratum });
          expect(order.take(0, size)).toEqual(textbookOrder(String(seed), size, stratum));
        },
      ),
      { ...property, numRuns: 60 },
    );
  });

  it('never repeats a position and stays inside the population', () => {
    fc.assert(
      fc.property(anySeed, anySize, (seed, populationSize) => {
        const positions = drawOrder({ seed, populationSize }).take(0, Math.min(populationSize, 300));
        expect(new Set(positions).size).toBe(positions.length);
        expect(positions.every((p) => Number.isInteger(p) && p >= 0 && p < populationSize)).toBe(true);
      }),
      property,
    );
  });

  it('reaches every position when all are drawn', () => {
    const positions = drawOrder({ seed: SEED, populationSize: 5_000 }).take(0, 5_000);
    expect(positions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
  });

  it('keeps the first n when the sample is extended, and replacements continue the same order', () => {
    fc.assert(
      fc.property(anySeed, anySize, fc.nat(150), fc.nat(150), (seed, populationSize, n, more) => {
        fc.pre(n > 0 && more > 0 && n + more <= populationSize);
        const draw = (from: number, count: number): number[] => {
          const result = drawPositions({ seed, populationSize, from, count });
          return result.kind === 'drawn' ? result.positions : [];
        };
        const first = draw(0, n);
        const later = draw(n, more);
        expect(draw(0, n + more)).toEqual([...first, ...later]);
        expect(later).toHaveLength(more);
        expect(later.some((position) => first.includes(position))).toBe(false);
      }),
      property,
    );
  });

  it('answers in any order of asking', () => {
    const asked = drawOrder({ seed: SEED, populationSize: 1_000 });
    const late = asked.at(40);
    expect([asked.at(0), asked.at(7), late]).toEqual(
      [0, 7, 40].map(drawOrder({ seed: SEED, populationSize: 1_000 }).at),
    );
  });

  it('is the same for a seed in digits and as a number, and another for another seed or stratum', () => {
    const draw = (input: Partial<DrawInput>): string =>
      drawOrder({ seed: SEED, populationSize: 30_000, ...input })
        .take(0, 20)
        .join();
    expect(draw({ seed: 20_261_120 })).toBe(draw({}));
    const others = [
      draw({}),
      draw({ seed: '20261121' }),
      draw({ stratum: '' }),
      draw({ stratum: 'whole' }),
      draw({ stratum: 'A' }),
    ];
    expect(new Set(others).size).toBe(others.length);
  });

  it('favours no position at any step (chi-square over 6,000 fixed seeds)', () => {
    const size = 10;
    const seeds = 6_000;
    const counts = Array.from({ length: 3 }, () => Array.from({ length: size }, () => 0));
    for (let seed = 0; seed < seeds; seed += 1) {
      const positions = drawOrder({ seed, populationSize: size }).take(0, 3);
      positions.forEach((position, step) => {
        const row = counts[step] ?? [];
        row[position] = (row[position] ?? 0) + 1;
      });
    }
    // 9 degrees of freedom: 27.88 is passed by chance once in a thousand.
    for (const row of counts) expect(chiSquare(row, seeds / size)).toBeLessThan(27.88);
  });

  it('favours no order (chi-square over the 24 orders of four)', () => {
    const seeds = 4_800;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < seeds; seed += 1) {
      const order = drawOrder({ seed, populationSize: 4, stratum: 'Retail' }).take(0, 4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    // 23 degrees of freedom: 49.73 is passed by chance once in a thousand.
    expect(chiSquare([...counts.values()], seeds / 24)).toBeLessThan(49.73);
  });

  it('passes over words that would favour low positions (a population just above half of 2³²)', () => {
    const size = 3_000_000_000;
    let low = 0;
    for (let seed = 0; seed < 3_000; seed += 1) {
      if (drawOrder({ seed, populationSize: size }).at(0) < 2 ** 32 - size) low += 1;
    }
    // Without rejection these would be drawn twice as often: 60 % instead of 43 %. Five standard deviations are 4.5 %.
    expect(low / 3_000).toBeGreaterThan(0.387);
    expect(low / 3_000).toBeLessThan(0.477);
  });
});

describe('a draw that cannot be is refused with a sentence', () => {
  const good = { seed: SEED, populationSize: 100, from: 0, count: 10 };
  it.each([
    ['exceeds-population', 'A sample of 101 is larger than its population of 100.', { ...good, count: 101 }],
    ['exceeds-population', '98 of 100 rows are drawn already: 3 more cannot be.', { ...good, from: 98, count: 3 }],
    ['bad-seed', 'The seed must be a whole number', { ...good, seed: '12.5' }],
    ['bad-seed', 'The seed must be a whole number', { ...good, seed: -1 }],
    ['bad-size', 'The population must have', { ...good, populationSize: 0 }],
    ['bad-size', 'The population must have', { ...good, populationSize: 2 ** 32 }],
    ['bad-size', 'at least one', { ...good, count: 0 }],
    ['bad-size', 'at least one', { ...good, from: 0.5 }],
  ])('%s: %s', (reason, sentence, input) => {
    expect(drawPositions(input)).toMatchObject({ kind: 'refused', reason, message: expect.stringContaining(sentence) });
  });

  it('and the lazy order throws at its end', () => {
    const order = drawOrder({ seed: 1, populationSize: 3 });
    expect(order.at(2)).toBeLessThan(3);
    expect(() => order.at(3)).toThrow('3 of 3 rows are drawn already');
    expect(() => order.take(-1, 1)).toThrow(RangeError);
  });
});

describe('the seed', () => {
  it.each([
    ['0', '0'],
    [0, '0'],
    [-0, '0'],
    ['20261120', '20261120'],
    [20_261_120, '20261120'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ])('%o is recorded as %s', (given, digits) => {
    expect(seedSchema.parse(given)).toBe(digits);
  });

  it.each([
    '',
    ' 7',
    '7 ',
    '+7',
    '-7',
    '007',
    '7.0',
    '1e5',
    '0x7',
    '٧',
    '9007199254740992',
    1.5,
    -1,
    2 ** 53,
    Number.NaN,
    null,
    {},
  ])('%o is no seed, and the message says what one is', (given) => {
    const messages = seedSchema.safeParse(given).error?.issues.map(({ message }) => message) ?? [];
    expect(messages[0]).toMatch(/the seed (must be|has to be)/iu);
  });

  it('gives each stratum a sub-seed of its own that no other name can reach', () => {
    expect(subSeed(SEED, null)).toBe(createHash('sha256').update('countersign-draw-1\n20261120\nwhole').digest('hex'));
    expect(subSeed(SEED, 'Zürich')).toBe(
      createHash('sha256').update('countersign-draw-1\n20261120\nstratum\nZürich', 'utf8').digest('hex'),
    );
    expect(subSeed('2', '1\nA')).not.toBe(subSeed('21', 'A'));
  });
});

it('a record can be read back as it was written', () => {
  const { record } = drawOrder({ seed: 7, populationSize: 12, stratum: 'Retail' });
  expect(drawRecordSchema.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
  expect(drawRecordSchema.safeParse({ ...record, algorithm: 'countersign-draw-2' }).success).toBe(false);
});
