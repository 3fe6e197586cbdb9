// Owns the page's only way out: the preload's bridge in Electron, else a WebSocket to the host on loopback.
// Knows the wire of that host and nothing of the screens. The only file that may open a connection.
import type {
  Bridge,
  CommandInput,
  CommandName,
  CommandOutput,
  CoreEvent,
  Failure,
  Result,
} from '../preload/contract.ts';
import type { PreloadBridge } from '../preload/contract-channels.ts';

declare global {
  interface Window {
    /** What the preload exposes in Electron. */
    countersign?: PreloadBridge;
  }
}

/** Whether the page reaches its own application (not the server: that is SyncStatus). */
export type HostLink = 'connected' | 'connecting' | 'lost';

/** The bridge with what a page has to know of it. */
export interface PageBridge extends Bridge {
  /** Calls at once with the present state, and again whenever it changes. */
  watchLink(listener: (link: HostLink) => void): () => void;
}

const tokenName = 'countersign-token';

/** The token of `#token=…`, kept for this tab and taken out of the address bar; null when the page was opened without one. */
export function takeToken(location: Location, history: History, storage: Storage): string | null {
  const match = /^#token=([A-Za-z0-9_-]+)&?(\/.*)?$/.exec(location.hash);
  if (match?.[1]) {
    storage.setItem(tokenName, match[1]);
    history.replaceState(null, '', `${location.pathname}${location.search}#${match[2] ?? '/home'}`);
  }
  return storage.getItem(tokenName);
}

interface Waiting {
  name: string;
  input: unknown;
  sent: boolean;
  resolve(result: Result<unknown>): void;
}

type Message = { id: number; result: Result<unknown> } | { event: CoreEvent };

const lostAnswer: Failure = {
  kind: 'unavailable',
  message: 'the application stopped before it answered: look whether this was done, then try again',
};

/** Waits before the next attempt, in milliseconds: a quarter of a second, doubling to five seconds, with jitter. */
export function reconnectDelayMs(attempts: number, random: number): number {
  return Math.round(Math.min(5_000, 250 * 2 ** Math.min(attempts, 10)) * (0.75 + random / 2));
}

/** The host on loopback. `token` proves to it that this page was opened by it. */
class SocketBridge implements PageBridge {
  readonly host = 'browser' as const;
  #token: string;
  #socket: WebSocket | null = null;
  #attempts = 0;
  #nextId = 1;
  #link: HostLink = 'connecting';
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Set<(event: CoreEvent) => void>();
  readonly #linkListeners = new Set<(link: HostLink) => void>();

  constructor(token: string) {
    this.#token = token;
    this.#connect();
  }

  invoke<Name extends CommandName>(name: Name, input: CommandInput<Name>): Promise<Result<CommandOutput<Name>>> {
    return new Promise((resolve) => {
      const id = this.#nextId;
      this.#nextId += 1;
      const settle = (result: Result<unknown>) => resolve(result as Result<CommandOutput<Name>>);
      this.#waiting.set(id, { name, input, sent: false, resolve: settle });
      this.#flush();
    });
  }

  subscribe(listener: (event: CoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  watchLink(listener: (link: HostLink) => void): () => void {
    this.#linkListeners.add(listener);
    listener(this.#link);
    return () => this.#linkListeners.delete(listener);
  }

  async receiveFile(
    file: File,
    reportId: string,
    signal: AbortSignal,
  ): Promise<{ source: CommandInput<'population:import'>['source'] }> {
    const query = new URLSearchParams({ fileName: file.name, totalBytes: String(file.size), reportId });
    const response = await fetch(`/receive?${query.toString()}`, {
      method: 'POST',
      headers: { 'x-countersign-token': this.#token, 'content-type': 'application/octet-stream' },
      body: file,
      signal,
    });
    const result = (await response.json()) as Result<{ importId: string }>;
    if (!result.ok) throw new Error(result.error.message);
    return { source: { kind: 'received', importId: result.value.importId } };
  }

  #connect(): void {
    const address = `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/bridge`;
    // A page cannot set headers on a WebSocket; the token travels as a subprotocol and so stays out of addresses and logs.
    const socket = new WebSocket(address, ['countersign', this.#token]);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#attempts = 0;
      this.#tellLink('connected');
      this.#flush();
    });
    socket.addEventListener('message', (message) => this.#take(JSON.parse(String(message.data)) as Message));
    socket.addEventListener('close', () => this.#lost());
  }

  #flush(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    for (const [id, request] of this.#waiting) {
      if (request.sent) continue;
      request.sent = true;
      this.#socket.send(JSON.stringify({ id, name: request.name, input: request.input }));
    }
  }

  #take(message: Message): void {
    if ('event' in message) {
      for (const listener of this.#listeners) listener(message.event);
      return;
    }
    this.#waiting.get(message.id)?.resolve(message.result);
    this.#waiting.delete(message.id);
  }

  #lost(): void {
    for (const [id, request] of this.#waiting) {
      if (!request.sent) continue;
      this.#waiting.delete(id);
      request.resolve({ ok: false, error: lostAnswer });
    }
    this.#attempts += 1;
    this.#tellLink(this.#attempts > 2 ? 'lost' : 'connecting');
    setTimeout(() => this.#connect(), reconnectDelayMs(this.#attempts, Math.random()));
  }

  #tellLink(link: HostLink): void {
    if (link === this.#link) return;
    this.#link = link;
    for (const listener of this.#linkListeners) listener(link);
  }
}

function preloadBridge(bridge: PreloadBridge): PageBridge {
  return {
    host: bridge.host,
    invoke: (name, input) => bridge.invoke(name, input),
    subscribe: (listener) => bridge.subscribe(listener),
    async receiveFile(file, reportId, signal) {
      signal.throwIfAborted();
      // The signal itself does not cross into the preload's world.
      const transferId = crypto.randomUUID();
      const cancel = () => bridge.cancelReceive(transferId);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        return await bridge.receiveFile(file, reportId, transferId);
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
    watchLink: (listener) => {
      listener('connected');
      return () => undefined;
    },
  };
}

let opened: PageBridge | null = null;

/** Opens the bridge once; null when the page was opened without a token and so can reach nothing. */
export function openBridge(): PageBridge | null {
  if (opened) return opened;
  if (window.countersign) {
    opened = preloadBridge(window.countersign);
    return opened;
  }
  const token = takeToken(window.location, window.history, window.sessionStorage);
  if (token) opened = new SocketBridge(token);
  return opened;
}

/** The bridge that `openBridge` opened. Throws before that: nothing is drawn until it is open. */
export function bridge(): PageBridge {
  if (!opened) throw new Error('the bridge was used before it was opened');
  return opened;
}
