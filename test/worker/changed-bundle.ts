// Owns bundles of the workflows as somebody could change them without thinking of those that run: the sources with some texts replaced,
// put beside the libraries in a temporary folder and bundled by their own worker/bundle.ts. Only for the replay test.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A text that stands in the file once, and what stands there instead. */
export interface Change {
  file: string;
  from: string;
  to: string;
}

const waitingFirst = (name: string, from: string): Change => ({
  ...{ file: `worker/workflows/${name}`, from, to: `${from}  await sleep('1 minute');\n` },
});

/** All of them wait before they begin. */
export const waitsFirst: readonly Change[] = [
  waitingFirst('report-workflow.ts', 'export async function reportWorkflow(input?: ReportInput): Promise<void> {\n'),
  waitingFirst('lob-workflow.ts', 'export async function lobWorkflow(input?: LobInput): Promise<void> {\n'),
  waitingFirst('cycle-workflow.ts', 'export async function cycleWorkflow(): Promise<void> {\n'),
  {
    file: 'worker/workflows/cycle-workflow.ts',
    from: "import { workflowInfo } from '@temporalio/workflow';",
    to: "import { sleep, workflowInfo } from '@temporalio/workflow';",
  },
];

/** The oldest workflow gets what the next one brought: data owners are identified beside the sample. */
export const otherOrder: readonly Change[] = [
  { file: 'domain/workflow-version.ts', from: "parallelBranch: '1.1.0'", to: "parallelBranch: '1.0.0'" },
];

export interface ChangedBundle {
  codePath: string;
  remove(): void;
}

/** @throws Error when a text does not stand in its file, or more than once: then the change has to be thought of anew. */
export async function bundleChanged(changes: readonly Change[]): Promise<ChangedBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-changed-'));
  for (const name of ['domain', 'worker', 'package.json', 'package-lock.json', 'tsconfig.base.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  for (const change of changes) replaceIn(folder, change);
  const { href } = pathToFileURL(join(folder, 'worker/bundle.ts'));
  const bundler = (await import(/* @vite-ignore */ href)) as typeof import('../../worker/bundle.ts');
  const codePath = join(folder, 'workflows.cjs');
  await bundler.buildWorkflowBundle(codePath);
  return { codePath, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function replaceIn(folder: string, { file, from, to }: Change): void {
  const text = readFileSync(join(folder, file), 'utf8');
  const found = text.split(from).length - 1;
  if (found !== 1) throw new Error(`${file} holds ${found} times what is to be changed: ${from}`);
  writeFileSync(
    join(folder, file),
    text.replace(from, () => to),
  );
}
