// Owns running a benchmark: a fixture, then rounds in which each contestant runs once in a fresh process of its own.
// Knows no benchmark and prints nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figures } from './bench.ts';

const contestantProgram = join(import.meta.dirname, 'contestant.ts');

/** Figures per contestant, one entry a round. */
export type Measured = Map<string, Figures[]>;

/** Runs all rounds. `onRun` is told before each run of a contestant. @throws Error with what a contestant said when it fails. */
export async function runRounds(
  bench: Bench,
  rounds: number,
  onRun: (round: number, contestant: string) => void,
): Promise<Measured> {
  const base = mkdtempSync(join(tmpdir(), `countersign-bench-${bench.name}-`));
  const [fixture, folder] = [join(base, 'fixture'), join(base, 'run')];
  const names = Object.keys(bench.contestants);
  const measured: Measured = new Map(names.map((name) => [name, []]));
  try {
    mkdirSync(fixture);
    if (bench.fixture) await inOwnProcess(bench.name, 'fixture', fixture);
    for (let round = 1; round <= rounds; round += 1) {
      // Every second round goes the other way, so that nobody always runs on a machine that the other warmed up.
      for (const name of round % 2 === 1 ? names : names.toReversed()) {
        onRun(round, name);
        cpSync(fixture, folder, { recursive: true });
        measured.get(name)?.push(await inOwnProcess(bench.name, name, folder));
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return measured;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

async function inOwnProcess(bench: string, contestant: string, folder: string): Promise<Figures> {
  const child = spawn(process.execPath, [contestantProgram, bench, contestant, folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0) {
    throw new Error(`${bench}: ${contestant} ended with ${String(signal ?? code)}\n${out}${errors}`);
  }
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Figures;
}
