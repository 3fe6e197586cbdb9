// Owns whose turn it is in practice, where one person plays all parts. Pure; knows no screen.
import type { PhaseState, Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';

/** The first open phase that waits for somebody, and for whom; null when none waits. What is paused or over waits for nobody. */
export function nextTurn(
  reports: readonly Pick<Report, 'reportId' | 'name' | 'phases' | 'lobs' | 'paused' | 'ended'>[],
): { reportId: string; reportName: string; line: PhaseState } | null {
  for (const { reportId, name, phases, lobs, paused, ended } of reports) {
    if (paused !== null || ended !== null) continue;
    const off = new Set(
      lobs.filter((lane) => lane.status === 'paused' || lane.status === 'cancelled').map((row) => row.lob),
    );
    const line = phases.find((row) => isOpen(row.state) && row.waitingFor.length > 0 && !off.has(row.lob ?? ''));
    if (line) return { reportId, reportName: name, line };
  }
  return null;
}
