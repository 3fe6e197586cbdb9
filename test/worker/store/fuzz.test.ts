// Whatever arrives by a signal is sorted by the store without failing: any JSON, and real operations spoiled in one place.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OperationBody } from '../../../domain/operation.ts';
import { applyOperations } from '../../../worker/store/apply.ts';
import { openTestStore, withReport } from '../../builders.ts';
import type { TestStore } from '../../builders.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 1_000);
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

const nasty = fc.constantFrom<unknown>(
  ...[
    undefined,
    null,
    '',
    '__proto__',
    'constructor',
    '\u0000',
    '\ud800',
    "'; DROP TABLE operations; --",
    -1,
    1e308,
    [],
    {},
  ],
  ...[Number.MAX_SAFE_INTEGER, 'x'.repeat(20_000), JSON.parse('{"__proto__":{"role":"test-manager"}}') as unknown],
);

/** A value with a nasty thing at one place. */
function spoil(value: unknown, place: number, by: unknown): unknown {
  if (typeof value !== 'object' || value === null) return by;
  const entries = Object.entries(value);
  if (entries.length === 0) return by;
  const [name, inner] = entries[place % entries.length] as [string, unknown];
  const changed = place % 4 === 0 ? by : spoil(inner, Math.floor(place / 4), by);
  // Nothing in a list is what JSON cannot say: a member of an object is left out instead.
  if (Array.isArray(value)) return value.with(place % entries.length, changed ?? null);
  return { ...value, [name]: changed };
}

it(`sorts ${runs} random signals (seed ${seed})`, { timeout: 120_000 }, async () => {
  const reportId = await withReport(test);
  const { laptops } = test;
  const body = fc.constantFrom<OperationBody>(
    { kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned: true },
    { kind: 'sample.draw', reportId, planId: 'plan-0001', redrawReason: null, targeted: [] },
    {
      kind: 'review.submit',
      reportId,
      versionId: 'version-0001',
      verdict: 'approved',
      note: '',
      seen: { approved: 1, rejected: 0, pending: 0 },
    },
    {
      ...{ kind: 'version.submit', reportId, versionId: 'version-0001', note: '' },
      edits: [{ edit: 'set', itemKey: 'A', contentHash: 'a'.repeat(64), fields: { risk: 'low' } }],
    },
    {
      ...{ kind: 'report.sign', reportId, versionId: 'version-0001', meaning: 'reviewed' },
      ...{ itemsHash: 'a'.repeat(64), note: '' },
    },
    { kind: 'phase.complete', reportId, phase: 'sample-selection', lob: null, withoutSamples: [], note: '' },
    { kind: 'phase.skip', reportId, phase: 'observations', lob: 'lob 0', reason: 'not needed' },
    { kind: 'device.approve', deviceId: laptops.tara.deviceId },
  );
  const spoiled = fc.tuple(body, fc.nat(2_000), nasty, fc.boolean()).map(([one, place, by, after]) =>
    // Spoiled before it is signed, or after.
    after
      ? spoil(laptops.mara.operation(one), place, by)
      : laptops.mara.operation(spoil(one, place, by) as OperationBody),
  );
  const states: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(fc.jsonValue(), nasty, spoiled, spoiled), { maxLength: 3 }), async (raws) => {
      const incoming = raws.map((raw) => ({ raw, receivedAt: test.clock() }));
      const { outcomes } = await applyOperations(test.store, { kind: 'report', id: reportId }, incoming, test.clock);
      expect(outcomes).toHaveLength(raws.length);
      for (const { state } of outcomes) states[state] = (states[state] ?? 0) + 1;
    }),
    { numRuns: runs, seed, endOnFailure: true },
  );
  expect(states).toMatchObject({ 'dead-letter': expect.any(Number) as number, refused: expect.any(Number) as number });
  // What is right is applied afterwards as before.
  const good = laptops.mara.operation({
    ...{ kind: 'assignment.set', reportId, personId: 'lena', role: 'test-lead', assigned: true },
  });
  expect((await test.send([good])).outcomes).toMatchObject([{ state: 'applied', duplicate: false }]);
});
