// Owns reading a version's rows as the screen shows them: pages, keys, the next undecided one.
// Orders come from item-lists.ts, the look of a row from overlay.ts.
import type { CommandOutput, CommandParsed, ItemRow } from '../../preload/contract.ts';
import { versionOrFail } from './access.ts';
import type { Desk } from './desk.ts';
import { listFor } from './item-lists.ts';
import type { ItemList } from './item-lists.ts';
import { itemsFrom, rowsBetween, rowsOfList, shownCounts, shownVerdict, versionRow } from './overlay.ts';
import { statement } from './sqlite.ts';
import { lobColumnOf } from './version-facts.ts';

/** A page of rows, filtered and sorted. */
export function listItems(desk: Desk, input: CommandParsed<'version:items'>): CommandOutput<'version:items'> {
  const version = versionOrFail(desk, input.versionId);
  const list = listFor(desk, version.versionId, input.filter, input.sort, lobColumnOf(desk, version));
  return { total: list.total, rows: pageOf(desk, version.versionId, list, input.offset, input.limit) };
}

function pageOf(desk: Desk, versionId: string, list: ItemList, offset: number, limit: number): ItemRow[] {
  const count = Math.min(limit, list.total - offset);
  if (count <= 0) return [];
  if (list.kind === 'list') return rowsOfList(desk, versionId, list.table, offset + 1, offset + count);
  if (!list.descending) return rowsBetween(desk, versionId, offset, offset + count - 1);
  const last = list.total - 1 - offset;
  return rowsBetween(desk, versionId, last - count + 1, last).reverse();
}

/** Keys of all rows of a filter, in its order. */
export function itemKeys(desk: Desk, input: CommandParsed<'version:keys'>): CommandOutput<'version:keys'> {
  const version = versionOrFail(desk, input.versionId);
  const list = listFor(desk, version.versionId, input.filter, input.sort, lobColumnOf(desk, version));
  const row = versionRow(desk.cache, version.versionId);
  const sql =
    list.kind === 'list'
      ? `SELECT i.item_key FROM temp.${list.table} l CROSS JOIN items i ON i.version_row = ? AND i.position = l.position
         ORDER BY l.place`
      : `SELECT i.item_key FROM items i WHERE i.version_row = ? ORDER BY i.position ${list.descending ? 'DESC' : ''}`;
  const rows = statement<{ item_key: string }>(desk.cache.db, sql).all(row);
  return { keys: rows.map(({ item_key }) => item_key) };
}

/** Place of the first undecided row at or after a place; null when none is. */
export function locateUndecided(desk: Desk, input: CommandParsed<'version:locate'>): CommandOutput<'version:locate'> {
  const version = versionOrFail(desk, input.versionId);
  const list = listFor(desk, version.versionId, input.filter, input.sort, lobColumnOf(desk, version));
  // Spares reading to the end of a version in which everything is decided.
  if (shownCounts(desk, version).pending === 0) return { index: null };
  const values = { row: versionRow(desk.cache, version.versionId), version: version.versionId };
  if (list.kind === 'list') {
    const found = statement<{ place: number }>(
      desk.cache.db,
      `SELECT l.place FROM temp.${list.table} l CROSS JOIN ${itemsFrom} WHERE l.place > @from AND i.version_row = @row
         AND i.position = l.position AND ${shownVerdict} = 'pending' ORDER BY l.place LIMIT 1`,
    ).get({ ...values, from: input.from });
    return { index: found ? found.place - 1 : null };
  }
  const edge = list.descending ? list.total - 1 - input.from : input.from;
  const found = statement<{ position: number }>(
    desk.cache.db,
    `SELECT i.position FROM ${itemsFrom} WHERE i.version_row = @row AND i.position ${list.descending ? '<=' : '>='} @edge
       AND ${shownVerdict} = 'pending' ORDER BY i.position ${list.descending ? 'DESC' : 'ASC'} LIMIT 1`,
  ).get({ ...values, edge });
  if (!found) return { index: null };
  return { index: list.descending ? list.total - 1 - found.position : found.position };
}
