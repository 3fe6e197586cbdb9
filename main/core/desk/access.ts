// Owns the core's questions about who may do what now, asked of the domain's rules with what the cache knows.
// Decides nothing itself: the worker asks again where it counts.
import { whyNot } from '../../../domain/authority.ts';
import type { Act } from '../../../domain/authority.ts';
import type { PhaseState, Report } from '../../../domain/change.ts';
import { whyNotHandIn } from '../../../domain/next-version.ts';
import type { OperationBody, Reason } from '../../../domain/operation.ts';
import type { Person, Role } from '../../../domain/people.ts';
import { phaseOf } from '../../../domain/phases.ts';
import { whyClosed } from '../../../domain/review.ts';
import { whyNoAnswers } from '../../../domain/revision.ts';
import { nextMeaning, signers, whyNeverSigned, whyNotSignNow } from '../../../domain/signing.ts';
import { whyNotGoing, whyNotTurn } from '../../../domain/turn.ts';
import type { Version } from '../../../domain/version.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import { whyOneOfTheAuthors } from './four-eyes.ts';
import type { OperationRow } from '../outbox/operation-table.ts';

/** A phase of the whole report, or of one of its lines of business. */
export type Place = Pick<PhaseState, 'phase' | 'lob'>;

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

/** A report, or a failure that says what to do. */
export function reportOrFail(desk: Desk, reportId: string): Report {
  const report = desk.cache.report(reportId);
  if (report) return report;
  throw failed('not-found', `there is no report ${reportId} on this laptop: sync, or ask for access`);
}

/** The line of the report that a version belongs to: samples of one line of business are versions of a phase of the whole report. */
export function placeOf({ phase, lob }: Pick<Version, 'phase' | 'lob'>): Place {
  return { phase, lob: phaseOf(phase).scope === 'lob' ? lob : null };
}

/** Why this person may not do something in a report now, or null. */
export function whyNotHere(desk: Desk, act: Act, reportId: string | null): Reason | null {
  const assignments = reportId === null ? [] : (desk.cache.report(reportId)?.assignments ?? []);
  return whyNot(act, personOf(desk), assignments);
}

/** True when this person has a role in a report. */
export function isAssigned({ personId }: Desk, { assignments }: Report, role: Role): boolean {
  return assignments.some((row) => row.personId === personId && row.role === role);
}

/** Why a report takes nothing any more, or null; the worker says it before any rule. */
export function whyOver({ name, ended }: Pick<Report, 'name' | 'ended'>): Reason | null {
  return ended === null ? null : { code: 'out-of-turn', message: `${name} is over: ${ended.reason}` };
}

/** Why this person may not act in a phase now, by role, pause, turn or deadline; null when they may. */
export function whyNotAt(desk: Desk, act: Act, report: Report, place: Place): Reason | null {
  const person = personOf(desk);
  return whyOver(report) ?? whyNot(act, person, report.assignments) ?? whyNotTurn(report, place, person);
}

/** Who asks about which version; the report is null when it is not here, and then left to the worker. */
interface Question {
  desk: Desk;
  version: Version;
  report: Report | null;
  person: Person;
}

/** Read once for all that is asked of it: each decision asks. */
function questionOn(desk: Desk, version: Version): Question {
  return { desk, version, report: desk.cache.report(version.reportId), person: personOf(desk) };
}

/** That a report is over is said first, then who may act at all. */
function whyNotThisPerson({ report, person }: Question, act: Act): Reason | null {
  return (report && whyOver(report)) ?? whyNot(act, person, report?.assignments ?? []);
}

/** Why it is not this version's turn, or null. */
function whyNotNow({ report, version, person }: Question): Reason | null {
  if (!report) return null;
  // A signed report is edited after its phase was completed.
  const isSigned = phaseOf(version.phase).approval === 'sign-off' && version.status === 'approved';
  return isSigned ? whyNotGoing(report) : whyNotTurn(report, placeOf(version), person);
}

/** Why nothing lands on a version, or null: its own state, or that it is not its turn. Of a phase that was left out that is said first. */
function whyShut(question: Question, closed: Reason | null): Reason | null {
  const { phase, lob } = placeOf(question.version);
  const line = question.report?.phases.find((row) => row.phase === phase && row.lob === lob);
  const turn = whyNotNow(question);
  return (line?.state === 'skipped' ? turn : null) ?? closed ?? turn;
}

/** Why this person may not decide on a version or submit its review now, or null. */
export function whyNotReview(desk: Desk, version: Version): Reason | null {
  const question = questionOn(desk, version);
  return (
    whyNotThisPerson(question, { kind: 'review', version }) ??
    whyOneOfTheAuthors(desk, version, question.person) ??
    whyShut(question, whyClosed(version)) ??
    whySubmitted(question, ['review.submit', 'report.sign'])
  );
}

/** Why this person may not answer the rejections of a version now, or null. */
export function whyNotRevise(desk: Desk, version: Version): Reason | null {
  const question = questionOn(desk, version);
  return (
    whyNotThisPerson(question, { kind: 'revise', version }) ??
    whyShut(question, whyNoAnswers(version)) ??
    whySubmitted(question, ['revision.submit'])
  );
}

/** Why this person may not edit a version or hand it in now, or null. */
export function whyNotEdit(desk: Desk, version: Version): Reason | null {
  const question = questionOn(desk, version);
  return (
    whyNotThisPerson(question, { kind: 'author', phase: version.phase }) ??
    whyShut(question, whyNotHandIn(version)) ??
    whySubmitted(question, ['version.submit'])
  );
}

/** Why this person may not give the next signature of a version now, or null. */
export function whyNotSign(desk: Desk, version: Version): Reason | null {
  const question = questionOn(desk, version);
  const meaning = nextMeaning(version);
  const closed = whyNeverSigned(version) ?? whyShut(question, whyClosed(version));
  if (closed) return (question.report && whyOver(question.report)) ?? closed;
  if (meaning === null) {
    return { code: 'already-decided', message: `version ${version.number} has all its signatures` };
  }
  return (
    whyNotThisPerson(question, { kind: 'sign', role: signers[meaning], version }) ??
    whyOneOfTheAuthors(desk, version, question.person) ??
    whySubmitted(question, ['review.submit', 'report.sign']) ??
    whyNotSignNow(version, meaning, question.person)
  );
}

const submittedWords = {
  'review.submit': (number: number) => `your review of version ${number} was submitted on this laptop`,
  'revision.submit': (number: number) => `the revision of version ${number} was submitted on this laptop`,
  'version.submit': (number: number) => `version ${number} was handed in on this laptop`,
  'report.sign': (number: number) => `your signature of version ${number} was given on this laptop`,
} as const;
type Submission = keyof typeof submittedWords;

/** Why nothing more is submitted on a version: this laptop did it, and what follows from it is not here yet. Null when it may be. */
function whySubmitted({ desk, version }: Question, kinds: readonly Submission[]): Reason | null {
  const row = desk.outbox.tables.operations.lastSubmitted(version.versionId);
  const kind = kinds.find((one) => one === row?.kind);
  if (!row || !kind) return null;
  const code = kind === 'review.submit' ? 'version-reviewed' : 'out-of-turn';
  const what = submittedWords[kind](version.number);
  if (row.state === 'queued' || row.state === 'sent') return { code, message: `${what} and waits for its receipt` };
  return row.state === 'applied' && followsStill(row, version)
    ? { code, message: `${what}; what follows from it is not on this laptop yet` }
    : null;
}

/** Whether the version here is still the one from before the operation was applied. */
function followsStill(row: OperationRow, version: Version): boolean {
  const body = JSON.parse(row.body) as OperationBody;
  switch (body.kind) {
    case 'review.submit':
    case 'revision.submit':
      return true;
    case 'version.submit':
      // What was reviewed after it was handed in, was handed in.
      if (version.reviewedAt !== null && version.reviewedAt > (row.delivered_at ?? '')) return false;
      // Handed in without edits, it is the same version that waits for its review then.
      return body.edits.length > 0 || version.status !== 'pending';
    case 'report.sign':
      return !version.signOffs.some((signature) => signature.operationId === row.operation_id);
    default:
      return false;
  }
}

/** Throws a reason as the failure of a command. */
export function refuseFor(reason: Reason | null): void {
  if (reason) throw failed('refused', reason.message, { details: reason.code });
}
