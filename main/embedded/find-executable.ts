// Owns finding a program by its name the way a shell does. Starts nothing.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The full path of `name` on the PATH of `env`, `null` when it is on none of its folders. */
export function findExecutable(name: string, env: NodeJS.ProcessEnv): string | null {
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(Boolean);
  const names = process.platform === 'win32' ? windowsNames(name, env) : [name];
  return folders.flatMap((folder) => names.map((each) => join(folder, each))).find(isExecutable) ?? null;
}

/** Whether this is a file that can be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // Missing and forbidden mean the same here: it cannot be run.
    return false;
  }
}

function windowsNames(name: string, env: NodeJS.ProcessEnv): string[] {
  return (env['PATHEXT'] ?? '.EXE').split(';').map((extension) => name + extension.toLowerCase());
}
