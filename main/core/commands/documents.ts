// Owns the handlers for handing documents in and taking them back, and what lists of documents are told of files on their way.
// Receiving and uploading are the imports'; accepting and rejecting stand with the other records.
import { randomUUID } from 'node:crypto';
import type { DocumentBody } from '../../../domain/audit-record.ts';
import type { CommandOutput, CommandParsed, ImportJob } from '../../../preload/contract.ts';
import { mustBeTurn, mustMay, ownersOf, reportOf } from './context.ts';
import type { CommandContext, HandlerGroup } from './context.ts';
import { failed } from '../failure.ts';
import type { DocumentUpload } from '../imports/document-upload.ts';
import type { FilePurpose } from '../outbox/outbox.ts';
import type { Session } from '../session.ts';

type Submission = CommandParsed<'document:submit'>;
type Place = Pick<Submission, 'reportId' | 'lob'>;
const phase = 'request-info';

export function documentHandlers(context: CommandContext): HandlerGroup<'document:submit' | 'document:cancel'> {
  return {
    'document:submit': (input) => submitDocument(context, input),
    'document:cancel': (input) => cancelDocument(context, input),
  };
}

/** Files of documents that are not with the server yet, or could not be handed in; oldest first. In solo mode those of all identities. */
export function documentUploads(context: CommandContext, { reportId, lob }: Place): DocumentUpload[] {
  return ownersOf(context)
    .flatMap(({ imports }) => imports.documents(reportId, lob))
    .sort((left, right) => left.startedAt.localeCompare(right.startedAt));
}

async function submitDocument(context: CommandContext, input: Submission): Promise<CommandOutput<'document:submit'>> {
  const { reportId, lob, source, title, effectiveDate, note, waitMs } = input;
  const { imports } = context.session;
  reportOf(context, reportId);
  mustMay(context, { kind: 'submit-document' }, reportId);
  mustBeTurn(context, reportId, { phase, lob });
  const documentId = input.documentId ?? randomUUID();
  const seenRevision = input.documentId === null ? 0 : seenRevisionOf(context, input, documentId);
  const purpose: FilePurpose = { kind: 'document', lob, documentId, title, effectiveDate, note, seenRevision };
  const job =
    source.kind === 'path'
      ? await readWhole(context.session, await imports.startPath(reportId, source.path, purpose))
      : imports.startReceived(source.importId, reportId, purpose);
  await dismissFailed(context, input, documentId);
  const now = waitMs === 0 ? job : await imports.settled(job.importId, waitMs);
  return { documentId, upload: now?.state ?? null };
}

/** Answered when the bytes are safe here: whoever is told "kept" may end the application. @throws CommandFailure when they are not. */
async function readWhole({ imports }: Session, { importId }: ImportJob): Promise<ImportJob> {
  const read = await imports.whenRead(importId);
  if (read.state.kind !== 'failed' && read.state.kind !== 'cancelled') return read;
  await imports.dismiss(importId);
  throw read.state.kind === 'failed'
    ? failed('not-saved', read.state.message)
    : failed('cancelled', `The reading of ${read.fileName} was cancelled.`);
}

/** The revision on this laptop, which the new file is handed in for. @throws CommandFailure when it takes none now. */
function seenRevisionOf(context: CommandContext, place: Place, documentId: string): number {
  const uploads = documentUploads(context, place).filter((upload) => upload.documentId === documentId);
  if (uploads.some(({ state }) => state.kind !== 'failed')) {
    throw failed('refused', 'A file for this document is on its way already: wait for it, or take it back first.');
  }
  const { reportId, lob } = place;
  const latest = context.session.cache.record({ reportId, phase, lob }, documentId);
  if (!latest && uploads.length === 0) {
    throw failed('not-found', `${lob} has no document ${documentId} on this laptop: leave its id out for a new one.`);
  }
  const document = latest?.body as DocumentBody | undefined;
  if (document?.state === 'accepted') {
    const message = `The document "${document.title}" was accepted and tests may rest on it: hand the file in as a document of its own.`;
    throw failed('refused', message, { details: 'out-of-turn' });
  }
  return latest?.revision ?? 0;
}

/** What could not be handed in before is told by the new file now. */
async function dismissFailed(context: CommandContext, { reportId, lob }: Place, documentId: string): Promise<void> {
  for (const { imports } of ownersOf(context)) {
    for (const upload of imports.documents(reportId, lob)) {
      if (upload.documentId === documentId && upload.state.kind === 'failed') await imports.dismiss(upload.importId);
    }
  }
}

async function cancelDocument(
  context: CommandContext,
  { reportId, lob, documentId }: CommandParsed<'document:cancel'>,
): Promise<CommandOutput<'document:cancel'>> {
  let found = false;
  for (const { imports } of ownersOf(context)) {
    for (const upload of imports.documents(reportId, lob)) {
      if (upload.documentId !== documentId) continue;
      found = true;
      // What is with the server already is refused here, and stays.
      if (upload.state.kind !== 'failed') await imports.cancel(upload.importId);
      await imports.dismiss(upload.importId);
    }
  }
  if (found) return { documentId };
  const message = `No file for the document ${documentId} of ${lob} waits on this laptop: it is with the server, or was taken back.`;
  throw failed('not-found', message);
}
