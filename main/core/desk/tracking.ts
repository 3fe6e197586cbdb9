// Owns what the workflows of a report do now, and the logs of what they did. Reads the cache, and the outbox for what was asked of them.
import type { PhaseState, Report } from '../../../domain/change.ts';
import { isOpen } from '../../../domain/flow.ts';
import { isTracked, retryPolicies, retryPolicyOf } from '../../../domain/retry-policy.ts';
import { metricsOf, trackingKey } from '../../../domain/tracking.ts';
import type {
  PhaseMetrics,
  TrackedTransition,
  TrackedAlert,
  TrackedAttempt,
  TrackedStep,
  TrackedWait,
  TrackingEntry,
  TrackingKind,
} from '../../../domain/tracking.ts';
import type {
  CommandOutput,
  CommandParsed,
  LoggedEntry,
  PeopleWait,
  RunningStep,
  RunningTimer,
  TrackingNow,
} from '../../../preload/contract.ts';
import { trackingKinds } from '../../../preload/contract.ts';
import { reportOrFail } from './access.ts';
import { compensationRow, compensationsOf } from './compensations.ts';
import type { Desk } from './desk.ts';
import { workflowRow } from './workflows.ts';

/** The most entries of one list of what happens now. */
const listLimit = 50;

/** What the workflows of a report do now. */
export function trackingNow(desk: Desk, { reportId }: CommandParsed<'tracking:get'>): TrackingNow {
  const report = reportOrFail(desk, reportId);
  const { cache } = desk;
  const tracked = { steps: cache.tracked(reportId, 'step'), attempts: cache.tracked(reportId, 'attempt') };
  const over = new Set(
    cache.tracked(reportId, 'execution').flatMap(({ runId, endedAt }) => (endedAt === null ? [] : [runId])),
  );
  const steps = runningSteps(tracked.steps, tracked.attempts, over);
  const alerts = openAlerts(cache.tracked(reportId, 'alert'));
  const people = peopleWaits(report);
  const timers = runningTimers(report, cache.openWaits(reportId), over);
  const all = compensationsOf(desk, report);
  const waiting = all.filter(({ state }) => state === 'waiting').length;
  return {
    workflow: workflowRow(desk, report),
    steps: steps.slice(0, listLimit),
    alerts: alerts.slice(0, listLimit),
    people: people.slice(0, listLimit),
    timers: timers.slice(0, listLimit),
    compensations: all.slice(0, listLimit).map((row) => compensationRow(desk, report, row)),
    metrics: metricsPerLine(cache.tracked(reportId, 'transition'), tracked, desk.now()),
    open: {
      ...{ steps: steps.length, alerts: alerts.length, people: people.length, timers: timers.length },
      compensations: waiting,
    },
    logged: cache.trackingCounts(reportId),
  };
}

type StepId = Pick<TrackedAttempt, 'workflowId' | 'runId' | 'stepId'>;
const idOf = ({ workflowId, runId, stepId }: StepId): string => JSON.stringify([workflowId, runId, stepId]);

/** The metrics of each line from its own entries: a report of a hundred lanes is not looked through once for each. */
function metricsPerLine(
  transitions: readonly TrackedTransition[],
  tracked: { steps: readonly TrackedStep[]; attempts: readonly TrackedAttempt[] },
  now: string,
): PhaseMetrics[] {
  const lineOf = ({ phase, lob }: Pick<TrackedStep, 'phase' | 'lob'>): string => JSON.stringify([phase, lob]);
  const steps = Map.groupBy(tracked.steps, lineOf);
  const attempts = Map.groupBy(tracked.attempts, idOf);
  return [...Map.groupBy(transitions, lineOf)].flatMap(([line, moves]) => {
    const own = steps.get(line) ?? [];
    return metricsOf([...moves, ...own, ...own.flatMap((step) => attempts.get(idOf(step)) ?? [])], now);
  });
}

/** A run that is over took its steps with it, whether or not their end was noted. */
function runningSteps(
  steps: readonly TrackedStep[],
  attempts: readonly TrackedAttempt[],
  over: ReadonlySet<string>,
): RunningStep[] {
  const open = steps.filter((step) => step.endedAt === null && !over.has(step.runId));
  const wanted = new Set(open.map(idOf));
  const own = Map.groupBy(
    attempts.filter((row) => wanted.has(idOf(row))),
    idOf,
  );
  return open
    .map((step) => runningStep(step, own.get(idOf(step)) ?? []))
    .toSorted((a, b) => (b.attempt?.attempt ?? 0) - (a.attempt?.attempt ?? 0));
}

function runningStep(step: TrackedStep, attempts: readonly TrackedAttempt[]): RunningStep {
  const newest = attempts.toSorted((a, b) => b.attempt - a.attempt);
  const [attempt = null] = newest;
  const policy = attempt?.policy ?? (isTracked(step.activity) ? retryPolicyOf[step.activity] : null);
  return {
    ...{ step, attempt, policy },
    mostAttempts: policy === null ? null : retryPolicies[policy].attempts,
    lastError: newest.find(({ error }) => error !== '')?.error ?? '',
  };
}

function openAlerts(alerts: readonly TrackedAlert[]): TrackedAlert[] {
  const rank = ({ severity }: TrackedAlert): number => (severity === 'critical' ? 0 : 1);
  return alerts
    .filter(({ resolvedAt }) => resolvedAt === null)
    .toSorted((a, b) => rank(a) - rank(b) || b.raisedAt.localeCompare(a.raisedAt));
}

function peopleWaits({ phases, ended }: Report): PeopleWait[] {
  if (ended !== null) return [];
  return phases
    .filter((line) => isOpen(line.state) && line.waitingFor.length > 0)
    .map(({ phase, lob, waitingFor, since, dueAt }) => ({ phase, lob, waitingFor, since, dueAt }));
}

function runningTimers(report: Report, waits: readonly TrackedWait[], over: ReadonlySet<string>): RunningTimer[] {
  return waits
    .filter(({ runId }) => !over.has(runId))
    .map((wait) => ({ wait, about: aboutOf(report, wait) }))
    .toSorted((a, b) => a.wait.until.localeCompare(b.wait.until));
}

/** A timer is set to end at the moment itself; its length is rounded. */
const roundingMs = 2_000;

/** The deadline or reminder that a timer waits for; null for a pause before something is tried again. */
function aboutOf({ phases }: Report, { until, lob }: TrackedWait): RunningTimer['about'] {
  const isAt = (at: string | null): boolean =>
    at !== null && Math.abs(Date.parse(at) - Date.parse(until)) <= roundingMs;
  const about = (what: 'deadline' | 'reminder', line: PhaseState | undefined): RunningTimer['about'] =>
    line ? { what, phase: line.phase, lob: line.lob } : null;
  const lines = phases.filter((line) => isOpen(line.state) && (lob === null || line.lob === lob));
  return (
    about(
      'reminder',
      lines.find((line) => line.remindedAt === null && isAt(line.remindAt)),
    ) ??
    about(
      'deadline',
      lines.find((line) => isAt(line.dueAt)),
    )
  );
}

/** A page of the logs, newest first. */
export function listTracking(desk: Desk, input: CommandParsed<'tracking:list'>): CommandOutput<'tracking:list'> {
  const { reportId, ...page } = input;
  reportOrFail(desk, reportId);
  const counts = desk.cache.trackingCounts(reportId);
  const wanted: readonly TrackingKind[] = page.kinds.length === 0 ? trackingKinds : [...new Set(page.kinds)];
  return {
    rows: desk.cache.trackingPage(reportId, page).map((entry) => ({ entry, ...placeOf(desk, reportId, entry) })),
    total: wanted.reduce((sum, kind) => sum + counts[kind], 0),
  };
}

function placeOf(desk: Desk, reportId: string, entry: TrackingEntry): Omit<LoggedEntry, 'entry'> {
  switch (entry.kind) {
    case 'attempt': {
      const key = trackingKey({ ...entry, kind: 'step', phase: null, lob: null, outcome: null });
      const step = desk.cache.trackedEntry(reportId, key);
      return step?.kind === 'step' ? { phase: step.phase, lob: step.lob } : { phase: null, lob: null };
    }
    case 'migration':
      return { phase: null, lob: null };
    case 'execution':
    case 'wait':
      return { phase: null, lob: entry.lob };
    default:
      return { phase: entry.phase, lob: entry.lob };
  }
}
