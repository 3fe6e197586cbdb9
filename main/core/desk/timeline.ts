// Owns the ledger of a report as the timeline shows it, with the check of its chain. Reads the cache only.
import { ledgerFault } from '../../../domain/ledger.ts';
import type { LedgerEntry } from '../../../domain/ledger.ts';
import type { CommandOutput, CommandParsed } from '../../../preload/contract.ts';
import type { Cache } from '../cache/cache.ts';
import type { Desk } from './desk.ts';
import { failed } from '../failure.ts';

const checked = new WeakMap<Cache, Map<string, { revision: number; fault: string | null }>>();

/** The ledger of a report, newest first. `fault` names the first thing wrong with its chain. */
export function timeline(desk: Desk, input: CommandParsed<'timeline:list'>): CommandOutput<'timeline:list'> {
  const { cache } = desk;
  if (!cache.report(input.reportId)) throw failed('not-found', `there is no report ${input.reportId} on this laptop`);
  const entries = cache.ledger(input.reportId);
  const names = new Map(cache.people().map(({ personId, name }) => [personId, name]));
  const end = Math.max(0, entries.length - input.offset);
  const rows = entries
    .slice(Math.max(0, end - input.limit), end)
    .reverse()
    .map((entry) => ({ ...entry, actorName: names.get(entry.actorId) ?? entry.actorId }));
  return { rows, total: entries.length, fault: faultOf(cache, input.reportId, entries) };
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
