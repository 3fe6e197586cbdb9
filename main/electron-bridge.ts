// Owns the main process's end of the preload's channels: who asks is checked each time, then the core's process is asked.
import { isAbsolute } from 'node:path';
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import type { Failure, Result } from '../preload/contract.ts';
import { channels } from '../preload/contract-channels.ts';
import { whyPageMayNot } from './bridge-messages.ts';
import type { CoreClient } from './core-client.ts';
import { isOwnSender } from './electron-guards.ts';

const refused = (message: string, kind: Failure['kind'] = 'refused'): Result<never> => ({
  ok: false,
  error: { kind, message },
});

/** Registers the channels. `core` is asked for each time: it may have been started anew. */
export function serveChannels(
  ipcMain: Pick<IpcMain, 'handle' | 'on'>,
  core: () => CoreClient,
  practiceDir: string,
): void {
  const transfers = new Map<string, number>();
  const isForeign = (event: IpcMainInvokeEvent | IpcMainEvent): boolean => !isOwnSender(event.senderFrame);

  ipcMain.handle(channels.invoke, (event, name: unknown, input: unknown) => {
    if (isForeign(event)) return refused('only the page of this application may ask');
    if (typeof name !== 'string') return refused('a command is asked for by its name', 'bad-input');
    const denied = whyPageMayNot(input, practiceDir);
    return denied === null ? core().ask(name, input) : refused(denied);
  });
  ipcMain.handle(channels.receive, async (event, path: unknown, reportId: unknown, transferId: unknown) => {
    if (isForeign(event)) return refused('only the page of this application may ask');
    if (![path, reportId, transferId].every((text) => typeof text === 'string' && text.length <= 4_096)) {
      return refused('a file is handed over by path, report and transfer', 'bad-input');
    }
    if (!isAbsolute(path as string)) return refused('the path of a file has to be absolute', 'bad-input');
    const key = transferId as string;
    try {
      return await core().receive(path as string, reportId as string, (id) => transfers.set(key, id));
    } finally {
      transfers.delete(key);
    }
  });
  ipcMain.on(channels.cancelReceive, (event, transferId: unknown) => {
    const id = transfers.get(String(transferId));
    if (!isForeign(event) && id !== undefined) core().cancel(id);
  });
}
