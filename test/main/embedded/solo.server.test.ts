import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { WorkerConfig } from '../../../domain/worker-config.ts';
import { endLeftovers } from '../../../main/embedded/run-records.ts';
import { createSolo, type SoloOptions, type SoloState } from '../../../main/embedded/solo.ts';
import { temporalServes } from '../../../main/embedded/temporal-health.ts';
import { isRunning, killAndWait, recordStates, spawnHost, testFolder } from './conditions.ts';
import { fakeMachine } from './fake-machine.ts';

const programOf = (name: string): string => fileURLToPath(new URL(`programs/${name}`, import.meta.url));

/** The solo mode on the real server, with a worker program that knows no Temporal. */
function solo(more: Partial<SoloOptions> = {}) {
  const states = recordStates<SoloState>();
  const dataDir = testFolder();
  const env = { ...process.env, TEMPORAL_CLI: inject('temporalPath') };
  const made = createSolo({ dataDir, env, workerProgram: programOf('worker.ts'), ...more });
  made.onState(states.add);
  onTestFinished(() => made.stop({ immediately: true }));
  return { solo: made, states, dataDir };
}

const recordedPid = (dataDir: string, name: string): number =>
  (JSON.parse(readFileSync(join(dataDir, 'run', `${name}.json`), 'utf8')) as { child: { pid: number } }).child.pid;

test('it starts server and worker, tells the worker all it needs, and stops both', async () => {
  const { solo: made, states, dataDir } = solo();
  made.start();
  const { address, namespace } = await states.next('ready');
  expect(await temporalServes(address, namespace)).toBe(true);
  const told = JSON.parse(readFileSync(join(dataDir, 'worker', 'told.json'), 'utf8')) as WorkerConfig;
  expect(told).toEqual({
    mode: 'solo',
    address,
    namespace,
    dataDir: join(dataDir, 'worker'),
    handoverDir: join(dataDir, 'handover'),
  });
  const pids = ['temporal', 'worker'].map((name) => recordedPid(dataDir, name));
  await made.stop();
  expect(pids.filter(isRunning)).toEqual([]);
  expect(states.all.at(-1)).toEqual({ kind: 'stopped' });
  expect(states.all.map(({ kind }) => kind).filter((kind, n, all) => kind !== all[n - 1])).toEqual([
    'preparing',
    'starting',
    'ready',
    'stopped',
  ]);
});

test('a model and e-mail of the environment reach the worker by its pipe alone', async () => {
  const services = {
    ...{
      COUNTERSIGN_LLM_URL: 'http://127.0.0.1:9/v1',
      COUNTERSIGN_LLM_MODEL: 'small',
      COUNTERSIGN_LLM_KEY: 'sk-secret',
    },
    ...{ COUNTERSIGN_SMTP_URL: 'smtp://127.0.0.1:25', COUNTERSIGN_MAIL_FROM: 'audit@bank.example' },
  };
  const env = { ...process.env, ...services, TEMPORAL_CLI: inject('temporalPath') };
  const { solo: made, states, dataDir } = solo({ env });
  made.start();
  await states.next('ready');
  const read = (name: string): unknown => JSON.parse(readFileSync(join(dataDir, 'worker', name), 'utf8'));
  expect(read('told.json')).toMatchObject({
    model: { url: 'http://127.0.0.1:9/v1', model: 'small', key: 'sk-secret' },
    mail: { url: 'smtp://127.0.0.1:25', from: 'audit@bank.example' },
  });
  const outside = read('environment.json') as string[];
  expect(outside.filter((each) => /LLM|SMTP|MAIL|secret/u.test(each))).toEqual([]);
  expect(outside).toContain('PATH');
});

test('started again while it stops, it ends up ready on another server process', async () => {
  const { solo: made, states, dataDir } = solo();
  made.start();
  await states.next('ready');
  const before = recordedPid(dataDir, 'temporal');
  const stopped = made.stop();
  states.all.length = 0;
  made.start();
  await stopped;
  await states.next('ready');
  expect(recordedPid(dataDir, 'temporal')).not.toBe(before);
  expect(isRunning(before)).toBe(false);
});

test('a worker that dies again and again shows as restarting, and the server stays', async () => {
  const { solo: made, states } = solo({
    env: { ...process.env, TEMPORAL_CLI: inject('temporalPath'), CRASH: '1' },
  });
  made.start();
  const state = await states.next('restarting', ({ failures }) => failures === 2);
  expect(state).toMatchObject({ part: 'worker', reason: 'it ended with code 3: no store here' });
  expect(states.all.some((each) => each.kind === 'restarting' && each.part === 'server')).toBe(false);
});

test('a server that is killed shows as restarting and becomes ready at the same address', async () => {
  const { solo: made, states, dataDir } = solo();
  made.start();
  const { address } = await states.next('ready');
  states.all.length = 0;
  process.kill(recordedPid(dataDir, 'temporal'), 'SIGKILL');
  expect(await states.next('restarting')).toMatchObject({ part: 'server', reason: 'it was ended by SIGKILL' });
  expect((await states.next('ready')).address).toBe(address);
});

test('a machine without any way to a server is told what to do, and can try again', async () => {
  const machine = fakeMachine();
  const fetchProgram = machine.fetchProgram(
    `console.log('{"event":"failed","reason":"no such host"}'); process.exit(1)`,
  );
  const { solo: made, states } = solo({ env: machine.env, fetchProgram });
  made.start();
  const { reason, howToGet } = await states.next('unavailable');
  expect(reason).toContain('download: no such host');
  expect(howToGet.join(' ')).toContain('TEMPORAL_CLI');
  states.all.length = 0;
  made.start();
  await states.next('unavailable');
});

test('a preparation shows its progress and can be cancelled', async () => {
  const machine = fakeMachine();
  machine.go({ version: '1.26.8', install: '/bin/sleep 300 & echo "compiling in $!"; wait' });
  const { solo: made, states } = solo({ env: machine.env, fetchProgram: machine.fetchProgram('process.exit(1)') });
  made.start();
  const building = await states.next('preparing', ({ step }) => step === 'building');
  expect(building).toMatchObject({ cancellable: true, fraction: 0 });
  made.cancelPreparation();
  expect(await states.next('unavailable')).toMatchObject({ reason: 'The preparation of the server was cancelled' });
});

test('server and worker of a killed host are gone after the next start', async () => {
  const dataDir = testFolder();
  const env = { ...process.env, TEMPORAL_CLI: inject('temporalPath') };
  const { host, states: hostStates } = spawnHost<SoloState>(
    programOf('host.ts'),
    [dataDir, programOf('worker.ts')],
    env,
  );
  await hostStates.next('ready');
  const left = recordedPid(dataDir, 'temporal');
  await killAndWait(host);
  expect(isRunning(left)).toBe(true);

  const { solo: made, states } = solo({ dataDir });
  // By the time its own server starts: two servers on one database is what must never be.
  const leftRan: boolean[] = [];
  made.onState((state) => state.kind === 'starting' && leftRan.push(isRunning(left)));
  made.start();
  await states.next('ready');
  expect(leftRan[0]).toBe(false);
  expect(recordedPid(dataDir, 'temporal')).not.toBe(left);
});

test('a second host on the same data folder leaves the first one alone', async () => {
  const dataDir = testFolder();
  const env = { ...process.env, PATH: `${dirname(inject('temporalPath'))}:${process.env['PATH']}` };
  const { host, states: hostStates } = spawnHost<SoloState>(
    programOf('host.ts'),
    [dataDir, programOf('worker.ts')],
    env,
  );
  await hostStates.next('ready');
  const { solo: made, states } = solo({ dataDir });
  made.start();
  expect((await states.next('unavailable')).reason).toBe(
    `Another Countersign (process ${host.pid}) uses this data folder`,
  );
  expect(isRunning(recordedPid(dataDir, 'temporal'))).toBe(true);
  await killAndWait(host);
  await endLeftovers(dataDir);
});
