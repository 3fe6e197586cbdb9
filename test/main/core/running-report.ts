// A report in the middle of its cycle, as the feed brings it, for tests of what the laptop says beforehand. Knows no core.
import type { AuditRecord, DocumentBody } from '../../../domain/audit-record.ts';
import { reportFeed } from '../../../domain/change.ts';
import type { Change, LobState, PhaseState, Report } from '../../../domain/change.ts';
import type { Compensation } from '../../../domain/compensation.ts';
import { phasesOf } from '../../../domain/flow.ts';
import type { PhaseStatus } from '../../../domain/flow.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { ColumnProfile, Population } from '../../../domain/population.ts';
import type { PullPage } from '../../../main/core/cache/cache.ts';

export const reportId = 'report-0001';
const at = '2026-11-25T08:00:00.000Z';

export function phaseLine(phase: PhaseSlug, lob: string | null, state: PhaseStatus): PhaseState {
  const times = { openedAt: null, dueAt: null, remindAt: null, remindedAt: null, expiredAt: null };
  return { phase, lob, state, outcome: null, reason: '', versionId: null, since: at, ...times, waitingFor: [] };
}

export function lane(lob: string, over: Partial<LobState> = {}): LobState {
  const nothing = { reason: '', withoutSamples: null, deviations: null };
  return { lob, status: 'running', rows: 600, samples: 15, ...nothing, ...over };
}

/** Documents are asked for in North, whose lane runs; South is paused. Everything before is completed. */
export function runningReport(over: Partial<Report> = {}): Report {
  const before = ['planning', 'data-profiling', 'scoping', 'sample-selection', 'data-owner-id'];
  return {
    ...{ reportId, cycleId: 'cycle-0001', name: 'Card portfolio', dueAt: null },
    assignments: [
      { personId: 'mara', role: 'test-manager' },
      { personId: 'tara', role: 'tester' },
      { personId: 'olga', role: 'report-owner' },
      { personId: 'dana', role: 'data-owner' },
    ],
    phases: [
      ...phasesOf('report').map((phase) =>
        phaseLine(phase, null, before.includes(phase) ? 'completed' : 'not-started'),
      ),
      ...['North', 'South'].flatMap((lob) =>
        phasesOf('lob').map((phase) => phaseLine(phase, lob, phase === 'request-info' ? 'in-work' : 'not-started')),
      ),
    ],
    lobSource: { kind: 'column', column: 'REGION' },
    lobs: [lane('North'), lane('South', { status: 'paused', reason: 'audit elsewhere' })],
    ...{ skips: [], deadlines: [], paused: null, ended: null, problem: null, redraws: 0 },
    ...over,
  };
}

/** A page of the report's feed; numbers go on from `from`. */
export function reportPage(changes: readonly Change[], from = 1): PullPage {
  const rows = changes.map((change, index) => ({ sequence: from + index, change }));
  const feeds = [{ feed: reportFeed(reportId), rows, cursor: from + rows.length - 1 }];
  return { kind: 'page', feeds, reportIds: [reportId], more: false, serverTime: at };
}

/** A population that was read, with the column of the lines of business. */
export function regionPopulation(): Population {
  const nothing = { nulls: 0, blanks: 0, examples: [], percentiles: [], min: null, max: null, type: 'text' as const };
  const repeats = { unique: false, duplicates: [], blankRows: [] };
  const region: ColumnProfile = {
    ...nothing,
    ...{ name: 'REGION', distinct: 2, key: repeats },
    frequent: ['North', 'South'].map((value) => ({ value, count: 600 })),
  };
  const id: ColumnProfile = {
    ...nothing,
    ...{ name: 'ID', distinct: 1_200, frequent: [], key: { ...repeats, unique: true } },
  };
  const file = { delimiter: ',', encoding: 'utf-8', keyColumn: 'ID', warnings: [] };
  return {
    ...{
      populationHash: 'a'.repeat(64),
      reportId,
      fileName: 'a.csv',
      fileSize: 10,
      importedBy: 'tara',
      importedAt: at,
    },
    state: { kind: 'ready', rowCount: 1_200, columns: [id, region], ...file },
  };
}

/** A revision of a document of North, handed in by the data owner. */
export function documentRecord(documentId: string, revision: number, state: DocumentBody['state']): AuditRecord {
  const body: DocumentBody = {
    ...{
      title: 'Ledger of June',
      fileName: 'a.csv',
      fileHash: 'a'.repeat(64),
      fileSize: 3,
      effectiveDate: '2026-06-30',
    },
    ...{ state, submittedBy: 'dana', submission: 1, note: '' },
  };
  return {
    ...{ reportId, phase: 'request-info', lob: 'North', recordKey: documentId, revision, body, reason: '' },
    ...{ actorId: 'dana', operationId: 'operation-1', decidedAt: at, receivedAt: at, appliedAt: at },
  };
}

/** What tara's completing of North's documents left behind when it could not be carried out. */
export function waitingCompensation(over: Partial<Compensation> = {}): Compensation {
  return {
    ...{ compensationId: 'compensation-1', reportId, phase: 'request-info', lob: 'North' },
    ...{ job: 'complete-phase', operationId: 'operation-1', strategy: 'partial-rollback', reason: 'the disk is full' },
    actions: [
      { action: 'step-held', at },
      { action: 'notified', at },
    ],
    ...{ state: 'waiting', settled: null },
    ...over,
  };
}
