// Owns the way from an accepted document to test actions: what of it is to be read, and what reading it came to, recorded once.
// Opens no file; that is the activity's.
import type { Kysely } from 'kysely';
import { actionKey, sameValue } from '../../domain/audit-record.ts';
import type { DocumentBody, TestActionBody } from '../../domain/audit-record.ts';
import type { Report } from '../../domain/change.ts';
import { isOpen } from '../../domain/flow.ts';
import { operationSchema } from '../../domain/operation.ts';
import type { OperationBody, Reason } from '../../domain/operation.ts';
import type { ItemBody } from '../../domain/version.ts';
import { finishFollowUp } from './follow-up.ts';
import { appendRecords, readLatestOf, readLatestRecords, readRecordHistory, readRecordsOf } from './records.ts';
import type { NewRecord } from './records.ts';
import { lineOf, readReport } from './reports.ts';
import { countOf } from './rules/rule.ts';
import type { Schema } from './schema.ts';
import { readAttributesInScope, readReadyPopulation, readSamples } from './scope.ts';
import type { TestedSample } from './scope.ts';
import type { Store } from './store.ts';
import { currentVersions } from './version-rows.ts';
import { write } from './writing.ts';
import type { Writing } from './writing.ts';

const phase = 'test-execution';

/** One revision of a document of a line of business. */
export interface EvidencePlace {
  reportId: string;
  lob: string;
  documentId: string;
  revision: number;
}

async function readDocument(db: Kysely<Schema>, place: EvidencePlace): Promise<DocumentBody | null> {
  const { reportId, lob, documentId, revision } = place;
  const history = await readRecordHistory(db, { reportId, phase: 'request-info', lob }, documentId);
  return (history.find((record) => record.revision === revision)?.body as DocumentBody | undefined) ?? null;
}

/** True when this revision of the document is one that a tester accepted. */
export async function isAccepted(db: Kysely<Schema>, place: EvidencePlace): Promise<boolean> {
  return (await readDocument(db, place))?.state === 'accepted';
}

/** True when results of a line of business rest on documents: not where a test manager left out asking for them. */
export function isDocumentNeeded(report: Pick<Report, 'phases'>, lob: string): boolean {
  return lineOf(report, { phase: 'request-info', lob })?.state !== 'skipped';
}

/** What is to be looked up in a document. */
export interface EvidenceToRead {
  title: string;
  fileName: string;
  fileHash: string;
  /** The column of the population that names its rows; the document has to have it too. */
  keyColumn: string;
  /** Samples with what of them nobody tested yet; none without an attribute. */
  samples: { itemKey: string; attributes: string[] }[];
}

/** What of a document is to be read now, or why nothing can be. */
export async function evidenceToRead(
  db: Kysely<Schema>,
  place: EvidencePlace,
): Promise<EvidenceToRead | { problem: Reason }> {
  const { reportId, lob, documentId, revision } = place;
  const report = await readReport(db, reportId);
  const document = await readDocument(db, place);
  if (!report || !document) {
    return {
      problem: { code: 'not-found', message: `${lob} has no revision ${revision} of a document ${documentId}` },
    };
  }
  const { title, fileName, fileHash, state } = document;
  if (state !== 'accepted') {
    const message = `revision ${revision} of the document "${title}" is ${state}: values are read from accepted ones only`;
    return { problem: { code: 'evidence-missing', message } };
  }
  const keyColumn = await keyColumnOf(db, reportId, lob);
  if (keyColumn === null) {
    const message = 'the population has no key column by which the rows of a document could be found: test by hand';
    return { problem: { code: 'population-not-ready', message } };
  }
  const samples = await untested(db, report, lob);
  if (samples.length > 0) return { title, fileName, fileHash, keyColumn, samples };
  const message = `every attribute of every sample of ${lob} is tested: there is nothing left to read`;
  return { problem: { code: 'out-of-turn', message } };
}

/** The column whose values are the keys of the samples: that of their plan, which may be another one than the import proposed. */
async function keyColumnOf(db: Kysely<Schema>, reportId: string, lob: string): Promise<string | null> {
  const samples = await currentVersions(db, reportId, 'sample-selection');
  const own = samples.find((version) => version.lob === null || version.lob === lob);
  const planned = own?.summary['keyColumn'];
  return typeof planned === 'string' ? planned : ((await readReadyPopulation(db, reportId))?.keyColumn ?? null);
}

async function untested(db: Kysely<Schema>, report: Report, lob: string): Promise<EvidenceToRead['samples']> {
  const { reportId } = report;
  const attributes = await readAttributesInScope(db, reportId);
  const records = await readLatestRecords(db, reportId, phase, lob);
  const tested = new Set(records.map((record) => record.recordKey));
  return [...(await readSamples(db, report, lob)).keys()].flatMap((itemKey) => {
    const open = attributes.filter((attribute) => !tested.has(actionKey(itemKey, attribute)));
    return open.length === 0 ? [] : [{ itemKey, attributes: open }];
  });
}

/** A value as the document has it. Values that it does not have are left out: those stay open for a person. */
export interface ReadValue {
  itemKey: string;
  attribute: string;
  found: ItemBody[string];
  /** Where in the document, for example "row 12". */
  locator: string;
}

const valuesPerTransaction = 2_000;

/**
 * Records what reading a document came to: a first result for each value of a sample that nobody tested meanwhile, passed when it is
 * the expected one. Repeated for the same operation it adds what is missing and no more, so that a killed activity can be done again.
 */
export async function recordReadValues(
  store: Store,
  input: {
    operationId: string;
    reportId: string;
    lob: string;
    actions: readonly ReadValue[];
    /** Why the document left values to people, as half sentences. */
    whyLeft?: readonly string[];
  },
  clock: () => string,
): Promise<void> {
  const { actions } = input;
  for (let from = 0; from < actions.length; from += valuesPerTransaction) {
    const part = actions.slice(from, from + valuesPerTransaction);
    const isDone = await write(store, clock(), (writing) => recordPart(writing, input, part));
    if (isDone) break;
  }
  await write(store, clock(), (writing) => finishReading(writing, input));
}

type Reading = Pick<EvidencePlace, 'reportId' | 'lob'> & { operationId: string; whyLeft?: readonly string[] };

/** Answers with true when nothing more is to be recorded: the reading ended before, or its phase did. */
async function recordPart(writing: Writing, reading: Reading, actions: readonly ReadValue[]): Promise<boolean> {
  const { reportId, lob, operationId } = reading;
  const asked = await readAsked(writing.trx, operationId);
  const report = await readReport(writing.trx, reportId);
  if (asked.done || !report || whyOver(report, lob) !== null) return true;
  const keys = actions.map((row) => actionKey(row.itemKey, row.attribute));
  const place = { reportId, phase, lob } as const;
  const latest = await readLatestOf(writing.trx, place, keys);
  const itemKeys = [...new Set(actions.map((row) => row.itemKey))];
  const samples = await readSamples(writing.trx, report, lob, itemKeys);
  const attributes = new Set(await readAttributesInScope(writing.trx, reportId));
  const changes = actions.flatMap((value): NewRecord[] => {
    const recordKey = actionKey(value.itemKey, value.attribute);
    const sample = samples.get(value.itemKey);
    if (latest.has(recordKey) || !sample || !attributes.has(value.attribute)) return [];
    return [{ recordKey, body: bodyOf(value, sample, asked.body), reason: '' }];
  });
  const { actorId, decidedAt, receivedAt } = asked;
  await appendRecords(writing, place, { actorId, operationId, decidedAt, receivedAt }, changes);
  return false;
}

function bodyOf(value: ReadValue, sample: TestedSample, evidence: Asked['body']): TestActionBody {
  const { itemKey, attribute, found, locator } = value;
  const expected = Object.hasOwn(sample.body, attribute) ? (sample.body[attribute] ?? null) : null;
  return {
    ...{ itemKey, attribute, expected, found, result: sameValue(expected, found) ? 'pass' : 'fail' },
    ...{ notTestableReason: '', documentId: evidence.documentId, documentRevision: evidence.revision, locator },
    ...{ note: '', random: sample.random },
  };
}

/** Why nothing is recorded any more: the phase ended while the document was read. Null while it is open. */
function whyOver(report: Report, lob: string): string | null {
  const lane = report.lobs.find((row) => row.lob === lob);
  const line = lineOf(report, { phase, lob });
  if (report.ended !== null || lane?.status === 'cancelled') return 'it was cancelled meanwhile';
  return line && isOpen(line.state) ? null : 'testing is not open any more';
}

async function finishReading(writing: Writing, reading: Reading): Promise<void> {
  const { reportId, lob, operationId } = reading;
  const asked = await readAsked(writing.trx, operationId);
  const report = await readReport(writing.trx, reportId);
  if (asked.done || !report) return;
  const records = await readRecordsOf(writing.trx, { reportId, phase, lob }, operationId);
  const title = await titleOf(writing.trx, reading, asked);
  const over = whyOver(report, lob);
  const differing = records.filter(({ body }) => body['result'] === 'fail').length;
  const open = (await untested(writing.trx, report, lob)).reduce((sum, row) => sum + row.attributes.length, 0);
  const read = `read ${countOf(records.length, 'value')} of samples of ${lob} from "${title}"`;
  const why = reading.whyLeft?.length ? ` (${reading.whyLeft.join('; ')})` : '';
  const left = open === 0 ? 'nothing is left to test' : `${open.toLocaleString('en')} are left to test${why}`;
  await enter(writing, reading, asked, {
    kind: 'evidence.values',
    summary: over === null ? `${read}: ${differing} differ, ${left}` : `${read} and no more: ${over}`,
    detail: { ...detailOf(asked), values: records.length, differing, open },
  });
}

/** Records that a document could not be read, for example because it is no table; a person tests by hand, or hands in another one. */
export async function recordUnreadable(
  store: Store,
  reading: Reading,
  message: string,
  clock: () => string,
): Promise<void> {
  await write(store, clock(), (writing) => recordUnreadableIn(writing, reading, message));
}

/** The same within a transaction. */
export async function recordUnreadableIn(writing: Writing, reading: Reading, message: string): Promise<void> {
  const asked = await readAsked(writing.trx, reading.operationId);
  if (asked.done) return;
  const title = await titleOf(writing.trx, reading, asked);
  await enter(writing, reading, asked, {
    kind: 'evidence.unreadable',
    summary: `could not read values of samples of ${reading.lob} from "${title}": ${message}`,
    detail: { ...detailOf(asked), message },
  });
}

/** The operation that asked for the reading. */
interface Asked {
  body: Extract<OperationBody, { kind: 'evidence.read' }>;
  actorId: string;
  deviceId: string;
  decidedAt: string;
  receivedAt: string;
  done: boolean;
}

/** @throws Error when no such operation asked for a reading: a fault of ours. */
async function readAsked(db: Kysely<Schema>, operationId: string): Promise<Asked> {
  const row = await db
    .selectFrom('operations')
    .select(['body_text', 'received_at', 'follow_up_done_at'])
    .where('operation_id', '=', operationId)
    .where('state', '=', 'applied')
    .executeTakeFirst();
  const operation = row && operationSchema.parse(JSON.parse(row.body_text));
  if (operation?.body.kind !== 'evidence.read') {
    throw new Error(`the operation ${operationId} asked for no document to be read`);
  }
  const { body, actorId, deviceId, decidedAt } = operation;
  return {
    body,
    actorId,
    deviceId,
    decidedAt,
    receivedAt: row?.received_at ?? decidedAt,
    done: row?.follow_up_done_at !== null,
  };
}

async function titleOf(db: Kysely<Schema>, { reportId, lob }: Reading, { body }: Asked): Promise<string> {
  const { documentId, revision } = body;
  return (await readDocument(db, { reportId, lob, documentId, revision }))?.title ?? documentId;
}

function detailOf({ body }: Asked) {
  const { lob, documentId, revision } = body;
  return { lob, documentId, revision };
}

async function enter(
  writing: Writing,
  { reportId, operationId }: Reading,
  { actorId, deviceId, decidedAt, receivedAt }: Asked,
  said: { kind: string; summary: string; detail: Record<string, string | number> },
): Promise<void> {
  await writing.record({
    ...{ reportId, entryKey: `${operationId}/result`, actorId, deviceId, operationId, versionId: null },
    ...said,
    ...{ decidedAt, receivedAt },
  });
  await finishFollowUp(writing, operationId);
}
