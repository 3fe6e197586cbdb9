// `npm run soak -- [NAME …] [--list]`: what takes too long for every run of the tests. Ends with 1 when one of them fails.
// The tests of files are those of `npm test` with the whole figures. COUNTERSIGN_SEED=N has a run again whose seed was printed; the
// figures' own variables (COUNTERSIGN_KILLS, …: see soaks.ts) change the figures.
import { parseArgs } from 'node:util';
import { soaks } from './soaks.ts';

const { values, positionals } = parseArgs({
  options: { list: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(soaks, name));
if (values.list || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no soak ${unknown.join(', ')}. There are:`);
  for (const [name, { shows }] of Object.entries(soaks)) console.log(`${name}: ${shows}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
} else {
  const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
  const chosen = Object.entries(soaks).filter(([name]) => positionals.length === 0 || positionals.includes(name));
  for (const [name, { shows, run }] of chosen) {
    console.log(`${name}: ${shows}; seed ${seed}`);
    const held = await run(seed);
    console.log(`${name}: ${held ? 'held' : `DID NOT HOLD; again by COUNTERSIGN_SEED=${seed}`}`);
    if (!held) process.exitCode = 1;
  }
}
