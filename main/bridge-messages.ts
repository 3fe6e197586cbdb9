// Owns the messages between a host and whoever asks it (page, terminal), and what a page may ask. Pure; knows no transport.
import { resolve, sep } from 'node:path';
import { z } from 'zod';
import type { CoreEvent, Result } from '../preload/contract.ts';

/** The largest message a host takes, in bytes: a decision on every row of a large version fits many times. */
export const messageLimitBytes = 16 * 1024 * 1024;

/** A question. `profile` only counts on the socket in the data folder. */
export const requestSchema = z.strictObject({
  id: z.int().min(0),
  name: z.string().max(100),
  input: z.unknown(),
  profile: z.string().max(64).optional(),
});
export type BridgeRequest = z.infer<typeof requestSchema>;

/** What a host says: an answer by the question's id, or something nobody asked for. */
export type BridgeMessage = { id: number; result: Result<unknown> } | { event: CoreEvent };

export type ReadRequest = { kind: 'request'; request: BridgeRequest } | { kind: 'unreadable'; message: string };

/** Reads one message. What cannot be read is told, never thrown. */
export function readRequest(text: string): ReadRequest {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', message: 'a message has to be JSON' };
  }
  const request = requestSchema.safeParse(parsed);
  if (request.success) return { kind: 'request', request: request.data };
  return { kind: 'unreadable', message: 'a message has to be {"id": number, "name": text, "input": object}' };
}

/**
 * Why a page may not ask this, null when it may. A page hands files over by their bytes; a path would let a page that was taken over
 * read any file of the person. The practice files, which the application made itself, it may name. Terminals may name any path.
 */
export function whyPageMayNot(input: unknown, practiceDir: string): string | null {
  const source = (input as { source?: { kind?: unknown; path?: unknown } | null } | null | undefined)?.source;
  if (source?.kind !== 'path') return null;
  const isPractice = typeof source.path === 'string' && resolve(source.path).startsWith(resolve(practiceDir) + sep);
  return isPractice ? null : 'A page hands a file over by choosing it, not by its path.';
}
