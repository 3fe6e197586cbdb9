// Owns whether it is a phase's turn: paused, over, not open, expired. The one place that every rule of a report asks,
// in the store where it counts and on the laptop beforehand. Knows no role but that of the test manager, whom an expired deadline does not stop.
import type { PhaseState, Report } from './change.ts';
import { isOpen } from './flow.ts';
import type { Reason } from './operation.ts';
import type { Person } from './people.ts';
import { placeName } from './phases.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;

/** Why nothing can be done in a report now, whatever the phase; null when something can. That it is over is said before any rule. */
export function whyNotGoing(report: Pick<Report, 'paused'>): Reason | null {
  if (report.paused === null) return null;
  const why = report.paused.reason === '' ? '' : ` (${report.paused.reason})`;
  return { code: 'paused', message: `this report is paused${why}: a test manager can resume it` };
}

/**
 * Why the actor can do nothing in this phase now, or null when they can: the report or the lane is paused, the phase is not open,
 * or its deadline passed.
 */
export function whyNotTurn(report: Report, place: Place, actor: Pick<Person, 'personId'>): Reason | null {
  const reason = whyNotGoing(report) ?? whyNotLane(report, place.lob);
  if (reason) return reason;
  const line = report.phases.find((row) => row.phase === place.phase && row.lob === place.lob);
  if (!line) return { code: 'not-found', message: `this report has no phase ${placeName(place)}` };
  if (!isOpen(line.state)) return { code: 'out-of-turn', message: notOpen(report, line) };
  return whyExpired(report, line, actor);
}

/** Why a line of business takes nothing, or null when it does; always null for the whole report. */
export function whyNotLane(report: Pick<Report, 'lobs'>, lob: string | null): Reason | null {
  if (lob === null) return null;
  const lane = report.lobs.find((row) => row.lob === lob);
  if (!lane) return { code: 'not-found', message: `this report has no line of business "${lob}"` };
  const why = lane.reason === '' ? '' : ` (${lane.reason})`;
  if (lane.status === 'paused') {
    return { code: 'paused', message: `the line of business ${lob} is paused${why}: a test manager can resume it` };
  }
  return lane.status === 'cancelled'
    ? { code: 'out-of-turn', message: `the line of business ${lob} was cancelled${why}` }
    : null;
}

/** Why the deadline of a phase keeps the actor off it, or null: managers may act, and extend it. */
export function whyExpired(
  report: Pick<Report, 'assignments'>,
  line: Pick<PhaseState, 'phase' | 'lob' | 'expiredAt' | 'dueAt'>,
  actor: Pick<Person, 'personId'>,
): Reason | null {
  const manages = report.assignments.some((row) => row.role === 'test-manager' && row.personId === actor.personId);
  if (line.expiredAt === null || manages) return null;
  const message = `the deadline of ${placeName(line)} passed (${line.dueAt ?? line.expiredAt}): a test manager can extend it`;
  return { code: 'expired', message };
}

const notOpenBecause = {
  'not-started': 'has not begun yet',
  completed: 'is completed',
  skipped: 'was skipped',
} as const;

function notOpen(report: Report, line: PhaseState): string {
  const open = report.phases.filter((row) => isOpen(row.state)).map(placeName);
  const shown = open.length > 5 ? [...open.slice(0, 5), `${open.length - 5} more`] : open;
  const now = open.length === 0 ? 'no phase is open' : `open now: ${shown.join(', ')}`;
  const why = line.state in notOpenBecause ? notOpenBecause[line.state as keyof typeof notOpenBecause] : 'is not open';
  return `${placeName(line)} ${why}; ${now}`;
}
