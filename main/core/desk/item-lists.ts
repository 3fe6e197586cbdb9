// Owns filtered and sorted orders of a version's rows: made once as a temporary table of places, paged by place.
// Knows which data an order depends on, and makes it again when that changed.
import type { CommandParsed } from '../../../preload/contract.ts';
import type { Cache } from '../cache/cache.ts';
import type { Desk } from './desk.ts';
import { createdAtOf, decidedByMe, itemsFrom, shownVerdict, versionRow } from './overlay.ts';
import type { Sqlite } from '../sqlite.ts';
import { lobName } from './version-facts.ts';

export type Filter = CommandParsed<'version:items'>['filter'];
export type Sort = CommandParsed<'version:items'>['sort'];

/** An order of rows: the version's own (by position), or a temporary table of places 1, 2 … */
export type ItemList =
  { kind: 'whole'; total: number; descending: boolean } | { kind: 'list'; table: string; total: number };

interface MadeList {
  key: string;
  stamp: string;
  table: string;
  total: number;
}

interface Lists {
  made: MadeList[];
}

const listsOf = new WeakMap<Cache, Lists>();

/** How many orders are kept; the one that was used longest ago goes. */
const keptLists = 6;
const slots = Array.from({ length: keptLists + 1 }, (_, index) => `list_${index}`);

/** The order for a filter and a sort. `lobColumn` is the field that tells a row's line of business, if one does. */
export function listFor(desk: Desk, versionId: string, filter: Filter, sort: Sort, lobColumn: string | null): ItemList {
  const { show, source, lob, search } = filter;
  const unfiltered = show === 'all' && source === null && lob === null && search.trim() === '';
  if (unfiltered && sort.by === '#') {
    return { kind: 'whole', total: desk.cache.cachedItems(versionId), descending: sort.descending };
  }
  const key = JSON.stringify([versionId, filter, sort, lobColumn, desk.personId]);
  const stamp = stampOf(desk, versionId, filter, sort);
  const lists = listsOf.get(desk.cache) ?? { made: [] };
  listsOf.set(desk.cache, lists);
  const known = lists.made.find((list) => list.key === key);
  const list =
    known && known.stamp === stamp ? known : make(desk, lists, { key, stamp }, versionId, filter, sort, lobColumn);
  // Moved to the end: used last.
  lists.made = [...lists.made.filter((other) => other !== list && other.key !== key), list];
  while (lists.made.length > keptLists) drop(desk.cache.db, lists.made.shift());
  return { kind: 'list', table: list.table, total: list.total };
}

/** What an order depends on: contents always, decisions only when it shows or sorts by them. */
function stampOf({ cache, outbox }: Desk, versionId: string, { show }: Filter, { by }: Sort): string {
  const byDecision = by === 'verdict' || ['pending', 'decided', 'approved', 'rejected', 'mine'].includes(show);
  const contents = `${cache.cachedItems(versionId)}`;
  return byDecision ? `${contents}/${cache.revisionOf(versionId)}/${outbox.revisionOf(versionId)}` : contents;
}

function drop(db: Sqlite, list: MadeList | undefined): void {
  if (list) db.exec(`DROP TABLE temp.${list.table}`);
}

function make(
  desk: Desk,
  lists: Lists,
  identity: Pick<MadeList, 'key' | 'stamp'>,
  versionId: string,
  filter: Filter,
  sort: Sort,
  lobColumn: string | null,
): MadeList {
  const { db } = desk.cache;
  const outdated = lists.made.find((list) => list.key === identity.key);
  lists.made = lists.made.filter((list) => list !== outdated);
  drop(db, outdated);
  // A fixed set of names: each name's statements are prepared once, however often an order is made again.
  const taken = new Set(lists.made.map((list) => list.table));
  const table = slots.find((slot) => !taken.has(slot)) ?? 'list_0';
  const needsBody = filter.search.trim() !== '' || sort.by.startsWith('field:') || (filter.lob !== null && lobColumn);
  const sql = `INSERT INTO temp.${table} (position) SELECT i.position
    FROM ${itemsFrom} ${needsBody ? 'JOIN bodies b ON b.body_row = i.body_row' : ''}
    WHERE ${whereSql(filter, lobColumn)} ORDER BY ${orderSql(sort)}`;
  // All or nothing: a table that nobody knows of would be in the way of the next order of that name.
  const fill = db.transaction(() => {
    db.exec(`CREATE TEMP TABLE ${table} (place INTEGER PRIMARY KEY, position INTEGER NOT NULL)`);
    return db.prepare(sql).run(valuesOf(desk, sql, versionId, filter, sort, lobColumn)).changes;
  });
  return { ...identity, table, total: fill() };
}

/** Only the values that the statement names: better-sqlite3 takes neither more nor less. */
function valuesOf(
  desk: Desk,
  sql: string,
  versionId: string,
  filter: Filter,
  sort: Sort,
  lobColumn: string | null,
): Record<string, unknown> {
  const needle = filter.search.trim();
  const all: Record<string, unknown> = {
    row: versionRow(desk.cache, versionId),
    version: versionId,
    me: desk.personId,
    createdAt: createdAtOf(desk, versionId),
    source: filter.source,
    lob: filter.lob,
    lobColumn,
    needle,
    // As the text stands inside JSON, to pass most bodies by without taking them apart.
    escaped: JSON.stringify(needle).slice(1, -1),
    field: sort.by.slice('field:'.length),
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => new RegExp(`@${name}\\b`).test(sql)));
}

const showSql: Readonly<Record<Filter['show'], string>> = {
  all: '1',
  pending: `${shownVerdict} = 'pending'`,
  decided: `${shownVerdict} <> 'pending'`,
  approved: `${shownVerdict} = 'approved'`,
  rejected: `${shownVerdict} = 'rejected'`,
  carried: "i.origin_kind = 'carried'",
  replacements: "i.origin_kind = 'replacement'",
  changed: "i.origin_kind IN ('re-opened', 'edited')",
  mine: decidedByMe,
};

function whereSql(filter: Filter, lobColumn: string | null): string {
  const conditions = ['i.version_row = @row', showSql[filter.show]];
  if (filter.source !== null) conditions.push('i.source_kind = @source');
  if (filter.lob !== null) {
    const inBody = lobColumn === null ? '' : ` OR (i.stratum IS NULL AND ${lobName(fieldValue('@lobColumn'))} = @lob)`;
    conditions.push(`(i.stratum = @lob${inBody})`);
  }
  if (filter.search.trim() !== '') {
    conditions.push(`(instr(lower(i.item_key), lower(@needle)) > 0 OR (instr(lower(b.body), lower(@escaped)) > 0
      AND EXISTS (SELECT 1 FROM json_each(b.body) f WHERE instr(lower(f.value), lower(@needle)) > 0)))`);
  }
  return conditions.join(' AND ');
}

/** A field by its name. Not by a JSON path: names may hold quotes, dots and dollars. */
const fieldValue = (name: string): string => `(SELECT f.value FROM json_each(b.body) f WHERE f.key = ${name})`;

/** Numbers, also those that stand as text because they are exact decimals, sort as numbers; the rest as text. */
function numeric(value: string): string {
  return `(CASE WHEN typeof(${value}) IN ('integer', 'real') THEN ${value}
    WHEN ltrim(${value}, '-') GLOB '[0-9]*' AND ltrim(${value}, '-') NOT GLOB '*[^0-9.]*'
      AND ${value} NOT GLOB '*.*.*' THEN CAST(${value} AS NUMERIC) END)`;
}

const verdictRank = `(CASE ${shownVerdict} WHEN 'pending' THEN 0 WHEN 'rejected' THEN 1 ELSE 2 END)`;

function orderSql({ by, descending }: Sort): string {
  const direction = descending ? 'DESC' : 'ASC';
  if (by === '#') return `i.position ${direction}`;
  if (by === 'verdict') return `${verdictRank} ${direction}, i.position`;
  const value = by === 'key' ? 'i.item_key' : fieldValue('@field');
  // What is empty comes last whichever way it is sorted.
  return `${value} IS NULL, ${numeric(value)} IS NULL, ${numeric(value)} ${direction}, ${value} ${direction}, i.position`;
}
