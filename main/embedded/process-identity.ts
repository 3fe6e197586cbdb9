// Owns telling whether a recorded process is still the same one, and ending it. Knows nothing of what the process does.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A pid alone says nothing: the system hands it out again. Together with the time it started it names one process. */
export type ProcessIdentity = { pid: number; startedAt: string | null };

/** How ending a process went. `survived`: not even SIGKILL ended it in time. */
export type EndedHow = 'was-gone' | 'ended' | 'killed' | 'survived';

/**
 * When the process with this pid was started, as a text to compare, not to read.
 * `null` where it cannot be told or there is no such process. Takes up to half a second on Windows.
 */
export function processStart(pid: number): string | null {
  try {
    if (process.platform === 'linux') return linuxStart(pid);
    if (process.platform === 'win32') return windowsStart(pid);
    return textOf('ps', ['-o', 'lstart=', '-p', String(pid)]);
  } catch {
    // No such process, or no right to look at it: in both cases it cannot be one of ours.
    return null;
  }
}

/** This process, as others record it. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startedAt: processStart(process.pid) };
}

/** Whether exactly this process (pid and start time) still runs. An identity without start time never matches. */
export function stillRuns(identity: ProcessIdentity): boolean {
  return identity.startedAt !== null && pidExists(identity.pid) && processStart(identity.pid) === identity.startedAt;
}

/**
 * Ends a process that this one need not have started: SIGTERM, and SIGKILL after `graceMs`.
 * With `group` the whole process group that it leads is ended.
 */
export async function endProcess(identity: ProcessIdentity, graceMs: number, group = false): Promise<EndedHow> {
  if (!stillRuns(identity)) return 'was-gone';
  signalProcess(identity.pid, 'SIGTERM', group);
  if (await goneWithin(identity, graceMs)) return 'ended';
  signalProcess(identity.pid, 'SIGKILL', group);
  return (await goneWithin(identity, 5_000)) ? 'killed' : 'survived';
}

/** Signals a process, or the group it leads, and does not mind when it is gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals, group: boolean): void {
  try {
    if (group && process.platform === 'win32') textOf('taskkill', ['/T', '/F', '/PID', String(pid)]);
    else process.kill(group ? -pid : pid, signal);
  } catch (error) {
    if (pidExists(pid)) throw error;
  }
}

async function goneWithin(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const endsAt = Date.now() + limitMs;
  while (stillRuns(identity)) {
    if (Date.now() >= endsAt) return false;
    // Only a parent is told of a child's end; for a stranger there is nothing but looking again.
    await sleep(25);
  }
  return true;
}

function pidExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function linuxStart(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name in parentheses may hold spaces and parentheses itself: count the fields from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  // In a container nobody may collect the orphans: a zombie is as good as gone.
  if (ticks === undefined || state === 'Z' || state === 'X') return null;
  // The ticks count from the boot, so the boot belongs to the name.
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  return `${boot}:${ticks}`;
}

function windowsStart(pid: number): string | null {
  const ask = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
  return textOf('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', ask]);
}

function textOf(file: string, args: string[]): string | null {
  const output = execFileSync(file, args, {
    encoding: 'utf8',
    timeout: 10_000,
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.trim() || null;
}
