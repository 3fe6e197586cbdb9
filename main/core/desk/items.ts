// Owns reading a version's rows as the screen shows them: pages, keys, the next undecided one.
// Orders come from item-lists.ts, the look of a row from overlay.ts.
import type { CommandOutput, CommandParsed, ItemRow } from '../../../preload/contract.ts';
import { versionOrFail } from './access.ts';
import type { Desk } from './desk.ts';
import { addedRows } from './edits.ts';
import { listFor } from './item-lists.ts';
import type { Filter, ItemList } from './item-lists.ts';
import { itemsFrom, rowsBetween, rowsOfList, shownCounts, shownVerdict, versionRow } from './overlay.ts';
import { statement } from '../sqlite.ts';
import { lobColumnOf } from './version-facts.ts';

/** A page of rows, filtered and sorted. What an author added here comes after the version's own, however those are sorted. */
export function listItems(desk: Desk, input: CommandParsed<'version:items'>): CommandOutput<'version:items'> {
  const { offset, limit, filter } = input;
  const version = versionOrFail(desk, input.versionId);
  const list = listFor(desk, version.versionId, filter, input.sort, lobColumnOf(desk, version));
  const rows = pageOf(desk, version.versionId, list, offset, limit);
  const added = addedRows(desk, version).filter((row) => isAddedShown(row, filter));
  const more = added.slice(Math.max(0, offset - list.total), Math.max(0, offset + limit - list.total));
  return { total: list.total + added.length, rows: [...rows, ...more] };
}

function isAddedShown(row: ItemRow, { show, source, lob, search }: Filter): boolean {
  if (!['all', 'pending', 'mine'].includes(show) || source !== null || lob !== null) return false;
  const needle = search.trim().toLowerCase();
  return [row.itemKey, ...Object.values(row.body ?? {})].some((value) => String(value).toLowerCase().includes(needle));
}

function pageOf(desk: Desk, versionId: string, list: ItemList, offset: number, limit: number): ItemRow[] {
  const count = Math.min(limit, list.total - offset);
  if (count <= 0) return [];
  if (list.kind === 'list') return rowsOfList(desk, versionId, list.table, offset + 1, offset + count);
  if (!list.descending) return rowsBetween(desk, versionId, offset, offset + count - 1);
  const last = list.total - 1 - offset;
  return rowsBetween(desk, versionId, last - count + 1, last).reverse();
}

/** Keys of the rows of a filter, in its order, without their contents: many of them in one answer. */
export function itemKeys(desk: Desk, input: CommandParsed<'version:keys'>): CommandOutput<'version:keys'> {
  const version = versionOrFail(desk, input.versionId);
  const list = listFor(desk, version.versionId, input.filter, input.sort, lobColumnOf(desk, version));
  const columns = `i.item_key AS itemKey, lower(hex(b.content_hash)) AS contentHash, ${shownVerdict} AS verdict`;
  const body = 'JOIN bodies b ON b.body_row = i.body_row';
  const sql =
    list.kind === 'list'
      ? `SELECT ${columns} FROM temp.${list.table} l CROSS JOIN ${itemsFrom} ${body} WHERE i.version_row = @row
         AND i.position = l.position AND l.place > @offset ORDER BY l.place LIMIT @limit`
      : `SELECT ${columns} FROM ${itemsFrom} ${body} WHERE i.version_row = @row
         ORDER BY i.position ${list.descending ? 'DESC' : ''} LIMIT @limit OFFSET @offset`;
  const { versionId } = version;
  const rows = statement<KeyRow>(desk.cache.db, sql).all({
    ...{ row: versionRow(desk.cache, versionId), version: versionId },
    ...{ offset: input.offset, limit: input.limit },
  });
  return { total: list.total, rows };
}
type KeyRow = CommandOutput<'version:keys'>['rows'][number];

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
