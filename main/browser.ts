// Owns the browser host: the built page and the bridge on loopback, for an ordinary browser. Knows the core only as an Application.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { Application } from './core/application.ts';
import { messageLimitBytes, readRequest, whyPageMayNot } from './bridge-messages.ts';
import type { BridgeMessage } from './bridge-messages.ts';
import { bridgeProtocol, isOwnHost, isToken, offeredToken, pathOf, whyForeign } from './browser-guard.ts';
import { receiveFile } from './browser-receive.ts';
import { securityHeaders } from './content-policy.ts';
import { answerPage } from './page-files.ts';

export interface BrowserHostOptions {
  application: Application;
  /** The folder of the built page. */
  pageRoot: string;
  /** 0 takes a free one. */
  port: number;
  log(line: string): void;
}

export interface BrowserHost {
  /** With the token in the fragment, which no browser sends to anybody. */
  url: string;
  port: number;
  /** An address that leads to `url` once and within a minute: what may stand in a process list when a browser is opened. */
  oneTimeUrl(): string;
  close(): Promise<void>;
}

const oneTimeMs = 60_000;
/** A page that reads no events for so long is cut off; it reconnects and reads anew. */
const unreadLimitBytes = 64 * 1024 * 1024;

/** Serves on 127.0.0.1 only. @throws Error with what to do when the port is taken. */
export async function openBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const token = randomBytes(32).toString('base64url');
  const oneTime = new Map<string, number>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      options.log(`http: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      if (!response.headersSent) response.writeHead(500, securityHeaders);
      response.end();
    });
  });
  // A file of gigabytes may take its time; its head may not.
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  const port = await listen(server, options.port);
  const url = `http://127.0.0.1:${port}/#token=${token}`;
  const sockets = openSockets(server, { ...options, port, token });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOwnHost(request.headers.host, port))
      return refuse(response, 421, 'this host answers only at its own address');
    const { pathname } = pathOf(request.url);
    if (pathname === '/receive') return receiveFile(request, response, { ...options, port, token });
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'only GET and HEAD');
    if (pathname.startsWith('/open/')) return redirectOnce(response, pathname.slice('/open/'.length));
    const page = await answerPage(options.pageRoot, pathname);
    response.writeHead(page.status, { ...page.headers, 'content-length': page.body.length });
    response.end(request.method === 'HEAD' ? undefined : page.body);
  };
  const redirectOnce = (response: ServerResponse, code: string): void => {
    const madeAtMs = oneTime.get(code);
    oneTime.delete(code);
    if (madeAtMs === undefined || Date.now() - madeAtMs > oneTimeMs) {
      return refuse(response, 410, 'This address worked once. Open the one that the terminal shows.');
    }
    response.writeHead(303, { ...securityHeaders, location: url, 'cache-control': 'no-store' }).end();
  };
  return {
    url,
    port,
    oneTimeUrl() {
      const code = randomBytes(24).toString('base64url');
      oneTime.set(code, Date.now());
      return `http://127.0.0.1:${port}/open/${code}`;
    },
    close: async () => {
      sockets.close();
      await new Promise<void>((done) => {
        server.close(() => done());
        server.closeAllConnections();
      });
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      failed(error.code === 'EADDRINUSE' ? new Error(portTaken(port), { cause: error }) : error);
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      done(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function portTaken(port: number): string {
  return `Port ${port} is used by another program. Give another one with --port, or leave it out for a free one.`;
}

/** Answers in plain words. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(`${message}\n`);
}

type SocketOptions = BrowserHostOptions & { port: number; token: string };

function openSockets(server: Server, options: SocketOptions): { close(): void } {
  const { application, port, token } = options;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageLimitBytes,
    perMessageDeflate: false,
    handleProtocols: () => bridgeProtocol,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // A connection that breaks while it is refused is of no interest.
    socket.on('error', (error) => options.log(`upgrade: ${error.message}`));
    const { host, origin } = request.headers;
    const refusal = whyForeign({ host, origin }, port);
    if (refusal) return refuseUpgrade(socket, '403 Forbidden');
    if (pathOf(request.url).pathname !== '/bridge') return refuseUpgrade(socket, '404 Not Found');
    const given = offeredToken(request.headers['sec-websocket-protocol']);
    if (!isToken(given, token)) return refuseUpgrade(socket, '401 Unauthorized');
    sockets.handleUpgrade(request, socket, head, (page) => servePage(page, application, options.log));
  });
  return {
    close() {
      for (const page of sockets.clients) page.terminate();
      sockets.close();
    },
  };
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function servePage(page: WebSocket, application: Application, log: (line: string) => void): void {
  const say = (message: BridgeMessage): void => {
    if (page.readyState !== page.OPEN) return;
    if (page.bufferedAmount > unreadLimitBytes) return page.terminate();
    page.send(JSON.stringify(message));
  };
  const stop = application.subscribe((event) => say({ event }));
  page.on('close', stop);
  // Too large a message, or a broken one: ws closes the connection with the fitting code, the page connects again.
  page.on('error', (error) => log(`page: ${error.message}`));
  page.on('message', (data, isBinary) => {
    const read = isBinary ? null : readRequest((data as Buffer).toString('utf8'));
    if (read?.kind !== 'request') return page.close(1008, 'a message has to be a request');
    const { id, name, input } = read.request;
    const denied = whyPageMayNot(input, application.practiceDir);
    if (denied) return say({ id, result: { ok: false, error: { kind: 'refused', message: denied } } });
    void application.invoke(name, input).then((result) => say({ id, result }));
  });
}
