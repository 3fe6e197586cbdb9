// Owns one small cycle by signals, the same each time but for its inputs: every phase by its people, with a deviation in one line of
// business and a corrected response in both. Knows no kill and no comparison.
import type { ItemVerdict } from '../../domain/decision.ts';
import type { OperationBody } from '../../domain/operation.ts';
import { practicePeople } from '../../domain/people.ts';
import type { PeopleFile } from '../../domain/people.ts';
import type { Edit } from '../../domain/phase-item.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version, VersionItem } from '../../domain/version.ts';
import { at, applied, complete, importRows, isIn, review, runProposed, runReport } from './cycle-world.ts';
import type { Cycle } from './cycle-world.ts';

type Item = Omit<VersionItem, 'versionId'>;
type TestAction = Extract<OperationBody, { kind: 'test.record' }>['actions'][number];

/** What people put in beside what follows from the data. Nothing: proposals are handed in and approved as they are. */
export interface Inputs {
  /** Fields of proposed items that the tester changes. */
  edits?: readonly { phase: PhaseSlug; lob?: string; itemKey: string; fields: Record<string, string | boolean> }[];
  /** The samples at these positions are rejected as duplicates, and replaced. */
  replaced?: readonly number[];
  /** Who answers for BALANCE in this line of business instead of Dana. */
  owner?: { lob: string; dataOwnerId: string };
  /** What stands at the end of the extract of this line of business. */
  extract?: { lob: string; more: string };
  /** How LOB is recorded on a sample, by its place in the line of business. */
  response?: { lob: string; index: number; over: Partial<TestAction> };
}

/** Inputs after which every kind of work of a cycle was done. */
export const eventful: Inputs = {
  edits: [
    { phase: 'data-profiling', itemKey: 'range:BALANCE', fields: { parameter: '10..590' } },
    { phase: 'scoping', itemKey: 'LOB', fields: { rationale: 'it decides who answers' } },
    { phase: 'test-report', itemKey: 'summary', fields: { title: 'Cards and loans' } },
  ],
  replaced: [0],
};

/** The practice people, and a second one who answers for data. */
export const peopleOfDrivenCycles: PeopleFile = {
  people: [
    ...practicePeople.map((person) => ({ ...person })),
    { personId: 'dirk', name: 'Dirk Dataowner', roles: ['data-owner'] },
  ],
};

/** Assigns Dirk to the report, beside Dana. */
export async function withSecondDataOwner({ reportId, mara }: Cycle): Promise<void> {
  const dirk = { personId: 'dirk', role: 'data-owner' as const, assigned: true };
  await applied(mara.settled({ kind: 'assignment.set', reportId, ...dirk }));
}

export const drivenLobs = ['cards', 'loans'] as const;
type Lob = (typeof drivenLobs)[number];
/** In scope as proposed: the key is not. */
const attributes = ['BALANCE', 'LOB'] as const;
const lobOf = (row: number): Lob => (row <= 40 ? 'cards' : 'loans');

/** 40 cards and 20 loans; the balance is the row's number times ten. */
export function drivenRows(): string {
  const lines = Array.from({ length: 60 }, (_, index) => `${index + 1},${lobOf(index + 1)},${(index + 1) * 10}`);
  return ['ID,LOB,BALANCE', ...lines, ''].join('\n');
}

/** Drives a report that has just begun, with LOBs of the column `LOB`, to its signatures; answers with the signed version. */
export async function driveCycle(cycle: Cycle, inputs: Inputs = {}): Promise<Version> {
  const populationHash = await importRows(cycle, drivenRows());
  await runProposed(cycle, at(cycle, 'planning'), cycle.tom, editsOf(inputs, 'planning'));
  await runProposed(cycle, at(cycle, 'data-profiling'), cycle.olga, editsOf(inputs, 'data-profiling'));
  await runProposed(cycle, at(cycle, 'scoping'), cycle.olga, editsOf(inputs, 'scoping'));
  await driveSample(cycle, populationHash, inputs);
  await driveOwners(cycle, inputs);
  for (const lob of drivenLobs) {
    await driveLane(cycle, lob, inputs);
    const observations = at(cycle, 'observations', lob);
    const { state } = await cycle.tara.phase(observations, isIn('skipped', 'in-work', 'in-review'));
    if (state !== 'skipped') {
      await runProposed(cycle, observations, cycle.olga, editsOf(inputs, 'observations', lob));
    }
  }
  return runReport(cycle, editsOf(inputs, 'test-report'));
}

function editsOf({ edits = [] }: Inputs, phase: PhaseSlug, lob?: string): (items: Item[]) => Edit[] {
  const own = edits.filter((edit) => edit.phase === phase && edit.lob === lob);
  return (items) =>
    own.flatMap(({ itemKey, fields }): Edit[] => {
      const item = items.find((each) => each.itemKey === itemKey);
      if (!item) throw new Error(`${phase} proposed no ${itemKey}: ${items.map((each) => each.itemKey).join(', ')}`);
      return [{ edit: 'set', itemKey, contentHash: item.contentHash, fields }];
    });
}

const approved: ItemVerdict = { verdict: 'approved', reasonCode: null, note: '' };
const duplicate: ItemVerdict = { verdict: 'rejected', reasonCode: 'duplicate', note: '' };

/** Drawn over the whole, with one picked row. */
export async function driveSample(cycle: Cycle, populationHash: string, { replaced = [] }: Inputs): Promise<void> {
  const { reportId, tara, olga } = cycle;
  const place = at(cycle, 'sample-selection');
  await tara.phase(place, isIn('in-work'));
  // Once a sample is drawn nothing is recommended any more: who draws faster than that has another ledger.
  await tara.seen((change) => change.kind === 'recommendation');
  const planId = `plan-${reportId}`;
  const request = {
    ...{ populationHash, keyColumn: 'ID', lobColumn: 'LOB', lob: null, sampleSize: null },
    ...{ risk: 0.1, tolerable: 0.2, expected: 0, seed: '20261120', seedOrigin: 'given' as const },
  };
  await applied(tara.settled({ kind: 'sample.plan', reportId, planId, request }));
  const targeted = [{ itemKey: '60', reason: 'the highest of all' }];
  await applied(tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted }));
  const drawn = await olga.version(place, (version) => version.status === 'pending');
  const isRejected = ({ position }: Item): boolean => replaced.includes(position);
  await review(olga, drawn, (item) => (isRejected(item) ? duplicate : approved));
  if (replaced.length > 0) {
    await tara.phase(place, isIn('in-revision'));
    const { versionId } = drawn;
    const answers = (await tara.contents(versionId))
      .filter(isRejected)
      .map(({ itemKey, contentHash }) => ({ itemKey, contentHash, answer: 'replace' as const }));
    await applied(tara.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' }));
    await review(olga, await olga.version(place, ({ status, number }) => status === 'pending' && number === 2));
  }
  await tara.phase(place, isIn('completed'));
}

export async function driveOwners(cycle: Cycle, { owner }: Inputs): Promise<void> {
  const { reportId, tara } = cycle;
  const place = at(cycle, 'data-owner-id');
  await tara.phase(place, isIn('in-work'));
  const assignments = drivenLobs.flatMap((lob) =>
    attributes.map((attribute) => {
      const dataOwnerId = owner?.lob === lob && attribute === 'BALANCE' ? owner.dataOwnerId : 'dana';
      return { lob, attribute, dataOwnerId, seenRevision: 0, reason: '' };
    }),
  );
  await applied(tara.settled({ kind: 'owner.assign', reportId, assignments }));
  await complete(tara, place);
}

/** Documents and tests of one line of business. In cards, one balance differs; one response is corrected in both. */
export async function driveLane(cycle: Cycle, lob: Lob, inputs: Inputs): Promise<void> {
  const { tara } = cycle;
  const selection = await tara.version(at(cycle, 'sample-selection'), (version) => version.status === 'approved');
  const samples = (await tara.contents(selection.versionId)).filter(({ itemKey }) => lobOf(Number(itemKey)) === lob);
  const documentId = await driveDocument(cycle, lob, extractOf(lob, inputs));
  await driveTests(cycle, { lob, documentId, samples, inputs });
}

/** A row of cards that is drawn, and that its system has otherwise. */
const wrongRow = '7';

/** The rows of a line of business, as its system has them. */
function extractOf(lob: Lob, { extract }: Inputs): string {
  const rows = drivenRows()
    .split('\n')
    .filter((line) => line.split(',')[1] === lob)
    .map((line) => {
      const [id = '', , balance = ''] = line.split(',');
      return `${id},${id === wrongRow ? '7' : balance}`;
    });
  return ['ID,BALANCE', ...rows, extract?.lob === lob ? extract.more : ''].join('\n');
}

async function driveDocument(cycle: Cycle, lob: Lob, text: string): Promise<string> {
  const { reportId, tara, dana } = cycle;
  const place = at(cycle, 'request-info', lob);
  await dana.phase(place, isIn('in-work'));
  const documentId = `extract-of-${lob}`;
  const file = { ...(await dana.handOver(reportId, text)), fileName: `${lob}.csv`, effectiveDate: '2026-09-30' };
  const submit = { kind: 'document.submit' as const, reportId, lob, documentId, title: `Extract of ${lob}`, ...file };
  await applied(dana.settled({ ...submit, seenRevision: 0, note: '' }));
  const accepted = { lob, documentId, seenRevision: 1, verdict: 'accepted' as const, reason: '' };
  await applied(tara.settled({ kind: 'document.review', reportId, ...accepted }));
  await complete(tara, place);
  return documentId;
}

/** LOB, of which the extract says nothing, is recorded by hand; BALANCE is read from it. */
async function driveTests(
  cycle: Cycle,
  { lob, documentId, samples, inputs }: { lob: Lob; documentId: string; samples: readonly Item[]; inputs: Inputs },
): Promise<void> {
  const { reportId, tara } = cycle;
  const place = at(cycle, 'test-execution', lob);
  const { response } = inputs;
  await tara.phase(place, isIn('in-work'));
  const actions = samples.map(({ itemKey, contentHash }, index): TestAction => ({
    ...{ itemKey, contentHash, attribute: 'LOB', found: lob, result: 'pass', notTestableReason: '' },
    ...{ evidence: { documentId, revision: 2, locator: 'title' }, note: '', seenRevision: 0, reason: '' },
    ...(response?.lob === lob && response.index === index ? response.over : {}),
  }));
  await applied(tara.settled({ kind: 'test.record', reportId, lob, actions }));
  const last = actions
    .slice(-1)
    .map((action) => ({ ...action, note: 'seen twice', seenRevision: 1, reason: 'a slip' }));
  await applied(tara.settled({ kind: 'test.update', reportId, lob, actions: last }));
  await applied(tara.settled({ kind: 'evidence.read', reportId, lob, documentId, revision: 2 }));
  const tested = (): number =>
    new Set(
      tara.changes
        .flatMap(({ change }) => (change.kind === 'records' ? change.records : []))
        .filter((record) => record.reportId === reportId && record.phase === place.phase && record.lob === lob)
        .map(({ recordKey }) => recordKey),
    ).size;
  while (tested() < samples.length * attributes.length) await tara.pull(10_000);
  await complete(tara, place);
}
