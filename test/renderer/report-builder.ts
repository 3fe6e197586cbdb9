// Builds a report header for the screens' words: its phases not started unless a test says otherwise. Knows no store.
import type { Compensation } from '../../domain/compensation.ts';
import type { LobState, PhaseState, Report } from '../../domain/change.ts';
import { phasesOf } from '../../domain/flow.ts';
import type { PhaseSlug } from '../../domain/phases.ts';

export const at = '2026-11-21T12:00:00.000Z';

export function aLine(phase: PhaseSlug, lob: string | null = null, more: Partial<PhaseState> = {}): PhaseState {
  return {
    ...{ phase, lob, state: 'not-started', outcome: null, reason: '', versionId: null, since: at, openedAt: null },
    ...{ dueAt: null, remindAt: null, remindedAt: null, expiredAt: null, waitingFor: [] },
    ...more,
  };
}

export function aLane(lob: string, more: Partial<LobState> = {}): LobState {
  return {
    ...{ lob, status: 'waiting', reason: '', rows: 100, samples: null, withoutSamples: null, deviations: null },
    ...more,
  };
}

/** An act that could not be carried out and waits for a test manager. */
export function aCompensation(more: Partial<Compensation> = {}): Compensation {
  return {
    ...{ compensationId: 'compensation-001', reportId: 'report-001', phase: 'scoping', lob: null },
    ...{ job: 'settle-review', operationId: 'operation-001', strategy: 'partial-rollback', reason: 'the disk is full' },
    actions: [
      { action: 'step-held', at },
      { action: 'notified', at },
    ],
    ...{ state: 'waiting', settled: null },
    ...more,
  };
}

/** @param lines what differs, by phase, or by `phase/LOB` in a lane. */
export function aReport(
  lines: Readonly<Record<string, Partial<PhaseState>>> = {},
  lobs: readonly LobState[] = [],
  more: Partial<Report> = {},
): Report {
  return {
    ...{ reportId: 'report-001', cycleId: 'cycle-001', name: 'Card portfolio', dueAt: null, assignments: [] },
    phases: [
      ...phasesOf('report').map((phase) => aLine(phase, null, lines[phase] ?? {})),
      ...lobs.flatMap(({ lob }) => phasesOf('lob').map((phase) => aLine(phase, lob, lines[`${phase}/${lob}`] ?? {}))),
    ],
    ...{ lobSource: null, lobs: [...lobs], skips: [], deadlines: [], paused: null, ended: null, problem: null },
    redraws: 0,
    ...more,
  };
}
