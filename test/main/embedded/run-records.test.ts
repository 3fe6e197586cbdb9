import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { ownIdentity } from '../../../main/embedded/process-identity.ts';
import { endLeftovers, writeRunRecord } from '../../../main/embedded/run-records.ts';
import type { ProcessState } from '../../../main/embedded/supervised-process.ts';
import { isRunning, killAndWait, spawnHost, testFolder } from './conditions.ts';

const hostProgram = fileURLToPath(new URL('programs/host-of-one.ts', import.meta.url));
const recordOf = (dataDir: string): string => join(dataDir, 'run', 'child.json');

async function killedHost(...more: string[]): Promise<{ dataDir: string; pid: number }> {
  const dataDir = testFolder();
  const { host, states } = spawnHost<ProcessState>(hostProgram, [dataDir, ...more]);
  const { pid } = await states.next('running');
  await killAndWait(host);
  return { dataDir, pid };
}

test('the child of a killed host is ended by the next start', async () => {
  const { dataDir, pid } = await killedHost();
  expect(isRunning(pid)).toBe(true);
  expect(await endLeftovers(dataDir)).toEqual([{ kind: 'ended', name: 'child', pid }]);
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(recordOf(dataDir))).toBe(false);
  expect(await endLeftovers(dataDir)).toEqual([]);
});

test('a child that ignores the request is killed', async () => {
  const { dataDir, pid } = await killedHost('deaf');
  expect(await endLeftovers(dataDir, 100)).toEqual([{ kind: 'killed', name: 'child', pid }]);
  expect(isRunning(pid)).toBe(false);
});

test('a pid that the system gave to somebody else meanwhile is left alone', async () => {
  const { dataDir, pid } = await killedHost();
  const record = JSON.parse(readFileSync(recordOf(dataDir), 'utf8')) as { child: { startedAt: string } };
  writeFileSync(recordOf(dataDir), JSON.stringify({ ...record, child: { pid, startedAt: 'another time' } }));
  expect(await endLeftovers(dataDir)).toEqual([{ kind: 'was-gone', name: 'child', pid }]);
  expect(isRunning(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

test('the child of a host that still runs is left alone and named', async () => {
  const dataDir = testFolder();
  const { host, states } = spawnHost<ProcessState>(hostProgram, [dataDir]);
  const { pid } = await states.next('running');
  expect(await endLeftovers(dataDir)).toEqual([{ kind: 'host-alive', name: 'child', pid, hostPid: host.pid }]);
  expect(isRunning(pid)).toBe(true);
  await killAndWait(host);
  await endLeftovers(dataDir);
});

test('the own children of a host are no leftovers', async () => {
  const dataDir = testFolder();
  writeRunRecord(dataDir, 'child', ownIdentity());
  expect(await endLeftovers(dataDir)).toEqual([]);
  expect(existsSync(recordOf(dataDir))).toBe(true);
});

test('a record that cannot be read is told and removed', async () => {
  const dataDir = testFolder();
  mkdirSync(join(dataDir, 'run'));
  writeFileSync(recordOf(dataDir), '{"name":');
  expect(await endLeftovers(dataDir)).toMatchObject([{ kind: 'unreadable', file: recordOf(dataDir) }]);
  expect(existsSync(recordOf(dataDir))).toBe(false);
});
