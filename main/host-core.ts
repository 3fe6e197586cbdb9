// Owns what every host does around the core: lock of the data folder, server, application, socket for terminals, and ending them in order.
// Knows no window and no page.
import { join } from 'node:path';
import { servicesFrom } from '../domain/worker-config.ts';
import packageInfo from '../package.json' with { type: 'json' };
import { openApplication } from './core/application.ts';
import type { Application } from './core/application.ts';
import { lockDataFolder } from './core/data-folder.ts';
import type { KeyVault } from './core/keys.ts';
import type { ServerControl } from './core/server-control.ts';
import { openLogFile } from './embedded/log-file.ts';
import { openHostSocket } from './host-socket.ts';
import { noServer, serverFor } from './server.ts';

/** Where programs lie that are started as processes of their own; the sources' own places when not given. */
export interface Programs {
  nodePath?: string;
  workerProgram?: string;
  fetchProgram?: string;
  /** Built beforehand; the worker builds and keeps one when not given. */
  workflowBundleFile?: string;
}

export interface HostOptions {
  dataDir: string;
  /** The profile to open; null for the one that was active last. */
  profile: string | null;
  vault: KeyVault;
  /** `none`: nothing is started and nothing connected to, for a terminal's command that needs no server. */
  server: 'as-configured' | 'none';
  /** Whether terminals may reach this host. */
  socket: boolean;
  programs?: Programs;
}

export interface Host {
  application: Application;
  server: ServerControl;
  /** Appends to `logs/host.log` in the data folder; never contents. */
  log(line: string): void;
  /** Ends everything in order; can be called more than once. */
  close(): Promise<void>;
}

export const applicationVersion: string = packageInfo.version;

/** Opens the core on a data folder. @throws CommandFailure when the folder is in use or cannot be used. */
export async function openHost(options: HostOptions): Promise<Host> {
  const { dataDir } = options;
  const closing: (() => unknown)[] = [];
  const lock = lockDataFolder(dataDir);
  closing.unshift(() => lock.release());
  const { line: log } = openLogFile(join(dataDir, 'logs', 'host.log'));
  try {
    for (const fault of servicesFrom(process.env).faults) log(`not used: ${fault}`);
    const server =
      options.server === 'none'
        ? noServer()
        : serverFor({ dataDir, handoverDir: join(dataDir, 'incoming'), ...options.programs });
    closing.unshift(() => server.stop());
    const application = await openApplication({
      dataDir,
      profile: options.profile,
      server,
      vault: options.vault,
      version: applicationVersion,
      log,
    });
    closing.unshift(() => application.close());
    if (options.socket) {
      const socket = await openHostSocket(dataDir, application, log);
      closing.unshift(() => socket.close());
    }
    return { application, server, log, close: once(() => closeAll(closing, log)) };
  } catch (error) {
    await closeAll(closing, log);
    throw error;
  }
}

/** Runs every step, also after one that failed: a server left running is worse than an unclosed socket. */
async function closeAll(steps: (() => unknown)[], log: (line: string) => void): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      log(`closing: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | null = null;
  return () => (running ??= run());
}
