// Trouble as a person meets it, on the page of the running application: files that are no population, a note that is too long,
// script in data, an operation of an unknown kind, damaged files. Each says what, where and what to do; nothing is lost or run.
import { closeSync, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { OperationBody } from '../../domain/operation.ts';
import { startBrowser } from './browser.ts';
import { smuggle } from './intruder.ts';
import { makeSolo, startSamples } from './solo.ts';
import type { Solo } from './solo.ts';

const pictures = fileURLToPath(new URL('../../test-results/trouble', import.meta.url));
const patient = { timeout: 60_000 };
const script = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>';

let browser: Browser;
let solo: Solo;
let reportId = '';
const pageErrors: string[] = [];

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  browser = await startBrowser();
  solo = makeSolo(inject('temporalPath'), browser);
  await open();
  reportId = await startSamples(solo);
});
afterAll(async () => {
  await solo?.end();
  await browser?.close();
});

async function open(): Promise<Page> {
  const page = await solo.open();
  page.on('pageerror', (error) => pageErrors.push(error.message));
  return page;
}
const button = (name: string | RegExp) => solo.page().getByRole('button', { name });
const main = () => solo.page().locator('main').innerText();
const badge = () => solo.page().getByTestId('delivery-badge').innerText();

/** Shows a screen as one of the practice identities. */
async function look(as: string, hash: string): Promise<Page> {
  const profiles = await solo.ask(as, 'profile:list', {});
  const page = solo.page();
  if (!profiles.find((profile) => profile.active && profile.profile === as)) {
    const { name } = await solo.ask(as, 'profile:switch', { profile: as });
    // The page is told of it: what is done there before is done in a page that is about to go.
    await expect.poll(() => page.getByRole('banner').innerText(), patient).toContain(name);
  }
  await page.evaluate((to) => void (window.location.hash = to), hash);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}
/** Everything there is was pulled and delivered for an identity that may not be on the screen. */
async function synced(as: string): Promise<void> {
  await solo.ask(as, 'sync:now', { waitMs: 60_000 });
}
async function picture(name: string): Promise<void> {
  await solo.page().screenshot({ path: join(pictures, `${name}.png`) });
}
/** Nothing that came in as data was run, and the page itself did not fail. */
async function nothingRan(): Promise<void> {
  expect(await solo.page().evaluate(() => (window as { ran?: number }).ran)).toBeUndefined();
  expect(pageErrors).toEqual([]);
}
async function import_(name: string, content: string | Buffer): Promise<void> {
  const buffer = Buffer.from(content);
  await solo.page().getByLabel('Population file').setInputFiles({ name, mimeType: 'text/csv', buffer });
}

test('files that are no population are refused on the page with what and where; good ones beside them go on', async () => {
  // Nobody looks at what is hers yet, so nothing is pulled for her unless it is asked for.
  const known = async () => {
    await synced('tara');
    return (await solo.call('tara', 'report:get', { reportId })).ok;
  };
  await expect.poll(known, patient).toBe(true);
  await look('tara', `#/report/${reportId}/import/file`);
  const wrong: [string, string | Buffer, RegExp][] = [
    ['empty.csv', '', /empty\.csv is empty: there is nothing in it/u],
    ['header.csv', 'ID,A\n', /header\.csv could not be imported: the file has a header but no rows/u],
    [
      'ragged.csv',
      'ID,A,B\n1,x,y\n2,z\n',
      /ragged\.csv could not be imported: .*line 3: 2 fields instead of 3.*import the file again/u,
    ],
    ['latin1.csv', Buffer.from('ID,A\n1,caf\xe9\n', 'latin1'), /latin1\.csv could not be imported: .*not UTF-8/u],
    [
      'excel.csv',
      Buffer.from('\ufeffID,A\n1,2\n', 'utf16le'),
      /excel\.csv could not be imported: the file is UTF-16: save it as CSV in UTF-8/u,
    ],
    ['twice.csv', 'ID,ID\n1,2\n', /twice\.csv could not be imported: the header names the column "ID" twice/u],
  ];
  for (const [name, content, message] of wrong) {
    await import_(name, content);
    await expect.poll(main, patient).toMatch(message);
  }
  await import_('semicolon.csv', 'ID;AMOUNT\n1;5\n2;6\n');
  await import_('tab.tsv', 'ID\tAMOUNT\n1\t5\n2\t6\n3\t7\n');
  const table = solo.page().getByRole('table', { name: 'Imported files' });
  for (const row of [/semicolon\.csv 2 2 .* semicolon UTF-8/u, /tab\.tsv 3 2 .* tab UTF-8/u]) {
    await table.getByRole('row', { name: row }).waitFor(patient);
  }
  await picture('files');
  await nothingRan();
});

test('a script that names a key column gets the reason when it is not there, or has duplicates', async () => {
  const path = join(solo.dataDir, 'asked.csv');
  const outcome = async (content: string, keyColumn: string) => {
    await writeFile(path, content);
    const source = { kind: 'path' as const, path };
    const job = await solo.ask('tara', 'population:import', { reportId, source, keyColumn, waitMs: 60_000 });
    return job.state;
  };
  expect(await outcome('ID,A\n1,2\n', 'KEY')).toEqual({
    kind: 'failed',
    message: 'the file has no column "KEY"; it has ID, A',
  });
  expect(await outcome('ID,A\n7,1\n8,1\n7,2\n', 'ID')).toEqual({
    kind: 'failed',
    message: 'the key column "ID" has duplicate keys: 7 (rows 1, 3). Choose another column or correct the file',
  });
  const missing = await solo.call('tara', 'population:import', {
    reportId,
    source: { kind: 'path', path: join(solo.dataDir, 'nowhere.csv') },
  });
  expect(missing).toMatchObject({
    ok: false,
    error: { kind: 'bad-input', message: expect.stringMatching(/^There is no file .*nowhere\.csv\.$/u) as string },
  });
});

test('a key column with duplicate or blank keys cannot be chosen, and the first ten are named', async () => {
  const page = await look('tara', `#/report/${reportId}/import/file`);
  const rows = Array.from({ length: 40 }, (_, row) => `${row % 25},${row === 3 ? '' : row},${row % 3}`);
  await import_('keys.csv', `TWICE,BLANK,THREE\n${rows.join('\n')}\n`);
  await page.getByRole('radio', { name: 'Use keys.csv' }).check(patient);
  await button(/^Next: columns/u).click();
  await expect.poll(main).toMatch(/TWICE/u);
  await page.getByRole('radio', { name: 'TWICE is the key' }).check();
  await expect.poll(main).toMatch(/duplicate keys: .* and perhaps more\. Choose another column or correct the file/u);
  expect((await main()).match(/\(rows \d+, \d+\)/gu)).toHaveLength(10);
  expect(await button(/^Next: plan/u).getAttribute('aria-disabled')).toBe('true');
  await picture('keys');
  await page.getByRole('radio', { name: 'THREE is the key' }).check();
  await expect
    .poll(main)
    .toMatch(/"THREE" repeats its values \(it has only 3 different ones\): choose another column/u);
  await page.getByRole('radio', { name: 'BLANK is the key' }).check();
  await expect
    .poll(main)
    .toMatch(/the key column "BLANK" is blank in row 4: choose another column or complete the file/iu);
});

test(
  'script and __proto__ in names and fields are shown as text, on every screen that shows them',
  { timeout: 240_000 },
  async () => {
    const page = await look('tara', `#/report/${reportId}/import/file`);
    const header = `ID,__proto__,"${script.replaceAll('"', '""')}"`;
    const rows = Array.from(
      { length: 80 },
      (_, row) => `${script.replaceAll(/[",]/gu, '')}${row},constructor,"${script.replaceAll('"', '""')}"`,
    );
    await import_('script.csv', `${header}\n${rows.join('\n')}\n`);
    await page.getByRole('radio', { name: 'Use script.csv' }).check(patient);
    await button(/^Next: columns/u).click();
    await expect.poll(main).toContain('__proto__');
    await nothingRan();
    const { populations } = await solo.ask('tara', 'report:get', { reportId });
    const populationHash = populations.find(({ fileName }) => fileName === 'script.csv')?.populationHash ?? '';
    const { planId } = await solo.ask('tara', 'sample:plan', {
      ...{ reportId, populationHash, keyColumn: 'ID', lobColumn: null },
      ...{ risk: 0.05, tolerable: 0.05, expected: 0, seed: 7 },
    });
    await solo.ask('tara', 'sample:draw', { reportId, planId });
    await synced('tara');
    await expect
      .poll(async () => {
        await synced('olga');
        return (await solo.ask('olga', 'version:list', { reportId })).length;
      }, patient)
      .toBe(1);
    const [version] = await solo.ask('olga', 'version:list', { reportId });
    const versionId = version?.versionId ?? '';
    await look('olga', `#/version/${versionId}`);
    await page.getByRole('grid').getByRole('row').nth(1).waitFor(patient);
    await expect.poll(main, patient).toContain('onerror');
    expect(await main()).not.toMatch(/NaN|\[object|native code/u);
    for (const hash of [`#/report/${reportId}`, `#/timeline/${reportId}`, `#/compare/${versionId}/${versionId}`]) {
      await look('olga', hash);
      await nothingRan();
    }
    await picture('script');
  },
);

test('a note above 10,000 characters is refused and stays in the dialog, whole', async () => {
  const [version] = await solo.ask('olga', 'version:list', { reportId });
  const page = await look('olga', `#/version/${version?.versionId ?? ''}`);
  await page.getByRole('grid').getByRole('row').nth(1).click();
  await page.keyboard.press('r');
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  await page.keyboard.press('1');
  const note = dialog.getByRole('textbox', { name: 'Note' });
  const tooLong = `${'é'.repeat(10_000)}!`;
  await note.fill(tooLong);
  await expect.poll(() => dialog.innerText()).toMatch(/a note has at most 10,000 characters/u);
  expect(await dialog.innerText()).toContain('10,001 of 10,000');
  const reject = dialog.getByRole('button', { name: /^Reject/u });
  expect(await reject.getAttribute('aria-disabled')).toBe('true');
  await reject.click({ force: true });
  await page.keyboard.press('Control+Enter');
  expect(await note.inputValue()).toBe(tooLong);
  await picture('note');
  expect((await solo.ask('olga', 'sync:status', {})).counts.draft).toBe(0);
  await note.fill(tooLong.slice(0, 10_000));
  await reject.click();
  await dialog.waitFor({ state: 'hidden' });
  await expect.poll(async () => (await solo.ask('olga', 'sync:status', {})).counts.draft).toBe(1);
});

test(
  'a selection of all rows is decided at once; the tester’s answers are taken back with u',
  { timeout: 240_000 },
  async () => {
    const [version] = await solo.ask('olga', 'version:list', { reportId });
    const { versionId = '', itemCount = 0 } = version ?? {};
    let page = await look('olga', `#/version/${versionId}`);
    await page.getByRole('grid').getByRole('row').nth(2).click();
    await page.keyboard.press('Control+a');
    await expect.poll(main).toContain(`${itemCount} selected`);
    await page.keyboard.press('a');
    await page.getByText(`${itemCount} of ${itemCount} decided`).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid').getByRole('row').nth(1).click();
    await page.keyboard.press('r');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await solo.ask('olga', 'review:submit', { versionId, verdict: 'revision-requested' });
    await synced('olga');
    const asked = async () => {
      await synced('tara');
      return (await solo.ask('tara', 'version:get', { versionId })).version.reviewVerdict;
    };
    await expect.poll(asked, patient).toBe('revision-requested');
    page = await look('tara', `#/version/${versionId}`);
    await page.getByRole('grid').getByRole('row').nth(1).click();
    const answered = async () => (await solo.ask('tara', 'version:get', { versionId })).answered;
    await page.keyboard.press('r');
    await expect.poll(answered).toBe(1);
    await page.keyboard.press('u');
    await expect.poll(answered).toBe(0);
    await page.getByText(/has no answer again/u).waitFor();
    await page.keyboard.press('u');
    await page.getByText('There is no answer to take back here').waitFor();
    expect((await solo.ask('tara', 'sync:status', {})).counts.draft).toBe(0);
  },
);

test('an operation of an unknown kind is a dead letter on the manager’s page of the report', async () => {
  const { server } = await solo.ask('mara', 'sync:status', {});
  const address = server.kind === 'ready' ? server.address : '';
  const body = { kind: 'future.kind', reportId, text: script } as unknown as OperationBody;
  const mara = { dataDir: solo.dataDir, personId: 'mara' };
  await smuggle({ address: () => address }, mara, body);
  const page = await look('mara', `#/report/${reportId}`);
  const letters = page.getByRole('region', { name: 'Dead letters' });
  await letters.waitFor(patient);
  await expect.poll(() => letters.innerText()).toMatch(/unknown.kind|future\.kind/u);
  await letters.getByText(`report/${reportId}`).click();
  await expect.poll(() => letters.innerText()).toContain('future.kind');
  await picture('dead-letter');
  await nothingRan();
});

test(
  'damaged files are told on the page until somebody read it; the cache is pulled again, decisions stay',
  { timeout: 240_000 },
  async () => {
    const [version] = await solo.ask('olga', 'version:list', { reportId });
    const { versionId = '', itemCount = 0 } = version ?? {};
    const mine = async () => (await solo.ask('olga', 'outbox:list', { show: 'delivered', limit: 500 })).total;
    const delivered = await mine();
    expect(delivered).toBeGreaterThan(itemCount);
    await solo.close();
    const folder = join(solo.dataDir, 'profiles', 'olga');
    damage(join(folder, 'cache.db'));
    await open();
    await look('olga', '#/sync');
    await expect.poll(badge, patient).toBe('A file was damaged');
    const alert = solo.page().getByRole('alert');
    expect(await alert.innerText()).toMatch(
      /The cache of this laptop was damaged .* everything is fetched again\. Drafts and decisions are not touched/u,
    );
    await picture('damage');
    const here = async () => (await solo.ask('olga', 'version:get', { versionId }).catch(() => null))?.cachedItems;
    await expect.poll(here, patient).toBe(itemCount);
    expect(await mine()).toBe(delivered);
    await button('I read this').click();
    await alert.waitFor({ state: 'hidden' });
    await expect.poll(badge, patient).toMatch(/^All delivered/u);

    await solo.close();
    damage(join(folder, 'outbox.db'));
    await open();
    await look('olga', '#/sync');
    await expect.poll(badge, patient).toMatch(/^A file was damaged/u);
    const said = await solo.page().getByRole('alert').first().innerText();
    expect(said).toMatch(/The outbox of this laptop was damaged/u);
    const kept = /kept as (\S+)\./u.exec(said)?.[1] ?? '';
    expect(existsSync(kept)).toBe(true);
    await picture('damaged-outbox');
    // It works with the server as before: reads are not taken for replays, and an operation gets its receipt.
    await expect.poll(async () => (await solo.ask('olga', 'sync:now', {})).state.kind, patient).toBe('idle');
  },
);

/** Writes over pages in the middle of a closed file, and makes it look as if it was not closed. */
function damage(file: string): void {
  const db = new Database(file);
  db.pragma('wal_checkpoint(TRUNCATE)');
  if (file.endsWith('cache.db')) db.pragma('application_id = 0');
  db.close();
  const pages = Math.floor(statSync(file).size / 4096);
  const descriptor = openSync(file, 'r+');
  for (let page = Math.floor(pages / 3); page < (pages * 2) / 3; page += 1) {
    writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  }
  closeSync(descriptor);
}
