// Owns laying the outbox over the records: what this laptop wants changed in a record, how far that came, and what its next change is bound to.
// Reads both files; writes nothing. What a change does to a record's fields is its phase's.
import type { Delivered, Delivery } from '../../../preload/contract.ts';
import type { RecordPlace } from '../cache/reads.ts';
import type { Cache } from '../cache/cache.ts';
import type { Desk } from './desk.ts';
import type { KeptChange } from '../outbox/record-change-table.ts';
import { statement } from '../sqlite.ts';

/** What this laptop did to one record and the cache does not have (yet). */
export interface OwnChanges {
  /** On its way, or applied and not in the cache yet; oldest first. Their effect is laid over. */
  laid: KeptChange[];
  /** The last one that was refused or is in conflict and that nobody dealt with; it has no effect. */
  stuck: KeptChange | null;
}
const none: OwnChanges = { laid: [], stuck: null };

/** Latest revisions by key, as far as lists need them. */
export type Revisions = ReadonlyMap<string, { revision: number; result: string | null }>;

/** The latest revision of every record of a place. Records only grow, so their number says whether something changed. */
export function revisionsAt(desk: Desk, place: RecordPlace): Revisions {
  const values = [place.reportId, place.phase, place.lob ?? ''];
  const count = statement<number>(
    desk.cache.db,
    'SELECT count(*) FROM records WHERE report_id = ? AND phase = ? AND lob = ?',
  )
    .pluck()
    .get(...values) as number;
  return remembered(revisionMemory, desk.cache, place, [count], () => {
    const sql = `SELECT record_key, revision, json ->> '$.body.result' AS result FROM records
      WHERE report_id = ? AND phase = ? AND lob = ? ORDER BY record_key, revision`;
    const found = new Map<string, { revision: number; result: string | null }>();
    const rows = statement<{ record_key: string; revision: number; result: string | null }>(desk.cache.db, sql);
    for (const { record_key: key, revision, result } of rows.iterate(...values)) found.set(key, { revision, result });
    return found;
  });
}

/** What this laptop did to the records of a place, by their keys. */
export function ownChangesAt(desk: Desk, place: RecordPlace): ReadonlyMap<string, OwnChanges> {
  const revisions = revisionsAt(desk, place);
  const state = [desk.outbox.revision(), revisions];
  return remembered(changeMemory, desk.cache, place, state, () => readOwn(desk, place, revisions));
}

/** What this laptop did to one record of them. */
export function ownOf(changes: ReadonlyMap<string, OwnChanges>, recordKey: string): OwnChanges {
  return changes.get(recordKey) ?? none;
}

function readOwn(desk: Desk, { reportId, phase, lob }: RecordPlace, revisions: Revisions): Map<string, OwnChanges> {
  const { recordChanges } = desk.outbox.tables;
  const rows = statement<{ change_id: number; record_key: string; seen_revision: number; state: Delivery }>(
    desk.outbox.db,
    `SELECT change_id, record_key, seen_revision, state FROM record_changes
     WHERE report_id = ? AND phase = ? AND lob = ? AND settled_at IS NULL ORDER BY change_id`,
  ).all(reportId, phase, lob ?? '');
  const own = new Map<string, OwnChanges>();
  for (const { change_id: changeId, record_key: key, seen_revision: seen, state } of rows) {
    // The feed brought what came of it.
    if (state === 'applied' && (revisions.get(key)?.revision ?? 0) > seen) continue;
    const change = recordChanges.get(changeId);
    if (!change) continue;
    const changes = own.get(key) ?? { laid: [], stuck: null };
    own.set(key, changes);
    if (state === 'refused' || state === 'conflict') changes.stuck = change;
    else changes.laid.push(change);
  }
  return own;
}

/** How far what this laptop did to a record came: the last word counts. Never `applied` before its receipt. */
export function deliveredOf({ laid, stuck }: OwnChanges): Delivered {
  const last = laid.at(-1);
  if (stuck && (!last || stuck.changeId > last.changeId)) return { delivery: stuck.state, problem: stuck.reason };
  return { delivery: last?.state ?? null, problem: null };
}

/** The revision that the next change of a record is bound to: what will be there when all that is on its way was applied. */
export function nextSeen({ laid }: OwnChanges, revision: number): number {
  const last = laid.at(-1);
  return last ? Math.max(revision, last.seenRevision + 1) : revision;
}

interface Remembered<Value> {
  state: readonly unknown[];
  value: Value;
}
type Memory<Value> = WeakMap<Cache, Map<string, Remembered<Value>>>;
const revisionMemory: Memory<Revisions> = new WeakMap();
const changeMemory: Memory<ReadonlyMap<string, OwnChanges>> = new WeakMap();

/** Works something out once for each state of what it rests on. */
function remembered<Value extends object>(
  memory: Memory<Value>,
  cache: Cache,
  { reportId, phase, lob }: RecordPlace,
  state: readonly unknown[],
  make: () => Value,
): Value {
  const places = memory.get(cache) ?? new Map<string, Remembered<Value>>();
  memory.set(cache, places);
  const name = JSON.stringify([reportId, phase, lob]);
  const here = places.get(name);
  if (here && state.every((each, index) => each === here.state[index])) return here.value;
  const value = make();
  places.set(name, { state, value });
  return value;
}
