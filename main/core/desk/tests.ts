// Owns the list of what is to be tested in a line of business: every approved sample × every attribute in scope, with its result or with what
// is queued here. Reads only; recording is test-recording.ts.
import type { AuditRecord, TestAction, TestActionBody, TestResult } from '../../../domain/audit-record.ts';
import type { Report } from '../../../domain/change.ts';
import type { CommandOutput, CommandParsed, TestRow } from '../../../preload/contract.ts';
import { reportOrFail } from './access.ts';
import type { RecordPlace } from '../cache/reads.ts';
import type { Desk } from './desk.ts';
import { documentRows } from './documents.ts';
import { deliveredOf, nextSeen, ownChangesAt, ownOf, revisionsAt } from './record-overlay.ts';
import type { OwnChanges } from './record-overlay.ts';
import { expectedOf, known, laneScope } from './scope.ts';
import type { LaneTest } from './scope.ts';

type Input = CommandParsed<'test:list'>;
type Counts = CommandOutput<'test:list'>['counts'];

/** The records of testing a line of business. */
export const testPlace = (reportId: string, lob: string): RecordPlace => ({ reportId, phase: 'test-execution', lob });

/**
 * A page of test actions. Counts are of what the attribute and the text let through, whichever results are shown.
 * @throws CommandFailure `not-cached` while it is not known here what is in scope.
 */
export function listTests(desk: Desk, input: Input): CommandOutput<'test:list'> {
  const { reportId, lob, show, attribute, search, offset, limit } = input;
  const { attributes, tests } = known(laneScope(desk, reportOrFail(desk, reportId), lob));
  const resultOf = resultsAt(desk, testPlace(reportId, lob));
  const needle = search.trim().toLowerCase();
  const counts: Counts = { open: 0, pass: 0, fail: 0, notTestable: 0 };
  const page: LaneTest[] = [];
  let total = 0;
  for (const test of tests) {
    if (attribute !== null && test.attribute !== attribute) continue;
    if (needle !== '' && !test.sample.itemKey.toLowerCase().includes(needle)) continue;
    const result = resultOf(test.recordKey);
    counts[countNames[result ?? 'open']] += 1;
    if (show !== 'all' && show !== (result ?? 'open')) continue;
    if (total >= offset && page.length < limit) page.push(test);
    total += 1;
  }
  return { total, counts, attributes, rows: rowsOf(desk, { reportId, lob }, page) };
}

const countNames: Readonly<Record<TestResult | 'open', keyof Counts>> = {
  open: 'open',
  pass: 'pass',
  fail: 'fail',
  'not-testable': 'notTestable',
};

/** How many test actions a line of business has, and how many of them have no result; null while the scope is not known here. */
export function countTests(desk: Desk, report: Report, lob: string): { total: number; open: number } | null {
  const scope = laneScope(desk, report, lob);
  if (!scope) return null;
  const resultOf = resultsAt(desk, testPlace(report.reportId, lob));
  const open = scope.tests.filter(({ recordKey }) => resultOf(recordKey) === null).length;
  return { total: scope.tests.length, open };
}

/** The result that is shown of a record: what is on its way from here, else what the server has. */
export function resultsAt(desk: Desk, place: RecordPlace): (recordKey: string) => TestResult | null {
  const revisions = revisionsAt(desk, place);
  const changes = ownChangesAt(desk, place);
  return (recordKey) => {
    const wanted = wantedIn(ownOf(changes, recordKey));
    return wanted ? wanted.result : ((revisions.get(recordKey)?.result ?? null) as TestResult | null);
  };
}

function wantedIn({ laid }: OwnChanges): TestAction | null {
  const change = laid.at(-1)?.change;
  return change?.kind === 'test.record' || change?.kind === 'test.update' ? (change.actions[0] ?? null) : null;
}

function rowsOf(desk: Desk, lane: { reportId: string; lob: string }, page: readonly LaneTest[]): TestRow[] {
  const place = testPlace(lane.reportId, lane.lob);
  const changes = ownChangesAt(desk, place);
  const titles = new Map(documentRows(desk, lane).map(({ documentId, title }) => [documentId, title]));
  return page.map((test) => {
    const own = ownOf(changes, test.recordKey);
    return rowOf(desk, test, desk.cache.record(place, test.recordKey), own, titles);
  });
}

/** The part of a row that a result brings. */
type Said = Omit<
  TestRow,
  'itemKey' | 'contentHash' | 'attribute' | 'expected' | 'random' | 'revision' | 'documentTitle'
>;

const untested: Said = {
  ...{ found: null, result: null, notTestableReason: '', documentId: null, documentRevision: null, locator: '' },
  ...{ note: '', testedBy: null, testedAt: null, delivery: null, problem: null },
};

function rowOf(
  desk: Desk,
  { sample, attribute }: LaneTest,
  record: AuditRecord | null,
  own: OwnChanges,
  titles: ReadonlyMap<string, string>,
): TestRow {
  const wanted = wantedIn(own);
  const said = wanted ? saidHere(desk, wanted, own) : record ? saidThere(record) : untested;
  return {
    ...{ itemKey: sample.itemKey, contentHash: sample.contentHash, attribute, random: sample.random },
    expected: expectedOf(sample, attribute),
    ...said,
    documentTitle: said.documentId === null ? null : (titles.get(said.documentId) ?? null),
    revision: nextSeen(own, record?.revision ?? 0),
    ...deliveredOf(own),
  };
}

function saidThere({ body, actorId, decidedAt }: AuditRecord): Said {
  const { found, result, notTestableReason, documentId, documentRevision, locator, note } = body as TestActionBody;
  const evidence = { documentId, documentRevision, locator };
  return { ...untested, found, result, notTestableReason, ...evidence, note, testedBy: actorId, testedAt: decidedAt };
}

function saidHere(desk: Desk, action: TestAction, { laid }: OwnChanges): Said {
  const { found, result, notTestableReason, evidence, note } = action;
  const operationId = laid.at(-1)?.operationId ?? '';
  return {
    ...untested,
    ...{ found, result, notTestableReason, note },
    ...{ documentId: evidence?.documentId ?? null, documentRevision: evidence?.revision ?? null },
    ...{ locator: evidence?.locator ?? '', testedBy: desk.personId },
    testedAt: desk.outbox.tables.operations.get(operationId)?.decided_at ?? null,
  };
}
