// Owns the worker as a program of its own in tests: started from these sources or from others, and how it ends. Knows no workflow.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerConfig } from '../../domain/worker-config.ts';

/** The sources of this tree. */
export const todaysBuild = fileURLToPath(new URL('../..', import.meta.url));

export interface WorkerProgram {
  child: ChildProcess;
  /** What it said to people. */
  errors: string[];
  /** Rejects when it ended before. */
  ready: Promise<void>;
  exit: Promise<number | null>;
}

export interface ProgramOptions {
  /** Written to its stdin, which stays open. */
  line?: string;
  env?: NodeJS.ProcessEnv;
  /** Folder with other sources than today's. */
  build?: string;
}

const children = new Set<ChildProcess>();

export function startProgram(args: readonly string[], options: ProgramOptions = {}): WorkerProgram {
  const main = join(options.build ?? todaysBuild, 'worker/main.ts');
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...options.env } });
  children.add(child);
  const errors: string[] = [];
  child.stderr.on('data', (part: Buffer) => {
    errors.push(part.toString());
    if (process.env['SHOW_WORKER']) process.stderr.write(part);
  });
  const exit = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null);
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  child.stdout.on('data', (part: Buffer) => {
    if (part.toString().includes('{"event":"ready"}')) resolve();
  });
  void exit.then((code) => reject(new Error(`the worker ended with ${code}: ${errors.join('')}`)));
  // Not everybody waits for it.
  ready.catch(() => undefined);
  if (options.line !== undefined) child.stdin.write(`${options.line}\n`);
  return { child, errors, ready, exit };
}

/** As a host starts it: practice people, every device is let in. */
export function startSupervised(
  config: Omit<WorkerConfig, 'mode'>,
  options: Omit<ProgramOptions, 'line'> = {},
): WorkerProgram {
  return startProgram(['--supervised'], { ...options, line: JSON.stringify({ mode: 'solo', ...config }) });
}

/** Resolves with its exit code, null after a kill. */
export async function endProgram(
  { child, exit }: WorkerProgram,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<number | null> {
  child.kill(signal);
  return exit;
}

/** Kills what a failing test left behind. */
export function killPrograms(): void {
  for (const child of children) child.kill('SIGKILL');
}
