// Owns the files that people hand in, by SHA-256: received in chunks or taken over by path, whole or not there at all.
// Knows nothing of what is in them.
import { createHash, randomUUID } from 'node:crypto';
import { constants, createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { copyFile, link, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { whyNot } from '../../domain/authority.ts';
import { chunkLimitBytes, signedUploadSchema, uploadLimitBytes } from '../../domain/change.ts';
import type { UploadAnswer, UploadRequest } from '../../domain/change.ts';
import { readReport } from '../store/reports.ts';
import { authenticate } from '../store/signature.ts';
import type { Store } from '../store/store.ts';

export interface ContentStore {
  /** One step of an upload; each can be repeated. Never throws for what the request says. */
  receive(signedUpload: unknown): Promise<UploadAnswer>;
  /** Where a whole file lies, or null while it is not here. Its bytes hash to its name. */
  pathOf(fileHash: string): Promise<string | null>;
}

/** Size in bytes of a whole file in the folder of a content store; null while it is not there. */
export async function sizeOfWhole(dataDir: string, fileHash: string): Promise<number | null> {
  const file = join(dataDir, fileHash);
  return existsSync(file) ? (await stat(file)).size : null;
}

type Refused = Extract<UploadAnswer, { kind: 'refused' }>;

/**
 * @param options.dataDir folder of the files, made if absent.
 * @param options.handoverDir the only folder from which files are taken by path; without it none are.
 */
export function openContents(options: {
  store: Store;
  dataDir: string;
  handoverDir?: string | null | undefined;
}): ContentStore {
  const { store, dataDir } = options;
  const handoverDir = options.handoverDir ?? null;
  mkdirSync(dataDir, { recursive: true });
  // Left by a process that died while taking a file over; begun uploads (hash.part) stay and go on.
  const abandoned = readdirSync(dataDir).filter((name) => /^[0-9a-f]{64}\.[0-9a-f-]{36}\.part$/.test(name));
  for (const name of abandoned) rmSync(join(dataDir, name));
  const inTurn = oneAtATime();
  const wholePath = (fileHash: string) => join(dataDir, fileHash);
  return {
    pathOf: (fileHash) => Promise.resolve(existsSync(wholePath(fileHash)) ? wholePath(fileHash) : null),
    async receive(signedUpload) {
      const parsed = signedUploadSchema.safeParse(signedUpload);
      if (!parsed.success) return refused('bad-signature', 'the request cannot be read');
      const { request, signature, chunk } = parsed.data;
      const fault = await whyNotUpload(store, request, signature);
      if (fault) return fault;
      const { fileHash, fileSize, part } = request;
      return inTurn(fileHash, async () => {
        if (existsSync(wholePath(fileHash))) return { kind: 'received', receivedBytes: fileSize, complete: true };
        const files = { whole: wholePath(fileHash), partial: `${wholePath(fileHash)}.part` };
        if (part.kind === 'path') return takeOver(request, part.path, handoverDir, files.whole);
        if (part.kind === 'chunk') return addChunk(request, part, chunk ?? '', files);
        return { kind: 'received', receivedBytes: await sizeOf(files.partial), complete: false };
      });
    },
  };
}

function refused(code: Refused['code'], message: string): Refused {
  return { kind: 'refused', code, message };
}

/** Steps on the same file wait for each other; others do not. */
function oneAtATime() {
  const last = new Map<string, Promise<unknown>>();
  return async function inTurn<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    // A failed step is its own caller's matter, not the next one's.
    const before = last.get(name)?.then(
      () => undefined,
      () => undefined,
    );
    const run = (before ?? Promise.resolve()).then(work);
    last.set(name, run);
    try {
      return await run;
    } finally {
      if (last.get(name) === run) last.delete(name);
    }
  };
}

async function whyNotUpload(store: Store, request: UploadRequest, signature: string): Promise<Refused | null> {
  const sender = await authenticate(store.db, 'upload', request, signature);
  if (!sender.ok) {
    return refused(sender.code === 'device-waiting' ? 'device-waiting' : 'bad-signature', sender.message);
  }
  const report = await readReport(store.db, request.reportId);
  // Whoever may hand in documents may upload; whether a file becomes a population is judged by the operation that says so.
  const reason = whyNot({ kind: 'submit-document' }, sender.person, report?.assignments ?? []);
  return reason ? refused('not-assigned', reason.message) : null;
}

async function sizeOf(file: string): Promise<number> {
  if (!existsSync(file)) return 0;
  return (await stat(file)).size;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

async function addChunk(
  request: UploadRequest,
  part: Extract<UploadRequest['part'], { kind: 'chunk' }>,
  chunk: string,
  files: { whole: string; partial: string },
): Promise<UploadAnswer> {
  const { fileSize } = request;
  const bytes = Buffer.from(chunk, 'base64');
  const limit = `${uploadLimitBytes / 1024 / 1024} MB`;
  if (fileSize > uploadLimitBytes) return refused('too-large', `a file may have ${limit} and has more`);
  if (bytes.length > chunkLimitBytes) return refused('too-large', 'a chunk has at most 1 MB');
  if (part.offset + bytes.length > fileSize) return refused('too-large', 'the chunk goes beyond the end of the file');
  if (createHash('sha256').update(bytes).digest('hex') !== part.chunkHash) {
    return refused('hash-differs', 'the chunk is not the one that was signed');
  }
  const received = await sizeOf(files.partial);
  // A chunk that came before, or one too early: the answer says where to go on.
  if (part.offset === received) await writeAt(files.partial, part.offset, bytes);
  const receivedBytes = part.offset === received ? received + bytes.length : received;
  if (receivedBytes < fileSize) return { kind: 'received', receivedBytes, complete: false };
  return finish(request, files.partial, files.whole);
}

async function writeAt(file: string, offset: number, bytes: Buffer): Promise<void> {
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT, 0o600);
  try {
    await handle.write(bytes, 0, bytes.length, offset);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Verifies the file as it lies here and gives it its name; one that is another is removed. */
async function finish(request: UploadRequest, received: string, whole: string): Promise<UploadAnswer> {
  const { fileHash, fileSize } = request;
  if ((await sizeOf(received)) !== fileSize || (await hashOf(received)) !== fileHash) {
    await rm(received, { force: true });
    return refused('hash-differs', 'the file is not the one that was announced: it has to be sent again');
  }
  await rename(received, whole);
  await flushFolder(whole);
  return { kind: 'received', receivedBytes: fileSize, complete: true };
}

/** A rename is durable once its folder is; Windows cannot open folders and needs no flush. */
async function flushFolder(file: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(join(file, '..'), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function takeOver(
  request: UploadRequest,
  path: string,
  handoverDir: string | null,
  whole: string,
): Promise<UploadAnswer> {
  const source = handoverDir === null ? null : await insideOf(handoverDir, path);
  if (source === null) return refused('path-not-allowed', 'files are taken by path only from the agreed folder');
  const own = `${whole}.${randomUUID()}.part`;
  await linkOrCopy(source, own);
  const answer = await finish(request, own, whole);
  await rm(own, { force: true });
  return answer;
}

/** The real path of a regular file in a folder, symbolic links resolved; null when it is none or lies elsewhere. */
async function insideOf(folder: string, path: string): Promise<string | null> {
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(path)]);
    const way = relative(root, real);
    if (way === '' || way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) return null;
    return (await stat(real)).isFile() ? real : null;
  } catch (error) {
    if (isCode(error, ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EINVAL', 'ERR_INVALID_ARG_VALUE'])) return null;
    throw error;
  }
}

/** A link costs nothing for gigabytes; where the file system has none, the bytes are copied. */
async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    if (!isCode(error, ['EXDEV', 'EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK', 'EOPNOTSUPP'])) throw error;
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  }
}

function isCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
