// Owns where sample selection stands as a whole: one version over the whole population, or one for each line of business.
// Knows no rule of an operation.
import type { Kysely } from 'kysely';
import type { Report } from '../../domain/change.ts';
import type { PhaseStatus } from '../../domain/flow.ts';
import type { Reason } from '../../domain/operation.ts';
import { whyNotComplete } from '../../domain/completion.ts';
import type { PhaseMove } from './reports.ts';
import type { Schema } from './schema.ts';

type Head = Pick<Schema['versions'], 'version_id' | 'lob' | 'number' | 'status' | 'review_verdict' | 'created_at'>;

/** All versions of samples, oldest first. */
export function readSampleVersions(db: Kysely<Schema>, reportId: string): Promise<Head[]> {
  return db
    .selectFrom('versions')
    .select(['version_id', 'lob', 'number', 'status', 'review_verdict', 'created_at'])
    .where('report_id', '=', reportId)
    .where('phase', '=', 'sample-selection')
    .orderBy('created_at')
    .orderBy('number')
    .execute();
}

/** Why a sample planned per line of business is not complete, or null when each has an approved one or a reason for none. */
export function whyLobsOpen(report: Pick<Report, 'lobs'>, versions: readonly Head[]): Reason | null {
  const current = new Set(versions.filter((row) => row.status === 'approved').map((row) => row.lob));
  const lobs = report.lobs
    .filter((row) => row.status !== 'cancelled')
    .map(({ lob, withoutSamples }) => ({ lob, approved: current.has(lob), withoutSamples }));
  return whyNotComplete({ phase: 'sample-selection', lobs });
}

/** Where the line goes by what its versions say now. */
export async function sampleMove(db: Kysely<Schema>, report: Pick<Report, 'reportId' | 'lobs'>): Promise<PhaseMove> {
  const versions = await readSampleVersions(db, report.reportId);
  const state = stateOf(report, versions);
  const versionId = versions.at(-1)?.version_id ?? null;
  const outcome = state === 'completed' ? ('approved' as const) : null;
  return { phase: 'sample-selection', lob: null, state, versionId, outcome, reason: '' };
}

function stateOf(report: Pick<Report, 'lobs'>, versions: readonly Head[]): PhaseStatus {
  const heads = [...new Map(versions.map((row) => [row.lob, row])).values()];
  const open = heads.filter((row) => row.status === 'pending');
  if (open.some((row) => row.review_verdict === null)) return 'in-review';
  if (open.length > 0) return 'in-revision';
  if (heads.some((row) => row.lob === '' && row.status === 'approved')) return 'completed';
  if (heads.some((row) => row.lob !== '') && whyLobsOpen(report, versions) === null) return 'completed';
  return heads.some((row) => row.status === 'rejected') ? 'rejected' : 'in-work';
}
