// Owns asking the core's process from Electron's main process: questions by id, answers, and its sudden end. Knows no Electron object.
import type { CoreEvent, Result } from '../preload/contract.ts';
import type { FromCore, ToCore } from './core-messages.ts';

/** The core's process as this side sees it. */
export interface CoreChild {
  send(message: ToCore): void;
  onMessage(listener: (message: FromCore) => void): void;
  onExit(listener: (code: number) => void): void;
}

export interface CoreClient {
  /** Resolves when the core is open; rejects with its message when it cannot be opened. */
  opened: Promise<void>;
  /** Resolves when the process is gone; `expected` when it was closed from here. */
  gone: Promise<{ expected: boolean; code: number }>;
  ask(name: string, input: unknown): Promise<Result<unknown>>;
  /** `onId` gets what `cancel` takes. */
  receive(path: string, reportId: string, onId: (id: number) => void): Promise<Result<unknown>>;
  cancel(id: number): void;
  /** Ends server, worker and core in order. */
  close(): Promise<void>;
}

export function coreClient(
  child: CoreChild,
  options: Omit<Extract<ToCore, { kind: 'open' }>, 'kind'>,
  onEvent: (event: CoreEvent) => void,
): CoreClient {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  const [opened, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<{ expected: boolean; code: number }>()];
  // Whoever does not wait for it hears of it by `gone`.
  opened.promise.catch(() => undefined);
  let nextId = 1;
  let isGone = false;
  let isClosing = false;

  const lost = (): Result<never> => ({
    ok: false,
    error: {
      kind: 'unavailable',
      message: 'the application stopped before it answered: look whether this was done, then try again',
    },
  });
  const request = (message: (id: number) => ToCore): Promise<Result<unknown>> => {
    if (isGone) return Promise.resolve(lost());
    const id = nextId;
    nextId += 1;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send(message(id));
    });
  };
  child.onMessage((message) => {
    if (message.kind === 'opened') opened.resolve();
    else if (message.kind === 'failed') opened.reject(new Error(message.message));
    else if (message.kind === 'event') onEvent(message.event);
    else if (message.kind === 'answer') {
      waiting.get(message.id)?.(message.result);
      waiting.delete(message.id);
    }
  });
  child.onExit((code) => {
    isGone = true;
    for (const resolve of waiting.values()) resolve(lost());
    waiting.clear();
    opened.reject(new Error(`The core ended with code ${code} before it was open.`));
    gone.resolve({ expected: isClosing, code });
  });
  child.send({ kind: 'open', ...options });
  return {
    opened: opened.promise,
    gone: gone.promise,
    ask: (name, input) => request((id) => ({ kind: 'ask', id, name, input })),
    receive: (path, reportId, onId) =>
      request((id) => {
        onId(id);
        return { kind: 'receive', id, path, reportId };
      }),
    cancel: (id) => void (isGone || child.send({ kind: 'cancel', id })),
    async close() {
      isClosing = true;
      if (!isGone) child.send({ kind: 'close' });
      await gone.promise;
    },
  };
}
