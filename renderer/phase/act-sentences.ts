// Owns the sentences that say what steering does, before it is done: pause, resume, cancel, add, skip, deadline, complete. Pure.
import type { PhaseState, Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import type { ControlAct } from '../../domain/operation.ts';
import { phaseOf, phases, placeName } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { count, counted, span } from '../formats.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;

/** What is steered: a cycle with the reports that the act reaches, a report, or one of its lines of business. */
export type Steered =
  | { kind: 'cycle'; name: string; reports: number }
  | { kind: 'report'; name: string; open: number }
  | { kind: 'lob'; name: string; open: number };

const reach = (steered: Steered): string =>
  steered.kind === 'cycle' ? `${counted(steered.reports, 'report')} of “${steered.name}”` : `“${steered.name}”`;
const many = (steered: Steered): boolean => steered.kind === 'cycle' && steered.reports !== 1;

/** What pausing, resuming or cancelling will do, in one or two sentences. */
export function controlSentence(act: ControlAct, steered: Steered): string {
  const others = steered.kind === 'lob' ? ' The other lines of business go on.' : '';
  switch (act) {
    case 'pause':
      return `${reach(steered)} ${many(steered) ? 'stop' : 'stops'} where ${many(steered) ? 'they are' : 'it is'}: nobody can decide, record or hand in until ${many(steered) ? 'they are' : 'it is'} resumed, and deadlines stand still.${others}`;
    case 'resume':
      return `${reach(steered)} ${many(steered) ? 'go' : 'goes'} on where ${many(steered) ? 'they' : 'it'} stopped; open deadlines move by as long as the pause was.`;
    case 'cancel':
      return `${reach(steered)} ${many(steered) ? 'end' : 'ends'} for good${openWords(steered)}. What was decided stays readable${steered.kind === 'lob' ? ', and the test report discloses the reason' : '; no test report is signed'}.${others}`;
  }
}

function openWords(steered: Steered): string {
  if (steered.kind === 'cycle' || steered.open === 0) return '';
  return `, with ${counted(steered.open, 'open phase')} unfinished`;
}

/** What adding a line of business will do. */
export function addLobSentence(lob: string, selectionSettled: boolean): string {
  const name = lob === '' ? 'The line of business' : `“${lob}”`;
  const samples = selectionSettled
    ? 'The sample is settled: rows of it that were approved count, and without any it skips testing with that reason.'
    : 'The sample is not settled yet: it can be planned for as for the others.';
  return `${name} becomes a lane of its own, with documents, testing and observations. ${samples}`;
}

/** What skipping a phase will do. `line` is null for a phase of all lines of business. */
export function skipSentence(place: Place, line: Pick<PhaseState, 'state' | 'versionId'> | null): string {
  const all = phaseOf(place.phase).scope === 'lob' && place.lob === null;
  const name = placeName(place);
  const disclosed = 'The test report discloses it with this reason.';
  if (all) return `${name} is left out in every line of business, also in those added later. ${disclosed}`;
  if (line && isOpen(line.state)) {
    const closed = line.versionId === null ? '' : ', what was not decided is closed';
    return `${name} ends now without a result${closed}, and what waits for it begins. ${disclosed}`;
  }
  return `${name} is left out when its turn comes. ${disclosed}`;
}

/** What a deadline will do. `due` is the day and time as a person reads it, null to take the deadline away. */
export function deadlineSentence(place: Place, due: string | null, remindSeconds: number, expired: boolean): string {
  const name = placeName(place);
  const again = expired ? ' Its people can work on it again.' : '';
  if (due === null) return `${name} has no deadline any more.${again}`;
  const remind = remindSeconds > 0 ? ` Whoever holds it up is reminded ${span(remindSeconds)} before.` : '';
  return `${name} is due ${due}; after that only a test manager can act on it until the deadline is moved.${remind}${again}`;
}

/** What comes after a phase, as a person reads it; empty for the last one. */
export function whatFollows(phase: PhaseSlug): string {
  return phases
    .filter((row) => row.after.includes(phase))
    .map((row) => row.name)
    .join(' and ');
}

/** What completing a recorded phase will do. */
export function completeSentence(place: Place, records: number, nextNumber: number): string {
  const { itemsName, itemName } = phaseOf(place.phase);
  const what = `${count(records)} ${records === 1 ? itemName : itemsName}`;
  const follows = whatFollows(place.phase);
  const then =
    follows === ''
      ? ''
      : ` ${follows} ${follows.includes(' and ') ? 'begin' : 'begins'} when nothing else is waited for.`;
  return `The ${what} recorded so far ${records === 1 ? 'becomes' : 'become'} version ${nextNumber}, and ${placeName(place)} is completed; nothing can be recorded in it after that.${then}`;
}

/** What ending a sample selection that was planned per line of business will do. */
export function completeSelectionSentence(withSample: number, without: readonly string[]): string {
  const samples = `${counted(withSample, 'line')} of business ${withSample === 1 ? 'has' : 'have'} an approved sample`;
  if (without.length === 0) return `${samples}: sample selection is completed and the lanes begin.`;
  return `${samples}; ${without.join(', ')} ${without.length === 1 ? 'gets' : 'get'} none and ${without.length === 1 ? 'skips' : 'skip'} testing, with the reason on record.`;
}

/** Phases that somebody works on now, of the report or of one of its lines of business. */
export function openPhases(report: Pick<Report, 'phases'>, lob: string | null = null): number {
  return report.phases.filter((line) => (lob === null || line.lob === lob) && isOpen(line.state)).length;
}
