// Owns where a real Node is, for the programs that Electron's own runtime cannot run. Knows no program.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The path of a real Node: this process's own, unless it is Electron; then the one in the packaged application's resources, else the one
 * of the `node` package. Throws when an Electron application was packaged without one.
 */
export function realNodePath(resourcesPath = (process as { resourcesPath?: string }).resourcesPath): string {
  if (process.versions['electron'] === undefined) return process.execPath;
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const packaged = resourcesPath === undefined ? null : join(resourcesPath, name);
  if (packaged && existsSync(packaged)) return packaged;
  const inPackage = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', name);
  if (existsSync(inPackage)) return inPackage;
  throw new Error(`no real Node: neither ${packaged ?? 'in the resources'} nor ${inPackage}`);
}
