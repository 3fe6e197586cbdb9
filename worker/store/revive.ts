// Owns who may have a report's workflow started again after the server lost it, and for which reports. Writes nothing.
import type { ReviveAnswer, SignedRevive } from '../../domain/change.ts';
import { unfinishedReports } from './report-state.ts';
import { readableReports } from './reports.ts';
import { authenticate } from './signature.ts';
import type { Store } from './store.ts';

/** The reports whose workflows are to be started, or why not. Asking again is harmless: a workflow that runs is left alone. */
export async function reportsToRevive(
  store: Store,
  { request, signature }: SignedRevive,
  clock: () => string = () => new Date().toISOString(),
): Promise<ReviveAnswer> {
  const { db } = store;
  const sender = await authenticate(db, 'revive', request, signature);
  if (!sender.ok) {
    const code = sender.code === 'device-waiting' ? 'device-waiting' : 'bad-signature';
    return { kind: 'refused', code, message: sender.message };
  }
  const { person } = sender;
  const { reportId } = request;
  const readable = await readableReports(db, person);
  if (reportId === null) return { kind: 'revived', reportIds: await unfinishedReports(db, readable, clock()) };
  const row = await db.selectFrom('reports').select('ended_at').where('report_id', '=', reportId).executeTakeFirst();
  if (!row) return { kind: 'refused', code: 'not-found', message: `the store has no report ${reportId}` };
  if (!readable.includes(reportId)) {
    return { kind: 'refused', code: 'not-assigned', message: `${person.name} is not assigned to this report` };
  }
  if (row.ended_at !== null) return { kind: 'refused', code: 'over', message: 'the work on this report is over' };
  return { kind: 'revived', reportIds: [reportId] };
}
