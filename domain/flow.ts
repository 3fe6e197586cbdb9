// Owns the order of a report's work as a pure function: given where its phases stand, which steps are due now.
// The workflows carry the steps out, the store says what came of them. Knows neither.
import { phaseOf, phases } from './phases.ts';
import type { Phase, PhaseSlug } from './phases.ts';
import { hasFeature, unrecordedVersion } from './workflow-version.ts';
import type { WorkflowFeature, WorkflowVersion } from './workflow-version.ts';

export const phaseStatuses = [
  'not-started',
  'in-work',
  'in-review',
  'in-revision',
  'completed',
  'rejected',
  'skipped',
] as const;
/** Where a phase stands. `rejected` is no end: its authors begin anew, a test manager skips it or cancels the report. */
export type PhaseStatus = (typeof phaseStatuses)[number];

/**
 * How a phase's last review or its deadline ended (mission.md, row 13). `SampleSelectionRejected` and `MaxRevisionsExceeded` (a
 * version rejected whole after the last revision) are the seeds' names; an expired deadline is never a rejection.
 */
export const phaseOutcomes = [
  'approved',
  'recorded',
  'signed',
  'skipped',
  'expired',
  'VersionRejected',
  'SampleSelectionRejected',
  'MaxRevisionsExceeded',
] as const;
export type PhaseOutcome = (typeof phaseOutcomes)[number];

/** The lane of a report that is not divided into lines of business. */
export const wholeReportLob = 'Whole report';

/** One phase of a report, or of one of its LOBs, as the flow sees it. Times are ISO-8601 UTC. */
export interface FlowLine {
  phase: PhaseSlug;
  lob: string | null;
  status: PhaseStatus;
  /** The latest version of the line, null while there is none. */
  version: { versionId: string; number: number } | null;
  /** A version was made, or recommendations were (sample selection). */
  proposed: boolean;
  remindAt: string | null;
  dueAt: string | null;
  reminded: boolean;
  expired: boolean;
}

export type LobStatus = 'waiting' | 'running' | 'paused' | 'finished' | 'cancelled';

/** A line of business as the flow sees it. */
export interface FlowLob {
  lob: string;
  status: LobStatus;
  /** Approved samples of it; null while the sample is not settled. */
  samples: number | null;
  /** Test actions that count as deviations; null while testing is not completed. */
  deviations: number | null;
}

/** All that decides what is due in a report (`lob` null) or in one of its lanes. */
export interface FlowState {
  /** Grows with every change of the store's side: an older state never replaces a newer one. */
  revision: number;
  reportId: string;
  /** Null: the flow of the report; else of this lane. */
  lob: string | null;
  paused: boolean;
  /** Cancelled, or its lane was. */
  over: boolean;
  populationReady: boolean;
  /** The lines of business are known and recorded. */
  lobsNamed: boolean;
  /** Naming them failed, for example for an unknown column: it is not tried again until somebody chose or imported anew. */
  lobsProblem: boolean;
  lobs: FlowLob[];
  /** Lines of the report and of its lanes; in the flow of a lane those of the report and its own. */
  lines: FlowLine[];
  /** Versions that wait for a review or a signature (of the report and its lanes; in a lane its own). */
  pending: { versionId: string; phase: PhaseSlug; lob: string | null; number: number }[];
  /** Phases that a test manager wants skipped when their turn comes. */
  skips: { phase: PhaseSlug; lob: string | null; reason: string }[];
  /** Notifications that are to go out by e-mail. */
  mailsDue: boolean;
  /** The version that the report's workflow runs as; absent in flows from before it was recorded. */
  version?: WorkflowVersion;
  /** The version that a test manager wants it to go on as. */
  movesTo?: WorkflowVersion;
  /** Proposals that failed for good and wait for a person, or that people go on without. */
  held?: { phase: PhaseSlug; lob: string | null }[];
}

/** What is to be done now. Each is repeatable: done twice it has one effect. */
export type FlowStep =
  | { kind: 'open'; phase: PhaseSlug; lob: string | null }
  | { kind: 'propose'; phase: PhaseSlug; lob: string | null }
  | { kind: 'skip'; phase: PhaseSlug; lob: string | null; reason: string }
  | { kind: 'name-lobs' }
  | { kind: 'start-lob'; lob: string }
  | { kind: 'finish-lob'; lob: string }
  | { kind: 'remind'; phase: PhaseSlug; lob: string | null }
  | { kind: 'expire'; phase: PhaseSlug; lob: string | null }
  | { kind: 'mail' };

/** True when a phase needs nothing more: the next ones may begin. */
export function isSettled(status: PhaseStatus): boolean {
  return status === 'completed' || status === 'skipped';
}

const noSelection = 'sample selection was skipped, so there is nothing to test';
const noSamples = 'no sample of this line of business was selected, so there is nothing to test';
const noDeviations = 'testing found no deviation, so there is nothing to observe';
const noTests = 'nothing was tested, so there is nothing to observe';

/** Every step that is due, in no particular order. A flow that is paused or over sends its mail and does nothing else. */
export function stepsDue(flow: FlowState, now: string): FlowStep[] {
  const mail: FlowStep[] = flow.mailsDue && flow.lob === null ? [{ kind: 'mail' }] : [];
  if (isAtRest(flow)) return mail;
  const own = ownLines(flow);
  const lanes = flow.lob === null ? lanesWithin(flow) : [flow.lob];
  return [
    ...mail,
    ...own.flatMap((line) => stepsOfLine(flow, line, now)),
    ...(flow.lob === null ? reportSteps(flow) : []),
    ...lanes.flatMap((lob) => laneSteps(lob, own)),
  ];
}

/** True when the flow's workflow has the feature (domain/workflow-version.ts). */
export function flowHas(
  { version = unrecordedVersion }: Pick<FlowState, 'version'>,
  feature: WorkflowFeature,
): boolean {
  return hasFeature(version, feature);
}

/** The lines of business that the report's own workflow carries on: none since they have workflows of their own. */
function lanesWithin(flow: FlowState): string[] {
  if (flow.lob !== null || flowHas(flow, 'lobChildren')) return [];
  return flow.lobs.filter((entry) => entry.status === 'running').map((entry) => entry.lob);
}

/** The lines whose steps are this flow's to take. */
function ownLines(flow: FlowState): FlowLine[] {
  const within = lanesWithin(flow);
  return flow.lines.filter((line) => line.lob === flow.lob || (line.lob !== null && within.includes(line.lob)));
}

/** When the next reminder or deadline is due after `now`, or null. */
export function nextDue(flow: FlowState, now: string): string | null {
  if (isAtRest(flow)) return null;
  const times = ownLines(flow)
    .filter((line) => isOpen(line.status) && !line.expired)
    .flatMap((line) => [line.reminded ? null : line.remindAt, line.dueAt])
    .filter((at): at is string => at !== null && !isReached(at, now))
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  return times[0] ?? null;
}

/** Paused or over; a lane also before it was started and after it ended. */
function isAtRest(flow: FlowState): boolean {
  if (flow.over || flow.paused) return true;
  return flow.lob !== null && flow.lobs.find((entry) => entry.lob === flow.lob)?.status !== 'running';
}

/** As times, not as texts: `…:00Z` and `…:00.000Z` are the same moment. */
function isReached(at: string, now: string): boolean {
  return Date.parse(at) <= Date.parse(now);
}

/** True while people can work on the phase. */
export function isOpen(status: PhaseStatus): boolean {
  return status !== 'not-started' && !isSettled(status);
}

function stepsOfLine(flow: FlowState, line: FlowLine, now: string): FlowStep[] {
  const { phase: slug, lob, status } = line;
  const phase = phaseOf(slug);
  if (status === 'not-started') {
    if (!isTurn(flow, phase, lob)) return [];
    const reason = whySkipped(flow, slug, lob);
    if (reason !== null) return [{ kind: 'skip', phase: slug, lob, reason }];
    return isHeld(flow, line) ? [] : [{ kind: 'open', phase: slug, lob }];
  }
  if (!isOpen(status)) return [];
  const asked = askedSkip(flow, slug, lob);
  if (asked !== null) return [{ kind: 'skip', phase: slug, lob, reason: asked }];
  const steps: FlowStep[] = [];
  const mayPropose = phase.making !== 'recorded' && flow.populationReady && !isHeld(flow, line);
  if (status === 'in-work' && !line.proposed && mayPropose) {
    steps.push({ kind: 'propose', phase: slug, lob });
  }
  if (line.expired) return steps;
  if (line.dueAt !== null && isReached(line.dueAt, now)) steps.push({ kind: 'expire', phase: slug, lob });
  else if (!line.reminded && line.remindAt !== null && isReached(line.remindAt, now)) {
    steps.push({ kind: 'remind', phase: slug, lob });
  }
  return steps;
}

/** True when the line's proposal failed for good: it waits for a person, or they go on without. */
function isHeld({ held = [] }: FlowState, { phase, lob }: FlowLine): boolean {
  return held.some((entry) => entry.phase === phase && entry.lob === lob);
}

function isTurn(flow: FlowState, phase: Phase, lob: string | null): boolean {
  // What divides by line of business has to know the lines first.
  if ((phase.slug === 'sample-selection' || phase.slug === 'data-owner-id') && !flow.lobsNamed) return false;
  const isBranch = phase.slug === 'data-owner-id' && !flowHas(flow, 'parallelBranch');
  const after: readonly PhaseSlug[] = isBranch ? [...phase.after, 'sample-selection'] : phase.after;
  return after.every((slug) => isBehind(flow, slug, lob));
}

/** True when a phase that `lob` (null: the report) waits for is settled, in each of the lanes where it has some. */
function isBehind(flow: FlowState, slug: PhaseSlug, lob: string | null): boolean {
  const phase = phaseOf(slug);
  if (phase.scope === 'lob' && lob === null) {
    const isJoined = flow.lobs.every((entry) => entry.status === 'finished' || entry.status === 'cancelled');
    // Lanes that were cancelled before their turn do not let the report overtake what they would have waited for.
    return flow.lobsNamed && flow.lobs.length > 0 && isJoined && phase.after.every((each) => isBehind(flow, each, lob));
  }
  const line = lineOf(flow, slug, phase.scope === 'lob' ? lob : null);
  // A report that began before the phase existed has no line of it: nothing waits for what will never be.
  return line === undefined || isSettled(line.status);
}

function lineOf(flow: FlowState, slug: PhaseSlug, lob: string | null): FlowLine | undefined {
  return flow.lines.find((line) => line.phase === slug && line.lob === lob);
}

/** The reason of a manager's wish to skip the phase: here, or in all lines of business. */
function askedSkip(flow: FlowState, slug: PhaseSlug, lob: string | null): string | null {
  return flow.skips.find((skip) => skip.phase === slug && (skip.lob === lob || skip.lob === null))?.reason ?? null;
}

/** Conditional transitions: why a phase is left out, or null. A manager's wish comes first; each reason is disclosed. */
function whySkipped(flow: FlowState, slug: PhaseSlug, lob: string | null): string | null {
  const asked = askedSkip(flow, slug, lob);
  const entry = flow.lobs.find((row) => row.lob === lob);
  if (asked !== null || lob === null || !entry) return asked;
  if (lineOf(flow, 'sample-selection', null)?.status === 'skipped') return noSelection;
  if (entry.samples === 0) return noSamples;
  if (slug !== 'observations') return null;
  if (lineOf(flow, 'test-execution', lob)?.status === 'skipped') return noTests;
  return entry.deviations === 0 ? noDeviations : null;
}

function reportSteps(flow: FlowState): FlowStep[] {
  const settled = (slug: PhaseSlug): boolean =>
    flow.lines.some((line) => line.phase === slug && line.lob === null && isSettled(line.status));
  const steps: FlowStep[] = [];
  const mayName = !flow.lobsNamed && !flow.lobsProblem && flow.populationReady;
  if (mayName && settled('scoping')) steps.push({ kind: 'name-lobs' });
  if (flow.lobsNamed && settled('sample-selection') && settled('data-owner-id')) {
    steps.push(...lanesToStart(flow).map((lob): FlowStep => ({ kind: 'start-lob', lob })));
  }
  return steps;
}

/** All that wait; within the report's own workflow one after the other. */
function lanesToStart(flow: FlowState): string[] {
  const waiting = flow.lobs.filter((entry) => entry.status === 'waiting').map((entry) => entry.lob);
  if (flowHas(flow, 'lobChildren')) return waiting;
  const isUnderWay = flow.lobs.some((entry) => entry.status === 'running' || entry.status === 'paused');
  return isUnderWay ? [] : waiting.slice(0, 1);
}

function laneSteps(lob: string, lines: readonly FlowLine[]): FlowStep[] {
  const own = lines.filter((line) => line.lob === lob);
  const isDone = own.length > 0 && own.every((line) => isSettled(line.status));
  return isDone ? [{ kind: 'finish-lob', lob }] : [];
}

/** The phases that a report begins with, or that a new lane brings, in their order. */
export function phasesOf(scope: Phase['scope']): readonly PhaseSlug[] {
  return phases.filter((phase) => phase.scope === scope).map(({ slug }) => slug);
}
