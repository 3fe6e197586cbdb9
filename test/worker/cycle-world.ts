// A whole cycle by signals: each phase as its people do it on laptops, on the real server, store and populations.
// Knows no screen and no core; every step waits for what the feed brings.
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { PhaseState, Report } from '../../domain/change.ts';
import type { ItemVerdict } from '../../domain/decision.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import type { OperationBody, Receipt } from '../../domain/operation.ts';
import type { Edit } from '../../domain/phase-item.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version, VersionItem } from '../../domain/version.ts';
import { beginReport, populationCsv } from './worker-world.ts';
import type { Laptop, Place, World } from './worker-world.ts';

export interface Cycle {
  world: World;
  reportId: string;
  cycleId: string;
  mara: Laptop;
  tara: Laptop;
  tom: Laptop;
  olga: Laptop;
  lena: Laptop;
  dana: Laptop;
}

/** A phase of the cycle's report, or of one of its lanes. */
export const at = ({ reportId }: Pick<Cycle, 'reportId'>, phase: PhaseSlug, lob: string | null = null): Place => ({
  ...{ reportId, phase, lob },
});

type ReportStart = Extract<OperationBody, { kind: 'cycle.start' }>['reports'][number];

export const everybody: ReportStart['assignments'] = [
  { personId: 'mara', role: 'test-manager' },
  { personId: 'tara', role: 'tester' },
  { personId: 'tom', role: 'tester' },
  { personId: 'olga', role: 'report-owner' },
  { personId: 'lena', role: 'test-lead' },
  { personId: 'dana', role: 'data-owner' },
];

/** Skips of the named phases, each with a reason of its own. */
export function skipping(...phases: PhaseSlug[]): ReportStart['skips'] {
  return phases.map((phase) => ({ phase, reason: `this test leaves out ${phase}` }));
}

export async function beginCycle(world: World, more: Partial<ReportStart> = {}): Promise<Cycle> {
  const begun = await beginReport(world, more.reportId, { assignments: everybody, ...more });
  const { cycleId } = await begun.mara.report(begun.reportId, () => true);
  const others = ['tom', 'lena', 'dana'].map((personId) => world.laptop(personId));
  const [tom, lena, dana] = await Promise.all(others);
  if (!tom || !lena || !dana) throw new Error('a laptop is missing');
  return { world, cycleId, ...begun, tom, lena, dana };
}

/** 60 cards, 40 loans, 20 savings; the balance is the row's number times ten. */
export function threeLobs(): string {
  const lobOf = (row: number): string => (row <= 60 ? 'cards' : row <= 100 ? 'loans' : 'savings');
  const lines = Array.from({ length: 120 }, (_, index) => `${index + 1},${lobOf(index + 1)},${(index + 1) * 10}`);
  return ['ID,LOB,BALANCE', ...lines, ''].join('\n');
}
export const lobColumn = { kind: 'column', column: 'LOB' } as const;

/** What an operation has to come to. */
export async function applied(settling: Promise<Receipt>): Promise<Receipt> {
  const receipt = await settling;
  expect(receipt, JSON.stringify(receipt.reason)).toMatchObject({ state: 'applied' });
  return receipt;
}

export async function importRows({ reportId, tara }: Cycle, text = populationCsv(60)): Promise<string> {
  const { fileHash, fileSize } = await tara.handOver(reportId, text);
  const file = { fileHash, fileSize, fileName: 'population.csv', keyColumn: 'ID' };
  await applied(tara.settled({ kind: 'population.import', reportId, ...file }));
  await tara.seen(
    (change) =>
      change.kind === 'population' &&
      change.population.reportId === reportId &&
      change.population.populationHash === fileHash &&
      change.population.state.kind === 'ready',
  );
  return fileHash;
}

export const isIn =
  (...states: PhaseState['state'][]) =>
  (line: PhaseState): boolean =>
    states.includes(line.state);

/** Hands the proposed draft in, with edits where some are wanted; answers with the version that waits for its review. */
export async function handIn(
  { tara }: Cycle,
  place: Place,
  edits: (items: Omit<VersionItem, 'versionId'>[]) => Edit[] = () => [],
): Promise<Version> {
  const draft = await tara.version(place, (version) => version.status === 'draft');
  const { versionId, reportId } = draft;
  const wanted = edits(await tara.contents(versionId));
  await applied(tara.settled({ kind: 'version.submit', reportId, versionId, edits: wanted, note: '' }));
  const number = draft.number + (wanted.length > 0 ? 1 : 0);
  return tara.version(place, (version) => version.status === 'pending' && version.number === number);
}

const approve: ItemVerdict = { verdict: 'approved', reasonCode: null, note: '' };

/** Decides every item that is not approved yet, and submits the review that follows from it. */
export async function review(
  laptop: Laptop,
  version: Version,
  decide: (item: Omit<VersionItem, 'versionId'>) => ItemVerdict = () => approve,
): Promise<Receipt> {
  const { reportId, versionId } = version;
  const items = await laptop.contents(versionId);
  const open = items.filter((item) => item.origin.kind !== 'carried' && item.origin.kind !== 'disputed');
  const decisions = open.map((item) => ({
    ...{ itemKey: item.itemKey, contentHash: item.contentHash },
    seenVerdict: 'pending' as const,
    decision: decide(item),
  }));
  if (decisions.length > 0) {
    await applied(laptop.settled({ kind: 'decisions.record', reportId, versionId, decisions }));
  }
  const rejected = decisions.filter(({ decision }) => decision.verdict === 'rejected').length;
  const disputed = items.filter((item) => item.origin.kind === 'disputed').length;
  const seen = { approved: items.length - rejected - disputed, rejected: rejected + disputed, pending: 0 };
  const verdict = rejected > 0 ? ('revision-requested' as const) : ('approved' as const);
  return applied(laptop.settled({ kind: 'review.submit', reportId, versionId, verdict, note: '', seen }));
}

/** A proposed phase from its draft to its approved version. */
export async function runProposed(
  cycle: Cycle,
  place: Place,
  approver: Laptop,
  edits?: (items: Omit<VersionItem, 'versionId'>[]) => Edit[],
): Promise<Version> {
  await review(approver, await handIn(cycle, place, edits));
  await cycle.tara.phase(place, isIn('completed'));
  return cycle.tara.version(place, (version) => version.status === 'approved');
}

/** Edits after which exactly these attributes are in scope. */
export function scopeTo(...attributes: string[]): (items: Omit<VersionItem, 'versionId'>[]) => Edit[] {
  return (items) =>
    items.map(({ itemKey, contentHash }) => ({
      ...{ edit: 'set', itemKey, contentHash },
      fields: { inScope: attributes.includes(itemKey), rationale: `${itemKey}: chosen for this test` },
    }));
}

/**
 * Plans and draws a sample, over the whole or for one line of business, and has it approved; of `replaced` items at first are rejected as
 * duplicates and drawn anew.
 */
export async function runSample(
  { reportId, tara, olga }: Cycle,
  populationHash: string,
  plan: { lob?: string | null; lobColumn?: string | null; seed?: string; targeted?: string[]; replaced?: number } = {},
): Promise<Version> {
  const lob = plan.lob ?? null;
  const planId = randomUUID();
  const request = {
    ...{ populationHash, keyColumn: 'ID', lobColumn: plan.lobColumn ?? 'LOB', lob },
    ...{ risk: 0.1, tolerable: 0.2, expected: 0, sampleSize: null },
    ...{ seed: plan.seed ?? '20261120', seedOrigin: 'given' as const },
  };
  await tara.phase({ reportId, phase: 'sample-selection', lob: null }, (line) => line.openedAt !== null);
  await applied(tara.settled({ kind: 'sample.plan', reportId, planId, request }));
  const targeted = (plan.targeted ?? []).map((itemKey) => ({ itemKey, reason: 'it looks odd' }));
  await applied(tara.settled({ kind: 'sample.draw', reportId, planId, redrawReason: null, targeted }));
  const place = { reportId, phase: 'sample-selection' as const, lob };
  const drawn = await olga.version(place, (version) => version.status === 'pending');
  const rejected = (await olga.contents(drawn.versionId)).slice(0, plan.replaced ?? 0);
  const duplicate: ItemVerdict = { verdict: 'rejected', reasonCode: 'duplicate', note: '' };
  await review(olga, drawn, (item) => (rejected.some(({ itemKey }) => itemKey === item.itemKey) ? duplicate : approve));
  if (rejected.length > 0) {
    const { versionId } = drawn;
    const answers = rejected.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, answer: 'replace' as const }));
    await tara.phase({ ...place, lob: null }, isIn('in-revision'));
    await applied(tara.settled({ kind: 'revision.submit', reportId, versionId, answers, note: '' }));
    await review(olga, await olga.version(place, (version) => version.revision === 1 && version.status === 'pending'));
  }
  return tara.version(place, (version) => version.status === 'approved');
}

/** Dana answers for every one of the attributes in every line of business. */
export async function runOwners(
  { reportId, tara }: Cycle,
  lobs: readonly string[],
  attributes: readonly string[],
): Promise<void> {
  const place = { reportId, phase: 'data-owner-id' as const, lob: null };
  await tara.phase(place, isIn('in-work'));
  const assignments = lobs.flatMap((lob) =>
    attributes.map((attribute) => ({ lob, attribute, dataOwnerId: 'dana', seenRevision: 0, reason: '' })),
  );
  await applied(tara.settled({ kind: 'owner.assign', reportId, assignments }));
  await complete(tara, place);
}

/** Completes a phase whose work is recorded, and waits until it is. */
export async function complete(
  laptop: Laptop,
  place: Place,
  withoutSamples: { lob: string; reason: string }[] = [],
): Promise<void> {
  await applied(laptop.settled({ kind: 'phase.complete', ...place, withoutSamples, note: '' }));
  await laptop.phase(place, isIn('completed'));
}

/** Dana hands an extract in, tara accepts it and completes the phase; answers with the document's id. */
export async function runDocuments({ reportId, tara, dana }: Cycle, lob: string, csv: string): Promise<string> {
  const place = { reportId, phase: 'request-info' as const, lob };
  await dana.phase(place, isIn('in-work'));
  const documentId = randomUUID();
  const { fileHash, fileSize } = await dana.handOver(reportId, csv);
  const file = { fileHash, fileSize, fileName: `${lob}.csv`, effectiveDate: '2026-09-30', seenRevision: 0, note: '' };
  await applied(
    dana.settled({ kind: 'document.submit', reportId, lob, documentId, title: `Extract of ${lob}`, ...file }),
  );
  const verdict = 'accepted' as const;
  await applied(
    tara.settled({ kind: 'document.review', reportId, lob, documentId, seenRevision: 1, verdict, reason: '' }),
  );
  await complete(tara, place);
  return documentId;
}

/** Has the found values read from the accepted document, does what is to be done `before`, and completes testing; answers with the results by record key. */
export async function runTesting(
  { reportId, tara }: Cycle,
  lob: string,
  documentId: string,
  actions: number,
  before: () => Promise<unknown> = async () => undefined,
): Promise<Map<string, string>> {
  const place = { reportId, phase: 'test-execution' as const, lob };
  await tara.phase(place, isIn('in-work'));
  await applied(tara.settled({ kind: 'evidence.read', reportId, lob, documentId, revision: 2 }));
  const results = (): Map<string, string> =>
    new Map(
      tara.changes
        .flatMap(({ change }) => (change.kind === 'records' ? change.records : []))
        .filter((record) => record.reportId === reportId && record.phase === place.phase && record.lob === lob)
        .map((record) => [record.recordKey, String(record.body['result'])]),
    );
  while (results().size < actions) await tara.pull(10_000);
  await before();
  await complete(tara, place);
  return results();
}

/** One signature over the version as it is. */
export async function sign(laptop: Laptop, version: Version, meaning: 'reviewed' | 'acknowledged'): Promise<Receipt> {
  const { reportId, versionId } = version;
  const itemsHash = version.summary['itemsHash'];
  if (typeof itemsHash !== 'string') throw new Error(`version ${versionId} has no hash of its items`);
  return laptop.settled({ kind: 'report.sign', reportId, versionId, meaning, itemsHash, note: '' });
}

/** Hands the assembled report in and has it signed by lead and owner. */
export async function runReport(
  cycle: Cycle,
  edits?: (items: Omit<VersionItem, 'versionId'>[]) => Edit[],
): Promise<Version> {
  const place = { reportId: cycle.reportId, phase: 'test-report' as const, lob: null };
  const version = await handIn(cycle, place, edits);
  await applied(sign(cycle.lena, version, 'reviewed'));
  await applied(sign(cycle.olga, version, 'acknowledged'));
  await cycle.tara.phase(place, isIn('completed'));
  return cycle.tara.version(place, (each) => each.status === 'approved');
}

/** Edits the signed report: its signatures are voided, and the version answered with waits for others. */
export async function editSigned({ tara }: Cycle, { versionId, reportId, number }: Version): Promise<Version> {
  const [item] = await tara.contents(versionId);
  if (!item) throw new Error('the report is empty');
  const { itemKey, contentHash } = item;
  const edits = [{ edit: 'set' as const, itemKey, contentHash, fields: { title: 'In short' } }];
  await applied(tara.settled({ kind: 'version.submit', reportId, versionId, edits, note: 'a clearer title' }));
  const place = { reportId, phase: 'test-report' as const, lob: null };
  return tara.version(place, (version) => version.number === number + 1 && version.status === 'pending');
}

/** The ledger of the report as this laptop has it now. */
export async function ledgerOf({ reportId }: Pick<Cycle, 'reportId'>, laptop: Laptop): Promise<LedgerEntry[]> {
  await laptop.pull(0);
  return laptop.changes
    .flatMap(({ change }) => (change.kind === 'ledger' ? change.entries : []))
    .filter((entry) => entry.reportId === reportId);
}

/** `planning completed`, `request-info cards in-work`, in the header's order. */
export function standing(report: Report): string[] {
  return report.phases.map(({ phase, lob, state }) => [phase, lob, state].filter(Boolean).join(' '));
}
