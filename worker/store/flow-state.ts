// Owns reading the flow of a report or of one of its lanes: all that decides what is due. Writes nothing; what is due is
// domain/flow.ts.
import type { Kysely } from 'kysely';
import type { PhaseState, Report } from '../../domain/change.ts';
import { isOpen, isSettled } from '../../domain/flow.ts';
import type { FlowLine, FlowState } from '../../domain/flow.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { Population } from '../../domain/population.ts';
import { readHeldProposals } from './compensations.ts';
import { lineOf, readReport } from './reports.ts';
import { mustKnow } from './workflow-version.ts';
import type { Schema } from './schema.ts';

type VersionNote = Pick<Schema['versions'], 'version_id' | 'phase' | 'lob' | 'number' | 'status' | 'review_verdict'>;

/**
 * The flow of a report (`lob` null) or of one of its lanes.
 * @throws Error when the report or the lane does not exist.
 */
export async function readFlow(db: Kysely<Schema>, reportId: string, lob: string | null): Promise<FlowState> {
  const report = await readReport(db, reportId);
  if (!report) throw new Error(`the store has no report ${reportId}`);
  const lane = report.lobs.find((row) => row.lob === lob);
  if (lob !== null && !lane) throw new Error(`the report ${reportId} has no line of business "${lob}"`);
  const row = await db
    .selectFrom('reports')
    .select(['flow_revision', 'lobs_named', 'workflow_version'])
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  mustKnow(row.workflow_version);
  const held = await readHeldProposals(db, reportId);
  const lobsNamed = row.lobs_named === 1;
  const versions = await readVersionNotes(db, reportId);
  const recommended = await hasRecommendation(db, reportId);
  const lines = report.phases.filter((line) => lob === null || line.lob === null || line.lob === lob);
  return {
    revision: row.flow_revision,
    reportId,
    lob,
    paused: report.paused !== null || lane?.status === 'paused',
    over: report.ended !== null || lane?.status === 'cancelled',
    populationReady: await isPopulationReady(db, reportId),
    lobsNamed,
    // Before that, what keeps the flow is a proposal's; afterwards only the naming can be.
    lobsProblem: !lobsNamed && report.problem !== null && isScopingSettled(report),
    lobs: report.lobs.map(({ lob: name, status, samples, deviations }) => ({ lob: name, status, samples, deviations })),
    lines: lines.map((line) => flowLine(line, versions, recommended)),
    pending: pendingOf(report, versions, lob),
    skips: report.skips.map(({ phase, lob: of, reason }) => ({ phase, lob: of, reason })),
    mailsDue: await areMailsDue(db, reportId),
    version: row.workflow_version,
    ...(report.movesTo === undefined ? {} : { movesTo: report.movesTo }),
    ...(held.length === 0 ? {} : { held }),
  };
}

function isScopingSettled(report: Report): boolean {
  const scoping = lineOf(report, { phase: 'scoping', lob: null });
  return scoping !== undefined && isSettled(scoping.state);
}

function readVersionNotes(db: Kysely<Schema>, reportId: string): Promise<VersionNote[]> {
  return db
    .selectFrom('versions')
    .select(['version_id', 'phase', 'lob', 'number', 'status', 'review_verdict'])
    .where('report_id', '=', reportId)
    .orderBy('created_at')
    .orderBy('number')
    .execute();
}

async function hasRecommendation(db: Kysely<Schema>, reportId: string): Promise<boolean> {
  const row = await db
    .selectFrom('recommendations')
    .select('recommendation_id')
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  return row !== undefined;
}

/** True when the report has a population that was read. */
export async function isPopulationReady(db: Kysely<Schema>, reportId: string): Promise<boolean> {
  const rows = await db.selectFrom('populations').select('state_text').where('report_id', '=', reportId).execute();
  return rows.some((row) => (JSON.parse(row.state_text) as Population['state']).kind === 'ready');
}

async function areMailsDue(db: Kysely<Schema>, reportId: string): Promise<boolean> {
  const row = await db
    .selectFrom('notifications')
    .select('notification_id')
    .where('report_id', '=', reportId)
    .where('mail_state', '=', 'due')
    .executeTakeFirst();
  return row !== undefined;
}

/** The line of the flow that a version belongs to: samples of one LOB are versions of a phase of the whole report. */
function lobOfLine({ phase, lob }: Pick<VersionNote, 'phase' | 'lob'>): string | null {
  return phaseOf(phase).scope === 'lob' ? lob : null;
}

function flowLine(line: PhaseState, versions: readonly VersionNote[], recommended: boolean): FlowLine {
  const own = versions.filter((row) => row.phase === line.phase && lobOfLine(row) === line.lob);
  const version = own.find((row) => row.version_id === line.versionId);
  return {
    phase: line.phase,
    lob: line.lob,
    status: line.state,
    version: version ? { versionId: version.version_id, number: version.number } : null,
    proposed: own.length > 0 || (line.phase === 'sample-selection' && recommended),
    remindAt: line.remindAt,
    dueAt: line.dueAt,
    reminded: line.remindedAt !== null,
    expired: line.expiredAt !== null,
  };
}

function pendingOf(report: Report, versions: readonly VersionNote[], lob: string | null): FlowState['pending'] {
  return versions.flatMap((row) => {
    if (row.status !== 'pending' || row.review_verdict !== null) return [];
    const line = lineOf(report, { phase: row.phase, lob: lobOfLine(row) });
    const lane = report.lobs.find((entry) => entry.lob === line?.lob);
    if (!line || !isOpen(line.state) || lane?.status === 'cancelled') return [];
    if (lob !== null && line.lob !== lob) return [];
    return [{ versionId: row.version_id, phase: row.phase, lob: row.lob === '' ? null : row.lob, number: row.number }];
  });
}
