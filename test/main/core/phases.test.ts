// The phases as the laptop shows them: what may be done in each, what waits for whom on the first page, and what was sent.
import { afterEach, expect, test } from 'vitest';
import type { PhaseState, Report } from '../../../domain/change.ts';
import { phasesOf } from '../../../domain/flow.ts';
import type { PhaseStatus } from '../../../domain/flow.ts';
import { phases } from '../../../domain/phases.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { SignOff, Version } from '../../../domain/version.ts';
import { draftEdits } from '../../../main/core/desk/edits.ts';
import { home } from '../../../main/core/desk/home.ts';
import { assignOwners } from '../../../main/core/desk/owners.ts';
import { phaseDetail } from '../../../main/core/desk/phase-detail.ts';
import { recordTests } from '../../../main/core/desk/test-recording.ts';
import { commands } from '../../../preload/contract.ts';
import { at, contents, countsOf, receipt, reportId, testDesk, version } from './desk-builder.ts';
import type { TestDesk, Thing } from './desk-builder.ts';
import { regionPopulation } from './running-report.ts';
import {
  attributes,
  documentRecord,
  feedTested,
  lobs,
  ownerRecord,
  samples,
  testedDesk,
  testedReport,
  testRecord,
} from './tested-report.ts';

let desk: TestDesk;
afterEach(() => desk.close());

const get = (phase: PhaseSlug, lob: string | null = null) =>
  phaseDetail(desk, commands['phase:get'].input.parse({ reportId, phase, lob }));
const may = (phase: PhaseSlug, lob: string | null = null) => {
  const { complete, skip, setDeadline, record } = get(phase, lob).may;
  const said = (reason: { code: string } | null) => reason?.code ?? 'may';
  return { complete: said(complete), skip: said(skip), setDeadline: said(setDeadline), record: said(record) };
};
const things = (count: number): Thing[] =>
  Array.from({ length: count }, (_, index) => ({
    itemKey: `F-${index}`,
    source: { kind: 'proposed' },
    body: { attribute: `F-${index}`, mandatory: true, key: false, criticalDataElement: false, description: '' },
  }));
const lines = (of: Report, change: (line: PhaseState) => Partial<PhaseState>): Report => ({
  ...of,
  phases: of.phases.map((line) => ({ ...line, ...change(line) })),
});

test('every phase of a report can be looked at, and says what a person may do in it', () => {
  desk = testedDesk('mara', testedReport({ 'data-owner-id': 'in-work', 'request-info': 'not-started' }));
  for (const { slug, scope } of phases) {
    const detail = get(slug, scope === 'lob' ? 'Cards' : null);
    expect(detail.state).toMatchObject({ phase: slug });
    expect(detail.lob?.lob ?? null).toBe(scope === 'lob' ? 'Cards' : null);
  }
  expect(may('data-owner-id')).toEqual({ complete: 'incomplete', skip: 'may', setDeadline: 'may', record: 'may' });
  expect(may('scoping')).toMatchObject({ complete: 'out-of-turn', skip: 'out-of-turn', record: 'out-of-turn' });
  expect(may('test-execution', 'Cards')).toMatchObject({ complete: 'out-of-turn', skip: 'may', record: 'out-of-turn' });
  expect(may('test-report').skip).toBe('out-of-turn');
  expect(() => get('request-info', 'Elsewhere')).toThrow(
    /no phase Request for information of Elsewhere; lines of business: Cards, Retail/,
  );
  expect(() => get('planning', 'Cards')).toThrow(/it is of the whole report/);
  desk.close();
  desk = testedDesk('olga', testedReport({ 'data-owner-id': 'in-work' }));
  expect(may('data-owner-id')).toEqual({ complete: 'role', skip: 'role', setDeadline: 'role', record: 'role' });
  desk.close();
  desk = testedDesk('dana');
  expect(may('request-info', 'Cards')).toMatchObject({ record: 'may', complete: 'role' });
});

test('a phase is complete when everything in it is done here, also what is still on its way', () => {
  desk = testedDesk('tara', testedReport({ 'data-owner-id': 'in-work' }));
  const assign = (lob: string, attribute: string) =>
    assignOwners(desk, { reportId, assignments: [{ lob, attribute, dataOwnerId: 'dana', reason: '' }] }, desk.author);
  desk.feed([{ kind: 'records', records: lobs.map((lob) => ownerRecord(lob, 'AGE')) }]);
  expect(get('data-owner-id')).toMatchObject({ records: 2, delivery: null });
  assign('Cards', 'LIMIT_BAL');
  expect(get('data-owner-id').may.complete?.message).toMatch(/LIMIT_BAL of Retail/);
  assign('Retail', 'LIMIT_BAL');
  expect(get('data-owner-id')).toMatchObject({ may: { complete: null }, delivery: 'queued' });
  const place = { reportId, phase: 'data-owner-id', lob: null } as const;
  desk.outbox.queue([{ kind: 'phase.complete', ...place, withoutSamples: [], note: '' }], desk.author, at);
  expect(get('data-owner-id').may.complete?.message).toMatch(/waits for its receipt/);
  // Refused with the operations before it, each says so; nothing of it counts any more.
  const reason = { code: 'paused' as const, message: 'paused' };
  const all = desk.outbox.nextBatches({ limit: 9 }).flatMap((batch) => batch.operations);
  desk.outbox.applyReceipts(all.map(({ operation }) => receipt(operation, { state: 'refused', reason })));
  expect(get('data-owner-id')).toMatchObject({ may: { complete: { code: 'incomplete' } }, delivery: 'refused' });
});

test('documents have to be accepted, and tests to be done, before their phases are complete', () => {
  desk = testedDesk('tara', testedReport({ 'request-info': 'in-work' }));
  const why = (phase: PhaseSlug) => get(phase, 'Cards').may.complete?.message ?? null;
  expect(why('request-info')).toMatch(/no document was handed in/);
  desk.feed([{ kind: 'records', records: [documentRecord('Cards', { state: 'submitted' }, 1)] }]);
  expect(why('request-info')).toMatch(/1 document not accepted or rejected yet: Statement/);
  desk.feed([{ kind: 'records', records: [documentRecord('Cards', {}, 2)] }]);
  expect(why('request-info')).toBeNull();
  desk.feed([{ kind: 'report', report: testedReport({ 'request-info': 'skipped', 'test-execution': 'in-work' }) }]);
  const cards = samples.filter(({ itemKey }) => itemKey === 'S-0' || itemKey === 'S-2');
  const all = cards.flatMap(({ itemKey }) => attributes.map((attribute) => testRecord('Cards', itemKey, attribute)));
  desk.feed([{ kind: 'records', records: all.slice(1) }]);
  expect(why('test-execution')).toMatch(/1 test action missing: LIMIT_BAL of S-0/);
  const action = { itemKey: 'S-0', attribute: 'LIMIT_BAL', found: 1000, result: 'pass' as const };
  recordTests(desk, commands['test:record'].input.parse({ reportId, lob: 'Cards', actions: [action] }), desk.author);
  expect(why('test-execution')).toBeNull();
});

test('sample selection per line of business is complete when each has a sample or can be named', () => {
  const selecting = testedReport({
    'sample-selection': 'in-review',
    'data-owner-id': 'in-work',
    'request-info': 'not-started',
  });
  desk = testedDesk('tara', selecting);
  expect(get('sample-selection').may.complete?.message).toMatch(/over the whole/);
  const ofLane = (lob: string, status: Version['status'], number = 1) =>
    version({ versionId: `version-${lob}-${number}`, lob, number, status, itemCount: 1 });
  desk.close();
  desk = testDesk('tara');
  desk.feed([{ kind: 'person', person: { personId: 'tara', name: 'Tara', roles: ['tester'] } }], 'directory');
  desk.feed([{ kind: 'report', report: selecting }]);
  expect(get('sample-selection').may.complete?.message).toMatch(/no line of business has an approved sample/);
  desk.feed([{ kind: 'version', version: ofLane('Cards', 'pending') }]);
  expect(get('sample-selection')).toMatchObject({
    versions: [{ lob: 'Cards' }],
    may: { complete: { code: 'incomplete' } },
  });
  desk.feed([{ kind: 'version', version: ofLane('Cards', 'approved') }]);
  expect(get('sample-selection').may.complete).toBeNull();
  desk.feed([{ kind: 'version', version: ofLane('Retail', 'pending') }]);
  expect(get('sample-selection').may.complete?.message).toMatch(/Retail/);
});

/** Rows of the first page for a person: phase, words and action. */
const waiting = () => home(desk).waiting.map((row) => `${row.phaseName}: ${row.needs} (${row.action})`);
function worldOf(
  personId: string,
  states: Partial<Record<PhaseSlug, PhaseStatus>>,
  over: Partial<Report> = {},
): TestDesk {
  const made = testDesk(personId);
  feedTested(made, testedReport(states, over));
  return made;
}

test('versions lead their people: to confirm and hand in, to decide, to answer, to hand in again', () => {
  const at10 = (personId: string, over: Partial<Version>) => {
    desk = worldOf(personId, { planning: 'in-work' });
    const proposed = { phase: 'planning', itemCount: 12, authorId: 'countersign', status: 'draft' } as const;
    desk.feed([{ kind: 'version', version: version({ ...proposed, counts: countsOf(12), ...over }) }]);
    desk.cache.storeContents(contents('version-1', things(12)));
    const rows = home(desk).waiting.filter((row) => row.phase === 'planning');
    return rows.map((row) => [row.needs, row.action, row.versionId, row.items]);
  };
  expect(at10('tara', {})).toEqual([['12 attributes to confirm and hand in', 'phase', 'version-1', 12]]);
  const [first] = things(1) as [Thing];
  const row = commands['edit:draft'].input.parse({
    versionId: 'version-1',
    edits: [{ edit: 'add', itemKey: 'x', fields: {} }],
  });
  expect(() => draftEdits(desk, row)).toThrow(/neither added/);
  const hash = contents('version-1', [first]).items[0]!.contentHash;
  const edit = { edit: 'set' as const, itemKey: 'F-0', contentHash: hash, fields: { description: 'key of the card' } };
  draftEdits(desk, { versionId: 'version-1', edits: [edit] });
  expect(waiting()).toEqual(['Planning: 12 attributes to confirm and hand in, 1 changed (phase)']);
  desk.close();
  expect(at10('olga', {})).toEqual([]);
  desk.close();
  const handedIn = { status: 'pending', authorId: 'tara' } as const;
  expect(at10('tara', handedIn)).toEqual([]);
  desk.close();
  expect(at10('tom', handedIn)).toEqual([['12 to decide of 12', 'review', 'version-1', 12]]);
  desk.close();
  const asked = {
    ...handedIn,
    reviewVerdict: 'revision-requested',
    counts: countsOf(12, { rejected: 2, approved: 10 }),
  } as const;
  expect(at10('tara', asked)).toEqual([['2 rejections to answer', 'revise', 'version-1', 2]]);
  desk.close();
  const rejected = { ...handedIn, status: 'rejected', reviewVerdict: 'rejected', reviewedAt: at } as const;
  expect(at10('lena', rejected)).toEqual([
    ['version 1 was rejected: change it and hand it in again', 'phase', 'version-1', 12],
  ]);
});

test('recorded work leads to what is open, then to completing the phase', () => {
  desk = worldOf('tara', { 'data-owner-id': 'in-work', 'request-info': 'not-started' });
  expect(waiting()).toEqual(['Data owner identification: 4 of 4 attributes without a data owner (phase)']);
  const all = lobs.flatMap((lob) => attributes.map((attribute) => ownerRecord(lob, attribute)));
  desk.feed([{ kind: 'records', records: all }]);
  expect(waiting()).toEqual([
    'Data owner identification: every attribute has a data owner: complete the phase (phase)',
  ]);
  const place = { reportId, phase: 'data-owner-id', lob: null } as const;
  desk.outbox.queue([{ kind: 'phase.complete', ...place, withoutSamples: [], note: '' }], desk.author, at);
  expect(waiting()).toEqual([]);
  desk.close();

  desk = worldOf('dana', { 'request-info': 'in-work' });
  expect(waiting()).toEqual(lobs.map((lob) => `Request for information of ${lob}: documents to hand in (phase)`));
  desk.feed([{ kind: 'records', records: [documentRecord('Cards', { state: 'rejected' }), documentRecord('Retail')] }]);
  expect(waiting()).toEqual(['Request for information of Cards: 1 document to hand in again (phase)']);
  desk.close();

  desk = worldOf('tara', { 'request-info': 'in-work' });
  expect(waiting()).toEqual([]);
  desk.feed([
    { kind: 'records', records: [documentRecord('Cards', { state: 'submitted' }), documentRecord('Retail')] },
  ]);
  expect(waiting()).toEqual([
    'Request for information of Cards: 1 document to accept or reject (phase)',
    'Request for information of Retail: the documents are accepted: complete the phase (phase)',
  ]);
  desk.close();

  desk = worldOf('tom', { 'request-info': 'completed', 'test-execution': 'in-work' });
  desk.feed([{ kind: 'records', records: [testRecord('Cards', 'S-0', 'AGE')] }]);
  expect(waiting()).toEqual([
    'Test execution of Cards: 3 of 4 test actions open (phase)',
    'Test execution of Retail: 4 of 4 test actions open (phase)',
  ]);
});

test('the report waits for one signature at a time', () => {
  const signed = Object.fromEntries(phasesOf('lob').map((phase) => [phase, 'completed'] as const));
  const rows = (personId: string, over: Partial<Version> = {}) => {
    desk = worldOf(personId, { ...signed, 'test-report': 'in-review' });
    const base = {
      phase: 'test-report',
      itemCount: 2,
      authorId: 'tara',
      summary: { itemsHash: 'c'.repeat(64) },
    } as const;
    desk.feed([{ kind: 'version', version: version({ ...base, ...over }) }]);
    const shown = waiting();
    desk.close();
    return shown;
  };
  const byLead: SignOff = {
    ...{ role: 'test-lead', actorId: 'lena', meaning: 'reviewed', note: '', itemsHash: 'c'.repeat(64) },
    ...{ operationId: 'elsewhere', decidedAt: at, appliedAt: at, voidedAt: null },
  };
  expect(rows('lena')).toEqual(['Test report: sign the report (phase)']);
  expect(rows('olga')).toEqual([]);
  const afterLead = { signOffs: [byLead], counts: countsOf(2, { approved: 2 }) };
  expect(rows('olga', afterLead)).toEqual(['Test report: sign the report (phase)']);
  expect(rows('lena', afterLead)).toEqual([]);
  expect(rows('lena', { counts: countsOf(2, { rejected: 1, approved: 1 }) })).toEqual([
    'Test report: review to submit (review)',
  ]);
  desk = testDesk('lena');
});

test('what is paused, over or expired waits for nobody but those who can change it', () => {
  const states = { 'request-info': 'completed', 'test-execution': 'in-work' } as const;
  desk = worldOf('tara', states, { paused: { at, reason: 'audit' }, problem: 'no column REGION' });
  expect(waiting()).toEqual([]);
  desk.feed([{ kind: 'report', report: testedReport(states, { ended: { at, reason: 'cancelled' } }) }]);
  expect(waiting()).toEqual([]);
  const of = testedReport(states);
  const still = of.lobs.map((row) => (row.lob === 'Cards' ? { ...row, status: 'paused' as const } : row));
  desk.feed([{ kind: 'report', report: { ...of, lobs: still } }]);
  expect(waiting()).toEqual(['Test execution of Retail: 4 of 4 test actions open (phase)']);
  const expired = lines(of, (line) => (line.lob === 'Retail' ? { expiredAt: at, dueAt: at } : {}));
  desk.feed([{ kind: 'report', report: { ...expired, problem: 'choose the lines of business: no column REGION' } }]);
  expect(waiting()).toEqual([
    ': choose the lines of business: no column REGION (open)',
    'Test execution of Cards: 4 of 4 test actions open (phase)',
  ]);
  desk.close();
  desk = testDesk('mara');
  feedTested(desk, expired);
  expect(waiting()).toContain(
    'Test execution of Retail: the deadline of Test execution of Retail passed: extend it, or skip the phase (phase)',
  );
});

test('a phase’s own deadline comes before the report’s, and what is due first stands first', () => {
  const of = testedReport(
    { 'request-info': 'completed', 'test-execution': 'in-work' },
    { dueAt: '2026-12-24T00:00:00.000Z' },
  );
  const due = '2026-12-01T00:00:00.000Z';
  desk = testDesk('tara');
  feedTested(
    desk,
    lines(of, (line) => (line.lob === 'Retail' && line.phase === 'test-execution' ? { dueAt: due } : {})),
  );
  expect(home(desk).waiting.map((row) => [row.lob, row.dueAt])).toEqual([
    ['Retail', due],
    ['Cards', '2026-12-24T00:00:00.000Z'],
  ]);
});

test('a population is wanted too where every phase that could be open was skipped from the start', () => {
  const skipped = new Set(['planning', 'data-profiling', 'scoping']);
  const first = lines(testedReport({}), (line) => ({ state: skipped.has(line.phase) ? 'skipped' : 'not-started' }));
  desk = testDesk('tara');
  desk.feed([{ kind: 'person', person: { personId: 'tara', name: 'Tara', roles: ['tester'] } }], 'directory');
  desk.feed([{ kind: 'report', report: first }]);
  expect(waiting()).toEqual(['Sample selection: a population to import (import)']);
});

test('a population is wanted from the first phase on, then a plan and a draw for each line of business that has none', () => {
  const first = lines(testedReport({ planning: 'in-work' }), (line) =>
    line.phase === 'planning' ? {} : { state: 'not-started' },
  );
  desk = testDesk('tara');
  desk.feed([{ kind: 'person', person: { personId: 'tara', name: 'Tara', roles: ['tester'] } }], 'directory');
  desk.feed([{ kind: 'report', report: first }]);
  expect(waiting()).toEqual(['Planning: a population to import (import)']);
  desk.feed([{ kind: 'population', population: { ...regionPopulation(), reportId } }]);
  expect(waiting()).toEqual([]);
  const selecting = lines(testedReport({ 'sample-selection': 'in-work', 'data-owner-id': 'completed' }), (line) =>
    line.lob === null ? {} : { state: 'not-started' },
  );
  desk.feed([{ kind: 'report', report: selecting }]);
  expect(waiting()).toEqual(['Sample selection: a sample to plan (plan)']);
  const plan = (planId: string, lob: string | null, versionId: string | null = null) =>
    ({
      kind: 'plan',
      plan: { planId, reportId, recordedAt: at, versionId, request: { lob, lobColumn: null } },
    }) as never;
  desk.feed([plan('plan-cards', 'Cards')]);
  expect(waiting()).toEqual(['Sample selection: a sample to draw (draw)']);
  desk.feed([plan('plan-cards', 'Cards', 'version-1')]);
  expect(waiting()).toEqual(['Sample selection: a sample to plan for 1 line of business (plan)']);
  desk.feed([plan('plan-retail', 'Retail', 'version-2')]);
  expect(waiting()).toEqual([]);
  desk.feed([{ kind: 'version', version: version({ lob: 'Cards', status: 'rejected', reviewVerdict: 'rejected' }) }]);
  expect(waiting()).toEqual(['Sample selection: version 1 was rejected: a sample to plan or draw again (plan)']);
});

test('what was sent stands with its phase in words, newest first', () => {
  desk = testedDesk('tara', testedReport({ 'data-owner-id': 'in-work' }));
  const assignments = [{ lob: 'Cards', attribute: 'AGE', dataOwnerId: 'dana', reason: '' }];
  assignOwners(desk, { reportId, assignments }, desk.author);
  desk.outbox.queue(
    [
      { kind: 'version.submit', reportId, versionId: 'version-scoping', edits: [], note: '' },
      { kind: 'phase.complete', reportId, phase: 'test-execution', lob: 'Cards', withoutSamples: [], note: '' },
      { kind: 'evidence.read', reportId, lob: 'Cards', documentId: 'document-1', revision: 2 },
      { kind: 'phase.skip', reportId, phase: 'observations', lob: 'Cards', reason: 'no time' },
    ],
    desk.author,
    at,
  );
  expect(home(desk).sent.map((row) => `${row.phaseName}: ${row.what}, ${row.delivery}`)).toEqual([
    'Test execution of Cards: values read from a document, queued',
    'Test execution of Cards: completed, queued',
    'Scoping: handed in, queued',
    'Data owner identification: 1 data owner, queued',
  ]);
  expect(get('test-execution', 'Cards').delivery).toBe('queued');
  expect(get('test-execution', 'Retail').delivery).toBeNull();
});
