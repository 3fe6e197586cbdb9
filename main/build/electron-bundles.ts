// Owns how Electron's programs are bundled: main process and core process as ES modules, the preload as one CommonJS file.
// What cannot be bundled (native modules, electron itself) stays an import. Builds nothing by itself.
import { join } from 'node:path';
import type { InlineConfig } from 'vite';
import { projectRoot } from './sources.ts';

/** Packages that the core process takes from node_modules at run time. electron-builder.yml ships these and what they need. */
export const unbundled: readonly string[] = ['better-sqlite3'];

/** The builds that make `dist/main/*.js` and `dist/preload/preload.cjs`. */
export function electronBundles(dist: string): InlineConfig[] {
  return [
    bundle({ electron: 'main/electron.ts', 'core-process': 'main/core-process.ts' }, join(dist, 'main'), 'es', '.js'),
    bundle({ preload: 'preload/preload.ts' }, join(dist, 'preload'), 'cjs', '.cjs'),
  ];
}

function bundle(input: Record<string, string>, outDir: string, format: 'es' | 'cjs', ending: string): InlineConfig {
  return {
    configFile: false,
    root: projectRoot,
    logLevel: 'error',
    ssr: { noExternal: true, external: [...unbundled, 'electron'] },
    build: {
      ssr: true,
      target: 'node24',
      outDir,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: {
        input,
        output: { format, entryFileNames: `[name]${ending}`, chunkFileNames: `chunks/[name]-[hash]${ending}` },
      },
    },
  };
}
