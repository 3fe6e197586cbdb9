// Owns a report's move from one version of its workflow to another, as the store records it. When it is safe is the workflow's to say.
import { isKnownVersion, newestVersion, unknownVersionFailure, whyNotMove } from '../../domain/workflow-version.ts';
import type { WorkflowVersion } from '../../domain/workflow-version.ts';
import { recordByWorkflow } from './flow-ledger.ts';
import { emitReport } from './reports.ts';
import type { Store } from './store.ts';
import { trackNow } from './tracking.ts';
import { write } from './writing.ts';

/**
 * Moves a report to the version that a test manager asked for, and answers with the version that it runs as from now on. Done again it
 * changes nothing.
 * @throws Error as `mustKnow` does.
 */
export function moveReport(store: Store, reportId: string, clock: () => string): Promise<WorkflowVersion> {
  return write(store, clock(), async (writing) => {
    const row = await writing.trx
      .selectFrom('reports')
      .select(['workflow_version as from', 'moves_to as to', 'moves_by as by'])
      .where('report_id', '=', reportId)
      .executeTakeFirstOrThrow();
    const { from, to, by } = row;
    // Asked of a newer worker that was taken back since: as this version the report would be moved by every run to the next.
    if (to !== null) mustKnow(to, 'is to go on');
    if (to === null || whyNotMove(from, to) !== null) return from;
    await writing.trx
      .updateTable('reports')
      .set({ workflow_version: to, moves_to: null, moves_by: null })
      .where('report_id', '=', reportId)
      .execute();
    await trackNow(writing, reportId, { kind: 'migration', from, to, by: by ?? '', at: writing.at });
    await recordByWorkflow(writing, {
      ...{ reportId, entryKey: `workflow/moved/${to}`, kind: 'workflow.moved' },
      summary: `moved from workflow version ${from} to ${to}`,
      detail: { from, to, by },
    });
    await emitReport(writing, reportId);
    return to;
  });
}

/** The same of a report of the store; one that it does not have is judged by whoever asks for it. @throws Error as `mustKnow` does. */
export async function mustKnowReport({ db }: Store, reportId: string): Promise<void> {
  const row = await db
    .selectFrom('reports')
    .select('workflow_version')
    .where('report_id', '=', reportId)
    .executeTakeFirst();
  if (row) mustKnow(row.workflow_version);
}

/** What an older worker answers; it is no failure of the step. Temporal takes the type of a failure from the name of its class. */
class UnknownWorkflowVersion extends Error {
  override readonly name = unknownVersionFailure;
}

/**
 * Whether this program can carry a report on: it began, or was moved, with a version that this program knows.
 * @throws Error that says what to do when it cannot.
 */
export function mustKnow(version: string, how = 'runs'): asserts version is WorkflowVersion {
  if (isKnownVersion(version)) return;
  throw new UnknownWorkflowVersion(
    `this report ${how} as workflow version ${version} and this worker knows up to ${newestVersion}: start the newer worker, this one leaves the report alone`,
  );
}
