// Owns the workflow bundle: building it, and keeping it so that a restarted worker need not build it again.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const root = fileURLToPath(new URL('..', import.meta.url));
const workflowsPath = fileURLToPath(new URL('workflows/index.ts', import.meta.url));
const payloadConverterPath = fileURLToPath(new URL('workflows/payload-converter.ts', import.meta.url));
/** What watches workflows from within; a bundle without it tracks nothing. */
export const workflowInterceptorModules = [
  fileURLToPath(new URL('workflows/tracking-interceptors.ts', import.meta.url)),
];
/** What ends in the bundle: these folders, and the libraries as the lock file has them. */
const sourceFolders = ['domain', 'worker/workflows'];
const otherSources = ['package-lock.json', 'worker/bundle.ts'];

/** Bundles the workflows of this source tree (about a second) into a file. */
export async function buildWorkflowBundle(outFile: string): Promise<void> {
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({
    ...{ workflowsPath, payloadConverterPath, workflowInterceptorModules, logger },
  });
  mkdirSync(dirname(outFile), { recursive: true });
  // Two workers may do this at once: each file is whole or not there.
  const unfinished = `${outFile}.${process.pid}.unfinished`;
  writeFileSync(unfinished, code);
  renameSync(unfinished, outFile);
}

/** The bundle's file for the sources as they are, built when there is none yet. */
export async function keptWorkflowBundle(cacheDir = join(root, 'node_modules/.cache/countersign')): Promise<string> {
  const file = join(cacheDir, `workflows-${fingerprint()}.cjs`);
  if (!existsSync(file)) await buildWorkflowBundle(file);
  return file;
}

/** 32 hex digits that change with any source of the bundle. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const folders = sourceFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  for (const file of [...folders.sort(), ...otherSources.filter((name) => existsSync(join(root, name)))]) {
    hash.update(`${file}\n`).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex').slice(0, 32);
}
