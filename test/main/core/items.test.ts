// Rows of a version: filters, sorts, pages and places against a plain model over the same rows.
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { canonicalJson } from '../../../domain/canonical.ts';
import { itemKeys, listItems, locateUndecided } from '../../../main/core/desk/items.ts';
import { recordDecisions } from '../../../main/core/desk/decisions.ts';
import { versionDetail } from '../../../main/core/desk/version-detail.ts';
import { commands } from '../../../preload/contract.ts';
import type { ItemFilter, ItemRow, ItemSort } from '../../../preload/contract.ts';
import type { ItemOrigin, ItemSource } from '../../../domain/version.ts';
import { asShown, contents, decision, deskWithVersion, report, things, version } from './desk-builder.ts';
import type { TestDesk, Thing } from './desk-builder.ts';

let desk: TestDesk;
afterEach(() => desk.close());

const page = (filter: ItemFilter, sort: ItemSort, offset = 0, limit = 500, versionId = 'version-m') =>
  listItems(desk, commands['version:items'].input.parse({ versionId, filter, sort, offset, limit }));

const amounts = [5, '-391.50', '12.5', 1e6, null, '', 'n/a', 0, '9', '2020-01-31'];

/** Rows of every kind: sources, origins, decided by others, by me, drafts, numbers and texts. */
function mixedVersion(): void {
  const lineage = { versionId: 'version-1', versionNumber: 1 };
  const rows: Thing[] = Array.from({ length: 30 }, (_, index) => ({
    itemKey: index % 3 === 0 ? String(index * 7) : `K${index}`,
    body: { AMOUNT: amounts[index % amounts.length]!, NAME: `Näme ${index % 4}`, 'a"b': index % 5 },
    source:
      index % 4 === 0
        ? { kind: 'targeted', reason: 'large' }
        : { kind: 'random', drawPosition: index + 1, stratum: index % 2 ? 'Retail' : 'Cards' },
    origin:
      index % 5 === 0
        ? { kind: 'carried', itemKey: 'x', ...lineage }
        : index % 7 === 0
          ? { kind: 'replacement', replacesKey: 'x', ...lineage }
          : { kind: 'new' },
  }));
  const decided = rows.filter((_, index) => index % 6 === 1);
  desk.feed([
    {
      kind: 'version',
      version: version({
        versionId: 'version-m',
        number: 2,
        itemCount: 30,
        counts: { total: 30, pending: 19, approved: 11, rejected: 0, disputed: 0 },
      }),
    },
    {
      kind: 'decisions',
      versionId: 'version-m',
      decisions: decided.map(({ itemKey }, index) =>
        decision({ versionId: 'version-m', itemKey, actorId: index % 2 ? 'olga' : 'other' }),
      ),
    },
  ]);
  desk.cache.storeContents(contents('version-m', rows.slice(0, 17), 0, false));
  desk.cache.storeContents(contents('version-m', rows.slice(10), 10));
  const mine = [rows[2]!, rows[8]!];
  recordDecisions(desk, { versionId: 'version-m', decisions: mine.map((row) => asShown(row, 'rejected')) });
}

function passes(row: ItemRow, filter: ItemFilter): boolean {
  const shows: Record<string, boolean> = {
    all: true,
    pending: row.verdict === 'pending',
    decided: row.verdict !== 'pending',
    approved: row.verdict === 'approved',
    rejected: row.verdict === 'rejected',
    carried: row.origin.kind === 'carried',
    replacements: row.origin.kind === 'replacement',
    changed: row.origin.kind === 're-opened',
    mine: row.decidedBy === 'olga',
  };
  const texts = [row.itemKey, ...Object.values(row.body ?? {}).map(String)];
  const needle = (filter.search ?? '').trim().toLowerCase();
  return (
    shows[filter.show ?? 'all']! &&
    (filter.source == null || row.source.kind === filter.source) &&
    (filter.lob == null || (row.source.kind === 'random' && row.source.stratum === filter.lob)) &&
    (needle === '' || texts.some((text) => text !== 'null' && text.toLowerCase().includes(needle)))
  );
}

const filters: fc.Arbitrary<ItemFilter> = fc.record({
  show: fc.constantFrom(
    'all',
    'pending',
    'decided',
    'approved',
    'rejected',
    'carried',
    'replacements',
    'changed',
    'mine',
  ),
  source: fc.constantFrom('random', 'targeted', null),
  lob: fc.constantFrom('Retail', 'Cards', null, null),
  search: fc.constantFrom('', '', 'näme 1', 'K1', '-391', 'AMOUNT', '"', ' 2 '),
});
const sorts: fc.Arbitrary<ItemSort> = fc.record({
  by: fc.constantFrom('#', 'key', 'verdict', 'field:AMOUNT', 'field:a"b', 'field:nothing'),
  descending: fc.boolean(),
});

test('every filter and sort pages through exactly the rows that match, and keys and places agree', () => {
  desk = deskWithVersion(1);
  mixedVersion();
  const all = page({}, {}).rows;
  expect(all).toHaveLength(30);
  fc.assert(
    fc.property(
      filters,
      sorts,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 30 }),
      (filter, sort, limit, from) => {
        const expected = all.filter((row) => passes(row, filter));
        const rows: ItemRow[] = [];
        for (let offset = 0; ; offset += limit) {
          const { rows: part, total } = page(filter, sort, offset, limit);
          expect(total).toBe(expected.length);
          if (part.length === 0) break;
          rows.push(...part);
        }
        expect(rows.toSorted((a, b) => a.position - b.position)).toEqual(expected);
        const input = { versionId: 'version-m', filter, sort };
        const keys = (part: object) => itemKeys(desk, commands['version:keys'].input.parse({ ...input, ...part }));
        const bound = rows.map(({ itemKey, contentHash, verdict }) => ({ itemKey, contentHash, verdict }));
        expect(keys({})).toEqual({ total: rows.length, rows: bound });
        expect(keys({ offset: from, limit }).rows).toEqual(bound.slice(from, from + limit));
        const undecided = rows.findIndex((row, index) => index >= from && row.verdict === 'pending');
        const located = locateUndecided(desk, commands['version:locate'].input.parse({ ...input, from }));
        expect(located.index).toBe(undecided < 0 ? null : undecided);
      },
    ),
    { numRuns: 150 },
  );
});

test('numbers sort as numbers, also as exact texts; texts come after them and blanks last', () => {
  desk = deskWithVersion(1);
  mixedVersion();
  const order = (descending: boolean) => [
    ...new Set(page({}, { by: 'field:AMOUNT', descending }).rows.map((row) => row.body?.['AMOUNT'])),
  ];
  expect(order(false)).toEqual(['-391.50', 0, 5, '9', '12.5', 1e6, '', '2020-01-31', 'n/a', null]);
  expect(order(true)).toEqual([1e6, '12.5', '9', 5, 0, '-391.50', 'n/a', '2020-01-31', '', null]);
});

test('an order that shows decisions is made again when one was made, the others are kept', () => {
  desk = deskWithVersion(4);
  const rows = () => page({ show: 'pending' }, {}, 0, 50, 'version-1').rows.map((row) => row.itemKey);
  expect(rows()).toEqual(['key-0', 'key-1', 'key-2', 'key-3']);
  recordDecisions(desk, { versionId: 'version-1', decisions: [asShown(things(2)[1]!)] });
  expect(rows()).toEqual(['key-0', 'key-2', 'key-3']);
  desk.feed([{ kind: 'decisions', versionId: 'version-1', decisions: [decision({ itemKey: 'key-3' })] }]);
  expect(rows()).toEqual(['key-0', 'key-2']);
  for (let index = 0; index < 20; index += 1) page({ search: `key-${index}` }, {}, 0, 5, 'version-1');
  const tables = desk.cache.db
    .prepare("SELECT count(*) FROM temp.sqlite_schema WHERE name LIKE 'list_%'")
    .pluck()
    .get();
  expect(tables).toBeLessThanOrEqual(7);
  expect(rows()).toEqual(['key-0', 'key-2']);
});

test('a version tells its columns in the order of the file, its lines of business and its parts', () => {
  desk = deskWithVersion(1);
  mixedVersion();
  const detail = versionDetail(desk, 'version-m');
  expect(detail).toMatchObject({
    carried: 6,
    cachedItems: 30,
    lobs: ['Cards', 'Retail'],
    fields: ['AMOUNT', 'NAME', 'a"b'],
  });
  expect(detail.counts).toEqual({ total: 30, pending: 17, approved: 11, rejected: 2, disputed: 0 });
  expect(detail.whyNotReview).toBeNull();
});

test('a body that an earlier version brought is shared, and rows without contents say so', () => {
  desk = deskWithVersion(2);
  const [first, second] = things(2);
  desk.feed([{ kind: 'version', version: version({ versionId: 'version-2', number: 2, itemCount: 2 }) }]);
  const withoutBodies = { ...contents('version-2', [first!, { ...second!, body: { ID: 'elsewhere' } }]), bodies: [] };
  desk.cache.storeContents(withoutBodies);
  const rows = page({}, {}, 0, 50, 'version-2').rows;
  expect(rows.map((row) => row.body)).toEqual([first!.body, null]);
  const texts = desk.cache.db.prepare('SELECT body FROM bodies WHERE body IS NOT NULL ORDER BY body_row').pluck().all();
  expect(texts).toEqual(things(2).map((thing) => canonicalJson(thing.body)));
});

const from = { versionId: 'version-0', versionNumber: 3 };
const origins: ItemOrigin[] = [
  { kind: 'new' },
  { kind: 'recorded', recordRevision: 2, operationId: 'operation-7' },
  { kind: 'carried', itemKey: 'a', ...from },
  { kind: 're-opened', itemKey: 'a', reason: 'its content changed', ...from },
  { kind: 'replacement', replacesKey: 'b', ...from },
  { kind: 'edited', itemKey: 'a', ...from },
  { kind: 'disputed', itemKey: 'a', rationale: 'we saw it', by: 'lena', ...from },
  { kind: 'kept', itemKey: 'a', rationale: 'it exists', ...from },
];
const sources: ItemSource[] = [
  { kind: 'random', drawPosition: 4, stratum: 'Cards' },
  { kind: 'targeted', reason: 'out of range' },
  { kind: 'proposed' },
  { kind: 'added', by: 'tara' },
];

test('every way in which an item can come is kept whole, and says what it is before anybody decides', () => {
  desk = deskWithVersion(1);
  const rows = origins.flatMap((origin) =>
    sources.map((source): Thing => ({ itemKey: `${origin.kind} ${source.kind}`, body: { x: 1 }, origin, source })),
  );
  desk.feed([{ kind: 'version', version: version({ versionId: 'version-m', number: 2, itemCount: rows.length }) }]);
  desk.cache.storeContents(contents('version-m', rows));
  const shown = page({}, {}).rows;
  expect(shown.map(({ itemKey, origin, source }) => ({ itemKey, origin, source }))).toEqual(
    rows.map(({ itemKey, origin, source }) => ({ itemKey, origin, source })),
  );
  const verdicts = new Map(shown.map((row) => [row.origin.kind, row.verdict]));
  expect(Object.fromEntries(verdicts)).toEqual({
    ...{ new: 'pending', recorded: 'approved', carried: 'approved', 're-opened': 'pending', replacement: 'pending' },
    ...{ edited: 'pending', disputed: 'rejected', kept: 'pending' },
  });
});

test('a decision that came along from the version before was not made here, whatever the item', () => {
  desk = deskWithVersion(1);
  const [one, two] = things(2);
  const createdAt = '2026-11-22T09:00:00.000Z';
  desk.feed([{ kind: 'version', version: version({ versionId: 'version-m', number: 2, itemCount: 2, createdAt }) }]);
  const along = { versionId: 'version-m', actorId: 'olga', verdict: 'rejected', reasonCode: 'voided' } as const;
  desk.feed([
    {
      kind: 'decisions',
      versionId: 'version-m',
      decisions: [
        decision({ itemKey: 'key-0', ...along }),
        decision({ itemKey: 'key-1', ...along, appliedAt: createdAt }),
      ],
    },
  ]);
  desk.cache.storeContents(contents('version-m', [one!, two!]));
  expect(page({}, {}).rows.map((row) => [row.verdict, row.decidedBy, row.delivery])).toEqual([
    ['rejected', null, null],
    ['rejected', 'olga', 'applied'],
  ]);
  expect(page({ show: 'mine' }, {}).rows.map((row) => row.itemKey)).toEqual(['key-1']);
});

test('fields stand in the order of their phase, and rows without a line of business are found as such', () => {
  desk = deskWithVersion(1);
  const phase = { phase: 'scoping', versionId: 'version-s', itemCount: 1 } as const;
  const body = { rationale: 'r', inScope: true, attribute: 'AGE', risk: 'low', more: 1 };
  desk.feed([{ kind: 'version', version: version(phase) }]);
  desk.cache.storeContents(contents('version-s', [{ itemKey: 'AGE', body, source: { kind: 'proposed' } }]));
  expect(versionDetail(desk, 'version-s')).toMatchObject({
    fields: ['attribute', 'inScope', 'risk', 'rationale', 'more'],
    lobs: [],
  });
  const lobSource = { kind: 'column', column: 'LOB' } as const;
  desk.feed([{ kind: 'report', report: report({ lobSource }) }]);
  const rows = ['Cards', ' ', null].map((LOB, index): Thing => ({ itemKey: `k-${index}`, body: { LOB, n: index } }));
  desk.feed([{ kind: 'version', version: version({ versionId: 'version-m', number: 2, itemCount: 3 }) }]);
  desk.cache.storeContents(contents('version-m', rows));
  expect(versionDetail(desk, 'version-m').lobs).toEqual(['(none)', 'Cards']);
  expect(page({ lob: '(none)' }, {}).rows.map((row) => row.itemKey)).toEqual(['k-1', 'k-2']);
});
