// Owns the entry of the core's process in Electron (a utility process, off the window's thread). Knows only its parent's port.
import type { FromCore, ToCore } from './core-messages.ts';
import { serveCore } from './core-server.ts';
import { openHost } from './host-core.ts';

/** Electron's MessagePortMain, as far as it is used. */
interface ParentPort {
  postMessage(message: FromCore): void;
  on(event: 'message', listener: (event: { data: ToCore }) => void): void;
}

const { parentPort } = process as unknown as { parentPort?: ParentPort };
if (!parentPort) throw new Error('this program is started by electron.ts; npm start is what you want');

await serveCore(
  {
    say: (message) => parentPort.postMessage(message),
    onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
  },
  openHost,
);
// Something that was started and not ended must not keep it alive; the last message gets the time to leave.
setTimeout(() => process.exit(0), 100);
