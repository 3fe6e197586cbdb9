// Electron's parts as far as they can be seen without its binary: window, guards, channels, bridge, key, core process.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { App, IpcMain, Session } from 'electron';
import { build } from 'vite';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { electronBundles } from '../../main/build/electron-bundles.ts';
import { serveChannels } from '../../main/electron-bridge.ts';
import { externalLink, isOwnSender, isPage, mayLoad } from '../../main/electron-guards.ts';
import { menuTemplate } from '../../main/electron-menu.ts';
import { createNotices } from '../../main/electron-notice.ts';
import { safeKeyOf } from '../../main/electron-safe-key.ts';
import { closeSession, guardContents } from '../../main/electron-session.ts';
import { fittingArea, readWindowState, windowOptions, writeWindowState } from '../../main/electron-window.ts';
import { channels } from '../../preload/contract-channels.ts';
import { foreignPaths } from './foreign-paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-electron-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the window', () => {
  test('shows a page without Node, in a sandbox, in a world of its own', () => {
    expect(windowOptions('/preload.cjs', {}, true).webPreferences).toEqual({
      preload: '/preload.cjs',
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      experimentalFeatures: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      safeDialogs: true,
      spellcheck: false,
      devTools: false,
    });
    expect(windowOptions('/preload.cjs', {}, true)).toMatchObject({ minWidth: 1024, minHeight: 640, show: false });
  });

  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  const state = { x: 100, y: 50, width: 1200, height: 800, maximized: false };
  test.each([
    ['nothing is remembered', null, [screen], {}],
    ['it stood on a screen', state, [screen], { x: 100, y: 50, width: 1200, height: 800 }],
    ['its screen was unplugged', { ...state, x: 2500 }, [screen], { width: 1200, height: 800 }],
    [
      'it stood on the second screen',
      { ...state, x: 2500 },
      [screen, { ...screen, x: 1920 }],
      { x: 2500, y: 50, width: 1200, height: 800 },
    ],
    ['its title bar is above the screen', { ...state, y: -60 }, [screen], { width: 1200, height: 800 }],
    ['it was too small', { ...state, width: 300, height: 300 }, [screen], { x: 100, y: 50, width: 1024, height: 640 }],
    ['there is no screen', state, [], { width: 1200, height: 800 }],
  ])('when %s, gets the fitting place', (_, remembered, screens, area) => {
    expect(fittingArea(remembered, screens)).toEqual(area);
  });

  test('is remembered, and a damaged memory is none', () => {
    const file = join(folder, 'window.json');
    expect(readWindowState(file)).toBeNull();
    writeWindowState(file, state);
    expect(readWindowState(file)).toEqual(state);
    for (const text of ['{"x":1}', '', '[]', JSON.stringify({ ...state, width: -1 })]) {
      writeFileSync(file, text);
      expect(readWindowState(file), text).toBeNull();
    }
  });
});

describe('news', () => {
  const notification = {
    ...{ notificationId: 'n-1', reportId: 'report/1', personId: 'olga', kind: 'waiting-for-you' as const },
    ...{ phase: 'scoping' as const, lob: null, text: 'Scoping waits for you', at: '2026-11-25T08:00:00.000Z' },
  };
  function system(supported = true) {
    const made: { title: string; body: string; shown: boolean; fire(event: string): void }[] = [];
    class Notice {
      static isSupported = () => supported;
      readonly listeners = new Map<string, () => void>();
      readonly entry;
      constructor(options: { title: string; body: string }) {
        this.entry = { ...options, shown: false, fire: (event: string) => this.listeners.get(event)?.() };
        made.push(this.entry);
      }
      on(event: string, listener: () => void): this {
        this.listeners.set(event, listener);
        return this;
      }
      show(): void {
        this.entry.shown = true;
      }
    }
    return { Notice, made };
  }

  test('is shown by the system, and a click opens its report', () => {
    const { Notice, made } = system();
    const opened: string[] = [];
    const tell = createNotices(Notice, { isWatched: () => false, show: (hash) => opened.push(hash) });
    tell({ kind: 'notification', notification });
    expect(made).toMatchObject([{ title: 'Countersign', body: 'Scoping waits for you', shown: true }]);
    made[0]?.fire('click');
    expect(opened).toEqual(['#/report/report%2F1']);
  });

  test.each([
    ['the window is looked at', true, true],
    ['the system shows none', false, false],
  ])('stays in the window when %s', (_, supported, watched) => {
    const { Notice, made } = system(supported);
    createNotices(Notice, { isWatched: () => watched, show: () => undefined })({ kind: 'notification', notification });
    expect(made).toEqual([]);
  });

  test('other events show nothing', () => {
    const { Notice, made } = system();
    const tell = createNotices(Notice, { isWatched: () => false, show: () => undefined });
    tell({ kind: 'changed', reportIds: [], versionIds: [], directory: true, source: 'feed' });
    expect(made).toEqual([]);
  });
});

describe('guards', () => {
  test.each([
    ['app://countersign/', true],
    ['app://countersign/#/sync', true],
    ['app://countersign/assets/a.js', false],
    ['app://evil/', false],
    ['app://countersign.evil/', false],
    ['https://countersign/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['about:blank', false],
    ['data:text/html,x', false],
    ['', false],
  ])('%s is the page: %s', (url, is) => expect(isPage(url)).toBe(is));

  test.each([
    ['app://countersign/assets/a.js', true, true],
    ['blob:app://countersign/6c1d', true, true],
    ['blob:https://evil.example/6c1d', true, false],
    ['https://evil.example/', true, false],
    ['http://127.0.0.1:7233/', true, false],
    ['ws://127.0.0.1/', true, false],
    ['file:///etc/passwd', true, false],
    ['data:text/html,x', true, false],
    ['devtools://devtools/bundled/x.js', true, false],
    ['devtools://devtools/bundled/x.js', false, true],
    ['https://evil.example/', false, false],
    ['nonsense', false, false],
  ])('%s (packaged: %s) may be loaded: %s', (url, isPackaged, may) => expect(mayLoad(url, isPackaged)).toBe(may));

  test.each([
    ['https://docs.temporal.io/cli#install', 'https://docs.temporal.io/cli#install'],
    ['http://docs.temporal.io/', null],
    ['https://user:secret@evil.example/', null],
    ['file:///usr/bin/xcalc', null],
    ['javascript:alert(1)', null],
    ['ms-msdt:/id', null],
    ['smb://server/share', null],
    ['', null],
  ])('%s goes to the system’s browser as %s', (url, link) => expect(externalLink(url)).toBe(link));

  test.each([
    ['the page', { url: 'app://countersign/#/home', parent: null }, true],
    ['a frame that is gone', null, false],
    ['nobody', undefined, false],
    ['a frame in the page', { url: 'app://countersign/', parent: {} }, false],
    ['another page', { url: 'https://evil.example/', parent: null }, false],
  ])('%s may ask: %s', (_, frame, may) => expect(isOwnSender(frame)).toBe(may));
});

test('every permission and every foreign request is denied', () => {
  const handlers: Record<string, (...args: never[]) => unknown> = {};
  const keep = (name: string) => (handler: (...args: never[]) => unknown) => void (handlers[name] = handler);
  const session = {
    setPermissionRequestHandler: keep('request'),
    setPermissionCheckHandler: keep('check'),
    setDevicePermissionHandler: keep('device'),
    setDisplayMediaRequestHandler: keep('media'),
    webRequest: { onBeforeRequest: keep('load') },
  };
  closeSession(session as unknown as Session, true);
  const answered = (name: string, ...before: unknown[]) => {
    const answer = vi.fn();
    (handlers[name] as (...args: unknown[]) => void)(...before, answer);
    return answer.mock.calls;
  };
  for (const permission of ['media', 'geolocation', 'clipboard-read', 'notifications', 'fileSystem', 'openExternal']) {
    expect(answered('request', {}, permission), permission).toEqual([[false]]);
    expect((handlers['check'] as (...args: unknown[]) => unknown)({}, permission)).toBe(false);
  }
  expect((handlers['device'] as () => unknown)()).toBe(false);
  expect(answered('media', {})).toEqual([[{}]]);
  expect(answered('load', { url: 'https://evil.example/x' })).toEqual([[{ cancel: true }]]);
  expect(answered('load', { url: 'app://countersign/' })).toEqual([[{ cancel: false }]]);
});

test('no window leaves the page, and none is opened', () => {
  const listeners: Record<string, (event: object) => void> = {};
  let open: (details: { url: string }) => { action: string } = () => ({ action: 'none' });
  const contents = {
    on: (name: string, listener: (event: object) => void) => void (listeners[name] = listener),
    setWindowOpenHandler: (handler: typeof open) => void (open = handler),
  };
  const app = { on: (_: string, listener: (event: unknown, made: unknown) => void) => listener({}, contents) };
  const openExternal = vi.fn<(url: string) => Promise<void>>().mockResolvedValue(undefined);
  guardContents(app as unknown as App, { openExternal });
  const isPrevented = (name: string, url: string): boolean => {
    const preventDefault = vi.fn();
    listeners[name]?.({ preventDefault, url });
    return preventDefault.mock.calls.length > 0;
  };
  for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
    expect(isPrevented(name, 'https://evil.example/'), name).toBe(true);
    expect(isPrevented(name, 'file:///etc/passwd'), name).toBe(true);
    expect(isPrevented(name, 'app://countersign/#/sync'), name).toBe(false);
  }
  expect(isPrevented('will-attach-webview', 'app://countersign/')).toBe(true);
  expect(open({ url: 'https://docs.temporal.io/' })).toEqual({ action: 'deny' });
  expect(open({ url: 'file:///usr/bin/xcalc' })).toEqual({ action: 'deny' });
  expect(openExternal.mock.calls).toEqual([['https://docs.temporal.io/']]);
});

describe('the channels', () => {
  const own = { senderFrame: { url: 'app://countersign/', parent: null } };
  const foreign = [{ senderFrame: null }, { senderFrame: { url: 'https://evil.example/', parent: null } }, {}];

  function served() {
    const handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>();
    const ipcMain = {
      handle: (name: string, handler: never) => void handlers.set(name, handler),
      on: (name: string, handler: never) => void handlers.set(name, handler),
    };
    const core = {
      ask: vi.fn().mockResolvedValue({ ok: true, value: 1 }),
      receive: vi.fn((_path: string, _report: string, onId: (id: number) => void) => {
        onId(7);
        return new Promise(() => undefined);
      }),
      cancel: vi.fn(),
    };
    serveChannels(ipcMain as unknown as IpcMain, () => core as never, '/data/practice');
    const send = (channel: string, event: unknown, ...args: unknown[]) => handlers.get(channel)?.(event, ...args);
    return { core, send, names: [...handlers.keys()] };
  }

  test('are these three and no more', () => {
    expect(served().names).toEqual([channels.invoke, channels.receive, channels.cancelReceive]);
  });

  test('pass the page’s questions on', async () => {
    const { core, send } = served();
    expect(await send(channels.invoke, own, 'home:get', {})).toEqual({ ok: true, value: 1 });
    expect(core.ask).toHaveBeenCalledWith('home:get', {});
  });

  test.each(foreign)('deny whoever else asks (%j)', async (event) => {
    const { core, send } = served();
    const refusal = { ok: false, error: { kind: 'refused' } };
    expect(await send(channels.invoke, event, 'home:get', {})).toMatchObject(refusal);
    expect(await send(channels.receive, event, '/a', 'r', 't')).toMatchObject(refusal);
    void send(channels.receive, own, '/a', 'r', 't');
    await send(channels.cancelReceive, event, 't');
    expect(core.ask).not.toHaveBeenCalled();
    expect(core.cancel).not.toHaveBeenCalled();
  });

  test.each(foreignPaths)('do not let the page name the path %j', async (path) => {
    const { core, send } = served();
    const input = { reportId: 'r', source: { kind: 'path', path } };
    expect(await send(channels.invoke, own, 'population:import', input)).toMatchObject({ error: { kind: 'refused' } });
    expect(await send(channels.invoke, own, 'document:submit', input)).toMatchObject({ error: { kind: 'refused' } });
    expect(core.ask).not.toHaveBeenCalled();
  });

  test('let the page name a practice file', async () => {
    const { core, send } = served();
    const input = { reportId: 'r', source: { kind: 'path', path: '/data/practice/r/evidence-north.csv' } };
    await send(channels.invoke, own, 'document:submit', input);
    expect(core.ask).toHaveBeenCalledWith('document:submit', input);
  });

  test.each([
    [[1, {}], channels.invoke],
    [['a/b', 'r', 't'], channels.receive],
    [[1, 'r', 't'], channels.receive],
    [['/a'.repeat(3_000), 'r', 't'], channels.receive],
  ])('refuse %j', async (args, channel) => {
    const { core, send } = served();
    expect(await send(channel, own, ...args)).toMatchObject({ ok: false, error: { kind: 'bad-input' } });
    expect(core.ask).not.toHaveBeenCalled();
    expect(core.receive).not.toHaveBeenCalled();
  });

  test('cancel a transfer by the page’s own id', () => {
    const { core, send } = served();
    void send(channels.receive, own, '/a', 'r', 't');
    void send(channels.cancelReceive, own, 'another');
    expect(core.cancel).not.toHaveBeenCalled();
    void send(channels.cancelReceive, own, 't');
    expect(core.cancel).toHaveBeenCalledWith(7);
  });
});

describe('the preload, bundled as it ships', () => {
  async function loaded() {
    const bundle = electronBundles(folder)[1];
    await build({ ...bundle });
    const source = readFileSync(join(folder, 'preload', 'preload.cjs'), 'utf8');
    const exposed = new Map<string, Record<string, (...args: unknown[]) => unknown>>();
    const ipcRenderer = { invoke: vi.fn(), send: vi.fn(), on: vi.fn(), off: vi.fn() };
    const required: string[] = [];
    const electron = {
      contextBridge: { exposeInMainWorld: (key: string, api: never) => void exposed.set(key, api) },
      ipcRenderer,
      webUtils: { getPathForFile: (file: { path: string }) => file.path },
    };
    const require = (name: string) => {
      required.push(name);
      return name === 'electron' ? electron : undefined;
    };
    runInNewContext(source, { require, module: { exports: {} }, exports: {} });
    return { exposed, ipcRenderer, required, bridge: exposed.get('countersign') ?? {} };
  }
  const loading = loaded();

  test('gives the page exactly these keys, and needs nothing but electron', async () => {
    const { exposed, bridge, required } = await loading;
    expect([...exposed.keys()]).toEqual(['countersign']);
    expect(Object.keys(bridge).sort()).toEqual(['cancelReceive', 'host', 'invoke', 'receiveFile', 'subscribe']);
    expect([...new Set(required)]).toEqual(['electron']);
  });

  test('hands files over by the path that only a chosen file has', async () => {
    const { bridge, ipcRenderer } = await loading;
    ipcRenderer.invoke.mockResolvedValueOnce({ ok: true, value: { importId: 'i-1' } });
    expect(await bridge['receiveFile']?.({ path: '/home/a.csv' }, 'r', 't')).toEqual({
      source: { kind: 'received', importId: 'i-1' },
    });
    expect(ipcRenderer.invoke).toHaveBeenLastCalledWith(channels.receive, '/home/a.csv', 'r', 't');
    await expect(bridge['receiveFile']?.({ path: '' }, 'r', 't')).rejects.toThrow('not on a disk');
    ipcRenderer.invoke.mockResolvedValueOnce({ ok: false, error: { kind: 'refused', message: 'too large' } });
    await expect(bridge['receiveFile']?.({ path: '/b' }, 'r', 't')).rejects.toThrow('too large');
  });

  test('gives events without their sender, and ends that', async () => {
    const { bridge, ipcRenderer } = await loading;
    const listener = vi.fn();
    const stop = bridge['subscribe']?.(listener) as () => void;
    const [channel, forward] = ipcRenderer.on.mock.calls.at(-1) as [string, (...args: unknown[]) => void];
    expect(channel).toBe(channels.event);
    forward({ sender: 'secret' }, { kind: 'sync' });
    expect(listener.mock.calls).toEqual([[{ kind: 'sync' }]]);
    stop();
    expect(ipcRenderer.off).toHaveBeenCalledWith(channels.event, forward);
  });
});

describe('the sealing key', () => {
  function store(options: { available?: boolean; backend?: string; shouldReEncrypt?: boolean } = {}) {
    const { available = true, backend = 'gnome_libsecret', shouldReEncrypt = false } = options;
    return {
      isAsyncEncryptionAvailable: () => Promise.resolve(available),
      getSelectedStorageBackend: () => backend as never,
      encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(`sealed:${text}`)),
      decryptStringAsync: (sealed: Buffer) =>
        sealed.toString().startsWith('sealed:')
          ? Promise.resolve({ result: sealed.toString().slice(7), shouldReEncrypt })
          : Promise.reject(new Error('cannot be opened')),
    };
  }

  test('is made once and comes back', async () => {
    const file = join(folder, 'seal-1.key');
    const first = await safeKeyOf(file, store(), 'linux');
    const second = await safeKeyOf(file, store(), 'linux');
    expect(first.kind === 'sealed' && first.key).toHaveLength(32);
    expect(second).toEqual(first);
  });

  test.each([
    ['Linux without a key store', { backend: 'basic_text' }, 'linux'],
    ['a system without encryption', { available: false }, 'darwin'],
  ] as const)('is refused on %s, and nothing is written', async (_, options, platform) => {
    const file = join(folder, 'seal-2.key');
    expect((await safeKeyOf(file, store(options), platform)).kind).toBe('refused');
    expect(() => readFileSync(file)).toThrow('ENOENT');
  });

  test('is never made anew over one that cannot be opened', async () => {
    const file = join(folder, 'seal-3.key');
    await safeKeyOf(file, store(), 'linux');
    await expect(safeKeyOf(file, store({ backend: 'basic_text' }), 'linux')).rejects.toThrow('no key store');
    writeFileSync(file, 'of another key store');
    await expect(safeKeyOf(file, store(), 'linux')).rejects.toThrow('cannot be opened');
    expect(readFileSync(file, 'utf8')).toBe('of another key store');
    writeFileSync(file, 'sealed:c2hvcnQ=');
    await expect(safeKeyOf(file, store(), 'linux')).rejects.toThrow('damaged');
  });
});

test('the menu has its keys on every system, and no developer’s tools when packaged', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const show = vi.fn();
    const text = JSON.stringify(menuTemplate(platform, true, { show, openDataFolder: vi.fn() }));
    expect(text).not.toContain('toggleDevTools');
    expect(text).toContain('"accelerator":"CmdOrCtrl+1"');
    expect(text.includes('"appMenu"')).toBe(platform === 'darwin');
  }
  const show = vi.fn();
  const entries = menuTemplate('linux', false, { show, openDataFolder: vi.fn() });
  const go = entries.find(({ label }) => label === '&Go')?.submenu;
  for (const entry of Array.isArray(go) ? go : []) (entry.click as unknown as () => void)();
  expect(show.mock.calls).toEqual([['#/home'], ['#/sync'], ['#/people']]);
});
