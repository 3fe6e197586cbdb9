// Owns the first page: what waits for this person, what they sent, the cycles. Reads both files, decides nothing.
import type { Cycle, Report } from '../../../domain/change.ts';
import type { OperationKind } from '../../../domain/operation.ts';
import { phaseOf } from '../../../domain/phases.ts';
import type { PhaseSlug } from '../../../domain/phases.ts';
import { whyClosed } from '../../../domain/review.ts';
import type { Version } from '../../../domain/version.ts';
import type { Home, HomeRow, SentRow } from '../../../preload/contract.ts';
import { whyNotHere, whyNotReview, whyNotRevise } from './access.ts';
import type { Desk } from './desk.ts';
import type { OperationRow } from '../outbox/operation-table.ts';
import { shownCounts } from './overlay.ts';
import { answeredIn, rejectionsOf } from './revisions.ts';
import { statement } from '../sqlite.ts';

/** The phase that this release runs. */
const samples: PhaseSlug = 'sample-selection';

/** How many sent things are listed. */
const sentLimit = 20;

/** What waits for me, what I sent, the cycles. */
export function home(desk: Desk): Home {
  const reports = desk.cache.reports();
  const cycles = desk.cache.cycles();
  const wanted = desk.cache.wantedContents();
  return {
    waiting: [...waitingDevices(desk), ...reports.flatMap((report) => waitingIn(desk, report, cycles))].sort(byDue),
    sent: sentBy(desk, reports),
    cycles: cyclesWithReports(desk, cycles, reports),
    notCached: {
      versions: wanted.length,
      items: wanted.reduce((sum, { missingItems }) => sum + missingItems, 0),
    },
    mayStartCycle: whyNotHere(desk, { kind: 'start-cycle' }, null) === null,
  };
}

/** Cycles with their reports that are on this laptop. */
export function cyclesWithReports(
  desk: Desk,
  cycles: readonly Cycle[] = desk.cache.cycles(),
  reports: readonly Report[] = desk.cache.reports(),
): Home['cycles'] {
  return cycles.map((cycle) => ({
    cycle,
    startedByName: desk.cache.person(cycle.startedBy)?.name ?? cycle.startedBy,
    reports: reports.filter((report) => report.cycleId === cycle.cycleId),
  }));
}

/** Due first; what has no date comes after, by name. */
function byDue(a: HomeRow, b: HomeRow): number {
  if (a.dueAt !== b.dueAt) {
    if (a.dueAt === null) return 1;
    if (b.dueAt === null) return -1;
    return a.dueAt < b.dueAt ? -1 : 1;
  }
  return a.reportName.localeCompare(b.reportName) || (b.versionNumber ?? 0) - (a.versionNumber ?? 0);
}

function waitingDevices(desk: Desk): HomeRow[] {
  if (whyNotHere(desk, { kind: 'decide-device' }, null) !== null) return [];
  const asked = new Set(targetsOnTheirWay(desk, ['device.approve', 'device.revoke']));
  const waiting = desk.cache.devices().filter((row) => row.status === 'waiting' && !asked.has(row.deviceId));
  if (waiting.length === 0) return [];
  const needs = waiting.length === 1 ? '1 device to approve' : `${waiting.length} devices to approve`;
  const nothing = { reportId: '', cycleName: '', phaseName: '', versionId: null, versionNumber: null, dueAt: null };
  return [{ ...nothing, reportName: 'Devices', needs, items: waiting.length, cached: 'complete', action: 'devices' }];
}

function waitingIn(desk: Desk, report: Report, cycles: readonly Cycle[]): HomeRow[] {
  const latest = latestVersions(desk.cache.versions(report.reportId));
  const row = (version: Version | null, needs: string, action: HomeRow['action'], items: number): HomeRow => ({
    reportId: report.reportId,
    reportName: report.name,
    cycleName: cycles.find((cycle) => cycle.cycleId === report.cycleId)?.name ?? '',
    phaseName: phaseOf(version?.phase ?? samples).name,
    versionId: version?.versionId ?? null,
    versionNumber: version?.number ?? null,
    needs,
    dueAt: report.dueAt,
    items,
    cached: version ? cachedPart(desk, version) : 'complete',
    action,
  });
  const rows = latest.flatMap((version) => {
    const review = reviewNeeds(desk, version);
    if (review !== null) return [row(version, review, 'review', version.itemCount)];
    const revision = revisionNeeds(desk, version);
    return revision === null ? [] : [row(version, revision.needs, 'revise', revision.items)];
  });
  const preparation = latest.some(({ phase }) => phase === samples) ? null : preparationNeeds(desk, report);
  return preparation === null ? rows : [...rows, row(null, preparation.needs, preparation.action, 0)];
}

/** The newest version of each phase and line of business. */
function latestVersions(versions: readonly Version[]): Version[] {
  const latest = new Map<string, Version>();
  for (const version of versions) {
    const key = JSON.stringify([version.phase, version.lob]);
    if ((latest.get(key)?.number ?? 0) < version.number) latest.set(key, version);
  }
  return [...latest.values()];
}

function reviewNeeds(desk: Desk, version: Version): string | null {
  if (whyClosed(version) !== null || whyNotReview(desk, version) !== null) return null;
  const { pending, total } = shownCounts(desk, version);
  if (pending === 0) return 'review to submit';
  return `${pending.toLocaleString('en')} to decide of ${total.toLocaleString('en')}`;
}

function revisionNeeds(desk: Desk, version: Version): { needs: string; items: number } | null {
  if (whyNotRevise(desk, version) !== null) return null;
  const rejections = rejectionsOf(desk, version.versionId);
  const items = Math.max(rejections.size, version.counts.rejected);
  const open = items - answeredIn(desk, version.versionId, rejections).length;
  if (open === 0) return { needs: 'revision to submit', items };
  return { needs: `${open.toLocaleString('en')} rejection${open === 1 ? '' : 's'} to answer`, items };
}

type Preparation = { needs: string; action: 'import' | 'plan' | 'draw' };

/** The next step before a first sample exists; null when it is not this person's or is on its way. */
function preparationNeeds(desk: Desk, { reportId }: Report): Preparation | null {
  if (whyNotHere(desk, { kind: 'import-population' }, reportId) !== null) return null;
  if (operationsOnTheirWay(desk, reportId, ['population.import', 'sample.plan', 'sample.draw']) > 0) return null;
  const plans = desk.cache.plans(reportId);
  if (plans.some(({ versionId }) => versionId !== null)) return null;
  if (plans.length > 0) return { needs: 'a sample to draw', action: 'draw' };
  const populations = desk.cache.populations(reportId);
  if (populations.some(({ state }) => state.kind === 'ready')) return { needs: 'a sample to plan', action: 'plan' };
  if (populations.some(({ state }) => state.kind === 'importing')) return null;
  const jobs = desk.outbox.imports.list(reportId).map(({ job }) => job.state.kind);
  if (jobs.some((kind) => kind !== 'failed' && kind !== 'cancelled')) return null;
  const failed = populations.length > 0 || jobs.includes('failed');
  return { needs: failed ? 'import failed: a population to import' : 'a population to import', action: 'import' };
}

function cachedPart(desk: Desk, version: Version): HomeRow['cached'] {
  const here = desk.cache.cachedItems(version.versionId);
  if (here >= version.itemCount) return 'complete';
  return here > 0 ? 'partial' : 'none';
}

const open = "state IN ('queued', 'sent')";

function operationsOnTheirWay(desk: Desk, reportId: string, kinds: readonly OperationKind[]): number {
  const sql = `SELECT count(*) FROM operations INDEXED BY operations_open
    WHERE ${open} AND report_id = ? AND kind IN (${kinds.map(() => '?').join(', ')})`;
  return statement<number>(desk.outbox.db, sql)
    .pluck()
    .get(reportId, ...kinds) as number;
}

function targetsOnTheirWay(desk: Desk, kinds: readonly OperationKind[]): string[] {
  const sql = `SELECT target_id FROM operations INDEXED BY operations_open
    WHERE ${open} AND kind IN (${kinds.map(() => '?').join(', ')})`;
  return statement<string>(desk.outbox.db, sql)
    .pluck()
    .all(...kinds);
}

const sentKinds = ['review.submit', 'revision.submit', 'population.import', 'sample.draw'] as const;

/** The last things this laptop submitted, newest first; what was dropped or done again is not among them. */
function sentBy(desk: Desk, reports: readonly Report[]): SentRow[] {
  const sql = `SELECT * FROM operations WHERE kind IN (${sentKinds.map(() => '?').join(', ')}) AND settled_at IS NULL
    ORDER BY sequence DESC LIMIT ${sentLimit}`;
  const names = new Map(reports.map(({ reportId, name }) => [reportId, name]));
  return statement<OperationRow>(desk.outbox.db, sql)
    .all(...sentKinds)
    .map((row) => {
      const version = row.version_id === null ? null : desk.cache.version(row.version_id);
      const reportId = row.report_id ?? '';
      return {
        reportId,
        reportName: names.get(reportId) ?? reportId,
        phaseName: phaseOf(version?.phase ?? samples).name,
        versionId: row.version_id,
        versionNumber: version?.number ?? null,
        what: sentText(row),
        items: version?.itemCount ?? 0,
        delivery: row.state,
        at: row.decided_at,
      };
    });
}

function sentText(row: OperationRow): string {
  const body = JSON.parse(row.body) as { verdict?: string; answers?: unknown[]; fileName?: string };
  switch (row.kind) {
    case 'review.submit':
      return body.verdict === 'revision-requested' ? 'revision requested' : (body.verdict ?? 'reviewed');
    case 'revision.submit':
      return `revision with ${(body.answers?.length ?? 0).toLocaleString('en')} answers`;
    case 'population.import':
      return `population ${body.fileName ?? ''}`;
    default:
      return 'sample drawn';
  }
}
