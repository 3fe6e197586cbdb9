// Owns the words in which the ledger says what a version consists of. Knows no rule.
import type { Kysely } from 'kysely';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import type { NewItem } from './new-version.ts';
import type { Schema } from './schema.ts';

/** "1 attribute", "24 attributes". */
export function countedItems(phase: PhaseSlug, count: number): string {
  const { itemName, itemsName } = phaseOf(phase);
  return `${count.toLocaleString('en')} ${count === 1 ? itemName : itemsName}`;
}

/** "revised version 1 into version 2: 55 carried, 4 replaced, 0 kept, 0 re-opened" for samples, what changed for the others. */
export async function whatChanged(
  db: Kysely<Schema>,
  parent: Schema['versions'],
  row: Schema['versions'],
  rows: readonly NewItem[],
): Promise<string> {
  const revised = row.revision > parent.revision;
  const began = `${revised ? 'revised' : 'edited'} version ${parent.number} into version ${row.number}`;
  const count = (kind: NewItem['origin']['kind']) => rows.filter((item) => item.origin.kind === kind).length;
  if (row.phase === 'sample-selection') {
    const [carried, replaced, kept] = [count('carried'), count('replacement'), count('kept')];
    const reopened = rows.length - carried - replaced - kept;
    return `${began}: ${carried} carried, ${replaced} replaced, ${kept} kept, ${reopened} re-opened`;
  }
  const before = await db.selectFrom('items').select('item_key').where('version_id', '=', parent.version_id).execute();
  const known = new Set(before.map((item) => item.item_key));
  const inIt = new Set(rows.map((item) => item.itemKey));
  // An item that passed through undecided still says which earlier version it was edited in: only this step counts.
  const now = (kind: 'edited' | 'kept' | 'disputed' | 're-opened') =>
    rows.filter(({ origin }) => origin.kind === kind && origin.versionId === parent.version_id).length;
  const parts: [number, string][] = [
    [now('edited'), 'edited'],
    [[...inIt].filter((key) => !known.has(key)).length, 'added'],
    [[...known].filter((key) => !inIt.has(key)).length, 'taken out'],
    [now('kept'), 'kept'],
    [now('disputed'), 'kept as disputed'],
    [now('re-opened'), 're-opened'],
    [count('carried'), 'carried'],
  ];
  const said = parts.flatMap(([number, word]) => (number > 0 ? [`${number.toLocaleString('en')} ${word}`] : []));
  return `${began}: ${said.length > 0 ? said.join(', ') : 'nothing changed'}`;
}
