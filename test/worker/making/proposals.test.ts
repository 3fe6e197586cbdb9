// What planning, profiling and scoping make, and which rows are recommended: from real populations, through the real store.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Edit, RuleBody } from '../../../domain/phase-item.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ItemBody, Version } from '../../../domain/version.ts';
import { makeNext } from '../../../worker/activities/make-version.ts';
import { dataProfilingMaker } from '../../../worker/making/data-profiling.ts';
import { isWaiting } from '../../../worker/making/making.ts';
import type { ChangedItem, Maker, MadeItems, MadePhase, MakingDeps, Subject } from '../../../worker/making/making.ts';
import { planningMaker } from '../../../worker/making/planning.ts';
import { recommendRows } from '../../../worker/making/sample-selection.ts';
import { scopingMaker } from '../../../worker/making/scoping.ts';
import type { RecommendationRequest } from '../../../worker/recommender/recommender.ts';
import { ruleBased } from '../../../worker/recommender/rule-based.ts';
import { recordPopulation } from '../../../worker/store/follow-up.ts';
import { openPhase, skipPhase } from '../../../worker/store/phase-line.ts';
import { currentVersion, readVersionItems } from '../../../worker/store/version-rows.ts';
import { proposeVersion } from '../../../worker/store/versions.ts';
import type { NewItem } from '../../../worker/store/versions.ts';
import { edited, handedIn, newestOf, openTestStore, reviewed, startedReport } from '../../builders.ts';
import type { TestStore } from '../../builders.ts';
import { csvOf, testPopulations } from '../population/imported.ts';
import type { Imported, TestPopulations } from '../population/imported.ts';
import { modelRun } from '../population/rule-model.ts';
import type { Row } from '../population/rule-model.ts';

let world: TestStore;
let populations: TestPopulations;
let deps: MakingDeps;
const reportId = 'report-0001';
const workflow = { workflowId: `report/${reportId}`, runId: 'r', stepId: '1', activityName: 'createVersion' };

beforeEach(async () => {
  world = await openTestStore();
  populations = await testPopulations();
  const { store, clock } = world;
  const nobody = () => Promise.reject(new Error('these makers read no files'));
  const contents = { receive: nobody, pathOf: nobody };
  deps = { store, populations: populations.store, contents, recommender: ruleBased, clock, log: () => {} };
  await startedReport(world, reportId);
});
afterEach(async () => {
  await populations.end();
  await world.close();
});

/** Imports a population into the report, as the activity does. */
async function imported(text: string): Promise<Imported> {
  const found = await populations.importText(text);
  const { populationHash, profile } = found;
  const operation = world.laptops.tara.operation({
    ...{ kind: 'population.import', reportId, fileHash: populationHash, fileSize: text.length },
    ...{ fileName: 'accounts.csv', keyColumn: null },
  });
  await world.send([operation]);
  const { operationId } = operation.operation;
  await recordPopulation(world.store, { operationId, reportId, populationHash, state: profile }, world.clock);
  return found;
}

/** What a phase rests on now. */
async function subject(...phases: PhaseSlug[]): Promise<Subject> {
  const basis: { phase: PhaseSlug; versionId: string }[] = [];
  for (const phase of phases) {
    const version = await currentVersion(world.store.db, reportId, phase, null);
    if (version) basis.push({ phase, versionId: version.versionId });
  }
  return { reportId, lob: null, basis };
}

async function made(maker: Maker, of: Subject): Promise<MadeItems> {
  const items = await maker.propose(deps, of);
  if (isWaiting(items)) throw new Error(items.waiting);
  return items;
}

/** The draft of a phase, as its activity makes it. */
async function draftOf(phase: MadePhase, { items, summary }: MadeItems): Promise<Version> {
  await openPhase(world.store, reportId, phase, null, world.clock);
  const rows = items.map(({ itemKey, body, source }): NewItem => ({
    ...{ itemKey, content: { body }, source, origin: { kind: 'new' }, verdict: 'pending' },
  }));
  const input = { idempotencyKey: phase, reportId, phase, lob: null, rows, summary, workflow };
  const version = await proposeVersion(world.store, input, world.clock);
  if (!version) throw new Error(`${phase} is not open`);
  return version;
}

/** Proposes a phase's version and has it handed in, with edits, and approved whole. */
async function approved(
  phase: MadePhase,
  items: MadeItems,
  edits: (version: Version) => Promise<Edit[]> = () => Promise.resolve([]),
): Promise<Version> {
  const draft = await draftOf(phase, items);
  const pending = await handedIn(world, draft, await edits(draft));
  await reviewed(world, pending, {}, phase === 'planning' ? world.laptops.lena : world.laptops.olga);
  return newestOf(world, pending);
}

const bodies = <Body extends ItemBody>({ items }: MadeItems) => items.map(({ body }) => body as Body);

/** 400 loans without a fault, and changes laid over some of them. */
function loans(changes: Record<number, Record<string, string>> = {}): Row[] {
  return Array.from({ length: 400 }, (_, index) => {
    const row = index + 1;
    const [opened, closed] = [day(row), day(row + 30)];
    return {
      ...{
        ID: String(row),
        LOAN_NO: `LN-${String(5_000 + row)}`,
        NAME: `Name ${row % 190}`,
        OPENED: opened,
        CLOSED: closed,
      },
      ...{ AMOUNT: String(1_000 + ((row * 37) % 500)), CURRENCY: row % 4 === 0 ? 'USD' : 'EUR' },
      ...changes[row],
    };
  });
}
const day = (number: number) => new Date(Date.UTC(2024, 0, number)).toISOString().slice(0, 10);
const csv = (rows: readonly Row[]) => csvOf([Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]);

const seeded = {
  11: { NAME: '' },
  12: { NAME: ' ' },
  30: { LOAN_NO: 'LN-5031' },
  77: { LOAN_NO: '5077' },
  90: { AMOUNT: '250000' },
  95: { AMOUNT: '-4' },
  120: { CURRENCY: 'eur' },
  200: { CLOSED: '2024-01-01' },
};

test('nothing is proposed before there is a population that could be read', async () => {
  for (const maker of [planningMaker, dataProfilingMaker, scopingMaker]) {
    expect(await maker.propose(deps, await subject())).toEqual({
      waiting: 'no population was imported yet that could be read: import one',
    });
  }
  expect(await recommendRows(deps, await subject(), { attempt: 1 })).toHaveProperty('waiting');
});

test('planning proposes the columns of the population that was imported last', async () => {
  await imported(csv(loans()));
  const { populationHash } = await imported('ID,AMOUNT\n1,5\n2,6\n');
  const items = await made(planningMaker, await subject());
  expect(items.items.map(({ itemKey, source }) => [itemKey, source.kind])).toEqual([
    ['ID', 'proposed'],
    ['AMOUNT', 'proposed'],
  ]);
  expect(items.summary).toMatchObject({
    populationHash,
    populationSize: 2,
    keyColumn: 'ID',
    attributes: 2,
    mandatory: 2,
  });
});

test('profiling finds the seeded exceptions, all of them and no others', async () => {
  const { populationHash } = await imported(csv(loans(seeded)));
  const items = await made(dataProfilingMaker, await subject('planning'));
  const failing = items.items.flatMap(({ itemKey, body }) => {
    const rule = body as RuleBody;
    return rule.exceptions > 0 ? [[itemKey, rule.exceptions, rule.exceptionKeys]] : [];
  });
  expect(failing).toEqual([
    ['uniqueness:LOAN_NO', 2, '30, 31'],
    ['format:LOAN_NO', 1, '77'],
    ['completeness:NAME', 2, '11, 12'],
    ['range:AMOUNT', 2, '90, 95'],
    ['allowed-values:CURRENCY', 1, '120'],
    ['cross-column:OPENED:CLOSED', 1, '200'],
  ]);
  expect(bodies<RuleBody>(items).every((rule) => rule.fault === '')).toBe(true);
  expect(items.summary).toMatchObject({
    populationHash,
    rules: items.items.length,
    rulesWithExceptions: 6,
    rulesNotRun: 0,
  });
  // The same data gives the same items.
  expect(await made(dataProfilingMaker, await subject('planning'))).toEqual(items);
});

test('one row that changes changes exactly the rules that speak of it', async () => {
  const run = async (changes: Record<number, Record<string, string>>) => {
    await imported(csv(loans(changes)));
    const items = await made(dataProfilingMaker, await subject());
    return new Map(items.items.map(({ itemKey, body }) => [itemKey, body]));
  };
  const before = await run({});
  const after = await run({ 120: { CURRENCY: 'eur' } });
  expect([...after.keys()]).toEqual([...before.keys()]);
  const changed = [...after].filter(([key, body]) => JSON.stringify(body) !== JSON.stringify(before.get(key)));
  expect(changed.map(([key]) => key)).toEqual(['allowed-values:CURRENCY']);
});

test('what planning approved decides what has to be complete', async () => {
  const rows = loans().map((row, index): Row => ({ ...row, NOTE: index < 200 ? 'x' : '' }));
  await imported(csv(rows));
  const planned = await made(planningMaker, await subject());
  const complete = async () =>
    bodies<RuleBody>(await made(dataProfilingMaker, await subject('planning')))
      .filter((rule) => rule.kind === 'completeness' && rule.attribute === 'NOTE')
      .map((rule) => [rule.exceptions, rule.description]);
  expect(await complete()).toEqual([]);
  await approved('planning', planned, async (draft) => [await edited(world, draft, 'NOTE', { mandatory: true })]);
  expect(await complete()).toEqual([[200, 'Every row has a value: planning calls it mandatory.']]);
});

test('a changed rule and a new one are run again, each with its own result or fault', async () => {
  await imported(csv(loans(seeded)));
  const items = await made(dataProfilingMaker, await subject());
  const range = items.items.find(({ itemKey }) => itemKey === 'range:AMOUNT');
  const given: ChangedItem[] = [
    { itemKey: 'range:AMOUNT', body: { ...range?.body, parameter: '0..' }, isNew: false },
    {
      itemKey: 'mine',
      body: { kind: 'format', attribute: 'CURRENCY', otherAttribute: null, parameter: '[A-Z', description: 'Capitals' },
      isNew: true,
    },
    {
      itemKey: 'also mine',
      body: {
        kind: 'format',
        attribute: 'CURRENCY',
        otherAttribute: null,
        parameter: '[A-Z]{3}',
        description: 'Capitals',
      },
      isNew: true,
    },
  ];
  const again = (await dataProfilingMaker.rework?.(deps, await subject(), given)) as RuleBody[];
  expect(again.map((rule) => [rule.parameter, rule.checked, rule.exceptionKeys])).toEqual([
    ['0..', 400, '95'],
    ['[A-Z', 0, ''],
    ['[A-Z]{3}', 400, '120'],
  ]);
  expect(again.map((rule) => rule.fault === '')).toEqual([true, false, true]);
  expect(again[1]).toMatchObject({ passRate: null, description: 'Capitals' });
});

test('rules of one version speak of one population, whatever was imported since', async () => {
  const first = await imported(csv(loans(seeded)));
  const draft = await draftOf('data-profiling', await made(dataProfilingMaker, await subject()));
  await imported(csv(loans()));
  const body = { kind: 'range', attribute: 'AMOUNT', otherAttribute: null, parameter: '0..', description: '' };
  const [rule] =
    (await dataProfilingMaker.rework?.(deps, await subject(), [{ itemKey: 'r', body, isNew: true }])) ?? [];
  expect(rule).toMatchObject({ exceptions: 1, exceptionKeys: '95' });
  expect(draft.summary['populationHash']).toBe(first.populationHash);
});

test('an edit handed in makes a version whose rule was run and whose summary counts anew', async () => {
  await imported(csv(loans(seeded)));
  const draft = await draftOf('data-profiling', await made(dataProfilingMaker, await subject()));
  const edit = await edited(world, draft, 'range:AMOUNT', { parameter: '0..1000000' });
  const { versionId } = draft;
  const add: Edit = {
    ...{ edit: 'add', itemKey: 'mine' },
    fields: { kind: 'format', attribute: 'NAME', parameter: '(' },
  };
  const submit = world.laptops.tara.operation({
    ...{ kind: 'version.submit', reportId, versionId, edits: [edit, add], note: '' },
  });
  const { followUps } = await world.send([submit]);
  const work = followUps.find((each) => each.kind === 'make-version');
  if (work?.kind !== 'make-version') throw new Error('nothing is to be made');
  const stopping = new AbortController().signal;
  await makeNext({ ...deps, mailer: null, enrolAtOnce: true, stopping }, work, workflow);
  const next = await newestOf(world, draft);
  expect(next).toMatchObject({
    ...{ number: 2, status: 'pending' },
    summary: { rules: draft.itemCount + 1, rulesWithExceptions: 6, rulesNotRun: 1 },
  });
  const stored = new Map((await readVersionItems(world.store.db, next.versionId)).map((item) => [item.itemKey, item]));
  expect(stored.get('range:AMOUNT')).toMatchObject({
    body: { parameter: '0..1000000', checked: 400, exceptions: 1, exceptionKeys: '95' },
    origin: { kind: 'edited' },
  });
  expect(stored.get('mine')?.body['fault']).toMatch(/regular expression/);
  expect(stored.get('completeness:NAME')?.body).toMatchObject({ exceptions: 2 });
});

test('scoping weighs the approved attributes by the approved rules', async () => {
  await imported(csv(loans(seeded)));
  await approved('planning', await made(planningMaker, await subject()), async (draft) => [
    await edited(world, draft, 'AMOUNT', { criticalDataElement: true }),
    await edited(world, draft, 'OPENED', { mandatory: false }),
  ]);
  await approved('data-profiling', await made(dataProfilingMaker, await subject('planning')));
  const items = await made(scopingMaker, await subject('planning', 'data-profiling'));
  expect(items.items.map(({ itemKey, body }) => [itemKey, body['inScope'], body['risk'], body['exceptions']])).toEqual([
    ['ID', false, 'low', 0],
    ['LOAN_NO', true, 'medium', 3],
    ['NAME', true, 'medium', 2],
    ['OPENED', true, 'medium', 1],
    ['CLOSED', true, 'medium', 1],
    ['AMOUNT', true, 'high', 2],
    ['CURRENCY', true, 'medium', 1],
  ]);
  expect(items.summary).toMatchObject({ attributes: 7, inScope: 6, criticalDataElements: 1, coverage: 0.857143 });
});

test('scoping without planning and profiling goes by the population, and knows of no exceptions', async () => {
  await imported(csv(loans(seeded)));
  for (const phase of ['planning', 'data-profiling'] as const) {
    await skipPhase(world.store, reportId, phase, null, 'not part of this test', world.clock);
  }
  const items = await made(scopingMaker, await subject('planning', 'data-profiling'));
  expect(items.items.map(({ body }) => body['exceptions'])).toEqual(Array.from({ length: 7 }, () => null));
  expect(items.summary).toMatchObject({ planningVersionId: null, profilingVersionId: null, inScope: 5 });
});

/** Profiling and scoping approved, with attributes taken out of scope. */
async function scoped(...outOfScope: string[]): Promise<Subject> {
  await imported(csv(loans(seeded)));
  await approved('data-profiling', await made(dataProfilingMaker, await subject()));
  const items = await made(scopingMaker, await subject('data-profiling'));
  await approved('scoping', items, (draft) =>
    Promise.all(outOfScope.map((name) => edited(world, draft, name, { inScope: false }))),
  );
  return subject('data-profiling', 'scoping');
}

test('rows are recommended that fail approved rules on attributes in scope', async () => {
  const recommended = await recommendRows(deps, await scoped('CURRENCY', 'LOAN_NO'), { attempt: 1 });
  expect(recommended).toEqual({
    picks: [
      { itemKey: '11', reason: 'fails an approved profiling rule: completeness of NAME' },
      { itemKey: '90', reason: expect.stringMatching(/: range of AMOUNT \(0\.\./) as string },
      { itemKey: '200', reason: 'fails an approved profiling rule: OPENED <= CLOSED' },
      { itemKey: '12', reason: 'fails an approved profiling rule: completeness of NAME' },
      { itemKey: '95', reason: expect.stringMatching(/: range of AMOUNT/) as string },
    ],
    by: { kind: 'rules' },
    fallback: '',
  });
});

test('a recommender is told the attributes that a row’s failed rules speak of, and no others', async () => {
  const asked: RecommendationRequest[] = [];
  const recommender = {
    recommend: (request: RecommendationRequest) => (asked.push(request), ruleBased.recommend(request)),
  };
  await recommendRows({ ...deps, recommender }, await scoped(), { attempt: 2 });
  expect(asked).toMatchObject([{ attempt: 2, limit: 10 }]);
  expect(asked[0]?.candidates.map(({ itemKey, body }) => [itemKey, body])).toEqual([
    ['11', { NAME: null }],
    ['12', { NAME: ' ' }],
    ['30', { LOAN_NO: 'LN-5031' }],
    ['31', { LOAN_NO: 'LN-5031' }],
    ['77', { LOAN_NO: '5077' }],
    ['90', { AMOUNT: 250_000 }],
    ['95', { AMOUNT: -4 }],
    ['120', { CURRENCY: 'eur' }],
    ['200', { OPENED: day(200), CLOSED: '2024-01-01' }],
  ]);
});

test('without approved rules nothing is recommended, and nobody is asked', async () => {
  await imported(csv(loans(seeded)));
  const recommender = { recommend: () => Promise.reject(new Error('nothing to choose from')) };
  const recommended = await recommendRows({ ...deps, recommender }, await subject('data-profiling'), { attempt: 1 });
  expect(recommended).toEqual({ picks: [], by: { kind: 'rules' }, fallback: '' });
});

test('every rule proposed on the card accounts has the figures that plain JavaScript finds in the raw file', async (context) => {
  const file = new URL('../../../../shared/data/credit-card-accounts.csv', import.meta.url);
  if (!existsSync(file)) return context.skip('../shared/data/credit-card-accounts.csv is not on this machine');
  const text = await readFile(file, 'utf8');
  const [header = [], ...lines] = text
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(','));
  const rows = lines.map((line): Row => Object.fromEntries(header.map((name, at) => [name, line[at] ?? ''])));
  await imported(text);
  await approved('planning', await made(planningMaker, await subject()));
  const begun = performance.now();
  const rules = bodies<RuleBody>(await made(dataProfilingMaker, await subject('planning')));
  console.log(
    `${rules.length} rules proposed and run on ${rows.length} rows in ${Math.round(performance.now() - begun)} ms`,
  );
  for (const rule of rules) {
    const { checked, exceptions } = modelRun(rule, rows);
    expect(rule).toMatchObject({
      ...{ checked, passed: checked - exceptions.length, exceptions: exceptions.length, fault: '' },
      passRate: Number(((checked - exceptions.length) / checked).toFixed(6)),
      exceptionKeys: exceptions.slice(0, 10).join(', '),
    });
  }
  const failing = new Set(rules.filter((rule) => rule.exceptions > 0).map((rule) => rule.kind));
  expect([...failing].sort()).toEqual(['allowed-values', 'cross-column', 'format', 'range']);
  const whole = rules.filter((rule) => rule.exceptions === 0).map((rule) => rule.kind);
  expect(whole).toEqual(expect.arrayContaining(['completeness', 'uniqueness']));
});
