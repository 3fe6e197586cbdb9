// How tests run: which file belongs to which project, how many at once, how long each may take.
// Without a server: `unit`. With the real Temporal server: `server` (*.server.test.ts) and `e2e` (a real browser too).
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLineReporter } from './closing-line.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  // better-sqlite3 would end the process with a segmentation fault on Node 20.
  throw new Error(
    `This needs Node 22.18 or later and got ${process.versions.node}: use npm test or npx vitest, which take the pinned one.`,
  );
}

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig({
  root,
  cacheDir: 'node_modules/.cache/vitest',
  test: {
    reporters: ['default', closingLineReporter()],
    // Two cores are what a small machine has; the server and browsers need their share.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/**/*.server.test.ts', 'test/e2e/**'],
          // Far above what they take alone: nothing here is a measurement, and a busy machine is no failure.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/**/*.server.test.ts'],
          exclude: ['test/e2e/**'],
          globalSetup: 'test/server/global-setup.ts',
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/global-setup.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
