// Owns cycles and reports as rows: header, assignments, where each phase stands and who holds it up. Knows no operation.
import type { Kysely } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import type { PhaseState, Report } from '../../domain/change.ts';
import type { Target } from '../../domain/operation.ts';
import type { Assignment, Person, Role } from '../../domain/people.ts';
import { phaseOf, phases } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { Schema } from './schema.ts';
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
    redraws: row.redraws,
  };
}

/** True when the report's workflow ended for good. */
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

/** All nine phases of a report that nobody has begun. The one that runs waits for its authors already. */
export function firstPhases(assignments: readonly Assignment[], since: string): PhaseState[] {
  return phases.map(({ slug }) => ({
    phase: slug,
    state: 'not-started' as const,
    versionId: null,
    since,
    waitingFor: slug === 'sample-selection' ? waitingFor(slug, 'not-started', assignments) : [],
  }));
}

function waitingFor(slug: PhaseSlug, state: PhaseState['state'], assignments: readonly Assignment[]): string[] {
  const holders = (roles: readonly Role[]) => [
    ...new Set(assignments.filter((row) => roles.includes(row.role)).map((row) => row.personId)),
  ];
  if (state === 'completed' || state === 'rejected') return [];
  const { authors, approvers } = phaseOf(slug);
  if (state === 'in-review') return holders(approvers);
  // All testers may act, but it is the first filled role of the list that is expected to: the tester, else the lead.
  for (const role of authors) {
    const people = holders([role]);
    if (people.length > 0) return people;
  }
  return [];
}

/** Where a phase goes. `versionId` undefined leaves the version as it is. */
export interface PhaseMove {
  phase: PhaseSlug;
  state: PhaseState['state'];
  versionId?: string | null;
}

/** Moves a phase (or none), works out anew who is waited for, and tells the feed the header. */
export async function emitReport(writing: Writing, reportId: string, move?: PhaseMove): Promise<Report> {
  const { trx, at } = writing;
  const report = await readReport(trx, reportId);
  if (!report) throw new Error(`the report ${reportId} is gone from the store`);
  const moved = report.phases.map((row): PhaseState => {
    if (row.phase !== move?.phase) return row;
    const versionId = move.versionId === undefined ? row.versionId : move.versionId;
    const since = row.state === move.state && row.versionId === versionId ? row.since : at;
    return { ...row, state: move.state, versionId, since };
  });
  const settled = moved.map((row) =>
    row.phase === 'sample-selection'
      ? { ...row, waitingFor: waitingFor(row.phase, row.state, report.assignments) }
      : row,
  );
  const text = JSON.stringify(settled);
  await trx.updateTable('reports').set({ phases_text: text }).where('report_id', '=', reportId).execute();
  const told = { ...report, phases: settled };
  writing.emit(reportFeed(reportId), { kind: 'report', report: told });
  return told;
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
