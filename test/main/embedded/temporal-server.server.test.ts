import { createServer } from 'node:net';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { ProcessState } from '../../../main/embedded/supervised-process.ts';
import { temporalServes } from '../../../main/embedded/temporal-health.ts';
import { freePort, startTemporal, tunedFlags } from '../../../main/embedded/temporal-server.ts';
import { startTestTemporal } from '../../server/temporal.ts';
import { isRunning, recordStates, testFolder } from './conditions.ts';

async function server(options: Parameters<typeof startTestTemporal>[0] = {}) {
  const started = await startTestTemporal({ binary: inject('temporalPath'), ...options });
  onTestFinished(() => started.stop());
  return started;
}

async function clientOf(address: string): Promise<Client> {
  const connection = await Connection.connect({ address });
  onTestFinished(() => connection.close());
  return new Client({ connection });
}

const start = (client: Client, workflowId: string): Promise<unknown> =>
  client.workflow.start('nothing', { taskQueue: 'nobody', workflowId });

test('the tuned flags are the measured ones, quotes included', () => {
  const values = tunedFlags.filter((flag) => !flag.startsWith('--'));
  expect(values).toEqual([
    'history.transferProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxPollRPS=2000',
    'history.visibilityProcessorMaxPollRPS=2000',
    'history.timerProcessorMaxTimeShift="20ms"',
    'journal_mode=wal',
    'synchronous=1',
  ]);
});

test('as soon as it counts as running a workflow can be started', async () => {
  const { address, namespace } = await server();
  expect(await temporalServes(address, namespace)).toBe(true);
  expect(await temporalServes(address, 'no-such-namespace')).toBe(false);
  await expect(start(await clientOf(address), 'first')).resolves.toBeDefined();
});

test('after a kill it comes back on the same port with what it held', async () => {
  const { address, pid, runningAgain } = await server();
  const client = await clientOf(address);
  await start(client, 'before the kill');
  const killed = pid();
  process.kill(killed, 'SIGKILL');
  await runningAgain(killed);
  expect(pid()).not.toBe(killed);
  expect((await client.workflow.getHandle('before the kill').describe()).status.name).toBe('RUNNING');
});

test('stopping politely leaves no process and a database that the next start opens', async () => {
  const dataDir = testFolder();
  const options = { binary: inject('temporalPath'), dataDir };
  const first = await startTemporal(options);
  await first.whenRunning();
  const state = first.state();
  await start(await clientOf(first.address), 'kept');
  await first.stop();
  expect(state.kind === 'running' && isRunning(state.pid)).toBe(false);
  expect(readdirSync(join(dataDir, 'run'))).toEqual([]);
  const second = await server({ dataDir });
  const client = await clientOf(second.address);
  expect((await client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
});

test('a database whose making was interrupted is set aside, for the server would never start on it', async () => {
  const dataDir = testFolder();
  writeFileSync(join(dataDir, 'temporal.db'), '');
  await server({ dataDir });
  expect(readdirSync(dataDir).some((name) => name.startsWith('temporal.db.unfinished-'))).toBe(true);
});

test('a port that another program took is told, and used once it is free', async () => {
  const states = recordStates<ProcessState>();
  const port = await freePort();
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
  const backoff = { firstDelayMs: 20, maxDelayMs: 50, resetAfterMs: 60_000 };
  const options = { binary: inject('temporalPath'), dataDir: testFolder(), port, backoff, onState: states.add };
  const started = await startTemporal(options);
  onTestFinished(() => started.stop({ immediately: true }));
  const restarting = await states.next('restarting');
  expect(restarting.reason).toBe(`it could not be started: port ${port} is used by another program`);
  await new Promise((resolve) => other.close(resolve));
  await started.whenRunning();
  expect(started.address).toBe(`127.0.0.1:${port}`);
});

test('nobody answers on a free port', async () => {
  expect(await temporalServes(`127.0.0.1:${await freePort()}`, 'default')).toBe(false);
});
