// The floors hold in the tree, and each rule of the checker is seen to fail on a made-up module.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { breachesOf, floors, specifiersOf } from './floors.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const toolFiles = new Set(['renderer/vite.config.ts']);

function modulesOf(folder: string): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((file) => /\.[cm]?tsx?$/.test(file) && !toolFiles.has(file));
}

describe('the tree', () => {
  test.each(floors)('%s keeps its floor', (floor) => {
    const modules = modulesOf(floor);
    expect(modules.length, `no module was seen in ${floor}/, so nothing was checked`).toBeGreaterThan(0);
    expect(modules.flatMap((file) => breachesOf(file, readFileSync(root + file, 'utf8')))).toEqual([]);
  });

  test('imports were seen in every folder, so the reading of statements works', () => {
    for (const floor of floors) {
      const seen = modulesOf(floor).flatMap((file) => specifiersOf(readFileSync(root + file, 'utf8')));
      expect(seen.length, floor).toBeGreaterThan(0);
    }
  });
});

describe('import statements', () => {
  test.each([
    ["import { z } from 'zod';", ['zod']],
    ['import { z } from "zod";', ['zod']],
    ["import 'side-effect';", ['side-effect']],
    ["import type { A } from './a.ts';", ['./a.ts']],
    ["import a, {\n  type B,\n  c,\n} from './b.ts';", ['./b.ts']],
    ["import * as all from 'x';\nimport y from 'y'", ['x', 'y']],
    ["import 'a';\nimport { b } from 'b';", ['a', 'b']],
    ["export * from './c.ts';\nexport { d } from './d.ts';", ['./c.ts', './d.ts']],
    ["export const x = 1;\nimport { late } from 'late';", ['late']],
    ["const m = await import('./m.ts');", ['./m.ts']],
    ["type T = import('electron').App;", ['electron']],
    ["const r = require('better-sqlite3');", ['better-sqlite3']],
    ["// import { z } from 'zod';\n * import x from 'y'", []],
    ["export const label = 'import';\nexport const from = 'b';", []],
    ['const glob = "src/**/*.ts";\nimport { b } from "b"; // */', ['b']],
  ])('%j is read as %j', (source, specifiers) => {
    expect(specifiersOf(source)).toEqual(specifiers);
  });
});

describe('each rule', () => {
  test.each([
    ['domain/a.ts', "import { readFileSync } from 'node:fs';"],
    ['domain/a.ts', "import { Kysely } from 'kysely';"],
    ['domain/a.ts', "import type { Command } from '../preload/contract.ts';"],
    ['domain/a.ts', "import { x } from '../main/core/cache/cache.ts';"],
    ['domain/a.ts', "import info from '../package.json';"],
    ['domain/a.ts', 'export const now = () => Date.now();'],
    ['domain/a.ts', 'export const now = new Date();'],
    ['domain/a.ts', 'export const now = new Date;'],
    ['domain/a.ts', 'export const id = `${Math.random()}`;'],
    ['domain/a.ts', "export const home = process.env['HOME'];"],
    ['domain/a.ts', 'export const id = crypto.randomUUID();'],
    ['preload/contract.ts', "import { ipcRenderer } from 'electron';"],
    ['preload/contract.ts', "import { bridge } from './bridge.ts';"],
    ['preload/contract.ts', "import { Kysely } from 'kysely';"],
    ['preload/bridge.ts', "import { cache } from '../main/core/cache/cache.ts';"],
    ['main/core/a.ts', "import { bridge } from '../../preload/bridge.ts';"],
    ['main/core/a.ts', "import { store } from '../../worker/store/store.ts';"],
    ['main/core/a.ts', "import { App } from '../../renderer/app.tsx';"],
    ['main/core/a.ts', "import { builder } from '../../test/builders.ts';"],
    ['main/core/a.ts', "import { app } from 'electron';"],
    ['main/browser.ts', "import type { App } from 'electron/main';"],
    ['main/browser.ts', "import Database from 'better-sqlite3';"],
    ['main/core/sync/sync.ts', "import { Client } from '@temporalio/client';"],
    ['main/core/sync/gateway.ts', "import { Worker } from '@temporalio/worker';"],
    ['main/core/a.ts', "import { DuckDBInstance } from '@duckdb/node-api';"],
    ['renderer/a.tsx', "import { cache } from '../main/core/cache/cache.ts';"],
    ['renderer/a.tsx', "import { store } from '../worker/store/store.ts';"],
    ['renderer/a.tsx', "import { bridge } from '../preload/bridge.ts';"],
    ['renderer/a.tsx', "import { readFile } from 'node:fs/promises';"],
    ['renderer/a.tsx', "import { ipcRenderer } from 'electron';"],
    ['worker/a.ts', "import type { Command } from '../preload/contract.ts';"],
    ['worker/a.ts', "const cache = await import('../main/core/cache/cache.ts');"],
    ['worker/a.ts', "import { Client } from '@temporalio/client';"],
    ['worker/a.ts', "import { proxyActivities } from '@temporalio/workflow';"],
    ['worker/store/a.ts', "import { DuckDBInstance } from '@duckdb/node-api';"],
    ['worker/population/a.ts', "import Database from 'better-sqlite3';"],
    ['worker/a.ts', "export * from '../../elsewhere/a.ts';"],
  ])('in %s refuses %s', (file, source) => {
    expect(breachesOf(file, source)).not.toEqual([]);
  });

  test.each([
    [
      'domain/a.ts',
      "import * as z from 'zod';\nimport { sha256 } from '@noble/hashes/sha2.js';\nimport { b } from './b.ts';",
    ],
    ['domain/a.ts', "// Never Date.now() here.\nexport const why = 'process.env is not read';\n/* Math.random */"],
    ['domain/a.ts', 'export const day = (iso: string) => new Date(iso);'],
    ['preload/contract.ts', "import * as z from 'zod';\nimport { b } from '../domain/b.ts';"],
    ['preload/bridge.ts', "import { ipcRenderer } from 'electron';\nimport { commands } from './contract.ts';"],
    [
      'main/core/outbox/outbox.ts',
      "import Database from 'better-sqlite3';\nimport { commands } from '../../preload/contract.ts';",
    ],
    ['main/electron-menu.ts', "import { Menu } from 'electron';"],
    ['main/core/sync/gateway.ts', "import { Client } from '@temporalio/client';"],
    ['main/cli.ts', "import info from '../package.json' with { type: 'json' };"],
    [
      'renderer/a.tsx',
      "import { Button } from '@mui/material';\nimport type { Command } from '../preload/contract.ts';",
    ],
    ['worker/workflows/report.ts', "import { proxyActivities } from '@temporalio/workflow';"],
    ['worker/population/read.ts', "import { DuckDBInstance } from '@duckdb/node-api';"],
    ['worker/main.ts', "import { Worker } from '@temporalio/worker';\nimport { a } from '../domain/a.ts';"],
  ])('in %s allows %j', (file, source) => {
    expect(breachesOf(file, source)).toEqual([]);
  });
});
