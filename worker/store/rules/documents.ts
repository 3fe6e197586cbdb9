// Owns what `document.submit` and `document.review` do: a file is handed in under a document, and a tester accepts or rejects it.
// The bytes came before, by upload: a file that is not here whole is refused.
import type { AuditRecord, DocumentBody } from '../../../domain/audit-record.ts';
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Reason } from '../../../domain/operation.ts';
import { testerRoles } from '../../../domain/people.ts';
import { whyNotTurn } from '../../../domain/turn.ts';
import { notify } from '../notifications.ts';
import { appendRecords, readLatestOf } from '../records.ts';
import { whyBusy } from './busy.ts';
import { causeOf, notTaken, whyOtherRevision } from './record-items.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

const phase = 'request-info';
type Submission = BodyOfKind<'document.submit'>;
type Review = BodyOfKind<'document.review'>;

/** Hands a file in: the first one of a document, a better one before its review, or another one after a rejection. */
export async function submitDocument(subject: Case, body: Submission, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, lob, documentId } = body;
  const place = { reportId, phase, lob } as const;
  const reason =
    whyNot({ kind: 'submit-document' }, actor, report.assignments) ??
    whyNotTurn(report, place, actor) ??
    (await whyBusy(writing.trx, place));
  if (reason) return refuse(reason);
  const latest = (await readLatestOf(writing.trx, place, [documentId])).get(documentId);
  const fault =
    (await whyOtherRevision(subject, `the document "${body.title}"`, body.seenRevision, latest)) ??
    whyAccepted(latest) ??
    (await whyNotHere(subject, body));
  if (fault) return refuse(fault, null, [notTaken(documentId, fault)]);
  const document = submitted(body, actor.personId, latest);
  const [record] = await appendRecords(writing, place, causeOf(subject), [
    { recordKey: documentId, body: document, reason: latest ? body.note.trim() || 'handed in again' : '' },
  ]);
  await tellTesters(subject, report, body, record?.revision ?? 1);
  const again = latest ? ` again (number ${document.submission})` : '';
  return applied({
    summary: `handed in the document "${body.title}" of ${lob}${again}: ${body.fileName}, effective ${body.effectiveDate}`,
    detail: { ...detailOf(body, record), fileHash: body.fileHash, fileSize: body.fileSize, note: body.note },
  });
}

function submitted(body: Submission, submittedBy: string, latest: AuditRecord | undefined): DocumentBody {
  const { title, fileName, fileHash, fileSize, effectiveDate, note } = body;
  const submission = latest ? documentOf(latest).submission + 1 : 1;
  return { title, fileName, fileHash, fileSize, effectiveDate, state: 'submitted', submittedBy, submission, note };
}

function documentOf(record: AuditRecord): DocumentBody {
  return record.body as DocumentBody;
}

function detailOf({ lob, documentId }: { lob: string; documentId: string }, record: AuditRecord | undefined) {
  return { lob, documentId, revision: record?.revision ?? 1 };
}

function whyAccepted(latest: AuditRecord | undefined): Reason | null {
  if (!latest || documentOf(latest).state !== 'accepted') return null;
  const message = `the document "${documentOf(latest).title}" was accepted and tests may rest on it: hand the file in as a document of its own`;
  return { code: 'out-of-turn', message };
}

/** The bytes are uploaded before the operation is sent: where they are not whole, nothing could be looked at. */
async function whyNotHere({ writing }: Case, { fileHash, fileName, fileSize }: Submission): Promise<Reason | null> {
  const size = await writing.sizeOfFile(fileHash);
  if (size === null) {
    return { code: 'incomplete', message: `the file ${fileName} was not uploaded whole: hand it in again` };
  }
  if (size === fileSize) return null;
  return { code: 'malformed', message: `the file ${fileName} has ${size} bytes here and was said to have ${fileSize}` };
}

/** The first tester role that has people beside whoever handed it in: four eyes. */
async function tellTesters(subject: Case, report: Report, body: Submission, revision: number): Promise<void> {
  const { writing, actor } = subject;
  const { reportId, lob, documentId, title } = body;
  const of = testerRoles.map((role) =>
    report.assignments.filter((row) => row.role === role && row.personId !== actor.personId).map((row) => row.personId),
  );
  const personIds = of.find((people) => people.length > 0) ?? [];
  const text = `the document "${title}" of ${lob} of "${report.name}" waits for you to accept or reject it`;
  const key = `document/${lob}/${documentId}/${revision}`;
  await notify(writing, { reportId, personIds, kind: 'waiting-for-you', phase, lob, key, text });
}

/** Accepts or rejects the file that was handed in last; never by whoever handed it in. */
export async function reviewDocument(subject: Case, body: Review, report: Report): Promise<Ruling> {
  const { writing, actor } = subject;
  const { reportId, lob, documentId, verdict } = body;
  const place = { reportId, phase, lob } as const;
  const reason =
    whyNot({ kind: 'review-document' }, actor, report.assignments) ??
    whyNotTurn(report, place, actor) ??
    (await whyBusy(writing.trx, place));
  if (reason) return refuse(reason);
  const latest = (await readLatestOf(writing.trx, place, [documentId])).get(documentId);
  if (!latest) return refuse({ code: 'not-found', message: `${lob} has no document ${documentId}` });
  const document = documentOf(latest);
  const fault =
    (await whyOtherRevision(subject, `the document "${document.title}"`, body.seenRevision, latest)) ??
    whyNotReviewed(document, body) ??
    whyOwn(subject, document);
  if (fault) return refuse(fault, null, [notTaken(documentId, fault)]);
  const why = body.reason.trim();
  const [record] = await appendRecords(writing, place, causeOf(subject), [
    { recordKey: documentId, body: { ...document, state: verdict, note: why }, reason: why },
  ]);
  if (verdict === 'rejected') await tellSubmitter(subject, report, body, document);
  return applied({
    summary: `${verdict} the document "${document.title}" of ${lob}${why === '' ? '' : `: ${why}`}`,
    detail: { ...detailOf(body, record), verdict, fileHash: document.fileHash, reason: why },
  });
}

function whyNotReviewed({ title, state }: DocumentBody, { verdict, reason }: Review): Reason | null {
  if (state !== 'submitted') return { code: 'out-of-turn', message: `the document "${title}" was ${state} before` };
  return verdict === 'rejected' && reason.trim() === ''
    ? {
        code: 'reason-missing',
        message: `rejecting the document "${title}" needs a reason: whoever hands it in again reads it`,
      }
    : null;
}

function whyOwn({ actor }: Case, { title, submittedBy }: DocumentBody): Reason | null {
  if (submittedBy !== actor.personId) return null;
  const message = `${actor.name} handed in the document "${title}" and so may not decide on it: another person has to`;
  return { code: 'four-eyes', message };
}

async function tellSubmitter(
  { writing, actor }: Case,
  report: Report,
  { reportId, lob, documentId, seenRevision, reason }: Review,
  { title, submittedBy }: DocumentBody,
): Promise<void> {
  const text = `${actor.name} rejected the document "${title}" of ${lob} of "${report.name}": ${reason.trim()}`;
  const key = `document/${lob}/${documentId}/${seenRevision}/rejected`;
  await notify(writing, { reportId, personIds: [submittedBy], kind: 'rejected', phase, lob, key, text });
}
