// Owns how what is tracked of workflows is said to a person: what a step does, how far its attempts are, one sentence for each entry of a
// log. Pure: the clock and the names come in; decides nothing.
import { actionWords, strategyNames } from '../../domain/compensation.ts';
import type { Compensation } from '../../domain/compensation.ts';
import type { PhaseStatus } from '../../domain/flow.ts';
import { placeName } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { isTracked, retryPolicies } from '../../domain/retry-policy.ts';
import type { RetryPolicyName, Spacing, TrackedActivity } from '../../domain/retry-policy.ts';
import { trackedAt } from '../../domain/tracking.ts';
import type { TrackedAttempt, TrackedExecution, TrackingEntry, TrackingKind } from '../../domain/tracking.ts';
import type { LoggedEntry, RunningStep, RunningTimer } from '../../preload/contract.ts';
import { count, duration, longDuration } from '../formats.ts';
import type { GlyphName } from '../marks.tsx';
import { looksOfStatus } from '../phase/phase-words.ts';

/** A phase of the whole report, or of one of its lines of business. */
export interface Place {
  phase: PhaseSlug;
  lob: string | null;
}

const stepNames: Readonly<Record<TrackedActivity, string>> = {
  createVersion: 'making the version',
  approveVersion: 'settling the review',
  createPlanningVersion: 'working out the attributes',
  approvePlanningVersion: 'settling the approval of the plan',
  createDataProfilingVersion: 'running the profiling rules',
  processDataProfilingReview: 'settling the review of the rules',
  createScopingVersion: 'working out the scope',
  generateSampleRecommendations: 'recommending targeted samples',
  createSampleSelectionVersion: 'drawing the sample',
  processSampleReview: 'settling the review of the sample',
  createSampleRevision: 'making the revision of the sample',
  approveSampleSelection: 'settling the approval of the sample',
  createObservationVersion: 'writing the observations down',
  processObservationReview: 'settling the review of the observations',
  createTestReport: 'assembling the test report',
  readEvidence: 'reading values from a document',
  nameLobs: 'naming the lines of business',
  importPopulation: 'reading the population',
  compensatePhase: 'compensating a step that failed',
  sendMail: 'sending mail',
  adoptFile: 'taking over a file',
  awaitChanges: 'waiting for changes',
};

/** What an activity does, as it follows "the step"; one that is not known here keeps its own name. */
export function stepName(activity: string): string {
  return isTracked(activity) ? stepNames[activity] : activity;
}

const jobNames: Readonly<Record<string, string>> = {
  propose: 'the proposal',
  'draw-sample': 'drawing the sample',
  'revise-sample': 'the revision of the sample',
  'make-version': 'making the next version',
  'settle-review': 'carrying out the review',
  'complete-phase': 'completing the phase',
  'read-evidence': 'reading values from a document',
  'import-population': 'reading the population',
};

/** What a compensated step was for. */
export function jobName(job: string): string {
  return jobNames[job] ?? job;
}

/** "attempt 2 of 3", "attempt 4" where it is tried until it works. */
export function attemptWords(attempt: number, most: number | null): string {
  return most === null ? `attempt ${count(attempt)}` : `attempt ${count(attempt)} of ${count(most)}`;
}

const spacings: Readonly<Record<Spacing, string>> = {
  exponential: 'waits double',
  linear: 'waits grow evenly',
  fixed: 'waits stay the same',
};

/** "3 attempts, waits grow evenly from 2 s to at most 1 min". */
export function policyWords(name: RetryPolicyName): string {
  const { attempts, spacing, baseMs, mostMs } = retryPolicies[name];
  const often = attempts === null ? 'tried until it works' : `${count(attempts)} attempts`;
  return `${often}, ${spacings[spacing]} from ${baseMs < 1_000 ? `${baseMs} ms` : duration(baseMs)} to at most ${duration(mostMs)}`;
}

/** How far a step is: "attempt 2 of 3", "attempt 1 of 3 failed · again in 4 s · the disk is full". */
export function stepWords({ attempt, mostAttempts, lastError }: RunningStep, now: number): string {
  if (attempt === null) return 'not begun yet';
  const which = attemptWords(attempt.attempt, mostAttempts);
  const why = lastError === '' ? [] : [lastError];
  if (attempt.endedAt === null) return [which, ...(attempt.attempt > 1 ? why : [])].join(' · ');
  return [attempt.error === '' ? which : `${which} failed`, ...againWords(attempt, now), ...why].join(' · ');
}

function againWords({ nextAttemptAt }: TrackedAttempt, now: number): string[] {
  if (nextAttemptAt === null) return [];
  const inMs = Date.parse(nextAttemptAt) - now;
  return [inMs < 1_000 ? 'again now' : `again in ${duration(inMs)}`];
}

/** True for a step that did not work the first time. */
export function isRetried({ attempt, lastError }: RunningStep): boolean {
  return lastError !== '' || (attempt?.attempt ?? 1) > 1;
}

/** What a timer is for, as it follows "waits for". */
export function timerWords({ about }: Pick<RunningTimer, 'about'>): string {
  if (about === null) return 'the next look at what is due';
  return `the ${about.what} of ${placeName(about)}`;
}

/** "the step was stopped, people were told". */
export function actionsWords({ actions }: Pick<Compensation, 'actions'>): string {
  return [...new Set(actions.map(({ action }) => actionWords[action]))].join(', ');
}

export const kindNames: Readonly<Record<TrackingKind, string>> = {
  execution: 'Executions',
  step: 'Steps',
  transition: 'Transitions',
  attempt: 'Retry log',
  wait: 'Waits',
  alert: 'Alerts',
  migration: 'Migrations',
  compensation: 'Compensations',
};
/** One entry of each log. */
export const kindName: Readonly<Record<TrackingKind, string>> = {
  execution: 'execution',
  step: 'step',
  transition: 'transition',
  attempt: 'attempt',
  wait: 'wait',
  alert: 'alert',
  migration: 'migration',
  compensation: 'compensation',
};

const statusWord = (status: PhaseStatus): string => looksOfStatus[status].word;

/** One entry in one sentence, with where it belongs. */
export function entryText(entry: TrackingEntry, nameOf: (personId: string) => string): string {
  const text = logText(entry, nameOf);
  if (entry.kind === 'transition') return `${placeName(entry)} ${text}`;
  return entry.kind === 'compensation' ? `${placeName(entry)}: ${text}` : text;
}

/** The same beside a column that says where it belongs. */
export function logText(entry: TrackingEntry, nameOf: (personId: string) => string): string {
  switch (entry.kind) {
    case 'execution':
      return `${entry.continuedFrom === null ? 'the workflow' : 'the next run of the workflow'} of ${entry.lob ?? 'the report'}`;
    case 'step':
      return entry.error === '' ? stepName(entry.activity) : `${stepName(entry.activity)}: ${entry.error}`;
    case 'attempt':
      return `${stepName(entry.activity)}, ${attemptWords(entry.attempt, retryPolicies[entry.policy].attempts)}${entry.error === '' ? '' : `: ${entry.error}`}`;
    case 'wait':
      return `a timer of ${entry.lob ?? 'the report'}`;
    case 'transition':
      return `went from ${statusWord(entry.from)} to ${statusWord(entry.to)}${entry.mode === 'parallel' ? ', beside other phases' : ''}`;
    case 'alert':
      return entry.message;
    case 'migration':
      return `the workflow moved from ${entry.from} to ${entry.to}${entry.by === '' ? '' : `, as ${nameOf(entry.by)} asked`}`;
    case 'compensation':
      return compensationText(entry, nameOf);
  }
}

const settledWords = {
  'try-again': 'had it done again',
  withdraw: 'took it back',
  'by-hand': 'went on by hand',
  skipped: 'skipped the phase',
} as const;

/** What failed, what was done about it, and who settled it. */
export function compensationText(row: Compensation, nameOf: (personId: string) => string): string {
  const { settled } = row;
  const by = settled === null ? '' : `; ${nameOf(settled.by)} ${settledWords[settled.choice]}: ${settled.note}`;
  return `${jobName(row.job)} failed for good and was ${strategyNames[row.strategy]}: ${row.reason}${by}`;
}

export interface EntryLook {
  glyph: GlyphName;
  color: string;
  word: string;
}
const running: EntryLook = { glyph: 'quarter', color: 'accent.main', word: 'running' };
const done: EntryLook = { glyph: 'dot', color: 'text.secondary', word: 'done' };
const failed: EntryLook = { glyph: 'cross', color: 'rejected.main', word: 'failed' };
const cancelled: EntryLook = { glyph: 'cross', color: 'text.secondary', word: 'cancelled' };

const executionLooks: Readonly<Record<NonNullable<TrackedExecution['outcome']>, EntryLook>> = {
  completed: { ...done, word: 'completed' },
  continued: { ...done, word: 'continued as new' },
  cancelled,
  failed,
};
const compensationLooks: Readonly<Record<Compensation['state'], EntryLook>> = {
  waiting: { glyph: 'warning', color: 'rejected.main', word: 'waits' },
  notified: { glyph: 'half', color: 'waiting.main', word: 'tried on' },
  done,
  settled: { glyph: 'tick', color: 'approved.main', word: 'settled' },
};

/** Glyph, colour and word of where an entry stands. */
export function entryLook(entry: TrackingEntry): EntryLook {
  switch (entry.kind) {
    case 'execution':
      return entry.outcome === null ? running : executionLooks[entry.outcome];
    case 'step':
      return entry.outcome === null ? running : { done, failed, cancelled }[entry.outcome];
    case 'attempt':
      if (entry.endedAt === null) return running;
      if (entry.error === '') return done;
      return entry.nextAttemptAt === null ? failed : { glyph: 'half', color: 'waiting.main', word: 'tried again' };
    case 'wait':
      return entry.endedAt === null ? { ...running, glyph: 'ring', word: 'waits' } : { ...done, word: 'over' };
    case 'transition': {
      const { glyph, color, word } = looksOfStatus[entry.to];
      return { glyph, color, word };
    }
    case 'alert':
      if (entry.resolvedAt !== null) return { ...done, word: 'over' };
      return { glyph: 'warning', color: alertColor(entry.severity), word: entry.severity };
    case 'migration':
      return { ...done, glyph: 'arrow', word: `now ${entry.to}` };
    case 'compensation':
      return compensationLooks[entry.state];
  }
}

export function alertColor(severity: 'warning' | 'critical'): string {
  return severity === 'critical' ? 'rejected.main' : 'waiting.main';
}

/** Where an entry belongs, as its column says it; empty for the whole report. */
export function whereWords({ phase, lob }: Pick<LoggedEntry, 'phase' | 'lob'>): string {
  return phase === null ? (lob ?? '') : placeName({ phase, lob });
}

/** How long an entry took, or lasts; null for what is a moment. */
export function entryTook(entry: TrackingEntry, now: number): string | null {
  const end = entry.kind === 'alert' ? entry.resolvedAt : 'endedAt' in entry ? entry.endedAt : undefined;
  if (end === undefined) return null;
  return longDuration(Math.max(0, (end === null ? now : Date.parse(end)) - Date.parse(trackedAt(entry))));
}
