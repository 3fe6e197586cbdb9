// Owns where the programs of the worker lie for Electron's core process, whose own place says nothing about them: it is a bundle. Pure.
import { join } from 'node:path';
import type { Programs } from './host-core.ts';

/** In a packaged application: everything lies in its resources folder. */
export function packagedPrograms(resourcesPath: string, platform: NodeJS.Platform = process.platform): Programs {
  const worker = join(resourcesPath, 'worker');
  return {
    nodePath: join(resourcesPath, platform === 'win32' ? 'node.exe' : 'node'),
    ...workerSources(worker),
    workflowBundleFile: join(worker, 'workflows.cjs'),
  };
}

/** Where the sources are run as they are: with the Node of the `node` package. */
export function sourcePrograms(projectRoot: string, platform: NodeJS.Platform = process.platform): Programs {
  const nodePath = join(projectRoot, 'node_modules', 'node', 'bin', platform === 'win32' ? 'node.exe' : 'node');
  return { nodePath, ...workerSources(projectRoot) };
}

function workerSources(root: string): Required<Pick<Programs, 'workerProgram' | 'fetchProgram'>> {
  return { workerProgram: join(root, 'worker', 'main.ts'), fetchProgram: join(root, 'worker', 'fetch-temporal.ts') };
}
