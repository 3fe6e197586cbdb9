// Owns the versions of the workflows that run, as a test manager looks at them, and why a report cannot be moved now. Reads both files;
// when a report moves is its workflow's to say.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import { isSettled } from '../../../domain/flow.ts';
import type { OperationBody, OperationKind, Reason } from '../../../domain/operation.ts';
import {
  featureGains,
  gainsOf,
  isKnownVersion,
  newestVersion,
  unrecordedVersion,
  whyNotMove,
  workflowVersions,
} from '../../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../../domain/workflow-version.ts';
import type { CommandOutput, WorkflowRow } from '../../../preload/contract.ts';
import { personOf, whyOver } from './access.ts';
import type { Desk } from './desk.ts';
import type { OperationRow } from '../outbox/operation-table.ts';
import { statement } from '../sqlite.ts';

type BodyOf<Kind extends OperationKind> = Extract<OperationBody, { kind: Kind }>;

/** What this laptop asked of a report and is not done, or was refused and nobody dealt with; newest first. */
export function askedOf<Kind extends OperationKind>(
  desk: Desk,
  reportId: string,
  kind: Kind,
): { body: BodyOf<Kind>; state: OperationRow['state'] }[] {
  const sql = `SELECT * FROM operations WHERE report_id = ? AND kind = ? AND settled_at IS NULL
    AND state IN ('queued', 'sent', 'refused', 'conflict') ORDER BY sequence DESC`;
  return statement<OperationRow>(desk.outbox.db, sql)
    .all(reportId, kind)
    .map(({ body, state }) => ({ body: JSON.parse(body) as BodyOf<Kind>, state }));
}

/** What a report's workflow runs as; a text that this application may not know. */
export function versionOf({ workflowVersion }: Pick<Report, 'workflowVersion'>): string {
  return workflowVersion ?? unrecordedVersion;
}

/** Why a report is not moved now, whoever asks, or null. */
export function whyNotMoving(desk: Desk, report: Report, to: WorkflowVersion): Reason | null {
  const from = versionOf(report);
  if (!isKnownVersion(from)) {
    const message = `it runs as ${from} and this application knows up to ${newestVersion}: install the newer application`;
    return { code: 'out-of-turn', message };
  }
  const unfit = whyNotMove(from, to) ?? whyUnderWay(desk, report, to);
  return unfit === null ? null : { code: 'out-of-turn', message: unfit };
}

/** Asking twice for the same would change nothing. */
function whyUnderWay(desk: Desk, { reportId, movesTo }: Report, to: WorkflowVersion): string | null {
  if (movesTo === to) return `it moves to ${to} already, at its next safe point`;
  const [asked] = askedOf(desk, reportId, 'workflow.move').filter(
    ({ state }) => state === 'queued' || state === 'sent',
  );
  return asked?.body.to === to ? `its move to ${to} was asked for on this laptop and waits for its receipt` : null;
}

/** The workflow of a report as this person sees it. */
export function workflowRow(desk: Desk, report: Report): WorkflowRow {
  const { reportId, name, cycleId, movesTo = null } = report;
  const version = versionOf(report);
  const gains = isKnownVersion(version) ? gainsOf(version, newestVersion) : [];
  const [asked] = askedOf(desk, reportId, 'workflow.move');
  return {
    ...{ reportId, reportName: name, cycleId, cycleName: desk.cache.cycle(cycleId)?.name ?? cycleId },
    ...{ version, movesTo },
    gains: gains.map((feature) => ({ feature, says: featureGains[feature] })),
    asked: asked ? { to: asked.body.to, delivery: asked.state } : null,
    whyNotMove:
      whyNot({ kind: 'move-workflow' }, personOf(desk), report.assignments) ??
      whyOver(report) ??
      whyNotMoving(desk, report, newestVersion),
  };
}

/** Reports whose workflows still run, by version, oldest first; versions that are not known here come last. */
export function listWorkflows(desk: Desk): CommandOutput<'workflow:list'> {
  const rows = desk.cache
    .reports()
    .filter(isRunning)
    .map((report) => workflowRow(desk, report));
  const known: readonly string[] = workflowVersions;
  const place = (version: string): number => (known.includes(version) ? known.indexOf(version) : known.length);
  const versions = [...Map.groupBy(rows, ({ version }) => version)]
    .map(([version, reports]) => ({ version, reports }))
    .toSorted((a, b) => place(a.version) - place(b.version) || a.version.localeCompare(b.version));
  return { newest: newestVersion, versions };
}

/** Neither over nor signed. */
function isRunning({ ended, phases }: Report): boolean {
  return ended === null && !phases.some((line) => line.phase === 'test-report' && isSettled(line.state));
}
