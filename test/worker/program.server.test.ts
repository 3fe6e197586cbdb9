// The worker as a program of its own: started by a host, killed in the middle of work, alone, wrongly configured, twice on one folder.
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskQueue } from '../../domain/change.ts';
import { startTestTemporal } from '../server/temporal.ts';
import type { TestTemporal } from '../server/temporal.ts';
import { endProgram, killPrograms, startProgram, startSupervised } from './worker-program.ts';
import type { WorkerProgram } from './worker-program.ts';
import { beginReport, drawFirst, populationCsv, until, World } from './worker-world.ts';

// The program polls the usual queue, so it needs a server that no other test uses.
let temporal: TestTemporal;
let world: World;

function startHosted(dataDir = join(world.dataDir, 'worker')): WorkerProgram {
  const { address, namespace } = temporal;
  return startSupervised({ address, namespace, dataDir, handoverDir: world.handoverDir });
}

const kill = (worker: WorkerProgram): Promise<number | null> => endProgram(worker, 'SIGKILL');

beforeAll(async () => {
  temporal = await startTestTemporal();
  world = await World.open({ address: temporal.address, taskQueue, worker: false });
});
afterAll(async () => {
  killPrograms();
  await world.close();
  await temporal.stop();
});

test('killed in the middle of an import and of a draw, the work is done once all the same', async () => {
  let worker = startHosted();
  await worker.ready;
  const begun = await beginReport(world);
  const { reportId, tara, mara } = begun;
  const { fileHash, fileSize } = await tara.handOver(reportId, populationCsv(300_000));
  const fileName = 'large.csv';
  await tara.settled({ kind: 'population.import', reportId, fileHash, fileSize, fileName, keyColumn: 'ID' });
  const running = (name: string) => async () => {
    const { pendingActivities } = (await world.report(reportId).describe()).raw;
    return pendingActivities?.some((activity) => activity.activityType?.name === name && activity.lastStartedTime);
  };
  await until(running('importPopulation'));
  await kill(worker);
  worker = startHosted();
  await worker.ready;
  await tara.seen((change) => change.kind === 'population' && change.population.state.kind === 'ready');
  await tara.phase({ reportId, phase: 'sample-selection', lob: null }, (line) => line.state === 'in-work');

  // The draw is done in a moment, so it is killed at whatever it does when the operation has just been sent; twice.
  for (const round of [1, 2]) {
    const planId = randomUUID();
    const request = {
      ...{
        populationHash: fileHash,
        keyColumn: 'ID',
        lobColumn: null,
        lob: null,
        sampleSize: 2_000,
        seed: String(round),
      },
      ...{ risk: 0.05, tolerable: 0.05, expected: 0, seedOrigin: 'given' as const },
    };
    expect(await tara.settled({ kind: 'sample.plan', reportId, planId, request })).toMatchObject({ state: 'applied' });
    const redrawReason = round === 1 ? null : 'a better seed';
    await tara.do({ kind: 'sample.draw', reportId, planId, redrawReason, targeted: [] });
    await until(running('createSampleSelectionVersion')).catch(() => undefined);
    await kill(worker);
    worker = startHosted();
    await worker.ready;
    await tara.seen((change) => change.kind === 'version' && change.version.number === round);
  }
  await tara.pull(0);
  await mara.pull(0);
  const entries = tara.changes.flatMap(({ change }) => (change.kind === 'ledger' ? change.entries : []));
  const kinds = entries.map((entry) => entry.kind);
  expect(kinds.filter((kind) => kind === 'population.imported')).toHaveLength(1);
  expect(kinds.filter((kind) => kind === 'version.created')).toHaveLength(2);
  worker.child.kill('SIGTERM');
  expect(await worker.exit).toBe(0);
});

test('it ends by itself, in order, when its host is gone', async () => {
  const worker = startHosted();
  await worker.ready;
  worker.child.stdin?.end();
  expect(await worker.exit).toBe(0);
  expect(worker.errors.join('')).toContain('stopping: the host is gone');
});

test('a second worker on the same data folder is refused and says so', async () => {
  const first = startHosted();
  await first.ready;
  const second = startHosted();
  expect(await second.exit).toBe(2);
  expect(second.errors.join('')).toContain('another worker uses the data folder');
  first.child.kill('SIGTERM');
  expect(await first.exit).toBe(0);
});

test('alone, it takes people and address from the environment', async () => {
  const people = join(world.dataDir, 'people.json');
  writeFileSync(people, JSON.stringify({ people: [{ personId: 'mara', name: 'Mara', roles: ['test-manager'] }] }));
  const dataDir = join(world.dataDir, 'alone');
  mkdirSync(dataDir);
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: 'default',
    COUNTERSIGN_PEOPLE: people,
    COUNTERSIGN_WORKER_DATA: dataDir,
  };
  const worker = startProgram([], { env });
  await worker.ready;
  worker.child.kill('SIGTERM');
  expect(await worker.exit).toBe(0);
});

test('without people it says what is missing, with an example; a namespace that does not exist is named', async () => {
  const nobody = startProgram([], { env: { COUNTERSIGN_PEOPLE: '' } });
  expect(await nobody.exit).toBe(2);
  expect(nobody.errors.join('')).toMatch(/COUNTERSIGN_PEOPLE has to name the people file[^]*"personId": "mara"/);
  const config = {
    ...{ mode: 'solo', address: temporal.address, namespace: 'absent' },
    dataDir: join(world.dataDir, 'absent'),
  };
  const lost = startProgram(['--supervised'], { line: JSON.stringify(config) });
  expect(await lost.exit).toBe(2);
  expect(lost.errors.join('')).toContain('the namespace "absent" does not exist');
});

test('--help tells how to run it, and an unknown word is refused', async () => {
  const help = startProgram(['--help']);
  expect(await help.exit).toBe(0);
  expect(help.errors.join('')).toContain('COUNTERSIGN_PEOPLE');
  expect(await startProgram(['--wrong']).exit).toBe(2);
});

test('a report goes on where it was after its worker was replaced', async () => {
  const first = startHosted();
  await first.ready;
  const begun = await beginReport(world);
  await kill(first);
  const second = startHosted();
  await second.ready;
  expect((await drawFirst(begun)).versionId).toMatch(/^v-/);
  second.child.kill('SIGTERM');
  expect(await second.exit).toBe(0);
});
