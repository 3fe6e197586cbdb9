// Owns `npm run screenshots`: pictures of the real application. Without a flag the README's few (renderer/pictures); with `--all` every
// screen, in both themes and two sizes, into test-results/pictures for whoever changes a screen. Judges nothing.
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { preparedTemporalPath } from '../temporal-server.ts';
import { startBrowser } from './browser.ts';
import { projectRoot } from './child.ts';
import { makeShowcase } from './showcase.ts';
import type { Screen } from './showcase.ts';

interface Shot {
  screen: string;
  theme: 'light' | 'dark';
  width: number;
  height: number;
  file: string;
}

const readmeFolder = join(projectRoot, 'renderer', 'pictures');
const allFolder = join(projectRoot, 'test-results', 'pictures');
const themes = ['light', 'dark'] as const;

const readmeShots: Shot[] = (
  [
    ['home', 'light'],
    ['review', 'light'],
    ['review', 'dark'],
    ['compare', 'light'],
    ['sync', 'light'],
  ] as const
).map(([screen, theme]) => {
  const file = join(readmeFolder, `${screen}-${theme}.png`);
  return { screen, theme, width: 1280, height: 800, file };
});

function everyShot(screens: readonly Screen[]): Shot[] {
  const sizes = [
    { width: 1440, height: 900 },
    { width: 1024, height: 640 },
  ];
  return screens.flatMap(({ name }) =>
    themes.flatMap((theme) =>
      sizes.map(({ width, height }) => {
        return { screen: name, theme, width, height, file: join(allFolder, `${name}-${theme}-${width}.png`) };
      }),
    ),
  );
}

async function take(screen: Screen, shot: Shot): Promise<void> {
  const page = screen.page();
  await page.setViewportSize({ width: shot.width, height: shot.height });
  await page.emulateMedia({ colorScheme: shot.theme, reducedMotion: 'reduce' });
  await page.evaluate((hash) => void (window.location.hash = hash), screen.hash);
  await screen.ready(page);
  await screen.open?.(page);
  await settled(page);
  await page.screenshot({ path: shot.file });
  await page.keyboard.press('Escape');
  // A fresh page for the next picture: nothing selected, no notice, nothing open.
  await page.goto(page.url().replace(/#.*$/, '#/sync'));
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Fonts are there, and nothing moves or loads any more. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((animation) => animation.finished));
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const all = args.includes('--all');
  const only = args.find((arg) => !arg.startsWith('--'));
  const folder = all ? allFolder : readmeFolder;
  if (!only) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const browser = await startBrowser();
  const showcase = await makeShowcase(await preparedTemporalPath(), browser);
  // Interrupted, it must not leave six applications behind; a pipe that was closed ends it too.
  const stop = (): void => void showcase.end().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  process.stdout.once('error', stop);
  try {
    const shots = all ? everyShot(showcase.screens) : readmeShots;
    for (const shot of shots.filter(({ screen }) => !only || screen.startsWith(only))) {
      const screen = showcase.screens.find(({ name }) => name === shot.screen);
      if (!screen) throw new Error(`there is no screen "${shot.screen}"`);
      try {
        await take(screen, shot);
        console.log(`${shot.file} ${Math.round(statSync(shot.file).size / 1_000)} kB`);
      } catch (error) {
        // The others are worth having all the same; what was there instead shows why.
        process.exitCode = 1;
        console.error(`${shot.file}: ${String(error)}`);
        await screen.page().screenshot({ path: shot.file });
      }
    }
  } finally {
    await showcase.end();
    await browser.close();
  }
}

await main();
