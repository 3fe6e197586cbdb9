// What observations are made from: the recorded version of a lane's testing, and what planning called critical.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isWaiting } from '../../../worker/making/making.ts';
import { observationsMaker } from '../../../worker/making/observations.ts';
import { currentVersion } from '../../../worker/store/version-rows.ts';
import {
  advance,
  handedIn,
  namedLobs,
  proposed,
  proposedItem,
  reviewed,
  startedReport,
  withPlan,
  drawn,
  drawnRows,
} from '../../builders.ts';
import { laneOf, samplesOf } from '../store/lanes.ts';
import { openMakingWorld, withDocument } from './testing-lane.ts';
import type { MakingWorld } from './testing-lane.ts';

let world: MakingWorld;
beforeEach(async () => {
  world = await openMakingWorld();
});
afterEach(() => world.close());

/** A lane whose testing is completed; `failing` are `key/attribute` of what failed. LIMIT_BAL is a critical data element. */
async function tested(failing: (keys: string[]) => string[]): Promise<string> {
  const { test } = world;
  const skipped = ['data-profiling', 'scoping', 'data-owner-id'] as const;
  const reportId = await startedReport(test, 'report-0001', {
    lobs: { kind: 'column', column: 'LOB' },
    skips: skipped.map((phase) => ({ phase, reason: 'not part of this test' })),
  });
  await advance(test, reportId);
  const attributes = [
    proposedItem('planning', 'LIMIT_BAL', { criticalDataElement: true }),
    proposedItem('planning', 'SEX'),
    proposedItem('planning', 'LOB'),
  ];
  const draft = await proposed(test, { reportId, phase: 'planning', lob: null }, attributes);
  await reviewed(test, await handedIn(test, draft), {}, test.laptops.lena);
  await advance(test, reportId);
  await namedLobs(test, reportId);
  const planId = await withPlan(test, reportId, { lobColumn: 'LOB' });
  await reviewed(test, await drawn(test, reportId, planId, { rows: drawnRows(12) }));
  await advance(test, reportId);
  const { documentId, revision } = await withDocument(world, reportId, laneOf, 'ID\n1\n');
  const samples = await samplesOf(test, reportId);
  const failed = new Set(failing(samples.map(({ itemKey }) => itemKey)));
  await world.act('tara', {
    ...{ kind: 'test.record', reportId, lob: laneOf },
    actions: samples.flatMap(({ itemKey, contentHash, body }) =>
      ['LIMIT_BAL', 'SEX', 'LOB'].map((attribute) => ({
        ...{ itemKey, contentHash, attribute, notTestableReason: '', note: '', seenRevision: 0, reason: '' },
        found: failed.has(`${itemKey}/${attribute}`) ? 'something else' : (body[attribute] ?? null),
        result: failed.has(`${itemKey}/${attribute}`) ? ('fail' as const) : ('pass' as const),
        evidence: { documentId, revision, locator: '' },
      })),
    ),
  });
  await world.act('tara', {
    kind: 'phase.complete',
    reportId,
    phase: 'test-execution',
    lob: laneOf,
    withoutSamples: [],
    note: '',
  });
  return reportId;
}

async function propose(reportId: string) {
  const version = await currentVersion(world.test.store.db, reportId, 'test-execution', laneOf);
  const basis = version ? [{ phase: 'test-execution' as const, versionId: version.versionId }] : [];
  return observationsMaker.propose(world.deps, { reportId, lob: laneOf, basis });
}

it('one for each attribute with a deviation, from the version that the lane recorded', async () => {
  const reportId = await tested((keys) => [`${keys[0]}/LIMIT_BAL`, `${keys[1]}/LIMIT_BAL`, `${keys[0]}/SEX`]);
  const made = await propose(reportId);
  if (isWaiting(made)) throw new Error(made.waiting);
  expect(made.items).toEqual([
    {
      ...{ itemKey: 'LIMIT_BAL', source: { kind: 'proposed' } },
      body: expect.objectContaining({ lob: laneOf, tested: 4, deviations: 2, notTestable: 0 }) as object,
    },
    { itemKey: 'SEX', source: { kind: 'proposed' }, body: expect.objectContaining({ deviations: 1 }) as object },
  ]);
  expect(made.items[0]?.body['text']).toContain('one step higher for a critical data element');
  expect(made.items[1]?.body['text']).not.toContain('critical');
  expect(made.summary).toMatchObject({ testActions: 12, deviations: 3 });
});

it('none, and what to do instead, when nothing deviates or nothing was tested', async () => {
  const reportId = await tested(() => []);
  expect(await propose(reportId)).toEqual({
    waiting: 'testing found no deviation in lob 0: a test manager can skip this phase',
  });
  const untested = { reportId, lob: 'lob 1', basis: [] };
  expect(await observationsMaker.propose(world.deps, untested)).toEqual({
    waiting: 'nothing was tested here, so there is nothing to observe: a test manager can skip this phase',
  });
});
