// Owns the order of what happens now in a report: what waits for a person to settle it, alerts, what is tried again, what runs, who is waited
// for, timers. Pure; takes what the core read.
import type { TrackedAlert } from '../../domain/tracking.ts';
import type { CompensationRow, PeopleWait, RunningStep, RunningTimer, TrackingNow } from '../../preload/contract.ts';
import { isRetried } from './tracking-words.ts';
import type { Place } from './tracking-words.ts';

/** One thing that happens now. */
export type NowRow = { key: string; place: Place | null; at: string } & (
  | { kind: 'compensation'; row: CompensationRow }
  | { kind: 'alert'; row: TrackedAlert }
  | { kind: 'step'; row: RunningStep }
  | { kind: 'people'; row: PeopleWait }
  | { kind: 'timer'; row: RunningTimer }
);

const placeOf = ({ phase, lob }: { phase: Place['phase'] | null; lob: string | null }): Place | null =>
  phase === null ? null : { phase, lob };

/** Everything that happens now, the most urgent first. */
export function nowRows(now: TrackingNow): NowRow[] {
  const waiting = now.compensations.filter(({ state }) => state === 'waiting');
  const retried = now.steps.filter(isRetried);
  const running = now.steps.filter((row) => !isRetried(row));
  return [
    ...waiting.map((row): NowRow => {
      const at = row.actions[0]?.at ?? '';
      return { kind: 'compensation', key: `compensation ${row.compensationId}`, place: placeOf(row), at, row };
    }),
    ...now.alerts.map((row): NowRow => {
      return { kind: 'alert', key: `alert ${row.alertKey}`, place: placeOf(row), at: row.raisedAt, row };
    }),
    ...[...retried, ...running].map((row): NowRow => {
      const { workflowId, runId, stepId, startedAt } = row.step;
      const key = `step ${workflowId} ${runId} ${stepId}`;
      return { kind: 'step', key, place: placeOf(row.step), at: startedAt, row };
    }),
    ...now.people.map((row): NowRow => {
      return { kind: 'people', key: `people ${row.phase} ${row.lob ?? ''}`, place: placeOf(row), at: row.since, row };
    }),
    ...now.timers.map((row): NowRow => {
      const { workflowId, runId, waitId, startedAt } = row.wait;
      const place = row.about && placeOf(row.about);
      return { kind: 'timer', key: `timer ${workflowId} ${runId} ${waitId}`, place, at: startedAt, row };
    }),
  ];
}

/** What of it is about one phase, besides who is waited for: the phase's own head says that. */
export function rowsAt(rows: readonly NowRow[], { phase, lob }: Place): NowRow[] {
  return rows.filter(
    (row) => row.kind !== 'people' && row.kind !== 'timer' && row.place?.phase === phase && row.place.lob === lob,
  );
}
