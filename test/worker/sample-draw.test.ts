// Which rows a plan comes to, and which stand in for rejected ones.
import { describe, expect, test } from 'vitest';
import {
  CannotBeDone,
  drawPlan,
  drawReplacements,
  drawStratum,
  pickTargeted,
} from '../../worker/activities/sample-draw.ts';
import type { SamplePlanRequest } from '../../domain/sample-plan.ts';

/** A population of so many rows per stratum whose row at position 3 of `cards` has the key `cards-3`. */
function population(counts: { [stratum: string]: number } | number) {
  const strata =
    typeof counts === 'number'
      ? [{ name: null, count: counts }]
      : Object.entries(counts).map(([name, count]) => ({ name, count }));
  return {
    strata: async () => strata,
    rowsAt: async (
      _hash: string,
      _key: string,
      _lob: string | null,
      stratum: string | null,
      positions: readonly number[],
    ) =>
      positions.map((position) => ({ position, itemKey: `${stratum ?? 'row'}-${position}`, body: { ID: position } })),
  };
}

const request: SamplePlanRequest = {
  populationHash: 'a'.repeat(64),
  keyColumn: 'ID',
  lobColumn: null,
  lob: null,
  risk: 0.05,
  tolerable: 0.05,
  expected: 0,
  sampleSize: null,
  seed: '20261120',
  seedOrigin: 'given',
};

test('a plan over one stratum gives its size in draw order, each row once', async () => {
  const { rows, strata } = await drawPlan(population(30_000), { request, sampleSize: 59 });
  expect(rows).toHaveLength(59);
  expect(new Set(rows.map((row) => row.itemKey)).size).toBe(59);
  expect(rows.map((row) => row.source.drawPosition)).toEqual(Array.from({ length: 59 }, (_, index) => index + 1));
  expect(strata).toMatchObject([{ sampleSize: 59, weight: 1, record: { seed: '20261120', stratum: null } }]);
});

test('a larger sample of the same seed begins with the smaller one', async () => {
  const [small, large] = await Promise.all(
    [10, 30].map((sampleSize) => drawPlan(population(500), { request, sampleSize })),
  );
  expect(large?.rows.slice(0, 10)).toEqual(small?.rows);
});

test('a plan over lines of business gives each at least one, with weights and sub-seeds of its own', async () => {
  const { rows, strata } = await drawPlan(population({ cards: 900, loans: 99, other: 1 }), {
    request: { ...request, lobColumn: 'LOB' },
    sampleSize: 20,
  });
  expect(strata.map(({ record, sampleSize, weight }) => [record.stratum, sampleSize, weight])).toEqual([
    ['cards', 17, 0.9],
    ['loans', 2, 0.099],
    ['other', 1, 0.001],
  ]);
  expect(new Set(strata.map(({ record }) => record.subSeed)).size).toBe(3);
  expect(rows).toHaveLength(20);
});

test('a sample larger than its population is refused in words', async () => {
  await expect(drawPlan(population(10), { request, sampleSize: 11 })).rejects.toThrow(CannotBeDone);
});

test('replacements are the next rows in seed order that no version ever had', async () => {
  const one = population(200);
  const { rows: order } = await drawStratum(one, { request }, { name: null, count: 200 }, 0, 70);
  const usedKeys = new Set([...order.slice(0, 59), ...order.slice(60, 61)].map((row) => row.itemKey));
  const wanted = [4, 9].map((position) => ({ position, stratum: null }));
  const found = await drawReplacements(one, { request }, wanted, new Map([[null, 59]]), usedKeys);
  expect(found.get(4)).toEqual(order[59]);
  expect(found.get(9)).toEqual(order[61]);
});

test('when a stratum has no more rows, a replacement cannot be done', async () => {
  const none = drawReplacements(
    population(5),
    { request },
    [{ position: 0, stratum: null }],
    new Map([[null, 5]]),
    new Set(),
  );
  await expect(none).rejects.toThrow(CannotBeDone);
});

test('a plan for one line of business draws in that one alone, with its sub-seed', async () => {
  const plan = { request: { ...request, lobColumn: 'LOB', lob: 'loans' }, sampleSize: 7 };
  const { rows, strata } = await drawPlan(population({ cards: 900, loans: 99 }), plan);
  expect(strata).toMatchObject([{ sampleSize: 7, weight: 1, record: { stratum: 'loans' } }]);
  expect(rows.map((row) => row.source.stratum)).toEqual(rows.map(() => 'loans'));
  const whole = await drawPlan(population({ cards: 900, loans: 99 }), {
    request: { ...request, lobColumn: 'LOB' },
    sampleSize: 60,
  });
  const ofLoans = whole.rows.filter((row) => row.source.stratum === 'loans').map((row) => row.itemKey);
  expect(rows.map((row) => row.itemKey).slice(0, ofLoans.length)).toEqual(ofLoans);
  await expect(drawPlan(population({ cards: 900 }), plan)).rejects.toThrow(/no row of loans in its column "LOB"/);
});

test('a plan over named lines of business leaves the other rows out, with weights among the named', async () => {
  const plan = { request: { ...request, lobColumn: 'LOB' }, sampleSize: 10 };
  const { strata } = await drawPlan(population({ cards: 900, loans: 75, other: 25 }), plan, ['loans', 'other', 'none']);
  expect(strata.map(({ record, weight }) => [record.stratum, weight])).toEqual([
    ['loans', 0.75],
    ['other', 0.25],
  ]);
});

describe('targeted rows', () => {
  const rowsByKey = async (_hash: string, _key: string, keys: readonly string[]) =>
    new Map(
      keys.filter((key) => key !== 'x').map((key) => [key, { ID: key, LOB: key.startsWith('l') ? 'loans' : '' }]),
    );
  const picks = (...keys: string[]) => keys.map((itemKey) => ({ itemKey, reason: `${itemKey} looks odd` }));
  const picked = (targeted: { itemKey: string; reason: string }[], lob: string | null = null, drawn: string[] = []) =>
    pickTargeted({ rowsByKey }, { request: { ...request, lobColumn: 'LOB', lob } }, targeted, new Set(drawn));

  test('come by their keys in the order of the picks, with their reasons, once each', async () => {
    const rows = await picked(picks('l2', 'c1', 'l2'));
    expect(rows.map(({ itemKey, source }) => [itemKey, source])).toEqual([
      ['l2', { kind: 'targeted', reason: 'l2 looks odd' }],
      ['c1', { kind: 'targeted', reason: 'c1 looks odd' }],
    ]);
  });

  test('stay random when they were drawn anyway', async () => {
    expect(await picked(picks('l2', 'c1'), null, ['l2'])).toMatchObject([{ itemKey: 'c1' }]);
  });

  test('that the population does not have are named', async () => {
    await expect(picked(picks('c1', 'x'))).rejects.toThrow(
      new CannotBeDone('the population has no row with the key x: pick others'),
    );
  });

  test('of another line of business do not fit a plan for one', async () => {
    expect(await picked(picks('l1'), 'loans')).toHaveLength(1);
    await expect(picked(picks('l1', 'c1'), 'loans')).rejects.toThrow(/c1 is not of loans/);
    expect(await picked(picks('c1'), '(none)')).toHaveLength(1);
  });
});
