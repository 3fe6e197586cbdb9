// Owns running one program to its end, with its whole process group ended when it is not wanted any more. Knows no program.
import { spawn } from 'node:child_process';
import { eachLine, lastLines } from './output-lines.ts';
import { signalProcess } from './process-identity.ts';

export type RunToEnd = {
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Ends the program and everything it started: SIGTERM, two seconds later SIGKILL. */
  signal: AbortSignal;
  onStart?: (pid: number) => void;
  onLine?: (line: string) => void;
};

/** `lastWords`: the last lines it printed, the reason when it failed. */
export type RunResult =
  { kind: 'ended'; code: number; lastWords: string } | { kind: 'aborted' } | { kind: 'not-started'; reason: string };

const killAfterMs = 2_000;

/** Runs a program until it ends. Never rejects. */
export function runToEnd({ file, args, env, cwd, signal, onStart, onLine }: RunToEnd): Promise<RunResult> {
  if (signal.aborted) return Promise.resolve({ kind: 'aborted' });
  return new Promise((resolve) => {
    const words = lastLines(4);
    const detached = process.platform !== 'win32';
    const child = spawn(file, args, { env, cwd, detached, windowsHide: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let killer: NodeJS.Timeout | undefined;
    const end = (): void => {
      const { pid } = child;
      if (pid === undefined) return;
      signalProcess(pid, 'SIGTERM', true);
      killer = setTimeout(() => signalProcess(pid, 'SIGKILL', true), killAfterMs);
    };
    const finish = (result: RunResult): void => {
      clearTimeout(killer);
      signal.removeEventListener('abort', end);
      resolve(signal.aborted ? { kind: 'aborted' } : result);
    };
    signal.addEventListener('abort', end, { once: true });
    child.once('spawn', () => onStart?.(child.pid as number));
    child.once('error', (error) => finish({ kind: 'not-started', reason: error.message }));
    child.once('close', (code) => finish({ kind: 'ended', code: code ?? -1, lastWords: words.text() }));
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => {
        words.add(line);
        onLine?.(line);
      });
    }
  });
}
