// Owns what `sample.plan` and `sample.draw` do: the plan is worked out again and recorded before any row shows.
// The draw itself is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import { keyProblem } from '../../../domain/population.ts';
import type { Population } from '../../../domain/population.ts';
import type { SamplePlanRequest } from '../../../domain/sample-plan.ts';
import { DRAW_ALGORITHM, DRAW_GENERATOR } from '../../../domain/sampling/draw.ts';
import { acceptableAtSize, planSample } from '../../../domain/sampling/plan.ts';
import type { SamplePlan } from '../../../domain/sampling/plan.ts';
import { emitReport } from '../reports.ts';
import { insertPlan, readPlan, readPopulation } from '../sample-rows.ts';
import { readLine } from '../version-rows.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Ready = Extract<Population['state'], { kind: 'ready' }>;

export async function planTheSample(subject: Case, body: BodyOfKind<'sample.plan'>, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, planId, request } = body;
  const reason = whyNot({ kind: 'plan-sample' }, actor, report.assignments);
  if (reason) return refuse(reason);
  if (await readPlan(writing.trx, planId)) {
    return refuse({ code: 'out-of-turn', message: `the plan ${planId} was recorded before` });
  }
  const found = await readPopulation(writing.trx, reportId, request.populationHash);
  const state = found?.population.state;
  if (state?.kind !== 'ready') {
    const message = 'the population is not ready: import it and wait until it was read';
    return refuse({ code: 'population-not-ready', message });
  }
  const fault = columnFault(state, request);
  if (fault) return refuse(fault);
  const plan = planSample({
    risk: request.risk,
    tolerable: request.tolerable,
    expected: request.expected,
    populationSize: state.rowCount,
  });
  if (plan.kind === 'impossible') return refuse({ code: 'impossible-plan', message: plan.message });
  const sampleSize = request.sampleSize ?? plan.sampleSize;
  const sizeFault = whyNotSize(plan, sampleSize, state, request);
  if (sizeFault) return refuse(sizeFault);
  await insertPlan(writing, {
    planId,
    reportId,
    request,
    populationSize: state.rowCount,
    method: plan.method,
    sampleSize,
    acceptableDeviations: acceptableAtSize(plan, sampleSize),
    binomialCheck: plan.check && {
      sampleSize: plan.check.sampleSize,
      acceptableDeviations: plan.check.acceptableDeviations,
    },
    generator: DRAW_GENERATOR,
    algorithm: DRAW_ALGORITHM,
    recordedBy: actor.personId,
    recordedAt: writing.at,
  });
  const phase = report.phases.find((row) => row.phase === 'sample-selection');
  if (phase?.state === 'not-started')
    await emitReport(writing, reportId, { phase: 'sample-selection', state: 'in-work' });
  return applied({
    summary:
      `recorded the plan: ${sampleSize.toLocaleString('en')} of ${state.rowCount.toLocaleString('en')}, ` +
      `${plan.method}, seed ${request.seed} ${request.seedOrigin}`,
    detail: { planId, ...request, populationSize: state.rowCount, method: plan.method, drawnSize: sampleSize },
  });
}

function columnFault(state: Ready, request: SamplePlanRequest): Reason | null {
  const key = state.columns.find((column) => column.name === request.keyColumn);
  if (!key) return { code: 'impossible-plan', message: `the population has no column "${request.keyColumn}"` };
  const problem = keyProblem(key);
  if (problem) return { code: 'impossible-plan', message: problem };
  const { lobColumn } = request;
  if (lobColumn !== null && !state.columns.some((column) => column.name === lobColumn)) {
    return { code: 'impossible-plan', message: `the population has no column "${lobColumn}"` };
  }
  return null;
}

function whyNotSize(plan: SamplePlan, sampleSize: number, state: Ready, request: SamplePlanRequest): Reason | null {
  const figure = sampleSize.toLocaleString('en');
  if (sampleSize < plan.sampleSize) {
    const message = `a sample of ${figure} would not support the conclusion: it takes ${plan.sampleSize.toLocaleString('en')}`;
    return { code: 'impossible-plan', message };
  }
  if (sampleSize > state.rowCount) {
    const message = `a sample of ${figure} is larger than its population of ${state.rowCount.toLocaleString('en')}`;
    return { code: 'impossible-plan', message };
  }
  const strata = state.columns.find((column) => column.name === request.lobColumn)?.distinct ?? 0;
  if (strata > sampleSize) {
    const message = `a sample of ${figure} cannot give each of the ${strata.toLocaleString('en')} lines of business one item`;
    return { code: 'impossible-plan', message };
  }
  return null;
}

export async function drawSample(subject: Case, body: BodyOfKind<'sample.draw'>, report: Report): Promise<Ruling> {
  const { writing, actor, operationId } = subject;
  const { reportId, planId, redrawReason } = body;
  const reason = whyNot({ kind: 'draw-sample' }, actor, report.assignments);
  if (reason) return refuse(reason);
  const plan = await readPlan(writing.trx, planId);
  if (plan?.reportId !== reportId) return refuse({ code: 'not-found', message: `no plan ${planId} was recorded here` });
  if (plan.versionId !== null) {
    return refuse({ code: 'out-of-turn', message: 'the sample of this plan was drawn before: record another plan' });
  }
  const busy = await whyBusy(subject, reportId);
  if (busy) return refuse(busy);
  const line = await readLine(writing.trx, { reportId, phase: 'sample-selection', lob: null });
  const isRedraw = line.length > 0;
  if (isRedraw && (redrawReason ?? '').trim() === '') {
    return refuse({ code: 'reason-missing', message: 'a sample was drawn before: a redraw needs a reason' });
  }
  const again = isRedraw ? ` again: ${redrawReason}` : '';
  return applied({
    summary: `asked for the draw of ${plan.sampleSize.toLocaleString('en')} samples${again}`,
    detail: { planId, redrawReason },
    followUps: [{ kind: 'draw-sample', operationId, reportId, planId }],
  });
}

/** Why nothing that makes a version can begin: another one is being made. */
export async function whyBusy(subject: Case, reportId: string): Promise<Reason | null> {
  const open = await subject.writing.trx
    .selectFrom('operations')
    .select('operation_id')
    .where('report_id', '=', reportId)
    .where('kind', 'in', ['sample.draw', 'revision.submit'])
    .where('state', '=', 'applied')
    .where('follow_up_done_at', 'is', null)
    .executeTakeFirst();
  return open
    ? { code: 'out-of-turn', message: 'a version of this sample is being made: wait until it is there' }
    : null;
}
