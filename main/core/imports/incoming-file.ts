// Owns getting a file onto this machine: streamed, hashed on the way, on the disk before it is called received.
// Never holds more than a piece of it in memory. Knows no import and no report.
import { createHash } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { uploadLimitBytes } from '../../../domain/change.ts';
import { isDiskFault, syncFolder } from '../durable-file.ts';
import { failed, messageOf } from '../failure.ts';

export interface ReceivedFile {
  /** SHA-256, hex. */
  fileHash: string;
  fileSize: number;
}

/** `limitBytes` null: as large as the disk takes. */
export interface ReceiveOptions {
  target: string;
  folder: string;
  signal: AbortSignal;
  limitBytes: number | null;
  onProgress(receivedBytes: number): void;
}

/**
 * Streams bytes into a file and hashes them. The file is removed when anything goes wrong.
 * @throws CommandFailure: `bad-input` for an empty or too large file, `not-saved` when the disk does not take it, `cancelled`.
 */
export async function receiveInto(body: AsyncIterable<Uint8Array>, options: ReceiveOptions): Promise<ReceivedFile> {
  const { target, signal } = options;
  try {
    const received = await writeAll(body, options);
    if (received.fileSize === 0) throw failed('bad-input', 'The file is empty: there is nothing in it.');
    syncFolder(options.folder);
    return received;
  } catch (error) {
    await rm(target, { force: true });
    if (signal.aborted) throw failed('cancelled', 'The reading of the file was cancelled.', { cause: error });
    throw notSaved(error, target);
  }
}

async function writeAll(
  body: AsyncIterable<Uint8Array>,
  { target, signal, limitBytes, onProgress }: ReceiveOptions,
): Promise<ReceivedFile> {
  const hash = createHash('sha256');
  const file = await open(target, 'w', 0o600);
  let fileSize = 0;
  try {
    for await (const piece of body) {
      signal.throwIfAborted();
      fileSize += piece.length;
      refuseTooLarge(fileSize, limitBytes);
      hash.update(piece);
      await file.writeFile(piece);
      onProgress(fileSize);
    }
    signal.throwIfAborted();
    await file.sync();
  } finally {
    await file.close();
  }
  return { fileHash: hash.digest('hex'), fileSize };
}

/** @throws CommandFailure `bad-input` with both sizes. */
export function refuseTooLarge(fileSize: number, limitBytes: number | null): void {
  if (limitBytes === null || fileSize <= limitBytes) return;
  throw failed(
    'bad-input',
    `The file is larger than ${megabytes(limitBytes)}, which is the most that is uploaded to a team's server. Split it, or leave out columns that nobody tests.`,
  );
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1024 / 1024).toLocaleString('en')} MB`;

/** What may be uploaded to a team; a file for a server on this machine is handed over by its path. */
export const teamLimitBytes = uploadLimitBytes;

function notSaved(error: unknown, target: string): unknown {
  if (!isDiskFault(error)) return error;
  return failed(
    'not-saved',
    `The file was not saved to ${target}: ${messageOf(error)}. Make room on the disk and choose it again.`,
    { cause: error },
  );
}

/** A file of this machine that can be read, and its size. @throws CommandFailure `bad-input` that says what is wrong with it. */
export async function openSource(
  path: string,
): Promise<{ path: string; fileSize: number; stream(signal: AbortSignal): AsyncIterable<Uint8Array> }> {
  const file = isAbsolute(path) ? path : resolve(path);
  const wrong = (message: string, cause?: unknown) =>
    failed('bad-input', message, { fields: [{ path: 'source.path', message }], cause });
  try {
    const found = await stat(file);
    if (found.isDirectory()) throw wrong(`${file} is a folder: choose a file.`);
    if (!found.isFile()) throw wrong(`${file} is no ordinary file.`);
    if (found.size === 0) throw wrong(`${file} is empty: there is nothing in it.`);
    await (await open(file, 'r')).close();
    return {
      path: file,
      fileSize: found.size,
      stream: (signal) => createReadStream(file, { highWaterMark: 256 * 1024, signal }),
    };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') throw wrong(`There is no file ${file}.`, error);
    if (code === 'EACCES' || code === 'EPERM') throw wrong(`${file} may not be read by you.`, error);
    if (code !== undefined) throw wrong(`${file} cannot be read: ${messageOf(error)}`, error);
    throw error;
  }
}
