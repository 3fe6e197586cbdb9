// Owns what a report wants before its sample can be reviewed: a population, plans, draws. Reads only.
import type { PhaseState, Report } from '../../../domain/change.ts';
import { isSettled } from '../../../domain/flow.ts';
import type { OperationKind } from '../../../domain/operation.ts';
import type { RecordedPlan } from '../../../domain/sample-plan.ts';
import type { Version } from '../../../domain/version.ts';
import { whyNotAt, whyNotHere } from './access.ts';
import type { Desk } from './desk.ts';
import type { Need } from './home-needs.ts';
import { counted } from './operation-text.ts';
import { statement } from '../sqlite.ts';

/** The next step of preparing the sample; empty when it is not this person's, or is on its way. */
export function preparationNeeds(desk: Desk, report: Report, open: readonly PhaseState[]): Need[] {
  const selecting = open.find((line) => line.phase === 'sample-selection');
  // Phases that were skipped from the start leave none open: the next one waits for the population all the same.
  const line = selecting ?? open[0] ?? report.phases.find(({ state }) => !isSettled(state));
  if (!line) return [];
  const { reportId } = report;
  const hasPopulation = desk.cache.populations(reportId).some(({ state }) => state.kind === 'ready');
  const step = hasPopulation ? (selecting ? sampleStep(desk, report, selecting) : null) : importStep(desk, report);
  return step ? [{ line, version: null, items: 0, ...step }] : [];
}

type Step = Pick<Need, 'needs' | 'action'>;

function importStep(desk: Desk, { reportId }: Report): Step | null {
  if (whyNotHere(desk, { kind: 'import-population' }, reportId) !== null) return null;
  // Versions rest on a population, so there was one.
  if (desk.cache.versions(reportId).length > 0 || isOnTheWay(desk, reportId, ['population.import'])) return null;
  const populations = desk.cache.populations(reportId);
  if (populations.some(({ state }) => state.kind === 'importing')) return null;
  const jobs = desk.outbox.imports
    .list(reportId)
    .filter(({ purpose }) => purpose?.kind !== 'document')
    .map(({ job }) => job.state.kind);
  if (jobs.some((kind) => kind !== 'failed' && kind !== 'cancelled')) return null;
  const failed = populations.length > 0 || jobs.includes('failed');
  return { needs: failed ? 'import failed: a population to import' : 'a population to import', action: 'import' };
}

function sampleStep(desk: Desk, report: Report, line: PhaseState): Step | null {
  const { reportId } = report;
  if (whyNotAt(desk, { kind: 'plan-sample' }, report, line) !== null) return null;
  if (isOnTheWay(desk, reportId, ['sample.plan', 'sample.draw'])) return null;
  // Drawing was asked for and its version is being made.
  const drawn = new Set(drawnPlans(desk, reportId));
  const plans = desk.cache.plans(reportId);
  const isDrawn = (plan: RecordedPlan): boolean => plan.versionId !== null || drawn.has(plan.planId);
  const lines = new Set(plans.map(({ request }) => request.lob));
  const waiting = [...lines].filter((lob) => !plans.some((plan) => plan.request.lob === lob && isDrawn(plan)));
  if (waiting.length > 0) {
    return { needs: waiting.length === 1 ? 'a sample to draw' : `${waiting.length} samples to draw`, action: 'draw' };
  }
  if (plans.length === 0) return { needs: 'a sample to plan', action: 'plan' };
  const rejected = rejectedSamples(desk, reportId);
  if (rejected.length > 0) {
    const needs = `version ${rejected.map(({ number }) => number).join(', ')} was rejected: a sample to plan or draw again`;
    return { needs, action: 'plan' };
  }
  if (lines.has(null)) return null;
  const without = report.lobs.filter(
    ({ lob, status, withoutSamples }) => status !== 'cancelled' && withoutSamples === null && !lines.has(lob),
  );
  if (without.length === 0) return null;
  return { needs: `a sample to plan for ${counted(without.length, 'line')} of business`, action: 'plan' };
}

/** The newest samples of the lines of business, those that were rejected whole: nothing but another draw follows. */
function rejectedSamples(desk: Desk, reportId: string): Version[] {
  const samples = desk.cache.versions(reportId).filter(({ phase }) => phase === 'sample-selection');
  const newest = Map.groupBy(samples, ({ lob }) => lob)
    .values()
    .map((line) => line.reduce((last, one) => (one.number > last.number ? one : last)));
  return [...newest].filter(({ status }) => status === 'rejected');
}

/** Plans whose draw was queued here and not refused: their versions may not be here yet. */
function drawnPlans(desk: Desk, reportId: string): string[] {
  const sql = `SELECT body ->> 'planId' FROM operations WHERE report_id = ? AND kind = 'sample.draw'
    AND state IN ('queued', 'sent', 'applied')`;
  return statement<string>(desk.outbox.db, sql).pluck().all(reportId);
}

function isOnTheWay(desk: Desk, reportId: string, kinds: readonly OperationKind[]): boolean {
  const sql = `SELECT count(*) FROM operations INDEXED BY operations_open
    WHERE state IN ('queued', 'sent') AND report_id = ? AND kind IN (${kinds.map(() => '?').join(', ')})`;
  const found = statement<number>(desk.outbox.db, sql)
    .pluck()
    .get(reportId, ...kinds);
  return found !== 0;
}
