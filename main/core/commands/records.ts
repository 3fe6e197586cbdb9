// Owns the handlers for recorded work: data owners, documents, test actions and their histories. Each hands over to the module that does it.
// Handing a file in is documents.ts.
import type { CommandContext, HandlerGroup } from './context.ts';
import { documentUploads } from './documents.ts';
import { listDocuments, reviewDocument } from '../desk/documents.ts';
import { assignOwners, listOwners } from '../desk/owners.ts';
import { recordHistory } from '../desk/record-history.ts';
import { readEvidence, recordTests } from '../desk/test-recording.ts';
import { listTests } from '../desk/tests.ts';

type Names =
  | 'owner:list'
  | 'owner:assign'
  | 'document:list'
  | 'document:review'
  | 'test:list'
  | 'test:record'
  | 'evidence:read'
  | 'record:history';

export function recordHandlers(context: CommandContext): HandlerGroup<Names> {
  const { session: desk } = context;
  return {
    'owner:list': (input) => listOwners(desk, input),
    'owner:assign': (input) => assignOwners(desk, input, desk.author),
    'document:list': (input) => listDocuments(desk, input, documentUploads(context, input)),
    'document:review': (input) => reviewDocument(desk, input, desk.author),
    'test:list': (input) => listTests(desk, input),
    'test:record': (input) => recordTests(desk, input, desk.author),
    'evidence:read': (input) => readEvidence(desk, input, desk.author),
    'record:history': (input) => recordHistory(desk, input),
  };
}
