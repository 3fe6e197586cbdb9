// Recorded histories replay on today's workflows, and would not on changed ones. No server is needed.
// They are recorded by `RECORD_HISTORIES=1 npx vitest run --config test/vitest.config.ts test/worker/report-life.server.test.ts
// test/worker/cycle.server.test.ts`.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, describe, expect, test } from 'vitest';
import { keptWorkflowBundle, workflowInterceptorModules } from '../../worker/bundle.ts';
import { dataConverter } from '../../worker/data-converter.ts';

const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const changed = mkdtempSync(join(tmpdir(), 'countersign-replay-'));
afterAll(() => rmSync(changed, { recursive: true, force: true }));

Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

const recorded = readdirSync(folder)
  .filter((name) => name.endsWith('.json.gz'))
  .map((name) => {
    const text = gunzipSync(readFileSync(join(folder, name))).toString();
    return { name, ...(JSON.parse(text) as { workflowId: string; history: unknown }) };
  });

describe.each(recorded)('$name', ({ workflowId, history }) => {
  const replay = (codePath: string) =>
    Worker.runReplayHistory({ workflowBundle: { codePath }, dataConverter }, historyFromJSON(history), workflowId);

  test('replays on today’s workflows', async () => {
    await expect(replay(await keptWorkflowBundle())).resolves.toBeUndefined();
  });

  test('does not replay on a workflow that does something else', async () => {
    const logger = new DefaultLogger('ERROR');
    const workflowsPath = fileURLToPath(new URL('changed-workflows.ts', import.meta.url));
    const { code } = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger });
    const file = join(changed, 'changed.cjs');
    writeFileSync(file, code);
    await expect(replay(file)).rejects.toMatchObject({ name: 'DeterminismViolationError' });
  });
});

test('there are recorded histories', () => {
  expect(recorded.length).toBeGreaterThan(0);
});
