// Owns child processes of end-to-end tests: started from the project's programs, awaited by what they say, ended by their own id.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface Child {
  pid: number;
  /** Everything it said so far, both streams. */
  said(): string;
  /** Resolves with the first match in what it says; rejects with everything it said when it ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
  ended: Promise<number | null>;
}

/** Runs one of the project's TypeScript programs on this Node. `input` is written to its stdin, which stays open. */
export function startProgram(program: string, args: string[], env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: projectRoot,
    env: { ...withoutTemporal(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return watch(child, [program, ...args].join(' '));
}

/** The test machine's own Temporal settings must not leak into what is tested. */
function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(env).filter(
    ([name]) => (!name.startsWith('TEMPORAL_') && !name.startsWith('COUNTERSIGN_')) || name === 'COUNTERSIGN_CACHE',
  );
  return Object.fromEntries(inherited);
}

function watch(child: ChildProcess, what: string): Child {
  let text = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    text += chunk.toString('utf8');
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  let isOver = false;
  const ended = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      isOver = true;
      done(code);
      for (const listener of listeners) listener();
    });
  });
  return {
    pid: child.pid ?? -1,
    said: () => text,
    ended,
    says: (pattern) =>
      new Promise((done, fail) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (!match && !isOver) return;
          listeners.delete(look);
          if (match) done(match);
          else fail(new Error(`${what} ended before it said ${String(pattern)}:\n${text}`));
        };
        listeners.add(look);
        look();
      }),
    end: async (signal = 'SIGTERM') => {
      if (!isOver) child.kill(signal);
      await ended;
    },
  };
}
