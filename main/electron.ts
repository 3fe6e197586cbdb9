// Owns Electron's main process: one window on the built page, the menu, the core's process, ending in order. Thin: what can be decided
// without Electron is decided in electron-*.ts and tested there.
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { channels } from '../preload/contract-channels.ts';
import { pathsOf } from './core/data-folder.ts';
import { coreClient } from './core-client.ts';
import type { CoreClient } from './core-client.ts';
import { dataDirOf } from './data-dir.ts';
import { readElectronArguments } from './electron-arguments.ts';
import { serveChannels } from './electron-bridge.ts';
import { pageOrigin, pageScheme, pageUrl } from './electron-guards.ts';
import { menuTemplate } from './electron-menu.ts';
import { createNotices } from './electron-notice.ts';
import { safeKeyOf } from './electron-safe-key.ts';
import { closeSession, guardContents } from './electron-session.ts';
import { fittingArea, readWindowState, windowOptions, writeWindowState } from './electron-window.ts';
import { answerPage } from './page-files.ts';
import { packagedPrograms, sourcePrograms } from './programs.ts';

const given = readElectronArguments(process.argv);
const dataDir = dataDirOf(given.data);
const distDir = join(import.meta.dirname, '..');
const windowFile = join(dataDir, 'window.json');

let window: BrowserWindow | null = null;
let core: CoreClient | null = null;
let isQuitting = false;

const showNotice = createNotices(Notification, { isWatched: () => window?.isFocused() ?? false, show });

// One window per data folder; the lock is kept where Chromium keeps its own files.
app.setPath('userData', join(dataDir, 'window'));
app.enableSandbox();
guardContents(app, shell);
protocol.registerSchemesAsPrivileged([
  { scheme: pageScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
]);

if (!app.requestSingleInstanceLock()) {
  process.stderr.write(`Countersign is already running on ${dataDir}; its window comes to the front\n`);
  app.quit();
} else {
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => app.quit());
  app.on('before-quit', endCoreFirst);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
  app.whenReady().then(run).catch(giveUp);
}

async function run(): Promise<void> {
  closeSession(session.defaultSession, app.isPackaged);
  protocol.handle(pageScheme, servePage);
  core = await openCore();
  serveChannels(ipcMain, () => core ?? unopened(), pathsOf(dataDir).practice);
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(menuTemplate(process.platform, app.isPackaged, { show, openDataFolder })),
  );
  openWindow();
}

async function servePage(request: Request): Promise<Response> {
  const { protocol: scheme, host, pathname } = new URL(request.url);
  const isOwn = `${scheme}//${host}` === pageOrigin && request.method === 'GET';
  const { status, headers, body } = await answerPage(join(distDir, 'renderer'), isOwn ? pathname : '/nothing');
  return new Response(new Uint8Array(body), { status, headers });
}

/** Starts the core's process; one that ends by itself is started anew, at most three times a minute. */
async function openCore(earlierStartsAtMs: number[] = []): Promise<CoreClient> {
  const safeKey = await safeKeyOf(join(dataDir, 'seal.key'), safeStorage, process.platform);
  if (safeKey.kind === 'refused')
    process.stderr.write(`Device keys stay in a file that only you can read: ${safeKey.reason}\n`);
  const child = utilityProcess.fork(join(distDir, 'main', 'core-process.js'), [], { serviceName: 'Countersign core' });
  const seal = safeKey.kind === 'sealed' ? { key: safeKey.key, name: safeKey.name } : null;
  const programs = app.isPackaged ? packagedPrograms(process.resourcesPath) : sourcePrograms(join(distDir, '..'));
  const client = coreClient(
    {
      send: (message) => child.postMessage(message),
      onMessage: (listener) => child.on('message', listener),
      onExit: (listener) => child.once('exit', listener),
    },
    { dataDir, profile: given.profile, seal, programs },
    (event) => {
      window?.webContents.send(channels.event, event);
      showNotice(event);
    },
  );
  void client.gone.then(({ expected, code }) => {
    if (!expected && !isQuitting && core === client) return restartCore(code, earlierStartsAtMs);
  });
  await client.opened;
  return client;
}

async function restartCore(code: number, earlierStartsAtMs: number[]): Promise<void> {
  const lately = earlierStartsAtMs.filter((atMs) => Date.now() - atMs < 60_000);
  if (lately.length >= 3) return giveUp(new Error(`The core ended with code ${code} for the third time in a minute.`));
  process.stderr.write(`The core ended with code ${code} and is started again\n`);
  try {
    core = await openCore([...lately, Date.now()]);
    // What the page waited for is lost; it reads everything anew.
    window?.webContents.reload();
  } catch (error) {
    giveUp(error);
  }
}

function openWindow(): void {
  const state = readWindowState(windowFile);
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const opened = new BrowserWindow(
    windowOptions(join(distDir, 'preload', 'preload.cjs'), fittingArea(state, screens), app.isPackaged),
  );
  window = opened;
  if (state?.maximized) opened.maximize();
  opened.once('ready-to-show', () => opened.show());
  opened.on('close', () =>
    writeWindowState(windowFile, { ...opened.getNormalBounds(), maximized: opened.isMaximized() }),
  );
  opened.on('closed', () => (window = null));
  opened.webContents.once('did-finish-load', () => process.stdout.write(`Countersign is ready at ${pageUrl}\n`));
  void opened.loadURL(pageUrl);
}

function showWindow(): void {
  if (window === null) {
    if (core !== null && !isQuitting) openWindow();
    return;
  }
  if (window.isMinimized()) window.restore();
  window.focus();
}

function show(hash: string): void {
  showWindow();
  void window?.loadURL(`${pageUrl}${hash}`);
}

function openDataFolder(): void {
  void shell.openPath(dataDir);
}

/** Server and worker are ended before the application is; the second time round everything is gone. */
function endCoreFirst(event: { preventDefault(): void }): void {
  if (core === null || isQuitting) return;
  event.preventDefault();
  isQuitting = true;
  void core.close().finally(() => app.quit());
}

function unopened(): never {
  throw new Error('the core is not open');
}

function giveUp(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  // Somebody who started it by a click sees no terminal.
  if (!process.stderr.isTTY) dialog.showErrorBox('Countersign cannot go on', message);
  app.exit(1);
}
