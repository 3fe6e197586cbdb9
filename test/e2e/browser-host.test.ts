// The built page in a real browser under the host's policy: it works without one violation, and nothing foreign gets in.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import type { Browser, BrowserContext, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBrowserHost } from '../../main/browser.ts';
import type { BrowserHost } from '../../main/browser.ts';
import { openHost } from '../../main/host-core.ts';
import type { Host } from '../../main/host-core.ts';
import { privateFileVault } from '../../main/vaults.ts';
import { startBrowser } from './browser.ts';
import { projectRoot } from './child.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign-page-'));
let browser: Browser;
let core: Host;
let host: BrowserHost;
let context: BrowserContext;
let violations: string[];

beforeAll(async () => {
  const built = spawnSync(process.execPath, ['main/build/build.ts', 'page', '--if-needed'], { cwd: projectRoot });
  if (built.status !== 0) throw new Error(built.stderr.toString('utf8'));
  core = await openHost({ dataDir: folder, profile: null, vault: privateFileVault, server: 'none', socket: false });
  const pageRoot = join(projectRoot, 'dist', 'renderer');
  host = await openBrowserHost({ application: core.application, pageRoot, port: 0, log: () => undefined });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await host?.close();
  await core?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  violations = [];
});
afterEach(() => context.close());

const origin = (): string => `http://127.0.0.1:${host.port}`;

/** A page that notes what its policy refused and what went wrong in it. */
async function newPage(): Promise<Page> {
  const page = await context.newPage();
  await page.exposeFunction('noteViolation', (text: string) => void violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { noteViolation } = window as unknown as { noteViolation(text: string): void };
      noteViolation(`${event.effectiveDirective}: ${event.blockedURI}`);
    });
  });
  page.on('pageerror', (error) => violations.push(`error: ${error.message}`));
  return page;
}

async function openApplication(): Promise<Page> {
  const page = await newPage();
  await page.goto(host.url);
  await page.getByRole('heading').first().waitFor();
  return page;
}

describe('the page', () => {
  test('comes up without one violation, and the token leaves the address', async () => {
    const page = await openApplication();
    expect(page.url()).not.toContain('token');
    for (const hash of ['#/home', '#/sync', '#/people']) {
      await page.evaluate((to) => void (window.location.hash = to), hash);
      await page.getByRole('heading').first().waitFor();
    }
    expect(violations).toEqual([]);
  });

  test('is still connected after a reload', async () => {
    const page = await openApplication();
    await page.reload();
    await page.getByRole('heading').first().waitFor();
    expect(violations).toEqual([]);
  });

  test('reaches nothing without the token', async () => {
    const page = await newPage();
    const sockets: string[] = [];
    page.on('websocket', (socket) => sockets.push(socket.url()));
    await page.goto(`${origin()}/`);
    await page
      .getByText(/address|token|terminal/i)
      .first()
      .waitFor();
    expect(sockets).toEqual([]);
  });

  test('is opened by the one-time address too', async () => {
    const page = await newPage();
    await page.goto(host.oneTimeUrl());
    await page.getByRole('heading').first().waitFor();
    expect(page.url()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#/);
    expect(page.url()).not.toContain('token');
  });
});

describe('the policy', () => {
  test.each([
    [
      'an inline script',
      'const s = document.createElement("script"); s.textContent = "window.ran = 1"; document.body.append(s);',
    ],
    ['markup from text', 'document.body.insertAdjacentHTML("beforeend", "<img src=x onerror=window.ran=1>");'],
    ['an event handler as text', 'document.body.setAttribute("onclick", "window.ran=1"); document.body.click();'],
    ['evaluated text', 'new Function("window.ran = 1")();'],
    ['a timer with text', 'setTimeout("window.ran = 1");'],
    [
      'a foreign script',
      'const s = document.createElement("script"); s.src = "http://127.0.0.1:1/x.js"; document.body.append(s);',
    ],
  ])('keeps %s from running', async (_, source) => {
    const page = await openApplication();
    // Runs as the page's own script would: the file comes from the host's origin.
    await context.route(`${origin()}/assets/attack.js`, (route) =>
      route.fulfill({ contentType: 'text/javascript', body: `try { ${source} } catch { window.refused = 1; }` }),
    );
    // As text: the test runner would rewrite the import.
    await page.evaluate(`import("${origin()}/assets/attack.js").then(() => new Promise((done) => setTimeout(done)))`);
    expect(await page.evaluate(() => (window as unknown as { ran?: number }).ran)).toBeUndefined();
    await vi.waitFor(() => expect(violations.join('\n')).toMatch(/script-src|trusted-types/));
  });

  test.each([
    [
      'fetches',
      () =>
        fetch('http://127.0.0.1:1/').then(
          () => 'came',
          () => 'refused',
        ),
      /connect-src/,
    ],
    [
      'loads a picture',
      () =>
        new Promise((done) => {
          const image = new Image();
          image.onload = () => done('came');
          image.onerror = () => done('refused');
          image.src = 'http://127.0.0.1:1/x.png';
        }),
      /img-src/,
    ],
    [
      'frames',
      () =>
        new Promise((done) => {
          const frame = document.createElement('iframe');
          frame.src = 'http://127.0.0.1:1/';
          document.addEventListener('securitypolicyviolation', () => done('refused'), { once: true });
          document.body.append(frame);
        }),
      /frame-src|default-src/,
    ],
  ] as const)('keeps it inside when it %s', async (_, act, directive) => {
    const page = await openApplication();
    expect(await page.evaluate(act)).toBe('refused');
    await vi.waitFor(() => expect(violations.join('\n')).toMatch(directive));
  });
});

describe('another page in the same browser', () => {
  let foreignServer: ReturnType<typeof createServer>;
  let foreign: string;
  beforeAll(async () => {
    foreignServer = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<p>foreign</p>'),
    );
    foreignServer.listen(0, '127.0.0.1');
    await once(foreignServer, 'listening');
    foreign = `http://127.0.0.1:${(foreignServer.address() as { port: number }).port}/`;
  });
  afterAll(() => foreignServer.close());

  test('gets no bridge, not even with the token', async () => {
    const page = await context.newPage();
    await page.goto(foreign);
    const token = new URL(host.url).hash.slice('#token='.length);
    const outcome = await page.evaluate(
      ([address, secret]) =>
        new Promise((done) => {
          const socket = new WebSocket(address ?? '', ['countersign', secret ?? '']);
          socket.addEventListener('open', () => done('open'));
          socket.addEventListener('error', () => done('refused'));
        }),
      [`ws://127.0.0.1:${host.port}/bridge`, token],
    );
    expect(outcome).toBe('refused');
  });

  test('can neither read nor frame the page, nor send a file', async () => {
    const page = await context.newPage();
    await page.goto(foreign);
    const outcomes = await page.evaluate(async (address) => {
      const failed = () => 'refused';
      const read = await fetch(address).then((response) => response.text(), failed);
      const sent = await fetch(`${address}receive?fileName=a&reportId=r`, { method: 'POST', body: 'x' }).then(
        (response) => String(response.status),
        failed,
      );
      return { read, sent };
    }, `${origin()}/`);
    expect(outcomes).toEqual({ read: 'refused', sent: 'refused' });
    await page.evaluate((address) => {
      const frame = document.createElement('iframe');
      frame.src = address;
      document.body.append(frame);
      return new Promise((done) => frame.addEventListener('load', done));
    }, `${origin()}/`);
    expect(page.frames().at(-1)?.url()).toMatch(/^chrome-error:/);
  });
});
