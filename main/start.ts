// Owns `npm start`: which host, what has to be built first, the one ready line, and ending cleanly. Knows no command of the core.
import './node-guard.ts';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { servicesFrom } from '../domain/worker-config.ts';
import { dataDirOf } from './data-dir.ts';
import { fetchElectron, findElectron } from './electron-binary.ts';
import { projectRoot } from './build/sources.ts';
import { openBrowserHost } from './browser.ts';
import type { Host } from './host-core.ts';
import { hasDisplay, openerOf, readStartOptions, startUsage } from './start-options.ts';
import type { StartOptions } from './start-options.ts';
import { privateFileVault } from './vaults.ts';

const fetchLimitMs = 60_000;
const pageRoot = join(projectRoot, 'dist', 'renderer');
const say = (line: string): void => void process.stderr.write(`${line}\n`);

const stopping = new AbortController();
const stopped = new Promise<void>((done) => stopping.signal.addEventListener('abort', () => done(), { once: true }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait. What is left running is ended by the next start.
    if (stopping.signal.aborted) process.exit(130);
    say('Stopping …');
    stopping.abort();
  });
}

async function main(): Promise<number> {
  const read = readStartOptions(process.argv.slice(2));
  if (read.kind === 'help') {
    process.stdout.write(startUsage);
    return 0;
  }
  if (read.kind === 'wrong') {
    say(`${read.message}\n\n${startUsage}`);
    return 2;
  }
  const { options } = read;
  for (const fault of servicesFrom(process.env).faults) say(`Not used: ${fault}`);
  const choice = await chooseHost(options);
  if (choice.host === 'none') return 1;
  if (choice.host === 'browser') return runBrowser(options);
  const outcome = await runElectron(choice.binary, options);
  if (outcome.wasReady || options.host === 'electron' || stopping.signal.aborted) return outcome.code;
  say(`Electron ended before its window was there (code ${outcome.code}); going on in the browser`);
  return runBrowser(options);
}

type Choice = { host: 'electron'; binary: string } | { host: 'browser' } | { host: 'none' };

/** Which host it is; `none` when the wanted one cannot be had, which was said. */
async function chooseHost(options: StartOptions): Promise<Choice> {
  const wanted = options.host === 'electron';
  if (options.host === 'browser' || (!wanted && !hasDisplay(process.platform, process.env))) {
    return { host: 'browser' };
  }
  const found = findElectron();
  if (found.kind === 'here') return { host: 'electron', binary: found.path };
  const fetched = await fetchElectron({ limitMs: fetchLimitMs, signal: stopping.signal, say });
  if (fetched.kind === 'here') return { host: 'electron', binary: fetched.path };
  say(`Electron's binary cannot be had: ${fetched.reason}`);
  if (wanted) {
    say('Start without --host electron to use an ordinary browser.');
    return { host: 'none' };
  }
  say('Going on in an ordinary browser.');
  return { host: stopping.signal.aborted ? 'none' : 'browser' };
}

async function runBrowser(options: StartOptions): Promise<number> {
  const host = await openCore(options);
  if (host === null) return 1;
  try {
    // Server and worker start meanwhile.
    if (!(await runBuild(['page', '--if-needed']))) return 1;
    if (stopping.signal.aborted) return 0;
    const page = await openBrowserHost({ application: host.application, pageRoot, port: options.port, log: host.log });
    process.stdout.write(`Countersign is ready at ${page.url}\n`);
    const watching = options.dev ? spawnBuild(['--watch']) : null;
    if (options.open && hasDisplay(process.platform, process.env)) openBrowser(page.oneTimeUrl());
    await stopped;
    watching?.kill();
    await page.close();
    return 0;
  } catch (error) {
    say(messageOf(error));
    return 1;
  } finally {
    await host.close();
  }
}

async function openCore(options: StartOptions): Promise<Host | null> {
  try {
    // Not needed where Electron runs it in a process of its own.
    const { openHost } = await import('./host-core.ts');
    return await openHost({
      dataDir: dataDirOf(options.data),
      profile: options.profile,
      vault: privateFileVault,
      server: 'as-configured',
      socket: true,
    });
  } catch (error) {
    say(messageOf(error));
    return null;
  }
}

/** Runs Electron until its window is closed; passes its ready line and our end on. */
async function runElectron(binary: string, options: StartOptions): Promise<{ code: number; wasReady: boolean }> {
  if (!(await runBuild(['page', 'electron', '--if-needed']))) return { code: 1, wasReady: false };
  const args = [projectRoot, `--data=${dataDirOf(options.data)}`];
  if (options.profile !== null) args.push(`--profile=${options.profile}`);
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = (): void => void child.kill('SIGTERM');
  stopping.signal.addEventListener('abort', end, { once: true });
  let wasReady = false;
  child.stdout.on('data', (text: Buffer) => {
    wasReady ||= text.includes('Countersign is ready at ');
    process.stdout.write(text);
  });
  const watching = options.dev ? spawnBuild(['--watch']) : null;
  const code = await new Promise<number>((done) => {
    child.once('error', (error) => {
      say(`Electron cannot be started: ${error.message}`);
      done(1);
    });
    child.once('close', (ended) => done(ended ?? 1));
  });
  watching?.kill();
  return { code, wasReady };
}

/** In a process of its own: the build tool's memory goes when it is done, and stdout stays ours. */
function spawnBuild(args: string[]) {
  const program = join(projectRoot, 'main', 'build', 'build.ts');
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function runBuild(args: string[]): Promise<boolean> {
  const child = spawnBuild(args);
  const end = (): void => void child.kill();
  stopping.signal.addEventListener('abort', end, { once: true });
  const code = await new Promise<number | null>((done) => child.once('error', () => done(1)).once('close', done));
  stopping.signal.removeEventListener('abort', end);
  return code === 0;
}

function openBrowser(url: string): void {
  const { file, args } = openerOf(process.platform, url);
  const child = spawn(file, args, { stdio: 'ignore', detached: true });
  child.once('error', (error) => say(`No browser could be opened (${error.message}): open the address above yourself`));
  child.unref();
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

// Something that was started and not ended must not keep a stopped host alive.
process.exit(await main());
