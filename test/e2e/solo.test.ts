// The story in solo mode: one machine plays tester, owner and manager. "Work offline" keeps server and worker stopped across restarts,
// and what was decided meanwhile survives a kill and a lost cache.
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { stillRuns } from '../../main/embedded/process-identity.ts';
import type { ProcessIdentity } from '../../main/embedded/process-identity.ts';
import type { Version } from '../../domain/version.ts';
import { startBrowser } from './browser.ts';
import { makeSolo, skipToSamples } from './solo.ts';
import type { Solo } from './solo.ts';

const pictures = fileURLToPath(new URL('../../test-results/solo', import.meta.url));
const patient = { timeout: 60_000 };
const names = { mara: 'Mara Manager', tara: 'Tara Tester', olga: 'Olga Owner' } as const;
const rejected = 3;

let browser: Browser;
let solo: Solo;
let reportId = '';
let size = 0;
const seen: ProcessIdentity[] = [];

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  browser = await startBrowser();
  solo = makeSolo(inject('temporalPath'), browser);
});
afterAll(async () => {
  await solo?.end();
  await browser?.close();
});

const badge = () => solo.page().getByTestId('delivery-badge').innerText();
const button = (name: string | RegExp) => solo.page().getByRole('button', { name });
const grid = () => solo.page().getByRole('grid').getByRole('row');

async function goTo(hash: string): Promise<Page> {
  const page = solo.page();
  await page.evaluate((to) => void (window.location.hash = to), hash);
  return page;
}
async function become(who: keyof typeof names): Promise<void> {
  const menu = solo.page().getByRole('banner').locator('[aria-haspopup="menu"]');
  await menu.click();
  await solo
    .page()
    .getByRole('menuitemradio', { name: new RegExp(names[who]) })
    .click();
  await expect.poll(() => menu.innerText()).toContain(names[who]);
}
async function version(as: string, number: number): Promise<Version | null> {
  const versions = await solo.ask(as, 'version:list', { reportId });
  return versions.find((one) => one.number === number) ?? null;
}
async function openVersion(as: keyof typeof names, number: number): Promise<Page> {
  await expect.poll(async () => (await version(as, number)) !== null, patient).toBe(true);
  const page = await goTo(`#/version/${(await version(as, number))?.versionId ?? ''}`);
  await button(new RegExp(`^version ${number}`)).waitFor();
  await grid().nth(1).waitFor();
  return page;
}
async function statusesAre(as: string, statuses: Record<number, string>): Promise<void> {
  const now = async () =>
    Object.fromEntries((await solo.ask(as, 'version:list', { reportId })).map((one) => [one.number, one.status]));
  await expect.poll(now, patient).toEqual(statuses);
}

/** Server and worker are gone, and nobody notes them as running. */
async function nothingRuns(): Promise<void> {
  await expect.poll(() => solo.children(), patient).toEqual([]);
  expect(seen.map(stillRuns)).toEqual(seen.map(() => false));
}
async function bothRun(): Promise<void> {
  await expect.poll(() => solo.children().map(stillRuns), patient).toEqual([true, true]);
  seen.push(...solo.children());
}
async function stillOffline(): Promise<void> {
  expect(await solo.ask('olga', 'sync:status', {})).toMatchObject({
    workOffline: true,
    server: { kind: 'stopped' },
    state: { kind: 'offline', reason: 'chosen' },
  });
  await nothingRuns();
}

/** All decisions and the review wait on this laptop, each once. */
async function queuedOnce(): Promise<void> {
  const { entries } = await solo.ask('olga', 'outbox:list', { show: 'open', limit: 500 });
  const decided = entries.filter((entry) => entry.kind === 'decision');
  expect(decided).toHaveLength(size);
  expect(new Set(decided.map((entry) => entry.itemKey)).size).toBe(size);
  expect(entries.filter((entry) => entry.kind === 'review.submit')).toHaveLength(1);
  expect(new Set(entries.map((entry) => entry.delivery))).toEqual(new Set(['queued']));
  await expect.poll(badge).toMatch(/Working offline · \d+ waiting/);
}

/** Names each step, and leaves a picture where it failed. */
async function step(name: string, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const picture = async () => void (await solo.page().screenshot({ path: join(pictures, 'failed.png') }));
    await picture().catch((trouble: unknown) => console.log(`no picture: ${String(trouble)}`));
    throw new Error(`stopped at: ${name} (see test-results/solo/failed.png)`, { cause: error });
  }
}

test('one machine plays a whole review, offline in between, through a kill and without its cache', async () => {
  await step('a practice cycle starts by one click', async () => {
    const page = await solo.open();
    await button(/^Try a practice cycle/).click();
    await page.waitForURL(/#\/report\//);
    reportId = /#\/report\/([^/]+)/.exec(page.url())?.[1] ?? '';
    await page.getByRole('region', { name: 'Populations' }).getByText('1,200').waitFor(patient);
    await bothRun();
    await skipToSamples(solo, reportId);
  });

  await step('the tester plans and draws', async () => {
    await become('tara');
    await solo
      .page()
      .getByRole('row', { name: /a sample to plan/ })
      .click();
    await solo.page().keyboard.press('Enter');
    await solo.page().waitForURL(/import\/plan$/);
    await button(/^Next: draw/).click();
    await button(/^Record the plan/).click();
    await button(/^Draw \d+ of 1,200/).click();
    await solo
      .page()
      .getByText(/^Version 1 was made with/)
      .waitFor(patient);
    size = (await version('tara', 1))?.itemCount ?? 0;
    expect(size).toBeGreaterThan(50);
    await goTo('#/home');
    await expect.poll(() => solo.page().locator('main').innerText()).toContain('Nothing waits for you');
  });

  await step('the owner has it and chooses to work offline', async () => {
    await become('olga');
    await openVersion('olga', 1);
    const { versionId } = (await version('olga', 1)) as Version;
    const here = async () => (await solo.ask('olga', 'version:get', { versionId })).cachedItems;
    await expect.poll(here, patient).toBe(size);
    await goTo('#/sync');
    await solo.page().getByLabel('Work offline').click();
    await expect.poll(badge).toMatch(/^Working offline/);
    await nothingRuns();
    await stillOffline();
  });

  await step('closed and opened again it is still offline, with everything here', async () => {
    await solo.close();
    await solo.open();
    await stillOffline();
    await openVersion('olga', 1);
    expect(await badge()).toMatch(/^Working offline/);
  });

  await step('the owner decides by keyboard and submits: queued, not saved', async () => {
    const page = solo.page();
    await grid().nth(1).click();
    for (let row = 1; row <= size; row += 1) {
      if (row > rejected) await page.keyboard.press('a');
      else {
        await page.keyboard.press('r');
        await page.getByRole('dialog').waitFor();
        await page.keyboard.press('2');
        await page.keyboard.type(`seen twice, row ${row}`);
        await page.keyboard.press('Enter');
        await page.getByRole('dialog').waitFor({ state: 'hidden' });
      }
      await page.getByText(`${row} of ${size} decided`).waitFor();
    }
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('submit-sentence').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => page.locator('main').innerText()).toMatch(/queued/);
    expect(await page.locator('body').innerText()).not.toMatch(/\bsaved\b/i);
    await queuedOnce();
  });

  await step('after a kill all is still queued, once', async () => {
    await solo.kill();
    await solo.open();
    await queuedOnce();
    await stillOffline();
  });

  await step('without its cache too', async () => {
    await solo.close();
    const folder = join(solo.dataDir, 'profiles', 'olga');
    for (const file of ['cache.db', 'cache.db-wal', 'cache.db-shm']) await rm(join(folder, file), { force: true });
    await solo.open();
    await queuedOnce();
    await stillOffline();
  });

  await step('online again everything is delivered, with its receipts', async () => {
    await goTo('#/sync');
    await solo.page().getByLabel('Work offline').click();
    await expect.poll(badge, patient).toMatch(/^All delivered/);
    await bothRun();
    expect((await solo.ask('olga', 'outbox:list', { show: 'open' })).total).toBe(0);
    const { entries } = await solo.ask('olga', 'outbox:list', { show: 'delivered', limit: 500 });
    expect(entries.filter((entry) => entry.itemKey !== null)).toHaveLength(size);
    expect(entries.filter((entry) => entry.delivery !== 'applied')).toEqual([]);
  });

  await step('killed while online, the next start leaves one server and one worker', async () => {
    const before = solo.children();
    await solo.kill();
    // The worker may have noticed by now that its host is gone; the server cannot.
    expect(before.map(stillRuns)).toContain(true);
    await solo.open();
    await bothRun();
    expect(before.map(stillRuns)).toEqual([false, false]);
  });

  await step('the tester answers the rejections and submits the revision', async () => {
    await become('tara');
    const page = await openVersion('tara', 1);
    await button(/^Agree to all replaceable/).click();
    await expect.poll(() => button(/^Submit revision/).getAttribute('aria-disabled')).not.toBe('true');
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('submit-sentence').waitFor();
    await page.keyboard.press('Control+Enter');
    await statusesAre('tara', { 1: 'superseded', 2: 'pending' });
    expect((await version('tara', 2))?.counts).toMatchObject({ approved: size - rejected, pending: rejected });
    expect((await version('tara', 1))?.counts).toMatchObject({ rejected });
  });

  await step('the owner approves version 2', async () => {
    await become('olga');
    const page = await openVersion('olga', 2);
    await button(/^Pending/).click();
    await expect.poll(() => grid().count()).toBe(rejected + 1);
    await grid().nth(1).click();
    for (let left = rejected - 1; left >= 0; left -= 1) {
      await page.keyboard.press('a');
      await page.getByText(`${size - left} of ${size} decided`).waitFor();
    }
    await page.keyboard.press('Control+Enter');
    await page.getByTestId('submit-sentence').waitFor();
    await page.keyboard.press('Control+Enter');
    await statusesAre('olga', { 1: 'superseded', 2: 'approved' });
    await page.getByText(/^Your review: approved .*applied$/).waitFor();
  });

  await step('the last stop leaves neither server nor worker', async () => {
    await solo.close();
    await nothingRuns();
  });
});
