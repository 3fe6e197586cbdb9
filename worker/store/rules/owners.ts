// Owns what `owner.assign` does: who answers for which attribute in which line of business, each change a revision of its own.
import { assignmentKey } from '../../../domain/audit-record.ts';
import type { AssignmentBody, AuditRecord, OwnerAssignment } from '../../../domain/audit-record.ts';
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { ItemOutcome, Reason } from '../../../domain/operation.ts';
import type { Person } from '../../../domain/people.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import { readPerson } from '../people.ts';
import { appendRecords, readLatestOf } from '../records.ts';
import type { NewRecord } from '../records.ts';
import { readAttributesInScope } from '../scope.ts';
import { whyBusy } from './busy.ts';
import { causeOf, notTaken, whyOtherRevision, whyTwice } from './record-items.ts';
import { applied, countOf, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

const phase = 'data-owner-id';

/** Each assignment stands for itself: those that do not hold are named, the others are applied. */
export async function assignOwners(subject: Case, body: BodyOfKind<'owner.assign'>, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, assignments } = body;
  const place = { reportId, phase, lob: null } as const;
  const keys = assignments.map((row) => assignmentKey(row.lob, row.attribute));
  const reason =
    whyNot({ kind: 'assign-owners' }, actor, report.assignments) ??
    whyNotTurn(report, place, actor) ??
    (await whyBusy(writing.trx, place)) ??
    whyTwice(keys, 'an attribute of a line of business');
  if (reason) return refuse(reason);
  const attributes = await readAttributesInScope(writing.trx, reportId);
  const latest = await readLatestOf(writing.trx, place, keys);
  const items: ItemOutcome[] = [];
  const changes: NewRecord[] = [];
  for (const row of assignments) {
    const recordKey = assignmentKey(row.lob, row.attribute);
    const owner = await readPerson(writing.trx, row.dataOwnerId);
    const fault =
      whyNotPlace(report, attributes, row) ??
      whyNotOwner(report, row, owner) ??
      (await whyNotChange(subject, row, latest.get(recordKey)));
    if (fault || !owner) items.push(notTaken(recordKey, fault ?? unknownPerson(row)));
    else changes.push({ recordKey, body: bodyOf(row, owner), reason: row.reason });
  }
  const [first] = items;
  if (changes.length === 0 && first) return refuse(first.reason, null, items);
  await appendRecords(writing, place, causeOf(subject), changes);
  return applied({ summary: said(changes, items), detail: facts(changes, items), items });
}

function bodyOf({ lob, attribute }: OwnerAssignment, owner: Person): AssignmentBody {
  return { lob, attribute, dataOwnerId: owner.personId, dataOwner: owner.name };
}

function whyNotPlace(report: Report, attributes: readonly string[], row: OwnerAssignment): Reason | null {
  const lane = report.lobs.find((entry) => entry.lob === row.lob);
  if (!lane) return { code: 'not-found', message: `this report has no line of business "${row.lob}"` };
  if (lane.status === 'cancelled') {
    return { code: 'out-of-turn', message: `the line of business ${row.lob} was cancelled` };
  }
  return attributes.includes(row.attribute)
    ? null
    : { code: 'not-found', message: `"${row.attribute}" is not in scope: only what is tested gets a data owner` };
}

function unknownPerson({ dataOwnerId }: OwnerAssignment): Reason {
  return { code: 'unknown-person', message: `nobody is called ${dataOwnerId} here` };
}

/** Only somebody who belongs to the report reads what is asked of them and can hand documents in. */
function whyNotOwner(report: Report, row: OwnerAssignment, owner: Person | undefined): Reason | null {
  if (!owner) return unknownPerson(row);
  if (!owner.roles.includes('data-owner')) {
    return { code: 'role', message: `${owner.name} is no data owner, so that nothing can be asked of them` };
  }
  const isAssigned = report.assignments.some(
    ({ personId, role }) => personId === owner.personId && role === 'data-owner',
  );
  if (isAssigned) return null;
  const message = `${owner.name} is not assigned to this report as data owner: a test manager can do that first`;
  return { code: 'not-assigned', message };
}

async function whyNotChange(
  subject: Case,
  row: OwnerAssignment,
  latest: AuditRecord | undefined,
): Promise<Reason | null> {
  const what = `the data owner of ${row.attribute} in ${row.lob}`;
  const moved = await whyOtherRevision(subject, what, row.seenRevision, latest);
  if (moved) return moved;
  return latest && row.reason.trim() === ''
    ? { code: 'reason-missing', message: `changing ${what} needs a reason` }
    : null;
}

function said(changes: readonly NewRecord[], items: readonly ItemOutcome[]): string {
  const owners = Map.groupBy(changes, (change) => String(change.body['dataOwner']));
  const each = [...owners].map(([name, rows]) => `${name} for ${countOf(rows.length, 'attribute')}`);
  const shown = each.length > 5 ? [...each.slice(0, 5), `${each.length - 5} more people`] : each;
  const missed = items.length > 0 ? `; ${countOf(items.length, 'assignment')} not applied` : '';
  return `assigned data owners: ${shown.join(', ')}${missed}`;
}

function facts(changes: readonly NewRecord[], items: readonly ItemOutcome[]) {
  return {
    assignments: changes.map(({ recordKey, body, reason }) => ({
      ...{ recordKey, dataOwnerId: String(body['dataOwnerId']), reason },
    })),
    notApplied: items.length,
  };
}
