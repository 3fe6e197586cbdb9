// Owns the story of a report as the timeline shows it: its ledger, with the check of its chain, and what was tracked beside it, never
// mixed with it. Reads the cache only.
import { ledgerFault } from '../../../domain/ledger.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import { trackedAt } from '../../../domain/tracking.ts';
import type { CommandOutput, CommandParsed, LifeRow, TimelineRow } from '../../../preload/contract.ts';
import type { Cache } from '../cache/cache.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';

const checked = new WeakMap<Cache, Map<string, { revision: number; fault: string | null }>>();

/** The ledger of a report, newest first. `fault` names the first thing wrong with its chain. */
export function timeline(desk: Desk, input: CommandParsed<'timeline:list'>): CommandOutput<'timeline:list'> {
  const { cache } = desk;
  if (!cache.report(input.reportId)) throw failed('not-found', `there is no report ${input.reportId} on this laptop`);
  const entries = cache.ledger(input.reportId);
  const named = namer(cache);
  const end = Math.max(0, entries.length - input.offset);
  const rows = entries
    .slice(Math.max(0, end - input.limit), end)
    .reverse()
    .map(named);
  return { rows, total: entries.length, fault: faultOf(cache, input.reportId, entries) };
}

function namer(cache: Cache): (entry: LedgerEntry) => TimelineRow {
  const names = new Map(cache.people().map(({ personId, name }) => [personId, name]));
  return (entry) => ({ ...entry, actorName: names.get(entry.actorId) ?? entry.actorId });
}

/** The kinds of what is tracked that tell of the report's life, and not only of the machine's. */
const lifeKinds = ['transition', 'compensation', 'migration', 'alert'] as const;

/** The whole life of a report, newest first. Entries of the ledger keep their order whatever the clocks said. */
export function explainLife(desk: Desk, input: CommandParsed<'timeline:explain'>): CommandOutput<'timeline:explain'> {
  const { cache } = desk;
  const { reportId, show, offset, limit } = input;
  if (!cache.report(reportId)) throw failed('not-found', `there is no report ${reportId} on this laptop`);
  const entries = cache.ledger(reportId);
  const named = namer(cache);
  const tracked = lifeKinds
    .flatMap((kind) => cache.tracked(reportId, kind))
    .map((entry): LifeRow => ({ source: 'tracked', at: trackedAt(entry), entry }))
    .toSorted((a, b) => a.at.localeCompare(b.at));
  const ledger = entries.map((entry): LifeRow => ({ source: 'ledger', at: entry.appliedAt, entry: named(entry) }));
  const told = show === 'all' ? merged(ledger, tracked) : show === 'ledger' ? ledger : tracked;
  const end = Math.max(0, told.length - offset);
  return {
    rows: told.slice(Math.max(0, end - limit), end).reverse(),
    ...{ total: told.length, ledger: ledger.length, tracked: tracked.length },
    fault: faultOf(cache, reportId, entries),
  };
}

/** Both in their own order; at the same moment what was tracked comes after what it follows from. */
function merged(ledger: readonly LifeRow[], tracked: readonly LifeRow[]): LifeRow[] {
  const rows: LifeRow[] = [];
  let next = 0;
  for (const row of ledger) {
    for (; next < tracked.length && (tracked[next]?.at ?? '') < row.at; next += 1) rows.push(tracked[next] as LifeRow);
    rows.push(row);
  }
  return [...rows, ...tracked.slice(next)];
}

/** Hashing a long chain takes a while, so it is done once for each state of the cache. */
function faultOf(cache: Cache, reportId: string, entries: readonly LedgerEntry[]): string | null {
  const reports = checked.get(cache) ?? new Map<string, { revision: number; fault: string | null }>();
  checked.set(cache, reports);
  const known = reports.get(reportId);
  if (known && known.revision === cache.revision()) return known.fault;
  const fault = ledgerFault(entries);
  reports.set(reportId, { revision: cache.revision(), fault });
  return fault;
}
