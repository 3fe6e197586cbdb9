// Owns the completion of what nobody reviews: the version that the latest records of a phase make, or the end of a sample selection
// that was planned per line of business. In one transaction and once; whether it may be completed was judged before.
import { isDeviation } from '../../domain/audit-record.ts';
import type { AuditPhase, AuditRecord, TestResult } from '../../domain/audit-record.ts';
import type { Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version, WorkflowContext } from '../../domain/version.ts';
import { nameOf } from './flow-ledger.ts';
import { enterFailure, finishFollowUp, readFollowed } from './follow-up.ts';
import type { Followed } from './follow-up.ts';
import { withSamples } from './lob-samples.ts';
import { countedItems } from './made-words.ts';
import { insertVersion, madeBefore, recordMade, versionIdOf } from './new-version.ts';
import type { NewItem } from './new-version.ts';
import { notify } from './notifications.ts';
import { readLatestRecords } from './records.ts';
import { emitReport, lineOf, readReport, saveLobs } from './reports.ts';
import type { PhaseMove } from './reports.ts';
import { readSampleVersions, sampleMove } from './sample-line.ts';
import { recordCompleted } from './settle-review.ts';
import type { Store } from './store.ts';
import { readLine, readVersion } from './version-rows.ts';
import { emitVersion, supersedeBefore } from './version-status.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

export interface Completion {
  /** Made of workflow id, phase, LOB and operation id, never of a run or an attempt. */
  idempotencyKey: string;
  operationId: string;
  reportId: string;
  phase: PhaseSlug;
  lob: string | null;
  workflow: WorkflowContext;
}

const over = { remindAt: null, dueAt: null, expiredAt: null };

/**
 * Completes a phase: the version of its latest records, approved at once; null for sample selection, whose versions exist. Null too
 * when the phase is not open any more; why stands in the ledger then. Done again, it answers with what it made the first time.
 */
export async function completeRecords(store: Store, input: Completion, clock: () => string): Promise<Version | null> {
  return write(store, clock(), async (writing) => {
    const made = await madeBefore(writing, input.idempotencyKey);
    if (made) return made;
    const { reportId, operationId, phase, lob } = input;
    const report = await readReport(writing.trx, reportId);
    const line = report && lineOf(report, { phase, lob });
    if (!report || !line) throw new Error(`the report ${reportId} has no phase ${nameOf({ phase, lob })}`);
    const cause = await readFollowed(writing.trx, operationId);
    const lane = report.lobs.find((row) => row.lob === lob);
    if (report.ended !== null || lane?.status === 'cancelled' || !isOpen(line.state)) {
      if (phase === 'sample-selection' && line.state === 'completed') return finished(writing, operationId);
      const message = `${nameOf({ phase, lob })} is not open any more`;
      return enterFailure(writing, { operationId, reportId, operation: 'create', message });
    }
    if (phase === 'sample-selection') return completeSamples(writing, input, report);
    if (!isAudit(phase)) throw new Error(`${phase} keeps no records: it is completed by a review`);
    return completeAudit(writing, input, phase, report, cause);
  });
}

async function finished(writing: Writing, operationId: string): Promise<null> {
  await finishFollowUp(writing, operationId);
  return null;
}

function isAudit(phase: PhaseSlug): phase is AuditPhase {
  return phaseOf(phase).versioning === 'audit-only';
}

async function completeSamples(writing: Writing, input: Completion, report: Report): Promise<null> {
  const { reportId, operationId } = input;
  const move = await sampleMove(writing.trx, report);
  if (move.state !== 'completed') {
    const message = 'a line of business has neither an approved sample nor a reason for having none';
    return enterFailure(writing, { operationId, reportId, operation: 'create', message });
  }
  await endSelection(writing, report, move);
  return finished(writing, operationId);
}

async function endSelection(writing: Writing, report: Report, move: PhaseMove): Promise<void> {
  const { reportId } = report;
  await saveLobs(writing, reportId, await withSamples(writing.trx, report));
  await emitReport(writing, reportId, { ...move, ...over });
  const { phase, versionId = null, outcome } = move;
  await recordCompleted(writing, report, { phase, lob: null, versionId, outcome });
}

/**
 * Moves a sample selection on that was planned per line of business and waited for one that was cancelled: to what the others need,
 * or to its end when each of them has an approved sample or a reason for none.
 */
export async function selectWithout(writing: Writing, report: Report): Promise<void> {
  const line = lineOf(report, { phase: 'sample-selection', lob: null });
  const versions = await readSampleVersions(writing.trx, report.reportId);
  if (!line || !isOpen(line.state) || !versions.some((row) => row.lob !== '')) return;
  const move = await sampleMove(writing.trx, report);
  // Where none of them has a sample, a manager skips the phase: that is not decided by the way.
  const isEmpty = !versions.some((row) => row.status === 'approved');
  if (move.state === line.state || (move.state === 'completed' && isEmpty)) return;
  if (move.state === 'completed') await endSelection(writing, report, move);
  else await emitReport(writing, report.reportId, move);
}

async function completeAudit(
  writing: Writing,
  input: Completion,
  phase: AuditPhase,
  report: Report,
  cause: Followed,
): Promise<Version | null> {
  const { reportId, lob, idempotencyKey, workflow } = input;
  const place = { phase, lob };
  const records = await readLatestRecords(writing.trx, reportId, phase, lob);
  const line = await readLine(writing.trx, { reportId, ...place });
  const versionId = versionIdOf(idempotencyKey);
  const number = (line.at(-1)?.number ?? 0) + 1;
  // Before the new one is there: at most one version of a line is approved at any time.
  await supersedeBefore(writing, { cycle_id: report.cycleId, report_id: reportId, phase, lob: lob ?? '', number });
  const rows = records.map(rowOf);
  const row = await insertVersion(writing, { idempotencyKey, reportId, rows, workflow }, cause, {
    ...{ ...place, status: 'approved', number, revision: 0 },
    ...{ parentVersionId: line.at(-1)?.version_id ?? null, masterRecordId: line.at(0)?.master_record_id ?? versionId },
    ...{ planId: null, summary: {} },
  });
  await emitVersion(writing, versionId);
  if (phase === 'test-execution') await saveDeviations(writing, report, lob, records);
  const outcome = 'recorded' as const;
  const told = await emitReport(writing, reportId, {
    ...place,
    versionId,
    state: 'completed',
    outcome,
    reason: '',
    ...over,
  });
  const summary = `recorded version ${number} of ${nameOf(place)}: ${countedItems(phase, records.length)}`;
  await recordMade(writing, row, cause, { operation: 'create', summary });
  await recordCompleted(writing, report, { ...place, versionId, outcome });
  await finishFollowUp(writing, cause.operationId);
  await tellManagers(writing, told, place);
  return readVersion(writing.trx, versionId);
}

function rowOf(record: AuditRecord): NewItem {
  const { recordKey, body, actorId, revision, operationId } = record;
  return {
    itemKey: recordKey,
    content: { body },
    source: { kind: 'added', by: actorId },
    origin: { kind: 'recorded', recordRevision: revision, operationId },
    verdict: 'approved',
  };
}

async function saveDeviations(
  writing: Writing,
  report: Report,
  lob: string | null,
  records: readonly AuditRecord[],
): Promise<void> {
  const deviations = records.filter(({ body }) => isDeviation(body['result'] as TestResult)).length;
  const lobs = report.lobs.map((row) => (row.lob === lob ? { ...row, deviations } : row));
  await saveLobs(writing, report.reportId, lobs);
}

async function tellManagers(
  writing: Writing,
  report: Report,
  place: { phase: PhaseSlug; lob: string | null },
): Promise<void> {
  const personIds = report.assignments.filter((row) => row.role === 'test-manager').map((row) => row.personId);
  await notify(writing, {
    ...{ reportId: report.reportId, personIds, kind: 'completed', ...place },
    key: `completed/${place.phase}/${place.lob ?? '-'}`,
    text: `${nameOf(place)} of "${report.name}" is completed`,
  });
}
