// Owns what `cycle.start` does: a cycle, its reports and their people. Starting the reports' workflows is the workflow's.
import { whyNot } from '../../../domain/authority.ts';
import { directoryFeed, reportFeed } from '../../../domain/change.ts';
import type { Cycle } from '../../../domain/change.ts';
import { ledgerGenesis } from '../../../domain/ledger.ts';
import { twiceNamed, whyNotDeadlines } from '../../../domain/control.ts';
import type { Reason } from '../../../domain/operation.ts';
import { roleNames } from '../../../domain/people.ts';
import type { Assignment } from '../../../domain/people.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { readPerson } from '../people.ts';
import { emitReport, firstPhases } from '../reports.ts';
import { lobWords } from './course.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

type Start = BodyOfKind<'cycle.start'>;

export async function startCycle(subject: Case, body: Start): Promise<Ruling> {
  const { trx, at, emit } = subject.writing;
  const { actor } = subject;
  const reason = whyNot({ kind: 'start-cycle' }, actor, []) ?? (await whyNotFresh(subject, body));
  if (reason) return refuse(reason);
  for (const report of body.reports) {
    const fault = whyNotPlanned(report) ?? (await whyNotAssignable(subject, report.assignments));
    if (fault) return refuse(fault);
  }
  const { cycleId, name } = body;
  await trx
    .insertInto('cycles')
    .values({ cycle_id: cycleId, name, started_by: actor.personId, started_at: at })
    .execute();
  const reportIds = body.reports.map((report) => report.reportId);
  const cycle: Cycle = { cycleId, name, startedBy: actor.personId, startedAt: at, reportIds };
  emit(directoryFeed, { kind: 'cycle', cycle }, `person:${actor.personId}`);
  for (const [position, report] of body.reports.entries()) await addReport(subject, cycle, report, position);
  return applied({
    summary: `started the cycle "${name}" with ${countOf(reportIds.length, 'report')}`,
    followUps: [{ kind: 'start-reports', cycleId, reportIds }],
  });
}

async function whyNotFresh(subject: Case, body: Start): Promise<Reason | null> {
  const { trx } = subject.writing;
  const ids = body.reports.map((report) => report.reportId);
  if (new Set(ids).size < ids.length) return { code: 'malformed', message: 'a report is named twice' };
  const cycle = await trx.selectFrom('cycles').select('cycle_id').where('cycle_id', '=', body.cycleId).execute();
  if (cycle.length > 0) return { code: 'out-of-turn', message: `the cycle ${body.cycleId} was started before` };
  const known = await trx.selectFrom('reports').select('report_id').where('report_id', 'in', ids).execute();
  const [first] = known;
  return first ? { code: 'malformed', message: `the report ${first.report_id} belongs to another cycle` } : null;
}

/** Why a report cannot begin as it is wanted: what is skipped, due and divided. Whether the column exists, the population tells later. */
function whyNotPlanned({ name, skips, deadlines, lobs }: Start['reports'][number]): Reason | null {
  const fixed = skips.find((row) => !phaseOf(row.phase).skippable);
  if (fixed) {
    const message = `${phaseOf(fixed.phase).name} of "${name}" cannot be skipped: it is what the cycle is for`;
    return { code: 'malformed', message };
  }
  const twice = twiceNamed(skips.map((row) => row.phase));
  if (twice !== null) {
    return { code: 'malformed', message: `the phase ${twice} of "${name}" is named twice among those to skip` };
  }
  const lob = lobs?.kind === 'list' ? twiceNamed(lobs.names) : null;
  if (lob !== null) return { code: 'malformed', message: `the line of business ${lob} of "${name}" is named twice` };
  const fault = whyNotDeadlines(deadlines);
  return fault && { ...fault, message: `"${name}": ${fault.message}` };
}

/** Why people cannot be assigned so: each has to exist and to be what they are assigned as. */
export async function whyNotAssignable(subject: Case, assignments: readonly Assignment[]): Promise<Reason | null> {
  for (const { personId, role } of assignments) {
    const person = await readPerson(subject.writing.trx, personId);
    if (!person) return { code: 'unknown-person', message: `nobody is called ${personId} here` };
    if (!person.roles.includes(role)) {
      return { code: 'role', message: `${person.name} cannot be assigned as ${roleNames[role]}` };
    }
  }
  return null;
}

/** "Tara Tester as tester": the ledger is read by people. */
export async function wordsOf({ writing }: Case, { personId, role }: Assignment): Promise<string> {
  const person = await readPerson(writing.trx, personId);
  return `${person?.name ?? personId} as ${roleNames[role]}`;
}

async function addReport(
  subject: Case,
  cycle: Cycle,
  report: Start['reports'][number],
  position: number,
): Promise<void> {
  const { writing, actor, operationId, deviceId, decidedAt, receivedAt } = subject;
  const { trx, at, emit } = writing;
  const { reportId, name, dueAt, lobs, deadlines } = report;
  const skips = report.skips.map((row) => ({ ...row, lob: null, by: actor.personId }));
  // Whoever starts a cycle manages its reports; said as an assignment, so that every side sees the same list.
  const own: Assignment = { personId: actor.personId, role: 'test-manager' };
  const wanted = new Map([...report.assignments, own].map((row) => [`${row.personId}/${row.role}`, row]));
  const assignments = [...wanted.values()];
  await trx
    .insertInto('reports')
    .values({
      report_id: reportId,
      cycle_id: cycle.cycleId,
      position,
      name,
      due_at: dueAt,
      redraws: 0,
      phases_text: JSON.stringify(firstPhases(at)),
      ledger_length: 0,
      ledger_hash: ledgerGenesis,
      ...{ ended_at: null, end_reason: null, paused_at: null, pause_reason: null, problem: null },
      lob_source_text: lobs === null ? null : JSON.stringify(lobs),
      ...{ lobs_text: '[]', lobs_named: 0, flow_revision: 0 },
      skips_text: JSON.stringify(skips),
      deadlines_text: JSON.stringify(deadlines),
      ...{ workflow_version: writing.beginsAs, moves_to: null, moves_by: null },
    })
    .execute();
  await trx
    .insertInto('assignments')
    .values(assignments.map((row) => ({ report_id: reportId, person_id: row.personId, role: row.role })))
    .execute();
  emit(reportFeed(reportId), { kind: 'cycle', cycle });
  await emitReport(writing, reportId);
  const people = await Promise.all(assignments.map((row) => wordsOf(subject, row)));
  await writing.record({
    reportId,
    entryKey: operationId,
    kind: 'cycle.start',
    actorId: actor.personId,
    deviceId,
    operationId,
    versionId: null,
    summary: `started the cycle "${cycle.name}" and this report with ${people.join(', ')}${wishesOf(report)}`,
    detail: {
      cycleId: cycle.cycleId,
      assignments: assignments.map((row) => ({ ...row })),
      lobs: lobs && { ...lobs },
      skips: report.skips.map((row) => ({ ...row })),
      deadlines: deadlines.map((row) => ({ ...row })),
    },
    decidedAt,
    receivedAt,
  });
}

/** "; lines of business: the values of REGION; to skip: Scoping (agreed last year)", as far as there is anything to say. */
function wishesOf({ lobs, skips, deadlines }: Start['reports'][number]): string {
  const named = skips.map((row) => `${phaseOf(row.phase).name} (${row.reason})`);
  return [
    lobs && `; lines of business: ${lobWords(lobs)}`,
    named.length > 0 && `; to skip: ${named.join(', ')}`,
    deadlines.length > 0 && `; ${countOf(deadlines.length, 'phase')} with a deadline`,
  ]
    .filter((text) => typeof text === 'string')
    .join('');
}
