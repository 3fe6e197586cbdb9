// Owns what stands around a version: its report, cycle, plan, population and the other versions of its phase. Only reads.
import { placeName } from '../../domain/phases.ts';
import type { Population } from '../../domain/population.ts';
import type { RecordedPlan } from '../../domain/sample-plan.ts';
import type { Version } from '../../domain/version.ts';
import type { Cycle, Report } from '../../domain/change.ts';
import { usePlace } from '../page-header.tsx';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';

/** What is known around a version; parts are null or empty until they are read. */
export interface VersionContext {
  report: Report | null;
  cycle: Cycle | null;
  /** Versions of the same phase and LOB, by number. */
  siblings: readonly Version[];
  plan: RecordedPlan | null;
  population: Population | null;
}

/** The plan that a version was drawn by: its own, or that of the version its chain began with. */
export function planOf(version: Version, plans: readonly RecordedPlan[]): RecordedPlan | null {
  const drawnInto = [version.versionId, version.masterRecordId];
  return (
    plans.find((plan) => plan.versionId !== null && drawnInto.includes(plan.versionId)) ??
    plans.find((plan) => plan.planId === version.summary['planId']) ??
    null
  );
}

/** Versions of the same chain of numbers, oldest first. */
export function siblingsOf(version: Version, versions: readonly Version[]): Version[] {
  return versions
    .filter((other) => other.phase === version.phase && other.lob === version.lob)
    .sort((a, b) => a.number - b.number);
}

/** Reads what stands around a version. */
export function useVersionContext(version: Version | null): VersionContext {
  const reportId = version?.reportId ?? null;
  const loaded = useCommand('report:get', reportId === null ? null : { reportId }, whenReportChanges(reportId ?? ''));
  const cycles = valueOf(useCommand('cycle:list', {}, (event) => event.kind === 'changed' && event.directory));
  const data = valueOf(loaded);
  if (!version || !data) return { report: null, cycle: null, siblings: [], plan: null, population: null };
  const plan = planOf(version, data.plans);
  return {
    report: data.report,
    cycle: cycles?.find(({ cycle }) => cycle.cycleId === version.cycleId)?.cycle ?? null,
    siblings: siblingsOf(version, data.versions),
    plan,
    population: data.populations.find((one) => one.populationHash === plan?.request.populationHash) ?? null,
  };
}

/** Says in the bar: cycle, report, phase, and what comes last. */
export function useVersionPlace(
  version: Version | null,
  { report, cycle }: VersionContext,
  last: string,
  footnote: string | null = null,
): void {
  const reportRoute = version && ({ screen: 'report', reportId: version.reportId } as const);
  usePlace(
    [
      ...(cycle ? [{ text: cycle.name, route: { screen: 'cycle', cycleId: cycle.cycleId } as const }] : []),
      ...(report && reportRoute ? [{ text: report.name, route: reportRoute }] : []),
      ...(version
        ? [
            {
              text: placeName(version),
              route: { screen: 'phase', reportId: version.reportId, phase: version.phase, lob: version.lob } as const,
            },
          ]
        : []),
      { text: last },
    ],
    footnote,
  );
}
