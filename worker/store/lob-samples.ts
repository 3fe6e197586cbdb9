// Owns how many approved samples each line of business has. Knows no rule and no population.
import type { Kysely } from 'kysely';
import type { LobState, Report } from '../../domain/change.ts';
import { lobOf } from '../../domain/in-scope.ts';
import type { Schema } from './schema.ts';
import { currentVersions, readVersionItems } from './version-rows.ts';

/** The column of the population that says which line of business a row is of; null when the report is not divided. */
export function lobColumnOf({ lobSource }: Pick<Report, 'lobSource'>): string | null {
  return lobSource === null || lobSource.kind === 'none' ? null : lobSource.column;
}

/** The approved samples of each line of business that has any, by its name. */
export async function countSamples(db: Kysely<Schema>, report: Report): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const names = report.lobs.map((row) => row.lob);
  const lobColumn = lobColumnOf(report);
  for (const version of await currentVersions(db, report.reportId, 'sample-selection')) {
    for (const { body, verdict } of await readVersionItems(db, version.versionId)) {
      if (verdict !== 'approved') continue;
      const lob = version.lob ?? lobOf(body, lobColumn, names);
      counts.set(lob, (counts.get(lob) ?? 0) + 1);
    }
  }
  return counts;
}

/** The lines of business with their samples when sample selection is settled: whoever has none by then has 0. */
export async function withSamples(db: Kysely<Schema>, report: Report): Promise<LobState[]> {
  const counts = await countSamples(db, report);
  return report.lobs.map((row) => ({ ...row, samples: counts.get(row.lob) ?? 0 }));
}
