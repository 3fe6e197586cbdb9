// Owns the activity that finds a report's lines of business: those of a column of its population, those of a list, or one for all rows.
import type { Report } from '../../domain/change.ts';
import { wholeReportLob } from '../../domain/flow.ts';
import { isLobName, lobLimit } from '../../domain/operation.ts';
import { nameLobs } from '../store/phase-line.ts';
import type { NamedLobs } from '../store/phase-line.ts';
import { readReport } from '../store/reports.ts';
import { readReadyPopulation } from '../store/scope.ts';
import type { ReadyPopulation } from '../store/scope.ts';
import type { PopulationStore } from '../population/population-store.ts';
import type { ActivityDeps } from './create-activities.ts';
import { whyHopeless } from './recorded.ts';

/** Records the lines of business, or what keeps them from being named until a person chooses another source. */
export async function nameLobsOf(deps: ActivityDeps, reportId: string): Promise<void> {
  const { store, populations, clock } = deps;
  const report = await readReport(store.db, reportId);
  const population = report && (await readReadyPopulation(store.db, reportId));
  if (!report || !population) throw new Error(`the report ${reportId} has no population that could be read`);
  await nameLobs(store, reportId, await findLobs(populations, report.lobSource, population), clock);
}

/** Exported for its tests: the lines of business as the source and the population give them. */
export async function findLobs(
  populations: Pick<PopulationStore, 'strata'>,
  source: Report['lobSource'],
  {
    populationHash,
    keyColumn,
    rowCount,
    columns,
  }: Pick<ReadyPopulation, 'populationHash' | 'keyColumn' | 'rowCount' | 'columns'>,
): Promise<NamedLobs> {
  if (rowCount === 0) return { problem: 'the population has no rows: import one that has' };
  if (source === null || source.kind === 'none') return { lobs: [{ lob: wholeReportLob, rows: rowCount }] };
  const { column } = source;
  if (!columns.some(({ name }) => name === column)) {
    const names = columns.map(({ name }) => name).join(', ');
    return { problem: `the population has no column "${column}" for the lines of business: choose one of ${names}` };
  }
  try {
    const strata = await populations.strata(populationHash, keyColumn ?? column, column);
    const found = strata.map(({ name, count }) => ({ lob: name ?? wholeReportLob, rows: count }));
    return source.kind === 'column' ? checked(column, found) : listed(source.names, found);
  } catch (error) {
    const message = whyHopeless(error);
    if (message === null) throw error;
    return { problem: message };
  }
}

function checked(column: string, lobs: { lob: string; rows: number }[]): NamedLobs {
  if (lobs.length > lobLimit) {
    const count = lobs.length.toLocaleString('en');
    return {
      problem: `the column "${column}" has ${count} values and a report has at most ${lobLimit} lines of business: choose another column, or name those that count`,
    };
  }
  const unfit = lobs.find(({ lob }) => !isLobName(lob));
  if (!unfit) return { lobs };
  return {
    problem: `the column "${column}" has values that are too long for a name, like "${unfit.lob.slice(0, 40)}…": choose another column`,
  };
}

/** Only the named ones, in the order of the list; one without rows stays, and will have no samples. */
function listed(names: readonly string[], found: readonly { lob: string; rows: number }[]): NamedLobs {
  const rows = new Map(found.map((entry) => [entry.lob, entry.rows]));
  return { lobs: [...new Set(names)].map((lob) => ({ lob, rows: rows.get(lob) ?? 0 })) };
}
