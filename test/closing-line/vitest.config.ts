// Runs the sample of outcomes with the reporter under test alone.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { closingLineReporter } from '../closing-line.ts';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  cacheDir: fileURLToPath(new URL('../../node_modules/.cache/vitest-sample', import.meta.url)),
  test: { include: ['outcomes.sample.ts'], reporters: [closingLineReporter()] },
});
