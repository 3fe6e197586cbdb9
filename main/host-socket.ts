// Owns the socket in the data folder through which terminals reach a running host: its place, its mode, its lines of JSON.
// Knows no command.
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Application } from './core/application.ts';
import { messageLimitBytes, readRequest } from './bridge-messages.ts';

/** What a socket's address may hold on every system (macOS is the strictest with 104 bytes and an end mark). */
const pathLimitBytes = 103;
/** Where sockets go whose own folder has too long a path: one folder a user. */
const sharedFolder = (): string => `/tmp/countersign-${userInfo().uid}`;

/** Where the socket of a data folder is. Too long a path, or Windows, gives one outside that is named after the folder. Pure. */
export function hostSocketPath(dataDir: string, platform: NodeJS.Platform = process.platform): string {
  const folder = resolve(dataDir);
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  if (platform === 'win32') return `\\\\.\\pipe\\countersign-${name}`;
  const inFolder = join(folder, 'run', 'host.sock');
  if (Buffer.byteLength(inFolder) <= pathLimitBytes) return inFolder;
  return join(sharedFolder(), `${name}.sock`);
}

export interface HostSocket {
  path: string;
  close(): Promise<void>;
}

/** Opens the socket (mode 0600). Only the holder of the folder's lock may call this: a socket that is there is a dead host's. */
export async function openHostSocket(
  dataDir: string,
  application: Pick<Application, 'invoke'>,
  log: (line: string) => void,
): Promise<HostSocket> {
  const path = hostSocketPath(dataDir);
  const isFile = process.platform !== 'win32';
  if (isFile) {
    preparePrivateFolder(resolve(path, '..'));
    rmSync(path, { force: true });
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A terminal that was interrupted; there is nobody left to tell.
    socket.on('error', (error) => log(`terminal: ${error.message}`));
    answerLines(socket, application);
  });
  await new Promise<void>((done, failed) => {
    server.once('error', failed);
    // The file is born with its mode: there is no moment at which others could connect.
    const before = isFile ? process.umask(0o177) : 0;
    server.listen(path, done);
    if (isFile) process.umask(before);
  });
  if (isFile) chmodSync(path, 0o600);
  return {
    path,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function preparePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  // In /tmp somebody else may have made it first.
  if (folder === sharedFolder() && (uid !== userInfo().uid || (mode & 0o077) !== 0)) {
    throw new Error(
      `${folder} belongs to somebody else or is open to others: remove it, or choose a shorter --data path`,
    );
  }
}

function answerLines(socket: Socket, application: Pick<Application, 'invoke'>): void {
  socket.setEncoding('utf8');
  let rest = '';
  socket.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > messageLimitBytes) socket.destroy();
    for (const line of lines) void answer(line);
  });
  const answer = async (line: string): Promise<void> => {
    const read = readRequest(line);
    if (read.kind === 'unreadable') {
      // Not one of our terminals; it gets told and no more of it is read.
      socket.end(`${JSON.stringify({ error: read.message })}\n`);
      return;
    }
    const { id, name, input, profile } = read.request;
    const result = await application.invoke(name, input, profile === undefined ? {} : { profile });
    if (!socket.destroyed) socket.write(`${JSON.stringify({ id, result })}\n`);
  };
}
