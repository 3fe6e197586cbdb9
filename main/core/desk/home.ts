// Owns the first page: what waits for this person, what they sent, the cycles. Reads both files, decides nothing.
import type { Cycle, Report } from '../../../domain/change.ts';
import { placeName } from '../../../domain/phases.ts';
import type { OperationKind } from '../../../domain/operation.ts';
import type { Version } from '../../../domain/version.ts';
import type { Home, HomeRow } from '../../../preload/contract.ts';
import { whyNotHere } from './access.ts';
import type { Desk } from './desk.ts';
import { needsIn } from './home-needs.ts';
import type { Need } from './home-needs.ts';
import { sentBy } from './sent.ts';
import { statement } from '../sqlite.ts';

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
  return [
    {
      ...nothing,
      ...{ reportName: 'Devices', needs, items: waiting.length, cached: 'complete', action: 'devices' },
      ...{ phase: null, lob: null },
    },
  ];
}

function targetsOnTheirWay(desk: Desk, kinds: readonly OperationKind[]): string[] {
  const sql = `SELECT target_id FROM operations INDEXED BY operations_open
    WHERE state IN ('queued', 'sent') AND kind IN (${kinds.map(() => '?').join(', ')})`;
  return statement<string>(desk.outbox.db, sql)
    .pluck()
    .all(...kinds);
}

function waitingIn(desk: Desk, report: Report, cycles: readonly Cycle[]): HomeRow[] {
  const cycleName = cycles.find((cycle) => cycle.cycleId === report.cycleId)?.name ?? '';
  return needsIn(desk, report).map((need) => rowOf(desk, report, cycleName, need));
}

function rowOf(desk: Desk, report: Report, cycleName: string, need: Need): HomeRow {
  const { line, version, needs, action, items } = need;
  return {
    ...{ reportId: report.reportId, reportName: report.name, cycleName },
    phaseName: version ? placeName(version) : line ? placeName(line) : '',
    versionId: version?.versionId ?? null,
    versionNumber: version?.number ?? null,
    ...{ needs, items, action },
    dueAt: line?.dueAt ?? report.dueAt,
    cached: version ? cachedPart(desk, version) : 'complete',
    ...{ phase: line?.phase ?? null, lob: line?.lob ?? null },
  };
}

function cachedPart(desk: Desk, version: Version): HomeRow['cached'] {
  const here = desk.cache.cachedItems(version.versionId);
  if (here >= version.itemCount) return 'complete';
  return here > 0 ? 'partial' : 'none';
}
