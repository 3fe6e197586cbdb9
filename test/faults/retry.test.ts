// Fault k of mission.md: a version, its items and its decisions are there together or not at all, and a repeated call adds nothing.
// The store fails at each table that the work writes to, by triggers of the test.
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Answer, OperationBody } from '../../domain/operation.ts';
import { createSampleVersion } from '../../worker/store/versions.ts';
import {
  approve,
  boundTo,
  carryOut,
  drawnRows,
  handedIn,
  inReview,
  openTestStore,
  reject,
  reviewed,
  withPlan,
  withProposed,
  withReport,
} from '../builders.ts';
import type { TestPerson, TestStore } from '../builders.ts';

/** Brings a store to where the work can be done; what it answers with does the work, as often as it is called. */
type Prepare = (test: TestStore) => Promise<() => Promise<unknown>>;

/** Everything in the store, by table. */
async function wholeOf({ store }: TestStore): Promise<Map<string, unknown[]>> {
  const tables = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(store.db);
  const whole = new Map<string, unknown[]>();
  for (const { name } of tables.rows) {
    whole.set(name, (await sql`select * from ${sql.table(name)}`.execute(store.db)).rows);
  }
  return whole;
}

/** The tables that the work writes to, with how many rows it leaves in each: from a store in which nothing fails. */
async function effectOf(prepare: Prepare): Promise<Map<string, number>> {
  const test = await openTestStore();
  const work = await prepare(test);
  const before = await wholeOf(test);
  await work();
  const after = await wholeOf(test);
  await test.close();
  const changed = [...after].filter(([table, rows]) => JSON.stringify(rows) !== JSON.stringify(before.get(table)));
  return new Map(changed.map(([table, rows]) => [table, rows.length]));
}

/** Has nothing be written to a table, as a full disk would, while `work` is done. */
async function whileFull({ store }: TestStore, table: string, work: () => Promise<void>): Promise<void> {
  for (const statement of ['insert', 'update', 'delete']) {
    const trigger = sql.raw(`full_${statement} before ${statement} on "${table}"`);
    await sql`create trigger ${trigger} begin select raise(abort, 'the disk is full'); end`.execute(store.db);
  }
  await work();
  for (const statement of ['insert', 'update', 'delete'])
    await sql`drop trigger ${sql.raw(`full_${statement}`)}`.execute(store.db);
}

/** The work of one operation: its follow-ups, or (`itself`) its own application. */
async function sending(
  test: TestStore,
  by: TestPerson,
  body: unknown,
  itself = false,
): Promise<() => Promise<unknown>> {
  const operation = test.laptops[by].operation(body as OperationBody);
  if (itself) return () => test.send([operation]);
  const { followUps } = await test.send([operation]);
  return () => carryOut(test, followUps);
}

/** Observations A and B, of which the owner rejected B. */
async function halfRejected(test: TestStore) {
  const { version } = await withProposed(test, 'observations', ['A', 'B']);
  const first = await handedIn(test, version);
  await reviewed(test, first, { B: reject('incorrect') });
  const bound = await boundTo(test, first.versionId, [['B', approve]]);
  return { ...first, bound };
}

const works: [string, readonly string[], Prepare][] = [
  [
    'a revision that carries decisions',
    ['versions', 'items', 'bodies', 'decisions', 'verdicts', 'version_operations', 'ledger', 'changes', 'operations'],
    async (test) => {
      const { reportId, versionId, bound } = await halfRejected(test);
      const answers = bound.map(({ itemKey, contentHash }): Answer => ({
        ...{ itemKey, contentHash, answer: 'edit', fields: { text: 'Three of nine differ.' } },
      }));
      return sending(test, 'tara', { kind: 'revision.submit', reportId, versionId, answers, note: '' });
    },
  ],
  [
    'the version of a draw, asked for by another run each time',
    ['versions', 'items', 'bodies', 'plans', 'version_operations', 'ledger', 'changes', 'operations'],
    async (test) => {
      const reportId = await withReport(test);
      const planId = await withPlan(test, reportId);
      const draw = test.laptops.tara.operation({
        ...{ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted: [] },
      });
      await test.send([draw]);
      const { operationId } = draw.operation;
      const idempotencyKey = `report/${reportId}/sample-selection/-/draw/${planId}`;
      let run = 0;
      return () => {
        run += 1;
        const workflow = {
          workflowId: `report/${reportId}`,
          runId: `run-${run}`,
          stepId: `${run}`,
          activityName: 'draw',
        };
        const input = { idempotencyKey, operationId, reportId, planId, rows: drawnRows(3), workflow };
        return createSampleVersion(test.store, input, test.clock);
      };
    },
  ],
  [
    'a review that is carried out',
    ['versions', 'version_operations', 'reports', 'ledger', 'changes', 'operations'],
    async (test) => {
      const { version } = await withProposed(test, 'scoping', ['A']);
      const { reportId, versionId } = await handedIn(test, version);
      const decisions = await boundTo(test, versionId, [['A', approve]]);
      await test.send([test.laptops.olga.operation({ kind: 'decisions.record', reportId, versionId, decisions })]);
      const seen = { approved: 1, rejected: 0, pending: 0 };
      return sending(test, 'olga', { kind: 'review.submit', reportId, versionId, verdict: 'approved', note: '', seen });
    },
  ],
  [
    'decisions with their receipt',
    ['decisions', 'verdicts', 'versions', 'operations', 'receipts', 'ledger', 'changes', 'devices'],
    async (test) => {
      const { reportId, version, rows } = await inReview(test, { items: 3 });
      const { versionId } = version;
      const decisions = await boundTo(
        test,
        versionId,
        rows.map((row) => [row.itemKey, approve] as const),
      );
      return sending(test, 'olga', { kind: 'decisions.record', reportId, versionId, decisions }, true);
    },
  ],
];

describe('k: a version and its decisions commit together, and a retry does not duplicate them', () => {
  it.each(works)('%s', async (_name, atLeast, prepare) => {
    const effect = await effectOf(prepare);
    expect([...effect.keys()]).toEqual(expect.arrayContaining([...atLeast]));
    const test = await openTestStore();
    const work = await prepare(test);
    const before = await wholeOf(test);
    for (const table of effect.keys()) {
      await whileFull(test, table, () => expect(work(), table).rejects.toThrow('the disk is full'));
      expect(await wholeOf(test), `half of the work is there after ${table} failed`).toEqual(before);
    }
    await work();
    const once = await wholeOf(test);
    expect(new Map([...effect.keys()].map((table) => [table, once.get(table)?.length]))).toEqual(effect);
    // As a worker does that was killed before its answer arrived.
    await work();
    expect(await wholeOf(test), 'done twice').toEqual(once);
    await test.close();
  });
});
