// Owns the page's only way out in Electron: five functions over four channels, nothing of Electron or Node itself.
// Bundled into one CommonJS file, because the sandbox loads nothing else.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { CoreEvent, Result } from './contract.ts';
import { bridgeKey, channels } from './contract-channels.ts';
import type { PreloadBridge } from './contract-channels.ts';

const bridge: PreloadBridge = {
  host: 'electron',
  invoke: (name, input) => ipcRenderer.invoke(channels.invoke, name, input),
  subscribe(listener) {
    // The event's first argument has the sender in it, which a page must not get.
    const forward = (_: unknown, event: CoreEvent): void => listener(event);
    ipcRenderer.on(channels.event, forward);
    return () => void ipcRenderer.off(channels.event, forward);
  },
  async receiveFile(file, reportId, transferId) {
    // Only a file that the person chose has a path, so the page cannot name one.
    const path = webUtils.getPathForFile(file);
    if (path === '') throw new Error('This file is not on a disk: save it first, then choose it.');
    const result = (await ipcRenderer.invoke(channels.receive, path, reportId, transferId)) as Result<{
      importId: string;
    }>;
    if (!result.ok) throw new Error(result.error.message);
    return { source: { kind: 'received', importId: result.value.importId } };
  },
  cancelReceive: (transferId) => ipcRenderer.send(channels.cancelReceive, transferId),
};

contextBridge.exposeInMainWorld(bridgeKey, bridge);
