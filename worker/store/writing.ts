// Owns one write transaction: what it emits into feeds and what it adds to ledgers, all committed together.
// Knows no rule; it numbers, chains and notifies.
import type { Transaction } from 'kysely';
import { reportFeed } from '../../domain/change.ts';
import type { Change, FeedName } from '../../domain/change.ts';
import { ledgerHash } from '../../domain/ledger.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import type { Role } from '../../domain/people.ts';
import { insertMany } from './dialect.ts';
import type { Schema } from './schema.ts';
import type { Store } from './store.ts';

/** Who may read a row of a feed: everybody of the feed (null), one person, or everybody with a role. */
export type Audience = null | `person:${string}` | `role:${Role}`;

/** What an entry of a ledger says; its place in the chain is given here. */
export type NewLedgerEntry = Omit<LedgerEntry, 'sequence' | 'previousHash' | 'hash' | 'appliedAt'>;

/** A transaction under way. */
export interface Writing {
  trx: Transaction<Schema>;
  /** The time of the transaction, ISO-8601 UTC: `appliedAt` of all it writes. */
  at: string;
  /** See `Store`. */
  mailsOut: boolean;
  sizeOfFile: Store['sizeOfFile'];
  beginsAs: Store['beginsAs'];
  emit(feed: FeedName, change: Change, audience?: Audience): void;
  /** Adds an entry unless the report has one with its key; the entry goes into the report's feed too. */
  record(entry: NewLedgerEntry): Promise<void>;
}

interface Emitted {
  change: Change;
  audience: Audience;
}

/** Runs `work` in one transaction that starts with the write lock, and tells listeners after the commit. */
export async function write<Result>(
  store: Store,
  at: string,
  work: (writing: Writing) => Promise<Result>,
): Promise<Result> {
  const emitted = new Map<FeedName, Emitted[]>();
  const result = await store.db.transaction().execute(async (trx) => {
    const writing: Writing = {
      trx,
      at,
      mailsOut: store.mailsOut,
      sizeOfFile: store.sizeOfFile,
      beginsAs: store.beginsAs,
      emit(feed, change, audience = null) {
        const rows = emitted.get(feed);
        if (rows) rows.push({ change, audience });
        else emitted.set(feed, [{ change, audience }]);
      },
      record: (entry) => record(writing, entry),
    };
    const made = await work(writing);
    for (const [feed, rows] of emitted) await append(trx, feed, rows);
    return made;
  });
  if (emitted.size > 0) store.committed([...emitted.keys()]);
  return result;
}

/** Numbers come from the feed's own row, whose lock is held to the commit: none commits out of order. */
async function append(trx: Transaction<Schema>, feed: FeedName, rows: readonly Emitted[]): Promise<void> {
  const { head } = await trx
    .insertInto('feeds')
    .values({ feed, head: rows.length })
    .onConflict((c) => c.column('feed').doUpdateSet((eb) => ({ head: eb('feeds.head', '+', rows.length) })))
    .returning('head')
    .executeTakeFirstOrThrow();
  await insertMany(
    trx,
    'changes',
    ['feed', 'sequence', 'audience', 'kind', 'body_text'],
    rows.map(({ change, audience }, index) => [
      feed,
      head - rows.length + index + 1,
      audience,
      change.kind,
      JSON.stringify(change),
    ]),
  );
}

async function record(writing: Writing, entry: NewLedgerEntry): Promise<void> {
  const { trx, at } = writing;
  const { reportId, entryKey } = entry;
  const known = await trx
    .selectFrom('ledger')
    .select('sequence')
    .where('report_id', '=', reportId)
    .where('entry_key', '=', entryKey)
    .executeTakeFirst();
  if (known) return;
  const head = await trx
    .selectFrom('reports')
    .select(['ledger_length', 'ledger_hash'])
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  const open = { ...entry, sequence: head.ledger_length + 1, appliedAt: at, previousHash: head.ledger_hash };
  const whole: LedgerEntry = { ...open, hash: ledgerHash(open) };
  await trx.insertInto('ledger').values(ledgerRow(whole)).execute();
  await trx
    .updateTable('reports')
    .set({ ledger_length: whole.sequence, ledger_hash: whole.hash })
    .where('report_id', '=', reportId)
    .execute();
  writing.emit(reportFeed(reportId), { kind: 'ledger', entries: [whole] });
}

function ledgerRow(entry: LedgerEntry): Schema['ledger'] {
  return {
    report_id: entry.reportId,
    sequence: entry.sequence,
    entry_key: entry.entryKey,
    kind: entry.kind,
    actor_id: entry.actorId,
    device_id: entry.deviceId,
    operation_id: entry.operationId,
    version_id: entry.versionId,
    summary: entry.summary,
    detail_text: JSON.stringify(entry.detail),
    decided_at: entry.decidedAt,
    received_at: entry.receivedAt,
    applied_at: entry.appliedAt,
    previous_hash: entry.previousHash,
    hash: entry.hash,
  };
}

function entryOf(row: Schema['ledger']): LedgerEntry {
  return {
    reportId: row.report_id,
    sequence: row.sequence,
    entryKey: row.entry_key,
    kind: row.kind,
    actorId: row.actor_id,
    deviceId: row.device_id,
    operationId: row.operation_id,
    versionId: row.version_id,
    summary: row.summary,
    detail: JSON.parse(row.detail_text) as LedgerEntry['detail'],
    decidedAt: row.decided_at,
    receivedAt: row.received_at,
    appliedAt: row.applied_at,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

/** The whole ledger of a report as it stands in the table, in order: what `ledgerFault` checks. */
export async function readLedger(store: Store, reportId: string): Promise<LedgerEntry[]> {
  const rows = await store.db
    .selectFrom('ledger')
    .selectAll()
    .where('report_id', '=', reportId)
    .orderBy('sequence')
    .execute();
  return rows.map(entryOf);
}
