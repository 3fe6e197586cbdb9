// Owns an older build of the worker: today's sources with what came with workflow version 2.0.0 taken out, in a folder of its own. What is
// taken out is named, and has to be found: a test of an older worker that is today's one would show nothing.
import { changedSources } from './changed-sources.ts';
import type { Change, ChangedSources } from './changed-sources.ts';

const takenOut: readonly Change[] = [
  {
    what: 'version 2.0.0 is known',
    file: 'domain/workflow-version.ts',
    from: `workflowVersions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'] as const`,
    to: `workflowVersions = ['1.0.0', '1.1.0', '1.2.0'] as const`,
  },
  {
    what: 'reports begin as 2.0.0',
    file: 'domain/workflow-version.ts',
    from: `newestVersion: WorkflowVersion = '2.0.0'`,
    to: `newestVersion: WorkflowVersion = '1.2.0'`,
  },
  {
    what: 'a step that fails for good is compensated',
    file: 'worker/workflows/perform.ts',
    from: '.run(() => performOrCompensate(performer, work))',
    to: `.run(async () => ({ kind: 'done' as const, note: await perform(performer, work.job) }))`,
  },
  {
    what: 'a manager can have a report moved',
    file: 'domain/operation.ts',
    from: `z.strictObject({ kind: z.literal('workflow.move'), reportId: idSchema, to: workflowVersionSchema }),`,
    to: '',
  },
];

/** @throws Error that names what is not there any more. */
export const makeOlderBuild = (): ChangedSources => changedSources(takenOut);
