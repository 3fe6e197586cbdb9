// Runs one contestant once, in this process: `contestant.ts BENCH CONTESTANT [FOLDER]`. Its figures are the last line of stdout.
// Without a folder it makes one with the fixture, so that a contestant can be run by hand under `node --cpu-prof`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBench } from './find-benches.ts';

const [name = '', contestant = '', given] = process.argv.slice(2);
const bench = await loadBench(name);
const run = bench.contestants[contestant];
if (contestant !== 'fixture' && !run) {
  const known = Object.keys(bench.contestants).join(', ');
  throw new RangeError(`"${name}" has no contestant "${contestant}"; it has ${known}`);
}
const folder = given ?? mkdtempSync(join(tmpdir(), `countersign-bench-${name}-`));
try {
  if (given === undefined || contestant === 'fixture') await bench.fixture?.(folder);
  console.log(JSON.stringify((await run?.(folder)) ?? {}));
} finally {
  if (given === undefined) rmSync(folder, { recursive: true, force: true });
}
