// Owns the handlers for populations and sample plans. Reading and drawing are the worker's; the arithmetic is domain's.
import { randomBytes, randomUUID } from 'node:crypto';
import type { Population } from '../../../domain/population.ts';
import { samplePlanRequestSchema } from '../../../domain/sample-plan.ts';
import type { ReadyPopulation, UnfitRequest } from '../../../domain/sampling/planned-sample.ts';
import { planIn, whyNotDivided } from '../../../domain/sampling/report-plan.ts';
import type { CommandOutput, CommandParsed, ImportJob } from '../../../preload/contract.ts';
import { firstId, mustBeTurn, mustMay, ownersOf, reportOf } from './context.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { CommandFailure, failed } from '../failure.ts';
import type { Session } from '../session.ts';

/** Samples are selected for the whole report, also where they are planned for each line of business. */
const samples = { phase: 'sample-selection', lob: null } as const;

type Names = 'population:import' | 'population:list' | 'population:cancel' | 'sample:plan' | 'sample:draw';

export function populationHandlers(context: CommandContext): HandlerGroup<Names> {
  const { session } = context;
  return {
    'population:import': (input) => importPopulation(context, input),
    'population:list': ({ reportId }) => ({
      populations: session.cache.populations(reportId),
      imports: ownersOf(context).flatMap((owner) => owner.imports.list(reportId)),
    }),
    'population:cancel': ({ importId }) => ownerOf(context, importId).imports.cancel(importId),
    'sample:plan': (input) => planOf(context, input),
    'sample:draw': (input) => drawSample(context, input),
  };
}

async function importPopulation(
  context: CommandContext,
  input: CommandParsed<'population:import'>,
): Promise<ImportJob> {
  const { reportId, source, keyColumn, waitMs } = input;
  mustMay(context, { kind: 'import-population' }, reportId);
  const { imports } = context.session;
  const purpose = { kind: 'population' as const, keyColumn };
  const job =
    source.kind === 'path'
      ? await imports.startPath(reportId, source.path, purpose)
      : imports.startReceived(source.importId, reportId, purpose);
  return (waitMs === 0 ? null : await imports.settled(job.importId, waitMs)) ?? job;
}

function ownerOf(context: CommandContext, importId: string): Session {
  return ownersOf(context).find((owner) => owner.imports.has(importId)) ?? context.session;
}

function planOf(context: CommandContext, input: CommandParsed<'sample:plan'>): CommandOutput<'sample:plan'> {
  const { reportId, seed: givenSeed, ...asked } = input;
  const { session } = context;
  const report = reportOf(context, reportId);
  mustMay(context, { kind: 'plan-sample' }, reportId);
  const undivided = whyNotDivided(report, asked);
  if (undivided) throw badFields([{ path: asked.lob === null ? 'lobColumn' : 'lob', message: undivided.message }]);
  const ready = readyPopulation(session.cache.populations(reportId), asked.populationHash);
  const seed = givenSeed === null ? madeSeed() : String(givenSeed).trim();
  const parsed = samplePlanRequestSchema.safeParse({
    ...asked,
    seed,
    seedOrigin: givenSeed === null ? 'made' : 'given',
  });
  if (!parsed.success)
    throw badFields(parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })));
  const planned = planIn(report, parsed.data, ready);
  if (planned.kind === 'unfit') throw unfit(planned);
  const { plan, sampleSize, acceptableDeviations } = planned;
  mustBeTurn(context, reportId, samples);
  const planId = randomUUID();
  const operationId = firstId(session.queue([{ kind: 'sample.plan', reportId, planId, request: parsed.data }]));
  return { planId, operationId, sampleSize, acceptableDeviations, method: plan.method, seed };
}

function drawSample(context: CommandContext, input: CommandParsed<'sample:draw'>): CommandOutput<'sample:draw'> {
  const { reportId, planId, redrawReason, targeted } = input;
  const { session } = context;
  mustMay(context, { kind: 'draw-sample' }, reportId);
  const plans = session.cache.plans(reportId);
  const lob = plans.find((plan) => plan.planId === planId)?.request.lob ?? null;
  // Samples of other lines of business are drawn for themselves: they are no earlier draw of this one.
  const drawn = plans.some((plan) => plan.versionId !== null && plan.request.lob === lob);
  if (drawn && (redrawReason ?? '').trim() === '') {
    const message = 'A sample was drawn before: drawing again needs a reason, which the report discloses.';
    throw badFields([{ path: 'redrawReason', message }]);
  }
  const twice = targeted.findIndex(
    ({ itemKey }, index) => targeted.findIndex((row) => row.itemKey === itemKey) < index,
  );
  if (twice !== -1) {
    const message = `${targeted[twice]?.itemKey ?? ''} is picked twice.`;
    throw badFields([{ path: `targeted.${twice}.itemKey`, message }]);
  }
  mustBeTurn(context, reportId, samples);
  return { operationId: firstId(session.queue([{ kind: 'sample.draw', reportId, planId, redrawReason, targeted }])) };
}

function readyPopulation(populations: readonly Population[], populationHash: string): ReadyPopulation {
  const population = populations.find((row) => row.populationHash === populationHash);
  if (!population)
    throw failed('not-found', 'There is no such population in this report on this laptop: import it, or sync.');
  const { state } = population;
  if (state.kind === 'ready') return state;
  throw failed(
    'refused',
    state.kind === 'failed'
      ? `${population.fileName} could not be imported: ${state.message}`
      : `${population.fileName} is still being read.`,
  );
}

function unfit({ field, reason, message }: UnfitRequest): CommandFailure {
  return field === null ? failed('bad-input', message, { details: reason }) : badFields([{ path: field, message }]);
}

function badFields(fields: { path: string; message: string }[]): CommandFailure {
  return failed('bad-input', fields.map((field) => field.message).join('; '), { fields });
}

/** A seed from 0 to 2^53 - 1, in digits. */
function madeSeed(): string {
  return String(randomBytes(8).readBigUInt64BE() >> 11n);
}
