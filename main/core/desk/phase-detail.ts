// Owns a phase of a report as the screen shows it: where it stands, its versions, and what this person may do in it. Reads only.
import type { Act } from '../../../domain/authority.ts';
import { whyNot } from '../../../domain/authority.ts';
import type { AuditPhase } from '../../../domain/audit-record.ts';
import type { PhaseState, Report } from '../../../domain/change.ts';
import { whyNotDeadline, whyNotSkip } from '../../../domain/control.ts';
import type { Reason } from '../../../domain/operation.ts';
import { phaseOf, placeName } from '../../../domain/phases.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import type { Version } from '../../../domain/version.ts';
import type { CommandParsed, PhaseDetail } from '../../../preload/contract.ts';
import { personOf, placeOf, reportOrFail, whyNotAt, whyOver } from './access.ts';
import type { Place } from './access.ts';
import { whyNotCompleted } from './completion.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import { deliveryAt, lastOperationAt } from './phase-operations.ts';
import { revisionsAt } from './record-overlay.ts';

/** A phase of a report, and what this person may do in it. */
export function phaseDetail(desk: Desk, input: CommandParsed<'phase:get'>): PhaseDetail {
  const { reportId, phase, lob } = input;
  const report = reportOrFail(desk, reportId);
  const place = { phase, lob };
  const state = stateOf(report, place);
  return {
    report,
    state,
    lob: report.lobs.find((row) => row.lob === lob) ?? null,
    versions: versionsAt(desk, reportId, place),
    records: recordsAt(desk, reportId, place),
    may: {
      complete: whyNotComplete(desk, report, place),
      skip: whyNotManage(desk, report, { kind: 'skip' }) ?? whyNotSkip(report, place),
      setDeadline:
        whyNotManage(desk, report, { kind: 'set-deadline' }) ?? whyNotDeadline(report, place, null, desk.now()),
      record: whyNotRecord(desk, report, place),
    },
    delivery: deliveryAt(desk, reportId, place),
  };
}

/** The line of a phase. @throws CommandFailure `not-found`. */
function stateOf(report: Report, place: Place): PhaseState {
  const line = report.phases.find((row) => row.phase === place.phase && row.lob === place.lob);
  if (line) return line;
  const names = report.lobs.map((row) => row.lob).join(', ');
  const hint =
    phaseOf(place.phase).scope === 'report' ? 'it is of the whole report' : `lines of business: ${names || 'none yet'}`;
  throw failed('not-found', `${report.name} has no phase ${placeName(place)}; ${hint}`);
}

/** Versions of a line, newest first. Samples of single lines of business belong to the phase of the whole report. */
export function versionsAt(desk: Desk, reportId: string, place: Place): Version[] {
  return desk.cache.versions(reportId).filter((version) => {
    const at = placeOf(version);
    return at.phase === place.phase && at.lob === place.lob;
  });
}

function recordsAt(desk: Desk, reportId: string, { phase, lob }: Place): number {
  return phaseOf(phase).versioning === 'audit-only'
    ? revisionsAt(desk, { reportId, phase: phase as AuditPhase, lob }).size
    : 0;
}

function whyNotManage(desk: Desk, report: Report, act: Act): Reason | null {
  return whyOver(report) ?? whyNot(act, personOf(desk), report.assignments);
}

/** Why this person cannot end a phase now, by role, turn or what is missing; null when they can. */
export function whyNotComplete(desk: Desk, report: Report, place: Place): Reason | null {
  const fault =
    whyNotAt(desk, { kind: 'complete', phase: place.phase }, report, place) ?? whyNotCompleted(desk, report, place);
  return fault ?? whyCompleting(desk, report, place);
}

/** Why a phase is not completed a second time, or null: this laptop did it, and what follows from it is not here yet. */
function whyCompleting(desk: Desk, { reportId }: Report, place: Place): Reason | null {
  const state = lastOperationAt(desk, reportId, place, 'phase.complete')?.state;
  const name = placeName(place);
  if (state === 'queued' || state === 'sent') {
    return { code: 'out-of-turn', message: `${name} was completed on this laptop and waits for its receipt` };
  }
  // Naming lines of business without samples may leave the phase open.
  if (state !== 'applied' || phaseOf(place.phase).versioning !== 'audit-only') return null;
  const message = `${name} was completed on this laptop; what follows from it is not on this laptop yet`;
  return { code: 'out-of-turn', message };
}

const recordActs: Partial<Record<PhaseSlug, Act>> = {
  'data-owner-id': { kind: 'assign-owners' },
  'request-info': { kind: 'submit-document' },
  'test-execution': { kind: 'record-tests' },
};

/** Why this person cannot assign owners, hand in documents or test now, as the phase has it; null when they can. */
export function whyNotRecord(desk: Desk, report: Report, place: Place): Reason | null {
  const act = recordActs[place.phase];
  if (!act) {
    return { code: 'out-of-turn', message: `${phaseOf(place.phase).name} keeps versions, and no records` };
  }
  return whyNotAt(desk, act, report, place);
}
