// What a run prints at its end, seen on a real run over a sample of every outcome.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { closingLine } from './closing-line.ts';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const config = fileURLToPath(new URL('closing-line/vitest.config.ts', import.meta.url));

async function runSample(...args: string[]): Promise<{ lines: string[]; exitCode: number | null }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const child = spawn(process.execPath, [vitest, 'run', '--config', config, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = await text(child.stdout);
  return { lines: output.trimEnd().split('\n'), exitCode: await exited };
}

test('the last line counts failures of suites and silent skips as failures, and every skip says why', async () => {
  const { lines, exitCode } = await runSample();
  expect(lines.slice(-4)).toEqual([
    'skipped: outcomes.sample.ts > is skipped with a reason: there is no display',
    'skipped: outcomes.sample.ts > a suite whose preparation throws > is not reached: what stands around it failed',
    "skipped without a reason (use ctx.skip('reason')): outcomes.sample.ts > is skipped in silence",
    '1 passed, 3 failed, 2 skipped',
  ]);
  expect(exitCode).toBe(1);
});

test('tests left out by a name filter are not mentioned', async () => {
  expect(await runSample('-t', '^passes$')).toEqual({ lines: ['1 passed, 0 failed'], exitCode: 0 });
});

test('a run that never began does not look like a success', async () => {
  const { lines, exitCode } = await runSample('no-such-file');
  expect(lines.at(-1)).toBe('0 passed, 1 failed');
  expect(exitCode).toBe(1);
});

test('skips are mentioned only where there are some', () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});
