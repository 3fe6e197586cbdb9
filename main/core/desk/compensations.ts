// Owns what was done about steps that failed for good as a person sees it: what waits, how it can be settled, who may. Reads both files;
// the rules are domain/compensation.ts, and the worker asks them again.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { settlementsOf, whyNotSettle } from '../../../domain/compensation.ts';
import type { Compensation, Settlement } from '../../../domain/compensation.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { CompensationRow } from '../../../preload/contract.ts';
import { personOf, whyOver } from './access.ts';
import type { Place } from './access.ts';
import type { Desk } from './desk.ts';
import { askedOf } from './workflows.ts';

/** Everything that was compensated in a report: what waits first, then newest first. */
export function compensationsOf(desk: Desk, report: Report): Compensation[] {
  const found = new Map<string, Compensation>();
  for (const { kind: _, ...row } of desk.cache.tracked(report.reportId, 'compensation')) {
    found.set(row.compensationId, row);
  }
  // The header says what waits, whether or not its log was brought.
  for (const row of report.compensations ?? []) found.set(row.compensationId, row);
  const begun = (row: Compensation): string => row.actions[0]?.at ?? '';
  const waits = (row: Compensation): number => (row.state === 'waiting' ? 0 : 1);
  return [...found.values()].toSorted((a, b) => waits(a) - waits(b) || begun(b).localeCompare(begun(a)));
}

/** One of a report; null when the report has none of that id here. */
export function compensationOf(desk: Desk, report: Report, compensationId: string): Compensation | null {
  return compensationsOf(desk, report).find((row) => row.compensationId === compensationId) ?? null;
}

/** Where a compensation of a report belongs; null when it is not here. */
export function placeOfCompensation(desk: Desk, reportId: string, compensationId: string): Place | null {
  const report = desk.cache.report(reportId);
  return report && compensationOf(desk, report, compensationId);
}

/** Why a compensation is not settled like this now, whoever asks, or null. */
export function whyNotSettling(desk: Desk, report: Report, compensationId: string, choice: Settlement): Reason | null {
  const compensation = compensationOf(desk, report, compensationId);
  if (!compensation) return { code: 'not-found', message: `this report has no compensation ${compensationId}` };
  const unfit = whyNotSettle(compensation, choice) ?? whySettled(desk, compensation);
  return unfit === null ? null : { code: 'out-of-turn', message: unfit };
}

function whySettled(desk: Desk, compensation: Compensation): string | null {
  const state = askedAbout(desk, compensation)?.delivery;
  return state === 'queued' || state === 'sent' ? 'it was settled on this laptop and waits for its receipt' : null;
}

function askedAbout(desk: Desk, { reportId, compensationId, state }: Compensation): CompensationRow['asked'] {
  if (state !== 'waiting') return null;
  const asked = askedOf(desk, reportId, 'compensation.settle').find(
    ({ body }) => body.compensationId === compensationId,
  );
  return asked ? { choice: asked.body.choice, delivery: asked.state } : null;
}

/** A compensation with what this person can do about it. */
export function compensationRow(desk: Desk, report: Report, compensation: Compensation): CompensationRow {
  const choices = settlementsOf(compensation);
  const [first] = choices;
  return {
    ...compensation,
    choices,
    whyNotSettle:
      whyNot({ kind: 'settle-compensation' }, personOf(desk), report.assignments) ??
      whyOver(report) ??
      // Where nothing is to be settled any way of doing it is refused in the same words.
      whyNotSettling(desk, report, compensation.compensationId, first ?? 'try-again'),
    asked: askedAbout(desk, compensation),
  };
}

/** What waits for a test manager and was not settled on this laptop yet, a phase at a time. */
export function waitingCompensations(desk: Desk, report: Report): { place: Place; steps: number }[] {
  const open = (report.compensations ?? []).filter((row) => row.state === 'waiting' && whySettled(desk, row) === null);
  const places = Map.groupBy(open, ({ phase, lob }) => JSON.stringify([phase, lob]));
  return [...places.values()].flatMap((rows) => {
    const [first] = rows;
    return first ? [{ place: { phase: first.phase, lob: first.lob }, steps: rows.length }] : [];
  });
}
