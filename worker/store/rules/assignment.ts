// Owns what `assignment.set` does to a report: who belongs to it, and so who may read it.
import { whyNot } from '../../../domain/authority.ts';
import { directoryFeed } from '../../../domain/change.ts';
import type { Report } from '../../../domain/change.ts';
import { placeName } from '../../../domain/phases.ts';
import { keyOf } from '../flow-ledger.ts';
import { notify } from '../notifications.ts';
import { readPerson } from '../people.ts';
import { emitReport, lineOf } from '../reports.ts';
import { whyNotAssignable, wordsOf } from './cycle.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

export async function setAssignment(
  subject: Case,
  body: BodyOfKind<'assignment.set'>,
  report: Report,
): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, personId, role, assigned } = body;
  const reason = whyNot({ kind: 'assign' }, actor, report.assignments);
  if (reason) return refuse(reason);
  const isAssigned = report.assignments.some((row) => row.personId === personId && row.role === role);
  if (assigned) {
    const fault = await whyNotAssignable(subject, [{ personId, role }]);
    if (fault) return refuse(fault);
    if (!isAssigned) {
      await writing.trx.insertInto('assignments').values({ report_id: reportId, person_id: personId, role }).execute();
    }
  } else {
    const managers = report.assignments.filter((row) => row.role === 'test-manager');
    if (isAssigned && role === 'test-manager' && managers.length === 1) {
      return refuse({ code: 'out-of-turn', message: 'a report keeps at least one test manager: assign another first' });
    }
    await writing.trx
      .deleteFrom('assignments')
      .where('report_id', '=', reportId)
      .where('person_id', '=', personId)
      .where('role', '=', role)
      .execute();
  }
  const told = await emitReport(writing, reportId);
  await wake(subject, personId);
  await tellWaiting(subject, report, told, personId);
  const verb = assigned ? 'assigned' : 'took back the assignment of';
  return applied({
    summary: `${verb} ${await wordsOf(subject, { personId, role })}`,
    detail: { personId, role, assigned },
  });
}

/** Whoever is assigned when a phase already waits for people like them is told what waits. */
async function tellWaiting(
  { writing, actor, operationId }: Case,
  before: Report,
  now: Report,
  personId: string,
): Promise<void> {
  if (personId === actor.personId) return;
  const { reportId } = now;
  for (const line of now.phases) {
    const { phase, lob } = line;
    const waited = lineOf(before, line)?.waitingFor.includes(personId) ?? false;
    if (waited || !line.waitingFor.includes(personId)) continue;
    const text = `${placeName(line)} of "${now.name}" waits for you: you were assigned to it`;
    const key = `assigned/${operationId}/${keyOf(line)}`;
    await notify(writing, { reportId, personIds: [personId], kind: 'waiting-for-you', phase, lob, key, text });
  }
}

/** A row of the person's own directory ends their waiting pull, whose answer names the reports they have now. */
async function wake({ writing }: Case, personId: string): Promise<void> {
  const person = await readPerson(writing.trx, personId);
  if (person) writing.emit(directoryFeed, { kind: 'person', person }, `person:${personId}`);
}
