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
} from '../../domain/operation.ts';
import type { OutboxCounts, ImportJob } from '../../preload/contract.ts';
import type { Json } from '../../domain/canonical.ts';
import type { Sqlite } from './sqlite.ts';

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

/** An import on this laptop with what only the laptop needs to go on with it. */
export interface ImportRecord {
  job: ImportJob;
  /** Asked key column, null lets the worker propose one. */
  keyColumn: string | null;
  /** Where the received bytes are; null before and after. */
  localPath: string | null;
  /** The `population.import` operation once it is queued. */
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

  /** Next value of a counter that only grows (for the `sequence` of pulls); survives restarts, gaps are possible. */
  nextCounter(name: string): number;

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

  /** Grows with every commit that this process made. */
  revision(): number;
  onChange(listener: (change: OutboxChange) => void): () => void;
  close(): void;
}

/**
 * Opens or makes the outbox. A broken file is set aside and its readable rows are carried into a new one.
 * @throws CommandFailure (see openSqlite).
 */
export function openOutbox(_options: { file: string }): Outbox {
  throw new Error('being written');
}
