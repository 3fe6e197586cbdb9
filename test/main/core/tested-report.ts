// A report whose scope and sample are approved and whose lanes run, as the feed brings it: what recorded work rests on. Knows no command.
import { actionKey, assignmentKey } from '../../../domain/audit-record.ts';
import type { AuditPhase, AuditRecord, DocumentBody, TestActionBody } from '../../../domain/audit-record.ts';
import type { Report } from '../../../domain/change.ts';
import { phasesOf } from '../../../domain/flow.ts';
import type { PhaseStatus } from '../../../domain/flow.ts';
import { practicePeople } from '../../../domain/people.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ItemBody } from '../../../domain/version.ts';
import { at, contents, countsOf, decision, report, reportId, testDesk, version } from './desk-builder.ts';
import type { TestDesk, Thing } from './desk-builder.ts';
import { lane, phaseLine } from './running-report.ts';

export const lobs = ['Cards', 'Retail'];
/** In scope; NOTE is not. */
export const attributes = ['LIMIT_BAL', 'AGE'];

/** The report with its lanes. `states`: where phases stand that are not completed; of a lane's phase in both lanes. */
export function testedReport(
  states: Partial<Record<PhaseSlug, PhaseStatus>> = { 'request-info': 'in-work' },
  over: Partial<Report> = {},
): Report {
  const behind = ['planning', 'data-profiling', 'scoping', 'sample-selection', 'data-owner-id'];
  const stateOf = (phase: PhaseSlug): PhaseStatus =>
    states[phase] ?? (behind.includes(phase) ? 'completed' : 'not-started');
  return report({
    assignments: [
      { personId: 'mara', role: 'test-manager' },
      { personId: 'tara', role: 'tester' },
      { personId: 'tom', role: 'tester' },
      { personId: 'lena', role: 'test-lead' },
      { personId: 'olga', role: 'report-owner' },
      { personId: 'dana', role: 'data-owner' },
    ],
    phases: [
      ...phasesOf('report').map((phase) => phaseLine(phase, null, stateOf(phase))),
      ...lobs.flatMap((lob) => phasesOf('lob').map((phase) => phaseLine(phase, lob, stateOf(phase)))),
    ],
    lobSource: { kind: 'column', column: 'LOB' },
    lobs: lobs.map((lob) => lane(lob, { samples: 2 })),
    ...over,
  });
}

/** Samples `S-0` to `S-3`, two in each line of business; `S-4` was rejected and is not tested. */
export const samples: Thing[] = Array.from({ length: 5 }, (_, index) => ({
  itemKey: `S-${index}`,
  body: { ID: `S-${index}`, LOB: lobs[index % 2]!, LIMIT_BAL: 1000 * (index + 1), AGE: 20 + index, NOTE: 'n' },
}));
const scoped = (attribute: string, inScope: boolean): Thing => ({
  itemKey: attribute,
  body: { attribute, inScope, risk: 'high', rationale: 'matters', criticalDataElement: false, exceptions: null },
  source: { kind: 'proposed' },
});

/** Feeds people, the report, its approved scoping and its approved sample. */
export function feedTested(desk: TestDesk, of: Report = testedReport()): void {
  const scoping = [...attributes.map((name) => scoped(name, true)), scoped('NOTE', false)];
  const approved = { status: 'approved', reviewVerdict: 'approved', reviewedBy: 'olga', reviewedAt: at } as const;
  desk.feed(
    practicePeople.map((person) => ({ kind: 'person', person })),
    'directory',
  );
  const scopingId = 'version-scoping';
  const sampleId = 'version-sample';
  const said = (versionId: string, things: readonly Thing[]) =>
    things.map(({ itemKey }) => decision({ versionId, itemKey }));
  desk.feed([
    { kind: 'report', report: of },
    {
      kind: 'version',
      version: version({
        versionId: scopingId,
        phase: 'scoping',
        itemCount: 3,
        counts: countsOf(3, { approved: 3 }),
        ...approved,
      }),
    },
    { kind: 'decisions', versionId: scopingId, decisions: said(scopingId, scoping) },
    {
      kind: 'version',
      version: version({
        versionId: sampleId,
        itemCount: 5,
        counts: countsOf(5, { approved: 4, rejected: 1 }),
        ...approved,
      }),
    },
    {
      kind: 'decisions',
      versionId: sampleId,
      decisions: [
        ...said(sampleId, samples.slice(0, 4)),
        decision({ versionId: sampleId, itemKey: 'S-4', verdict: 'rejected', reasonCode: 'voided' }),
      ],
    },
  ]);
  desk.cache.storeContents(contents(scopingId, scoping));
  desk.cache.storeContents(contents(sampleId, samples));
}

/** A desk with all of it. */
export function testedDesk(personId: string, of: Report = testedReport()): TestDesk {
  const desk = testDesk(personId);
  feedTested(desk, of);
  return desk;
}

function recordOf(
  phase: AuditPhase,
  lob: string | null,
  recordKey: string,
  body: ItemBody,
  over: Partial<AuditRecord> = {},
): AuditRecord {
  const times = { decidedAt: at, receivedAt: at, appliedAt: at };
  const named = { reportId, phase, lob, recordKey, revision: 1, reason: '', actorId: 'tara', operationId: 'elsewhere' };
  return { ...named, body, ...times, ...over };
}

/** An accepted document of a line of business. */
export function documentRecord(lob: string, over: Partial<DocumentBody> = {}, revision = 2): AuditRecord {
  const body: DocumentBody = {
    ...{
      title: 'Statement',
      fileName: 'cards.csv',
      fileHash: 'd'.repeat(64),
      fileSize: 10,
      effectiveDate: '2026-10-31',
    },
    ...{ state: 'accepted', submittedBy: 'dana', submission: 1, note: '' },
    ...over,
  };
  return recordOf('request-info', lob, 'document-1', body, { revision });
}

export function testRecord(
  lob: string,
  itemKey: string,
  attribute: string,
  over: Partial<TestActionBody> = {},
  rest: Partial<AuditRecord> = {},
): AuditRecord {
  const body: TestActionBody = {
    ...{ itemKey, attribute, expected: null, found: null, result: 'pass', notTestableReason: '' },
    ...{ documentId: 'document-1', documentRevision: 2, locator: '', note: '', random: true },
    ...over,
  };
  return recordOf('test-execution', lob, actionKey(itemKey, attribute), body, rest);
}

export function ownerRecord(lob: string, attribute: string, over: Partial<AuditRecord> = {}): AuditRecord {
  const body = { lob, attribute, dataOwnerId: 'dana', dataOwner: 'Dana Dataowner' };
  return recordOf('data-owner-id', null, assignmentKey(lob, attribute), body, over);
}
