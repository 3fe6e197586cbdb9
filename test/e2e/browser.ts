// Owns finding a Chromium for tests and pictures: the system's, else the one in @sparticuz/chromium, else Playwright's own download.
// Knows no page of the product.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { findExecutable } from '../../main/embedded/find-executable.ts';
import { tryLock } from '../../main/embedded/preparation-lock.ts';

/** A browser and where it was found. */
export type FoundBrowser = { path: string; from: 'system' | 'package' | 'playwright' };

const root = fileURLToPath(new URL('../..', import.meta.url));
const systemNames = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'chrome'];
const systemPlaces: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
  win32: ['C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'],
};

/** A Chromium that can be started, unpacked first if need be (4 s, once a version). @throws Error with what was looked for. */
export async function findBrowser(): Promise<FoundBrowser> {
  const system = systemBrowser();
  if (system) return { path: system, from: 'system' };
  const packaged = await packagedBrowser();
  if (packaged) return { path: packaged, from: 'package' };
  const own = chromium.executablePath();
  if (existsSync(own)) return { path: own, from: 'playwright' };
  throw new Error(
    `No browser: neither ${systemNames.join(', ')} on the PATH, nor one in @sparticuz/chromium, nor ${own} (npx playwright install chromium)`,
  );
}

/** Starts the browser that was found, without a window. Closing it is the caller's. */
export async function startBrowser(): Promise<Browser> {
  const { path } = await findBrowser();
  return chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
}

function systemBrowser(): string | null {
  const onPath = systemNames.map((name) => findExecutable(name, process.env)).find((path) => path !== null);
  return onPath ?? (systemPlaces[process.platform] ?? []).find((path) => existsSync(path)) ?? null;
}

/** The package's browser, unpacked by one process at a time into a folder of its version; null where the package has none. */
async function packagedBrowser(): Promise<string | null> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const folder = join(root, 'node_modules', '.cache', 'countersign', `chromium-${version}`);
  const path = join(folder, 'chromium');
  while (!existsSync(path)) {
    const attempt = await tryLock(`${folder}.lock`);
    if (attempt.kind === 'busy') {
      await sleep(200);
      continue;
    }
    try {
      if (!existsSync(path)) await unpack(entry, folder);
    } finally {
      attempt.lock.release();
    }
  }
  return path;
}

/** The package unpacks into the folder for temporary files and takes what is there already: so it gets an empty one. */
async function unpack(entry: string, folder: string): Promise<void> {
  const making = `${folder}.making`;
  for (const left of [making, folder]) rmSync(left, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const program = 'await (await import(process.argv[1])).default.executablePath()';
  const env = { ...process.env, TMPDIR: making };
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, entry], { env });
  renameSync(making, folder);
}
