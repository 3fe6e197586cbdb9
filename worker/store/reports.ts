// Owns cycles and reports as rows: header, assignments, lines of business, where each phase stands and who holds it up.
// Knows no operation and no order of phases.
import type { Kysely } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import type { LobState, PhaseState, Report } from '../../domain/change.ts';
import type { Compensation } from '../../domain/compensation.ts';
import { phasesOf } from '../../domain/flow.ts';
import type { Deadline, LobSource, Target } from '../../domain/operation.ts';
import type { Assignment, Person } from '../../domain/people.ts';
import { isAboutTests } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { proposer } from '../../domain/version.ts';
import { readTesters } from './records.ts';
import type { Schema } from './schema.ts';
import { signOffsOf } from './version-rows.ts';
import { waitingFor } from './waiting-for.ts';
import type { InReview } from './waiting-for.ts';
import type { Writing } from './writing.ts';

/** A report with its cycle, or null when there is none of that id. */
export async function readReport(db: Kysely<Schema>, reportId: string): Promise<Report | null> {
  const row = await db.selectFrom('reports').selectAll().where('report_id', '=', reportId).executeTakeFirst();
  if (!row) return null;
  return {
    reportId,
    cycleId: row.cycle_id,
    name: row.name,
    dueAt: row.due_at,
    assignments: await readAssignments(db, reportId),
    phases: JSON.parse(row.phases_text) as PhaseState[],
    lobSource: row.lob_source_text === null ? null : (JSON.parse(row.lob_source_text) as LobSource),
    lobs: JSON.parse(row.lobs_text) as LobState[],
    skips: JSON.parse(row.skips_text) as Report['skips'],
    deadlines: JSON.parse(row.deadlines_text) as Deadline[],
    paused: row.paused_at === null ? null : { at: row.paused_at, reason: row.pause_reason ?? '' },
    ended: row.ended_at === null ? null : { at: row.ended_at, reason: row.end_reason ?? '' },
    problem: row.problem,
    redraws: row.redraws,
    workflowVersion: row.workflow_version,
    ...(row.moves_to === null ? {} : { movesTo: row.moves_to }),
    ...(await waitingCompensations(db, reportId)),
  };
}

/** Absent while nothing waits: most reports never have one. */
async function waitingCompensations(db: Kysely<Schema>, reportId: string): Promise<Pick<Report, 'compensations'>> {
  const rows = await db
    .selectFrom('compensations')
    .select('compensation_text')
    .where('report_id', '=', reportId)
    .where('state', '=', 'waiting')
    .orderBy('compensation_id')
    .execute();
  if (rows.length === 0) return {};
  return { compensations: rows.map((row) => JSON.parse(row.compensation_text) as Compensation) };
}

/** True when the report ended for good. */
export async function isOver(db: Kysely<Schema>, reportId: string): Promise<boolean> {
  const row = await db.selectFrom('reports').select('ended_at').where('report_id', '=', reportId).executeTakeFirst();
  return (row?.ended_at ?? null) !== null;
}

async function readAssignments(db: Kysely<Schema>, reportId: string): Promise<Assignment[]> {
  const rows = await db
    .selectFrom('assignments')
    .select(['person_id', 'role'])
    .where('report_id', '=', reportId)
    .orderBy('person_id')
    .orderBy('role')
    .execute();
  return rows.map((row) => ({ personId: row.person_id, role: row.role }));
}

/** The reports a person may read: those they are assigned to, and those of cycles they started as a test manager. */
export async function readableReports(db: Kysely<Schema>, person: Person): Promise<string[]> {
  const assigned = await db
    .selectFrom('assignments')
    .select('report_id')
    .where('person_id', '=', person.personId)
    .distinct()
    .execute();
  const started = person.roles.includes('test-manager')
    ? await db
        .selectFrom('reports')
        .innerJoin('cycles', 'cycles.cycle_id', 'reports.cycle_id')
        .select('report_id')
        .where('started_by', '=', person.personId)
        .execute()
    : [];
  return [...new Set([...assigned, ...started].map((row) => row.report_id))].sort();
}

function untouched(phase: PhaseSlug, lob: string | null, since: string): PhaseState {
  return {
    ...{ phase, lob, state: 'not-started', outcome: null, reason: '', versionId: null, since },
    ...{ openedAt: null, dueAt: null, remindAt: null, remindedAt: null, expiredAt: null, waitingFor: [] },
  };
}

/** The phases that a report begins with: those of the whole report. Each line of business brings its own (`linesOfLob`). */
export function firstPhases(since: string): PhaseState[] {
  return phasesOf('report').map((phase) => untouched(phase, null, since));
}

/** The phases of a line of business that nobody has begun. */
export function linesOfLob(lob: string, since: string): PhaseState[] {
  return phasesOf('lob').map((phase) => untouched(phase, lob, since));
}

/** The line of a phase, undefined when the report has none: a phase of the whole report has no LOB. */
export function lineOf(
  report: Pick<Report, 'phases'>,
  place: { phase: PhaseSlug; lob: string | null },
): PhaseState | undefined {
  return report.phases.find((row) => row.phase === place.phase && row.lob === place.lob);
}

/** What changes on the line of one phase; what is left out stays as it is. */
export type PhaseMove = Pick<PhaseState, 'phase' | 'lob'> &
  Partial<Omit<PhaseState, 'phase' | 'lob' | 'since' | 'waitingFor'>>;

/**
 * Moves phases (or none), works out anew who is waited for, tells the feed the header and counts the flow up.
 * @throws Error when the report, or the line of a move, does not exist: a fault of ours.
 */
export async function emitReport(
  writing: Writing,
  reportId: string,
  moves: PhaseMove | readonly PhaseMove[] = [],
): Promise<Report> {
  const { trx, at } = writing;
  const report = await readReport(trx, reportId);
  if (!report) throw new Error(`the report ${reportId} is gone from the store`);
  const moved = [moves].flat().reduce((lines, move) => withMove(lines, move, at), report.phases);
  const inReview = await readInReview(trx, reportId, moved);
  const isStill = report.ended !== null || report.paused !== null;
  const settled = moved.map((line): PhaseState => {
    const lane = report.lobs.find((row) => row.lob === line.lob);
    const isOff = isStill || lane?.status === 'paused' || lane?.status === 'cancelled';
    const people = isOff ? [] : waitingFor(line, report.assignments, inReview(line));
    return { ...line, waitingFor: people };
  });
  await trx
    .updateTable('reports')
    .set((eb) => ({ phases_text: JSON.stringify(settled), flow_revision: eb('flow_revision', '+', 1) }))
    .where('report_id', '=', reportId)
    .execute();
  const told = { ...report, phases: settled };
  writing.emit(reportFeed(reportId), { kind: 'report', report: told });
  return told;
}

function withMove(lines: readonly PhaseState[], move: PhaseMove, at: string): PhaseState[] {
  if (!lineOf({ phases: [...lines] }, move)) {
    throw new Error(`the report has no phase ${move.phase} of ${move.lob ?? 'the whole report'}`);
  }
  return lines.map((line) => {
    if (line.phase !== move.phase || line.lob !== move.lob) return line;
    const next = { ...line, ...move };
    const isSame = line.state === next.state && line.versionId === next.versionId;
    // Whatever a manager does meanwhile: a deadline that is over stays said until it is moved.
    const outcome = next.outcome ?? (next.expiredAt === null ? null : 'expired');
    return { ...next, outcome, since: isSame ? line.since : at };
  });
}

/** Who made what is in review, or the tests that it is about, and whose signatures stand on it. */
async function readInReview(
  db: Kysely<Schema>,
  reportId: string,
  lines: readonly PhaseState[],
): Promise<(line: PhaseState) => InReview> {
  const open = lines.filter((line) => line.state === 'in-review' && line.versionId !== null);
  const ids = open.flatMap(({ versionId }) => versionId ?? []);
  const testers = new Map<PhaseState, string[]>();
  for (const line of open) if (isAboutTests(line.phase)) testers.set(line, await readTesters(db, reportId, line.lob));
  const authors = await chainAuthors(db, ids);
  const signOffs = await signOffsOf(db, ids);
  return (line) => ({
    authors: [...(authors.get(line.versionId ?? '') ?? []), ...(testers.get(line) ?? [])],
    signed: (signOffs.get(line.versionId ?? '') ?? []).filter((row) => row.voidedAt === null),
  });
}

/** Everybody who made one of the versions or a version that it follows from, by version id. */
export async function chainAuthors(db: Kysely<Schema>, versionIds: readonly string[]): Promise<Map<string, string[]>> {
  const authors = new Map<string, string[]>(versionIds.map((id) => [id, []]));
  // The version to look at next, for each version asked about.
  let open = new Map(versionIds.map((id) => [id, id]));
  while (open.size > 0) {
    const rows = await db
      .selectFrom('versions')
      .select(['version_id', 'parent_version_id', 'author_id'])
      .where('version_id', 'in', [...new Set(open.values())])
      .execute();
    const byId = new Map(rows.map((row) => [row.version_id, row]));
    const further = new Map<string, string>();
    for (const [asked, at] of open) {
      const row = byId.get(at);
      if (!row) continue;
      if (row.author_id !== proposer) authors.get(asked)?.push(row.author_id);
      if (row.parent_version_id !== null) further.set(asked, row.parent_version_id);
    }
    open = further;
  }
  return authors;
}

/** Keeps the lines of business as they are now. Telling about it (`emitReport`) is the caller's. */
export async function saveLobs({ trx }: Writing, reportId: string, lobs: readonly LobState[]): Promise<void> {
  await trx
    .updateTable('reports')
    .set({ lobs_text: JSON.stringify(lobs) })
    .where('report_id', '=', reportId)
    .execute();
}

/** Adds lines of business that the report does not have, with their phases. Telling about it (`emitReport`) is the caller's. */
export async function addLobs(writing: Writing, report: Report, lobs: readonly LobState[]): Promise<void> {
  const known = new Set(report.lobs.map((row) => row.lob));
  const added = lobs.filter((row) => !known.has(row.lob));
  await saveLobs(writing, report.reportId, [...report.lobs, ...added]);
  const phases = [...report.phases, ...added.flatMap((row) => linesOfLob(row.lob, writing.at))];
  await writing.trx
    .updateTable('reports')
    .set({ phases_text: JSON.stringify(phases) })
    .where('report_id', '=', report.reportId)
    .execute();
}

/** Counts the flow up where something changed that the header does not show. */
export async function bumpFlow({ trx }: Writing, reportId: string): Promise<void> {
  await trx
    .updateTable('reports')
    .set((eb) => ({ flow_revision: eb('flow_revision', '+', 1) }))
    .where('report_id', '=', reportId)
    .execute();
}

/** The report whose workflow got the operation, when the store has it. */
export async function reportOf(writing: Writing, target: Target): Promise<string | null> {
  if (target.kind !== 'report') return null;
  const row = await writing.trx
    .selectFrom('reports')
    .select('report_id')
    .where('report_id', '=', target.id)
    .executeTakeFirst();
  return row?.report_id ?? null;
}
