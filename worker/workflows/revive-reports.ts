// Owns the way back after the server lost its database: starts the workflows of reports that the store has. Short-lived.
import type { ReviveAnswer } from '../../domain/change.ts';
import { local } from './activity-proxies.ts';
import { startReport } from './tell.ts';

/** @param signedRevive a SignedRevive; anything else fails the workflow with the type `Malformed`. */
export async function reviveReports(signedRevive: unknown): Promise<ReviveAnswer> {
  const answer = await local.reportsToRevive(signedRevive);
  if (answer.kind === 'revived') for (const reportId of answer.reportIds) await startReport(reportId);
  return answer;
}
