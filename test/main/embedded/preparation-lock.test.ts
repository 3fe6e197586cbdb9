import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { moveDeadLockAway, tryLock } from '../../../main/embedded/preparation-lock.ts';
import { processStart } from '../../../main/embedded/process-identity.ts';
import { isRunning, testFolder } from './conditions.ts';

const deadOwner = { pid: process.pid, startedAt: 'before the last boot' };

function lockOfDeadOwner(helper?: object): string {
  const folder = join(testFolder(), 'a.lock');
  mkdirSync(folder);
  writeFileSync(join(folder, 'owner.json'), JSON.stringify(deadOwner));
  if (helper) writeFileSync(join(folder, 'helper.json'), JSON.stringify(helper));
  return folder;
}

test('a lock is held by one at a time and free again after its release', async () => {
  const folder = join(testFolder(), 'deep', 'a.lock');
  const first = await tryLock(folder);
  expect(await tryLock(folder)).toEqual({ kind: 'busy', ownerPid: process.pid });
  if (first.kind === 'locked') first.lock.release();
  expect((await tryLock(folder)).kind).toBe('locked');
});

test('of many that find a dead owner exactly one gets the lock', async () => {
  const folder = lockOfDeadOwner();
  const attempts = await Promise.all(Array.from({ length: 20 }, () => tryLock(folder)));
  expect(attempts.filter(({ kind }) => kind === 'locked')).toHaveLength(1);
});

test('who still holds the owner for dead after another has taken its lock over cannot move the new lock', async () => {
  const folder = lockOfDeadOwner();
  expect((await tryLock(folder)).kind).toBe('locked');
  await moveDeadLockAway(folder, deadOwner);
  expect(await tryLock(folder)).toEqual({ kind: 'busy', ownerPid: process.pid });
});

test('the program that a dead owner left running is ended', async () => {
  const helper = spawn('/bin/sleep', ['300'], { detached: true, stdio: 'ignore' });
  onTestFinished(() => void helper.kill('SIGKILL'));
  const pid = helper.pid as number;
  const gone = new Promise((resolve) => helper.once('exit', resolve));
  const folder = lockOfDeadOwner({ pid, startedAt: processStart(pid) });
  expect((await tryLock(folder)).kind).toBe('locked');
  await gone;
  expect(isRunning(pid)).toBe(false);
});
