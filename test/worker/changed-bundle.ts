// Owns bundles of the workflows as somebody could change them without thinking of those that run: changed sources, bundled by their own
// worker/bundle.ts. Only for the replay test.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { changedSources } from './changed-sources.ts';
import type { Change } from './changed-sources.ts';

const waitingFirst = (name: string, from: string): Change => ({
  what: `${name} begins at once`,
  ...{ file: `worker/workflows/${name}`, from, to: `${from}  await sleep('1 minute');\n` },
});

/** All of them wait before they begin. */
export const waitsFirst: readonly Change[] = [
  waitingFirst('report-workflow.ts', 'export async function reportWorkflow(input?: ReportInput): Promise<void> {\n'),
  waitingFirst('lob-workflow.ts', 'export async function lobWorkflow(input?: LobInput): Promise<void> {\n'),
  waitingFirst('cycle-workflow.ts', 'export async function cycleWorkflow(): Promise<void> {\n'),
  {
    what: 'cycles do not sleep',
    file: 'worker/workflows/cycle-workflow.ts',
    from: "import { workflowInfo } from '@temporalio/workflow';",
    to: "import { sleep, workflowInfo } from '@temporalio/workflow';",
  },
];

/** The oldest workflow gets what the next one brought: data owners are identified beside the sample. */
export const otherOrder: readonly Change[] = [
  {
    what: 'the branch is of 1.1.0',
    file: 'domain/workflow-version.ts',
    from: "parallelBranch: '1.1.0'",
    to: "parallelBranch: '1.0.0'",
  },
];

export interface ChangedBundle {
  codePath: string;
  remove(): void;
}

/** @throws Error when the sources are not such as can be changed so. */
export async function bundleChanged(changes: readonly Change[]): Promise<ChangedBundle> {
  const { folder, remove } = changedSources(changes);
  const { href } = pathToFileURL(join(folder, 'worker/bundle.ts'));
  const bundler = (await import(/* @vite-ignore */ href)) as typeof import('../../worker/bundle.ts');
  const codePath = join(folder, 'workflows.cjs');
  await bundler.buildWorkflowBundle(codePath);
  return { codePath, remove };
}
