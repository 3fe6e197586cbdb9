// The core in a process of its own: questions and answers over a port, files by path, closing, and its sudden end. And vaults.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { coreClient } from '../../main/core-client.ts';
import type { FromCore, ToCore } from '../../main/core-messages.ts';
import { serveCore } from '../../main/core-server.ts';
import { failed } from '../../main/core/failure.ts';
import type { HostOptions } from '../../main/host-core.ts';
import { privateFileVault, sealingVault } from '../../main/vaults.ts';
import { fakeApplication } from './fake-application.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-core-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both ends over a real port, so that everything is cloned as between processes. */
function connected(open?: (options: HostOptions) => Promise<never>) {
  const { port1, port2 } = new MessageChannel();
  const application = fakeApplication();
  const close = vi.fn(() => Promise.resolve());
  const opened: HostOptions[] = [];
  const events: unknown[] = [];
  let exited: (code: number) => void = () => undefined;
  void serveCore(
    {
      say: (message: FromCore) => port2.postMessage(message),
      onMessage: (listener) => port2.on('message', (message: ToCore) => listener(message)),
    },
    open ??
      ((options) => {
        opened.push(options);
        return Promise.resolve({ application, close, log: () => undefined, server: undefined as never });
      }),
  ).then(() => end(0));
  let exitCode = 0;
  // What was said before is still heard.
  port1.on('close', () => exited(exitCode));
  const end = (code: number): void => {
    exitCode = code;
    port2.close();
  };
  const client = coreClient(
    {
      send: (message) => port1.postMessage(message),
      onMessage: (listener) => port1.on('message', listener),
      onExit: (listener) => void (exited = listener),
    },
    { dataDir: folder, profile: 'tara', seal: { key: new Uint8Array(32).fill(1), name: 'the test' }, programs: {} },
    (event) => events.push(event),
  );
  return { client, application, close, opened, events, end };
}

describe('the core’s process', () => {
  test('opens the folder, answers, tells events and closes in order', async () => {
    const { client, application, close, opened, events } = connected();
    await client.opened;
    expect(opened[0]).toMatchObject({ dataDir: folder, profile: 'tara', server: 'as-configured', socket: true });
    expect(opened[0]?.vault.name).toBe('the test');
    expect(await client.ask('home:get', { a: 1 })).toEqual({ ok: true, value: { name: 'home:get', input: { a: 1 } } });
    application.tell({ kind: 'import', job: { importId: 'i' } } as never);
    await vi.waitFor(() => expect(events).toEqual([{ kind: 'import', job: { importId: 'i' } }]));
    await client.close();
    expect(close).toHaveBeenCalledOnce();
    expect(await client.gone).toEqual({ expected: true, code: 0 });
  });

  test('says why it cannot open', async () => {
    const { client } = connected(() => Promise.reject(failed('unavailable', 'The data folder /x cannot be used')));
    await expect(client.opened).rejects.toThrow('The data folder /x cannot be used');
  });

  test('takes a file by its path, and tells when there is none', async () => {
    const { client, application } = connected();
    await client.opened;
    const file = join(folder, 'a.csv');
    writeFileSync(file, 'a,b\n1,2\n');
    expect(await client.receive(file, 'r-1', () => undefined)).toEqual({ ok: true, value: { importId: 'import-1' } });
    expect(application.received).toEqual([
      { fileName: 'a.csv', totalBytes: 8, reportId: 'r-1', bytes: 8, ended: 'whole' },
    ]);
    expect(await client.receive(folder, 'r-1', () => undefined)).toMatchObject({ error: { kind: 'bad-input' } });
    expect(await client.receive(join(folder, 'none'), 'r-1', () => undefined)).toMatchObject({ ok: false });
    await client.close();
  });

  test('stops taking a file when the page cancels', async () => {
    const { client, application } = connected();
    await client.opened;
    application.receive = (_meta, _body, signal) =>
      new Promise((resolve) => {
        const cancelled = { ok: false, error: { kind: 'cancelled', message: 'cancelled' } } as const;
        signal.addEventListener('abort', () => resolve(cancelled));
      });
    const file = join(folder, 'b.csv');
    writeFileSync(file, 'x');
    let id = 0;
    const receiving = client.receive(file, 'r-1', (given) => (id = given));
    client.cancel(id);
    // Cancelled before it began or in the middle: in both cases it is over.
    expect(await receiving).toMatchObject({ ok: false, error: { kind: 'cancelled' } });
    await client.close();
  });

  test('that ends by itself leaves no question without an answer', async () => {
    const { client, application, end } = connected();
    await client.opened;
    application.invoke = () => new Promise(() => undefined);
    const asking = client.ask('home:get', {});
    end(139);
    expect(await asking).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(await client.ask('home:get', {})).toMatchObject({ ok: false, error: { kind: 'unavailable' } });
    expect(await client.gone).toEqual({ expected: false, code: 139 });
  });
});

describe('vaults', () => {
  const secret = Buffer.from('a device key');
  const key = new Uint8Array(32).fill(7);

  test('a sealed secret comes back with its key only', () => {
    const vault = sealingVault(key, 'the key store');
    const stored = vault.protect(secret);
    expect(Buffer.from(stored).includes(secret)).toBe(false);
    expect(Buffer.from(vault.reveal(stored))).toEqual(secret);
    expect(() => sealingVault(new Uint8Array(32).fill(8), 'another').reveal(stored)).toThrow('authenticate');
    const changed = Buffer.from(stored);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(() => vault.reveal(changed)).toThrow('authenticate');
    expect(vault.protect(secret)).not.toEqual(stored);
  });

  test('what another host stored as it is can be read, and the other way round it is said what to do', () => {
    const vault = sealingVault(key, 'the key store');
    expect(Buffer.from(vault.reveal(privateFileVault.protect(secret)))).toEqual(secret);
    expect(() => privateFileVault.reveal(vault.protect(secret))).toThrow('--host electron');
  });
});
