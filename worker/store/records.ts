// Owns the records of the audit-only phases as rows: each change is a new revision beside the ones before it.
// Knows no rule; who may change what is in rules/.
import type { Kysely } from 'kysely';
import type { AuditPhase, AuditRecord } from '../../domain/audit-record.ts';
import { reportFeed } from '../../domain/change.ts';
import type { ItemBody } from '../../domain/version.ts';
import { insertMany, paddedList } from './dialect.ts';
import type { Schema } from './schema.ts';
import type { Writing } from './writing.ts';

/** The records of a phase; `lob` null in data owner identification. */
export type RecordPlace = Pick<AuditRecord, 'reportId' | 'phase' | 'lob'>;

/** A change of one record. */
export interface NewRecord {
  recordKey: string;
  body: ItemBody;
  /** Why it was changed; empty for a first revision. */
  reason: string;
}

/** Whose act the change is. */
export type RecordCause = Pick<AuditRecord, 'actorId' | 'operationId' | 'decidedAt' | 'receivedAt'>;

/** A page of the feed has about 1 MB: one change stays well below it. */
const bytesPerChange = 200 * 1024;

/** Adds a revision to each named record and tells the feed. Each key once. @throws Error when a key is named twice. */
export async function appendRecords(
  writing: Writing,
  place: RecordPlace,
  cause: RecordCause,
  changes: readonly NewRecord[],
): Promise<AuditRecord[]> {
  const keys = changes.map((change) => change.recordKey);
  if (new Set(keys).size < keys.length) throw new Error(`a record of ${place.reportId} is changed twice at once`);
  if (changes.length === 0) return [];
  const latest = await readLatestOf(writing.trx, place, keys);
  const known = keys.filter((key) => latest.has(key));
  if (known.length > 0) await retire(writing, place, known);
  const records = changes.map(({ recordKey, body, reason }): AuditRecord => ({
    ...{ reportId: place.reportId, phase: place.phase, lob: place.lob, recordKey },
    revision: (latest.get(recordKey)?.revision ?? 0) + 1,
    ...{ body, reason, actorId: cause.actorId, operationId: cause.operationId },
    ...{ decidedAt: cause.decidedAt, receivedAt: cause.receivedAt, appliedAt: writing.at },
  }));
  await insertMany(writing.trx, 'records', columns, records.map(cellsOf));
  for (const part of inParts(records)) writing.emit(reportFeed(place.reportId), { kind: 'records', records: part });
  return records;
}

async function retire({ trx }: Writing, place: RecordPlace, recordKeys: readonly string[]): Promise<void> {
  for (let from = 0; from < recordKeys.length; from += keysPerQuery) {
    await trx
      .updateTable('records')
      .set({ is_latest: 0 })
      .where('report_id', '=', place.reportId)
      .where('phase', '=', place.phase)
      .where('lob', '=', place.lob ?? '')
      .where('record_key', 'in', paddedList(recordKeys.slice(from, from + keysPerQuery)))
      .where('is_latest', '=', 1)
      .execute();
  }
}

function* inParts(records: readonly AuditRecord[]): Generator<AuditRecord[]> {
  let part: AuditRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record));
    if (part.length > 0 && bytes + size > bytesPerChange) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** The latest revision of every record of a phase (in this LOB), in the order of their keys. */
export async function readLatestRecords(
  db: Kysely<Schema>,
  reportId: string,
  phase: AuditPhase,
  lob: string | null,
): Promise<AuditRecord[]> {
  const rows = await recordsAt(db, { reportId, phase, lob }).where('is_latest', '=', 1).orderBy('record_key').execute();
  return rows.map(recordOf);
}

const keysPerQuery = 512;

/** The latest revisions of the named records, by key; keys without a record are absent. */
export async function readLatestOf(
  db: Kysely<Schema>,
  place: RecordPlace,
  recordKeys: readonly string[],
): Promise<Map<string, AuditRecord>> {
  const found = new Map<string, AuditRecord>();
  for (let from = 0; from < recordKeys.length; from += keysPerQuery) {
    const rows = await recordsAt(db, place)
      .where('record_key', 'in', paddedList(recordKeys.slice(from, from + keysPerQuery)))
      .where('is_latest', '=', 1)
      .execute();
    for (const row of rows) found.set(row.record_key, recordOf(row));
  }
  return found;
}

/** Everybody who recorded a result of testing, whichever revision: of the report, or (`lob`) of one line of business. */
export async function readTesters(db: Kysely<Schema>, reportId: string, lob: string | null): Promise<string[]> {
  const rows = await db
    .selectFrom('records')
    .select('actor_id')
    .distinct()
    .where('report_id', '=', reportId)
    .where('phase', '=', 'test-execution')
    .$if(lob !== null, (query) => query.where('lob', '=', lob ?? ''))
    .execute();
  return rows.map((row) => row.actor_id);
}

/** Every revision of one record, oldest first; empty when there is none. */
export async function readRecordHistory(
  db: Kysely<Schema>,
  place: RecordPlace,
  recordKey: string,
): Promise<AuditRecord[]> {
  const rows = await recordsAt(db, place).where('record_key', '=', recordKey).orderBy('revision').execute();
  return rows.map(recordOf);
}

/** Every revision that one operation wrote in this place, in the order of their keys. */
export async function readRecordsOf(
  db: Kysely<Schema>,
  place: RecordPlace,
  operationId: string,
): Promise<AuditRecord[]> {
  const rows = await recordsAt(db, place).where('operation_id', '=', operationId).orderBy('record_key').execute();
  return rows.map(recordOf);
}

function recordsAt(db: Kysely<Schema>, { reportId, phase, lob }: RecordPlace) {
  return db
    .selectFrom('records')
    .selectAll()
    .where('report_id', '=', reportId)
    .where('phase', '=', phase)
    .where('lob', '=', lob ?? '');
}

const columns = [
  ...['report_id', 'phase', 'lob', 'record_key', 'revision', 'is_latest', 'body_text', 'reason', 'actor_id'],
  ...['operation_id', 'decided_at', 'received_at', 'applied_at'],
] as const;

function cellsOf(record: AuditRecord): (string | number)[] {
  const { reportId, phase, lob, recordKey, revision, body, reason, actorId, operationId } = record;
  return [
    ...[reportId, phase, lob ?? '', recordKey, revision, 1, JSON.stringify(body), reason, actorId, operationId],
    ...[record.decidedAt, record.receivedAt, record.appliedAt],
  ];
}

function recordOf(row: Schema['records']): AuditRecord {
  return {
    reportId: row.report_id,
    phase: row.phase,
    lob: row.lob === '' ? null : row.lob,
    recordKey: row.record_key,
    revision: row.revision,
    body: JSON.parse(row.body_text) as ItemBody,
    reason: row.reason,
    actorId: row.actor_id,
    operationId: row.operation_id,
    decidedAt: row.decided_at,
    receivedAt: row.received_at,
    appliedAt: row.applied_at,
  };
}
