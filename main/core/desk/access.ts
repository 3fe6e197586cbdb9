// Owns the core's questions about who may do what now, asked of the domain's rules with what the cache knows.
// Decides nothing itself: the worker asks again where it counts.
import { whyNot } from '../../../domain/authority.ts';
import type { Act } from '../../../domain/authority.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { Person } from '../../../domain/people.ts';
import { whyClosed } from '../../../domain/review.ts';
import { whyNoAnswers } from '../../../domain/revision.ts';
import type { Version } from '../../../domain/version.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { OperationRow } from '../outbox/operation-table.ts';

/** The person at this desk as the directory knows them; one without roles until it was pulled. */
export function personOf(desk: Desk): Person {
  const { personId } = desk;
  return desk.cache.person(personId) ?? { personId, name: personId, roles: [] };
}

/** A version, or a failure that says what to do. */
export function versionOrFail(desk: Desk, versionId: string): Version {
  const version = desk.cache.version(versionId);
  if (!version) throw failed('not-found', `there is no version ${versionId} on this laptop: sync, or ask for access`);
  return version;
}

/** Why this person may not do something in a report now, or null. */
export function whyNotHere(desk: Desk, act: Act, reportId: string | null): Reason | null {
  const assignments = reportId === null ? [] : (desk.cache.report(reportId)?.assignments ?? []);
  return whyNot(act, personOf(desk), assignments);
}

const onItsWay = (row: OperationRow | null, states: readonly string[]): boolean =>
  row !== null && states.includes(row.state);

/** Why this person may not decide on a version or submit its review now, or null. */
export function whyNotReview(desk: Desk, version: Version): Reason | null {
  const fault = whyNotHere(desk, { kind: 'review', version }, version.reportId) ?? whyClosed(version);
  if (fault) return fault;
  const submitted = desk.outbox.tables.operations.lastSubmitted(version.versionId);
  return onItsWay(submitted, ['queued', 'sent', 'applied'])
    ? {
        code: 'version-reviewed',
        message: `your review of version ${version.number} was submitted on this laptop and waits for its receipt`,
      }
    : null;
}

/** Why this person may not answer the rejections of a version now, or null. */
export function whyNotRevise(desk: Desk, version: Version): Reason | null {
  const fault = whyNotHere(desk, { kind: 'revise', version }, version.reportId) ?? whyNoAnswers(version);
  if (fault) return fault;
  const submitted = desk.outbox.tables.operations.lastSubmitted(version.versionId);
  return submitted?.kind === 'revision.submit' && onItsWay(submitted, ['queued', 'sent'])
    ? {
        code: 'out-of-turn',
        message: `the revision of version ${version.number} was submitted on this laptop and waits for its receipt`,
      }
    : null;
}

/** Throws a reason as the failure of a command. */
export function refuseFor(reason: Reason | null): void {
  if (reason) throw failed('refused', reason.message, { details: reason.code });
}
