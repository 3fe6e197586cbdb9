// Owns what a request for a sample comes to on a population, or what is wrong with it. Asked by the laptop beforehand and by the
// worker where it counts. Knows no seed and no draw.
import { keyProblem } from '../population.ts';
import type { Population } from '../population.ts';
import type { SamplePlanRequest } from '../sample-plan.ts';
import { acceptableAtSize, planSample } from './plan.ts';
import type { ImpossiblePlan, SamplePlan } from './plan.ts';

/** A population that was read and profiled. */
export type ReadyPopulation = Extract<Population['state'], { kind: 'ready' }>;

/** The size that was asked for, or else the plan's, with the deviations that it may show. */
export type PlannedSample = { kind: 'planned'; plan: SamplePlan; sampleSize: number; acceptableDeviations: number };

/** Why there is none. `field` is the one of the request to correct, null when no single one is wrong; `message` is for a person. */
export type UnfitRequest = {
  kind: 'unfit';
  field: 'keyColumn' | 'lobColumn' | 'sampleSize' | null;
  reason: ImpossiblePlan['reason'] | 'unfit-column' | 'unfit-size';
  message: string;
};

type Request = Pick<SamplePlanRequest, 'keyColumn' | 'lobColumn' | 'risk' | 'tolerable' | 'expected' | 'sampleSize'>;

/** What the request comes to on this population. Never throws. */
export function planOn(request: Request, population: ReadyPopulation): PlannedSample | UnfitRequest {
  const column = unfitColumn(request, population);
  if (column) return column;
  const { risk, tolerable, expected } = request;
  const plan = planSample({ risk, tolerable, expected, populationSize: population.rowCount });
  if (plan.kind === 'impossible') return { kind: 'unfit', field: null, reason: plan.reason, message: plan.message };
  const sampleSize = request.sampleSize ?? plan.sampleSize;
  const message = whyNotSize(sampleSize, plan, request, population);
  if (message !== null) return { kind: 'unfit', field: 'sampleSize', reason: 'unfit-size', message };
  return { kind: 'planned', plan, sampleSize, acceptableDeviations: acceptableAtSize(plan, sampleSize) };
}

function unfitColumn({ keyColumn, lobColumn }: Request, { columns }: ReadyPopulation): UnfitRequest | null {
  const unfit = (field: 'keyColumn' | 'lobColumn', message: string): UnfitRequest => ({
    ...{ kind: 'unfit', reason: 'unfit-column' },
    ...{ field, message },
  });
  const key = columns.find((column) => column.name === keyColumn);
  const problem = key ? keyProblem(key) : `the population has no column "${keyColumn}"`;
  if (problem !== null) return unfit('keyColumn', problem);
  const isThere = lobColumn === null || columns.some((column) => column.name === lobColumn);
  return isThere ? null : unfit('lobColumn', `the population has no column "${lobColumn}"`);
}

/** A larger sample than computed may be asked for; a smaller one would not support the conclusion. */
function whyNotSize(
  sampleSize: number,
  plan: SamplePlan,
  request: Request,
  { columns, rowCount }: ReadyPopulation,
): string | null {
  const inWords = (count: number): string => count.toLocaleString('en');
  if (sampleSize < plan.sampleSize) {
    return `the plan needs at least ${inWords(plan.sampleSize)} items: a sample of ${inWords(sampleSize)} would not support the conclusion`;
  }
  if (sampleSize > rowCount) {
    return `the population has only ${inWords(rowCount)} rows: a sample of ${inWords(sampleSize)} is larger`;
  }
  const strata = columns.find((column) => column.name === request.lobColumn)?.distinct ?? 0;
  return strata > sampleSize
    ? `a sample of ${inWords(sampleSize)} cannot give each of the ${inWords(strata)} lines of business one item`
    : null;
}
