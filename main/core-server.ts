// Owns answering the messages of Electron's main process with a core. Knows no Electron: the port is passed in.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Result } from '../preload/contract.ts';
import { failureOf } from './core/failure.ts';
import type { FromCore, ToCore } from './core-messages.ts';
import type { Host, HostOptions } from './host-core.ts';
import { privateFileVault, sealingVault } from './vaults.ts';

export interface CorePort {
  say(message: FromCore): void;
  onMessage(listener: (message: ToCore) => void): void;
}

/** Serves until it was closed; resolves then. `open` is `openHost` but in tests. */
export function serveCore(port: CorePort, open: (options: HostOptions) => Promise<Host>): Promise<void> {
  const transfers = new Map<number, AbortController>();
  let host: Host | null = null;
  return new Promise((ended) => {
    const start = async (message: Extract<ToCore, { kind: 'open' }>): Promise<void> => {
      const { dataDir, profile, seal, programs } = message;
      const vault = seal === null ? privateFileVault : sealingVault(seal.key, seal.name);
      try {
        host = await open({ dataDir, profile, vault, programs, server: 'as-configured', socket: true });
      } catch (error) {
        port.say({ kind: 'failed', message: failureOf(error).message });
        return ended();
      }
      host.application.subscribe((event) => port.say({ kind: 'event', event }));
      port.say({ kind: 'opened' });
    };
    const answer = async (id: number, work: (opened: Host) => Promise<Result<unknown>>): Promise<void> => {
      const result = host === null ? notOpen() : await work(host);
      port.say({ kind: 'answer', id, result });
    };
    const receive = async (message: Extract<ToCore, { kind: 'receive' }>): Promise<void> => {
      const cancelling = new AbortController();
      transfers.set(message.id, cancelling);
      await answer(message.id, (opened) => receiveFrom(opened, message, cancelling.signal));
      transfers.delete(message.id);
    };
    const close = async (): Promise<void> => {
      for (const transfer of transfers.values()) transfer.abort();
      await host?.close();
      port.say({ kind: 'closed' });
      ended();
    };
    port.onMessage((message) => {
      switch (message.kind) {
        case 'open':
          return void start(message);
        case 'ask':
          return void answer(message.id, (opened) => opened.application.invoke(message.name, message.input));
        case 'receive':
          return void receive(message);
        case 'cancel':
          return transfers.get(message.id)?.abort();
        case 'close':
          return void close();
      }
    });
  });
}

async function receiveFrom(
  { application }: Host,
  { path, reportId }: Extract<ToCore, { kind: 'receive' }>,
  signal: AbortSignal,
): Promise<Result<unknown>> {
  try {
    const { size, isFile } = await stat(path).then((stats) => ({ size: stats.size, isFile: stats.isFile() }));
    if (!isFile) return { ok: false, error: { kind: 'bad-input', message: `${basename(path)} is no file.` } };
    signal.throwIfAborted();
    const meta = { fileName: basename(path), totalBytes: size, reportId };
    return await application.receive(meta, chunksOf(path, signal), signal);
  } catch (error) {
    return { ok: false, error: failureOf(error) };
  }
}

/** Opened when it is first asked for, so that nothing is left open when nobody reads it. */
async function* chunksOf(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    signal.throwIfAborted();
    yield chunk as Uint8Array;
  }
}

function notOpen(): Result<never> {
  return {
    ok: false,
    error: { kind: 'unavailable', message: 'The application is still opening: try again in a moment.' },
  };
}
