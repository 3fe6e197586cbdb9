// Owns the notes about which children a host started for a data folder, and ending those that outlived their host.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { endProcess, ownIdentity, stillRuns, type ProcessIdentity } from './process-identity.ts';

const identitySchema = z.object({ pid: z.int().positive(), startedAt: z.string().nullable() });
const runRecordSchema = z.object({ name: z.string(), child: identitySchema, host: identitySchema });

/** What became of one recorded child. `host-alive`: another running host owns it, so it was left alone. */
export type Leftover =
  | { kind: 'was-gone' | 'ended' | 'killed' | 'survived'; name: string; pid: number }
  | { kind: 'host-alive'; name: string; pid: number; hostPid: number }
  | { kind: 'unreadable'; file: string; reason: string };

/** Notes that this host started a child for the data folder. */
export function writeRunRecord(dataDir: string, name: string, child: ProcessIdentity): void {
  const file = recordFile(dataDir, name);
  mkdirSync(runFolder(dataDir), { recursive: true });
  // Renamed into place, so that a host killed in the middle never leaves half a note.
  writeFileSync(`${file}.new`, JSON.stringify({ name, child, host: ownIdentity() }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Forgets a child that has ended. */
export function removeRunRecord(dataDir: string, name: string): void {
  rmSync(recordFile(dataDir, name), { force: true });
}

/**
 * Ends the children that a killed host left behind in this data folder (SIGTERM, after `graceMs` SIGKILL) and tells of each.
 * Children of this very host and of another host that still runs are left alone.
 */
export async function endLeftovers(dataDir: string, graceMs = 3_000): Promise<Leftover[]> {
  const files = listRecords(dataDir).map((name) => join(runFolder(dataDir), name));
  const outcomes = await Promise.all(files.map((file) => endLeftover(file, graceMs)));
  return outcomes.filter((outcome) => outcome !== null);
}

async function endLeftover(file: string, graceMs: number): Promise<Leftover | null> {
  const read = readRecord(file);
  if (read.kind === 'unreadable') {
    rmSync(file, { force: true });
    return read;
  }
  const { name, child, host } = read.record;
  if (stillRuns(host)) {
    return host.pid === process.pid ? null : { kind: 'host-alive', name, pid: child.pid, hostPid: host.pid };
  }
  const kind = await endProcess(child, graceMs);
  if (kind !== 'survived') rmSync(file, { force: true });
  return { kind, name, pid: child.pid };
}

type ReadRecord =
  { kind: 'read'; record: z.infer<typeof runRecordSchema> } | { kind: 'unreadable'; file: string; reason: string };

function readRecord(file: string): ReadRecord {
  try {
    return { kind: 'read', record: runRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) };
  } catch (error) {
    return { kind: 'unreadable', file, reason: String(error) };
  }
}

function listRecords(dataDir: string): string[] {
  try {
    return readdirSync(runFolder(dataDir)).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const runFolder = (dataDir: string): string => join(dataDir, 'run');
const recordFile = (dataDir: string, name: string): string => join(runFolder(dataDir), `${name}.json`);
