// Owns changes of a version's status and telling the feed about them. Which change is due is the caller's rule.
import { reportFeed } from '../../domain/change.ts';
import type { PhaseState, Report } from '../../domain/change.ts';
import { canBecome } from '../../domain/version.ts';
import type { Schema } from './schema.ts';
import { readVersion } from './version-rows.ts';
import type { Writing } from './writing.ts';

/** Tells the report's feed how a version stands now. */
export async function emitVersion(writing: Writing, versionId: string): Promise<void> {
  const version = await readVersion(writing.trx, versionId);
  if (version) writing.emit(reportFeed(version.reportId), { kind: 'version', version });
}

/** Marks the earlier versions of the same line as superseded: all of them, or only those of the given statuses. */
export async function supersedeBefore(
  writing: Writing,
  row: Pick<Schema['versions'], 'cycle_id' | 'report_id' | 'phase' | 'lob' | 'number'>,
  statuses: readonly Schema['versions']['status'][] = ['draft', 'pending', 'approved', 'rejected'],
): Promise<void> {
  const superseded = await writing.trx
    .updateTable('versions')
    .set({ status: 'superseded' })
    .where('cycle_id', '=', row.cycle_id)
    .where('report_id', '=', row.report_id)
    .where('phase', '=', row.phase)
    .where('lob', '=', row.lob)
    .where('number', '<', row.number)
    .where(
      'status',
      'in',
      statuses.filter((status) => canBecome(status, 'superseded')),
    )
    .returning('version_id')
    .execute();
  for (const earlier of superseded) await emitVersion(writing, earlier.version_id);
}

/** Closes the versions of a line that nobody decided, because the line is left out: nothing lands on them any more. */
export async function closeVersions(
  writing: Writing,
  report: Pick<Report, 'reportId'>,
  line: Pick<PhaseState, 'phase' | 'lob'>,
): Promise<void> {
  const open = await writing.trx
    .updateTable('versions')
    .set({ status: 'superseded' })
    .where('report_id', '=', report.reportId)
    .where('phase', '=', line.phase)
    // Samples of one LOB are versions of a phase of the whole report.
    .$if(line.lob !== null, (query) => query.where('lob', '=', line.lob ?? ''))
    .where('status', 'in', ['draft', 'pending'])
    .returning('version_id')
    .execute();
  for (const row of open) await emitVersion(writing, row.version_id);
}

/** Voids the signatures of a version: it was edited, or a newer one took its place. */
export async function voidSignOffs(writing: Writing, row: Pick<Schema['versions'], 'version_id'>): Promise<void> {
  await writing.trx
    .updateTable('sign_offs')
    .set({ voided_at: writing.at })
    .where('version_id', '=', row.version_id)
    .where('voided_at', 'is', null)
    .execute();
}
