import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ledgerFault, ledgerGenesis, ledgerHash } from '../../domain/ledger.ts';
import type { LedgerEntry } from '../../domain/ledger.ts';

function chain(length: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let sequence = 1; sequence <= length; sequence += 1) {
    const entry = {
      reportId: 'report-one',
      sequence,
      entryKey: `operation-${sequence}`,
      kind: 'decisions.record',
      actorId: 'olga',
      deviceId: 'device-one',
      operationId: `operation-${sequence}`,
      versionId: 'version-one',
      summary: `decided ${sequence} samples`,
      detail: { decisions: sequence },
      decidedAt: '2026-11-20T10:00:00.000Z',
      receivedAt: '2026-11-20T11:00:00.000Z',
      appliedAt: '2026-11-20T11:00:00.010Z',
      previousHash: entries.at(-1)?.hash ?? ledgerGenesis,
    };
    entries.push({ ...entry, hash: ledgerHash(entry) });
  }
  return entries;
}
const headOf = (entries: LedgerEntry[]) => ({ length: entries.length, hash: entries.at(-1)?.hash ?? ledgerGenesis });

test('an untouched chain has no fault', () => {
  expect(ledgerFault(chain(20), headOf(chain(20)))).toBeNull();
});

test('every edit, cut, swap and re-hash is found', () => {
  const entries = chain(12);
  const spoil = fc.constantFrom('edit', 'cut', 'swap', 'drop', 'rehash');
  fc.assert(
    fc.property(spoil, fc.integer({ min: 0, max: 10 }), (how, index) => {
      const spoiled = structuredClone(entries);
      const entry = spoiled[index]!;
      if (how === 'edit') entry.summary = 'approved everything';
      if (how === 'cut') spoiled.length = index;
      if (how === 'swap') [spoiled[index], spoiled[index + 1]] = [spoiled[index + 1]!, entry];
      if (how === 'drop') spoiled.splice(index, 1);
      if (how === 'rehash') {
        entry.actorId = 'mallory';
        const { hash: _old, ...rest } = entry;
        entry.hash = ledgerHash(rest);
      }
      expect(ledgerFault(spoiled, headOf(entries))).not.toBeNull();
    }),
    { numRuns: 1000 },
  );
});
