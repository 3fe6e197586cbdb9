// Owns which workflows are told to look when an operation changed the flow: the report's, and those of the lanes it is about.
import type { Report } from '../../../domain/change.ts';
import type { FollowUp } from './rule.ts';

/** @param lobs the lines of business that the change is about; those that have not begun, or are over, have no workflow to tell. */
export function wakes(report: Pick<Report, 'reportId' | 'lobs'>, lobs: readonly (string | null)[]): FollowUp[] {
  const { reportId } = report;
  const living = report.lobs.filter((row) => row.status === 'running' || row.status === 'paused');
  const told = living.flatMap((row) => (lobs.includes(row.lob) ? [row.lob] : []));
  return [null, ...told].map((lob) => ({ kind: 'wake', reportId, lob }));
}
