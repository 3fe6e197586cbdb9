import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogFile } from '../../../main/embedded/log-file.ts';
import { testFolder } from './conditions.ts';

test('a log keeps its newest lines within its bounds', () => {
  const folder = testFolder();
  const log = openLogFile(join(folder, 'a.log'), { limitBytes: 1_000, keep: 2 });
  for (let n = 1; n <= 200; n += 1) log.line(`line ${n}`);
  expect(readdirSync(folder).toSorted()).toEqual(['a.log', 'a.log.1', 'a.log.2']);
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThan(1_100);
  const kept = ['a.log.2', 'a.log.1', 'a.log'].flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').trim().split('\n'),
  );
  expect(kept.at(-1)).toMatch(/^\d{4}-.*Z line 200$/);
  expect(kept.map((line) => Number(line.split(' ').at(-1)))).toEqual(kept.map((_, n) => 201 - kept.length + n));
});

test('a log goes on where an earlier run ended', () => {
  const path = join(testFolder(), 'a.log');
  openLogFile(path).line('first');
  openLogFile(path).line('second');
  expect(readFileSync(path, 'utf8')).toMatch(/ first\n.* second\n$/);
});

test('a log that cannot be written says so and does not throw', () => {
  const log = openLogFile('/dev/null/nowhere/a.log');
  log.line('lost');
  expect(log.trouble()).toMatch(/nowhere/);
});
