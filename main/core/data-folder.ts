// Owns the data folder as a whole: where things lie in it, whether it can be written, and that one host uses it at a time.
import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ownIdentity, stillRuns } from '../embedded/process-identity.ts';
import { CommandFailure, failed, messageOf } from './failure.ts';

/** Paths in a data folder. */
export function pathsOf(dataDir: string) {
  return {
    profiles: join(dataDir, 'profiles'),
    profile: (name: string) => join(dataDir, 'profiles', name),
    incoming: join(dataDir, 'incoming'),
    /** Population and evidence of practice reports, a folder each. */
    practice: join(dataDir, 'practice'),
    settings: join(dataDir, 'settings.json'),
    lock: join(dataDir, 'host.lock'),
  };
}

/** Makes the folder and what the core needs in it. @throws CommandFailure `unavailable` that names the path. */
export function prepareDataFolder(dataDir: string): void {
  const paths = pathsOf(dataDir);
  try {
    for (const folder of [dataDir, paths.profiles, paths.incoming]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    }
  } catch (error) {
    throw failed(
      'unavailable',
      `The data folder ${dataDir} cannot be used: ${messageOf(error)}. Choose another with --data or COUNTERSIGN_DATA, or make it writable for you.`,
      { cause: error },
    );
  }
}

const lockSchema = z.object({ pid: z.int(), startedAt: z.string().nullable(), token: z.string() });

export interface DataFolderLock {
  /** Gives the folder free. Can be called more than once. */
  release(): void;
}

const inUse = 'data folder in use';

/** Whether this is what `lockDataFolder` throws when another application has the folder: a terminal asks that one instead. */
export function isFolderInUse(error: unknown): boolean {
  return error instanceof CommandFailure && error.failure.details === inUse;
}

/**
 * Takes the data folder for this process. A lock left by a process that is gone is replaced.
 * @throws CommandFailure `unavailable` when another application uses the folder; its pid is in the message.
 */
export function lockDataFolder(dataDir: string): DataFolderLock {
  prepareDataFolder(dataDir);
  const file = pathsOf(dataDir).lock;
  const own = JSON.stringify({ ...ownIdentity(), token: randomUUID() });
  // Each round either takes the lock, meets a living holder, or removes one stale file; others may do the same meanwhile.
  for (let round = 0; round < 20; round += 1) {
    if (takeLock(file, own)) return { release: () => releaseLock(file, own) };
    const found = readText(file);
    if (found === null) continue;
    const holder = lockHolder(found);
    if (holder && stillRuns(holder)) {
      throw failed(
        'unavailable',
        `Countersign is already running on ${dataDir} (pid ${holder.pid}). Use its window, end it, or choose another folder with --data.`,
        { details: inUse },
      );
    }
    removeStale(file, found);
  }
  throw failed('unavailable', `The lock ${file} cannot be taken: other processes keep taking it. Try again.`);
}

function takeLock(file: string, content: string): boolean {
  const temporary = `${file}.${process.pid}.${randomUUID()}`;
  try {
    // A link appears with its whole content or not at all, so nobody reads half a lock.
    writeFileSync(temporary, content, { mode: 0o600 });
    linkSync(temporary, file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'EEXIST') return false;
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) return takeWithoutLinks(file, content);
    throw notLocked(file, error);
  } finally {
    removeIfThere(temporary);
  }
}

function notLocked(file: string, error: unknown): CommandFailure {
  return failed(
    'unavailable',
    `The data folder ${dirname(file)} cannot be locked: ${messageOf(error)}. Make room on its disk and see that it can be written, or choose another with --data.`,
    { cause: error },
  );
}

/** File systems without links (exFAT, some shares). */
function takeWithoutLinks(file: string, content: string): boolean {
  try {
    writeFileSync(file, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw notLocked(file, error);
  }
}

function lockHolder(content: string): { pid: number; startedAt: string | null } | null {
  try {
    return lockSchema.parse(JSON.parse(content));
  } catch {
    // Not written by this program, or cut short by a crash: nobody holds it.
    return null;
  }
}

/** Removes a lock that was found stale, unless another process replaced it meanwhile. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const taken = readText(aside);
  if (taken !== null && taken !== stale) takeLock(file, taken);
  removeIfThere(aside);
}

function releaseLock(file: string, own: string): void {
  if (readText(file) === own) removeIfThere(file);
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
