// Owns the question whether something built is older than what it was built from. Knows no build tool.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What the page is built from. */
export const pageSources: readonly string[] = ['renderer', 'domain', 'preload', 'package-lock.json'];
/** What Electron's main process, its core process and the preload are built from. */
export const electronSources: readonly string[] = ['main', 'domain', 'preload', 'package-lock.json'];

/** Whether `built` is missing or older than a source (paths from `root`; folders with all that is in them). */
export function isOutdated(built: string, sources: readonly string[], root: string = projectRoot): boolean {
  if (!existsSync(built)) return true;
  const builtAtMs = statSync(built).mtimeMs;
  return sources.some((source) => newestMs(join(root, source)) > builtAtMs);
}

function newestMs(path: string): number {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  // The folder's own time tells of files that were removed or renamed.
  const within = readdirSync(path).map((name) => newestMs(join(path, name)));
  return Math.max(stats.mtimeMs, ...within);
}
