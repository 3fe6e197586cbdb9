// Owns what a request for a sample comes to in a report: over the whole it is spread over the report's lines of business, for one of
// them that is a population of its own. Asked by the laptop beforehand and by the worker where it counts.
import type { Report } from '../change.ts';
import type { Reason } from '../operation.ts';
import type { SamplePlanRequest } from '../sample-plan.ts';
import { planOn } from './planned-sample.ts';
import type { PlannedSample, ReadyPopulation, UnfitRequest } from './planned-sample.ts';

/** Why the request does not divide the population as the report does, or null when it does. */
export function whyNotDivided(
  { lobs, lobSource }: Pick<Report, 'lobs' | 'lobSource'>,
  { lob, lobColumn }: Pick<SamplePlanRequest, 'lob' | 'lobColumn'>,
): Reason | null {
  const lane = lobs.find((row) => row.lob === lob);
  if (lob !== null && !lane) return { code: 'not-found', message: `this report has no line of business "${lob}"` };
  if (lane?.status === 'cancelled') {
    return { code: 'out-of-turn', message: `the line of business ${lane.lob} was cancelled` };
  }
  if (lobSource === null || lobSource.kind === 'none') {
    return lob === null
      ? null
      : { code: 'impossible-plan', message: 'this report is not divided by a column: plan the sample over the whole' };
  }
  if (lobColumn === lobSource.column) return null;
  const message = `the lines of business of this report come from "${lobSource.column}": its sample has to be spread over them`;
  return { code: 'impossible-plan', message };
}

type Divided = Pick<Report, 'lobs' | 'lobSource'>;

/** The lines of business that a sample over the whole is spread over; null: all that the population has. Rows outside a list are not tested. */
export function strataOf({ lobs, lobSource }: Divided): string[] | null {
  return lobSource?.kind === 'list' ? lobs.map((row) => row.lob) : null;
}

/** The rows that a request draws from. */
export function planSize(report: Divided, lob: string | null, population: Pick<ReadyPopulation, 'rowCount'>): number {
  const { lobs } = report;
  if (lob !== null) return lobs.find((row) => row.lob === lob)?.rows ?? 0;
  return strataOf(report) === null ? population.rowCount : lobs.reduce((sum, row) => sum + row.rows, 0);
}

/** What the request comes to in this report. Never throws. */
export function planIn(
  report: Divided,
  request: SamplePlanRequest,
  population: ReadyPopulation,
): PlannedSample | UnfitRequest {
  const rowCount = planSize(report, request.lob, population);
  // A line of business planned alone has no strata.
  if (request.lob !== null) return planOn({ ...request, lobColumn: null }, { ...population, rowCount });
  if (strataOf(report) === null) return planOn(request, population);
  const distinct = report.lobs.filter((row) => row.rows > 0).length;
  const columns = population.columns.map((column) =>
    column.name === request.lobColumn ? { ...column, distinct } : column,
  );
  return planOn(request, { ...population, rowCount, columns });
}
