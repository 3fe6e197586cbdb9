// Owns asking a running host over the socket in the data folder. Knows no command and starts nothing.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { z } from 'zod';
import type { Result } from '../preload/contract.ts';
import { hostSocketPath } from './host-socket.ts';

/** `no-host`: nothing listens there. `lost`: the host ended before it answered. */
export type HostAnswer =
  { kind: 'answered'; result: Result<unknown> } | { kind: 'no-host' } | { kind: 'lost'; message: string };

const answerSchema = z.union([
  z.object({
    id: z.literal(1),
    result: z.custom<Result<unknown>>((value) => typeof value === 'object' && value !== null),
  }),
  z.object({ error: z.string() }),
]);

/** Sends one question to the host of a data folder and waits for its answer, however long that takes. */
export function askHost(
  dataDir: string,
  question: { name: string; input: unknown; profile: string | undefined },
): Promise<HostAnswer> {
  return new Promise((resolve) => {
    const socket = connect(hostSocketPath(dataDir));
    let connected = false;
    socket.once('connect', () => {
      connected = true;
      socket.write(`${JSON.stringify({ id: 1, ...question })}\n`);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const isNobody =
        !connected && ['ENOENT', 'ENOTDIR', 'EACCES', 'ECONNREFUSED', 'ENOTSOCK'].includes(error.code ?? '');
      resolve(isNobody ? { kind: 'no-host' } : { kind: 'lost', message: error.message });
    });
    socket.once('close', () => resolve({ kind: 'lost', message: 'the application ended before it answered' }));
    readLine(socket, (line) => {
      socket.destroy();
      resolve(answerOf(line));
    });
  });
}

function readLine(socket: Socket, onLine: (line: string) => void): void {
  const parts: string[] = [];
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const end = text.indexOf('\n');
    if (end === -1) parts.push(text);
    else onLine(parts.join('') + text.slice(0, end));
  });
}

function answerOf(line: string): HostAnswer {
  const answer = answerSchema.safeParse(JSON.parse(line));
  if (!answer.success)
    return { kind: 'lost', message: 'the application answered something else: is it another version?' };
  if ('error' in answer.data) return { kind: 'lost', message: answer.data.error };
  return { kind: 'answered', result: answer.data.result };
}
