// Owns the story of the first slice: a sample is drawn, decided offline, synced through Temporal and compared.
// Steps act on the page; the terminal only asserts. Knows no host: browser and Electron tell the same story.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { expect } from 'vitest';
import type { OperationBody } from '../../domain/operation.ts';
import type { Version } from '../../domain/version.ts';
import { recorded, smuggle } from './intruder.ts';
import type { Laptop, Team } from './team.ts';

const shared = fileURLToPath(new URL('../../../shared/data/credit-card-accounts.csv', import.meta.url));
const pictures = fileURLToPath(new URL('../../test-results/story', import.meta.url));
const seed = '20261120';
const reportName = 'Card portfolio';
const secondReport = 'Loan book';

let team: Team;
let laptops: Record<'manager' | 'tester' | 'owner' | 'owner2' | 'lead' | 'both', Laptop>;
let reportId = '';
let secondReportId = '';

/** The real population, or as many rows of the same form where ../shared is absent. */
async function populationFile(): Promise<string> {
  if (existsSync(shared)) return shared;
  const file = join(team.dir, 'credit-card-accounts.csv');
  const rows = Array.from(
    { length: 30_000 },
    (_, index) => `${index + 1},${((index * 7919) % 80) * 10_000},${(index % 4) + 1},${21 + (index % 50)}`,
  );
  await writeFile(file, `ID,LIMIT_BAL,EDUCATION,AGE\n${rows.join('\n')}\n`);
  return file;
}

const badge = (page: Page) => page.getByTestId('delivery-badge');
async function isDelivered(page: Page): Promise<void> {
  await expect.poll(() => badge(page).innerText(), { timeout: 60_000 }).toMatch(/All delivered|nothing to send/u);
}
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const goTo = (page: Page, hash: string) => page.goto(page.url().replace(/#.*$/u, hash));

const versionsOf = (laptop: Laptop, report = reportId): Promise<Version[]> =>
  laptop.ask('version:list', { reportId: report });
async function version(laptop: Laptop, number: number): Promise<Version> {
  const found = (await versionsOf(laptop)).find((one) => one.number === number);
  if (!found) throw new Error(`the laptop of ${laptop.personId} has no version ${number}`);
  return found;
}
async function openVersion(laptop: Laptop, number: number): Promise<Page> {
  await expect
    .poll(async () => (await versionsOf(laptop)).map((one) => one.number), { timeout: 60_000 })
    .toContain(number);
  const page = laptop.page();
  await goTo(page, `#/version/${(await version(laptop, number)).versionId}`);
  await button(page, new RegExp(`^version ${number}`)).waitFor();
  await page.getByRole('grid').getByRole('row').nth(1).waitFor();
  return page;
}
async function verdictsOf(laptop: Laptop, number: number): Promise<Record<string, number>> {
  const { rows } = await laptop.ask('version:items', {
    versionId: (await version(laptop, number)).versionId,
    limit: 500,
  });
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const name = `${row.verdict} ${row.origin.kind}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
async function openEntries(laptop: Laptop) {
  return (await laptop.ask('outbox:list', { show: 'open', limit: 500 })).entries;
}

/** The 59 decisions and the review wait on the owner's laptop, each once. */
async function queuedOnce(): Promise<void> {
  const entries = await openEntries(laptops.owner);
  const decided = entries.filter((entry) => entry.itemKey !== null);
  expect(new Set(decided.map((entry) => entry.itemKey)).size).toBe(59);
  expect(decided).toHaveLength(59);
  expect(entries.filter((entry) => entry.kind === 'review.submit')).toHaveLength(1);
  expect(new Set(entries.map((entry) => entry.delivery))).toEqual(new Set(['queued']));
}

async function rejectWith(page: Page, reason: 'duplicate' | 'voided', note: string): Promise<void> {
  await page.keyboard.press('r');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press(reason === 'duplicate' ? '2' : '3');
  if (note !== '') await page.keyboard.type(note);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
}

/** The replacements are the next four of the draw, and none was in version 1. */
async function checkReplacements(): Promise<void> {
  const rowsOf = async (number: number) =>
    (
      await laptops.tester.ask('version:items', {
        versionId: (await version(laptops.tester, number)).versionId,
        limit: 500,
      })
    ).rows;
  const [first, second] = [await rowsOf(1), await rowsOf(2)];
  const drawn = new Set(first.map((row) => row.itemKey));
  const added = second.filter((row) => row.origin.kind === 'replacement');
  expect(added.filter((row) => drawn.has(row.itemKey))).toEqual([]);
  const places = added.map((row) => (row.source.kind === 'random' ? row.source.drawPosition : 0));
  expect(places.toSorted((a, b) => a - b)).toEqual([60, 61, 62, 63]);
  for (const row of second.filter((one) => one.origin.kind === 'carried')) {
    expect(row.origin).toMatchObject({ versionNumber: 1, itemKey: row.itemKey });
  }
}

/** The wizard of four steps, by its buttons, with a seed that is given. */
async function importAndDraw(laptop: Laptop, report: string): Promise<void> {
  const page = laptop.page();
  await expect
    .poll(async () => (await laptop.ask('cycle:list', {}))[0]?.reports.length, { timeout: 60_000 })
    .toBeGreaterThan(0);
  await goTo(page, `#/report/${report}/import/file`);
  const chooser = page.waitForEvent('filechooser');
  await button(page, /^Choose a file/u).click();
  await (await chooser).setFiles(await populationFile());
  await page.getByRole('table', { name: 'Imported files' }).getByText('30,000').waitFor({ timeout: 60_000 });
  await button(page, /^Next: columns/u).click();
  await page.getByText('ID can be the key: 30,000 different values, no blank.').waitFor();
  expect(await page.getByRole('radio', { name: 'ID is the key' }).isChecked()).toBe(true);
  await button(page, /^Next: plan/u).click();
  await page.getByText('59 of 30,000').first().waitFor();
  expect(await page.locator('main').innerText()).toMatch(/hypergeometric/u);
  await page.screenshot({ path: join(pictures, 'plan.png') });
  await button(page, /^Next: draw/u).click();
  await page.getByLabel('I give the seed').check();
  await page.getByLabel('Seed', { exact: true }).fill(seed);
  await button(page, /^Record the plan/u).click();
  await button(page, /^Draw/u).click();
}

async function approvalOf(laptop: Laptop, report: string, number: number): Promise<OperationBody> {
  const versionId = (await versionsOf(laptop, report)).find((one) => one.number === number)?.versionId ?? '';
  const { rows } = await laptop.ask('version:items', { versionId, filter: { show: 'pending' }, limit: 1 });
  return {
    kind: 'decisions.record',
    reportId: report,
    versionId,
    decisions: rows.map(({ itemKey, contentHash, verdict }) => ({
      itemKey,
      contentHash,
      seenVerdict: verdict,
      decision: { verdict: 'approved', reasonCode: null, note: '' },
    })),
  };
}

async function tryToApprove(page: Page, refusal: RegExp): Promise<void> {
  await page.getByRole('grid').getByRole('row').nth(1).click();
  await page.keyboard.press('a');
  await page.getByText(refusal).first().waitFor();
}

async function expectRefused(operationId: string, code: string): Promise<void> {
  await expect.poll(() => recorded(team, operationId), { timeout: 60_000 }).toMatchObject({ state: 'refused', code });
}

/** Names each step in the terminal, and leaves a picture where it failed. */
async function step(name: string, page: () => Page, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    await page()
      .screenshot({ path: join(pictures, 'failed.png') })
      .catch(() => undefined);
    throw new Error(`the story stopped at: ${name} (see test-results/story/failed.png)`, { cause: error });
  }
}

/** Tells the whole story with a team that has just been made. */
export async function tellStory(ofTeam: Team): Promise<void> {
  await mkdir(pictures, { recursive: true });
  team = ofTeam;
  laptops = {
    manager: team.laptop('manager', 'mara'),
    tester: team.laptop('tester', 'tara'),
    owner: team.laptop('owner', 'olga'),
    owner2: team.laptop('owner-second-laptop', 'olga'),
    lead: team.laptop('lead', 'lena'),
    both: team.laptop('both', 'both'),
  };
  const { manager, tester, owner, owner2, lead, both } = laptops;
  const others = [tester, owner, owner2, lead, both];

  await step(
    'the manager lets the laptops of the team in',
    () => manager.page(),
    async () => {
      const [profile] = await manager.ask('profile:list', {});
      await team.startWorker(profile?.publicKey ?? '');
      const page = await manager.open();
      for (const laptop of others) {
        await laptop.open();
        await expect.poll(() => badge(laptop.page()).innerText(), { timeout: 60_000 }).toMatch(/approv/iu);
      }
      await goTo(page, '#/people');
      for (let waiting = others.length; waiting > 0; waiting -= 1) {
        await expect.poll(() => button(page, /^Approve /u).count(), { timeout: 60_000 }).toBe(waiting);
        await button(page, /^Approve /u)
          .first()
          .click();
      }
      for (const laptop of others) await isDelivered(laptop.page());
    },
  );

  await step(
    'the manager starts a cycle and assigns its people',
    () => manager.page(),
    async () => {
      const page = manager.page();
      await goTo(page, '#/home');
      await button(page, /Start from a population file|New cycle/u).click();
      await page.getByLabel('Name of the cycle').fill('Q4 2026');
      await page.getByLabel('Reports, one a line').fill(`${reportName}\n${secondReport}`);
      for (const [role, names] of [
        ['Tester', ['Tara Tester', 'Bodo Both']],
        ['Test lead', ['Lena Lead']],
        ['Report owner', ['Olga Owner', 'Bodo Both']],
      ] as const) {
        await page.getByRole('combobox', { name: role, exact: true }).click();
        for (const name of names) await page.getByRole('option', { name }).click();
        await page.keyboard.press('Escape');
      }
      await page.getByRole('tab', { name: 'Phases' }).click();
      for (const phase of ['Planning', 'Data profiling', 'Scoping', 'Data owner identification']) {
        await page.getByLabel(`Skip ${phase}`, { exact: true }).check();
        await page.getByLabel(`Why ${phase} is skipped`, { exact: true }).fill('this story is about samples');
      }
      await button(page, 'Start the cycle').click();
      await expect
        .poll(async () => (await manager.ask('cycle:list', {}))[0]?.cycle.name, { timeout: 60_000 })
        .toBe('Q4 2026');
      await isDelivered(page);
      const [cycle] = await manager.ask('cycle:list', {});
      const idOf = (name: string) => cycle?.reports.find((report) => report.name === name)?.reportId ?? '';
      [reportId, secondReportId] = [idOf(reportName), idOf(secondReport)];
    },
  );

  await step(
    'the tester imports the population and draws the sample',
    () => tester.page(),
    async () => {
      await importAndDraw(tester, reportId);
      await expect
        .poll(() => verdictsOf(tester, 1).catch(() => ({})), { timeout: 60_000 })
        .toEqual({ 'pending new': 59 });
      const first = await version(tester, 1);
      expect(first).toMatchObject({
        status: 'pending',
        authorId: 'tara',
        workflow: { workflowId: `report/${reportId}` },
      });
      const { plans, populations } = await tester.ask('report:get', { reportId });
      expect(plans).toMatchObject([
        { sampleSize: 59, acceptableDeviations: 0, method: 'hypergeometric', request: { seed } },
      ]);
      expect(populations[0]?.state).toMatchObject({ kind: 'ready', rowCount: 30_000 });
    },
  );

  await step(
    'the owner’s laptops get version 1, and the second one goes offline',
    () => owner2.page(),
    async () => {
      for (const laptop of [owner2, owner]) {
        await openVersion(laptop, 1);
        const { versionId } = await version(laptop, 1);
        await expect
          .poll(async () => (await laptop.ask('version:get', { versionId })).cachedItems, { timeout: 60_000 })
          .toBe(59);
      }
      await owner2.ask('sync:work-offline', { offline: true });
    },
  );

  await step(
    'the owner decides 59 samples with server and worker away',
    () => owner.page(),
    async () => {
      await owner.close();
      await team.worker().end();
      await team.stopServer();
      const page = await owner.open();
      await expect.poll(() => badge(page).innerText(), { timeout: 30_000 }).toMatch(/^Offline/u);
      await openVersion(owner, 1);
      await page.getByRole('grid').getByRole('row').nth(1).click();
      for (let row = 1; row <= 59; row += 1) {
        if (row % 15 !== 1) await page.keyboard.press('a');
        else
          await rejectWith(page, row % 30 === 1 ? 'duplicate' : 'voided', row % 30 === 1 ? '' : `voided in row ${row}`);
        await page.getByText(row === 59 ? '59 of 59 decided' : `${row} of 59 decided`).waitFor();
      }
      await page.screenshot({ path: join(pictures, 'decided.png') });
      await page.keyboard.press('Control+Enter');
      await page.getByTestId('submit-sentence').waitFor();
      expect(await page.getByRole('radio', { name: 'Ask for a revision', exact: true }).isChecked()).toBe(true);
      await page.keyboard.press('Control+Enter');
      await expect.poll(() => badge(page).innerText(), { timeout: 30_000 }).toMatch(/Offline.* · \d+ waiting/u);
      expect(await page.locator('body').innerText()).not.toMatch(/\bsaved\b/iu);
      await queuedOnce();
    },
  );

  await step(
    'everything is still queued, once, after a kill and without the cache',
    () => owner.page(),
    async () => {
      await owner.kill();
      await owner.open();
      await queuedOnce();
      await owner.close();
      for (const file of ['cache.db', 'cache.db-wal', 'cache.db-shm']) {
        await rm(join(owner.dataDir, 'profiles', 'olga', file), { force: true });
      }
      await owner.open();
      await queuedOnce();
    },
  );

  await step(
    'server and worker come back and the outbox drains by itself',
    () => owner.page(),
    async () => {
      await team.startServer();
      await team.startWorkerAgain();
      await isDelivered(owner.page());
      expect(await openEntries(owner)).toEqual([]);
      const { entries } = await owner.ask('outbox:list', { show: 'delivered', limit: 500 });
      expect(entries.filter((entry) => entry.delivery !== 'applied')).toEqual([]);
      expect(entries.filter((entry) => entry.itemKey !== null)).toHaveLength(59);
    },
  );

  await step(
    'the tester answers the four rejections and submits the revision',
    () => tester.page(),
    async () => {
      await expect
        .poll(() => verdictsOf(tester, 1), { timeout: 60_000 })
        .toEqual({ 'approved new': 55, 'rejected new': 4 });
      const page = await openVersion(tester, 1);
      const text = await page.locator('main').innerText();
      expect(text).toMatch(/duplicate/u);
      expect(text).toMatch(/voided/u);
      await button(page, /^Agree to all replaceable/u).click();
      await page.getByText('no answer yet').first().waitFor({ state: 'hidden' });
      await button(page, /^Submit revision/u).click();
      expect(await page.getByTestId('submit-sentence').innerText()).toMatch(
        /55 samples stay approved and are carried into version 2; 4 are replaced/u,
      );
      await page.keyboard.press('Control+Enter');
      await expect
        .poll(() => verdictsOf(tester, 2).catch(() => ({})), { timeout: 60_000 })
        .toEqual({ 'approved carried': 55, 'pending replacement': 4 });
      await checkReplacements();
    },
  );

  await step(
    'the tester tries to approve and is refused by role, by the screen and by the worker',
    () => tester.page(),
    async () => {
      const page = await openVersion(tester, 2);
      await tryToApprove(page, /only report owner may decide/iu);
      await expectRefused(await smuggle(team, tester, await approvalOf(tester, reportId, 2)), 'role');
    },
  );

  await step(
    'who drew the sample and is its report owner is refused by four eyes, by the screen and by the worker',
    () => both.page(),
    async () => {
      await importAndDraw(both, secondReportId);
      await expect.poll(async () => (await versionsOf(both, secondReportId)).length, { timeout: 60_000 }).toBe(1);
      const [drawn] = await versionsOf(both, secondReportId);
      await goTo(both.page(), `#/version/${drawn?.versionId}`);
      await tryToApprove(both.page(), /made version 1 and so may not decide/iu);
      await expectRefused(await smuggle(team, both, await approvalOf(both, secondReportId, 1)), 'four-eyes');
    },
  );

  await step(
    'a forged signature and another person’s name are refused, and the manager sees the forgery',
    () => manager.page(),
    async () => {
      const body = await approvalOf(tester, reportId, 2);
      await expectRefused(await smuggle(team, tester, body, { actorId: 'olga' }), 'unknown-device');
      const forged = await smuggle(team, owner, body, { spoil: true });
      await expect.poll(() => recorded(team, forged)?.state, { timeout: 60_000 }).toBe('dead-letter');
      await goTo(manager.page(), `#/report/${reportId}`);
      await manager
        .page()
        .getByText(/bad-signature/u)
        .first()
        .waitFor();
      expect(await verdictsOf(tester, 2)).toEqual({ 'approved carried': 55, 'pending replacement': 4 });
    },
  );

  await step(
    'the owner approves the four and then the version',
    () => owner.page(),
    async () => {
      const page = await openVersion(owner, 2);
      await button(page, /^Pending/u).click();
      await expect.poll(() => page.getByRole('grid').getByRole('row').count()).toBe(5);
      await page.getByRole('grid').getByRole('row').nth(1).click();
      for (let left = 4; left > 0; left -= 1) {
        await page.getByText(`${59 - left} of 59 decided`).waitFor();
        await page.keyboard.press('a');
      }
      await page.getByText('59 of 59 decided').waitFor();
      await page.keyboard.press('Control+Enter');
      expect(await page.getByRole('radio', { name: /^Approve/u }).isChecked()).toBe(true);
      await page.keyboard.press('Control+Enter');
      await expect.poll(async () => (await version(owner, 2)).status, { timeout: 60_000 }).toBe('approved');
      expect((await version(owner, 1)).status).toBe('superseded');
      expect(await verdictsOf(owner, 1)).toEqual({ 'approved new': 55, 'rejected new': 4 });
    },
  );

  await step(
    'the lead compares the two versions, exports them and reads the timeline',
    () => lead.page(),
    async () => {
      const page = lead.page();
      await expect
        .poll(async () => (await versionsOf(lead)).map((one) => one.status), { timeout: 60_000 })
        .toEqual(['approved', 'superseded']);
      const [left, right] = [await version(lead, 1), await version(lead, 2)];
      await goTo(page, `#/compare/${left.versionId}/${right.versionId}`);
      const chips = page.getByRole('group', { name: 'Show' });
      for (const [name, count] of [
        ['Carried', 55],
        ['Removed', 4],
        ['Added', 4],
        ['Changed', 0],
      ] as const) {
        await expect
          .poll(() => chips.getByRole('button', { name: new RegExp(name, 'u') }).innerText())
          .toMatch(new RegExp(`\\b${count}\\b`, 'u'));
      }
      await chips.getByRole('button', { name: /Removed/u }).click();
      await expect
        .poll(() =>
          page
            .getByRole('grid')
            .getByRole('row')
            .filter({ hasText: /rejected/u })
            .count(),
        )
        .toBe(4);
      await page.screenshot({ path: join(pictures, 'compare.png') });
      await page
        .getByRole('grid')
        .getByRole('row')
        .filter({ hasText: /rejected/u })
        .first()
        .dblclick();
      await page.getByRole('dialog').getByText('LIMIT_BAL').waitFor();
      expect(await page.getByRole('dialog').innerText()).toMatch(/Olga Owner/u);
      await page.keyboard.press('Escape');
      await chips.getByRole('button', { name: /^All/u }).click();
      const download = page.waitForEvent('download');
      await button(page, /^Export/u).click();
      await page.getByRole('menuitem').first().click();
      const csv = await readFile(await (await download).path(), 'utf8');
      expect(csv.trim().split('\n')).toHaveLength(1 + 59);
      await goTo(page, `#/timeline/${reportId}`);
      // What was tracked stands beside the ledger: of all entries the one that is looked for may be far down.
      await page
        .getByRole('group', { name: 'Filter' })
        .getByRole('button', { name: /^Ledger/u })
        .click();
      await page.getByText('submitted the review of version 2', { exact: false }).first().waitFor();
      const { rows, fault } = await lead.ask('timeline:list', { reportId, limit: 500 });
      expect(fault).toBeNull();
      const decided = rows.find((row) => row.kind === 'decisions.record' && row.versionId === left.versionId);
      expect(decided?.actorName).toBe('Olga Owner');
      // Decided offline, received when the server was back, applied after that: three different times.
      expect(Date.parse(decided?.decidedAt ?? '')).toBeLessThan(Date.parse(decided?.receivedAt ?? ''));
      expect(Date.parse(decided?.receivedAt ?? '')).toBeLessThanOrEqual(Date.parse(decided?.appliedAt ?? ''));
    },
  );

  await step(
    'the owner’s second laptop, offline since version 1, gets a conflict with both states',
    () => owner2.page(),
    async () => {
      const page = await openVersion(owner2, 1);
      await page.getByRole('grid').getByRole('row').nth(2).click();
      await page.keyboard.press('r');
      await page.keyboard.press('1');
      await page.keyboard.press('Enter');
      await page.getByText('1 of 59 decided').waitFor();
      await button(page, /Select all/u)
        .or(page.getByText('58 to go'))
        .first()
        .waitFor();
      await page.keyboard.press('Control+a');
      await page.keyboard.press('a');
      await page.getByText('59 of 59 decided').waitFor();
      await page.keyboard.press('Control+Enter');
      await page.getByTestId('submit-sentence').waitFor();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /^Submit review/u })
        .click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await goTo(page, '#/sync');
      await page.getByLabel('Work offline').click();
      await expect.poll(() => badge(page).innerText(), { timeout: 60_000 }).toMatch(/conflict/u);
      const entries = await openEntries(owner2);
      expect(entries.filter((entry) => entry.itemKey !== null).map((entry) => entry.delivery)).toEqual(
        Array.from({ length: 59 }, () => 'conflict'),
      );
      const one = entries.find((entry) => entry.itemKey !== null);
      expect(one?.conflict?.base.verdict).toBe('pending');
      expect(one?.conflict?.mine.verdict).not.toBe('pending');
      expect(one?.reason?.code).toBe('version-superseded');
      await page.screenshot({ path: join(pictures, 'conflict.png') });
    },
  );
}
