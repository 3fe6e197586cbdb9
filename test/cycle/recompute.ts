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

interface ExportedItem {
  position: number;
  itemKey: string;
  body: Readonly<Record<string, unknown>>;
  source: { kind: string; stratum?: string | null };
  origin: { kind: string; replacesKey?: string };
  verdict: string;
  decision: { verdict: string; reasonCode: string | null } | null;
}

/** What of `ledger:export` a re-performer reads. */
export interface ExportedLedger {
  ledger: readonly Readonly<Record<string, unknown>>[];
  populations: readonly { populationHash: string }[];
  plans: readonly {
    request: { seed: string; keyColumn: string; lobColumn: string; risk: number; tolerable: number };
    sampleSize: number;
  }[];
  versions: readonly {
    phase: string;
    lob: string | null;
    number: number;
    status: string;
    parentVersionId: string | null;
    items: readonly ExportedItem[];
  }[];
  records: readonly {
    phase: string;
    lob: string | null;
    recordKey: string;
    revision: number;
    body: Readonly<Record<string, unknown>>;
  }[];
}

/** Text with sorted keys: what the ledger's hashes are over. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${sorted.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

/** The first entry whose hash or whose link to the one before does not hold, or null. */
export function brokenEntry({ ledger }: ExportedLedger): unknown {
  let previousHash = '0'.repeat(64);
  for (const { hash, ...rest } of ledger) {
    const own = createHash('sha256').update(canonical(rest)).digest('hex');
    if (rest['previousHash'] !== previousHash || own !== hash) return rest['sequence'];
    previousHash = own;
  }
  return null;
}

/** The sample that the plan and the raw file give: drawn first, and the next in seed order for what was replaced. */
export function redrawn(rows: readonly Row[], exported: ExportedLedger): { size: number; keys: Set<string> } {
  const { request } = exported.plans.at(-1) as ExportedLedger['plans'][number];
  const strata = countBy(rows, (row) => row[request.lobColumn] as string);
  const size = sampleSize(rows.length, request.tolerable, request.risk);
  const columns = { key: request.keyColumn, lob: request.lobColumn };
  const first = drawnKeys(rows, columns, request.seed, shares(size, strata));
  const keys = new Set([...first.values()].flat());
  const used = new Map([...first].map(([stratum, drawn]) => [stratum, drawn.length]));
  const revised = exported.versions.filter(
    (version) => version.phase === 'sample-selection' && version.parentVersionId,
  );
  for (const version of revised) {
    for (const { origin, source } of version.items) {
      if (origin.kind !== 'replacement') continue;
      const stratum = source.stratum as string;
      const more = (used.get(stratum) ?? 0) + 1;
      used.set(stratum, more);
      const drawn = drawnKeys(rows, columns, request.seed, new Map([[stratum, more]])).get(stratum) ?? [];
      keys.delete(origin.replacesKey as string);
      keys.add(drawn.at(-1) as string);
    }
  }
  return { size, keys };
}

export interface AttributeFigures {
  tested: number;
  deviations: number;
  upperLimit: number;
}

/** Per attribute: tested random samples, deviations among them, and the upper limit; from the last response of each test action. */
export function attributeFigures(rows: readonly Row[], exported: ExportedLedger): Map<string, AttributeFigures> {
  const { request } = exported.plans.at(-1) as ExportedLedger['plans'][number];
  const last = new Map<string, ExportedLedger['records'][number]>();
  for (const record of exported.records.filter(({ phase }) => phase === 'test-execution')) {
    const key = `${record.lob} ${record.recordKey}`;
    if (record.revision > (last.get(key)?.revision ?? 0)) last.set(key, record);
  }
  const bodies = [...last.values()].map(({ body }) => body).filter((body) => body['random'] === true);
  return new Map(
    [...new Set(bodies.map((body) => body['attribute'] as string))].map((attribute) => {
      const own = bodies.filter((body) => body['attribute'] === attribute);
      const deviations = own.filter((body) => body['result'] !== 'pass').length;
      const limit = upperLimit(rows.length, own.length, deviations, request.risk);
      return [attribute, { tested: own.length, deviations, upperLimit: Number(limit.toFixed(6)) }];
    }),
  );
}

/** How many samples the owner rejected, by reason. */
export function rejectionsByReason({ versions }: ExportedLedger): Map<string, number> {
  const rejected = versions
    .filter(({ phase }) => phase === 'sample-selection')
    .flatMap(({ items }) => items.filter(({ decision }) => decision?.verdict === 'rejected'));
  return countBy(rejected, ({ decision }) => decision?.reasonCode ?? 'none');
}
