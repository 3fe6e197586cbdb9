// The whole core through its edge, against the real server and worker: a newcomer's practice cycle from one click to an approved sample.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import type { CommandInput, CommandName, CommandOutput, CoreEvent } from '../../../preload/contract.ts';
import { coreOptions, saidServer, until } from './core-world.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

let world: ServerWorld;
let application: Application;
const events: CoreEvent[] = [];

beforeAll(async () => {
  world = await startServerWorld();
  const server = saidServer({ kind: 'ready', address: world.address });
  const log = process.env['SHOW_CORE']
    ? (line: string) => console.log(performance.now().toFixed(0), line)
    : () => undefined;
  application = await openApplication(coreOptions(world.dataDir, { server, log }));
  application.subscribe((event) => events.push(event));
});
afterAll(async () => {
  await application.close();
  await world.close();
});

/** A command that has to succeed; as another practice identity when one is named. */
async function ask<Name extends CommandName>(
  name: Name,
  input: CommandInput<Name>,
  profile?: string,
): Promise<CommandOutput<Name>> {
  const result = await application.invoke(name, input, profile === undefined ? undefined : { profile });
  if (!result.ok)
    throw new Error(`${name}: ${result.error.kind}: ${result.error.message}\n${result.error.details ?? ''}`);
  return result.value as CommandOutput<Name>;
}

test('one click makes a practice cycle with a profiled population, and its sample is drawn, decided and revised', async () => {
  const { reportId, importId } = await ask('practice:start', {});
  const job = await until(async () => {
    const { imports } = await ask('population:list', { reportId });
    const found = imports.find((row) => row.importId === importId);
    return found && ['ready', 'failed'].includes(found.state.kind) && found;
  });
  expect(job.state).toMatchObject({ kind: 'ready' });
  expect(events.some((event) => event.kind === 'import' && event.job.importId === importId)).toBe(true);

  const population = await until(async () => {
    await ask('sync:now', {});
    const { populations } = await ask('report:get', { reportId });
    return populations[0]?.state.kind === 'ready' && populations[0];
  });
  const plan = await ask('sample:plan', {
    reportId,
    populationHash: population.populationHash,
    keyColumn: 'ID',
    lobColumn: 'REGION',
    risk: 0.05,
    tolerable: 0.05,
    expected: 0,
    seed: 42,
  });
  expect(plan).toMatchObject({ method: 'hypergeometric', acceptableDeviations: 0, seed: '42' });
  await ask('sample:draw', { reportId, planId: plan.planId });
  const version = await until(async () => {
    await ask('sync:now', {});
    return (await ask('version:list', { reportId }))[0];
  });
  expect(version).toMatchObject({ number: 1, status: 'pending', itemCount: plan.sampleSize });

  const { versionId } = version;
  await until(async () => {
    await ask('sync:now', {}, 'olga');
    const result = await application.invoke('version:get', { versionId }, { profile: 'olga' });
    return result.ok && (result.value as CommandOutput<'version:get'>).cachedItems === plan.sampleSize;
  });
  const { rows } = await ask('version:items', { versionId, limit: 500 }, 'olga');
  expect(rows.every((row) => row.body !== null)).toBe(true);
  const [first, ...rest] = rows;
  await ask(
    'decision:record',
    {
      versionId,
      decisions: [
        ...(first
          ? [
              {
                itemKey: first.itemKey,
                contentHash: first.contentHash,
                decision: { verdict: 'rejected' as const, reasonCode: 'duplicate' as const },
              },
            ]
          : []),
        ...rest.map((row) => ({
          itemKey: row.itemKey,
          contentHash: row.contentHash,
          decision: { verdict: 'approved' as const },
        })),
      ],
    },
    'olga',
  );
  await ask('review:submit', { versionId, verdict: 'revision-requested' }, 'olga');
  const delivered = await ask('sync:now', {}, 'olga');
  expect(delivered.counts).toMatchObject({ draft: 0, queued: 0, sent: 0, refused: 0, conflict: 0 });

  await until(async () => {
    await ask('sync:now', {});
    return (await ask('version:get', { versionId })).version.reviewVerdict === 'revision-requested';
  });
  await ask('revision:submit', {
    versionId,
    answers: first ? [{ itemKey: first.itemKey, contentHash: first.contentHash, answer: 'replace' }] : [],
  });
  const second = await until(async () => {
    await ask('sync:now', {});
    return (await ask('version:list', { reportId })).find((row) => row.number === 2);
  });
  expect(second).toMatchObject({
    status: 'pending',
    counts: { total: plan.sampleSize, pending: 1, approved: plan.sampleSize - 1 },
  });
  const comparison = await ask('version:compare', {
    leftVersionId: versionId,
    rightVersionId: second.versionId,
    show: 'changes',
  });
  expect(comparison.counts).toMatchObject({ removed: 1, added: 1, carried: plan.sampleSize - 1 });
  expect((await ask('timeline:list', { reportId })).fault).toBeNull();
});

test('a profile is switched in place, and its events follow', async () => {
  events.length = 0;
  const profile = await ask('profile:switch', { profile: 'olga' });
  expect(profile).toMatchObject({ personId: 'olga', active: true, practice: true, name: 'Olga Owner' });
  await until(() => events.some((event) => event.kind === 'profile' && event.profile.personId === 'olga'));
  await until(() => events.some((event) => event.kind === 'sync' && event.status.state.kind === 'idle'));
  await ask('profile:switch', { profile: 'mara' });
});
