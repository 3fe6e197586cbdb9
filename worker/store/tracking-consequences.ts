// Owns what one tracked entry changes about others that are kept: alerts raised and ended, and an end for what a lost worker or server
// left without one. Reads only; keeping is tracking.ts's.
import type { Kysely } from 'kysely';
import { alertOfStep, endsAlert, stepAlertKey } from '../../domain/tracking-rules.ts';
import { trackingKey } from '../../domain/tracking.ts';
import type {
  TrackedAlert,
  TrackedAttempt,
  TrackedExecution,
  TrackedStep,
  TrackingEntry,
  TrackingKind,
} from '../../domain/tracking.ts';
import type { Schema } from './schema.ts';

type OfKind<Kind extends TrackingKind> = Extract<TrackingEntry, { kind: Kind }>;

/** The entries that follow from one that was kept just now. */
export async function consequencesOf(
  db: Kysely<Schema>,
  reportId: string,
  entry: TrackingEntry,
): Promise<TrackingEntry[]> {
  switch (entry.kind) {
    case 'step':
      return [...(await alertsAfter(db, reportId, entry)), ...(await attemptsAfter(db, reportId, entry))];
    case 'transition':
      return alertsEndedBy(db, reportId, entry, entry.at);
    case 'attempt':
      return attemptBefore(db, reportId, entry);
    case 'execution':
      return entry.endedAt === null
        ? leftBehind(db, reportId, entry)
        : alertsEndedBy(db, reportId, entry, entry.endedAt);
    default:
      return [];
  }
}

async function alertsAfter(db: Kysely<Schema>, reportId: string, step: TrackedStep): Promise<TrackedAlert[]> {
  const raised = alertOfStep(step);
  if (raised) return [raised];
  if (step.outcome !== 'done') return [];
  const key = `alert/${stepAlertKey(step)}`;
  const alert = (await readEntry(db, reportId, key)) as TrackedAlert | null;
  return alert && alert.resolvedAt === null ? [{ ...alert, resolvedAt: step.endedAt }] : [];
}

async function alertsEndedBy(
  db: Kysely<Schema>,
  reportId: string,
  entry: OfKind<'transition' | 'execution'>,
  at: string,
): Promise<TrackedAlert[]> {
  const alerts = await readKind(db, reportId, 'alert');
  return alerts.filter((alert) => endsAlert(entry, alert)).map((alert) => ({ ...alert, resolvedAt: at }));
}

/** An attempt of a step that failed for good and did not say so itself: its worker was killed. */
async function attemptsAfter(db: Kysely<Schema>, reportId: string, step: TrackedStep): Promise<TrackedAttempt[]> {
  if (step.outcome !== 'failed') return [];
  const attempts = await readKind(db, reportId, 'attempt');
  const { endedAt, error } = step;
  return attempts
    .filter((attempt) => isOf(attempt, step) && attempt.stepId === step.stepId && attempt.endedAt === null)
    .map((attempt) => ({ ...attempt, endedAt, error }));
}

/** The attempt before this one, if it never ended: its worker was killed. */
async function attemptBefore(db: Kysely<Schema>, reportId: string, attempt: TrackedAttempt): Promise<TrackedAttempt[]> {
  if (attempt.attempt === 1 || attempt.endedAt !== null) return [];
  const key = trackingKey({ ...attempt, attempt: attempt.attempt - 1 });
  const before = (await readEntry(db, reportId, key)) as TrackedAttempt | null;
  if (!before || before.endedAt !== null) return [];
  return [{ ...before, ...silent(attempt.startedAt), nextAttemptAt: attempt.startedAt }];
}

const silent = (at: string) => ({ endedAt: at, error: 'its worker was not heard of any more' });

/** What earlier runs of a workflow left open when they were lost or ended from outside: over since the next run began. */
async function leftBehind(db: Kysely<Schema>, reportId: string, run: TrackedExecution): Promise<TrackingEntry[]> {
  const at = run.startedAt;
  const isOpen = (entry: TrackedExecution | OfKind<'step' | 'wait' | 'attempt'>): boolean =>
    entry.workflowId === run.workflowId && entry.runId !== run.runId && entry.endedAt === null;
  const executions = (await readKind(db, reportId, 'execution')).filter(isOpen);
  if (executions.length === 0) return [];
  const steps = (await readKind(db, reportId, 'step')).filter(isOpen);
  const waits = (await readKind(db, reportId, 'wait')).filter(isOpen);
  const attempts = (await readKind(db, reportId, 'attempt')).filter(isOpen);
  return [
    ...executions.map((entry) => ({ ...entry, endedAt: at, outcome: 'failed' as const })),
    ...steps.map((entry) => ({ ...entry, endedAt: at, outcome: 'cancelled' as const })),
    ...waits.map((entry) => ({ ...entry, endedAt: at })),
    ...attempts.map((entry) => ({ ...entry, ...silent(at) })),
  ];
}

const isOf = (one: { workflowId: string; runId: string }, other: { workflowId: string; runId: string }): boolean =>
  one.workflowId === other.workflowId && one.runId === other.runId;

async function readEntry(db: Kysely<Schema>, reportId: string, key: string): Promise<TrackingEntry | null> {
  const row = await db
    .selectFrom('tracking')
    .select('entry_text')
    .where('report_id', '=', reportId)
    .where('tracking_key', '=', key)
    .executeTakeFirst();
  return row ? (JSON.parse(row.entry_text) as TrackingEntry) : null;
}

async function readKind<Kind extends TrackingKind>(
  db: Kysely<Schema>,
  reportId: string,
  kind: Kind,
): Promise<OfKind<Kind>[]> {
  const rows = await db
    .selectFrom('tracking')
    .select('entry_text')
    .where('report_id', '=', reportId)
    .where('kind', '=', kind)
    .execute();
  return rows.map((row) => JSON.parse(row.entry_text) as OfKind<Kind>);
}
