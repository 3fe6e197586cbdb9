// The whole core through its edge, against the real server and worker: a newcomer's practice cycle from one click to the signed report.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApplication } from '../../../main/core/application.ts';
import type { Application } from '../../../main/core/application.ts';
import { practiceDifferences } from '../../../main/core/imports/practice-evidence.ts';
import { practiceAccounts, practiceCsv, practiceRegions, practiceSeed } from '../../../main/core/imports/practice.ts';
import type { CommandInput, CommandName, CommandOutput, CoreEvent } from '../../../preload/contract.ts';
import {
  driverOf,
  itemsOf,
  parts,
  phaseWhen,
  runDocuments,
  runOwners,
  runProposed,
  runReport,
  runSample,
  runTesting,
  scopeTo,
  settled,
  startCycle,
} from '../../cycle/cycle-driver.ts';
import type { Driver } from '../../cycle/cycle-driver.ts';
import { coreOptions, saidServer, until } from './core-world.ts';
import { skipsBeforeSamples } from './cycles.ts';
import { startServerWorld } from './server-world.ts';
import type { ServerWorld } from './server-world.ts';

let world: ServerWorld;
let application: Application;
let driver: Driver;
const events: CoreEvent[] = [];

beforeAll(async () => {
  world = await startServerWorld();
  const server = saidServer({ kind: 'ready', address: world.address });
  const log = process.env['SHOW_CORE']
    ? (line: string) => console.log(performance.now().toFixed(0), line)
    : () => undefined;
  application = await openApplication(coreOptions(world.dataDir, { server, log }));
  application.subscribe((event) => events.push(event));
  driver = driverOf(application);
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

const plan = { keyColumn: 'ID', lobColumn: 'REGION', risk: 0.05, tolerable: 0.05, expected: 0, seed: 42 };

/** The population of a practice report once the worker has profiled it. */
async function importedOf(reportId: string, importId: string) {
  const job = await until(async () => {
    const { imports } = await ask('population:list', { reportId });
    const found = imports.find((row) => row.importId === importId);
    return found && ['ready', 'failed'].includes(found.state.kind) && found;
  });
  expect(job.state).toMatchObject({ kind: 'ready' });
  return driver.until('tara', async () => {
    const { populations } = await driver.ask('tara', 'report:get', { reportId });
    return populations[0]?.state.kind === 'ready' && populations[0];
  });
}

test(
  'one click makes a practice cycle that its people take to the signed report; the differences of its evidence are found, all of them and no others',
  { timeout: 300_000 },
  async () => {
    await ask('profile:switch', { profile: 'tara' });
    const { reportId, importId } = await ask('practice:start', {});
    const { populationHash } = await importedOf(reportId, importId);
    expect(events.some((event) => event.kind === 'import' && event.job.importId === importId)).toBe(true);

    const inScope = ['OPENED', 'BALANCE', 'CURRENCY', 'RISK_GRADE'];
    await runProposed(driver, { reportId, phase: 'planning' }, parts.second);
    await runProposed(driver, { reportId, phase: 'data-profiling' }, parts.owner);
    const rationale = 'regulators read these';
    await runProposed(driver, { reportId, phase: 'scoping' }, parts.owner, scopeTo(inScope, rationale));
    const [sampled] = await Promise.all([
      runSample(driver, reportId, { ...plan, populationHash }),
      runOwners(driver, reportId),
    ]);
    const keys = new Set((await itemsOf(driver, 'tara', sampled)).map((row) => row.itemKey));

    const deviations: { lob: string; itemKey: string; attribute: string; found: string }[] = [];
    for (const lob of practiceRegions) {
      const file = await driver.ask('dana', 'practice:evidence', { reportId, lob });
      const documentId = await runDocuments(driver, reportId, lob, file?.path ?? '');
      for (const { itemKey, attribute, result, found } of await runTesting(driver, reportId, lob, documentId)) {
        if (result !== 'pass') deviations.push({ lob, itemKey, attribute, found: String(found ?? '') });
      }
    }
    const seeded = practiceDifferences(practiceSeed(reportId))
      .filter(({ itemKey, attribute }) => keys.has(itemKey) && inScope.includes(attribute))
      .map(({ lob, itemKey, attribute, found }) => ({ lob, itemKey, attribute, found }));
    const placeOf = ({ itemKey, attribute }: { itemKey: string; attribute: string }) => `${itemKey} ${attribute}`;
    expect(deviations.map(placeOf).sort()).toEqual(seeded.map(placeOf).sort());
    expect(seeded.length).toBeGreaterThan(0);

    for (const lob of practiceRegions) {
      const place = { reportId, phase: 'observations' as const, lob };
      if (seeded.some((row) => row.lob === lob)) await runProposed(driver, place, parts.owner);
      else expect((await phaseWhen(driver, 'tara', place, settled)).state.state).toBe('skipped');
    }
    await runReport(driver, reportId);
    expect((await ask('timeline:list', { reportId })).fault).toBeNull();
    // Tara sits at the screen: her news was told as it came, each once.
    const told = events.flatMap((event) => (event.kind === 'notification' ? [event.notification] : []));
    expect(told.length).toBeGreaterThan(0);
    expect(told.every(({ personId }) => personId === 'tara')).toBe(true);
    expect(new Set(told.map(({ notificationId }) => notificationId)).size).toBe(told.length);
    await ask('profile:switch', { profile: 'mara' });
  },
);

test('a sample is drawn, decided, revised and compared in a report that skipped the phases before', async () => {
  const { reportId } = await startCycle(driver, {
    name: 'Samples alone',
    lobs: { kind: 'column', column: 'REGION' },
    skips: skipsBeforeSamples,
  });
  const path = join(world.dataDir, 'accounts.csv');
  writeFileSync(path, practiceCsv(practiceAccounts(7)));
  await driver.until('tara', async () => (await driver.attempt('tara', 'report:get', { reportId })).ok);
  const source = { kind: 'path' as const, path };
  const job = await ask('population:import', { reportId, source, keyColumn: 'ID', waitMs: 60_000 }, 'tara');
  const { populationHash } = await importedOf(reportId, job.importId);
  const place = { reportId, phase: 'sample-selection' as const };
  await phaseWhen(driver, 'mara', place, ({ state }) => state.state === 'in-work');

  const planned = await ask('sample:plan', { reportId, populationHash, ...plan });
  expect(planned).toMatchObject({ method: 'hypergeometric', acceptableDeviations: 0, seed: '42' });
  await ask('sample:draw', { reportId, planId: planned.planId });
  const version = await until(async () => {
    await ask('sync:now', {});
    return (await ask('version:list', { reportId })).find(({ phase }) => phase === place.phase);
  });
  expect(version).toMatchObject({ number: 1, status: 'pending', itemCount: planned.sampleSize });

  const { versionId } = version;
  const rows = await itemsOf(driver, 'olga', versionId);
  expect(rows.every((row) => row.body !== null)).toBe(true);
  const decisions = rows.map(({ itemKey, contentHash }, index) => ({
    ...{ itemKey, contentHash },
    decision:
      index === 0
        ? { verdict: 'rejected' as const, reasonCode: 'duplicate' as const }
        : { verdict: 'approved' as const },
  }));
  await ask('decision:record', { versionId, decisions }, 'olga');
  await ask('review:submit', { versionId, verdict: 'revision-requested' }, 'olga');
  const delivered = await ask('sync:now', {}, 'olga');
  expect(delivered.counts).toMatchObject({ draft: 0, queued: 0, sent: 0, refused: 0, conflict: 0 });

  await until(async () => {
    await ask('sync:now', {});
    return (await ask('version:get', { versionId })).version.reviewVerdict === 'revision-requested';
  });
  const [first] = rows;
  await ask('revision:submit', {
    versionId,
    answers: first ? [{ itemKey: first.itemKey, contentHash: first.contentHash, answer: 'replace' }] : [],
  });
  const second = await until(async () => {
    await ask('sync:now', {});
    return (await ask('version:list', { reportId })).find(({ phase, number }) => phase === place.phase && number === 2);
  });
  expect(second).toMatchObject({
    status: 'pending',
    counts: { total: planned.sampleSize, pending: 1, approved: planned.sampleSize - 1 },
  });
  const sides = { leftVersionId: versionId, rightVersionId: second.versionId };
  const comparison = await ask('version:compare', { ...sides, show: 'changes' });
  expect(comparison.counts).toMatchObject({ removed: 1, added: 1, carried: planned.sampleSize - 1 });
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
