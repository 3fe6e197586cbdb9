// `npm run bench -- [--only NAME] [--rounds N] [--json] [--list]`: runs the benchmarks and prints both sides of each comparison.
// A goal that is missed is printed and never an error: times belong to the machine (shared/docs/performance.md).
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { benchNames, loadBench } from './find-benches.ts';
import { runRounds } from './rounds.ts';
import { verdictsOf } from './verdicts.ts';
import type { Verdict } from './verdicts.ts';

const { values: asked } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});

const number = (value: number, unit: string): string =>
  `${value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 })} ${unit}`;

function sentence({ says, ours, theirs, value, spread, goal, reached }: Verdict): string {
  const unit = goal.kind === 'at-most' ? goal.unit : 'ms';
  const valueOf = (part: number): string => (goal.kind === 'times' ? `${part.toFixed(2)}×` : number(part, unit));
  const sides = [ours, theirs].flatMap((side) => (side ? `${side.contestant} ${number(side.median, unit)}` : []));
  const wanted =
    goal.kind === 'times' ? `≤ ${goal.most}×` : `≤ ${goal.kind === 'plus-ms' ? '+' : ''}${goal.most} ${unit}`;
  const found = theirs ? [valueOf(value), `rounds ${valueOf(spread.lowest)} … ${valueOf(spread.highest)}`] : [];
  return [`  ${says}:`, ...sides, ...found, `goal ${wanted}`, reached ? 'reached' : 'NOT reached'].join('  ');
}

async function runBench(name: string) {
  const bench = await loadBench(name);
  const rounds = asked.rounds === undefined ? bench.rounds : Number(asked.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new RangeError('--rounds takes a number from 1');
  const say = (line: string): void => void (asked.json || process.stdout.write(line));
  say(`${bench.name}: ${bench.shows}\n`);
  const measured = await runRounds(bench, rounds, (round, contestant) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K  round ${round} of ${rounds}: ${contestant}`);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  const verdicts = verdictsOf(bench, measured);
  for (const verdict of verdicts) say(`${sentence(verdict)}\n`);
  return { name, shows: bench.shows, rounds, verdicts, measured: Object.fromEntries(measured) };
}

if (asked.list) {
  for (const name of benchNames()) console.log(`${name}: ${(await loadBench(name)).shows}`);
} else {
  const machine = { node: process.version, cores: availableParallelism(), platform: process.platform };
  if (!asked.json) console.log(`Node ${machine.node}, ${machine.cores} cores; medians, contestants in fresh processes`);
  const benches = [];
  for (const name of asked.only ?? benchNames()) benches.push(await runBench(name));
  if (asked.json) console.log(JSON.stringify({ machine, benches }, null, 2));
}
