// Owns the one-line words of an operation in the outbox: what it asks for, without how far it came.
import type { OperationBody } from '../../../domain/operation.ts';
import { roleNames } from '../../../domain/people.ts';
import type { Desk } from './desk.ts';
import type { OperationRow } from '../outbox/operation-table.ts';

const reviewWords = {
  approved: 'Approve',
  'revision-requested': 'Ask for a revision of',
  rejected: 'Reject',
} as const;

/** "Approve version 2", "Start the cycle Q4 2026". */
export function operationText(desk: Desk, row: Pick<OperationRow, 'body' | 'version_id'>): string {
  const body = JSON.parse(row.body) as OperationBody;
  const number = row.version_id === null ? undefined : desk.cache.version(row.version_id)?.number;
  const version = number === undefined ? 'a version' : `version ${number}`;
  const nameOf = (personId: string) => desk.cache.person(personId)?.name ?? personId;
  const count = (items: readonly unknown[]) => items.length.toLocaleString('en');
  switch (body.kind) {
    case 'cycle.start':
      return `Start the cycle ${body.name}`;
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
      return 'Record a sample plan';
    case 'sample.draw':
      return 'Draw the sample';
    case 'decisions.record':
      return `Decide on ${count(body.decisions)} items of ${version}`;
    case 'review.submit':
      return `${reviewWords[body.verdict]} ${version}`;
    case 'revision.submit':
      return `Revise ${version} with ${count(body.answers)} answers`;
  }
}
