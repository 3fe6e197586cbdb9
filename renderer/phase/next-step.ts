// Owns the sentence that says what a phase waits for, whoever reads it. Pure; the rules are the domain's.
import type { PhaseState, Report } from '../../domain/change.ts';
import { isSettled } from '../../domain/flow.ts';
import { phaseOf, placeName } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import { settlersOf } from '../workflow/settle-words.ts';
import { jobName } from '../workflow/tracking-words.ts';
import { outcomeWords } from './phase-words.ts';

/** What has to be known besides the report. */
export interface Known {
  /** The newest version of the phase, null while there is none. */
  newest: Pick<Version, 'number' | 'status'> | null;
  populationReady: boolean;
  nameOf(personId: string): string;
}

type Around = Pick<Report, 'phases' | 'lobs' | 'assignments' | 'compensations'>;

/** What comes next in a phase, in one sentence. */
export function nextStep(report: Around, line: PhaseState, known: Known): string {
  return heldWords(report, line, known) ?? stateWords(report, line, known);
}

/** A step that failed for good comes before all else; null where none is held. */
function heldWords(report: Around, { phase, lob }: PhaseState, { nameOf }: Known): string | null {
  const held = (report.compensations ?? []).filter(
    (row) => row.state === 'waiting' && row.phase === phase && row.lob === lob,
  );
  const [first] = held;
  if (!first) return null;
  const what = held.length === 1 ? capital(jobName(first.job)) : `${held.length} steps`;
  return `${what} failed for good: ${settlersOf(report, nameOf)} says how it goes on.`;
}

function stateWords(report: Around, line: PhaseState, known: Known): string {
  switch (line.state) {
    case 'not-started':
      return waitsWords(report, line, known);
    case 'in-work':
      return workWords(line, known);
    case 'in-review':
      return known.newest
        ? `Version ${known.newest.number} waits for its ${phaseOf(line.phase).approval === 'sign-off' ? 'signatures' : 'review'}.`
        : 'It waits for its review.';
    case 'in-revision':
      return `The reviewer rejected items of version ${known.newest?.number ?? ''}: each has to be answered, which makes the next version.`;
    case 'rejected':
      return `${capital(line.outcome === null ? 'rejected' : outcomeWords[line.outcome])}. Its authors can hand in a new version; a test manager can skip the phase.`;
    case 'completed':
      return line.outcome === null ? 'Completed.' : `Completed: ${outcomeWords[line.outcome]}.`;
    case 'skipped':
      return `Skipped: ${line.reason}. The test report discloses it.`;
  }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function waitsWords({ phases, lobs }: Pick<Report, 'phases' | 'lobs'>, line: PhaseState, known: Known): string {
  const off = new Set(lobs.filter((row) => row.status === 'cancelled').map((row) => row.lob));
  const open = phaseOf(line.phase).after.filter((slug) => {
    const before = phases.filter(
      (row) =>
        row.phase === slug &&
        (row.lob === null || line.lob === null || row.lob === line.lob) &&
        !off.has(row.lob ?? ''),
    );
    return before.length === 0 || before.some((row) => !isSettled(row.state));
  });
  if (open.length === 0) {
    return known.populationReady
      ? 'It begins by itself in a moment.'
      : 'A population has to be imported first: nothing goes on without it.';
  }
  return `It begins by itself after ${open.map((phase) => phaseOf(phase).name.toLowerCase()).join(' and ')}.`;
}

function workWords(line: PhaseState, { newest, populationReady }: Known): string {
  const { making, itemsName, slug } = phaseOf(line.phase);
  if (slug === 'sample-selection') {
    return newest === null || newest.status === 'rejected'
      ? 'A tester plans the sample and draws it; the plan is recorded before any row is shown.'
      : 'The sample of every line of business is drawn and approved, or named as none; then the phase is completed.';
  }
  if (making === 'recorded') return recordWords[slug] ?? '';
  if (newest?.status === 'draft') {
    return `Version ${newest.number} is a draft: a tester looks through its ${itemsName}, changes what is wrong and hands it in.`;
  }
  if (!populationReady) return `A population has to be imported first: the ${itemsName} are worked out from it.`;
  return `Countersign is working out the ${itemsName} for ${placeName(line)}; they appear here as version 1, a draft.`;
}

const recordWords: Readonly<Record<string, string>> = {
  'data-owner-id': 'A tester says who answers for each attribute in each line of business, then completes the phase.',
  'request-info': 'Data owners hand documents in, a tester accepts or rejects each, then completes the phase.',
  'test-execution':
    'A tester compares each sample with the evidence, attribute by attribute, then completes the phase.',
};
