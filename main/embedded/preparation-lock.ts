// Owns letting only one process at a time prepare something in the cache, also when the one that did was killed. Knows not what is prepared.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { endProcess, ownIdentity, processStart, stillRuns, type ProcessIdentity } from './process-identity.ts';

export type PreparationLock = {
  /** Notes a program that works for the owner, so that a later owner can end it if this one is killed. */
  noteHelper(pid: number): void;
  release(): void;
};

/** Far longer than anybody looks at one dead owner. */
const graveKeptMs = 86_400_000;

/** `busy`: another process, still running, has it. */
export type LockAttempt = { kind: 'locked'; lock: PreparationLock } | { kind: 'busy'; ownerPid: number };

/**
 * Tries to take the lock, a folder that appears by an atomic rename with its owner's pid and start time inside.
 * A dead owner's lock is moved away first, and the programs it left running are ended. Throws when the folder cannot be written.
 */
export async function tryLock(folder: string): Promise<LockAttempt> {
  mkdirSync(dirname(folder), { recursive: true });
  const owner = readIdentity(join(folder, 'owner.json'));
  if (owner) {
    if (stillRuns(owner)) return { kind: 'busy', ownerPid: owner.pid };
    await moveDeadLockAway(folder, owner);
  }
  if (!appear(folder)) return tryLock(folder);
  removeOldGraves(folder);
  return { kind: 'locked', lock: lockIn(folder) };
}

function appear(folder: string): boolean {
  const mine = mkdtempSync(`${folder}.new-`);
  writeFileSync(join(mine, 'owner.json'), JSON.stringify(ownIdentity()));
  try {
    renameSync(mine, folder);
    return true;
  } catch (error) {
    rmSync(mine, { recursive: true, force: true });
    // Renaming onto a folder that is not empty is refused: somebody was faster.
    if (existsSync(join(folder, 'owner.json'))) return false;
    throw error;
  }
}

/**
 * Moves the lock of a dead owner away and ends the program it left. Does nothing when somebody did that before.
 * The grave is named after the dead owner and never emptied while another might still look at the same dead owner. So of two
 * processes that saw it dead only one moves it, and the other cannot move the lock of the first: its grave is taken.
 */
export async function moveDeadLockAway(folder: string, owner: ProcessIdentity): Promise<void> {
  const grave = `${folder}.dead-${owner.pid}-${(owner.startedAt ?? 'unknown').replaceAll(/[^A-Za-z0-9]/g, '_')}`;
  try {
    renameSync(folder, grave);
  } catch (error) {
    if (existsSync(grave) || !existsSync(folder)) return;
    throw error;
  }
  const helper = readIdentity(join(grave, 'helper.json'));
  if (helper) await endProcess(helper, 1_000, true);
}

function removeOldGraves(folder: string): void {
  const parent = dirname(folder);
  const graves = readdirSync(parent).filter((name) => name.startsWith(`${basename(folder)}.dead-`));
  for (const grave of graves.map((name) => join(parent, name))) {
    if (Date.now() - statSync(grave).mtimeMs > graveKeptMs) rmSync(grave, { recursive: true, force: true });
  }
}

function lockIn(folder: string): PreparationLock {
  return {
    noteHelper(pid) {
      writeFileSync(join(folder, 'helper.json'), JSON.stringify({ pid, startedAt: processStart(pid) }));
    },
    release() {
      // Gone at once for everybody, then emptied.
      const gone = mkdtempSync(`${folder}.gone-`);
      renameSync(folder, gone);
      rmSync(gone, { recursive: true, force: true });
    },
  };
}

function readIdentity(file: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  } catch (error) {
    // Missing: nobody has it. Both files are written before others can see them or by the owner alone, so half ones are a crash's.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}
