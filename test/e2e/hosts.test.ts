// npm start as a process: the ready line, ending cleanly, ports and folders that are taken, and what a killed host leaves behind.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { stillRuns } from '../../main/embedded/process-identity.ts';
import type { ProcessIdentity } from '../../main/embedded/process-identity.ts';
import { endLeftovers } from '../../main/embedded/run-records.ts';
import { projectRoot } from './child.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-hosts-'));
let data: string;
let nextFolder = 0;
const running = new Set<{ kill(signal: NodeJS.Signals): unknown; ended: Promise<unknown> }>();
beforeEach(() => {
  nextFolder += 1;
  data = join(folder, `data-${nextFolder}`);
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await Promise.all([...running].map((child) => child.ended));
  // A test that failed in the middle leaves nothing on the machine either.
  for (let n = 1; n <= nextFolder; n += 1) {
    const used = join(folder, `data-${n}`);
    if (existsSync(join(used, 'run'))) await endLeftovers(used);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A program of the project with its two streams apart. */
function run(program: string, args: string[]) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|COUNTERSIGN_DATA)/.test(name));
  const env = { ...Object.fromEntries(inherited), TEMPORAL_CLI: inject('temporalPath') };
  const child = spawn(process.execPath, [program, ...args], {
    cwd: projectRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString('utf8')));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString('utf8')));
  const ended = new Promise<number | null>((done) => child.once('close', done));
  const kill = (signal: NodeJS.Signals) => child.kill(signal);
  const own = { kill, ended };
  running.add(own);
  void ended.then(() => running.delete(own));
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    kill,
    ready: () => vi.waitFor(() => expect(stdout, stderr).toContain('ready at'), { timeout: 60_000, interval: 50 }),
  };
}
const start = (...args: string[]) => run('main/start.ts', ['--host', 'browser', '--no-open', '--data', data, ...args]);

async function call(name: string, input: object): Promise<{ ok: boolean; value: unknown }> {
  const asking = run('main/cli.ts', ['call', name, JSON.stringify(input), '--data', data]);
  await asking.ended;
  return JSON.parse(asking.stdout()) as { ok: boolean; value: unknown };
}

/** Server and worker of the folder, as the host noted them. */
function children(): ProcessIdentity[] {
  return ['temporal', 'worker'].flatMap((name) => {
    const file = join(data, 'run', `${name}.json`);
    if (!existsSync(file)) return [];
    return [(JSON.parse(readFileSync(file, 'utf8')) as { child: ProcessIdentity }).child];
  });
}

const untilSynced = async (): Promise<void> => {
  expect(await call('sync:now', { waitMs: 60_000 })).toMatchObject({ ok: true, value: { server: { kind: 'ready' } } });
};

test('says once where it is ready, and ends with its server and worker', async () => {
  const host = start();
  await host.ready();
  expect(host.stdout()).toMatch(/^Countersign is ready at http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/);
  await untilSynced();
  const before = children();
  expect(before.map(stillRuns)).toEqual([true, true]);
  host.kill('SIGTERM');
  expect(await host.ended).toBe(0);
  expect(host.stdout().trim().split('\n')).toHaveLength(1);
  expect(before.map(stillRuns)).toEqual([false, false]);
  expect(children()).toEqual([]);
  expect(existsSync(join(data, 'run', 'host.sock'))).toBe(false);
});

test('a host that was killed leaves no server or worker after the next start', async () => {
  const first = start();
  await first.ready();
  await untilSynced();
  const left = children();
  first.kill('SIGKILL');
  await first.ended;
  const second = start();
  await second.ready();
  await untilSynced();
  expect(left.map(stillRuns)).toEqual([false, false]);
  const own = children();
  expect(own.map(stillRuns)).toEqual([true, true]);
  second.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(own.map(stillRuns)).toEqual([false, false]);
});

test('working offline keeps server and worker stopped, over a restart too', async () => {
  const first = start();
  await first.ready();
  await untilSynced();
  expect(await call('sync:work-offline', { offline: true })).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(children()).toEqual([]), { timeout: 20_000 });
  first.kill('SIGTERM');
  await first.ended;
  const second = start();
  await second.ready();
  expect(await call('sync:status', {})).toMatchObject({
    value: { workOffline: true, server: { kind: 'stopped' }, state: { kind: 'offline', reason: 'chosen' } },
  });
  expect(children()).toEqual([]);
  second.kill('SIGTERM');
  await second.ended;
});

test('a second application on the same folder says who has it, and the first goes on', async () => {
  const first = start();
  await first.ready();
  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.stderr()).toContain(`Countersign is already running on ${data}`);
  expect(second.stdout()).toBe('');
  expect(await call('home:get', {})).toMatchObject({ ok: true });
  first.kill('SIGTERM');
  await first.ended;
});

test('a port in use is named, with what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const host = start('--port', String(port));
  expect(await host.ended).toBe(1);
  expect(host.stderr()).toContain(`Port ${port} is used by another program. Give another one with --port`);
  expect(children()).toEqual([]);
  taken.close();
});

test('a data folder that cannot be used is named, with what to do', async () => {
  writeFileSync(data, 'a file where the folder should be');
  const host = start();
  expect(await host.ended).toBe(1);
  expect(host.stderr()).toContain(`The data folder ${data} cannot be used`);
  expect(host.stderr()).toContain('--data');
});

test('wrong flags end with 2 and the usage', async () => {
  const host = start('--host', 'netscape');
  expect(await host.ended).toBe(2);
  expect(host.stderr()).toContain('--host is electron or browser, not "netscape"');
  expect(host.stderr()).toContain('--no-open');
});

test('a command that needs the server has one for its duration when no application runs', async () => {
  await untilSynced();
  expect(children()).toEqual([]);
});
