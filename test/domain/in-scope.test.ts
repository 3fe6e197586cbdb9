// Which attributes are tested, and which line of business a row is of: the latter against DuckDB's own strata.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { wholeReportLob } from '../../domain/flow.ts';
import { attributesInScope, lobOf, noLob } from '../../domain/in-scope.ts';
import { openPopulationStore } from '../../worker/population/population-store.ts';

const item = (itemKey: string, fields: Record<string, boolean> = {}) => ({ itemKey, body: { ...fields } });
const columns = ['ID', 'AMOUNT', 'RATE'];

describe('the attributes in scope', () => {
  it('are those that the approved scoping says are in', () => {
    const scoping = [
      item('ID', { inScope: false }),
      item('AMOUNT', { inScope: true }),
      item('RATE', { inScope: true }),
    ];
    expect(attributesInScope({ scoping, planning: [item('ID')], columns, keyColumn: 'ID' })).toEqual([
      'AMOUNT',
      'RATE',
    ]);
  });

  it('are none when scoping put all of them out, whatever was planned', () => {
    const scoping = [item('AMOUNT', { inScope: false })];
    expect(attributesInScope({ scoping, planning: [item('AMOUNT')], columns, keyColumn: 'ID' })).toEqual([]);
  });

  it('are the planned ones when scoping was skipped, the key included if it was planned', () => {
    const planning = [item('ID'), item('RATE')];
    expect(attributesInScope({ scoping: null, planning, columns, keyColumn: 'ID' })).toEqual(['ID', 'RATE']);
  });

  it('are all columns but the key when planning was skipped too', () => {
    expect(attributesInScope({ scoping: null, planning: null, columns, keyColumn: 'ID' })).toEqual(['AMOUNT', 'RATE']);
    expect(attributesInScope({ scoping: null, planning: null, columns, keyColumn: null })).toEqual(columns);
  });
});

describe('the line of business of a row', () => {
  it.each([
    [{ LOB: 'Cards' }, 'Cards'],
    [{ LOB: '  Cards ' }, 'Cards'],
    [{ LOB: '' }, noLob],
    [{ LOB: '   ' }, noLob],
    [{ LOB: null }, noLob],
    [{}, noLob],
    [{ LOB: 2 }, '2'],
    [{ LOB: false }, 'false'],
  ])('%o is of %s', (body, lob) => {
    expect(lobOf(body, 'LOB')).toBe(lob);
  });

  it('is the whole report when no column divides it', () => {
    expect(lobOf({ LOB: 'Cards' }, null)).toBe(wholeReportLob);
  });

  it('is never taken from what every object inherits', () => {
    expect(lobOf({}, 'constructor')).toBe(noLob);
  });

  it.each([
    '1,Cards\n2, Cards \n3,\n4,  \n5,cards',
    '1,1.50\n2,2\n3,-0.5',
    '1,TRUE\n2,False\n3,',
    '1,\u00a0a\u2003\n2,\u3000',
    '1,007\n2,7',
  ])('has the name that the strata of the population have: %j', async (rows) => {
    const dir = mkdtempSync(join(tmpdir(), 'countersign-lobs-'));
    const store = await openPopulationStore({ dir });
    try {
      const file = join(dir, 'rows.csv');
      writeFileSync(file, `ID,LOB\n${rows}\n`);
      const hash = 'a'.repeat(64);
      const { signal } = new AbortController();
      const input = { file, fileName: 'rows.csv', populationHash: hash, keyColumn: 'ID', signal, onProgress: () => {} };
      expect(await store.import(input)).toMatchObject({ kind: 'ready' });
      const strata = (await store.strata(hash, 'ID', 'LOB')).map(({ name }) => String(name));
      const bodies = await store.rowsByKey(
        hash,
        'ID',
        rows.split('\n').map((row) => row.split(',')[0] ?? ''),
      );
      expect(bodies.size).toBe(rows.split('\n').length);
      const lobs = new Set([...bodies.values()].map((body) => lobOf(body, 'LOB', strata)));
      expect([...lobs].sort()).toEqual(strata.toSorted());
    } finally {
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});
