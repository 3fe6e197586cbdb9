// Owns a worker that dies again and again: starts it as a process, and a new one each time it killed itself at one of its moments.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Boundary } from './kill-boundaries.ts';
import type { Told } from './programs/killed-worker.ts';
import type { World } from './worker-world.ts';

const program = fileURLToPath(new URL('programs/killed-worker.ts', import.meta.url));

export interface KilledWorker {
  /** Names of the moments at which it died, in order. */
  hits(): string[];
  /** Rejects when a worker ended in another way than by a kill that was wanted. */
  failed: Promise<never>;
  stop(): Promise<void>;
}

/** Resolves when the first one polls. `onKill` is told each moment after the death. */
export async function startKilledWorker(
  world: World,
  boundaries: readonly Boundary[],
  onKill: (name: string) => void,
): Promise<KilledWorker> {
  const hitsFile = join(world.dataDir, 'hits.txt');
  const hits = (): string[] => (existsSync(hitsFile) ? readFileSync(hitsFile, 'utf8').trim().split('\n') : []);
  let isStopped = false;
  let child: ChildProcess = start();
  function start(): ChildProcess {
    const started = spawn(process.execPath, [program], {
      stdio: ['pipe', 'pipe', process.env['SHOW_WORKER'] ? 'inherit' : 'ignore'],
    });
    const left = boundaries.filter(({ name }) => !hits().includes(name));
    const told: Told = { settings: world.settings(), taskQueue: world.taskQueue, boundaries: left, hitsFile };
    started.stdin.write(`${JSON.stringify(told)}\n`);
    return started;
  }
  async function keep(): Promise<never> {
    for (let dead = 0; ; dead += 1) {
      const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      // Stopped by the test: whoever waits for a failure waits for nothing.
      if (isStopped) return new Promise<never>(() => {});
      const hit = hits()[dead];
      if (signal !== 'SIGKILL' || hit === undefined) {
        throw new Error(`a worker ended by itself: code ${code}, signal ${signal}; SHOW_WORKER=1 shows what it said`);
      }
      onKill(hit);
      child = start();
    }
  }
  const failed = keep();
  // Whoever drives the cycle looks at it; until then it is nobody's unhandled rejection.
  failed.catch(() => undefined);
  if (child.stdout) await Promise.race([once(child.stdout, 'data'), failed]);
  return {
    hits,
    failed,
    async stop() {
      isStopped = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
