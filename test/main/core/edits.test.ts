// An author's edits on real files: drafted, taken back, handed in, refused and drafted again; answers of all kinds; signatures.
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { contentHash } from '../../../domain/canonical.ts';
import { phasesOf } from '../../../domain/flow.ts';
import type { Operation } from '../../../domain/operation.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import { phaseOf } from '../../../domain/phases.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { Version } from '../../../domain/version.ts';
import { decideAgain } from '../../../main/core/desk/decide-again.ts';
import { recordDecisions } from '../../../main/core/desk/decisions.ts';
import { draftEdits, submitVersion, undoEdits } from '../../../main/core/desk/edits.ts';
import { itemDetail } from '../../../main/core/desk/item-life.ts';
import { listItems } from '../../../main/core/desk/items.ts';
import { dropEntry, listOutbox } from '../../../main/core/desk/outbox-list.ts';
import { draftAnswers, submitRevision, undoAnswers } from '../../../main/core/desk/revisions.ts';
import { signReport } from '../../../main/core/desk/signatures.ts';
import { versionDetail } from '../../../main/core/desk/version-detail.ts';
import { commands } from '../../../preload/contract.ts';
import type { ItemFilter } from '../../../preload/contract.ts';
import { at, contents, countsOf, decision, receipt, reportId, testDesk, version } from './desk-builder.ts';
import type { TestDesk, Thing } from './desk-builder.ts';
import { phaseLine } from './running-report.ts';
import { feedTested, testedReport, testRecord } from './tested-report.ts';

const later = '2026-11-22T09:00:00.000Z';
let desk: TestDesk;
afterEach(() => desk.close());

const proposed = { kind: 'proposed' } as const;
const rules: Thing[] = ['range:AGE', 'completeness:AGE', 'uniqueness:ID'].map((itemKey) => {
  const [kind = '', attribute = ''] = itemKey.split(':');
  const stated = { kind, attribute, otherAttribute: null, parameter: '', description: itemKey };
  return { itemKey, source: proposed, body: { ...stated, checked: 10, passed: 9, exceptions: 1, passRate: 0.9 } };
});
const bound = ({ itemKey, body }: Thing) => ({ itemKey, contentHash: contentHash(body) });
const set = (thing: Thing, fields: Record<string, string>): Edit => ({ edit: 'set', ...bound(thing), fields });
const [range, completeness, uniqueness] = rules as [Thing, Thing, Thing];

/** A desk on which a version of a phase is worked on. */
function deskAt(personId: string, phase: PhaseSlug, things: Thing[], over: Partial<Version> = {}): TestDesk {
  const made = testDesk(personId);
  const state = over.reviewVerdict === 'revision-requested' ? 'in-revision' : 'in-work';
  feedTested(made, testedReport({ [phase]: state }));
  const itemCount = things.length;
  const counts = over.counts ?? countsOf(itemCount);
  made.feed([
    {
      kind: 'version',
      version: version({ phase, itemCount, counts, status: 'draft', authorId: 'countersign', ...over }),
    },
  ]);
  made.cache.storeContents(contents('version-1', things));
  return made;
}
const rowsOf = (versionId = 'version-1', filter: ItemFilter = {}) =>
  listItems(desk, commands['version:items'].input.parse({ versionId, filter, limit: 500 })).rows;
const draft = (edits: Edit[], versionId = 'version-1') => draftEdits(desk, { versionId, edits });
const submit = (edits: Edit[] = [], note = '') =>
  submitVersion(desk, { versionId: 'version-1', edits, note }, desk.author);
const sent = (): Operation[] =>
  desk.outbox.nextBatches({ limit: 100 }).flatMap((batch) => batch.operations.map((one) => one.operation));
/** Edits first: what was done at the same moment comes in any order. */
const open = () =>
  listOutbox(desk, { show: 'open', offset: 0, limit: 500 }).entries.toSorted(
    (a, b) => a.kind.localeCompare(b.kind) || a.entryId.localeCompare(b.entryId),
  );
const shown = (versionId?: string) =>
  rowsOf(versionId).map((row) => `${row.itemKey} ${row.edit?.edit ?? '-'} ${row.delivery}`);

test('a drafted edit stands beside the row, is counted, outlives closing, and can be taken back', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  expect(versionDetail(desk, 'version-1')).toMatchObject({
    ...{ whyNotEdit: null, edits: 0, whyNotReview: { code: 'role' }, whyNotSign: { code: 'out-of-turn' } },
    editable: ['kind', 'attribute', 'otherAttribute', 'parameter', 'description'],
  });
  expect(
    draft([set(range, { parameter: '18..99' }), { edit: 'remove', ...bound(uniqueness), reason: 'no key' }]),
  ).toEqual({
    edits: 2,
  });
  desk.reopen();
  const [first] = rowsOf();
  expect(first).toMatchObject({ body: range.body, edit: { fields: { parameter: '18..99' } }, delivery: 'draft' });
  expect(shown()).toEqual(['range:AGE set draft', 'completeness:AGE - null', 'uniqueness:ID remove draft']);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 2 });
  expect(open().map((entry) => entry.what)).toEqual([
    'Change parameter of range:AGE',
    'Take out the profiling rule uniqueness:ID',
  ]);
  expect(itemDetail(desk, { versionId: 'version-1', itemKey: 'range:AGE' }).life.map((event) => event.what)).toEqual([
    'Change parameter of range:AGE (draft on this laptop)',
    'proposed from the data',
  ]);
  // The last word on an item counts; one that changes nothing takes it back.
  expect(draft([set(range, { parameter: '21..99' })])).toEqual({ edits: 2 });
  expect(rowsOf()[0]?.edit).toMatchObject({ fields: { parameter: '21..99' } });
  expect(draft([set(range, { parameter: '' })])).toEqual({ edits: 1 });
  expect(undoEdits(desk, { versionId: 'version-1', itemKeys: ['uniqueness:ID', 'completeness:AGE'] })).toEqual({
    edits: 0,
  });
  expect(open()).toEqual([]);
});

test('an added item is a row after the others, can be changed and found, and is gone when it is taken back', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  const fields = { kind: 'range', attribute: 'LIMIT_BAL', parameter: '0..' };
  draft([{ edit: 'add', itemKey: 'range:LIMIT_BAL', fields }]);
  const added = rowsOf()[3]!;
  expect(added).toMatchObject({
    ...{ position: 3, itemKey: 'range:LIMIT_BAL', source: { kind: 'added', by: 'tara' }, delivery: 'draft' },
    body: { kind: 'range', attribute: 'LIMIT_BAL', otherAttribute: null, parameter: '0..', description: '' },
  });
  expect(rowsOf('version-1', { search: 'limit' }).map((row) => row.itemKey)).toEqual(['range:LIMIT_BAL']);
  expect(rowsOf('version-1', { show: 'approved' })).toEqual([]);
  const page = commands['version:items'].input.parse({ versionId: 'version-1', offset: 2, limit: 2 });
  expect(listItems(desk, page)).toMatchObject({
    total: 4,
    rows: [{ itemKey: 'uniqueness:ID' }, { itemKey: 'range:LIMIT_BAL' }],
  });
  draft([{ edit: 'set', itemKey: added.itemKey, contentHash: added.contentHash, fields: { parameter: '1..' } }]);
  expect(itemDetail(desk, { versionId: 'version-1', itemKey: 'range:LIMIT_BAL' }).row.edit).toMatchObject({
    edit: 'add',
    fields: { kind: 'range', attribute: 'LIMIT_BAL', parameter: '1..' },
  });
  draft([{ edit: 'remove', itemKey: added.itemKey, contentHash: added.contentHash, reason: 'no' }]);
  expect(rowsOf()).toHaveLength(3);
});

test('what cannot be edited is refused as the worker would, and nothing is kept of it', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  const why = (edit: Edit) => () => draft([set(completeness, { description: 'x' }), edit]);
  expect(why(set(range, { passRate: '1' }))).toThrow(/follows from the data/);
  expect(why(set(range, { kind: 'guess' }))).toThrow(/has to be one of/);
  expect(why({ edit: 'set', itemKey: 'range:AGE', contentHash: 'f'.repeat(64), fields: { parameter: '1' } })).toThrow(
    /other contents/,
  );
  expect(why({ edit: 'add', itemKey: 'range:AGE', fields: { kind: 'range', attribute: 'AGE' } })).toThrow(/already/);
  expect(why({ edit: 'add', itemKey: 'new', fields: { kind: 'range' } })).toThrow(/needs the field "attribute"/);
  expect(desk.outbox.counts(at).draft).toBe(0);
  desk.close();
  desk = deskAt('olga', 'data-profiling', rules);
  expect(() => draft([set(range, { parameter: '1..' })])).toThrow(/only tester, test lead, test manager may/);
  desk.close();
  desk = deskAt('tara', 'planning', rules);
  expect(() => draft([{ edit: 'remove', ...bound(range), reason: 'no' }])).toThrow(/neither added nor taken out/);
});

test('a version is handed in once, with its edits in one signed operation, and waits for what follows', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  draft([set(range, { parameter: '18..99' })]);
  submit([set(completeness, { description: 'always' })], 'as agreed');
  const [operation] = sent();
  expect(operation?.body).toEqual({
    ...{ kind: 'version.submit', reportId, versionId: 'version-1', note: 'as agreed' },
    edits: [set(range, { parameter: '18..99' }), set(completeness, { description: 'always' })],
  });
  expect(shown()).toEqual(['range:AGE set queued', 'completeness:AGE set queued', 'uniqueness:ID - null']);
  expect(versionDetail(desk, 'version-1')).toMatchObject({
    edits: 0,
    submitted: { kind: 'version', delivery: 'queued' },
  });
  expect(() => submit()).toThrow(/handed in on this laptop and waits for its receipt/);
  expect(() => draft([set(uniqueness, { description: 'x' })])).toThrow(/waits for its receipt/);
  expect(undoEdits(desk, { versionId: 'version-1', itemKeys: ['range:AGE'] })).toEqual({ edits: 0 });
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 0, queued: 1 });
  desk.outbox.markSent([operation!.operationId], at);
  expect(shown()[0]).toBe('range:AGE set sent');
  desk.outbox.applyReceipts([receipt(operation!)]);
  expect(shown()[0]).toBe('range:AGE set applied');
  expect(() => submit()).toThrow(/what follows from it is not on this laptop yet/);
  desk.feed([
    { kind: 'version', version: version({ phase: 'data-profiling', status: 'superseded', itemCount: 3 }) },
    {
      kind: 'version',
      version: version({ versionId: 'version-2', number: 2, phase: 'data-profiling', itemCount: 3, authorId: 'tara' }),
    },
  ]);
  const edited = { kind: 'edited', versionId: 'version-1', versionNumber: 1, itemKey: 'range:AGE' } as const;
  desk.cache.storeContents(contents('version-2', [{ ...range, origin: edited }, completeness, uniqueness]));
  expect(shown()[0]).toBe('range:AGE - null');
  expect(shown('version-2')[0]).toBe('range:AGE - null');
  expect(versionDetail(desk, 'version-2')).toMatchObject({ changed: 1, whyNotEdit: null });
  expect(rowsOf('version-2', { show: 'changed' }).map((row) => row.origin)).toEqual([edited]);
});

test('a draft can be handed in as it is; a version that was handed in before only when something changes', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  submit();
  const [operation] = sent();
  expect(operation?.body).toMatchObject({ edits: [] });
  desk.outbox.applyReceipts([receipt(operation!)]);
  expect(versionDetail(desk, 'version-1').whyNotEdit).toMatchObject({ code: 'out-of-turn' });
  const handedIn = version({ phase: 'data-profiling', itemCount: 3, authorId: 'tara' });
  desk.feed([{ kind: 'version', version: handedIn }]);
  expect(versionDetail(desk, 'version-1').whyNotEdit).toBeNull();
  expect(() => submit()).toThrow(/handed in before, and nothing was changed/);
  desk.feed([
    { kind: 'version', version: { ...handedIn, status: 'rejected', reviewVerdict: 'rejected', reviewedAt: later } },
  ]);
  expect(() => submit()).toThrow(/edit it, or say why it stays/);
  // Handed in before its review: that receipt has nothing to do with the rejection.
  submit([], 'the owner is wrong');
  expect(sent().map(({ body }) => 'note' in body && body.note)).toEqual(['the owner is wrong']);
});

test('a handing in that is refused loses nothing: what stands in the way is named, everything else is a draft again', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  draft([set(range, { parameter: '18..99' }), set(completeness, { description: 'x' })]);
  submit();
  const [operation] = sent();
  const reason = { code: 'content-changed' as const, message: 'other contents' };
  const theirs = {
    versionId: 'version-1',
    contentHash: bound(range).contentHash,
    verdict: 'pending' as const,
    actorId: 'tom',
    at,
  };
  desk.outbox.applyReceipts([
    receipt(operation!, {
      state: 'conflict',
      reason,
      items: [{ itemKey: 'range:AGE', state: 'conflict', reason, theirs }],
    }),
  ]);
  expect(shown()).toEqual(['range:AGE - conflict', 'completeness:AGE set draft', 'uniqueness:ID - null']);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 1, conflict: 2, deliveredToday: 0 });
  const entries = open();
  expect(entries.map((entry) => [entry.what, entry.delivery])).toEqual([
    ['Change parameter of range:AGE', 'conflict'],
    ['Change description of completeness:AGE', 'draft'],
    ['Hand in version 1 of Data profiling with 2 edits', 'conflict'],
  ]);
  expect(entries[0]?.conflict).toMatchObject({
    base: { body: range.body },
    mine: { body: { ...range.body, parameter: '18..99' }, by: 'tara' },
    theirs: { body: range.body, by: 'tom' },
    decideAgainOn: { versionId: 'version-1', contentUnchanged: true },
  });
  // Edited anew, the item's conflict is answered; handed in again, so is that of the version.
  draft([set(range, { parameter: '20..99' })]);
  expect(open().map((entry) => entry.delivery)).toEqual(['draft', 'draft', 'conflict']);
  submit();
  expect(open().map((entry) => [entry.kind, entry.delivery])).toEqual([['version.submit', 'queued']]);
});

test('edits of a version that was superseded meanwhile are drafted again where the contents are the same', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  draft([
    set(range, { parameter: '18..99' }),
    set(completeness, { description: 'x' }),
    { edit: 'add', itemKey: 'range:LIMIT_BAL', fields: { kind: 'range', attribute: 'LIMIT_BAL' } },
  ]);
  submit();
  const [operation] = sent();
  const reason = { code: 'version-superseded' as const, message: 'version 1 was superseded' };
  desk.outbox.applyReceipts([receipt(operation!, { state: 'conflict', reason })]);
  desk.feed([
    { kind: 'version', version: version({ phase: 'data-profiling', status: 'superseded', itemCount: 3 }) },
    { kind: 'version', version: version({ versionId: 'version-2', number: 2, phase: 'data-profiling', itemCount: 3 }) },
  ]);
  const other = { ...completeness, body: { ...completeness.body, description: 'theirs' } };
  desk.cache.storeContents(contents('version-2', [range, other, uniqueness]));
  const entries = open();
  expect(entries.map((entry) => [entry.kind, entry.delivery, entry.reason?.code ?? null])).toEqual([
    ['edit', 'draft', 'version-superseded'],
    ['edit', 'draft', 'version-superseded'],
    ['edit', 'draft', 'version-superseded'],
    ['version.submit', 'conflict', 'version-superseded'],
  ]);
  expect(entries.map((entry) => entry.conflict?.decideAgainOn?.contentUnchanged)).toEqual([
    true,
    false,
    true,
    undefined,
  ]);
  expect(() => decideAgain(desk, { entryIds: [entries[1]!.entryId] })).toThrow(/other contents in version 2/);
  expect(decideAgain(desk, { entryIds: [entries[3]!.entryId] })).toEqual({
    versionId: 'version-2',
    itemKeys: ['range:AGE', 'range:LIMIT_BAL'],
  });
  expect(shown('version-2')).toEqual([
    ...['range:AGE set draft', 'completeness:AGE - null', 'uniqueness:ID - null', 'range:LIMIT_BAL add draft'],
  ]);
  // The one that has to be looked at stays, and with it what was refused; dropped with a note, both are dealt with.
  expect(open().map((entry) => [entry.kind, entry.versionNumber, entry.delivery])).toEqual([
    ['edit', 1, 'draft'],
    ['edit', 2, 'draft'],
    ['edit', 2, 'draft'],
    ['version.submit', 1, 'conflict'],
  ]);
  const [left] = open();
  dropEntry(desk, { entryId: left!.entryId, note: 'theirs is right' });
  expect(desk.outbox.db.prepare("SELECT settled_note FROM edits WHERE settled_how = 'dropped'").pluck().all()).toEqual([
    'theirs is right',
  ]);
  expect(open().map((entry) => [entry.kind, entry.versionNumber])).toEqual([
    ['edit', 2],
    ['edit', 2],
  ]);
});

test('a newer draft on the present version is not written over by deciding again', () => {
  desk = deskAt('tara', 'data-profiling', rules);
  draft([set(range, { parameter: '18..99' })]);
  desk.feed([
    { kind: 'version', version: version({ phase: 'data-profiling', status: 'superseded', itemCount: 3 }) },
    { kind: 'version', version: version({ versionId: 'version-2', number: 2, phase: 'data-profiling', itemCount: 3 }) },
  ]);
  desk.cache.storeContents(contents('version-2', rules));
  draft([set(range, { parameter: '30..40' })], 'version-2');
  const [old] = open();
  expect(() => decideAgain(desk, { entryIds: [old!.entryId] })).toThrow(/newer draft on version 2/);
  expect(rowsOf('version-2')[0]?.edit).toMatchObject({ fields: { parameter: '30..40' } });
});

test('whatever an author drafts, takes back and hands in, the operation carries exactly what the rows show', () => {
  const acts = fc.array(
    fc.record({
      key: fc.constantFrom(0, 1, 2),
      act: fc.constantFrom('set', 'set', 'remove', 'undo', 'add', 'nothing'),
      value: fc.constantFrom('a', 'b', 'c'),
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(acts, (list) => {
      desk = deskAt('tara', 'data-profiling', rules);
      const model = new Map<string, Edit>();
      for (const { key, act, value } of list) {
        const thing = rules[key]!;
        const itemKey = act === 'add' ? `range:${value}` : thing.itemKey;
        const edit: Edit =
          act === 'add'
            ? { edit: 'add', itemKey, fields: { kind: 'range', attribute: value } }
            : act === 'remove'
              ? { edit: 'remove', ...bound(thing), reason: value }
              : set(thing, { description: act === 'nothing' ? thing.itemKey : value });
        if (act === 'undo') undoEdits(desk, { versionId: 'version-1', itemKeys: [itemKey] });
        else draft([edit]);
        model.delete(itemKey);
        if (act !== 'undo' && act !== 'nothing') model.set(itemKey, edit);
      }
      const drawn = new Map(rowsOf().flatMap((row) => (row.edit ? [[row.itemKey, row.edit] as const] : [])));
      expect(new Set(drawn)).toEqual(new Set(model));
      expect(versionDetail(desk, 'version-1').edits).toBe(model.size);
      submit();
      const [operation] = sent();
      expect(operation?.body).toMatchObject({ edits: [...model.values()] });
      desk.close();
    }),
    { numRuns: 40 },
  );
  desk = deskAt('tara', 'data-profiling', rules);
});

const observations: Thing[] = ['AGE', 'LIMIT_BAL', 'NOTE'].map((attribute) => ({
  itemKey: attribute,
  source: proposed,
  body: {
    attribute,
    lob: 'Cards',
    title: `${attribute} differs`,
    rating: 'high',
    text: 'seen',
    recommendation: '',
    deviations: 2,
  },
}));
const [onAge, onLimit, onNote] = observations as [Thing, Thing, Thing];

/** Observations of Cards, all of which the owner rejected; NOTE is disputed since. */
function rejectedObservations(personId: string): TestDesk {
  const made = testDesk(personId);
  const of = testedReport({ 'request-info': 'completed', 'test-execution': 'completed', observations: 'in-revision' });
  feedTested(made, of);
  const counts = countsOf(3, { rejected: 3, disputed: 1 });
  const reviewed = { reviewVerdict: 'revision-requested', reviewedBy: 'olga', authorId: 'tara', revision: 1 } as const;
  made.feed([
    { kind: 'version', version: version({ phase: 'observations', lob: 'Cards', itemCount: 3, counts, ...reviewed }) },
    {
      kind: 'decisions',
      versionId: 'version-1',
      decisions: observations.map(({ itemKey }) => decision({ itemKey, verdict: 'rejected', reasonCode: 'incorrect' })),
    },
  ]);
  const lineage = { versionId: 'version-0', versionNumber: 1, itemKey: 'NOTE' };
  const disputed = { kind: 'disputed', ...lineage, rationale: 'we saw it', by: 'lena' } as const;
  made.cache.storeContents(contents('version-1', [onAge, onLimit, { ...onNote, origin: disputed }]));
  return made;
}
const answer = (answers: Parameters<typeof draftAnswers>[1]['answers']) =>
  draftAnswers(desk, { versionId: 'version-1', answers });

test('rejected observations are edited, kept, or disputed by the test lead; a disputed one waits for nothing', () => {
  desk = rejectedObservations('lena');
  expect(versionDetail(desk, 'version-1')).toMatchObject({ whyNotRevise: null, lobs: ['Cards'], answered: 0 });
  expect(answer([{ ...bound(onAge), answer: 'edit', fields: { rating: 'low' } }])).toEqual({ answered: 1, open: 1 });
  expect(() => answer([{ ...bound(onLimit), answer: 'edit', fields: { rating: 'high' } }])).toThrow(/changes nothing/);
  expect(() => answer([{ ...bound(onLimit), answer: 'remove', rationale: 'x' }])).toThrow(/not taken out/);
  expect(() => answer([{ ...bound(onNote), answer: 'keep', rationale: 'x' }])).toThrow(/kept as disputed/);
  expect(answer([{ ...bound(onLimit), answer: 'dispute', rationale: 'seen twice' }])).toEqual({ answered: 2, open: 0 });
  desk.reopen();
  expect(rowsOf().map((row) => [row.answer?.answer ?? null, row.origin.kind, row.verdict])).toEqual([
    ['edit', 'new', 'rejected'],
    ['dispute', 'new', 'rejected'],
    [null, 'disputed', 'rejected'],
  ]);
  expect(open().map((entry) => entry.what)).toEqual(['Change AGE', 'Keep as disputed LIMIT_BAL']);
  submitRevision(desk, { versionId: 'version-1', answers: [], note: '' }, desk.author);
  const [operation] = sent();
  expect(operation?.body).toMatchObject({
    kind: 'revision.submit',
    answers: [
      { itemKey: 'AGE', answer: 'edit', fields: { rating: 'low' } },
      { itemKey: 'LIMIT_BAL', answer: 'dispute', rationale: 'seen twice' },
    ],
  });
  const reason = { code: 'paused' as const, message: 'paused' };
  desk.outbox.applyReceipts([receipt(operation!, { state: 'refused', reason })]);
  expect(rowsOf().map((row) => row.answer?.answer ?? null)).toEqual(['edit', 'dispute', null]);
  expect(desk.outbox.counts(at)).toMatchObject({ draft: 2, refused: 1 });
  desk.close();
  desk = rejectedObservations('tara');
  expect(() => answer([{ ...bound(onLimit), answer: 'dispute', rationale: 'seen' }])).toThrow(/only test lead may/);
});

test('answers to a version that is closed say why, and can only be dropped', () => {
  desk = rejectedObservations('lena');
  answer([{ ...bound(onAge), answer: 'keep', rationale: 'so it is' }]);
  const [waiting] = open();
  expect(() => dropEntry(desk, { entryId: waiting!.entryId, note: 'x' })).toThrow(/still waits/);
  const closed = version({ phase: 'observations', lob: 'Cards', itemCount: 3, status: 'superseded' });
  desk.feed([{ kind: 'version', version: closed }]);
  expect(() => undoAnswers(desk, { versionId: 'version-1', itemKeys: ['AGE'] })).toThrow(/superseded/);
  const [entry] = open();
  expect(entry).toMatchObject({ what: 'Keep AGE', delivery: 'draft', reason: { code: 'version-superseded' } });
  dropEntry(desk, { entryId: entry!.entryId, note: 'answered by Tara' });
  expect([open(), rowsOf()[0]?.answer, desk.outbox.counts(at).draft]).toEqual([[], null, 0]);
});

const sections: Thing[] = ['summary', 'results'].map((section) => ({
  itemKey: section,
  source: proposed,
  body: { section, title: section, text: 'text' },
}));
const itemsHash = 'c'.repeat(64);

function reportDesk(personId: string, over: Partial<Version> = {}): TestDesk {
  const made = testDesk(personId);
  const behind = phasesOf('lob').map((phase) => [phase, 'completed'] as const);
  feedTested(made, testedReport({ ...Object.fromEntries(behind), 'test-report': 'in-review' }));
  const base = { phase: 'test-report', itemCount: 2, authorId: 'tara', summary: { itemsHash } } as const;
  made.feed([{ kind: 'version', version: version({ ...base, ...over }) }]);
  made.cache.storeContents(contents('version-1', sections));
  return made;
}
const signature = (over: object = {}) => ({
  ...{ role: 'test-lead', actorId: 'lena', meaning: 'reviewed', note: '', itemsHash, operationId: 'elsewhere' },
  ...{ decidedAt: at, appliedAt: at, voidedAt: null },
  ...over,
});
const sign = () => signReport(desk, { versionId: 'version-1', note: 'read' }, desk.author);

test('the report is signed by the lead, then by the owner, over the sections that are shown', () => {
  desk = reportDesk('lena');
  expect(versionDetail(desk, 'version-1').whyNotSign).toBeNull();
  sign();
  expect(sent()[0]?.body).toEqual({
    ...{ kind: 'report.sign', reportId, versionId: 'version-1', meaning: 'reviewed', itemsHash, note: 'read' },
  });
  expect(versionDetail(desk, 'version-1')).toMatchObject({ submitted: { kind: 'signature', delivery: 'queued' } });
  expect(() => sign()).toThrow(/your signature of version 1 was given on this laptop and waits/);
  desk.close();

  desk = reportDesk('olga');
  expect(() => sign()).toThrow(/only test lead may sign/);
  desk.close();
  const signed = { signOffs: [signature()], counts: countsOf(2, { approved: 2 }) } as Partial<Version>;
  desk = reportDesk('olga', signed);
  sign();
  expect(sent()[0]?.body).toMatchObject({ meaning: 'acknowledged' });
  desk.close();
  desk = reportDesk('lena', signed);
  expect(() => sign()).toThrow(/only report owner may sign/);
  desk.close();
  desk = reportDesk('lena', { ...signed, signOffs: [signature({ voidedAt: at })] } as Partial<Version>);
  expect(versionDetail(desk, 'version-1').whyNotSign).toBeNull();
});

test('nobody signs a report that they tested for, made, or that has rejected sections; nor one that is not here whole', () => {
  desk = reportDesk('lena', { counts: countsOf(2, { rejected: 1 }) });
  expect(() => sign()).toThrow(/1 sections of version 1 are rejected/);
  desk.close();
  desk = reportDesk('lena', { authorId: 'lena' });
  expect(() => sign()).toThrow(/made version 1/);
  desk.close();
  desk = reportDesk('lena');
  desk.feed([{ kind: 'records', records: [testRecord('Cards', 'S-0', 'AGE', {}, { actorId: 'lena' })] }]);
  expect(() => sign()).toThrow(/Lena Lead executed tests of this report/);
  expect(versionDetail(desk, 'version-1').whyNotReview).toMatchObject({ code: 'four-eyes' });
  desk.close();
  desk = reportDesk('lena', { parentVersionId: 'version-0' });
  desk.feed([
    {
      kind: 'version',
      version: version({ versionId: 'version-0', phase: 'test-report', status: 'superseded', authorId: 'lena' }),
    },
  ]);
  expect(() => sign()).toThrow(/made a version that version 1 goes back to/);
  desk.close();
  desk = reportDesk('lena', { itemCount: 3 });
  expect(() => sign()).toThrow(/nobody signs what they cannot see/);
});

test('an edit of a signed report is possible after its phase was completed, and of nothing else', () => {
  desk = reportDesk('tara', {
    status: 'approved',
    reviewVerdict: 'approved',
    signOffs: [signature()],
  } as Partial<Version>);
  const of = testedReport({});
  const phases = of.phases.map((line) => ({ ...line, state: 'completed' as const }));
  desk.feed([{ kind: 'report', report: { ...of, phases } }]);
  const [summary] = sections as [Thing];
  expect(draft([set(summary, { text: 'other' })])).toEqual({ edits: 1 });
  for (const phase of ['planning', 'scoping'] as const) {
    const done = version({
      versionId: `version-${phase}`,
      phase,
      status: 'approved',
      reviewVerdict: 'approved',
      itemCount: 1,
    });
    desk.feed([{ kind: 'version', version: done }]);
    expect(versionDetail(desk, `version-${phase}`).whyNotEdit?.message).toMatch(
      /review of version 1 was submitted before/,
    );
  }
  expect(phaseOf('test-report').approval).toBe('sign-off');
  desk.feed([{ kind: 'report', report: { ...of, phases, paused: { at, reason: 'audit' } } }]);
  expect(versionDetail(desk, 'version-1').whyNotEdit).toMatchObject({ code: 'paused' });
});

test('a rule is not rejected for what can only be said of a sample', () => {
  desk = deskAt('olga', 'data-profiling', rules, { status: 'pending', authorId: 'tara' });
  const reject = (reasonCode: 'duplicate' | 'incorrect') =>
    recordDecisions(desk, {
      versionId: 'version-1',
      decisions: [{ ...bound(range), decision: { verdict: 'rejected', reasonCode, note: '' } }],
    });
  expect(() => reject('duplicate')).toThrow(/a profiling rule is not rejected as "duplicate", but as not correct/);
  expect(reject('incorrect').counts).toMatchObject({ rejected: 1 });
});

test('who may decide asks whether it is the phase’s turn: paused, expired and over are said', () => {
  desk = deskAt('olga', 'data-profiling', rules, { status: 'pending', authorId: 'tara' });
  const whyNot = () => versionDetail(desk, 'version-1').whyNotReview?.code ?? null;
  expect(whyNot()).toBeNull();
  const of = testedReport({ 'data-profiling': 'in-review' });
  desk.feed([{ kind: 'report', report: { ...of, paused: { at, reason: '' } } }]);
  expect(whyNot()).toBe('paused');
  const expired = { ...phaseLine('data-profiling', null, 'in-review'), expiredAt: at, dueAt: at };
  const phases = of.phases.map((line) => (line.phase === 'data-profiling' ? expired : line));
  desk.feed([{ kind: 'report', report: { ...of, phases } }]);
  expect(whyNot()).toBe('expired');
  desk.feed([{ kind: 'report', report: { ...of, ended: { at, reason: 'cancelled' } } }]);
  expect(whyNot()).toBe('out-of-turn');
  // That a phase was left out says more than that its version is closed.
  const closed = version({ phase: 'data-profiling', itemCount: 3, authorId: 'tara', status: 'superseded' });
  desk.feed([
    { kind: 'report', report: testedReport({ 'data-profiling': 'skipped' }) },
    { kind: 'version', version: closed },
  ]);
  expect(versionDetail(desk, 'version-1').whyNotReview?.message).toMatch(/Data profiling was skipped/);
});
