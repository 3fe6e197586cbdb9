// Owns the names of the messages between preload and Electron's main process, and what the preload exposes. Imports nothing at run time,
// so that the preload stays one small file.
import type { Bridge } from './contract.ts';

/** The only channels there are. */
export const channels = {
  invoke: 'countersign:invoke',
  event: 'countersign:event',
  receive: 'countersign:receive',
  cancelReceive: 'countersign:cancel-receive',
} as const;

/** The key of the bridge in the page's world. */
export const bridgeKey = 'countersign';

/**
 * What the page finds in Electron: the bridge, but a transfer is cancelled by an id of the page's, because an AbortSignal does not cross
 * from the page's world into the preload's.
 */
export interface PreloadBridge extends Omit<Bridge, 'receiveFile'> {
  receiveFile(file: File, reportId: string, transferId: string): ReturnType<Bridge['receiveFile']>;
  cancelReceive(transferId: string): void;
}
