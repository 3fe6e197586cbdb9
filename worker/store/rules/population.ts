// Owns what `population.import` does at once: the population is announced. Reading the file is a follow-up.
// What it rests on is settled with the sample: afterwards no other file may take its place.
import { whyNot } from '../../../domain/authority.ts';
import type { Report } from '../../../domain/change.ts';
import type { Population } from '../../../domain/population.ts';
import { whyNotGoing } from '../../../domain/turn.ts';
import { emitPopulation, readPopulation } from '../sample-rows.ts';
import { currentVersions } from '../version-rows.ts';
import { applied, refuse } from './rule.ts';
import type { BodyOfKind, Case, Ruling } from './rule.ts';

export async function importPopulation(
  subject: Case,
  body: BodyOfKind<'population.import'>,
  report: Report,
): Promise<Ruling> {
  const { writing, actor, operationId } = subject;
  const { reportId, fileHash, fileName, fileSize, keyColumn } = body;
  const reason = whyNot({ kind: 'import-population' }, actor, report.assignments) ?? whyNotGoing(report);
  if (reason) return refuse(reason);
  if ((await currentVersions(writing.trx, reportId, 'sample-selection')).length > 0) {
    const message = 'a sample of this report is approved: the population it was drawn from stays';
    return refuse({ code: 'out-of-turn', message });
  }
  // Plans may rest on the profile of a file that is imported again: it stands until the new one is there.
  const before = await readPopulation(writing.trx, reportId, fileHash);
  const state: Population['state'] =
    before?.population.state.kind === 'ready' ? before.population.state : { kind: 'importing' };
  const values = {
    file_name: fileName,
    file_size: fileSize,
    key_column: keyColumn,
    imported_by: actor.personId,
    imported_at: writing.at,
    operation_id: operationId,
    state_text: JSON.stringify(state),
  };
  await writing.trx
    .insertInto('populations')
    .values({ report_id: reportId, population_hash: fileHash, ...values })
    .onConflict((c) => c.columns(['report_id', 'population_hash']).doUpdateSet(values))
    .execute();
  await emitPopulation(writing, reportId, fileHash);
  return applied({
    summary: `handed in the population ${fileName}`,
    detail: { fileHash, fileSize, fileName, keyColumn },
    followUps: [{ kind: 'import-population', operationId, reportId, fileHash }],
  });
}
