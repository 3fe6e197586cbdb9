// Delivery as networks do it: repeated, reordered, cut into any batches. The store has to end as a small model says.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ledgerFault } from '../../../domain/ledger.ts';
import type { BoundDecision, SignedOperation } from '../../../domain/operation.ts';
import { reasonCodes, reasonsFor, verdicts } from '../../../domain/decision.ts';
import type { Verdict } from '../../../domain/decision.ts';
import { reportSummary } from '../../../worker/store/follow-up.ts';
import { createSampleVersion } from '../../../worker/store/versions.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import { boundTo, approve, drawnRows, inReview, openTestStore, reject, reviewed, revised } from '../../builders.ts';

const keys = ['1001', '1002', '1003', '1004'];
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);

const decision = fc.record({
  itemKey: fc.constantFrom(...keys, '9999'),
  seenVerdict: fc.constantFrom(...verdicts),
  verdict: fc.constantFrom(...verdicts),
  reasonCode: fc.constantFrom(...reasonCodes),
  fits: fc.boolean(),
});
const operation = fc.record({
  by: fc.constantFrom('olga' as const, 'otto' as const),
  decisions: fc.uniqueArray(decision, { selector: (row) => row.itemKey, minLength: 1, maxLength: 4 }),
});
const scenario = fc.array(operation, { minLength: 1, maxLength: 6 }).chain((operations) =>
  fc.record({
    operations: fc.constant(operations),
    // Which operation arrives when: any order, any number of times; at the end each once more.
    arrivals: fc.array(fc.nat(operations.length - 1), { maxLength: 12 }),
    cuts: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 6 }),
  }),
);
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

async function play({ operations, arrivals, cuts }: Scenario): Promise<void> {
  const test = await openTestStore();
  try {
    const { reportId, version } = await inReview(test, { items: keys.length });
    const before = (await readLedger(test.store, reportId)).length;
    const hashes = new Map(
      (
        await boundTo(
          test,
          version.versionId,
          keys.map((key) => [key, approve]),
        )
      ).map((row) => [row.itemKey, row.contentHash]),
    );
    const signed = operations.map(({ by, decisions }) =>
      test.laptops[by].operation({
        kind: 'decisions.record',
        reportId,
        versionId: version.versionId,
        decisions: decisions.map((row): BoundDecision => ({
          itemKey: row.itemKey,
          contentHash: row.fits ? (hashes.get(row.itemKey) ?? 'f'.repeat(64)) : 'e'.repeat(64),
          seenVerdict: row.seenVerdict,
          decision:
            row.verdict === 'rejected' ? reject(row.reasonCode, 'because') : { ...approve, verdict: row.verdict },
        })),
      }),
    );
    const order = [...arrivals, ...operations.keys()];
    for (let from = 0, turn = 0; from < order.length; turn += 1) {
      const size = cuts[turn % cuts.length] ?? 1;
      await test.send(order.slice(from, from + size).map((index) => signed[index] as SignedOperation));
      from += size;
    }
    const model = new Map<string, Verdict>(keys.map((key) => [key, 'pending']));
    for (const index of new Set(order)) {
      for (const row of operations[index]?.decisions ?? []) {
        // What is said of other items than samples is not said of a sample.
        const isSaid = row.verdict !== 'rejected' || reasonsFor('sample-selection').includes(row.reasonCode);
        if (isSaid && row.fits && model.get(row.itemKey) === row.seenVerdict) model.set(row.itemKey, row.verdict);
      }
    }
    const rows = await test.store.db.selectFrom('verdicts').select(['item_key', 'verdict']).execute();
    const stored = new Map<string, Verdict>(keys.map((key) => [key, 'pending']));
    for (const row of rows) stored.set(row.item_key, row.verdict);
    expect(stored).toEqual(model);
    const summary = await reportSummary(test.store, reportId);
    const count = (verdict: Verdict) => [...model.values()].filter((value) => value === verdict).length;
    expect(summary?.versions[0]?.counts).toEqual({
      ...{ total: keys.length, disputed: 0 },
      ...{ pending: count('pending'), approved: count('approved'), rejected: count('rejected') },
    });
    const ledger = await readLedger(test.store, reportId);
    expect(ledger.length - before).toBe(operations.length);
    expect(ledgerFault(ledger, summary?.ledgerHead)).toBeNull();
  } finally {
    await test.close();
  }
}

it(`ends as the model says, whatever arrives how often and in which order (seed ${seed})`, async () => {
  await fc.assert(fc.asyncProperty(scenario, play), { numRuns: 25, seed });
});

it('makes a version once per key, however often the activity runs', async () => {
  const test = await openTestStore();
  const { reportId, planId, version, rows } = await inReview(test, { items: 3 });
  const row = await test.store.db.selectFrom('versions').selectAll().executeTakeFirstOrThrow();
  const again = await createSampleVersion(
    test.store,
    {
      idempotencyKey: row.idempotency_key,
      operationId: row.operation_id,
      reportId,
      planId,
      rows: [...rows, ...drawnRows(1, 90)],
      workflow: { workflowId: 'report/x', runId: 'another run', stepId: '2', activityName: 'drawSample' },
    },
    test.clock,
  );
  expect(again).toEqual(version);
  expect((await reportSummary(test.store, reportId))?.report.redraws).toBe(0);
  await test.close();
});

it('keeps at most one approved version and no gap in the numbers', async () => {
  const test = await openTestStore();
  const { reportId, version } = await inReview(test, { items: 3 });
  await reviewed(test, version, { '1001': reject('voided') });
  const second = await revised(test, version);
  await reviewed(test, second);
  const force = test.store.db.updateTable('versions').set({ status: 'approved' }).where('number', '=', 1).execute();
  await expect(force).rejects.toThrow('UNIQUE');
  const numbers = (await reportSummary(test.store, reportId))?.versions.map((row) => row.number);
  expect(numbers).toEqual([1, 2]);
  await test.close();
});

const tamperings: [string, string, RegExp][] = [
  ['a changed sentence', `update ledger set summary = 'approved all' where sequence = 3`, /entry 3 was changed/],
  [
    'a changed time',
    `update ledger set applied_at = '2020-01-01T00:00:00.000Z' where sequence = 2`,
    /entry 2 was changed/,
  ],
  ['a removed entry', 'delete from ledger where sequence = 3', /entry 3 is missing/],
  ['a cut tail', 'delete from ledger where sequence = (select max(sequence) from ledger)', /the ledger was cut/],
];
it.each(tamperings)('shows %s', async (_name, statement, fault) => {
  const { CompiledQuery } = await import('kysely');
  const test = await openTestStore();
  const { reportId } = await inReview(test, { items: 3 });
  const head = (await reportSummary(test.store, reportId))?.ledgerHead;
  expect(ledgerFault(await readLedger(test.store, reportId), head)).toBeNull();
  await test.store.db.executeQuery(CompiledQuery.raw(statement));
  expect(ledgerFault(await readLedger(test.store, reportId), head)).toMatch(fault);
  await test.close();
});
