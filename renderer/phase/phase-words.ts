// Owns how a phase, or a line of business, is called where it stands: glyph, word, colour. Pure; asks the domain, decides nothing.
import type { LobState, PhaseState, Report } from '../../domain/change.ts';
import { isOpen, isSettled } from '../../domain/flow.ts';
import type { PhaseOutcome, PhaseStatus } from '../../domain/flow.ts';
import { phaseOf, phases } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import { counted } from '../formats.ts';
import type { GlyphName } from '../marks.tsx';

/** `color` is of the word and its glyph, `bar` of the line over it; both are tokens of the theme. */
export interface Look {
  glyph: GlyphName;
  word: string;
  color: string;
  bar: string;
}

/** How a phase in each state is called, whatever stops it. */
export const looksOfStatus: Readonly<Record<PhaseStatus, Look>> = {
  'not-started': { glyph: 'ring', word: 'not started', color: 'text.secondary', bar: 'divider' },
  'in-work': { glyph: 'quarter', word: 'in work', color: 'accent.main', bar: 'accent.main' },
  'in-review': { glyph: 'half', word: 'in review', color: 'accent.main', bar: 'accent.main' },
  'in-revision': { glyph: 'half', word: 'in revision', color: 'waiting.main', bar: 'accent.main' },
  completed: { glyph: 'tick', word: 'completed', color: 'approved.main', bar: 'approved.main' },
  rejected: { glyph: 'cross', word: 'rejected', color: 'rejected.main', bar: 'rejected.main' },
  skipped: { glyph: 'skip', word: 'skipped', color: 'carried.main', bar: 'carried.main' },
};
const signed: Look = { ...looksOfStatus.completed, word: 'signed' };
const paused: Look = { glyph: 'pause', word: 'paused', color: 'waiting.main', bar: 'waiting.main' };
const stopped: Look = { glyph: 'cross', word: 'cancelled', color: 'text.secondary', bar: 'strongLine' };
const late: Look = { glyph: 'warning', word: 'deadline passed', color: 'rejected.main', bar: 'rejected.main' };

/** What stops a report or one of its lines of business from outside its phases. */
export type Hold = 'none' | 'paused' | 'cancelled';

/** What stops this place now. */
export function holdOf(report: Pick<Report, 'ended' | 'paused' | 'lobs'>, lob: string | null): Hold {
  const lane = report.lobs.find((row) => row.lob === lob);
  if (report.ended !== null || lane?.status === 'cancelled') return 'cancelled';
  return report.paused !== null || lane?.status === 'paused' ? 'paused' : 'none';
}

/** How a phase stands. What is settled stays so whatever stops the rest; a passed deadline comes before the state. */
export function phaseLook(line: Pick<PhaseState, 'state' | 'expiredAt' | 'outcome'>, hold: Hold): Look {
  const own = line.outcome === 'signed' && line.state === 'completed' ? signed : looksOfStatus[line.state];
  if (isSettled(line.state)) return own;
  if (hold === 'cancelled') return stopped;
  if (hold === 'paused' && isOpen(line.state)) return paused;
  return isOpen(line.state) && line.expiredAt !== null ? late : own;
}

const laneLooks: Readonly<Record<LobState['status'], Look>> = {
  waiting: looksOfStatus['not-started'],
  running: looksOfStatus['in-work'],
  paused,
  finished: { ...looksOfStatus.completed, word: 'finished' },
  cancelled: stopped,
};
/** How a line of business stands. */
export function laneLook(lane: Pick<LobState, 'status'>): Look {
  return laneLooks[lane.status];
}

/** How a phase last ended, as it follows a colon. */
export const outcomeWords: Readonly<Record<PhaseOutcome, string>> = {
  approved: 'approved by its reviewer',
  recorded: 'recorded',
  signed: 'signed',
  skipped: 'skipped',
  expired: 'its deadline passed',
  VersionRejected: 'the version was rejected',
  SampleSelectionRejected: 'the sample selection was rejected',
  MaxRevisionsExceeded: 'rejected after the last revision',
};

/** "waits for Olga Owner and Lena Lead"; empty when it waits for nobody. More than three are counted. */
export function waitsFor(people: readonly string[], nameOf: (personId: string) => string): string {
  const names = people.map(nameOf);
  if (names.length === 0) return '';
  if (names.length > 3) return `waits for ${names.slice(0, 2).join(', ')} and ${names.length - 2} more`;
  const last = names.at(-1) ?? '';
  return `waits for ${names.length === 1 ? last : `${names.slice(0, -1).join(', ')} and ${last}`}`;
}

/** How the phase of all lines of business together stands: one segment of the short line. */
export interface Segment {
  look: Look;
  /** Lines that are settled, of those that are not cancelled; one for a phase of the whole report. */
  settled: number;
  lines: number;
}

/** A phase over the whole report. Of lanes the most urgent state is shown. */
export function segmentOf(report: Pick<Report, 'ended' | 'paused' | 'lobs' | 'phases'>, phase: PhaseSlug): Segment {
  const lines = report.phases.filter(
    (line) =>
      line.phase === phase && (line.lob === null || holdOf({ ...report, ended: null }, line.lob) !== 'cancelled'),
  );
  const settled = lines.filter((line) => isSettled(line.state));
  const count = { settled: settled.length, lines: Math.max(1, lines.length) };
  if (lines.length === 0) return { look: looksOfStatus['not-started'], ...count };
  const each = lines.map((line) => phaseLook(line, holdOf(report, line.lob)));
  const urgent = [
    late,
    looksOfStatus.rejected,
    looksOfStatus['in-revision'],
    looksOfStatus['in-review'],
    looksOfStatus['in-work'],
    paused,
    stopped,
  ];
  const open = urgent.find((look) => each.includes(look));
  if (open) return { look: open, ...count };
  if (settled.length === lines.length) {
    const skipped = lines.every((line) => line.state === 'skipped');
    return { look: skipped ? looksOfStatus.skipped : looksOfStatus.completed, ...count };
  }
  return { look: looksOfStatus[settled.length > 0 ? 'in-work' : 'not-started'], ...count };
}

/** What a segment says in words: "Testing: in work, 1 of 3 settled". */
export function segmentWords(phase: PhaseSlug, { look, settled, lines }: Segment): string {
  const of = lines > 1 ? `, ${settled} of ${lines} settled` : '';
  return `${phaseOf(phase).name}: ${look.word}${of}`;
}

/** "6 of 9 phases", with the lanes where there are some: "6 of 9 phases · 1 of 3 lines of business finished". */
export function progressWords(report: Pick<Report, 'ended' | 'paused' | 'lobs' | 'phases'>): string {
  const done = phases.filter(({ slug }) => {
    const { settled, lines } = segmentOf(report, slug);
    return settled === lines;
  });
  const lanes = report.lobs.filter((lane) => lane.status !== 'cancelled');
  const finished = lanes.filter((lane) => lane.status === 'finished');
  const ofLanes =
    lanes.length > 1 ? ` · ${finished.length} of ${counted(lanes.length, 'line')} of business finished` : '';
  return `${done.length} of ${phases.length} phases${ofLanes}`;
}

/** Why a report does not go on by itself, in a few words; null when it does. */
export function heldUp(
  report: Pick<Report, 'ended' | 'paused' | 'problem' | 'phases' | 'lobs' | 'compensations'>,
): string | null {
  if (report.ended !== null) return `ended: ${report.ended.reason}`;
  if (report.paused !== null) return 'paused';
  if (report.problem !== null) return 'needs a decision';
  const failed = (report.compensations ?? []).filter(({ state }) => state === 'waiting').length;
  if (failed > 0) return `${counted(failed, 'step')} failed for good`;
  const each = report.phases.map((line) => phaseLook(line, holdOf(report, line.lob)));
  const lateLines = each.filter((look) => look === late).length;
  if (lateLines > 0) return counted(lateLines, 'deadline') + ' passed';
  const rejected = each.filter((look) => look === looksOfStatus.rejected).length;
  return rejected > 0 ? `${counted(rejected, 'phase')} rejected` : null;
}

/** "2 held up · 1 ended": how many reports of a cycle do not go on by themselves; empty when all do. */
export function heldWords(reports: readonly Parameters<typeof heldUp>[0][]): string {
  const ended = reports.filter((report) => report.ended !== null).length;
  const held = reports.filter((report) => report.ended === null && heldUp(report) !== null).length;
  return [...(held > 0 ? [`${held} held up`] : []), ...(ended > 0 ? [`${ended} ended`] : [])].join(' · ');
}

/** Why a phase will be left out although its turn has not come; null when nobody asked for that. */
export function wishedSkip(report: Pick<Report, 'skips'>, place: Pick<PhaseState, 'phase' | 'lob'>): string | null {
  const wish = report.skips.find((row) => row.phase === place.phase && (row.lob === place.lob || row.lob === null));
  return wish?.reason ?? null;
}

/** " v2" after the name of a phase that shows a version; empty where it has none, or where that one is not known here. */
export function versionMark(
  line: Pick<PhaseState, 'versionId'>,
  versions: readonly Pick<Version, 'versionId' | 'number'>[],
): string {
  const version = versions.find((one) => one.versionId === line.versionId);
  return version ? ` v${version.number}` : '';
}
