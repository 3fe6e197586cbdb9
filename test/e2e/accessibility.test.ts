// Every screen in both themes: axe finds nothing serious, the policy is never violated, nothing goes wrong in the page.
// And data that is script stays data on all of them (reliability row 20).
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { startBrowser } from './browser.ts';
import { scriptStrings } from './script-strings.ts';
import { decideRows, drawSample, importFile, makeShowcase, synced, tell, toSamples, versionOn } from './showcase.ts';
import type { Screen, Showcase } from './showcase.ts';

let browser: Browser;
let showcase: Showcase;
/** What went wrong in any page: refused by the policy, thrown, or written to the console as an error. */
const troubles: string[] = [];
/** Which of the script strings ran. */
const executed: unknown[] = [];
const watched = new Set<Page>();

beforeAll(async () => {
  browser = await startBrowser();
  showcase = await makeShowcase(inject('temporalPath'), browser);
  for (const { page } of showcase.screens) await watch(page());
});
afterAll(async () => {
  await showcase?.end();
  await browser?.close();
});

/** Notes what goes wrong in a page from its next load on, and loads it. */
async function watch(page: Page): Promise<void> {
  if (watched.has(page)) return;
  watched.add(page);
  const where = (text: string) => void troubles.push(`${new URL(page.url()).hash}: ${text}`);
  page.on('pageerror', (error) => where(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') where(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    executed.push(dialog.message());
    void dialog.dismiss();
  });
  await page.exposeFunction('noteViolation', where);
  await page.exposeFunction('ran', (which: unknown) => void executed.push(which));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const { noteViolation } = window as unknown as { noteViolation(text: string): void };
      noteViolation(`policy: ${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  await fresh(page);
}

/** Loads the page anew, with nothing open and nothing selected. */
async function fresh(page: Page): Promise<void> {
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

async function show(screen: Omit<Screen, 'name'>): Promise<Page> {
  const page = screen.page();
  await page.evaluate((hash) => void (window.location.hash = hash), screen.hash);
  await screen.ready(page);
  await screen.open?.(page);
  return page;
}

/** What axe finds serious or critical, a line each. Nothing that moves is judged in the middle of it. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map((animation) => animation.finished));
  });
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary ?? ''}`));
}

test.each(['light', 'dark'] as const)('axe finds nothing serious on any screen (%s)', async (colorScheme) => {
  const found: Record<string, string[]> = {};
  for (const page of watched) await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  for (const screen of showcase.screens) {
    const page = await show(screen);
    const lines = await findings(page);
    if (lines.length > 0) found[screen.name] = lines;
    await fresh(page);
  }
  expect(found).toEqual({});
});

test('no screen violates the policy or reports an error', () => {
  expect(troubles).toEqual([]);
});

test('data that is script stays data on every screen', async () => {
  const { manager, tester, owner, lead } = showcase.laptops;
  const atLeast = (at: number) => scriptStrings[at % scriptStrings.length] ?? '';
  const assignments = [
    { personId: 'tara', role: 'tester' as const },
    { personId: 'olga', role: 'report-owner' as const },
    { personId: 'lena', role: 'test-lead' as const },
    { personId: 'mara', role: 'test-manager' as const },
  ];
  const reports = scriptStrings.map((name) => ({ name, assignments, skips: toSamples }));
  const { reportIds } = await tell(manager, 'cycle:start', { name: atLeast(7), reports });
  await synced(manager);
  const reportId = reportIds[7] ?? '';
  await synced(tester);

  // Keys, fields, columns and the file itself carry them; then notes, a rationale and what is said when an import fails.
  const cell = (value: string) => `"${value.replaceAll('"', '""')}"`;
  const file = join(showcase.team.dir, '<img src=x onerror=ran(100)>.csv');
  const other = (at: number) => atLeast(at + 11);
  const header = ['ID', cell('<img src=x onerror=ran(101)>'), cell('{{ran(102)}}')].join(',');
  const lines = scriptStrings.map((text, at) => [cell(text), cell(other(at)), cell(other(at + 1))].join(','));
  await writeFile(file, `${[header, ...lines].join('\n')}\n`);
  const populationHash = await importFile(tester, reportId, file);
  const doubled = join(showcase.team.dir, '<svg onload=ran(103)>.csv');
  await writeFile(doubled, `ID,A\n${cell(atLeast(7))},1\n${cell(atLeast(7))},2\n`);
  await tell(tester, 'population:import', {
    reportId,
    source: { kind: 'path', path: doubled },
    keyColumn: 'ID',
    waitMs: 60_000,
  });
  const first = await drawSample(tester, reportId, { populationHash, seed: '7', rate: 0.1 });

  await tell(owner, 'sync:work-offline', { offline: false });
  const { versionId } = await versionOn(owner, reportId, 1);
  await decideRows(owner, versionId, (at) => ({ verdict: 'rejected', reasonCode: 'other', note: atLeast(at) }));
  await tell(owner, 'review:submit', { versionId, verdict: 'revision-requested', note: atLeast(3) });
  await synced(owner);
  await synced(tester);

  const keptRows = (await tell(tester, 'version:items', { versionId, limit: 500 })).rows;
  const answers = keptRows.map(({ itemKey, contentHash }, at) => {
    return { itemKey, contentHash, answer: 'keep' as const, rationale: atLeast(at + 5) };
  });
  await tell(tester, 'revision:answer', { versionId, answers });

  const see = async (laptop: typeof lead, hash: string, ready: Screen['ready'], open?: Screen['open']) => {
    const page = await show({ page: () => laptop.page(), hash, ready, ...(open ? { open } : {}) });
    await page.waitForLoadState('networkidle');
    await fresh(page);
  };
  const row: Screen['ready'] = (page) => page.getByRole('grid').getByRole('row').nth(1).waitFor();
  const name: Screen['ready'] = (page) => page.getByText('onerror=ran', { exact: false }).first().waitFor();
  const select = (page: Page) => page.getByRole('grid').getByRole('row').nth(1).click();
  const wizard = `#/report/${reportId}/import`;
  await see(tester, `#/version/${versionId}`, row, select);
  await tell(tester, 'revision:submit', { versionId, note: atLeast(9) });
  await synced(tester);
  const second = await versionOn(lead, reportId, 2);
  for (const laptop of [manager, tester, owner, lead]) await see(laptop, '#/home', name);
  for (const laptop of [manager, tester, lead]) await see(laptop, `#/report/${reportId}`, name);
  for (const step of ['file', 'columns', 'draw']) await see(tester, `${wizard}/${step}`, name);
  await see(tester, `${wizard}/plan`, (page) => page.getByLabel('Risk').waitFor());
  await see(owner, `#/version/${versionId}`, row, select);
  await versionOn(owner, reportId, 2);
  await see(owner, `#/version/${second.versionId}`, row, async (page) => {
    await select(page);
    await page.keyboard.press('r');
    await page.getByRole('dialog').waitFor();
  });
  await see(lead, `#/compare/${first.versionId}/${second.versionId}`, row, (page) =>
    page.getByRole('grid').getByRole('row').nth(1).dblclick(),
  );
  await see(lead, `#/timeline/${reportId}`, row, select);
  await tell(owner, 'sync:work-offline', { offline: true });
  await decideRows(owner, second.versionId, (at) => ({ verdict: 'rejected', reasonCode: 'other', note: atLeast(at) }));
  await see(owner, '#/sync', name);
  await see(tester, '#/sync', (page) => page.getByText('Delivered today').waitFor());

  expect(executed).toEqual([]);
  expect(troubles).toEqual([]);
  // The trap does close: what a page runs itself is noticed.
  await lead.page().evaluate('ran("by the test")');
  expect(executed).toEqual(['by the test']);
});
