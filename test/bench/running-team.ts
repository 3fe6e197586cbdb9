// Owns the processes that a benchmark of the whole way needs: a real, tuned Temporal server and the real worker, both of their own.
// Knows no laptop; ends what it started.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { WorkerConfig } from '../../domain/worker-config.ts';
import { startTestTemporal } from '../server/temporal.ts';

const workerProgram = join(import.meta.dirname, '../../worker/main.ts');

export interface RunningTeam extends AsyncDisposable {
  address: string;
  namespace: string;
  /** The laptop's data folder; files are handed over from its `incoming`. */
  laptopDir: string;
  workerPid: number;
}

/** Starts server and worker (solo mode: practice identities, enrolled at once) in a folder. */
export async function startTeam(folder: string): Promise<RunningTeam> {
  const [laptopDir, workerDir, temporalDir] = ['laptop', 'worker', 'temporal'].map((name) => join(folder, name));
  if (!laptopDir || !workerDir || !temporalDir) throw new Error('unreachable: three names were given');
  for (const path of [laptopDir, workerDir, temporalDir]) mkdirSync(path, { recursive: true });
  const temporal = await startTestTemporal({ dataDir: temporalDir });
  const config: WorkerConfig = {
    ...{ mode: 'solo', address: temporal.address, namespace: temporal.namespace },
    ...{ dataDir: workerDir, handoverDir: join(laptopDir, 'incoming') },
  };
  const worker = spawn(process.execPath, [workerProgram, '--supervised'], { stdio: ['pipe', 'pipe', 'inherit'] });
  worker.stdin.write(`${JSON.stringify(config)}\n`);
  await new Promise<void>((resolve, reject) => {
    createInterface({ input: worker.stdout }).on('line', (line) => line.includes('"ready"') && resolve());
    worker.once('exit', (code) => reject(new Error(`the worker ended with ${String(code)} before it was ready`)));
  });
  return {
    ...{ address: temporal.address, namespace: temporal.namespace, laptopDir, workerPid: worker.pid ?? 0 },
    async [Symbol.asyncDispose]() {
      const ended = once(worker, 'exit');
      worker.kill('SIGKILL');
      await ended;
      await temporal.stop();
    },
  };
}
