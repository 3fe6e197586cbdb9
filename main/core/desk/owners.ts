// Owns the list of who answers for which attribute, with what is queued here laid over, and assigning. Knows no transport.
import { assignmentKey } from '../../../domain/audit-record.ts';
import type { AssignmentBody, AuditRecord, OwnerAssignment } from '../../../domain/audit-record.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { CommandOutput, CommandParsed, OwnerRow } from '../../../preload/contract.ts';
import { refuseFor, reportOrFail, whyNotAt } from './access.ts';
import type { RecordPlace } from '../cache/reads.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { Author } from '../outbox/outbox.ts';
import { deliveredOf, nextSeen, ownChangesAt, ownOf } from './record-overlay.ts';
import type { OwnChanges } from './record-overlay.ts';
import { attributesOf, known } from './scope.ts';

const placeIn = (reportId: string): RecordPlace => ({ reportId, phase: 'data-owner-id', lob: null });

/** Who answers for which attribute in which line of business; lines that were cancelled are left out. */
export function listOwners(desk: Desk, input: CommandParsed<'owner:list'>): CommandOutput<'owner:list'> {
  const rows = ownerRows(desk, reportOrFail(desk, input.reportId));
  const shown = input.show === 'open' ? rows.filter((row) => row.dataOwnerId === null) : rows;
  return { total: shown.length, rows: shown.slice(input.offset, input.offset + input.limit) };
}

/** Every attribute in scope of every line of business. @throws CommandFailure `not-cached`. */
export function ownerRows(desk: Desk, report: Report): OwnerRow[] {
  const place = placeIn(report.reportId);
  const attributes = known(attributesOf(desk, report));
  const records = new Map(desk.cache.records(place).map((record) => [record.recordKey, record]));
  const changes = ownChangesAt(desk, place);
  const names = new Map(desk.cache.people().map(({ personId, name }) => [personId, name]));
  return report.lobs
    .filter(({ status }) => status !== 'cancelled')
    .flatMap(({ lob }) =>
      attributes.map((attribute) => {
        const key = assignmentKey(lob, attribute);
        return ownerRow({ lob, attribute }, records.get(key), ownOf(changes, key), names);
      }),
    );
}

function ownerRow(
  { lob, attribute }: Pick<OwnerRow, 'lob' | 'attribute'>,
  record: AuditRecord | undefined,
  own: OwnChanges,
  names: ReadonlyMap<string, string>,
): OwnerRow {
  const body = record?.body as AssignmentBody | undefined;
  const wanted = wantedIn(own)?.dataOwnerId;
  const revision = nextSeen(own, record?.revision ?? 0);
  const dataOwnerId = wanted ?? body?.dataOwnerId ?? null;
  const dataOwner = wanted === undefined ? (body?.dataOwner ?? null) : (names.get(wanted) ?? wanted);
  return { lob, attribute, dataOwnerId, dataOwner, revision, ...deliveredOf(own) };
}

function wantedIn({ laid }: OwnChanges): OwnerAssignment | undefined {
  const change = laid.at(-1)?.change;
  return change?.kind === 'owner.assign' ? change.assignments[0] : undefined;
}

/** Queues assignments, each bound to the revision that is shown here. */
export function assignOwners(
  desk: Desk,
  input: CommandParsed<'owner:assign'>,
  author: Author,
): CommandOutput<'owner:assign'> {
  const { reportId } = input;
  const report = reportOrFail(desk, reportId);
  refuseFor(whyNotAt(desk, { kind: 'assign-owners' }, report, { phase: 'data-owner-id', lob: null }));
  const rows = new Map(ownerRows(desk, report).map((row) => [assignmentKey(row.lob, row.attribute), row]));
  const seen = new Set<string>();
  const assignments = input.assignments.map((wanted, index): OwnerAssignment => {
    const key = assignmentKey(wanted.lob, wanted.attribute);
    const row = rows.get(key);
    if (!row) throw failed('not-found', `${wanted.attribute} of ${wanted.lob} is not in scope: it gets no data owner`);
    if (seen.has(key)) throw badField(index, 'attribute', `${wanted.attribute} of ${wanted.lob} is named twice`);
    seen.add(key);
    refuseFor(whyNotOwner(desk, report, wanted.dataOwnerId));
    if (row.revision > 0 && wanted.reason.trim() === '') {
      throw badField(index, 'reason', `changing the data owner of ${wanted.attribute} in ${wanted.lob} needs a reason`);
    }
    return { ...wanted, seenRevision: row.revision };
  });
  const [operation] = desk.outbox.queue([{ kind: 'owner.assign', reportId, assignments }], author, desk.now());
  if (!operation) throw new Error('the outbox queued nothing');
  return { operationId: operation.operationId };
}

function badField(index: number, field: string, message: string) {
  return failed('bad-input', message, { fields: [{ path: `assignments.${index}.${field}`, message }] });
}

/** Only somebody who belongs to the report reads what is asked of them. Who is not in the directory yet is the worker's to judge. */
function whyNotOwner(desk: Desk, report: Report, personId: string): Reason | null {
  const person = desk.cache.person(personId);
  if (person && !person.roles.includes('data-owner')) {
    return { code: 'role', message: `${person.name} is no data owner, so that nothing can be asked of them` };
  }
  const isAssigned = report.assignments.some((row) => row.personId === personId && row.role === 'data-owner');
  if (isAssigned) return null;
  const message = `${person?.name ?? personId} is not assigned to this report as data owner: a test manager can do that first`;
  return { code: 'not-assigned', message };
}
