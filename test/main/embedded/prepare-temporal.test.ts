import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  prepareTemporal,
  type PreparedTemporal,
  type PrepareOptions,
  type PrepareProgress,
} from '../../../main/embedded/prepare-temporal.ts';
import { tryLock } from '../../../main/embedded/preparation-lock.ts';
import { processStart } from '../../../main/embedded/process-identity.ts';
import { cachedTemporalPath } from '../../../main/embedded/temporal-binary.ts';
import { recordStates } from './conditions.ts';
import { fakeMachine, goMakesTemporal, type FakeMachine } from './fake-machine.ts';

const refuses = `console.log(JSON.stringify({ event: 'failed', reason: 'no such host' })); process.exit(1)`;

type Step = PrepareProgress['step'];
type ProgressByStep = { [Each in Step]: PrepareProgress & { kind: Each } }[Step];

/** Prepares on a fake machine whose download is refused unless a program is given. */
function prepare(machine: FakeMachine, more: Partial<PrepareOptions> = {}) {
  const progress = recordStates<ProgressByStep>();
  const result: Promise<PreparedTemporal> = prepareTemporal({
    env: machine.env,
    nodePath: process.execPath,
    fetchProgram: more.fetchProgram ?? machine.fetchProgram(refuses),
    onProgress: (each) => progress.add({ ...each, kind: each.step }),
    ...more,
  });
  return { result, progress };
}

/** What remains beside the executable: nothing, when all cleaned up after themselves. */
function remains(machine: FakeMachine): string[] {
  const folder = dirname(dirname(cachedTemporalPath(machine.env)));
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== '1.5.1') : [];
}

test('without temporal, download and Go it is unavailable, with each reason and how to get it', async () => {
  const machine = fakeMachine();
  const result = await prepare(machine).result;
  expect(result).toMatchObject({
    kind: 'unavailable',
    tried: [
      { what: 'build', reason: 'there is no `go` on the PATH' },
      { what: 'download', reason: 'no such host' },
    ],
  });
  expect(result.kind === 'unavailable' && result.howToGet.join(' ')).toMatch(
    /TEMPORAL_CLI.*Go 1\.25.*TEMPORAL_ADDRESS/,
  );
  expect(remains(machine)).toEqual([]);
});

test('a build that fails is unavailable with the last words of Go', async () => {
  const machine = fakeMachine();
  machine.go({ version: '1.26.8', install: 'echo "go: downloading x"; echo "no space left on device" >&2; exit 1' });
  expect(await prepare(machine).result).toMatchObject({
    kind: 'unavailable',
    tried: [
      { what: 'download' },
      { what: 'build', reason: expect.stringContaining('no space left on device') as string },
    ],
  });
  expect(remains(machine)).toEqual([]);
});

test('where the download is refused it is built with Go, and the second time it is found', async () => {
  const machine = fakeMachine();
  const asked = join(machine.folder, 'asked');
  machine.go({ version: '1.26.8', install: `echo "$@" > ${asked}; echo some/package; ${goMakesTemporal}` });
  const { result, progress } = prepare(machine);
  const path = cachedTemporalPath(machine.env);
  expect(await result).toMatchObject({
    kind: 'prepared',
    binary: { path, from: 'cache', cliVersion: '0.0.0-DEV', serverVersion: '1.29.1' },
    refused: [{ what: 'download', reason: 'no such host' }],
  });
  expect(readFileSync(asked, 'utf8')).toBe('install -v github.com/temporalio/cli/cmd/temporal@v1.5.1\n');
  expect(remains(machine)).toEqual([]);
  const steps = [...new Set(progress.all.map(({ step }) => step))];
  expect(steps).toEqual(['looking', 'downloading', 'building', 'checking']);
  expect(await progress.next('building', ({ detail }) => detail === 'some/package')).toMatchObject({
    fraction: 1 / 1_298,
    expectedMs: expect.any(Number) as number,
  });

  const again = prepare(machine);
  expect(await again.result).toMatchObject({ kind: 'prepared', binary: { path, from: 'cache' } });
  expect(new Set(again.progress.all.map(({ step }) => step))).toEqual(new Set(['looking']));
});

test('what the download program fetched is moved into the cache', async () => {
  const machine = fakeMachine();
  const fetchProgram = machine.fetchProgram(`import { writeFileSync } from 'node:fs';
    const [folder, version] = process.argv.slice(2);
    console.log('a log line'); console.log(JSON.stringify({ event: 'progress', bytes: 5e6 }));
    writeFileSync(folder + '/got', '#!/bin/sh\\necho "temporal version ' + version + ' (Server 1.29.1)"\\n', { mode: 0o755 });
    console.log(JSON.stringify({ event: 'done', path: folder + '/got' }))`);
  const { result, progress } = prepare(machine, { fetchProgram });
  expect(await result).toMatchObject({
    kind: 'prepared',
    binary: { path: cachedTemporalPath(machine.env), cliVersion: '1.5.1' },
  });
  await progress.next('downloading', ({ detail }) => detail === '5 MB of Temporal 1.5.1 are here');
});

test('of two that prepare at once only one builds, and the other waits for it', async () => {
  const machine = fakeMachine();
  const [count, go] = [join(machine.folder, 'count'), join(machine.folder, 'go-on')];
  const install = `echo built >> ${count}; while [ ! -e ${go} ]; do /bin/sleep 0.02; done; ${goMakesTemporal}`;
  machine.go({ version: '1.26.8', install });
  const first = prepare(machine);
  await first.progress.next('building');
  const second = prepare(machine);
  expect((await second.progress.next('waiting')).detail).toContain(String(process.pid));
  writeFileSync(go, '');
  expect((await Promise.all([first.result, second.result])).map(({ kind }) => kind)).toEqual(['prepared', 'prepared']);
  expect(readFileSync(count, 'utf8')).toBe('built\n');
  expect(remains(machine)).toEqual([]);
});

test('cancelling ends the build with everything it started and leaves nothing', async () => {
  const machine = fakeMachine();
  // What `go` starts itself (compilers) must go with it.
  machine.go({ version: '1.26.8', install: '/bin/sleep 300 & echo "compiling in $!"; wait' });
  const cancel = new AbortController();
  const { result, progress } = prepare(machine, { signal: cancel.signal });
  const { detail } = await progress.next('building', (each) => each.detail.startsWith('compiling in'));
  const compiler = Number(detail.split(' ').at(-1));
  expect(processStart(compiler)).not.toBeNull();
  cancel.abort();
  expect(await result).toEqual({ kind: 'cancelled' });
  expect(processStart(compiler)).toBeNull();
  expect(remains(machine)).toEqual([]);
});

test('waiting for another process can be cancelled too', async () => {
  const machine = fakeMachine();
  const held = await tryLock(`${dirname(cachedTemporalPath(machine.env))}.lock`);
  expect(held.kind).toBe('locked');
  const cancel = new AbortController();
  const { result, progress } = prepare(machine, { signal: cancel.signal });
  await progress.next('waiting');
  cancel.abort();
  expect(await result).toEqual({ kind: 'cancelled' });
});

test('a cache that cannot be written is unavailable with that reason', async () => {
  const machine = fakeMachine();
  const result = await prepare(machine, { env: { ...machine.env, COUNTERSIGN_CACHE: '/dev/null/cache' } }).result;
  expect(result).toMatchObject({
    kind: 'unavailable',
    tried: [{ what: 'cache', reason: expect.stringContaining('/dev/null') as string }],
  });
});

test('half a build of a killed process is removed', async () => {
  const machine = fakeMachine();
  machine.go({ version: '1.26.8', install: goMakesTemporal });
  const making = `${dirname(cachedTemporalPath(machine.env))}.making`;
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, 'temporal'), 'half of it');
  expect((await prepare(machine).result).kind).toBe('prepared');
  expect(remains(machine)).toEqual([]);
});
