// The application in its own window. Runs where Electron's binary and a display are; where not, it says why and is skipped.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { PreloadBridge } from '../../preload/contract-channels.ts';
import { buildForElectron, launchElectron, whyNoElectron as why } from './electron-window.ts';

type OwnWindow = Window & { countersign: PreloadBridge };

describe('in Electron', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-electron-'));
  let application: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    if (why !== null) return;
    buildForElectron();
    application = await launchElectron([`--data=${join(folder, 'data')}`], { TEMPORAL_CLI: inject('temporalPath') });
    page = await application.firstWindow();
    await page.getByRole('heading').first().waitFor();
  });
  beforeEach(({ skip }) => {
    if (why !== null) skip(why);
  });
  afterAll(async () => {
    await application?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the page has the bridge and nothing of Node or Electron', async () => {
    const found = await page.evaluate(() => ({
      keys: Object.keys((window as unknown as OwnWindow).countersign).sort(),
      node: ['require', 'process', 'module', 'Buffer', 'global'].filter((name) => name in window),
      address: window.location.origin + window.location.pathname,
    }));
    expect(found.keys).toEqual(['cancelReceive', 'host', 'invoke', 'receiveFile', 'subscribe']);
    expect(found.node).toEqual([]);
    expect(page.url()).toMatch(/^app:\/\/countersign\//);
  });

  test('it syncs with a server and a worker of its own', async () => {
    const result = await page.evaluate(() =>
      (window as unknown as OwnWindow).countersign.invoke('sync:now', { waitMs: 120_000 }),
    );
    expect(result).toMatchObject({ ok: true, value: { state: { kind: 'idle' }, server: { kind: 'ready' } } });
  });

  test('a file that was chosen is taken, one that the page made up is not', async () => {
    const file = join(folder, 'a.csv');
    writeFileSync(file, 'ID,amount\n1,2\n');
    const outcomes = await page.evaluate(async () => {
      const { countersign } = window as unknown as OwnWindow;
      const input = document.createElement('input');
      input.type = 'file';
      input.id = 'chosen';
      document.body.append(input);
      const made = await countersign.receiveFile(new File(['x'], 'x.csv'), 'r', 't-1').then(
        () => 'taken',
        (error: Error) => error.message,
      );
      return { made };
    });
    expect(outcomes.made).toContain('not on a disk');
    await page.setInputFiles('#chosen', file);
    const taken = await page.evaluate(() => {
      const { countersign } = window as unknown as OwnWindow;
      const chosen = document.querySelector<HTMLInputElement>('#chosen')?.files?.[0];
      return (
        chosen &&
        countersign.receiveFile(chosen, 'no-such-report', 't-2').then(
          () => 'taken',
          (error: Error) => error.message,
        )
      );
    });
    // Whether a report of that name exists is the core's to say; that it was asked shows that the file arrived.
    expect(taken).not.toContain('not on a disk');
  });

  test('the window stays at the page and opens no other', async () => {
    const before = page.url();
    await page.evaluate(() => {
      window.open('file:///etc/passwd');
      window.location.href = 'https://example.invalid/';
    });
    await page.evaluate(() => new Promise((done) => setTimeout(done)));
    expect(page.url()).toBe(before);
    expect(application.windows()).toHaveLength(1);
    const denied = await page.evaluate(() =>
      navigator.permissions.query({ name: 'notifications' }).then(({ state }) => state),
    );
    expect(denied).toBe('denied');
  });

  test('closing it ends server and worker', async () => {
    await application.close();
    const records = readdirSync(join(folder, 'data', 'run')).filter((name) => name.endsWith('.json'));
    expect(records).toEqual([]);
  });
});
