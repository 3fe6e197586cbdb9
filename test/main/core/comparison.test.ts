// Comparing cached versions against the domain's own comparison as a model, and the CSV of it against spreadsheets.
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contentHash } from '../../../domain/canonical.ts';
import { compareItems, countRows } from '../../../domain/comparison.ts';
import type { ComparedItem, ComparedRow } from '../../../domain/comparison.ts';
import type { ReasonCode, Verdict } from '../../../domain/decision.ts';
import type { ItemOrigin } from '../../../domain/version.ts';
import { compareVersions } from '../../../main/core/desk/comparison.ts';
import type { Show } from '../../../main/core/desk/comparison.ts';
import { csvLine, exportComparison, timeWithZone } from '../../../main/core/desk/comparison-csv.ts';
import { at, contents, decision, report, testDesk, things, version } from './desk-builder.ts';
import type { TestDesk, Thing } from './desk-builder.ts';

let desk: TestDesk;
beforeEach(() => {
  desk = testDesk('lena');
  desk.feed([{ kind: 'report', report: report() }]);
});
afterEach(() => desk.close());

/** One item of a generated version. */
interface Made {
  key: number;
  body: number;
  origin: 'new' | 'carried' | 'replacement' | 'kept' | 'recorded' | 'edited';
  of: number;
  verdict: Verdict | null;
}
const madeVersion = fc.uniqueArray(
  fc.record({
    key: fc.integer({ min: 0, max: 12 }),
    body: fc.integer({ min: 0, max: 2 }),
    origin: fc.constantFrom('new', 'carried', 'replacement', 'kept', 'recorded', 'edited'),
    of: fc.integer({ min: 0, max: 12 }),
    verdict: fc.constantFrom('approved', 'rejected', 'pending', null),
  }) as fc.Arbitrary<Made>,
  { selector: (item) => item.key, maxLength: 10 },
);

function originOf({ origin, of, key }: Made): ItemOrigin {
  const lineage = { versionId: 'version-0', versionNumber: 1 };
  if (origin === 'new') return { kind: 'new' };
  if (origin === 'replacement') return { kind: 'replacement', replacesKey: `key-${of}`, ...lineage };
  if (origin === 'recorded') return { kind: 'recorded', recordRevision: of, operationId: `operation-${key}` };
  if (origin === 'edited') return { kind: 'edited', itemKey: `key-${key}`, ...lineage };
  if (origin === 'kept') return { kind: 'kept', itemKey: `key-${key}`, rationale: 'so', ...lineage };
  return { kind: 'carried', itemKey: `key-${key}`, ...lineage };
}

function store(versionId: string, made: Made[]): ComparedItem[] {
  const rows: Thing[] = made.map((item) => ({
    itemKey: `key-${item.key}`,
    body: { ID: item.key, AMOUNT: item.body },
    origin: originOf(item),
  }));
  const decisions = made.flatMap(({ key, verdict }) => {
    if (verdict === null) return [];
    const reasonCode: ReasonCode | null = verdict === 'rejected' ? 'voided' : null;
    return [decision({ versionId, itemKey: `key-${key}`, verdict, reasonCode })];
  });
  desk.feed([
    { kind: 'version', version: version({ versionId, itemCount: made.length, parentVersionId: 'version-left' }) },
    { kind: 'decisions', versionId, decisions },
  ]);
  desk.cache.storeContents(contents(versionId, rows));
  return made.map((item, position) => ({
    position,
    itemKey: `key-${item.key}`,
    contentHash: contentHash(rows[position]!.body),
    source: { kind: 'random', drawPosition: position + 1, stratum: null },
    origin: originOf(item),
    verdict: item.verdict ?? (item.origin === 'carried' || item.origin === 'recorded' ? 'approved' : 'pending'),
    reasonCode: item.verdict === 'rejected' ? 'voided' : null,
    note: '',
    decidedBy: item.verdict === null ? null : 'olga',
    decidedAt: item.verdict === null ? null : at,
  }));
}

const matches: Readonly<Record<Show, (row: ComparedRow) => boolean>> = {
  all: () => true,
  changes: (row) => row.kind !== 'carried' || row.verdictFlipped,
  carried: (row) => row.kind === 'carried',
  changed: (row) => row.kind === 'changed',
  removed: (row) => row.kind === 'removed',
  added: (row) => row.kind === 'added' || row.replacement,
  flipped: (row) => row.verdictFlipped,
};

test('lines, counts and places of changes equal the domain comparison, for every filter and page', () => {
  let run = 0;
  fc.assert(
    fc.property(madeVersion, madeVersion, fc.integer({ min: 1, max: 4 }), (left, right, limit) => {
      run += 1;
      const [leftVersionId, rightVersionId] =
        run % 2 ? [`left-${run}-xx`, `right-${run}-xx`] : ['version-left', `right-${run}-xx`];
      if (leftVersionId === 'version-left') desk.cache.dropReport('report-1');
      const model = compareItems(store(leftVersionId, left), store(rightVersionId, right));
      for (const show of Object.keys(matches) as Show[]) {
        const expected = model.filter(matches[show]);
        const lines: ComparedRow[] = [];
        for (let offset = 0; ; offset += limit) {
          const page = compareVersions(desk, {
            leftVersionId,
            rightVersionId,
            show,
            offset,
            limit,
          });
          expect(page.total).toBe(expected.length);
          expect(page.counts).toEqual(countRows(model));
          const places = expected.flatMap((row, index) => (matches.changes(row) ? [index] : []));
          expect(page.changeIndexes).toEqual(places);
          if (page.rows.length === 0) break;
          expect(page.rows.map((row) => row.index)).toEqual(page.rows.map((_, index) => offset + index));
          lines.push(
            ...page.rows.map(({ left: l, right: r, kind, replacement, verdictFlipped }) => ({
              left: l,
              right: r,
              kind,
              replacement,
              verdictFlipped,
            })),
          );
        }
        expect(lines).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
});

test('a changed line tells its fields, a version that is not whole is refused', () => {
  const [first, second] = things(2);
  desk.feed([
    { kind: 'version', version: version({ itemCount: 2 }) },
    { kind: 'version', version: version({ versionId: 'version-2', number: 2, itemCount: 2 }) },
  ]);
  desk.cache.storeContents(contents('version-1', [first!, second!]));
  const input = { leftVersionId: 'version-1', rightVersionId: 'version-2', show: 'all' as const, offset: 0, limit: 50 };
  expect(() => compareVersions(desk, input)).toThrow(/version 2 is not whole on this laptop \(0 of 2 rows\)/);
  desk.cache.storeContents(contents('version-2', [{ ...first!, body: { ...first!.body, LIMIT_BAL: 7 } }, second!]));
  const page = compareVersions(desk, input);
  expect(page.rows.map((row) => row.fields)).toEqual([[{ field: 'LIMIT_BAL', left: 1000, right: 7 }], []]);
  expect(page.fields).toEqual(['ID', 'LIMIT_BAL', 'NOTE']);
});

/** What a spreadsheet makes of a file: cells by comma, as RFC 4180 says. */
function parse(csv: string, delimiter = ','): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < csv.length; i += 1) {
    const char = csv[i]!;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (csv[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter || char === '\n') {
      rows.at(-1)!.push(cell.endsWith('\r') && char === '\n' ? cell.slice(0, -1) : cell);
      cell = '';
      if (char === '\n') rows.push([]);
    } else cell += char;
  }
  rows.at(-1)!.push(cell);
  return rows;
}

const isLive = (cell: string) => /^[\s"'\u200b\ufeff]*[=+\-@＝＋－＠]/u.test(cell) && !cell.startsWith("'");

const dangerous = fc
  .array(
    fc.constantFrom(
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      '"',
      "'",
      ' ',
      ',',
      ';',
      '|',
      '\u200b',
      '＝',
      'cmd',
      'A1',
      '2',
      '.5',
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(''));

test('no text becomes a cell that a spreadsheet would run, and every cell comes back whole', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(dangerous, fc.string()), { minLength: 1, maxLength: 5 }), (cells) => {
      const line = csvLine(cells);
      const [back, ...more] = parse(line);
      expect(more).toEqual([]);
      expect(back).toHaveLength(cells.length);
      for (const [index, cell] of back!.entries()) {
        if (/^-?\d+(\.\d+)?$/.test(cells[index]!)) expect(cell).toBe(cells[index]);
        else
          for (const piece of [cell, ...cell.split(/[;\t\r\n]/)])
            expect(isLive(piece) ? `live: ${JSON.stringify(cell)}` : 'harmless').toBe('harmless');
        expect(cell.replaceAll("'", '')).toBe(cells[index]!.replaceAll("'", ''));
      }
    }),
    { numRuns: 10_000, examples: [[['\n\n=', '']], [['|\n=']], [['\n\r=']]] },
  );
});

test('numbers stay numbers, also negative ones and exact decimals', () => {
  expect(csvLine([-391, '-391', '-391.50', 0.5, true, null])).toBe('-391,-391,-391.50,0.5,true,');
  expect(csvLine(['-391+cmd', '=1', '@x', '\tx', '+49 30', 'a;=1'])).toBe(`'-391+cmd,'=1,'@x,"'\tx",'+49 30,"a;'=1"`);
});

test('the export has both versions side by side with who, when and why', () => {
  desk.feed(
    [{ kind: 'person', person: { personId: 'olga', name: 'Olga Owner', roles: ['report-owner'] } }],
    'directory',
  );
  const [first, second] = things(2);
  const lineage = { versionId: 'version-1', versionNumber: 1 };
  desk.feed([
    { kind: 'version', version: version({ itemCount: 2 }) },
    { kind: 'version', version: version({ versionId: 'version-2', number: 2, itemCount: 2 }) },
    {
      kind: 'decisions',
      versionId: 'version-1',
      decisions: [
        decision({ itemKey: 'key-1', verdict: 'rejected', reasonCode: 'duplicate', note: '=HYPERLINK("x")' }),
      ],
    },
  ]);
  desk.cache.storeContents(contents('version-1', [first!, second!]));
  desk.cache.storeContents(
    contents('version-2', [
      { ...first!, origin: { kind: 'carried', itemKey: 'key-0', ...lineage } },
      {
        itemKey: 'new',
        body: { ID: 'new', LIMIT_BAL: -5 },
        origin: { kind: 'replacement', replacesKey: 'key-1', ...lineage },
      },
    ]),
  );
  const { csv, lines, fileName } = exportComparison(desk, {
    leftVersionId: 'version-1',
    rightVersionId: 'version-2',
    show: 'changes',
  });
  expect(csv.startsWith('\uFEFF')).toBe(true);
  expect(fileName).toBe('Card portfolio sample-selection v1 to v2.csv');
  const [head, row, ...end] = parse(csv.slice(1));
  expect([lines, end]).toEqual([1, [['']]]);
  const cells = Object.fromEntries(head!.map((name, index) => [name, row![index]]));
  expect(cells).toMatchObject({
    change: 'removed and replaced',
    'v1 key': 'key-1',
    'v1 verdict': 'rejected',
    'v1 reason': 'duplicate',
    'v1 note': `'=HYPERLINK("x")`,
    'v1 decided by': 'Olga Owner',
    'v1 decided at': timeWithZone(at),
    'v2 key': 'new',
    'v2 origin': 'replacement for key-1',
    'v1 LIMIT_BAL': '2000',
    'v2 LIMIT_BAL': '-5',
  });
  expect(timeWithZone(at)).toMatch(/^2026-11-2\dT\d\d:\d\d:00[+-]\d\d:\d\d$/);
  expect(new Date(timeWithZone(at)).toISOString()).toBe(at);
});
