// Owns the list of a line of business's documents, with what is queued and what is being uploaded here laid over, and accepting or
// rejecting them. Receiving and uploading files are the imports'. Knows no transport.
import type { AuditRecord, DocumentBody } from '../../../domain/audit-record.ts';
import type { Reason } from '../../../domain/operation.ts';
import type { CommandOutput, CommandParsed, Delivered, DocumentRow } from '../../../preload/contract.ts';
import { personOf, refuseFor, reportOrFail, whyNotAt } from './access.ts';
import type { RecordPlace } from '../cache/reads.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';
import type { DocumentUpload } from '../imports/document-upload.ts';
import type { Author } from '../outbox/outbox.ts';
import type { KeptChange } from '../outbox/record-change-table.ts';
import { deliveredOf, nextSeen, ownChangesAt, ownOf } from './record-overlay.ts';
import type { OwnChanges } from './record-overlay.ts';

interface Lane {
  reportId: string;
  lob: string;
}
const phase = 'request-info';
const placeIn = ({ reportId, lob }: Lane): RecordPlace => ({ reportId, phase, lob });

/**
 * Documents of a line of business: those that the server has, then those that are only here.
 * @param uploads files of documents that are not with the server yet, or could not be handed in.
 */
export function listDocuments(desk: Desk, lane: Lane, uploads: readonly DocumentUpload[]): DocumentRow[] {
  reportOrFail(desk, lane.reportId);
  const rows = documentRows(desk, lane);
  const known = new Set(rows.map((row) => row.documentId));
  const uploadOf = new Map(uploads.map((upload) => [upload.documentId, upload]));
  return [
    ...rows.map((row) => withUpload(row, uploadOf.get(row.documentId))),
    ...[...uploadOf.values()].filter(({ documentId }) => !known.has(documentId)).map((one) => uploadRow(desk, one)),
  ];
}

/** The documents as they stand here, files on their way left out. */
export function documentRows(desk: Desk, lane: Lane): DocumentRow[] {
  const place = placeIn(lane);
  const records = desk.cache.records(place);
  const changes = ownChangesAt(desk, place);
  const known = new Set(records.map((record) => record.recordKey));
  const onlyHere = [...changes.keys()].filter((key) => !known.has(key));
  return [
    ...records.map((record) => documentRow(desk, record, ownOf(changes, record.recordKey))),
    ...onlyHere.flatMap((key) => newRow(desk, key, ownOf(changes, key))),
  ];
}

function documentRow(desk: Desk, record: AuditRecord, own: OwnChanges): DocumentRow {
  const body = own.laid.reduce((before, change) => after(desk, before, change), record.body as DocumentBody);
  return rowOf(record.recordKey, body, nextSeen(own, record.revision), deliveredOf(own));
}

/** A document that is only here, on its way or refused. */
function newRow(desk: Desk, documentId: string, own: OwnChanges): DocumentRow[] {
  const [first, ...later] = own.laid.length > 0 || !own.stuck ? own.laid : [own.stuck];
  if (first?.change.kind !== 'document.submit') return [];
  const body = later.reduce((before, change) => after(desk, before, change), submittedBody(desk, first.change, 1));
  return [rowOf(documentId, body, 0, deliveredOf(own))];
}

function rowOf(documentId: string, body: DocumentBody, revision: number, delivered: Delivered): DocumentRow {
  return { documentId, ...body, revision, ...delivered, upload: null };
}

/** What a document says once a change has its effect. */
function after(desk: Desk, before: DocumentBody, { change }: KeptChange): DocumentBody {
  if (change.kind === 'document.review') return { ...before, state: change.verdict, note: change.reason.trim() };
  return change.kind === 'document.submit' ? submittedBody(desk, change, before.submission + 1) : before;
}

type Submitted = Pick<DocumentBody, 'title' | 'fileName' | 'fileHash' | 'fileSize' | 'effectiveDate' | 'note'>;

function submittedBody(desk: Desk, submitted: Submitted, submission: number): DocumentBody {
  const { title, fileName, fileHash, fileSize, effectiveDate, note } = submitted;
  const file = { title, fileName, fileHash, fileSize, effectiveDate, note };
  return { ...file, state: 'submitted', submittedBy: desk.personId, submission };
}

/** The row of a document whose new file is on its way: what stands there stays until the file is with the server. */
function withUpload(row: DocumentRow, upload: DocumentUpload | undefined): DocumentRow {
  // Once it is queued, its operation is laid over already.
  if (!upload || (upload.state.kind === 'queued' && row.delivery !== null)) return row;
  return { ...row, ...uploadDelivery(upload), upload: upload.state };
}

function uploadRow(desk: Desk, upload: DocumentUpload): DocumentRow {
  const { fileHash, fileSize } = upload;
  const body = submittedBody(desk, { ...upload, fileHash: fileHash ?? '', fileSize: fileSize ?? 0 }, 1);
  return { ...rowOf(upload.documentId, body, 0, uploadDelivery(upload)), upload: upload.state };
}

/** A file that could not be handed in is refused; every other one goes on by itself, and the server does not have it. */
function uploadDelivery({ state }: DocumentUpload): Delivered {
  if (state.kind !== 'failed') return { delivery: 'queued', problem: null };
  return { delivery: 'refused', problem: { code: 'incomplete', message: state.message } };
}

/** Queues the verdict on the file that was handed in last, bound to the revision that is shown here. */
export function reviewDocument(
  desk: Desk,
  input: CommandParsed<'document:review'>,
  author: Author,
): CommandOutput<'document:review'> {
  const { reportId, lob, documentId, verdict, reason } = input;
  const report = reportOrFail(desk, reportId);
  refuseFor(whyNotAt(desk, { kind: 'review-document' }, report, { phase, lob }));
  const row = documentRows(desk, input).find((one) => one.documentId === documentId);
  if (!row || row.revision === 0) throw failed('not-found', `${lob} has no document ${documentId} on this laptop`);
  refuseFor(whyNotReviewed(desk, row, verdict, reason));
  const [operation] = desk.outbox.queue(
    [{ kind: 'document.review', reportId, lob, documentId, seenRevision: row.revision, verdict, reason }],
    author,
    desk.now(),
  );
  if (!operation) throw new Error('the outbox queued nothing');
  return { operationId: operation.operationId };
}

function whyNotReviewed(
  desk: Desk,
  { title, state, submittedBy }: DocumentRow,
  verdict: 'accepted' | 'rejected',
  reason: string,
): Reason | null {
  if (state !== 'submitted') return { code: 'out-of-turn', message: `the document "${title}" was ${state} before` };
  if (submittedBy === desk.personId) {
    const message = `${personOf(desk).name} handed in the document "${title}" and so may not decide on it: another person has to`;
    return { code: 'four-eyes', message };
  }
  if (verdict === 'accepted' || reason.trim() !== '') return null;
  const message = `rejecting the document "${title}" needs a reason: whoever hands it in again reads it`;
  return { code: 'reason-missing', message };
}

/** True when a revision of a document is one that a tester accepted, as far as this laptop knows: on the server, or on its way. */
export function isAccepted(desk: Desk, lane: Lane, documentId: string, revision: number): boolean {
  const place = placeIn(lane);
  const recorded = desk.cache.recordHistory(place, documentId).find((record) => record.revision === revision);
  if (recorded) return (recorded.body as DocumentBody).state === 'accepted';
  return ownOf(ownChangesAt(desk, place), documentId).laid.some(
    ({ change, seenRevision }) =>
      change.kind === 'document.review' && change.verdict === 'accepted' && seenRevision + 1 === revision,
  );
}
