// Owns which rows a sample consists of: spreads a plan over its strata, draws positions and fetches their rows. Writes nothing.
import { contentHash } from '../../domain/canonical.ts';
import { lobOf } from '../../domain/in-scope.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import { allocate } from '../../domain/sampling/allocation.ts';
import { drawPositions } from '../../domain/sampling/draw.ts';
import type { DrawRecord } from '../../domain/sampling/draw.ts';
import type { ItemBody, ItemSource } from '../../domain/version.ts';
import type { PopulationStore } from '../population/population-store.ts';

/** A row that was drawn. `source.drawPosition` counts from 1 in the draw of its stratum. */
export interface DrawnRow {
  itemKey: string;
  body: ItemBody;
  contentHash: string;
  source: Extract<ItemSource, { kind: 'random' }>;
}

/** A stratum's part of a sample, as the version's summary discloses it. */
export interface DrawnStratum {
  record: DrawRecord;
  sampleSize: number;
  /** Share of the population's rows, 0 … 1. */
  weight: number;
}

/** Why the plan or the answers cannot be carried out: for a person, and recorded; trying again would not help. */
export class CannotBeDone extends Error {}

type Populations = Pick<PopulationStore, 'strata' | 'rowsAt'>;
type Plan = Pick<RecordedPlan, 'request' | 'sampleSize'>;
type Share = { name: string | null; count: number; sampleSize: number; weight: number };

/**
 * Draws a plan's whole random sample: stratum by stratum in the order the population gives them, each in draw order. A plan for one
 * line of business draws in that one alone.
 * @param names the strata that a plan over the whole is spread over, null for all (`strataOf`).
 */
export async function drawPlan(
  populations: Populations,
  plan: Plan,
  names: readonly string[] | null = null,
): Promise<{ rows: DrawnRow[]; strata: DrawnStratum[] }> {
  const { populationHash, keyColumn, lobColumn, lob } = plan.request;
  const found = await populations.strata(populationHash, keyColumn, lobColumn);
  const all = names === null ? found : found.filter(({ name }) => name !== null && names.includes(name));
  const shares = lob === null ? shareOut(plan.sampleSize, all) : [shareOfOne(plan, lob, all)];
  const rows: DrawnRow[] = [];
  const strata: DrawnStratum[] = [];
  for (const share of shares) {
    const drawn = await drawStratum(populations, plan, share, 0, share.sampleSize);
    rows.push(...drawn.rows);
    strata.push({ record: drawn.record, sampleSize: share.sampleSize, weight: share.weight });
  }
  return { rows, strata };
}

function shareOfOne(
  { request, sampleSize }: Plan,
  lob: string,
  strata: readonly Pick<Share, 'name' | 'count'>[],
): Share {
  const own = strata.find(({ name }) => name === lob);
  if (own) return { ...own, sampleSize, weight: 1 };
  throw new CannotBeDone(`the population has no row of ${lob} in its column "${request.lobColumn ?? ''}"`);
}

function shareOut(sampleSize: number, strata: readonly { name: string | null; count: number }[]): Share[] {
  const [only] = strata;
  if (only && strata.length === 1 && only.name === null) return [{ ...only, sampleSize, weight: 1 }];
  const named = strata.map(({ name, count }) => ({ name: name ?? '', count }));
  const allocation = allocate({ sampleSize, strata: named });
  if (allocation.kind === 'refused') throw new CannotBeDone(allocation.message);
  return allocation.shares.filter((share) => share.sampleSize > 0);
}

/**
 * Draws `count` more rows of one stratum, in seed order, after the first `from`.
 * @throws CannotBeDone when the stratum has no more rows.
 */
export async function drawStratum(
  populations: Populations,
  plan: Pick<RecordedPlan, 'request'>,
  stratum: { name: string | null; count: number },
  from: number,
  count: number,
): Promise<{ rows: DrawnRow[]; record: DrawRecord }> {
  const { populationHash, keyColumn, lobColumn, seed } = plan.request;
  const drawn = drawPositions({ seed, populationSize: stratum.count, stratum: stratum.name, from, count });
  if (drawn.kind === 'refused') throw new CannotBeDone(drawn.message);
  const found = await populations.rowsAt(populationHash, keyColumn, lobColumn, stratum.name, drawn.positions);
  const rows = found.map(({ itemKey, body }, index): DrawnRow => ({
    itemKey,
    body,
    contentHash: contentHash(body),
    source: { kind: 'random', drawPosition: from + index + 1, stratum: stratum.name },
  }));
  return { rows, record: drawn.record };
}

/** A row that a person or a model picked. */
export interface TargetedRow {
  itemKey: string;
  body: ItemBody;
  source: Extract<ItemSource, { kind: 'targeted' }>;
}

/**
 * The rows that were picked by key, each once, in the order of the picks. One that was drawn at random anyway stays random.
 * @throws CannotBeDone when the population has no such row, or the plan is for a line of business that it does not belong to.
 */
export async function pickTargeted(
  populations: Pick<PopulationStore, 'rowsByKey'>,
  { request }: Pick<RecordedPlan, 'request'>,
  targeted: readonly { itemKey: string; reason: string }[],
  drawnKeys: ReadonlySet<string>,
): Promise<TargetedRow[]> {
  if (targeted.length === 0) return [];
  const picks = new Map(targeted.map((pick) => [pick.itemKey, pick.reason]));
  const { populationHash, keyColumn, lobColumn, lob } = request;
  const found = await populations.rowsByKey(populationHash, keyColumn, [...picks.keys()]);
  const absent = [...picks.keys()].filter((itemKey) => !found.has(itemKey));
  if (absent.length > 0) {
    throw new CannotBeDone(`the population has no row with the key ${absent.slice(0, 10).join(', ')}: pick others`);
  }
  return [...picks].flatMap(([itemKey, reason]) => {
    const body = found.get(itemKey);
    if (!body || drawnKeys.has(itemKey)) return [];
    if (lob !== null && lobOf(body, lobColumn, [lob]) !== lob) {
      throw new CannotBeDone(`the picked row ${itemKey} is not of ${lob}, for which this sample is`);
    }
    return [{ itemKey, body, source: { kind: 'targeted' as const, reason } }];
  });
}

/** What a revision needs one row for. */
export interface Replacement {
  position: number;
  stratum: string | null;
}

/**
 * The next rows in seed order for items that are replaced, per stratum in the items' order, passing over keys that were ever in a version.
 * @param usedUpTo highest draw position (from 1) that any version of the plan used, per stratum.
 */
export async function drawReplacements(
  populations: Populations,
  plan: Pick<RecordedPlan, 'request'>,
  wanted: readonly Replacement[],
  usedUpTo: ReadonlyMap<string | null, number>,
  usedKeys: ReadonlySet<string>,
): Promise<Map<number, DrawnRow>> {
  const { populationHash, keyColumn, lobColumn } = plan.request;
  const sizes = await populations.strata(populationHash, keyColumn, lobColumn);
  const byPosition = new Map<number, DrawnRow>();
  for (const [stratum, items] of Map.groupBy(wanted, (item) => item.stratum)) {
    const size = sizes.find((entry) => entry.name === stratum);
    if (!size) throw new CannotBeDone(`the population has no stratum ${stratum ?? 'of the whole'}`);
    let from = usedUpTo.get(stratum) ?? 0;
    const open = [...items];
    while (open.length > 0) {
      const { rows } = await drawStratum(populations, plan, size, from, open.length);
      from += rows.length;
      for (const row of rows.filter((entry) => !usedKeys.has(entry.itemKey))) {
        const item = open.shift();
        if (item) byPosition.set(item.position, row);
      }
    }
  }
  return byPosition;
}
