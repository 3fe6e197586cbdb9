// Owns outbox.db: everything that a person did on this laptop, drafted or on its way, and its settings.
// Knows nothing of the feed's contents, of keys, or of the network.
import type {
  Receipt,
  SignedOperation,
  Operation,
  OperationBody,
  OperationKind,
  Target,
  Answer,
} from '../../../domain/operation.ts';
import type { OutboxCounts, ImportJob } from '../../../preload/contract.ts';
import type { Json } from '../../../domain/canonical.ts';
import { answerTable } from './answer-table.ts';
import { decisionTable } from './decision-table.ts';
import { editTable } from './edit-table.ts';
import { importTable, namedValues, readMarks } from './settings.ts';
import { outboxMigrations } from './migrations.ts';
import { itemKinds, operationTable } from './operation-table.ts';
import type { Carried, OperationRow, OperationTable } from './operation-table.ts';
import { recordChangeTable } from './record-change-table.ts';
import { salvageOutbox } from './salvage.ts';
import { failed } from '../failure.ts';
import { isNotSaved, openSqlite, setAside } from '../sqlite.ts';
import type { Sqlite } from '../sqlite.ts';

/** Who speaks, and how an operation gets its signature (Ed25519 over `signedText('operation', operation)`, base64url). */
export interface Author {
  actorId: string;
  deviceId: string;
  sign(operation: Operation): string;
}

/** Operations of one workflow, in order, at most 500 decisions and 128 KB: one signal. */
export interface Batch {
  target: Target;
  operations: SignedOperation[];
  operationIds: string[];
  /** Kind of the first operation: `cycle.start` needs a signalWithStart. */
  firstKind: OperationKind;
  /** False when all of it was sent before and no receipt came. */
  first: boolean;
}

/** What a file was given for: what is queued once its bytes are with the worker. */
export type FilePurpose =
  | {
      kind: 'population';
      /** Null lets the worker propose one. */
      keyColumn: string | null;
    }
  /** The fields of `document.submit`. */
  | ({ kind: 'document' } & Pick<
      Extract<OperationBody, { kind: 'document.submit' }>,
      'lob' | 'documentId' | 'title' | 'effectiveDate' | 'seenRevision' | 'note'
    >);

/** A file that somebody handed in on this laptop, with what only the laptop needs to go on with it. */
export interface ImportRecord {
  job: ImportJob;
  /** Null while a page has only sent its bytes and did not say yet what they are. */
  purpose: FilePurpose | null;
  /** Where the received bytes are; null before and after. */
  localPath: string | null;
  /** The operation of its purpose once that is queued. */
  operationId: string | null;
}

/** What had to be done to open the file: null when nothing. */
export interface SetAside {
  /** Where the broken file is now. */
  file: string;
  reason: string;
  /** One sentence for the person: what was saved and what may be lost. */
  message: string;
}

/** A change of the outbox, told after its commit. */
export interface OutboxChange {
  reportIds: string[];
  versionIds: string[];
}

export interface Outbox {
  readonly db: Sqlite;
  readonly file: string;
  readonly setAside: SetAside | null;

  /**
   * Signs and queues operations, in order, in one transaction. `within` runs in the same transaction after them.
   * Throws what `sign` throws, with nothing written.
   */
  queue(
    bodies: readonly OperationBody[],
    author: Author,
    at: string,
    within?: (operations: Operation[]) => void,
  ): Operation[];

  /**
   * What may be sent now, a batch per signal, in order; one workflow's batches stand in their order too.
   * With `resendBefore`, operations that were sent before that time and have no receipt come again, in front.
   */
  nextBatches(options: { limit: number; resendBefore?: string }): Batch[];
  /** How many operations wait to be sent for the first time. */
  queuedOperations(): number;
  /** How many operations were sent and have no receipt. */
  sentOperations(): number;
  /** After the server took the signal. State `sent`, one attempt more. */
  markSent(operationIds: readonly string[], at: string): void;
  /** After an attempt that failed: one attempt more, the state stays. */
  markAttempt(operationIds: readonly string[], at: string): void;
  /**
   * Ends operations that the server says can never arrive (a closed workflow): `refused` with that reason.
   * A receipt that comes all the same takes over.
   */
  refuse(operationIds: readonly string[], reason: Receipt['reason'] & object, at: string): void;
  /** Takes receipts; those of other devices and repeated ones change nothing. Answers the operations that changed. */
  applyReceipts(receipts: readonly Receipt[]): { operationIds: string[]; reportIds: string[]; versionIds: string[] };

  counts(now: string): OutboxCounts;
  /** When the outbox last became empty by receipts, ISO; null while something is on its way or nothing ever was. */
  allDeliveredAt(): string | null;

  /**
   * Next value of a counter that only grows (for the `sequence` of pulls); survives restarts, gaps are possible.
   * @param atLeast a floor from elsewhere, such as the time: the counter goes on growing when this file was lost.
   */
  nextCounter(name: string, atLeast?: number): number;

  imports: {
    save(record: ImportRecord): void;
    get(importId: string): ImportRecord | null;
    list(reportId?: string): ImportRecord[];
    remove(importId: string): void;
  };
  preference(name: string): Json | null;
  setPreference(name: string, value: Json): void;
  /** Settings of the program itself, such as `work-offline`. */
  setting(name: string): Json | null;
  setSetting(name: string, value: Json): void;

  /** Drafted answers of a version by item key. */
  answers(versionId: string): Map<string, Answer>;

  /** Notes which news were read; told by `change` as anything else. */
  markRead(notificationIds: readonly string[], at: string, change: OutboxChange): void;

  /** The tables, for the modules that draft and list. Writes go through `write`. */
  readonly tables: Carried & { operations: OperationTable };
  /**
   * Runs a write in one transaction; when it returns, it is on the disk.
   * @throws CommandFailure of kind `not-saved` when the disk did not take it.
   */
  write<Value>(run: () => Value, change: OutboxChange): Value;

  /** Grows with every commit that this process made. */
  revision(): number;
  /** The same for commits that touched one version. */
  revisionOf(versionId: string): number;
  onChange(listener: (change: OutboxChange) => void): () => void;
  close(): void;
}

/** How far each state is from being dealt with; all of it is asked from partial indexes. */
const countsSql = `
  SELECT state, count(*) AS entries FROM decisions INDEXED BY decisions_open
    WHERE settled_at IS NULL AND state <> 'applied' AND (state <> 'draft' OR current = 1) GROUP BY state
  UNION ALL SELECT state, count(*) FROM edits INDEXED BY edits_open
    WHERE settled_at IS NULL AND state <> 'applied' AND state IN ('refused', 'conflict') GROUP BY state
  UNION ALL SELECT 'draft', count(*) FROM edits INDEXED BY edits_open
    WHERE settled_at IS NULL AND state <> 'applied' AND state = 'draft' AND current = 1
  UNION ALL SELECT state, count(*) FROM record_changes INDEXED BY record_changes_open
    WHERE settled_at IS NULL AND state <> 'applied' GROUP BY state
  UNION ALL SELECT state, count(*) FROM operations INDEXED BY operations_open
    WHERE state IN ('queued', 'sent') AND kind NOT IN (${itemKinds}) GROUP BY state
  UNION ALL SELECT state, count(*) FROM operations INDEXED BY operations_stuck
    WHERE settled_at IS NULL AND state IN ('refused', 'conflict') AND kind NOT IN (${itemKinds}) GROUP BY state
  UNION ALL SELECT 'draft', count(*) FROM answers WHERE operation_id IS NULL AND settled_at IS NULL
  UNION ALL SELECT 'deliveredToday', coalesce(sum(applied_count), 0) FROM operations INDEXED BY operations_delivered
    WHERE delivered_at >= ? AND state IN ('applied', 'conflict', 'refused')`;

/**
 * Opens or makes the outbox. A broken file is set aside and its readable rows are carried into a new one.
 * @param options `deviceId` lets a lost outbox learn from receipts which numbers this device has used.
 * @throws CommandFailure (see openSqlite).
 */
export function openOutbox(options: { file: string; deviceId?: string }): Outbox {
  const { file } = options;
  const open = () =>
    openSqlite({ file, migrations: outboxMigrations, synchronous: 'full', what: 'The outbox', check: 'always' });
  let opened = open();
  let aside: SetAside | null = null;
  if (opened.kind === 'broken') {
    const { reason } = opened;
    const moved = setAside(file);
    opened = open();
    if (opened.kind === 'broken') throw failed('unavailable', `no outbox can be made at ${file}: ${opened.reason}`);
    aside = { file: moved, reason, message: salvageOutbox(moved, opened.db) };
  }
  return outboxOver(opened.db, file, aside, options.deviceId ?? null);
}

function outboxOver(db: Sqlite, file: string, aside: SetAside | null, deviceId: string | null): Outbox {
  const carried: Carried = {
    ...{ decisions: decisionTable(db), answers: answerTable(db) },
    ...{ edits: editTable(db), recordChanges: recordChangeTable(db) },
  };
  const operations = operationTable(db, carried);
  const marks = readMarks(db);
  const preferences = namedValues(db, 'preferences');
  const settings = namedValues(db, 'settings');
  const importRows = importTable(db);
  const countRows = db.prepare<[string], { state: keyof OutboxCounts; entries: number }>(countsSql);
  const listeners = new Set<(change: OutboxChange) => void>();
  let revision = 0;

  const revisions = new Map<string, number>();
  function tell(change: OutboxChange): void {
    revision += 1;
    for (const versionId of change.versionIds) revisions.set(versionId, revision);
    for (const listener of listeners) listener(change);
  }
  function write<Value>(run: () => Value, change: OutboxChange): Value {
    const outermost = !db.inTransaction;
    const value = saved(db, run);
    if (outermost) tell(change);
    return value;
  }
  const quiet: OutboxChange = { reportIds: [], versionIds: [] };
  const writeRows = (run: () => OperationRow[]): OperationRow[] => {
    const rows = saved(db, run);
    if (rows.length === 0) return rows;
    tell(changeOf(rows));
    return rows;
  };
  const isEmpty = () => operations.countState('queued') + operations.countState('sent') === 0;

  return {
    db,
    file,
    setAside: aside,
    tables: { ...carried, operations },
    write,
    queue: (bodies, author, at, within) =>
      write(() => {
        const queued = operations.queue(bodies, author, at);
        within?.(queued);
        return queued;
      }, changeOfBodies(bodies)),
    nextBatches: operations.nextBatches,
    queuedOperations: () => operations.countState('queued'),
    sentOperations: () => operations.countState('sent'),
    markSent: (ids, at) =>
      void writeRows(() => (operations.markSent(ids, at), ids.flatMap((id) => operations.get(id) ?? []))),
    markAttempt: (ids, at) => write(() => operations.markAttempt(ids, at), quiet),
    refuse: (ids, reason, at) => void writeRows(() => operations.refuse(ids, reason, at)),
    applyReceipts(receipts) {
      const rows = writeRows(() => {
        const changed = receipts.flatMap((receipt) => operations.applyReceipt(receipt, deviceId) ?? []);
        const last = receipts.at(-1);
        if (changed.length > 0 && last && isEmpty()) settings.set('all-delivered-at', new Date().toISOString());
        return changed;
      });
      return { operationIds: rows.map((row) => row.operation_id), ...changeOf(rows) };
    },
    counts(now) {
      const counts: OutboxCounts = { draft: 0, queued: 0, sent: 0, refused: 0, conflict: 0, deliveredToday: 0 };
      for (const { state, entries } of countRows.all(startOfDay(now))) counts[state] += entries;
      return counts;
    },
    allDeliveredAt: () => settings.get('all-delivered-at') as string | null,
    nextCounter: (name, atLeast = 1) =>
      saved(db, () => {
        const next = Math.max(Number(settings.get(`counter:${name}`) ?? 0) + 1, atLeast);
        settings.set(`counter:${name}`, next);
        return next;
      }),
    imports: {
      save: (record) => write(() => importRows.save(record), { reportIds: [record.job.reportId], versionIds: [] }),
      get: importRows.get,
      list: importRows.list,
      remove(importId) {
        const reportIds = distinct([importRows.get(importId)?.job.reportId ?? null]);
        write(() => importRows.remove(importId), { reportIds, versionIds: [] });
      },
    },
    preference: preferences.get,
    setPreference: (name, value) => saved(db, () => preferences.set(name, value)),
    setting: settings.get,
    setSetting: (name, value) => saved(db, () => settings.set(name, value)),
    answers: carried.answers.of,
    markRead: (notificationIds, at, change) => write(() => marks.mark(notificationIds, at), change),
    revision: () => revision,
    revisionOf: (versionId) => revisions.get(versionId) ?? 0,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => void db.close(),
  };
}

/** Runs a write in a transaction that is on the disk when this returns. Inside another one it is part of that. */
function saved<Value>(db: Sqlite, run: () => Value): Value {
  if (db.inTransaction) return run();
  try {
    return db.transaction(run).immediate();
  } catch (error) {
    if (!isNotSaved(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw failed('not-saved', `This could not be kept on this laptop (${why}). Make room on the disk and try again.`, {
      cause: error,
    });
  }
}

/** Midnight of this machine's day, as UTC text. */
function startOfDay(now: string): string {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  return day.toISOString();
}

const distinct = (values: readonly (string | null)[]): string[] => [
  ...new Set(values.filter((value) => value !== null)),
];

function changeOf(rows: readonly OperationRow[]): OutboxChange {
  return {
    reportIds: distinct(rows.map((row) => row.report_id)),
    versionIds: distinct(rows.map((row) => row.version_id)),
  };
}

function changeOfBodies(bodies: readonly OperationBody[]): OutboxChange {
  return {
    reportIds: distinct(bodies.map((body) => ('reportId' in body ? body.reportId : null))),
    versionIds: distinct(bodies.map((body) => ('versionId' in body ? body.versionId : null))),
  };
}
