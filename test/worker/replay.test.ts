// Recorded histories replay on today's workflows, and would not on changed ones. No server is needed.
// They are recorded by `npm run histories` (test/histories/).
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newestVersion, workflowVersions } from '../../domain/workflow-version.ts';
import { keptWorkflowBundle } from '../../worker/bundle.ts';
import { dataConverter } from '../../worker/data-converter.ts';
import { readHistories, scenarioOf, sequenceOf, summaryLines } from '../histories/history-files.ts';
import type { HistoryFile } from '../histories/history-files.ts';
import { namesOfScenarios } from '../histories/scenarios.ts';
import { versionsIn } from '../histories/versions-in.ts';
import { bundleChanged, otherOrder, waitsFirst } from './changed-bundle.ts';
import type { ChangedBundle } from './changed-bundle.ts';
import type { Change } from './changed-sources.ts';

/** Of the whole corpus at once, on a machine that does other things beside it. */
const longMs = 600_000;

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
});

const recorded = readHistories();
const idOf = ({ version, name }: HistoryFile): string => `${version}/${scenarioOf(name)}`;

/** What became of each history, by its name: the error's name, or `replayed`. */
async function replayed(codePath: string, histories: readonly HistoryFile[]): Promise<Map<string, string>> {
  const given = histories.map(({ workflowId, history }) => ({ workflowId, history: historyFromJSON(history) }));
  const results = new Map<string, string>();
  for await (const { error } of Worker.runReplayHistories({ workflowBundle: { codePath }, dataConverter }, given)) {
    // One after the other, in the order in which they were given.
    const { name = '' } = histories[results.size] ?? {};
    results.set(name, error ? error.name : 'replayed');
  }
  return results;
}

describe('the corpus', () => {
  test('has at least 50 histories, most of which went a way of their own', () => {
    console.log(summaryLines(recorded).join('\n'));
    expect(recorded.length).toBeGreaterThanOrEqual(50);
    expect(new Set(recorded.map(sequenceOf)).size).toBeGreaterThanOrEqual(50);
  });

  test('has every outcome of every version, and nothing else', () => {
    const versioned = recorded.filter(({ version }) => version !== 'unrecorded');
    expect([...new Set(versioned.map(idOf))].toSorted()).toEqual(namesOfScenarios().toSorted());
    expect([...new Set(versioned.map(({ version }) => version))]).toEqual([...workflowVersions]);
  });

  test('ran as the versions that its folders say, until it was moved', async () => {
    for (const [id, histories] of Map.groupBy(recorded, idOf)) {
      const seen = new Set((await Promise.all(histories.map(versionsIn))).flat());
      const [version = '', scenario = ''] = id.split('/');
      if (scenario.startsWith('moved-'))
        expect([...seen], id).toEqual(expect.arrayContaining([version, newestVersion]));
      else expect([...seen], id).toEqual(version === 'unrecorded' ? [] : [version]);
    }
  });

  test('replays on today’s workflows', { timeout: longMs }, async () => {
    const results = await replayed(await keptWorkflowBundle(), recorded);
    expect(results.size).toBe(recorded.length);
    expect([...results].filter(([, result]) => result !== 'replayed')).toEqual([]);
  });
});

describe('workflows that wait before they begin', () => {
  const changed = changedBundle(waitsFirst);

  test('fail the replay of every history', { timeout: longMs }, async () => {
    const results = await replayed(changed().codePath, recorded);
    expect([...results]).toEqual(recorded.map(({ name }) => [name, 'DeterminismViolationError']));
  });
});

describe('a flow in another order', () => {
  const changed = changedBundle(otherOrder);

  test('fails the replay of reports of that version, and of no other', { timeout: longMs }, async () => {
    const results = await replayed(changed().codePath, recorded);
    const failed = [...results].filter(([, result]) => result !== 'replayed');
    // What comes in another order is noticed by the SDK's core (a violation), or by its workflow side first (a task that fails).
    expect(['DeterminismViolationError', 'ReplayError']).toContain(results.get('1.0.0/signed'));
    expect(failed.filter(([name]) => !name.startsWith('1.0.0/'))).toEqual([]);
  });
});

/** Bundled once, before the tests around it. */
function changedBundle(changes: readonly Change[]): () => ChangedBundle {
  let bundle: ChangedBundle | undefined;
  beforeAll(async () => {
    bundle = await bundleChanged(changes);
  }, longMs);
  afterAll(() => bundle?.remove());
  return () => {
    if (!bundle) throw new Error('the bundle was not made');
    return bundle;
  };
}
