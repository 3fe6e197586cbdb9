// The browser host answers its own page and nobody else: token, Host, Origin, headers, paths, sizes, ports.
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { messageLimitBytes } from '../../main/bridge-messages.ts';
import { openBrowserHost } from '../../main/browser.ts';
import type { BrowserHost } from '../../main/browser.ts';
import { contentSecurityPolicy } from '../../main/content-policy.ts';
import { fakeApplication } from './fake-application.ts';
import { foreignPaths } from './foreign-paths.ts';
import type { FakeApplication } from './fake-application.ts';

let folder: string;
let application: FakeApplication;
let host: BrowserHost;
let token: string;
let origin: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-page-'));
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<style nonce="__CSP_NONCE__"></style><meta nonce="__CSP_NONCE__">');
  writeFileSync(join(page, 'assets', 'index-1.js'), 'void 0;');
  writeFileSync(join(page, 'assets', 'index-1.js.map'), '{}');
  writeFileSync(join(page, '.hidden.js'), 'secret');
  writeFileSync(join(folder, 'secret.js'), 'secret');
  symlinkSync(join(folder, 'secret.js'), join(page, 'link.js'));
  application = fakeApplication();
  host = await openBrowserHost({ application, pageRoot: page, port: 0, log: () => undefined });
  origin = `http://127.0.0.1:${host.port}`;
  token = new URL(host.url).hash.slice('#token='.length);
});
afterAll(async () => {
  await host.close();
  rmSync(folder, { recursive: true, force: true });
});

type Answer = { status: number; headers: Record<string, unknown>; body: string };

/** Without a client library: paths and headers go out as they are written here. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options;
    const asking = request({ host: '127.0.0.1', port: host.port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asking.once('error', reject).end(body);
  });
}

async function connect(
  headers: Record<string, string>,
  protocols: string[],
  path = '/bridge',
): Promise<WebSocket | number> {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}${path}`, protocols, { headers });
  return new Promise((resolve) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, response) => {
      socket.once('error', () => undefined).terminate();
      resolve(response.statusCode ?? 0);
    });
  });
}

async function openPage(): Promise<WebSocket> {
  const socket = await connect({ origin }, ['countersign', token]);
  if (typeof socket === 'number') throw new Error(`refused with ${socket}`);
  return socket;
}

const nextMessage = async (socket: WebSocket): Promise<unknown> => {
  const [data] = (await once(socket, 'message')) as [Buffer];
  return JSON.parse(data.toString('utf8'));
};

describe('the page', () => {
  test('comes with a nonce of its own in policy and text, and is never stored', async () => {
    const [first, second] = [await ask('/'), await ask('/')];
    const nonce = /nonce="([^"]+)"/.exec(first.body)?.[1] ?? '';
    expect(first.status).toBe(200);
    expect(first.headers['content-security-policy']).toBe(contentSecurityPolicy(nonce));
    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.body).not.toContain('__CSP_NONCE__');
    expect(nonce).toHaveLength(24);
    expect(second.body).not.toContain(nonce);
  });

  test('comes with the headers that keep other pages away', async () => {
    for (const path of ['/', '/assets/index-1.js', '/nothing.js', '/open/x']) {
      expect((await ask(path)).headers, path).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
    }
    expect((await ask('/assets/index-1.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.js',
    '/..%5csecret.js',
    '/%00',
    '/assets/index-1.js%00.html',
    '/%',
    '//etc/passwd',
    '//',
    'http://127.0.0.1/assets/index-1.js',
    '/link.js',
    '/.hidden.js',
    '/assets/index-1.js.map',
    '/assets',
    '/assets/',
    '/index.html/',
  ])('gives nothing at %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });

  test('is only given to GET and HEAD, and only at the own address', async () => {
    expect((await ask('/', { method: 'DELETE' })).status).toBe(405);
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    for (const name of ['evil.example', `localhost:${host.port}`, '127.0.0.1', `127.0.0.1:${host.port + 1}`]) {
      expect((await ask('/', { headers: { host: name } })).status, name).toBe(421);
    }
  });

  test('is opened by an address that works once', async () => {
    const path = new URL(host.oneTimeUrl()).pathname;
    expect(path).not.toContain(token);
    expect(await ask(path)).toMatchObject({ status: 303, headers: { location: host.url } });
    expect((await ask(path)).status).toBe(410);
  });
});

describe('the bridge', () => {
  test.each([
    ['without a token', () => connect({ origin }, ['countersign']), 401],
    ['with a wrong token', () => connect({ origin }, ['countersign', `${token.slice(0, -1)}_`]), 401],
    ['with the token of another place in the list', () => connect({ origin }, [token, 'countersign']), 401],
    ['without an origin', () => connect({}, ['countersign', token]), 403],
    ['from a foreign page', () => connect({ origin: 'http://evil.example' }, ['countersign', token]), 403],
    ['from a page on this machine', () => connect({ origin: 'http://127.0.0.1:1' }, ['countersign', token]), 403],
    ['from a sandboxed page', () => connect({ origin: 'null' }, ['countersign', token]), 403],
    ['under a foreign name', () => connect({ origin, host: 'evil.example' }, ['countersign', token]), 403],
    ['at another place', () => connect({ origin }, ['countersign', token], '/'), 404],
    ['at no place', () => connect({ origin }, ['countersign', token], '//'), 404],
  ])('is refused %s', async (_, connecting, status) => {
    expect(await connecting()).toBe(status);
  });

  test('answers each question by its id and tells events', async () => {
    const socket = await openPage();
    socket.send(JSON.stringify({ id: 7, name: 'home:get', input: {} }));
    expect(await nextMessage(socket)).toEqual({ id: 7, result: { ok: true, value: { name: 'home:get', input: {} } } });
    const profile = { kind: 'import', job: { importId: 'x' } } as never;
    application.tell(profile);
    expect(await nextMessage(socket)).toEqual({ event: profile });
    socket.close();
    await once(socket, 'close');
    await vi.waitFor(() => expect(application.listeners()).toBe(0));
  });

  test.each(foreignPaths)('refuses a page that names the path %j, without asking the core', async (path) => {
    const socket = await openPage();
    const before = application.asked.length;
    for (const name of ['population:import', 'document:submit']) {
      socket.send(JSON.stringify({ id: 1, name, input: { reportId: 'r', source: { kind: 'path', path } } }));
      expect(await nextMessage(socket)).toMatchObject({ id: 1, result: { ok: false, error: { kind: 'refused' } } });
    }
    expect(application.asked).toHaveLength(before);
    socket.close();
  });

  test('lets a page name a practice file, which the application made itself', async () => {
    const socket = await openPage();
    const input = { reportId: 'r', source: { kind: 'path', path: '/data/practice/r/evidence-north.csv' } };
    socket.send(JSON.stringify({ id: 1, name: 'document:submit', input }));
    expect(await nextMessage(socket)).toEqual({
      id: 1,
      result: { ok: true, value: { name: 'document:submit', input } },
    });
    socket.close();
  });

  test.each([
    ['text that is no JSON', 'hello', 1008],
    ['a message of another shape', '{"name":"home:get"}', 1008],
    ['a message with more in it', '{"id":1,"name":"home:get","input":{},"profile":"x","as":"y"}', 1008],
    ['bytes', Buffer.from('{"id":1,"name":"home:get","input":{}}'), 1008],
    ['a message that is too large', `{"id":1,"name":"x","input":"${'x'.repeat(messageLimitBytes)}"}`, 1009],
  ])('closes on %s and keeps serving others', async (_, message, code) => {
    const before = application.asked.length;
    const socket = await openPage();
    socket.send(message);
    const [closed] = (await once(socket, 'close')) as [number];
    expect(closed).toBe(code);
    expect(application.asked).toHaveLength(before);
    (await openPage()).close();
  });
});

describe('receiving a file', () => {
  const path = '/receive?fileName=a.csv&reportId=r-1&totalBytes=5';
  const headers = () => ({ origin, 'x-countersign-token': token });

  test('streams it into the core and answers with the import', async () => {
    const answer = await ask(path, { method: 'POST', headers: headers(), body: 'a,b\n1' });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ ok: true, value: { importId: 'import-1' } });
    expect(application.received.at(-1)).toEqual({
      fileName: 'a.csv',
      totalBytes: 5,
      reportId: 'r-1',
      bytes: 5,
      ended: 'whole',
    });
  });

  test.each([
    ['without a token', () => ({ origin }), 401],
    ['from a foreign page', () => ({ ...headers(), origin: 'http://evil.example' }), 403],
    ['without an origin', () => ({ 'x-countersign-token': token }), 403],
  ])('is refused %s', async (_, given, status) => {
    const before = application.received.length;
    const answer = await ask(path, { method: 'POST', headers: given(), body: 'x' });
    expect(answer.status).toBe(status);
    expect(application.received).toHaveLength(before);
  });

  test.each(['/receive?reportId=r', '/receive?fileName=a.csv', '/receive?fileName=a&reportId=r&totalBytes=-1'])(
    'says what is wrong with %s',
    async (wrong) => {
      const answer = await ask(wrong, { method: 'POST', headers: headers(), body: 'x' });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ ok: false, error: { kind: 'bad-input' } });
    },
  );

  test('ends when the page goes in the middle', async () => {
    const [before, bytesBefore] = [application.received.length, application.receivedBytes()];
    const sending = request({ host: '127.0.0.1', port: host.port, path, method: 'POST', headers: headers() });
    sending.once('error', () => undefined);
    sending.write('half');
    await vi.waitFor(() => expect(application.receivedBytes()).toBe(bytesBefore + 4));
    sending.destroy();
    await vi.waitFor(() => expect(application.received.length).toBe(before + 1));
    expect(application.received.at(-1)?.ended).toBe('aborted');
  });
});

test('the policy is the one that was measured to be without violations', () => {
  expect(contentSecurityPolicy('N').split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src-elem 'self' 'nonce-N'",
    "style-src-attr 'none'",
    "connect-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
});

test('a port that is in use is named with what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const opening = openBrowserHost({ application, pageRoot: folder, port, log: () => undefined });
  await expect(opening).rejects.toThrow(`Port ${port} is used by another program. Give another one with --port`);
  taken.close();
});

test('only this machine is listened to', () => {
  expect(new URL(host.url).hostname).toBe('127.0.0.1');
  expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
