// Fault m of mission.md, as far as it goes now: what vouches for a ledger and for a version looks at contents, and both ways. The
// integrity check of a migration (mission.md, row 28) is not built yet.
import { beforeAll, describe, expect, it } from 'vitest';
import { compareItems, countRows } from '../../domain/comparison.ts';
import type { ComparedItem } from '../../domain/comparison.ts';
import { contentHash } from '../../domain/canonical.ts';
import { ledgerFault, ledgerGenesis, ledgerHash } from '../../domain/ledger.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';
import { reportSummary } from '../../worker/store/follow-up.ts';
import { readLedger } from '../../worker/store/writing.ts';
import { inReview, openTestStore, proposedItem, withProposed } from '../builders.ts';

/** The entries as somebody would write them who can write the store: numbered and chained anew. */
function chainedAnew(entries: readonly LedgerEntry[]): LedgerEntry[] {
  let previousHash = ledgerGenesis;
  return entries.map(({ hash: _old, ...entry }, index) => {
    const open = { ...entry, sequence: index + 1, previousHash };
    previousHash = ledgerHash(open);
    return { ...open, hash: previousHash };
  });
}

let ledger: LedgerEntry[];
let head: { length: number; hash: string } | undefined;
beforeAll(async () => {
  const test = await openTestStore();
  const { reportId } = await inReview(test, { items: 1 });
  ledger = await readLedger(test.store, reportId);
  head = (await reportSummary(test.store, reportId))?.ledgerHead;
  await test.close();
});

describe('m: a check of integrity looks both ways and at contents, not at counts', () => {
  const spoilings: [string, (entries: LedgerEntry[]) => LedgerEntry[]][] = [
    ['an entry is missing', (entries) => entries.toSpliced(2, 1)],
    ['an entry is missing and the rest is chained anew', (entries) => chainedAnew(entries.toSpliced(2, 1))],
    ['the last entry is missing', (entries) => entries.slice(0, -1)],
    ['there is one too many', (entries) => entries.toSpliced(2, 0, entries[2] as LedgerEntry)],
    [
      'there is one too many, chained anew',
      (entries) => chainedAnew(entries.toSpliced(2, 0, { ...(entries[2] as LedgerEntry), entryKey: 'another' })),
    ],
    [
      'one was changed, as many are there',
      (entries) => entries.with(3, { ...(entries[3] as LedgerEntry), actorId: 'otto' }),
    ],
    [
      'one was changed, as many are there, chained anew',
      (entries) => chainedAnew(entries.with(3, { ...(entries[3] as LedgerEntry), actorId: 'otto' })),
    ],
    [
      'one was changed and another one added, chained anew',
      (entries) => {
        const [first, ...rest] = entries as [LedgerEntry, ...LedgerEntry[]];
        return chainedAnew([{ ...first, summary: 'approved everything' }, ...rest, { ...first, entryKey: 'another' }]);
      },
    ],
    ['one stands for another, as many are there', (entries) => entries.with(3, entries[4] as LedgerEntry)],
  ];
  it.each(spoilings)('of a ledger: %s', (_name, spoil) => {
    expect(ledgerFault(ledger, head)).toBeNull();
    expect(ledgerFault(spoil(ledger), head)).toMatch(/^(entry \d+|the ledger was)/u);
  });

  it('a ledger that only grew since the head was known is sound', () => {
    for (const [index, entry] of ledger.entries()) {
      expect(ledgerFault(ledger, { length: index + 1, hash: entry.hash })).toBeNull();
    }
    expect(ledgerFault(ledger, { length: 0, hash: ledgerGenesis })).toBeNull();
  });

  it('of a version: its hash differs where an item is missing, added, changed or elsewhere, although as many are there', async () => {
    const item = (key: string, risk = 'high') => proposedItem('scoping', key, { risk });
    const same = [item('A'), item('B'), item('C')];
    const contents = [
      same,
      [item('A'), item('B'), item('D')],
      [item('A'), item('B', 'low'), item('C')],
      [item('B'), item('A'), item('C')],
      [item('A'), item('B')],
      [...same, item('D')],
    ];
    const hashes: unknown[] = [];
    for (const items of [same, ...contents]) {
      const test = await openTestStore();
      const { version, reportId } = await withProposed(test, 'scoping', items);
      const { itemsHash } = version.summary;
      hashes.push(itemsHash);
      // The ledger vouches for the same.
      const made = (await readLedger(test.store, reportId)).find((entry) => entry.kind === 'version.created');
      expect(made?.detail['itemsHash']).toBe(itemsHash);
      await test.close();
    }
    expect(hashes[0]).toBe(hashes[1]);
    expect(new Set(hashes).size).toBe(contents.length);
  });

  it('of two versions: what is missing on either side, and what changed, although both have as many', () => {
    const side = (...keys: string[]): ComparedItem[] =>
      keys.map((key, position) => ({
        ...{ position, itemKey: key.slice(0, 1), contentHash: contentHash(key) },
        ...{ source: { kind: 'proposed' }, origin: { kind: 'new' }, verdict: 'approved' },
        ...{ reasonCode: null, note: '', decidedBy: null, decidedAt: null },
      }));
    const [left, right] = [side('A', 'B', 'C'), side('A', 'B, changed', 'D')];
    const found = { carried: 1, changed: 1, removed: 1, added: 1 };
    expect(countRows(compareItems(left, right))).toMatchObject(found);
    expect(countRows(compareItems(right, left))).toMatchObject(found);
    const lone = (rows: ReturnType<typeof compareItems>) => rows.map((row) => [row.left?.itemKey, row.right?.itemKey]);
    expect(lone(compareItems(left, right))).toContainEqual(['C', undefined]);
    expect(lone(compareItems(left, right))).toContainEqual([undefined, 'D']);
  });
});
