// What each rule refuses, as tables; and that a refusal or conflict changes nothing but receipt and ledger.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationBody, SignedOperation } from '../../../domain/operation.ts';
import type { Version } from '../../../domain/version.ts';
import { recordFailure, recordPopulation, reportSummary } from '../../../worker/store/follow-up.ts';
import { endReport } from '../../../worker/store/report-state.ts';
import { readPopulation } from '../../../worker/store/sample-rows.ts';
import { readLedger } from '../../../worker/store/writing.ts';
import {
  approve,
  boundTo,
  carryOut,
  drawn,
  drawnRows,
  inReview,
  openTestStore,
  reject,
  reviewed,
  revised,
  testPopulationHash,
  withPlan,
  withReport,
} from '../../builders.ts';
import type { TestPerson, TestStore } from '../../builders.ts';

let test: TestStore;
beforeEach(async () => {
  test = await openTestStore();
});
afterEach(() => test.close());

/** Sends one operation and answers with its receipt's state and code. */
async function sent(by: TestPerson, body: unknown) {
  const operation: SignedOperation = test.laptops[by].operation(body as OperationBody);
  await test.send([operation]);
  const receipt = await test.receipt(operation.operation.operationId);
  return { ...receipt, said: `${receipt.state} ${receipt.reason?.code ?? ''}`.trim() };
}

const request = {
  populationHash: testPopulationHash,
  keyColumn: 'ID',
  lobColumn: null,
  ...{ risk: 0.05, tolerable: 0.05, expected: 0, sampleSize: null },
  seed: '20261120',
  seedOrigin: 'given',
};

describe('before there is a version', () => {
  let reportId: string;
  beforeEach(async () => {
    reportId = await withReport(test);
  });

  const report = (over: object = {}) => ({
    reportId: 'report-new1',
    name: 'New',
    assignments: [{ personId: 'tara', role: 'tester' }],
    ...over,
  });
  const cycle = (over: object = {}, reports: object[] = [report()]) => ({
    ...{ kind: 'cycle.start', cycleId: 'cycle-new1', name: 'Another', reports },
    ...over,
  });
  const cycles: [string, TestPerson, () => unknown, string][] = [
    ['a tester', 'tara', () => cycle(), 'refused role'],
    ['a known cycle id', 'mara', () => cycle({ cycleId: 'cycle-of-report-0001' }), 'refused out-of-turn'],
    ['a report of another cycle', 'mara', () => cycle({}, [report({ reportId: 'report-0001' })]), 'refused malformed'],
    ['a report named twice', 'mara', () => cycle({}, [report(), report()]), 'refused malformed'],
    [
      'somebody who does not exist',
      'mara',
      () => cycle({}, [report({ assignments: [{ personId: 'zoe', role: 'tester' }] })]),
      'refused unknown-person',
    ],
    [
      'a tester as report owner',
      'mara',
      () => cycle({}, [report({ assignments: [{ personId: 'tara', role: 'report-owner' }] })]),
      'refused role',
    ],
    ['a test manager', 'mara', () => cycle(), 'applied'],
  ];
  it.each(cycles)('starting a cycle: %s', async (_name, by, body, said) => {
    expect((await sent(by, body())).said).toBe(said);
  });

  const assignments: [string, TestPerson, object, string][] = [
    ['by a tester', 'tara', { personId: 'nina', role: 'report-owner', assigned: true }, 'refused role'],
    ['of somebody unknown', 'mara', { personId: 'zoe', role: 'tester', assigned: true }, 'refused unknown-person'],
    ['as what one is not', 'mara', { personId: 'nina', role: 'tester', assigned: true }, 'refused role'],
    [
      'taking the last manager away',
      'mara',
      { personId: 'mara', role: 'test-manager', assigned: false },
      'refused out-of-turn',
    ],
    ['of an owner', 'mara', { personId: 'nina', role: 'report-owner', assigned: true }, 'applied'],
  ];
  it.each(assignments)('an assignment %s', async (_name, by, over, said) => {
    expect((await sent(by, { kind: 'assignment.set', reportId, ...over })).said).toBe(said);
  });

  it('refuses what is about a report that does not exist', async () => {
    const operation = { kind: 'sample.draw', reportId: 'report-none', planId: 'plan-0001', redrawReason: null };
    expect((await sent('tara', operation)).said).toBe('refused not-found');
  });

  it('lets the report owner neither import nor plan nor draw: the audited side does not shape the sample', async () => {
    const planId = await withPlan(test, reportId);
    const file = { fileHash: 'b'.repeat(64), fileSize: 1, fileName: 'x.csv', keyColumn: null };
    const acts = [
      { kind: 'population.import', reportId, ...file },
      { kind: 'sample.plan', reportId, planId: 'plan-0002', request },
      { kind: 'sample.draw', reportId, planId, redrawReason: null },
    ];
    for (const act of acts) expect((await sent('olga', act)).said).toBe('refused role');
    for (const act of acts) expect((await sent('nina', act)).said).toBe('refused role');
  });

  const plans: [string, object, string][] = [
    ['without a population', { populationHash: 'f'.repeat(64) }, 'refused population-not-ready'],
    ['with a column that is not there', { keyColumn: 'NAME' }, 'refused impossible-plan'],
    ['with a key that is not unique', { keyColumn: 'LOB' }, 'refused impossible-plan'],
    ['with a stratum column that is not there', { lobColumn: 'CITY' }, 'refused impossible-plan'],
    ['with a sample smaller than computed', { sampleSize: 58 }, 'refused impossible-plan'],
    ['with a sample larger than the population', { sampleSize: 30_001 }, 'refused impossible-plan'],
    ['with more strata than samples', { lobColumn: 'ID' }, 'refused impossible-plan'],
    ['with an expected rate above the tolerable one', { expected: 0.06 }, 'refused impossible-plan'],
    ['with a seed that is no integer', { seed: '1.5' }, 'refused malformed'],
    ['by the book', {}, 'applied'],
    ['with a larger sample', { sampleSize: 93 }, 'applied'],
  ];
  it.each(plans)('a plan %s', async (_name, over, said) => {
    await withPlan(test, reportId);
    const body = { kind: 'sample.plan', reportId, planId: 'plan-0002', request: { ...request, ...over } };
    expect((await sent('tara', body)).said).toBe(said);
  });

  it('works the plan out itself and records it with its seed', async () => {
    const planId = await withPlan(test, reportId, { planId: 'plan-0001' });
    const row = await test.store.db.selectFrom('plans').selectAll().executeTakeFirstOrThrow();
    expect(JSON.parse(row.plan_text)).toMatchObject({
      planId,
      ...{ populationSize: 30_000, method: 'hypergeometric', sampleSize: 59, acceptableDeviations: 0 },
      ...{
        binomialCheck: { sampleSize: 59, acceptableDeviations: 0 },
        recordedBy: 'tara',
        generator: 'sha256-counter',
      },
    });
  });

  it('draws a plan once, one draw at a time, and again only with a reason', async () => {
    const planId = await withPlan(test, reportId);
    const other = await withPlan(test, reportId);
    const draw = (id: string, redrawReason: string | null = null) => ({
      ...{ kind: 'sample.draw', reportId, planId: id, redrawReason },
    });
    expect((await sent('tara', draw('plan-none'))).said).toBe('refused not-found');
    const first = await sent('tara', draw(planId));
    expect(first.said).toBe('applied');
    expect((await sent('tara', draw(other))).said).toBe('refused out-of-turn');
    const { operationId } = first;
    const failed = { operationId, reportId, operation: 'create' as const, message: 'the file is gone' };
    await recordFailure(test.store, failed, test.clock);
    await drawn(test, reportId, planId);
    expect((await sent('tara', draw(planId, 'again'))).said).toBe('refused out-of-turn');
    expect((await sent('tara', draw(other))).said).toBe('refused reason-missing');
    expect((await sent('tara', draw(other, '  '))).said).toBe('refused reason-missing');
    expect((await sent('tara', draw(other, 'rows were missing'))).said).toBe('applied');
  });

  it('tells how an import ended once, and a failed one can be tried again', async () => {
    const file = { fileHash: testPopulationHash, fileSize: 1, fileName: 'x.csv', keyColumn: null };
    const { operationId } = await sent('tara', { kind: 'population.import', reportId, ...file });
    const state = { kind: 'failed' as const, message: 'it is empty' };
    const told = { operationId, reportId, populationHash: testPopulationHash, state };
    await recordPopulation(test.store, told, test.clock);
    const before = await reportSummary(test.store, reportId);
    await recordPopulation(test.store, told, test.clock);
    expect((await reportSummary(test.store, reportId))?.ledgerHead).toEqual(before?.ledgerHead);
    expect((await sent('tara', { kind: 'sample.plan', reportId, planId: 'plan-0002', request })).said).toBe(
      'refused population-not-ready',
    );
    await withPlan(test, reportId);
    expect((await sent('tara', { kind: 'sample.plan', reportId, planId: 'plan-0002', request })).said).toBe('applied');
  });
});

describe('what plans rest on', () => {
  it('a file that is imported again, and badly, leaves the profile that stands', async () => {
    const reportId = await withReport(test);
    await withPlan(test, reportId);
    const file = { fileHash: testPopulationHash, fileSize: 1, fileName: 'x.csv', keyColumn: 'NONE' };
    const { operationId } = await sent('tara', { kind: 'population.import', reportId, ...file });
    const state = { kind: 'failed' as const, message: 'the file has no column "NONE"' };
    await recordPopulation(
      test.store,
      { operationId, reportId, populationHash: testPopulationHash, state },
      test.clock,
    );
    const found = await readPopulation(test.store.db, reportId, testPopulationHash);
    expect(found?.population.state.kind).toBe('ready');
  });

  it('a report that is over takes nothing any more', async () => {
    const reportId = await withReport(test);
    await endReport(test.store, reportId, test.clock);
    const file = { fileHash: testPopulationHash, fileSize: 1, fileName: 'x.csv', keyColumn: null };
    expect((await sent('tara', { kind: 'population.import', reportId, ...file })).said).toBe('refused out-of-turn');
  });

  it('a refusal stands in the ledger in words', async () => {
    const reportId = await withReport(test);
    await sent('olga', { kind: 'sample.draw', reportId, planId: 'plan-0001', redrawReason: null });
    const entries = await readLedger(test.store, reportId);
    expect(entries.at(-1)?.summary).toMatch(/^tried to draw the sample; refused: only tester, /u);
    expect(entries[0]?.summary).toMatch(/with Tara .* as tester/u);
  });
});

describe('on a version in review', () => {
  let reportId: string;
  let version: Version;
  beforeEach(async () => {
    ({ reportId, version } = await inReview(test, { items: 3 }));
  });

  const counts = async () => (await reportSummary(test.store, reportId))?.versions.at(-1)?.counts;
  const decide = async (pairs: Parameters<typeof boundTo>[2], over: object = {}) => ({
    kind: 'decisions.record',
    reportId,
    versionId: version.versionId,
    decisions: (await boundTo(test, version.versionId, pairs)).map((row) => ({ ...row, ...over })),
  });
  const review = (over: object = {}) => ({
    kind: 'review.submit',
    reportId,
    versionId: version.versionId,
    verdict: 'approved',
    note: '',
    seen: { approved: 3, rejected: 0, pending: 0 },
    ...over,
  });
  const all = (decision = approve) => ['1001', '1002', '1003'].map((key) => [key, decision] as const);

  const reviewers: [string, TestPerson, string][] = [
    ['the tester, by role', 'tara', 'refused role'],
    ['the lead, by role', 'lena', 'refused role'],
    ['an owner of nothing here', 'nina', 'refused role'],
    ['the owner', 'olga', 'applied'],
    ['an owner who had no part in the sample', 'otto', 'applied'],
  ];
  it.each(reviewers)('decisions of %s', async (_name, by, said) => {
    expect((await sent(by, await decide(all()))).said).toBe(said);
    expect((await counts())?.approved).toBe(said === 'applied' ? 3 : 0);
  });

  it('refuses a reviewer who recorded the plan, drew the sample or made an earlier version of it', async () => {
    const mine = await withReport(test, 'report-0002');
    const planned = await withPlan(test, mine, { by: test.laptops.otto });
    const byTara = await drawn(test, mine, planned);
    const body = { ...review(), reportId: mine, versionId: byTara.versionId };
    expect((await sent('otto', body)).reason).toMatchObject({
      code: 'four-eyes',
      message: expect.stringContaining('plan') as string,
    });

    const other = await withReport(test, 'report-0003');
    const byOtto = await drawn(test, other, await withPlan(test, other), { by: test.laptops.otto });
    expect((await sent('otto', { ...review(), reportId: other, versionId: byOtto.versionId })).said).toBe(
      'refused four-eyes',
    );
    await reviewed(test, byOtto, { '1001': reject('voided') });
    const next = await revised(test, byOtto);
    expect((await sent('otto', { ...review(), reportId: other, versionId: next.versionId })).said).toBe(
      'refused four-eyes',
    );
  });

  it('takes the decisions that fit and names each that does not, with what is here instead', async () => {
    await sent('olga', await decide([['1001', approve]]));
    const body = await decide([...all(reject('duplicate')), ['9999', approve]]);
    const [first, second, third, foreign] = body.decisions;
    const decisions = [
      { ...first, seenVerdict: 'pending' },
      { ...second, contentHash: 'd'.repeat(64) },
      third,
      foreign,
    ];
    const receipt = await sent('otto', { ...body, decisions });
    expect(receipt.state).toBe('conflict');
    expect(receipt.items.map((item) => [item.itemKey, item.reason.code, item.theirs?.verdict ?? null])).toEqual([
      ['1001', 'already-decided', 'approved'],
      ['1002', 'content-changed', 'pending'],
      ['9999', 'foreign-item', null],
    ]);
    expect(receipt.items[0]?.theirs).toMatchObject({ versionId: version.versionId, actorId: 'olga' });
    expect(await counts()).toEqual({ total: 3, approved: 1, rejected: 1, pending: 1, disputed: 0 });
  });

  it('refuses an operation that decides an item twice, whole', async () => {
    expect((await sent('olga', await decide([...all(), ['1001', approve]]))).said).toBe('refused malformed');
    expect((await counts())?.pending).toBe(3);
  });

  it('keeps every decision on an item in its history', async () => {
    await sent('olga', await decide([['1001', approve]]));
    await sent('olga', await decide([['1001', reject('other', 'a\u0000b <script>')]]));
    const history = await test.store.db
      .selectFrom('decisions')
      .select(['verdict', 'note'])
      .orderBy('applied_at')
      .execute();
    expect(history).toEqual([
      { verdict: 'approved', note: '' },
      { verdict: 'rejected', note: 'a\u0000b <script>' },
    ]);
    expect(await counts()).toEqual({ total: 3, approved: 0, rejected: 1, pending: 2, disputed: 0 });
  });

  const reviews: [string, ReturnType<typeof all>, object, string][] = [
    ['with pending items', [], { seen: { approved: 0, rejected: 0, pending: 3 } }, 'refused incomplete'],
    [
      'on other counts than the store has',
      all(),
      { seen: { approved: 2, rejected: 1, pending: 0 } },
      'conflict counts-differ',
    ],
    ['asking for a revision of nothing', all(), { verdict: 'revision-requested' }, 'refused reason-missing'],
    [
      'approving rejected items',
      all(reject('voided')),
      { seen: { approved: 0, rejected: 3, pending: 0 } },
      'refused incomplete',
    ],
    ['rejecting the whole without a note', all(), { verdict: 'rejected' }, 'refused reason-missing'],
    ['rejecting the whole with a note', all(), { verdict: 'rejected', note: 'wrong population' }, 'applied'],
    ['of a version that does not exist', all(), { versionId: 'v-00000000' }, 'refused not-found'],
    ['approving', all(), {}, 'applied'],
  ];
  it.each(reviews)('a review %s', async (_name, pairs, over, said) => {
    if (pairs.length > 0) await sent('olga', await decide(pairs));
    expect((await sent('olga', review(over))).said).toBe(said);
  });

  it('ends the phase when the whole version is rejected', async () => {
    const body = review({ verdict: 'rejected', note: 'no', seen: { approved: 0, rejected: 0, pending: 3 } });
    const answer = await test.send([test.laptops.olga.operation(body as OperationBody)]);
    // Recorded and closed at once, carried out by the follow-up.
    expect((await reportSummary(test.store, reportId))?.versions.at(-1)).toMatchObject({
      ...{ status: 'pending', reviewVerdict: 'rejected', reviewedBy: 'olga', reviewNote: 'no' },
    });
    await carryOut(test, answer.followUps);
    const summary = await reportSummary(test.store, reportId);
    expect(summary?.versions.at(-1)?.status).toBe('rejected');
    expect(summary?.report.phases.find((row) => row.phase === 'sample-selection')).toMatchObject({
      ...{ state: 'rejected', outcome: 'SampleSelectionRejected', reason: 'no' },
    });
  });

  it('refuses a review of a version without items', async () => {
    const empty = await withReport(test, 'report-0002');
    const made = await drawn(test, empty, await withPlan(test, empty), { rows: [] });
    const body = review({ reportId: empty, versionId: made.versionId, seen: { approved: 0, rejected: 0, pending: 0 } });
    expect((await sent('olga', body)).said).toBe('refused empty-review');
  });

  it('turns everything away that comes after the first review', async () => {
    await reviewed(test, version);
    expect((await sent('otto', review())).said).toBe('conflict version-reviewed');
    expect((await sent('otto', await decide([['1001', reject('voided')]]))).said).toBe('conflict version-reviewed');
    expect((await counts())?.approved).toBe(3);
  });

  it('shows a late decision on an old version both states: what the newest has, or what the old one had', async () => {
    const late = await decide(all(reject('too-costly')));
    await reviewed(test, version, { '1001': reject('duplicate') });
    const next = await revised(test, version);
    const receipt = await sent('otto', late);
    expect(receipt.said).toBe('conflict version-superseded');
    expect(receipt.items.map((item) => [item.itemKey, item.theirs?.versionId, item.theirs?.verdict])).toEqual([
      ['1001', version.versionId, 'rejected'],
      ['1002', next.versionId, 'approved'],
      ['1003', next.versionId, 'approved'],
    ]);
  });

  it('accepts a revision only when one was asked for, whole, and by a tester', async () => {
    const answerAll = (answer: object) => ({
      kind: 'revision.submit',
      reportId,
      versionId: version.versionId,
      answers: [{ itemKey: '1001', ...answer }],
      note: '',
    });
    expect((await sent('tara', answerAll({ contentHash: 'a'.repeat(64), answer: 'replace' }))).said).toBe(
      'refused out-of-turn',
    );
    await reviewed(test, version, { '1001': reject('too-costly'), '1002': reject('voided') });
    const [one, two] = (await decide(all())).decisions;
    const keep = { itemKey: '1001', contentHash: one?.contentHash, answer: 'keep', rationale: 'it is affordable' };
    const replace = { itemKey: '1002', contentHash: two?.contentHash, answer: 'replace' };
    const submit = (answers: object[]) => ({ ...answerAll({}), answers });
    expect((await sent('olga', submit([keep, replace]))).said).toBe('refused role');
    expect((await sent('tara', submit([keep]))).said).toBe('refused incomplete');
    const costly = { ...replace, itemKey: '1001', contentHash: one?.contentHash };
    expect((await sent('tara', submit([costly, replace]))).said).toBe('refused not-replaceable');
    expect((await sent('tara', submit([keep, { ...replace, contentHash: 'e'.repeat(64) }]))).said).toBe(
      'conflict content-changed',
    );
    expect((await sent('tara', submit([keep, replace]))).said).toBe('applied');
    expect((await sent('tara', submit([keep, replace]))).said).toBe('refused out-of-turn');
  });

  it('lets the third revision be reviewed, but not ask for a fourth', async () => {
    let current = version;
    for (let revision = 1; revision <= 3; revision += 1) {
      const keys = drawnRows(3).map((row) => row.itemKey);
      const inIt = await boundTo(
        test,
        current.versionId,
        keys.map((key) => [key, approve]),
      );
      const known = inIt.find((row) => row.contentHash !== '0'.repeat(64));
      if (!known) throw new Error('nothing is left to reject');
      await reviewed(test, current, { [known.itemKey]: reject('voided') });
      current = await revised(test, current);
      expect(current).toMatchObject({ number: revision + 1, revision });
    }
    const last = await test.store.db
      .selectFrom('items')
      .select('item_key')
      .where('version_id', '=', current.versionId)
      .execute();
    const answer = await reviewed(test, current, { [last[0]?.item_key ?? '']: reject('voided') });
    expect(answer.outcomes.map((outcome) => outcome.state)).toEqual(['applied', 'refused']);
    expect(answer.followUps).toEqual([]);
  });
});
