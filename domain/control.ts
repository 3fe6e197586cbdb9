// Owns what stands against steering a report: pausing, cancelling, lines of business, skips, deadlines; and what a pause does to
// deadlines. Pure: asked on the laptop beforehand and by the store where it counts. Knows no role.
import type { LobState, PhaseState, Report } from './change.ts';
import { isOpen, isSettled } from './flow.ts';
import { noLob } from './in-scope.ts';
import { lobLimit } from './operation.ts';
import type { ControlAct, LobSource, Reason } from './operation.ts';
import { phaseOf, placeName } from './phases.ts';
import type { PhaseSlug } from './phases.ts';
import type { ColumnProfile } from './population.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;

function outOfTurn(message: string): Reason {
  return { code: 'out-of-turn', message };
}

/** Why a report cannot be paused, resumed or cancelled now; null when it can. */
export function whyNotControl(report: Pick<Report, 'ended' | 'paused' | 'phases'>, act: ControlAct): Reason | null {
  if (report.ended !== null) return outOfTurn(`this report is over already: ${report.ended.reason}`);
  if (act === 'resume') return report.paused === null ? outOfTurn('this report is not paused') : null;
  if (act === 'pause' && report.paused !== null) {
    return outOfTurn(`this report is paused already, since ${report.paused.at}`);
  }
  const signed = report.phases.some((line) => line.phase === 'test-report' && line.state === 'completed');
  return signed ? outOfTurn(`this report is signed: there is nothing left to ${act}`) : null;
}

/** Why a line of business cannot be added, paused, resumed or cancelled now; null when it can. */
export function whyNotControlLob(
  report: Pick<Report, 'lobs' | 'lobSource' | 'phases'>,
  lob: string,
  act: ControlAct | 'add',
): Reason | null {
  const lane = report.lobs.find((row) => row.lob === lob);
  if (act === 'add') return whyNotAdd(report, lob, lane);
  if (!lane) {
    const names = report.lobs.map((row) => row.lob);
    const known = names.length === 0 ? 'none are recorded yet' : `it has ${names.join(', ')}`;
    return { code: 'not-found', message: `this report has no line of business "${lob}": ${known}` };
  }
  if (lane.status === 'finished' || lane.status === 'cancelled') {
    return outOfTurn(`the line of business ${lob} is ${lane.status} already`);
  }
  if (act === 'resume') return lane.status === 'paused' ? null : outOfTurn(`the line of business ${lob} is not paused`);
  return act === 'pause' && lane.status === 'paused'
    ? outOfTurn(`the line of business ${lob} is paused already, since ${lane.pausedAt ?? 'before'}`)
    : null;
}

function whyNotAdd(
  report: Pick<Report, 'lobs' | 'lobSource' | 'phases'>,
  lob: string,
  lane: LobState | undefined,
): Reason | null {
  if (lane) {
    const again = lane.status === 'cancelled' ? 'was cancelled and is not taken up again' : 'is there already';
    return outOfTurn(`the line of business ${lob} ${again}`);
  }
  if (report.lobs.length === 0) {
    return outOfTurn('the lines of business are not recorded yet: choose them instead, until scoping is settled');
  }
  if (report.lobSource === null || report.lobSource.kind === 'none') {
    return outOfTurn('this report is not divided into lines of business, so that none can be added');
  }
  if (report.lobs.length >= lobLimit) return outOfTurn(`a report has at most ${lobLimit} lines of business`);
  const last = report.phases.find((line) => line.phase === 'test-report');
  return last && last.state !== 'not-started'
    ? outOfTurn(`${placeName(last)} has begun: a line of business can be added only before that`)
    : null;
}

/** Why a phase cannot be left out; null when it can. A LOB phase without a LOB means all lines of business, also later ones. */
export function whyNotSkip(report: Pick<Report, 'phases' | 'lobs' | 'skips'>, place: Place): Reason | null {
  if (!phaseOf(place.phase).skippable) {
    return outOfTurn(`${placeName(place)} cannot be skipped: it is what the cycle is for`);
  }
  const wished = report.skips.some((row) => row.phase === place.phase && (row.lob === place.lob || row.lob === null));
  if (wished) return outOfTurn(`${placeName(place)} is to be skipped already`);
  return whyNoLine(report, place);
}

/** Why the deadline of a phase cannot be set or taken away; null when it can. */
export function whyNotDeadline(
  report: Pick<Report, 'phases' | 'lobs'>,
  place: Place,
  dueAt: string | null,
  now: string,
): Reason | null {
  const reason = whyNoLine(report, place);
  if (reason) return reason;
  if (linesAt(report, place).length === 0) {
    return outOfTurn('the lines of business are not recorded yet: set this deadline when they are');
  }
  return dueAt !== null && Date.parse(dueAt) <= Date.parse(now)
    ? { code: 'malformed', message: `the deadline ${dueAt} is over already: name a later one` }
    : null;
}

/** Why nothing can be said of a phase any more, or it is not there; null while something can. */
function whyNoLine(report: Pick<Report, 'phases' | 'lobs'>, place: Place): Reason | null {
  const { phase, lob } = place;
  if (phaseOf(phase).scope === 'report' && lob !== null) {
    return { code: 'not-found', message: `${phaseOf(phase).name} is of the whole report, not of ${lob}` };
  }
  const lane = report.lobs.find((row) => row.lob === lob);
  if (lob !== null && !lane) {
    return { code: 'not-found', message: `this report has no line of business "${lob}"` };
  }
  if (lane?.status === 'cancelled') return outOfTurn(`the line of business ${lane.lob} was cancelled`);
  const all = report.phases.filter((line) => line.phase === phase && (lob === null || line.lob === lob));
  const [first] = all;
  if (!first || linesAt(report, place).length > 0) return null;
  return outOfTurn(`${placeName(place)} is ${first.state} already`);
}

/** The lines that a place means and that are not settled: one, or without a LOB those of all lines of business that go on. */
export function linesAt(report: Pick<Report, 'phases' | 'lobs'>, { phase, lob }: Place): PhaseState[] {
  const off = new Set(report.lobs.filter((row) => row.status === 'cancelled').map((row) => row.lob));
  return report.phases.filter(
    (line) =>
      line.phase === phase &&
      (lob === null || line.lob === lob) &&
      !isSettled(line.state) &&
      (line.lob === null || !off.has(line.lob)),
  );
}

/** Why a source of the lines of business does not fit the population; null when it does. Whether it can be chosen now is not asked. */
export function whyNotLobSource(source: LobSource, columns: readonly ColumnProfile[]): Reason | null {
  if (source.kind === 'none') return null;
  const column = columns.find((row) => row.name === source.column);
  if (!column) {
    const names = columns.map((row) => row.name).join(', ');
    return { code: 'not-found', message: `the population has no column "${source.column}"; it has ${names}` };
  }
  return source.kind === 'list' ? whyNotNames(source.names, column) : whyTooMany(column);
}

function whyTooMany(column: ColumnProfile): Reason | null {
  const hasBlank = column.nulls + column.blanks > 0;
  const count = column.distinct + (hasBlank ? 1 : 0);
  if (count <= lobLimit) return null;
  const message = `"${column.name}" has ${count.toLocaleString('en')} different values and a report at most ${lobLimit} lines of business: choose another column, or list those that you want`;
  return { code: 'malformed', message };
}

function whyNotNames(names: readonly string[], column: ColumnProfile): Reason | null {
  const twice = twiceNamed(names);
  if (twice !== null) return { code: 'malformed', message: `the line of business ${twice} is named twice` };
  // The profile lists the most frequent values: only when these are all does it tell that one does not exist.
  if (column.frequent.length < column.distinct) return null;
  const known = new Set(column.frequent.map((row) => row.value.trim() || noLob));
  if (column.nulls + column.blanks > 0) known.add(noLob);
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length === 0) return null;
  const message = `"${column.name}" has no value ${unknown.map((name) => `"${name}"`).join(', ')}; it has ${[...known].join(', ')}`;
  return { code: 'not-found', message };
}

/** The first name that stands in a list twice; null when all differ. */
export function twiceNamed(names: readonly string[]): string | null {
  return names.find((name, index) => names.indexOf(name) !== index) ?? null;
}

/** What a deadline asks of the lines of a phase that begins with the report: each phase at most once, and a reminder within its time. */
export function whyNotDeadlines(
  deadlines: readonly { phase: PhaseSlug; dueAfterSeconds: number; remindBeforeSeconds: number }[],
): Reason | null {
  const twice = twiceNamed(deadlines.map((row) => row.phase));
  if (twice !== null) return { code: 'malformed', message: `the deadline of ${twice} is named twice` };
  const late = deadlines.find((row) => row.remindBeforeSeconds > row.dueAfterSeconds);
  if (!late) return null;
  const message = `the reminder of ${late.phase} would come ${late.remindBeforeSeconds} s before a deadline of ${late.dueAfterSeconds} s: before the phase began`;
  return { code: 'malformed', message };
}

/**
 * The deadline of a line after a pause: as long after the pause as it was before. The clock of the line stood still from the latest
 * of the pause's begin, the phase's opening and the time when its deadline was set. Null when nothing moves.
 * @param pause times as ISO-8601 UTC; `setAt` null when the deadline was not set during the pause.
 */
export function afterPause(
  line: PhaseState,
  pause: { from: string; to: string; setAt: string | null },
): Pick<PhaseState, 'phase' | 'lob' | 'dueAt' | 'remindAt'> | null {
  if (!isOpen(line.state) || line.dueAt === null || line.expiredAt !== null) return null;
  const begins = [pause.from, line.openedAt, pause.setAt].flatMap((at) => (at === null ? [] : [Date.parse(at)]));
  const stoodMs = Date.parse(pause.to) - Math.max(...begins);
  if (stoodMs <= 0) return null;
  const later = (at: string | null): string | null =>
    at === null ? null : new Date(Date.parse(at) + stoodMs).toISOString();
  return { phase: line.phase, lob: line.lob, dueAt: later(line.dueAt), remindAt: later(line.remindAt) };
}
