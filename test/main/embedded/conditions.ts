// Waiting for conditions in the tests of this folder, without sleeping blindly.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { processStart } from '../../../main/embedded/process-identity.ts';

/** An empty folder that goes when the test is over. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-embedded-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Remembers every state that came and lets a test wait for one, also for one that came already. */
export function recordStates<State extends { kind: string }>(): {
  add: (state: State) => void;
  all: State[];
  next<Kind extends State['kind']>(
    kind: Kind,
    accept?: (state: Extract<State, { kind: Kind }>) => boolean,
  ): Promise<Extract<State, { kind: Kind }>>;
} {
  type Waiter = (state: State) => boolean;
  const all: State[] = [];
  const waiters = new Set<Waiter>();
  return {
    all,
    add(state) {
      all.push(state);
      for (const waiter of waiters) if (waiter(state)) waiters.delete(waiter);
    },
    next(kind, accept = () => true) {
      type Wanted = Extract<State, { kind: typeof kind }>;
      return new Promise((resolve) => {
        const look = (state: State): boolean => {
          if (state.kind !== kind || !accept(state as Wanted)) return false;
          resolve(state as Wanted);
          return true;
        };
        if (!all.some(look)) waiters.add(look);
      });
    },
  };
}

/** A child whose stdout lines are states as JSON; killed when the test is over. */
export function spawnHost<State extends { kind: string }>(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): { host: ChildProcess; states: ReturnType<typeof recordStates<State>> } {
  const host = spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void host.kill('SIGKILL'));
  const states = recordStates<State>();
  if (host.stdout) createInterface({ input: host.stdout }).on('line', (line) => states.add(JSON.parse(line) as State));
  return { host, states };
}

/** Kills a process that the test started and waits until it is gone. */
export async function killAndWait(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

export const isRunning = (pid: number): boolean => processStart(pid) !== null;
