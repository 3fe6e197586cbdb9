// Owns the activity that reads an uploaded file into a population and records how that ended.
import { followUpDone, populationOf, recordPopulation } from '../store/follow-up.ts';
import type { ActivityDeps } from './create-activities.ts';
import type { FollowUpOf } from './recorded.ts';

/** Repeating it is harmless: the same file is stored once and the outcome is recorded once per operation. */
export async function importPopulationFile(
  deps: ActivityDeps,
  work: FollowUpOf<'import-population'>,
  running: { signal: AbortSignal; beat(detail: string): void },
): Promise<void> {
  const { store, contents, populations, clock } = deps;
  const { operationId, reportId, fileHash: populationHash } = work;
  const found = await populationOf(store, reportId, populationHash);
  if (!found) return followUpDone(store, operationId, clock);
  const file = await contents.pathOf(populationHash);
  const state = file
    ? await populations.import({
        file,
        fileName: found.population.fileName,
        populationHash,
        keyColumn: found.askedKeyColumn,
        signal: running.signal,
        onProgress: running.beat,
      })
    : { kind: 'failed' as const, message: 'the file was not uploaded: hand it in again' };
  await recordPopulation(store, { operationId, reportId, populationHash, state }, clock);
}
