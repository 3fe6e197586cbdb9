// Terminals reach a host through its socket and nobody else does: place, mode, questions, answers, bad lines.
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askHost } from '../../main/host-client.ts';
import { hostSocketPath, openHostSocket } from '../../main/host-socket.ts';
import type { HostSocket } from '../../main/host-socket.ts';
import { fakeApplication } from './fake-application.ts';
import type { FakeApplication } from './fake-application.ts';

let folder: string;
let application: FakeApplication;
let socket: HostSocket;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-socket-'));
  application = fakeApplication();
  socket = await openHostSocket(folder, application, () => undefined);
});
afterEach(async () => {
  await socket.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a question is answered, as the profile that was named', async () => {
  const answer = await askHost(folder, { name: 'home:get', input: { a: 1 }, profile: 'tara' });
  expect(answer).toEqual({ kind: 'answered', result: { ok: true, value: { name: 'home:get', input: { a: 1 } } } });
  expect(application.asked).toEqual([{ name: 'home:get', input: { a: 1 }, profile: 'tara' }]);
});

test('a large answer comes whole', async () => {
  const input = { text: 'ü'.repeat(3_000_000) };
  const answer = await askHost(folder, { name: 'x', input, profile: undefined });
  expect(answer).toMatchObject({ kind: 'answered', result: { ok: true, value: { input } } });
});

test.skipIf(process.platform === 'win32')('only its owner may use the socket', () => {
  expect(statSync(socket.path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'run')).mode & 0o077).toBe(0);
});

test('a dead host’s socket is replaced', async () => {
  const other = mkdtempSync(join(tmpdir(), 'countersign-socket-'));
  mkdirSync(join(other, 'run'));
  writeFileSync(join(other, 'run', 'host.sock'), '');
  const opened = await openHostSocket(other, application, () => undefined);
  expect(await askHost(other, { name: 'x', input: {}, profile: undefined })).toMatchObject({ kind: 'answered' });
  await opened.close();
  rmSync(other, { recursive: true });
});

test('without a host that is said, also after one ended', async () => {
  await socket.close();
  expect(await askHost(folder, { name: 'x', input: {}, profile: undefined })).toEqual({ kind: 'no-host' });
  expect(await askHost(join(folder, 'none'), { name: 'x', input: {}, profile: undefined })).toEqual({
    kind: 'no-host',
  });
});

test('a host that ends in the middle is told', async () => {
  const asked = Promise.withResolvers<void>();
  application.invoke = () => {
    asked.resolve();
    return new Promise(() => undefined);
  };
  const asking = askHost(folder, { name: 'x', input: {}, profile: undefined });
  await asked.promise;
  await socket.close();
  expect(await asking).toMatchObject({ kind: 'lost' });
});

test('a line that is no question is refused, and the connection ends', async () => {
  const stranger = connect(socket.path);
  stranger.write('GET / HTTP/1.1\r\n');
  const [line] = (await once(stranger.setEncoding('utf8'), 'data')) as [string];
  expect(JSON.parse(line)).toEqual({ error: 'a message has to be JSON' });
  await once(stranger, 'end');
  expect(application.asked).toEqual([]);
});

test('too long a path leads to a place outside that is named after the folder', () => {
  const long = join('/home', 'x'.repeat(120));
  expect(Buffer.byteLength(hostSocketPath(long, 'linux'))).toBeLessThan(104);
  expect(hostSocketPath(long, 'linux')).not.toBe(hostSocketPath(`${long}y`, 'linux'));
  expect(hostSocketPath('/home/a', 'linux')).toBe('/home/a/run/host.sock');
  expect(hostSocketPath('/home/a', 'win32')).toMatch(/^\\\\\.\\pipe\\countersign-[0-9a-f]{24}$/);
});

test.skipIf(process.platform === 'win32')('a folder with too long a path works all the same', async () => {
  const long = join(folder, 'x'.repeat(100));
  const opened = await openHostSocket(long, application, () => undefined);
  expect(await askHost(long, { name: 'x', input: {}, profile: undefined })).toMatchObject({ kind: 'answered' });
  expect(statSync(opened.path).mode & 0o777).toBe(0o600);
  await opened.close();
});
