// How histories are recorded: by `npm run histories` only, on a real server as *.server.test.ts have it, several scenarios at once.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  root,
  cacheDir: 'node_modules/.cache/vitest-histories',
  test: {
    include: ['test/histories/record.ts'],
    globalSetup: 'test/server/global-setup.ts',
    reporters: ['verbose'],
    // More at once only wait for one another: tasks of workflows time out after two seconds.
    maxConcurrency: 4,
    testTimeout: 240_000,
    hookTimeout: 120_000,
  },
});
