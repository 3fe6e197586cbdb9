// `npm run soak`: its names are those that the README gives, and what a name runs is there.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { soaks } from './soaks.ts';

const program = join(import.meta.dirname, 'run.ts');

function runSoak(...args: string[]): Promise<{ code: unknown; out: string; errors: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, out, errors) =>
      resolve({ code: error ? error.code : 0, out, errors }),
    );
  });
}

test('--list names every soak with what it shows', async () => {
  const { code, out } = await runSoak('--list');
  expect(code).toBe(0);
  const lines = out.trim().split('\n');
  expect(lines.map((line) => line.split(':')[0])).toEqual(Object.keys(soaks));
  for (const name of ['worker-kill', 'continue-as-new', 'late-signals', 'long-wait']) {
    expect(lines.find((line) => line.startsWith(`${name}: `))?.length).toBeGreaterThan(40);
  }
});

test('a name that does not exist is refused, with those that do', async () => {
  const { code, out, errors } = await runSoak('worker-kill', 'worker-kills');
  expect({ code, errors }).toEqual({ code: 2, errors: 'There is no soak worker-kills. There are:\n' });
  expect(out).toContain('worker-kill: ');
});

test('every test that a soak runs with the whole figures is there', () => {
  const files = Object.values(soaks).flatMap(({ testFile }) => testFile ?? []);
  expect(files.filter((file) => !existsSync(join(import.meta.dirname, '../..', file)))).toEqual([]);
});
