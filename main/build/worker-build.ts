// Owns what a packaged worker consists of: its sources as they are, a prebuilt workflow bundle, and the packages it needs at run time.
// Runs on a real Node outside the archive, because the Temporal SDK supports no other runtime.
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectRoot } from './sources.ts';

/** Folders of sources that the worker runs as they are. */
const sourceFolders: readonly string[] = ['worker', 'domain'];

/** Packages that the worker's sources import; test/main/package.test.ts compares this with them. */
export const workerPackages: readonly string[] = [
  '@duckdb/node-api',
  '@noble/hashes',
  '@temporalio/activity',
  '@temporalio/common',
  '@temporalio/envconfig',
  '@temporalio/testing',
  '@temporalio/worker',
  'better-sqlite3',
  'env-paths',
  'kysely',
  'nodemailer',
  'protobufjs',
  'zod',
];

/** Makes the worker's folder: `package.json`, `worker/`, `domain/`, `workflows.cjs`, `node_modules/`. */
export async function buildWorker(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const name of sourceFolders) cpSync(join(projectRoot, name), join(folder, name), { recursive: true });
  // Makes Node take the sources as modules.
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify({ private: true, type: 'module' })}\n`);
  await bundleWorkflows(join(folder, 'workflows.cjs'));
  for (const path of packageClosure(workerPackages)) copyPackage(path, join(folder, path));
}

/** In a process of its own: main and worker never import each other. */
async function bundleWorkflows(outFile: string): Promise<void> {
  const program = `const { buildWorkflowBundle } = await import(process.argv[1]); await buildWorkflowBundle(process.argv[2]);`;
  const args = ['--input-type=module', '-e', program, join(projectRoot, 'worker', 'bundle.ts'), outFile];
  await promisify(execFile)(process.execPath, args, { cwd: projectRoot });
}

interface Manifest {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

/**
 * Folders (relative to `root`, such as `node_modules/kysely`) of these packages and of all they need, found the way Node finds them.
 * Optional ones that this platform does not have are left out. @throws Error when a needed one is not installed.
 */
export function packageClosure(names: readonly string[], root: string = projectRoot): string[] {
  const found = new Set<string>();
  const visit = (name: string, from: string, isOptional: boolean): void => {
    const path = locate(name, from, root);
    if (path === null) {
      if (isOptional) return;
      throw new Error(`${name}, needed in ${from || root}, is not installed: run npm ci`);
    }
    if (found.has(path)) return;
    found.add(path);
    const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Manifest;
    for (const each of Object.keys(manifest.optionalDependencies ?? {})) visit(each, path, true);
    for (const each of Object.keys(manifest.dependencies ?? {})) {
      visit(each, path, manifest.optionalDependencies?.[each] !== undefined);
    }
  };
  for (const name of names) visit(name, '', false);
  return [...found].sort();
}

function locate(name: string, from: string, root: string): string | null {
  for (let folder = from; ; folder = dirname(folder) === '.' ? '' : dirname(folder)) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (existsSync(join(root, path, 'package.json'))) return path;
    if (folder === '') return null;
  }
}

/** Without what is nested in it: the closure names each nested package that is needed. */
function copyPackage(from: string, to: string): void {
  const source = join(projectRoot, from);
  const nested = join(source, 'node_modules');
  cpSync(source, to, { recursive: true, dereference: true, filter: (path) => path !== nested });
}
