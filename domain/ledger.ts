// Owns the form of the ledger: what an entry says and how entries are chained. Writing it is the store's.
import { canonicalJson, sha256Hex } from './canonical.ts';
import type { Json } from './canonical.ts';

/** One entry of a report's ledger. */
export interface LedgerEntry {
  reportId: string;
  /** 1 for the first, gapless per report. */
  sequence: number;
  /** What makes a repeated write return the first entry: the operation id, or the idempotency key of an activity. */
  entryKey: string;
  /** What happened: an operation's kind, or `version.created`, `population.imported` and so on. */
  kind: string;
  actorId: string;
  deviceId: string | null;
  operationId: string | null;
  versionId: string | null;
  /** One sentence for the timeline, in the past tense, without its actor. */
  summary: string;
  /** Facts to re-perform it with: ids, hashes, counts, never item bodies. */
  detail: { readonly [key: string]: Json };
  /** When the person did it (their clock), when the workflow got it, when the store applied it. */
  decidedAt: string | null;
  receivedAt: string;
  appliedAt: string;
  previousHash: string;
  hash: string;
}

/** What stands before the first entry. */
export const ledgerGenesis = '0'.repeat(64);

/** The hash of an entry: over everything it says and the hash before it. */
export function ledgerHash(entry: Omit<LedgerEntry, 'hash'>): string {
  return sha256Hex(canonicalJson({ ...entry }));
}

/** The first thing wrong with a chain read from its start, or null. `head` is what the report's workflow carries. */
export function ledgerFault(entries: readonly LedgerEntry[], head?: { length: number; hash: string }): string | null {
  let previousHash = ledgerGenesis;
  for (const [index, entry] of entries.entries()) {
    const { hash, ...rest } = entry;
    if (entry.sequence !== index + 1)
      return `entry ${index + 1} is missing: the next one is numbered ${entry.sequence}`;
    if (entry.previousHash !== previousHash) return `entry ${entry.sequence} does not follow the one before it`;
    if (ledgerHash(rest) !== hash) return `entry ${entry.sequence} was changed after it was written`;
    previousHash = hash;
  }
  if (!head) return null;
  if (head.length > entries.length) {
    return `the ledger was cut: the workflow knows ${head.length} entries, ${entries.length} are here`;
  }
  // A chain that was written anew from its start is sound in itself, also when entries were added to it.
  const known = head.length === 0 ? ledgerGenesis : entries[head.length - 1]?.hash;
  return known === head.hash
    ? null
    : `the ledger was written anew: its entry ${head.length} is not the one that the workflow knows`;
}
