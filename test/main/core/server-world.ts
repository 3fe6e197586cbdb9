// A real Temporal server of its own and the real worker as a child process, which tests stop, kill and start again.
// Knows the core only as what connects to it.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { PeopleFile } from '../../../domain/people.ts';
import type { WorkerConfig } from '../../../domain/worker-config.ts';
import { startTestTemporal } from '../../server/temporal.ts';
import type { TestTemporal } from '../../server/temporal.ts';
import { temporaryFolder } from './core-world.ts';

const workerProgram = fileURLToPath(new URL('../../../worker/main.ts', import.meta.url));

export interface ServerWorld {
  temporal: TestTemporal;
  address: string;
  /** Data folder of the laptop; the worker's lies in it. */
  dataDir: string;
  storeFile: string;
  startWorker(): Promise<void>;
  stopWorker(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** The server with an empty database at the same address. */
  forgetEverything(): Promise<void>;
  close(): Promise<void>;
}

/** @param people without them: solo mode. */
export async function startServerWorld(people?: PeopleFile): Promise<ServerWorld> {
  const folder = temporaryFolder();
  const dataDir = join(folder.path, 'laptop');
  const workerDir = join(folder.path, 'worker');
  for (const path of [dataDir, workerDir]) mkdirSync(path);
  const peopleFile = join(folder.path, 'people.json');
  if (people) writeFileSync(peopleFile, JSON.stringify(people));
  let temporal = await startTestTemporal({ binary: inject('temporalPath') });
  let worker: ChildProcess | null = null;
  const config = (): WorkerConfig => ({
    mode: people ? 'team' : 'solo',
    address: temporal.address,
    namespace: temporal.namespace,
    dataDir: workerDir,
    handoverDir: join(dataDir, 'incoming'),
    ...(people ? { peopleFile } : {}),
  });
  const world: ServerWorld = {
    get temporal() {
      return temporal;
    },
    get address() {
      return temporal.address;
    },
    dataDir,
    storeFile: join(workerDir, 'store.db'),
    async startWorker() {
      const child = spawn(process.execPath, [workerProgram, '--supervised'], {
        stdio: ['pipe', 'pipe', process.env['SHOW_WORKER'] ? 'inherit' : 'ignore'],
      });
      worker = child;
      child.stdin.write(`${JSON.stringify(config())}\n`);
      for await (const line of createInterface({ input: child.stdout })) if (line.includes('"ready"')) return;
      throw new Error('the worker ended before it was ready');
    },
    async stopWorker(signal) {
      const child = worker;
      worker = null;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
    async forgetEverything() {
      const port = Number(temporal.address.split(':')[1]);
      await temporal.stop();
      temporal = await startTestTemporal({ binary: inject('temporalPath'), port });
    },
    async close() {
      await world.stopWorker('SIGKILL');
      await temporal.stop();
      folder.remove();
    },
  };
  await world.startWorker();
  return world;
}
