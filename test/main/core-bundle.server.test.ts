// The core's process as it is bundled for Electron, away from the sources and with nothing but better-sqlite3 beside it, on a plain Node:
// it opens, gets a server and a worker of its own, syncs, and leaves nothing running.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, expect, inject, test } from 'vitest';
import { electronBundles, unbundled } from '../../main/build/electron-bundles.ts';
import { sourcePrograms } from '../../main/programs.ts';
import type { FromCore, ToCore } from '../../main/core-messages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'countersign-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Stands in for Electron's parent port: messages go over the process's own channel. */
const harness = `
import { EventEmitter } from 'node:events';
const port = new EventEmitter();
port.postMessage = (message) => process.send(message);
process.on('message', (data) => port.emit('message', { data }));
process.parentPort = port;
const entry = import('./main/core-process.js');
process.send({ kind: 'loaded' });
await entry;
`;

test('the bundled core works where only its native module is', async () => {
  const bundle = electronBundles(folder)[0];
  await build({ ...bundle, logLevel: 'silent' });
  for (const name of unbundled) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(dirname(target), { recursive: true });
    for (const part of ['package.json', 'lib', 'prebuilds']) {
      cpSync(join(root, 'node_modules', name, part), join(target, part), { recursive: true });
    }
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'harness.js'), harness);
  const dataDir = join(folder, 'data');

  const temporal = { TEMPORAL_CLI: inject('temporalPath'), TEMPORAL_ADDRESS: '' };
  const child = spawn(process.execPath, [join(folder, 'harness.js')], {
    env: { ...process.env, ...temporal },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const heard: (FromCore | { kind: 'loaded' })[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (message) => {
    heard.push(message as FromCore);
    for (const look of waiting) look();
  });
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  const hear = <Kind extends FromCore['kind'] | 'loaded'>(kind: Kind): Promise<Extract<FromCore, { kind: Kind }>> =>
    new Promise((done, fail) => {
      const look = (): void => {
        const found = heard.find((message) => message.kind === kind);
        if (found) done(found as Extract<FromCore, { kind: Kind }>);
      };
      waiting.add(look);
      void exited.then((code) => fail(new Error(`it ended with ${code} before "${kind}": ${JSON.stringify(heard)}`)));
      look();
    });
  const say = (message: ToCore): void => void child.send(message);

  await hear('loaded');
  say({ kind: 'open', dataDir, profile: null, seal: null, programs: sourcePrograms(root) });
  await hear('opened');
  say({ kind: 'ask', id: 1, name: 'sync:now', input: { waitMs: 60_000 } });
  const { result } = await hear('answer');
  expect(result).toMatchObject({ ok: true, value: { state: { kind: 'idle' }, server: { kind: 'ready' } } });
  expect(existsSync(join(dataDir, 'run', 'worker.json'))).toBe(true);
  say({ kind: 'close' });
  await hear('closed');
  expect(await exited).toBe(0);
  expect(readdirSync(join(dataDir, 'run')).filter((name) => name.endsWith('.json'))).toEqual([]);
});
