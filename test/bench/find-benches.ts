// Owns which benchmarks there are: the files of benches/. Each exports `bench`; only the asked one is loaded.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Bench } from './bench.ts';

const folder = join(import.meta.dirname, 'benches');

export function benchNames(): string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
}

/** @throws RangeError that names the benchmarks there are. */
export async function loadBench(name: string): Promise<Bench> {
  const names = benchNames();
  if (!names.includes(name)) throw new RangeError(`there is no benchmark "${name}"; there are ${names.join(', ')}`);
  const { bench } = (await import(pathToFileURL(join(folder, `${name}.ts`)).href)) as { bench: Bench };
  return bench;
}
