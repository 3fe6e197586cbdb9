// Owns the one-line words of an operation in the outbox: what it asks for, without how far it came.
import type { TestAction } from '../../../domain/audit-record.ts';
import type { Settlement } from '../../../domain/compensation.ts';
import type { ControlAct, OperationBody } from '../../../domain/operation.ts';
import { roleNames } from '../../../domain/people.ts';
import type { Edit } from '../../../domain/phase-item.ts';
import { phaseOf, placeName } from '../../../domain/phases.ts';
import type { Version } from '../../../domain/version.ts';
import type { Desk } from './desk.ts';
import type { OperationRow } from '../outbox/operation-table.ts';

const reviewWords = {
  approved: 'Approve',
  'revision-requested': 'Ask for a revision of',
  rejected: 'Reject',
} as const;

const controlWords: Readonly<Record<ControlAct | 'add', string>> = {
  cancel: 'Cancel',
  pause: 'Pause',
  resume: 'Resume',
  add: 'Add',
};

const settlementWords: Readonly<Record<Settlement, string>> = {
  'try-again': 'Have the step that failed done again',
  withdraw: 'Take back what could not be carried out',
  'by-hand': 'Go on by hand after a step that failed',
};

/** `1 edit`, `3 edits`, `2,000 test actions`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}

/** "version 2", with its phase where it is not the sample; as it follows a verb. */
export function versionWords(version: Pick<Version, 'phase' | 'lob' | 'number'> | null): string {
  if (!version) return 'a version';
  return version.phase === 'sample-selection' && version.lob === null
    ? `version ${version.number}`
    : `version ${version.number} of ${placeName(version)}`;
}

/** "Approve version 2", "Start the cycle Q4 2026". */
export function operationText(desk: Desk, row: Pick<OperationRow, 'body' | 'version_id'>): string {
  const body = JSON.parse(row.body) as OperationBody;
  return bodyText(desk, body, versionWords(row.version_id === null ? null : desk.cache.version(row.version_id)));
}

/** The same of a body. @param version how the version is called that it is about. */
export function bodyText(desk: Desk, body: OperationBody, version = 'a version'): string {
  const nameOf = (personId: string): string => desk.cache.person(personId)?.name ?? personId;
  switch (body.kind) {
    case 'cycle.start':
      return `Start the cycle ${body.name}`;
    case 'cycle.control':
      return `${controlWords[body.act]} the cycle ${desk.cache.cycle(body.cycleId)?.name ?? body.cycleId}`;
    case 'report.control':
      return `${controlWords[body.act]} the report`;
    case 'lob.control':
      return `${controlWords[body.act]} the line of business ${body.lob}`;
    case 'lobs.set':
      return 'Choose the lines of business';
    case 'assignment.set': {
      const as = `${nameOf(body.personId)} as ${roleNames[body.role]}`;
      return body.assigned ? `Assign ${as}` : `Take back the assignment of ${as}`;
    }
    case 'device.approve':
    case 'device.revoke': {
      const device = desk.cache.devices().find(({ deviceId }) => deviceId === body.deviceId);
      const whose = device ? `${device.label} of ${nameOf(device.personId)}` : body.deviceId;
      return `${body.kind === 'device.approve' ? 'Approve' : 'Revoke'} the device ${whose}`;
    }
    case 'population.import':
      return `Import the population ${body.fileName}`;
    case 'sample.plan':
      return body.request.lob === null ? 'Record a sample plan' : `Record a sample plan for ${body.request.lob}`;
    case 'sample.draw':
      return 'Draw the sample';
    case 'phase.skip':
      return `Skip ${placeName(body)}`;
    case 'phase.complete':
      return `Complete ${placeName(body)}`;
    case 'deadline.set':
      return `${body.dueAt === null ? 'Take away the deadline of' : 'Set a deadline for'} ${placeName(body)}`;
    case 'compensation.settle':
      return settlementWords[body.choice];
    case 'workflow.move':
      return `Move the report to workflow version ${body.to}`;
    case 'evidence.read':
      return `Read the found values of ${body.lob} from a document`;
    case 'owner.assign':
    case 'document.submit':
    case 'document.review':
    case 'test.record':
    case 'test.update':
      return recordText(desk, body);
    default:
      return aboutVersion(body, version);
  }
}

type VersionBody = Extract<OperationBody, { versionId: string }>;

function aboutVersion(body: VersionBody, version: string): string {
  switch (body.kind) {
    case 'decisions.record':
      return `Decide on ${counted(body.decisions.length, 'item')} of ${version}`;
    case 'review.submit':
      return `${reviewWords[body.verdict]} ${version}`;
    case 'revision.submit':
      return `Revise ${version} with ${counted(body.answers.length, 'answer')}`;
    case 'version.submit':
      return body.edits.length === 0
        ? `Hand in ${version}`
        : `Hand in ${version} with ${counted(body.edits.length, 'edit')}`;
    case 'report.sign':
      return `Sign ${version} as ${body.meaning}`;
  }
}

type RecordBody = Extract<
  OperationBody,
  { kind: 'owner.assign' | 'document.submit' | 'document.review' | 'test.record' | 'test.update' }
>;

const several = (items: readonly unknown[]): boolean => items.length !== 1;

/** What is wanted of one record; of several only how many. */
function recordText(desk: Desk, body: RecordBody): string {
  const nameOf = (personId: string): string => desk.cache.person(personId)?.name ?? personId;
  switch (body.kind) {
    case 'owner.assign': {
      const [row] = body.assignments;
      if (!row || several(body.assignments)) return `Assign ${counted(body.assignments.length, 'data owner')}`;
      return `Assign ${nameOf(row.dataOwnerId)} to ${row.attribute} of ${row.lob}`;
    }
    case 'document.submit':
      return `Hand in the document ${body.title} of ${body.lob}`;
    case 'document.review': {
      const place = { reportId: body.reportId, phase: 'request-info', lob: body.lob } as const;
      const title = desk.cache.record(place, body.documentId)?.body['title'] ?? body.documentId;
      return `${body.verdict === 'accepted' ? 'Accept' : 'Reject'} the document ${String(title)} of ${body.lob}`;
    }
    case 'test.record':
    case 'test.update': {
      const [action] = body.actions;
      const verb = body.kind === 'test.record' ? 'Record' : 'Change';
      if (!action || several(body.actions))
        return `${verb} ${counted(body.actions.length, 'test action')} of ${body.lob}`;
      return body.kind === 'test.record' ? `Record ${testText(action)}` : `Change to ${testText(action)}`;
    }
  }
}

const resultWords = { pass: 'pass', fail: 'fail', 'not-testable': 'not testable' } as const;

/** With what was found, or why it cannot be tested: a refused one can be done again from these words. */
function testText({ result, attribute, itemKey, found, notTestableReason }: TestAction): string {
  const said = result === 'not-testable' ? notTestableReason : `found ${found === null ? 'nothing' : String(found)}`;
  const shown = said.length > 80 ? `${said.slice(0, 80)}…` : said;
  return `"${resultWords[result]}" for ${attribute} of ${itemKey}: ${shown}`;
}

/** What an edit asks for: "Change risk, rationale of LIMIT_BAL". */
export function editText(edit: Edit, { phase }: Pick<Version, 'phase'>): string {
  const { itemName } = phaseOf(phase);
  switch (edit.edit) {
    case 'set':
      return `Change ${Object.keys(edit.fields).join(', ')} of ${edit.itemKey}`;
    case 'add':
      return `Add the ${itemName} ${edit.itemKey}`;
    case 'remove':
      return `Take out the ${itemName} ${edit.itemKey}`;
  }
}
