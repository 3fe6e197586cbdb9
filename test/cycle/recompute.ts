// Recomputes what a signed report says from the raw file and the exported ledger alone: what an outside re-performer would write.
// Imports nothing of the product, and repeats its published rules in its own words (README, the report's re-performance section).
import { createHash } from 'node:crypto';

export type Row = Readonly<Record<string, string>>;

/** Rows of a plain comma-separated file without quotes, by the names in its header. */
export function rowsOf(csv: string): Row[] {
  const [header = '', ...lines] = csv.replaceAll('\r', '').trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

export function countBy<Entry>(entries: readonly Entry[], key: (entry: Entry) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of entries) counts.set(key(entry), (counts.get(key(entry)) ?? 0) + 1);
  return counts;
}

/** log(n!) for 0 … most. */
function logFactorials(most: number): Float64Array {
  const sums = new Float64Array(most + 1);
  for (let n = 1; n <= most; n += 1) sums[n] = (sums[n - 1] as number) + Math.log(n);
  return sums;
}

/** P(X ≤ k) when n of N are drawn without replacement and D of the N deviate. */
function tail(log: Float64Array, N: number, D: number, n: number, k: number): number {
  const choose = (a: number, b: number): number => (log[a] as number) - (log[b] as number) - (log[a - b] as number);
  let sum = 0;
  for (let x = Math.max(0, n - (N - D)); x <= Math.min(k, D, n); x += 1) {
    sum += Math.exp(choose(D, x) + choose(N - D, n - x) - choose(N, n));
  }
  return sum;
}

/** The smallest n that supports "at most `tolerable` deviates" at `risk` when no deviation is expected. */
export function sampleSize(N: number, tolerable: number, risk: number): number {
  const log = logFactorials(N);
  const D = Math.ceil(N * tolerable);
  for (let n = 1; n <= N; n += 1) if (tail(log, N, D, n, 0) <= risk) return n;
  return N;
}

/** The largest rate of deviations in N that k deviations among n tested do not rule out at `risk`. */
export function upperLimit(N: number, n: number, k: number, risk: number): number {
  const log = logFactorials(N);
  let D = k;
  while (D < N && tail(log, N, D + 1, n, k) > risk) D += 1;
  return D / N;
}

/** n over strata in proportion to their rows: at least one each, the rest by largest remainder. */
export function shares(n: number, strata: ReadonlyMap<string, number>): Map<string, number> {
  const total = [...strata.values()].reduce((sum, count) => sum + count, 0);
  const result = new Map<string, number>();
  let open = [...strata].filter(([, count]) => count > 0);
  let left = n;
  let rows = total;
  // Strata whose quota rounds to nothing get one; the others share what is left.
  for (;;) {
    const small = roundQuotas(left, rows, open).filter(([, share]) => share === 0);
    if (small.length === 0) break;
    for (const [name] of small) {
      result.set(name, 1);
      left -= 1;
      rows -= strata.get(name) ?? 0;
    }
    open = open.filter(([name]) => !result.has(name));
  }
  for (const [name, share] of roundQuotas(left, rows, open)) result.set(name, share);
  return result;
}

function roundQuotas(n: number, rows: number, strata: readonly (readonly [string, number])[]): [string, number][] {
  const quotas = strata.map(([name, count]) => ({
    name,
    count,
    floor: Math.floor((n * count) / rows),
    rest: (n * count) % rows,
  }));
  let left = n - quotas.reduce((sum, quota) => sum + quota.floor, 0);
  const order = [...quotas].sort((a, b) => b.rest - a.rest || b.count - a.count || (a.name < b.name ? -1 : 1));
  const extra = new Set<string>();
  for (const { name } of order) if (left-- > 0) extra.add(name);
  return quotas.map(({ name, floor }) => [name, floor + (extra.has(name) ? 1 : 0)]);
}

/** Positions 0 … N−1 in the order in which the published algorithm `countersign-draw-1` draws them. */
export function drawnPositions(seed: string, stratum: string | null, N: number, count: number): number[] {
  const scope = stratum === null ? 'whole' : `stratum\n${stratum}`;
  const subSeed = createHash('sha256').update(`countersign-draw-1\n${seed}\n${scope}`).digest();
  const words: number[] = [];
  let counter = 0n;
  const nextWord = (): number => {
    if (words.length === 0) {
      const block = Buffer.alloc(8);
      block.writeBigUInt64BE(counter);
      counter += 1n;
      const digest = createHash('sha256').update(subSeed).update(block).digest();
      for (let at = 0; at < 32; at += 4) words.push(digest.readUInt32BE(at));
    }
    return words.shift() as number;
  };
  const places = Array.from({ length: N }, (_, index) => index);
  for (let index = 0; index < count; index += 1) {
    const left = N - index;
    const accepted = Math.floor(2 ** 32 / left) * left;
    let word = nextWord();
    while (word >= accepted) word = nextWord();
    const other = index + (word % left);
    [places[index], places[other]] = [places[other] as number, places[index] as number];
  }
  return places.slice(0, count);
}

/** The keys that a stratified draw gives, per stratum in draw order; keys that are whole numbers sort by value. */
export function drawnKeys(
  rows: readonly Row[],
  columns: { key: string; lob: string },
  seed: string,
  sizes: ReadonlyMap<string, number>,
): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const [stratum, size] of sizes) {
    const keys = rows
      .filter((row) => row[columns.lob] === stratum)
      .map((row) => row[columns.key] as string)
      .sort((a, b) => Number(a) - Number(b));
    const positions = drawnPositions(seed, stratum, keys.length, size);
    result.set(
      stratum,
      positions.map((position) => keys[position] as string),
    );
  }
  return result;
}
