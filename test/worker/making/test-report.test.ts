// What the report says of a whole cycle as the store has it: every detour of it is taken by the people's own operations, and each has
// to stand in its section.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { planRevision } from '../../../domain/revision.ts';
import type { ItemBody, Version } from '../../../domain/version.ts';
import { readEvidence } from '../../../worker/making/evidence.ts';
import { isWaiting } from '../../../worker/making/making.ts';
import { observationsMaker } from '../../../worker/making/observations.ts';
import { testReportMaker } from '../../../worker/making/test-report.ts';
import { revisionInput } from '../../../worker/store/making-input.ts';
import { expirePhase } from '../../../worker/store/phase-line.ts';
import { readReport } from '../../../worker/store/reports.ts';
import { currentVersion } from '../../../worker/store/version-rows.ts';
import { createRevision } from '../../../worker/store/versions.ts';
import type { NewItem } from '../../../worker/store/versions.ts';
import {
  advance,
  answered,
  boundTo,
  drawn,
  drawnRows,
  edited,
  handedIn,
  namedLobs,
  proposed,
  proposedItem,
  reject,
  reviewed,
  revised,
  startedReport,
  withPlan,
} from '../../builders.ts';
import { samplesOf } from '../store/lanes.ts';
import { openMakingWorld, withDocument } from './testing-lane.ts';
import type { MakingWorld } from './testing-lane.ts';

let world: MakingWorld;
beforeEach(async () => {
  world = await openMakingWorld();
});
afterEach(() => world.close());

const attributes = ['LIMIT_BAL', 'SEX', 'LOB'];
const due = '2026-11-22T00:00:00.000Z';

/** Planning, whose deadline passes; profiling left out by the manager; scoping with one attribute out. */
async function prepared(): Promise<string> {
  const { test } = world;
  const reportId = await startedReport(test, 'report-0001', {
    lobs: { kind: 'column', column: 'LOB' },
    skips: [
      { phase: 'data-profiling', reason: 'the bank profiles it daily' },
      { phase: 'data-owner-id', reason: 'one owner for all' },
    ],
  });
  await advance(test, reportId);
  await world.act('mara', {
    ...{ kind: 'deadline.set', reportId, phase: 'planning', lob: null, dueAt: due, remindBeforeSeconds: 0 },
    reason: 'the committee meets',
  });
  await expirePhase(test.store, reportId, 'planning', null, () => '2026-11-22T00:00:01.000Z');
  await world.act('mara', {
    ...{ kind: 'deadline.set', reportId, phase: 'planning', lob: null, dueAt: null, remindBeforeSeconds: 0 },
    reason: 'the committee waits',
  });
  const place = (phase: 'planning' | 'scoping') => ({ reportId, phase, lob: null });
  const planning = attributes.map((name) => proposedItem('planning', name));
  await reviewed(test, await handedIn(test, await proposed(test, place('planning'), planning)), {}, test.laptops.lena);
  await advance(test, reportId);
  const scoping = attributes.map((name) =>
    proposedItem('scoping', name, { inScope: name !== 'LOB', rationale: `because it is ${name}` }),
  );
  await reviewed(test, await handedIn(test, await proposed(test, place('scoping'), scoping)));
  await namedLobs(test, reportId);
  return reportId;
}

/** Drawn, drawn again, one replaced, one kept, approved. The last row was picked. */
async function sampled(reportId: string): Promise<void> {
  const { test } = world;
  await drawn(test, reportId, await withPlan(test, reportId, { lobColumn: 'LOB' }), { rows: drawnRows(9) });
  const planId = await withPlan(test, reportId, { lobColumn: 'LOB' });
  const [picked] = drawnRows(1, 500);
  if (!picked) throw new Error('no row was made');
  const second = await drawn(test, reportId, planId, {
    rows: [...drawnRows(9), { ...picked, source: { kind: 'targeted', reason: 'the largest of all' } }],
    redrawReason: 'the first seed was seen before',
  });
  await reviewed(test, second, { '1001': reject('duplicate') });
  const third = await revised(test, second);
  await reviewed(test, third, { '1004': reject('too-costly', 'abroad') });
  await reviewed(test, await kept(third, '1004', 'it is in the plan'));
}

/** The next version of a sample, in which a rejected row is kept. */
async function kept(version: Version, itemKey: string, rationale: string): Promise<Version> {
  const { store, clock } = world.test;
  const { reportId, versionId, number } = version;
  const [bound] = await boundTo(world.test, versionId, [[itemKey, reject('too-costly')]]);
  const answer = { itemKey, contentHash: bound?.contentHash ?? '', answer: 'keep' as const, rationale };
  const { operationId } = await world.act('tara', {
    ...{ kind: 'revision.submit', reportId, versionId, answers: [answer], note: '' },
  });
  const { items, answers } = await revisionInput(store, versionId, operationId);
  const hashes = new Map(items.map((item) => [item.itemKey, item.contentHash]));
  const planned = planRevision(items, number, answers, (key) => hashes.get(key) ?? null);
  if (!planned.ok) throw new Error(planned.reason.message);
  const rows = planned.steps.flatMap((step): NewItem[] =>
    step.kind === 'item' ? [{ ...step, content: { contentHash: step.contentHash } }] : [],
  );
  const workflow = {
    workflowId: `report/${reportId}`,
    runId: 'run',
    stepId: 'step',
    activityName: 'createSampleRevision',
  };
  const input = { idempotencyKey: `revision/${operationId}`, operationId, reportId, versionId, rows, workflow };
  const made = await createRevision(store, input, clock);
  if (!made) throw new Error('no revision was made');
  return made;
}

async function propose(reportId: string): Promise<Record<string, ItemBody>> {
  const made = await testReportMaker.propose(world.deps, { reportId, lob: null, basis: [] });
  if (isWaiting(made)) throw new Error(made.waiting);
  return Object.fromEntries(made.items.map(({ itemKey, body }) => [itemKey, body]));
}

/** Lane 0 is tested from a document with two differences; its owner rejects one observation and the lead keeps it. */
async function testedByDocument(reportId: string): Promise<string> {
  const { test, deps } = world;
  const lob = 'lob 0';
  const samples = await samplesOf(test, reportId, lob);
  const lines = samples.map(({ itemKey, body }, index) => {
    const sex = index === 0 ? 'x' : String(body['SEX']);
    return `${itemKey},${sex},${index === 1 ? '1' : String(body['LIMIT_BAL'])}`;
  });
  const document = await withDocument(world, reportId, lob, `ID,SEX,LIMIT_BAL\n${lines.join('\n')}\n`);
  const { documentId, revision, fileHash } = document;
  const { operationId } = await world.act('tara', { kind: 'evidence.read', reportId, lob, documentId, revision });
  await readEvidence(deps, { operationId, reportId, lob, documentId, revision });
  await completed(reportId, 'test-execution', lob);
  const tests = await currentVersion(deps.store.db, reportId, 'test-execution', lob);
  const basis = [{ phase: 'test-execution' as const, versionId: tests?.versionId ?? '' }];
  const made = await observationsMaker.propose(deps, { reportId, lob, basis });
  if (isWaiting(made)) throw new Error(made.waiting);
  const draft = await proposed(test, { reportId, phase: 'observations', lob }, made.items);
  const edit = await edited(test, draft, 'SEX', { text: 'as the tester says it', rating: 'low' });
  const second = await handedIn(test, draft, [edit]);
  await reviewed(test, second, { LIMIT_BAL: reject('not-agreed', 'the extract is old') });
  const [bound] = await boundTo(test, second.versionId, [['LIMIT_BAL', reject('not-agreed')]]);
  const dispute = {
    ...{ itemKey: 'LIMIT_BAL', contentHash: bound?.contentHash ?? '', answer: 'dispute' as const },
    rationale: 'it is of the day',
  };
  await reviewed(test, await answered(test, second, [dispute], test.laptops.lena));
  await advance(test, reportId);
  return fileHash;
}

/** Lane 1 gets no documents, by the manager's wish, and passes by hand. */
async function testedByHand(reportId: string): Promise<void> {
  const { test } = world;
  const lob = 'lob 1';
  await world.act('mara', { kind: 'phase.skip', reportId, phase: 'request-info', lob, reason: 'seen on site' });
  await advance(test, reportId);
  const samples = await samplesOf(test, reportId, lob);
  await world.act('tara', {
    ...{ kind: 'test.record', reportId, lob },
    actions: samples.flatMap(({ itemKey, contentHash, body }) =>
      ['LIMIT_BAL', 'SEX'].map((attribute) => ({
        ...{ itemKey, contentHash, attribute, found: body[attribute] ?? null, result: 'pass' as const },
        ...{ notTestableReason: '', note: '', evidence: null, seenRevision: 0, reason: '' },
      })),
    ),
  });
  await completed(reportId, 'test-execution', lob);
}

async function completed(reportId: string, phase: 'test-execution', lob: string): Promise<void> {
  await world.act('tara', { kind: 'phase.complete', reportId, phase, lob, withoutSamples: [], note: '' });
  await advance(world.test, reportId);
}

it('every detour of a cycle stands in its section', async () => {
  const { test } = world;
  const reportId = await prepared();
  await sampled(reportId);
  await advance(test, reportId);
  const fileHash = await testedByDocument(reportId);
  await testedByHand(reportId);
  await world.act('mara', { kind: 'lob.control', reportId, lob: 'lob 2', act: 'cancel', reason: 'it was sold' });
  await advance(test, reportId);
  const report = await readReport(test.store.db, reportId);
  expect(report?.phases.find((line) => line.phase === 'test-report')?.state).toBe('in-work');

  const sections = await propose(reportId);
  expect(sections).toMatchObject({
    summary: {
      ...{ report: 'Credit card accounts', cycle: 'Cycle 2026 Q4', attributesInScope: 2, linesOfBusiness: 3 },
      ...{ randomSamples: 9, targetedSamples: 1, testActions: 14, deviations: 2, rejections: 2, redraws: 1 },
      ...{ observations: 2, disputed: 1, conclusionsSupported: 0, conclusionsNotSupported: 2 },
    },
    scope: { inScope: 'LIMIT_BAL, SEX', 'out of scope: LOB': 'because it is LOB' },
    population: { fileName: 'accounts.csv', rows: 30_000, importedBy: 'Tara Tester' },
    sample: { version: 4, random: 9, targeted: 1, seed: '20261120', 'targeted: 1500': 'the largest of all' },
    profiling: { rules: 0 },
    'attribute/LIMIT_BAL': {
      ...{ tested: 6, deviations: 1, untested: 3, targetedTested: 1, targetedDeviations: 0 },
      ...{ populationSize: 30_000, limitSampleSize: 9, limitDeviations: 4, conclusion: 'not supported' },
    },
    'lob/lob 0': { randomSamples: 3, targetedSamples: 1, status: 'finished', 'LIMIT_BAL: deviations': 1 },
    'lob/lob 1': { status: 'finished', 'skipped: request-info': 'seen on site', 'SEX: tested': 3 },
    'lob/lob 2': { status: 'cancelled', 'SEX: tested': 0 },
    observations: { observations: 2, disputed: 1, low: 1 },
    'observation/lob%200/SEX': { status: 'accepted by the report owner', rating: 'low', text: 'as the tester says it' },
    disputed: {
      'lob 0 / LIMIT_BAL':
        'Olga Owner rejected it as not agreed (the extract is old); Lena Lead keeps it: it is of the day',
    },
    rejections: {
      ...{ rejections: 2, replaced: 1, kept: 1 },
      'rejection 1': '1001 in version 2, by Olga Owner as duplicate: replaced by 1010',
      'rejection 2': '1004 in version 3, by Olga Owner as too costly to test (abroad): kept: it is in the plan',
    },
    redraws: { redraws: 1, 'version 2': expect.stringContaining(': the first seed was seen before') as string },
    skipped: {
      ...{ skippedPhases: 4, cancelledLobs: 1, 'line of business lob 2': 'cancelled: it was sold' },
      'Data profiling': 'the bank profiles it daily (Mara Manager)',
      'Request for information of lob 1': 'seen on site (Mara Manager)',
      'Observations of lob 1': expect.stringContaining('(by rule)') as string,
    },
    deadlines: { 'deadline 1': `Planning was due ${due} and was not done by then` },
    documents: { documents: 1, 'lob 0: document document-of-lob-0': expect.stringContaining(fileHash) as string },
    're-performance': {
      'test-execution / lob 1': expect.stringMatching(/^version 1, .* items [0-9a-f]{64}$/u) as string,
    },
  });
});

it('a report is proposed as the draft that somebody hands in, and proposed the same again', async () => {
  const reportId = await prepared();
  const made = await testReportMaker.propose(world.deps, { reportId, lob: null, basis: [] });
  expect(await testReportMaker.propose(world.deps, { reportId, lob: null, basis: [] })).toEqual(made);
  if (isWaiting(made)) throw new Error(made.waiting);
  expect(made.summary).toMatchObject({ sections: made.items.length, ledgerHash: expect.any(String) as string });
  await expect(testReportMaker.propose(world.deps, { reportId: 'report-none', lob: null, basis: [] })).rejects.toThrow(
    'the store has no report report-none',
  );
  expect(testReportMaker.rework).toBeUndefined();
});
