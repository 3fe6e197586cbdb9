// Each of the nine phases: one row of its input is put otherwise, and exactly its version changes, in exactly one item. Whole cycles without
// a server, compared with one of the usual inputs; that those come to the same on a server is phase-changes.server.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phaseSlugs } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { outcomeOf } from './cycle-outcome.ts';
import type { Outcome, ToldItem, ToldVersion } from './cycle-outcome.ts';
import { beginCycle, lobColumn } from './cycle-world.ts';
import { driveCycle, peopleOfDrivenCycles, withSecondDataOwner } from './driven-cycle.ts';
import type { Inputs } from './driven-cycle.ts';
import { openLocalWorld } from './local-world.ts';
import type { LocalWorld } from './local-world.ts';

type Versions = Outcome['versions'];

let local: LocalWorld;
let usual: Versions;
beforeAll(async () => {
  local = await openLocalWorld(peopleOfDrivenCycles);
  usual = await driven({});
});
afterAll(() => local.close());

async function driven(inputs: Inputs): Promise<Versions> {
  const cycle = await beginCycle(local.world, { lobs: lobColumn });
  await withSecondDataOwner(cycle);
  await driveCycle(cycle, inputs);
  return (await outcomeOf(local.store.db, cycle.reportId)).versions;
}

/** One row that is put otherwise, and everything that changes by it. All else has to stay as it is. */
interface Case {
  phase: PhaseSlug;
  what: string;
  inputs: Inputs;
  /** The changed version: a new one, which differs from its parent; of recorded phases the usual one of the other cycle differs. */
  version: string;
  /** The one item of it that differs. */
  item: string;
  /** What later phases take over by nature: their versions, with the keys that differ (those that one of both does not have too). */
  flowsOn?: Record<string, string[]>;
  /** Sections of the test report that tell of it. */
  told?: string[];
}

const edited = (phase: PhaseSlug, itemKey: string, fields: Record<string, string>, lob?: string): Inputs => ({
  edits: [{ phase, itemKey, fields, ...(lob === undefined ? {} : { lob }) }],
});
const failed = { result: 'fail' as const, found: 'cards', note: 'the title page says cards' };

const cases: Case[] = [
  {
    ...{ phase: 'planning', what: 'the description of an attribute', version: 'planning 2', item: 'BALANCE' },
    inputs: edited('planning', 'BALANCE', { description: 'what is owed' }),
  },
  {
    ...{ phase: 'data-profiling', what: 'the description of a rule' },
    ...{ version: 'data-profiling 2', item: 'range:BALANCE' },
    inputs: edited('data-profiling', 'range:BALANCE', { description: 'agreed with the bank' }),
  },
  {
    ...{ phase: 'scoping', what: 'the rationale of a decision', version: 'scoping 2', item: 'LOB' },
    inputs: edited('scoping', 'LOB', { rationale: 'it decides who answers' }),
  },
  {
    // Another row of the population is tested from now on.
    ...{ phase: 'sample-selection', what: 'a sample that is replaced', version: 'sample-selection 2', item: '18' },
    inputs: { replaced: [0] },
    flowsOn: { 'test-execution cards 1': ['18/BALANCE', '18/LOB', '38/BALANCE', '38/LOB'] },
    told: ['summary', 'sample', 'rejections'],
  },
  {
    ...{ phase: 'data-owner-id', what: 'who answers for an attribute in a line of business' },
    ...{ version: 'data-owner-id 1', item: 'loans/BALANCE' },
    inputs: { owner: { lob: 'loans', dataOwnerId: 'dirk' } },
  },
  {
    ...{ phase: 'request-info', what: 'a document with a row that is no sample' },
    ...{ version: 'request-info loans 1', item: 'extract-of-loans' },
    inputs: { extract: { lob: 'loans', more: '99,1\n' } },
    told: ['documents'],
  },
  {
    ...{ phase: 'test-execution', what: 'the note of a response', version: 'test-execution loans 1', item: '60/LOB' },
    inputs: { response: { lob: 'loans', index: 0, over: { note: 'read from the title page' } } },
  },
  {
    ...{ phase: 'observations', what: 'the text of an observation', version: 'observations cards 2', item: 'BALANCE' },
    inputs: edited('observations', 'BALANCE', { text: 'One balance was typed wrong.' }, 'cards'),
    told: ['observation/cards/BALANCE'],
  },
  {
    ...{ phase: 'test-report', what: 'the text of a section', version: 'test-report 2', item: 'population' },
    inputs: edited('test-report', 'population', { text: 'All accounts of the year.' }),
  },
];

/** Changes whose point is that others follow: those and no others. */
const followed: Case[] = [
  {
    // A bound that a row breaks: an exception more, which scoping weighs.
    ...{ phase: 'data-profiling', what: 'the bounds of a rule', version: 'data-profiling 2', item: 'range:BALANCE' },
    inputs: edited('data-profiling', 'range:BALANCE', { parameter: '10..590' }),
    flowsOn: { 'scoping 1': ['BALANCE'] },
    told: ['profiling'],
  },
  {
    // A deviation in a line of business that had none: it is observed and counted.
    ...{ phase: 'test-execution', what: 'a response that fails', version: 'test-execution loans 1', item: '60/LOB' },
    inputs: { response: { lob: 'loans', index: 0, over: failed } },
    flowsOn: { 'observations loans 1': ['LOB'] },
    told: ['summary', 'attribute/LOB', 'lob/loans', 'observations', 'observation/loans/LOB', 'skipped'],
  },
];

const none: ToldVersion = { header: '', items: [] };
/** What differs between two cycles only in ids is compared without them: the report names versions, plans and the ledger. */
const content = (name: string, item: ToldItem): string =>
  name.startsWith('test-report') ? item.body : item.contentHash;

/** Keys of the items of a version that differ, or that only one of both has. */
function differing(name: string, found: ToldVersion = none, expected: ToldVersion = none): string[] {
  const said = ({ items }: ToldVersion) => new Map(items.map((item) => [item.itemKey, content(name, item)]));
  const [left, right] = [said(found), said(expected)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((key) => left.get(key) !== right.get(key)).toSorted();
}

/** Places at which two versions hold another item, or the same one with another content. */
function placesOf(found: ToldVersion, parent: ToldVersion): number[] {
  expect(found.items).toHaveLength(parent.items.length);
  const text = (item: ToldItem | undefined) => item && `${item.itemKey} ${item.contentHash}`;
  return found.items.flatMap((item, place) => (text(item) === text(parent.items[place]) ? [] : [place]));
}

/** The version before it, which it was made from. */
function parentOf(versions: Versions, name: string): ToldVersion {
  const parent = versions[name.replace(/\d+$/u, (number) => String(Number(number) - 1))];
  if (!parent) throw new Error(`${name} has no parent: ${Object.keys(versions).join(', ')}`);
  return parent;
}

/** Every difference to the usual cycle, by version. */
function allDiffering(found: Versions): Record<string, string[]> {
  const names = new Set([...Object.keys(found), ...Object.keys(usual)]);
  const each = [...names].map((name) => [name, differing(name, found[name], usual[name])] as const);
  return Object.fromEntries(each.filter(([, keys]) => keys.length > 0));
}

async function expectOnly({ phase, inputs, version, item, flowsOn = {}, told = [] }: Case): Promise<void> {
  const found = await driven(inputs);
  const own = found[version] ?? none;
  const isNew = !Object.hasOwn(usual, version);
  const places = placesOf(own, isNew ? parentOf(found, version) : (usual[version] ?? none));
  expect(places.map((place) => own.items[place]?.itemKey)).toEqual([item]);

  const { [version]: _own, 'test-report 1': sections = [], ...others } = allDiffering(found);
  const byKey = Object.entries(flowsOn).map(([name, keys]) => [name, keys.toSorted()]);
  expect(others).toEqual(Object.fromEntries(byKey));
  // Which version of a phase is current, and how long the ledger is, stands in a section of its own.
  const telling = sections.filter((key) => key !== 're-performance');
  expect(telling).toEqual(told.toSorted());
  if (phase === 'test-report') expect(sections).toEqual([]);
  expectOneCurrent(found);
}

/** Of each line exactly one version is current, the last one. */
function expectOneCurrent(versions: Versions): void {
  const lines = Map.groupBy(Object.entries(versions), ([name]) => name.replace(/ \d+$/u, ''));
  for (const [line, own] of lines) {
    const statuses = own.map(([, { header }]) => (JSON.parse(header) as { status: string }).status);
    expect(statuses, line).toEqual([...statuses.slice(1).map(() => 'superseded'), 'approved']);
  }
}

test('the usual inputs come to the same a second time', async () => {
  const again = await driven({});
  expect(allDiffering(again)).toEqual({});
  expect(Object.keys(again)).toEqual(Object.keys(usual));
});

describe('one input put otherwise changes exactly its version, in one item:', () => {
  test.each(cases)('$phase: $what', expectOnly);

  test('every phase is among them', () => {
    expect(cases.map(({ phase }) => phase)).toEqual([...phaseSlugs]);
  });
});

describe('what later phases take over changes with it, and nothing else:', () => {
  test.each(followed)('$phase: $what', expectOnly);
});
