// Owns what `sample.plan` and `sample.draw` do: the plan is worked out again and recorded before any row shows.
// The draw itself is a follow-up.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import { DRAW_ALGORITHM, DRAW_GENERATOR } from '../../../domain/sampling/draw.ts';
import { KEY_ORDER_RULE } from '../../../domain/sampling/key-order.ts';
import { planIn, planSize, whyNotDivided } from '../../../domain/sampling/report-plan.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import { readSampleVersions } from '../sample-line.ts';
import { insertPlan, readPlan, readPopulation } from '../sample-rows.ts';
import { whyOtherPopulation } from '../scope.ts';
import { readLine } from '../version-rows.ts';
import { whyBusy } from './busy.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

const place = { phase: 'sample-selection', lob: null } as const;

export async function planTheSample(subject: Case, body: BodyOfKind<'sample.plan'>, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, planId, request } = body;
  const reason =
    whyNot({ kind: 'plan-sample' }, actor, report.assignments) ??
    whyNotTurn(report, place, actor) ??
    whyNotDivided(report, request) ??
    (await whyMixed(subject, reportId, request.lob));
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
  const other = await whyOtherPopulation(writing.trx, reportId, request.populationHash);
  if (other) return refuse(other);
  const populationSize = planSize(report, request.lob, state);
  const planned = planIn(report, request, state);
  if (planned.kind === 'unfit') return refuse({ code: 'impossible-plan', message: planned.message });
  const { plan, sampleSize, acceptableDeviations } = planned;
  await insertPlan(writing, {
    ...{ planId, reportId, request, populationSize, sampleSize, acceptableDeviations },
    method: plan.method,
    binomialCheck: plan.check && {
      sampleSize: plan.check.sampleSize,
      acceptableDeviations: plan.check.acceptableDeviations,
    },
    ...{ generator: DRAW_GENERATOR, algorithm: DRAW_ALGORITHM },
    ...{ recordedBy: actor.personId, recordedAt: writing.at },
  });
  const of = request.lob === null ? '' : ` of ${request.lob}`;
  return applied({
    summary:
      `recorded the plan: ${sampleSize.toLocaleString('en')} of ${populationSize.toLocaleString('en')}${of}, ` +
      `${plan.method}, seed ${request.seed} ${request.seedOrigin}`,
    // All that a draw can be performed again with: the ledger has to say it when the plan's own row is doubted.
    detail: {
      ...{ planId, ...request, populationSize, method: plan.method },
      ...{ drawnSize: sampleSize, acceptableDeviations },
      ...{ generator: DRAW_GENERATOR, algorithm: DRAW_ALGORITHM, keyOrder: KEY_ORDER_RULE },
    },
  });
}

/** A sample is planned over the whole, or for each line of business: limits of the one do not hold for the other. */
async function whyMixed({ writing }: Case, reportId: string, lob: string | null): Promise<Reason | null> {
  const versions = await readSampleVersions(writing.trx, reportId);
  const standing = versions.filter((row) => row.status === 'pending' || row.status === 'approved');
  const other = standing.find((row) => (row.lob === '') !== (lob === null));
  if (!other) return null;
  const message =
    lob === null
      ? `the sample of ${other.lob} was planned for it alone: plan the others for themselves too`
      : 'the sample was planned over the whole: one for a line of business alone cannot stand beside it';
  return { code: 'out-of-turn', message };
}

export async function drawSample(subject: Case, body: BodyOfKind<'sample.draw'>, report: Report): Promise<Ruling> {
  const { writing, actor, operationId } = subject;
  const { reportId, planId, redrawReason, targeted } = body;
  const reason = whyNot({ kind: 'draw-sample' }, actor, report.assignments) ?? whyNotTurn(report, place, actor);
  if (reason) return refuse(reason);
  const plan = await readPlan(writing.trx, planId);
  if (plan?.reportId !== reportId) return refuse({ code: 'not-found', message: `no plan ${planId} was recorded here` });
  if (plan.versionId !== null) {
    return refuse({ code: 'out-of-turn', message: 'the sample of this plan was drawn before: record another plan' });
  }
  const { lob } = plan.request;
  const fault =
    whyNotDivided(report, plan.request) ??
    (await whyOtherPopulation(writing.trx, reportId, plan.request.populationHash)) ??
    (await whyMixed(subject, reportId, lob)) ??
    (await whyBusy(writing.trx, { reportId, phase: 'sample-selection', lob })) ??
    whyTwice(targeted);
  if (fault) return refuse(fault);
  const line = await readLine(writing.trx, { reportId, phase: 'sample-selection', lob });
  const isRedraw = line.length > 0;
  if (isRedraw && (redrawReason ?? '').trim() === '') {
    return refuse({ code: 'reason-missing', message: 'a sample was drawn before: a redraw needs a reason' });
  }
  const again = isRedraw ? ` again: ${redrawReason}` : '';
  const also = targeted.length === 0 ? '' : ` and ${targeted.length} targeted`;
  return applied({
    summary: `asked for the draw of ${plan.sampleSize.toLocaleString('en')} samples${also}${again}`,
    detail: { planId, redrawReason, targeted: targeted.map((row) => row.itemKey) },
    followUps: [{ kind: 'draw-sample', operationId, reportId, planId }],
  });
}

function whyTwice(targeted: BodyOfKind<'sample.draw'>['targeted']): Reason | null {
  const keys = targeted.map((row) => row.itemKey);
  return new Set(keys).size < keys.length ? { code: 'malformed', message: 'a row is targeted twice' } : null;
}
