// Owns the course of a worker program: configuration, start, "ready", stop. Knows no workflow and no table.
import { ConfigurationFault, settingsFromEnvironment, settingsFromHost, usage } from './config.ts';
import type { WorkerSettings } from './config.ts';
import { startWorker } from './run-worker.ts';
import type { WorkerEvent } from '../domain/worker-config.ts';

/** After this the process ends, whatever still runs: a hung activity would keep it for ever. */
const exitLimitMs = 7_000;

/** Runs until told to stop. Answers the exit code: 0 stopped, 1 failed, 2 wrongly configured. */
export async function runProgram(args: readonly string[]): Promise<number> {
  const unknown = args.filter((arg) => !['--supervised', '--help'].includes(arg));
  if (args.includes('--help') || unknown.length > 0) {
    console.error(unknown.length > 0 ? `unknown: ${unknown.join(' ')}\n\n${usage}` : usage);
    return unknown.length > 0 ? 2 : 0;
  }
  const stopping = stopSignal(args.includes('--supervised'));
  try {
    const settings = await readSettings(args.includes('--supervised'));
    if (settings === null) return 0;
    const worker = await startWorker(settings, { log: say, stopping });
    tell({ event: 'ready' });
    say(
      `ready: polling ${settings.connection.address ?? ''}, namespace ${settings.namespace}, data in ${settings.dataDir}`,
    );
    await worker.finished;
    return 0;
  } catch (error) {
    if (stopping.aborted) return 0;
    say(error instanceof ConfigurationFault ? error.message : `the worker failed: ${textOf(error)}`);
    return error instanceof ConfigurationFault ? 2 : 1;
  }
}

async function readSettings(supervised: boolean): Promise<WorkerSettings | null> {
  return supervised ? settingsFromHost(process.stdin) : settingsFromEnvironment(process.env);
}

/** Aborted when somebody wants the worker to end: a signal, or for a supervised one the end of its host. */
function stopSignal(supervised: boolean): AbortSignal {
  const controller = new AbortController();
  const stop = (why: string) => (): void => {
    if (controller.signal.aborted) return;
    say(`stopping: ${why}`);
    setTimeout(() => process.exit(1), exitLimitMs).unref();
    controller.abort();
  };
  process.on('SIGTERM', stop('SIGTERM'));
  process.on('SIGINT', stop('SIGINT'));
  if (supervised) process.stdin.once('end', stop('the host is gone')).once('error', stop('the host is gone'));
  return controller.signal;
}

function tell(event: WorkerEvent): void {
  console.log(JSON.stringify(event));
}

function say(line: string): void {
  console.error(line);
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
