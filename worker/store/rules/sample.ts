// Owns what `sample.plan` and `sample.draw` do: the plan is worked out again and recorded before any row shows.
// The draw itself is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import { DRAW_ALGORITHM, DRAW_GENERATOR } from '../../../domain/sampling/draw.ts';
import { KEY_ORDER_RULE } from '../../../domain/sampling/key-order.ts';
import { planOn } from '../../../domain/sampling/planned-sample.ts';
import { emitReport } from '../reports.ts';
import { insertPlan, readPlan, readPopulation } from '../sample-rows.ts';
import { readLine } from '../version-rows.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

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
  const planned = planOn(request, state);
  if (planned.kind === 'unfit') return refuse({ code: 'impossible-plan', message: planned.message });
  const { plan, sampleSize, acceptableDeviations } = planned;
  await insertPlan(writing, {
    planId,
    reportId,
    request,
    populationSize: state.rowCount,
    method: plan.method,
    sampleSize,
    acceptableDeviations,
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
    // All that a draw can be performed again with: the ledger has to say it when the plan's own row is doubted.
    detail: {
      ...{ planId, ...request, populationSize: state.rowCount, method: plan.method },
      ...{ drawnSize: sampleSize, acceptableDeviations },
      ...{ generator: DRAW_GENERATOR, algorithm: DRAW_ALGORITHM, keyOrder: KEY_ORDER_RULE },
    },
  });
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
