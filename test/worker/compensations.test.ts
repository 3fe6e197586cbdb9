// A step that fails for good, at each step of a cycle and by each strategy: it ends in the declared state, and a person brings it on.
// One cycle on a real store without a server, copied before each of its steps; that workflows come to the same on a server is
// compensations.server.test.ts.
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { actionsOf, endStateOf, settlementsOf, strategies } from '../../domain/compensation.ts';
import type { Compensation, Strategy } from '../../domain/compensation.ts';
import { stepsDue } from '../../domain/flow.ts';
import { ledgerFault } from '../../domain/ledger.ts';
import { compensate, readCompensation } from '../../worker/store/compensations.ts';
import type { Failed } from '../../worker/store/compensations.ts';
import { readFlow, skipPhase } from '../../worker/store/phase-line.ts';
import { lineOf, readReport } from '../../worker/store/reports.ts';
import { unfinishedWork } from '../../worker/store/report-state.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { applied, beginCycle, lobColumn } from './cycle-world.ts';
import { driveCycle, eventful, peopleOfDrivenCycles } from './driven-cycle.ts';
import { failingSteps, isOf } from './failing-steps.ts';
import type { FailingStep } from './failing-steps.ts';
import { openLocalWorld } from './local-world.ts';
import type { LocalWorld } from './local-world.ts';

const reason = 'EIO: the disk does not answer';
const clock = (): string => new Date().toISOString();

let driven: LocalWorld;
let folder: string;
let copies = 0;
/** The store as it was before each step, and what is to fail. */
const moments = new Map<string, { file: string; failed: Failed }>();
const open: LocalWorld[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-compensations-'));
  driven = await openLocalWorld(peopleOfDrivenCycles, {
    async before({ activityType, args, reportId, job }) {
      const step = failingSteps.find((each) => !moments.has(each.name) && isOf(each, activityType, args));
      if (!step) return;
      const file = join(folder, `${moments.size}.db`);
      await sql`vacuum into ${sql.lit(file)}`.execute(driven.store.db);
      const { phase, lob } = step;
      const operationId = 'operationId' in job ? job.operationId : null;
      const failed = { compensationId: 'k-0123456789', reportId, phase, lob, job: job.kind, operationId, reason };
      moments.set(step.name, { file, failed });
    },
  });
  await driveCycle(await beginCycle(driven.world, { lobs: lobColumn }), eventful);
}, 120_000);
afterEach(async () => {
  for (const local of open.splice(0)) await local.close();
});
afterAll(async () => {
  await driven.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Compensated {
  local: LocalWorld;
  reportId: string;
  compensation: Compensation;
}

/** A store of its own as it was before this step, and the step's failure. */
async function before(name: string): Promise<{ local: LocalWorld; failed: Failed }> {
  const moment = moments.get(name);
  if (!moment) throw new Error(`the cycle did not come to ${name}`);
  const copy = join(folder, `copy-${(copies += 1)}.db`);
  copyFileSync(moment.file, copy);
  const local = await driven.branch(copy);
  open.push(local);
  return { local, failed: moment.failed };
}

/** The step fails for good, and is compensated by this strategy: twice, as when an answer was lost. */
async function failAt(step: Pick<FailingStep, 'name'>, strategy: Strategy): Promise<Compensated> {
  const { local, failed } = await before(step.name);
  const compensation = await compensate(local.store, failed, strategy, clock);
  expect(await compensate(local.store, failed, strategy, clock)).toEqual(compensation);
  if (!compensation) throw new Error('nobody wanted the step');
  return { local, reportId: failed.reportId, compensation };
}

/** Whether the failed step would be begun now. */
async function isDue({ local: { store }, reportId, compensation }: Compensated): Promise<boolean> {
  const { phase, lob, operationId } = compensation;
  for (const lane of [null, 'cards']) {
    if (lane !== null && lane !== lob) continue;
    const steps = stepsDue(await readFlow(store.db, reportId, lane), clock());
    if (operationId === null && steps.some((each) => each.kind === 'propose' && each.phase === phase)) return true;
    const work = await unfinishedWork(store.db, reportId, lane);
    if (operationId !== null && work.some((each) => 'operationId' in each && each.operationId === operationId))
      return true;
  }
  return false;
}

const reportOf = async ({ local, reportId }: Compensated) => {
  const report = await readReport(local.store.db, reportId);
  if (!report) throw new Error('no report');
  return report;
};

const stateOf = async (at: Compensated) => lineOf(await reportOf(at), at.compensation)?.state;

async function operationOf({ local, compensation: { operationId } }: Compensated) {
  if (operationId === null) return null;
  return local.store.db
    .selectFrom('operations')
    .select(['follow_up_done_at', 'held_by'])
    .where('operation_id', '=', operationId)
    .executeTakeFirstOrThrow();
}

describe.each(strategies)('%s', (strategy) => {
  test.each(failingSteps.map((step) => ({ ...step })))('$name ends in its declared state', async (step) => {
    const at = await failAt(step, strategy);
    const { compensation, local, reportId } = at;
    const { compensationId } = compensation;
    const end = endStateOf(strategy, step.step, step.phase);
    expect(compensation).toMatchObject({
      ...{ strategy, reason, phase: step.phase, lob: step.lob, settled: null },
      state: end.waits ? 'waiting' : end.step === 'tried-on' ? 'notified' : 'done',
    });
    expect(compensation.actions.map(({ action }) => action)).toEqual(actionsOf(end));
    expect((await stateOf(at)) === 'not-started').toBe(end.phase === 'closed');
    const waiting = (await reportOf(at)).compensations ?? [];
    expect(waiting.map((row) => row.compensationId)).toEqual(end.waits ? [compensationId] : []);
    const operation = await operationOf(at);
    expect(operation === null).toBe(step.step === 'proposal');
    if (operation) {
      expect(operation.follow_up_done_at !== null).toBe(end.act === 'withdrawn');
      expect(operation.held_by).toBe(end.step === 'held' ? compensationId : null);
    }
    expect(await isDue(at)).toBe(end.step === 'tried-on');
    const told = await local.store.db
      .selectFrom('notifications')
      .select('person_id')
      .where('notification_id', 'like', `%compensation/${compensationId}%`)
      .execute();
    expect(told.map((row) => row.person_id)).toContain('mara');
    const ledger = await readLedger(local.store, reportId);
    expect(ledger.filter((entry) => entry.kind === 'step.compensated')).toHaveLength(1);
    expect(ledgerFault(ledger)).toBeNull();
  });

  test.each(failingSteps.map((step) => ({ ...step })))('$name: whoever may brings it on, nobody else', async (step) => {
    const at = await failAt(step, strategy);
    const { local, reportId, compensation } = at;
    const { compensationId } = compensation;
    const [mara, tara] = await Promise.all(['mara', 'tara'].map((personId) => local.world.laptop(personId)));
    if (!mara || !tara) throw new Error('a laptop is missing');
    const settle = { kind: 'compensation.settle' as const, reportId, compensationId, note: 'the disk is back' };
    const asTester = await tara.settled({ ...settle, choice: 'try-again' });
    expect(asTester).toMatchObject({ state: 'refused', reason: { code: 'role' } });
    const [choice] = settlementsOf(compensation);
    const unfit = choice === 'by-hand' ? 'withdraw' : 'by-hand';
    const vain = await mara.settled({ ...settle, choice: unfit });
    expect(vain).toMatchObject({ state: 'refused', reason: { code: 'out-of-turn' } });
    if (choice === undefined) return;
    await applied(mara.settled({ ...settle, choice }));
    expect(await readCompensation(local.store.db, compensationId)).toMatchObject({
      ...{ state: 'settled', settled: { choice, by: 'mara', note: settle.note } },
    });
    const operation = await operationOf(at);
    if (operation) expect(operation.follow_up_done_at).not.toBeNull();
    // What is tried again is done at once here, so the phase has gone on.
    expect(await isDue(at)).toBe(false);
    expect((await reportOf(at)).compensations).toBeUndefined();
    const again = await mara.settled({ ...settle, choice });
    expect(again).toMatchObject({ state: 'refused', reason: { code: 'out-of-turn' } });
  });
});

test('a phase that was closed by a rollback is opened and proposed when it is tried again', async () => {
  const at = await failAt({ name: 'assemble the report' }, 'rollback');
  const { local, reportId, compensation } = at;
  expect(lineOf(await reportOf(at), compensation)).toMatchObject({ state: 'not-started', openedAt: null, reason });
  const mara = await local.world.laptop('mara');
  const { compensationId } = compensation;
  const choice = 'try-again' as const;
  await applied(mara.settled({ kind: 'compensation.settle', reportId, compensationId, choice, note: 'again' }));
  expect(lineOf(await reportOf(at), compensation)).toMatchObject({ state: 'in-work', outcome: null });
  const tara = await local.world.laptop('tara');
  const place = { reportId, phase: 'test-report' as const, lob: null };
  expect(await tara.version(place, () => true)).toMatchObject({ status: 'draft', number: 1 });
});

test('a review that could not be carried out is taken back and given again', async () => {
  const at = await failAt({ name: 'settle scoping' }, 'partial-rollback');
  const { local, reportId, compensation } = at;
  const { compensationId } = compensation;
  const [mara, olga] = await Promise.all(['mara', 'olga'].map((personId) => local.world.laptop(personId)));
  if (!mara || !olga) throw new Error('a laptop is missing');
  const place = { reportId, phase: 'scoping' as const, lob: null };
  const { versionId, counts } = await olga.version(place, (version) => version.status === 'pending');
  const seen = { approved: counts.approved, rejected: counts.rejected, pending: counts.pending };
  const review = { kind: 'review.submit' as const, reportId, versionId, verdict: 'approved' as const, note: '', seen };
  // The review stands: nothing lands beside it until it is settled.
  expect(await olga.settled(review)).toMatchObject({ state: 'conflict', reason: { code: 'version-reviewed' } });
  const settle = { kind: 'compensation.settle' as const, reportId, compensationId, note: 'once more' };
  await applied(mara.settled({ ...settle, choice: 'withdraw' }));
  expect(await stateOf(at)).toBe('in-review');
  await applied(olga.settled(review));
  expect(lineOf(await reportOf(at), compensation)).toMatchObject({ state: 'completed', outcome: 'approved' });
});

test('a held step blocks its line in words that say who settles it', async () => {
  const { local, reportId } = await failAt({ name: 'draw the sample' }, 'partial-rollback');
  const tara = await local.world.laptop('tara');
  const draw = { kind: 'sample.draw' as const, reportId, planId: `plan-${reportId}`, redrawReason: null, targeted: [] };
  const receipt = await tara.settled(draw);
  expect(receipt.reason?.message).toMatch(/failed for good: a test manager has to settle that first/u);
});

test.each(['propose scoping', 'edit scoping', 'settle scoping', 'draw the sample', 'read the evidence'])(
  'a phase that is skipped needs no settlement any more: %s',
  async (name) => {
    const at = await failAt({ name }, 'partial-rollback');
    const { local, reportId, compensation } = at;
    const { compensationId, phase, lob } = compensation;
    const mara = await local.world.laptop('mara');
    await applied(mara.settled({ kind: 'phase.skip', reportId, phase, lob, reason: 'done in a meeting' }));
    expect(await stateOf(at)).toBe('skipped');
    expect((await reportOf(at)).compensations).toBeUndefined();
    expect(await readCompensation(local.store.db, compensationId)).toMatchObject({
      ...{ state: 'settled', settled: { choice: 'skipped', note: 'done in a meeting' } },
    });
    // What a person did there is taken back: it would be done, and fail, again and again.
    if (compensation.operationId !== null) expect((await operationOf(at))?.follow_up_done_at).not.toBeNull();
    expect(await isDue(at)).toBe(false);
  },
);

test('what is tried on in a phase, or fails in it after it was skipped, is taken back', async () => {
  const at = await failAt({ name: 'complete documents' }, 'notify');
  const { local, reportId, compensation } = at;
  const { phase, lob } = compensation;
  await skipPhase(local.store, reportId, phase, lob, 'done in a meeting', clock);
  expect((await operationOf(at))?.follow_up_done_at).not.toBeNull();

  const late = await before('complete documents');
  await skipPhase(late.local.store, reportId, phase, lob, 'done in a meeting', clock);
  expect(await compensate(late.local.store, late.failed, 'partial-rollback', clock)).toBeNull();
  expect((await operationOf({ ...at, local: late.local }))?.follow_up_done_at).not.toBeNull();
});

test('a step that is tried on and fails again says its last reason; nobody is told twice', async () => {
  const { local, failed } = await before('complete documents');
  await compensate(local.store, failed, 'notify', clock);
  const again = { ...failed, compensationId: `${failed.compensationId}-again`, reason: 'the disk is full' };
  expect(await compensate(local.store, again, 'notify', clock)).toMatchObject({
    ...{ compensationId: failed.compensationId, reason: 'the disk is full', actions: [{ action: 'notified' }] },
  });
  const { db } = local.store;
  const tracked = await db.selectFrom('tracking').select('entry_text').where('kind', '=', 'compensation').execute();
  expect(tracked.map((row) => JSON.parse(row.entry_text) as unknown)).toMatchObject([{ reason: 'the disk is full' }]);
});

test('a proposal that a compensation holds is not compensated by another', async () => {
  const { local, failed } = await before('propose scoping');
  expect(await compensate(local.store, failed, 'partial-rollback', clock)).toMatchObject({ state: 'waiting' });
  const again = { ...failed, compensationId: `${failed.compensationId}-again` };
  expect(await compensate(local.store, again, 'partial-rollback', clock)).toBeNull();
});

test('an act that a compensation holds is not compensated by another', async () => {
  const { local, failed } = await before('draw the sample');
  expect(await compensate(local.store, failed, 'partial-rollback', clock)).toMatchObject({ state: 'waiting' });
  const again = { ...failed, compensationId: `${failed.compensationId}-again` };
  expect(await compensate(local.store, again, 'rollback', clock)).toBeNull();
});

test('what nobody wants any more is not compensated', async () => {
  const { local, failed } = await before('propose scoping');
  const mara = await local.world.laptop('mara');
  const { reportId } = failed;
  await applied(mara.settled({ kind: 'report.control', reportId, act: 'cancel', reason: 'sold' }));
  expect(await compensate(local.store, failed, 'rollback', clock)).toBeNull();
});
