// On the real server: the usual inputs of phase-changes.test.ts come to the same as there, and an edit of a signed report changes exactly
// its version, in exactly one section.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { differences, outcomeOf } from './cycle-outcome.ts';
import type { Outcome } from './cycle-outcome.ts';
import { applied, beginCycle, lobColumn } from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';
import { driveCycle, peopleOfDrivenCycles, withSecondDataOwner } from './driven-cycle.ts';
import { openLocalWorld } from './local-world.ts';
import { World } from './worker-world.ts';

let world: World;
let cycle: Cycle;
beforeAll(async () => {
  world = await World.open({ people: peopleOfDrivenCycles });
  cycle = await usualCycle(world);
});
afterAll(() => world.close());

async function usualCycle(on: World): Promise<Cycle> {
  const begun = await beginCycle(on, { lobs: lobColumn });
  await withSecondDataOwner(begun);
  await driveCycle(begun);
  return begun;
}

/** Read beside the worker. */
const outcomeNow = (): Promise<Outcome> => world.inStore(({ db }) => outcomeOf(db, cycle.reportId));

test('a cycle through signals comes to the same as one without a server', async () => {
  const local = await openLocalWorld(peopleOfDrivenCycles);
  try {
    const { reportId } = await usualCycle(local.world);
    expect(differences(await outcomeOf(local.store.db, reportId), await outcomeNow())).toEqual([]);
  } finally {
    await local.close();
  }
});

test('an edit of a signed report makes one version of it, in which one section differs; all other versions stay to the byte', async () => {
  const { reportId, tara } = cycle;
  const place = { reportId, phase: 'test-report' as const, lob: null };
  const before = (await outcomeNow()).versions;
  const signed = await tara.version(place, ({ status }) => status === 'approved');
  const sections = await tara.contents(signed.versionId);
  const edits = sections
    .filter(({ itemKey }) => itemKey === 'population')
    .map(({ itemKey, contentHash }) => {
      return { edit: 'set' as const, itemKey, contentHash, fields: { text: 'All accounts of the year.' } };
    });
  const { versionId } = signed;
  await applied(tara.settled({ kind: 'version.submit', reportId, versionId, edits, note: 'a wrong word' }));
  await tara.version(place, ({ status, number }) => status === 'pending' && number === 2);

  const { 'test-report 1': parent, 'test-report 2': made, ...others } = (await outcomeNow()).versions;
  const { 'test-report 1': earlier, ...unchanged } = before;
  expect(others).toEqual(unchanged);
  expect(parent?.items).toEqual(earlier?.items);
  const hashOf = new Map(parent?.items.map((section) => [section.itemKey, section.contentHash]));
  expect(made?.items.map((section) => section.itemKey)).toEqual([...hashOf.keys()]);
  expect(made?.items.filter((section) => hashOf.get(section.itemKey) !== section.contentHash)).toMatchObject([
    { itemKey: 'population', verdict: 'pending' },
  ]);
});
