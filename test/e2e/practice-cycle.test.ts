// A newcomer takes the practice cycle to the signed report in a real browser: by clicks and keys, playing every part in turn, without
// waiting for more than the page shows. The contract is asked only for what to expect. Says how long it took.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Report } from '../../domain/change.ts';
import { startBrowser } from './browser.ts';
import { newcomerOn } from './newcomer.ts';
import type { Newcomer } from './newcomer.ts';
import { makeSolo } from './solo.ts';
import type { Solo } from './solo.ts';

const pictures = fileURLToPath(new URL('../../test-results/practice', import.meta.url));
const patient = { timeout: 60_000 };
const lobs = ['East', 'North', 'South', 'West'] as const;
/** What stays in scope; the others are taken out, all at once. */
const inScope = ['BALANCE', 'CURRENCY', 'RISK_GRADE'];

let browser: Browser;
let solo: Solo;
let me: Newcomer;
let reportId = '';
const took: string[] = [];

beforeAll(async () => {
  await mkdir(pictures, { recursive: true });
  browser = await startBrowser();
  solo = makeSolo(inject('temporalPath'), browser);
  me = newcomerOn(solo);
});
afterAll(async () => {
  await solo?.end();
  await browser?.close();
});

/** Names each step with its time, and leaves a picture where it failed. */
async function step(name: string, act: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  try {
    await act();
    took.push(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s ${name}`);
  } catch (error) {
    const picture = async () => void (await me.page().screenshot({ path: join(pictures, 'failed.png') }));
    await picture().catch((trouble: unknown) => console.log(`no picture: ${String(trouble)}`));
    throw new Error(`stopped at: ${name} (see test-results/practice/failed.png)`, { cause: error });
  }
}

const dialog = () => me.page().getByRole('dialog');
const reportNow = async (): Promise<Report> => (await solo.ask('tara', 'report:get', { reportId })).report;
const observed = (report: Report) => report.phases.filter((line) => line.phase === 'observations');

/** Completes a phase whose work is recorded, by its dialog. */
async function complete(): Promise<void> {
  const button = me.button(/^Complete…/);
  await expect.poll(() => button.getAttribute('aria-disabled'), patient).toBeNull();
  await button.click();
  await dialog()
    .getByRole('button', { name: /^Complete/ })
    .click();
  await dialog().waitFor({ state: 'hidden' });
  await me.page().getByText('Completed: recorded.').waitFor(patient);
}

/** The owner approves all of a version that waits for them. */
async function ownerApproves(task: RegExp): Promise<void> {
  await me.become('olga');
  await me.openVersion(task);
  await me.approveAll();
  expect(await me.submit()).toContain('the phase is completed');
}

async function planning(): Promise<void> {
  // The report's page says who goes on, and with what.
  await me.button('Go on as Tara Tester: Planning').click(patient);
  await me.button(/^Open version 1/).click(patient);
  await me.rows().filter({ hasText: 'CUSTOMER' }).click();
  await me.press('e', /^Change…/);
  await dialog().getByLabel('Mandatory').check();
  await dialog().getByRole('textbox', { name: 'Description' }).fill('Name of the customer as the agreement has it');
  await me.page().keyboard.press('Control+Enter');
  await me.page().getByText('1 change drafted').waitFor();
  expect(await me.submit()).toMatch(/^With 1 change, version 2 is made and goes to its reviewer/);

  await me.become('tom');
  await me.openVersion(/Planning v2/);
  await me.approveAll();
  expect(await me.submit()).toMatch(/^9 attributes are approved and version 2 becomes the current one/);
}

async function profilingAndScoping(): Promise<void> {
  await me.become('tara');
  await me.openVersion(/Data profiling v1/);
  expect(await me.submit()).toMatch(/^Version 1 goes to its reviewer as it is/);
  await ownerApproves(/Data profiling v1/);

  await me.become('tara');
  await me.openVersion(/Scoping v1/);
  const keys = await me.rows().allInnerTexts();
  await me.rows().nth(1).click();
  for (const text of keys.slice(1)) {
    const stays = inScope.some((attribute) => text.includes(attribute)) || /\bID\b/.test(text);
    if (!stays) await me.page().keyboard.press('x');
    await me.page().keyboard.press('j');
  }
  await me.page().getByText('5 of 9 selected').waitFor();
  await me.press('e', /^Change…/);
  await dialog().getByRole('combobox', { name: 'In scope' }).click();
  await me.page().getByRole('option', { name: 'no', exact: true }).click();
  await dialog().getByRole('textbox', { name: 'Rationale' }).fill('Not part of this round');
  await me.page().screenshot({ path: join(pictures, 'scoping.png') });
  await me.page().keyboard.press('Control+Enter');
  await me.page().getByText('5 changes drafted').waitFor();
  await me.submit();
  await ownerApproves(/Scoping v2/);
}

/** Random and one targeted sample, one of them rejected and replaced. */
async function samples(): Promise<void> {
  await me.become('tara');
  await me.takeUp(/a sample to plan/);
  await me.button(/^Next: draw/).click();
  await me.button(/^Record the plan/).click();
  await me
    .page()
    .getByRole('checkbox', { name: /^Target / })
    .first()
    .check(patient);
  await me.page().screenshot({ path: join(pictures, 'targeted.png') });
  await me.button(/^Draw \d+ of 1,200/).click();
  await me
    .page()
    .getByText(/^Version 1 was made with/)
    .waitFor(patient);

  await me.takeUp(/Data owner identification/);
  await me.page().getByRole('combobox', { name: 'Data owner' }).click();
  await me.page().getByRole('option', { name: 'Dana Dataowner' }).click();
  await me.button(/^Assign to 12 open/).click();
  await complete();

  await me.become('olga');
  await me.openVersion(/Sample selection v1/);
  await me.rows().nth(1).click();
  await me.reject('2');
  await me.approveAll();
  expect(await me.submit()).toMatch(/1 waits for the tester, who replaces or keeps each/);

  await me.become('tara');
  await me.openVersion(/Sample selection v1/);
  await me.button(/^Agree to all replaceable/).click();
  await expect.poll(() => me.button(/^Submit revision/).getAttribute('aria-disabled'), patient).toBeNull();
  expect(await me.submit()).toMatch(/1 is replaced/);
  await ownerApproves(/Sample selection v2/);
}

/** Dana hands a file in for each line of business; one of them is rejected and handed in again. */
async function documents(): Promise<void> {
  const inTable = (text: string) => me.page().getByRole('table', { name: 'Documents' }).getByText(text);
  await me.become('dana');
  for (const lob of lobs) {
    await me.takeUp(new RegExp(`Request for information of ${lob}`));
    await me.button(`Use the practice file evidence-${lob.toLowerCase()}.csv`).click(patient);
    await inTable('submitted').waitFor(patient);
  }
  await me.become('tara');
  await me.takeUp(/Request for information of South/);
  await me.button(/^Reject evidence-south/).click();
  await dialog().getByRole('textbox', { name: 'Reason' }).fill('The extract of June is wanted');
  await dialog().getByRole('button', { name: 'Reject it' }).click();
  await inTable('rejected').waitFor(patient);
  await me.become('dana');
  await me.takeUp(/Request for information of South/);
  await me.button(/^Hand in again/).click();
  await me.button(/^Use the practice file/).click();
  await inTable('submitted').waitFor(patient);
  await me.become('tara');
  for (const lob of lobs) {
    await me.takeUp(new RegExp(`Request for information of ${lob}`));
    await me.button(/^Accept evidence-/).click(patient);
    await inTable('accepted').waitFor(patient);
    await complete();
  }
}

async function testing(): Promise<void> {
  for (const lob of lobs) {
    await me.takeUp(new RegExp(`Test execution of ${lob}`));
    await me.button(/^Read the open values from it/).click(patient);
    await me
      .page()
      .getByRole('button', { name: /^Open\s*0$/ })
      .waitFor(patient);
    await complete();
  }
}

/** Every line with deviations has observations; one is rejected and revised, one is kept as disputed by the lead. */
async function observations(): Promise<void> {
  const decided = async () => observed(await reportNow()).every((line) => line.state !== 'not-started');
  await expect.poll(decided, patient).toBe(true);
  const lanes = observed(await reportNow()).flatMap(({ state, lob }) => (state === 'skipped' || !lob ? [] : [lob]));
  // In South the evidence agrees; elsewhere differences are so frequent that samples without any are as good as impossible.
  expect(lanes.length).toBeGreaterThan(0);
  expect(lanes).not.toContain('South');
  const of = (lob: string) => new RegExp(`Observations of ${lob}`);
  for (const lob of lanes) {
    await me.openVersion(of(lob));
    await me.submit();
  }
  const [revised, disputed] = lanes;
  await me.become('olga');
  for (const lob of lanes) {
    await me.openVersion(of(lob));
    await me.rows().nth(1).click();
    if (lob === revised) await me.reject('1');
    if (lob === disputed) await me.reject('3', 'The source is right, the extract is not');
    // The heading is a row too.
    const left = (await me.rows().count()) - 1 - (lob === revised || lob === disputed ? 1 : 0);
    if (left > 0) await me.approveAll();
    await me.submit();
  }
  await me.become('tara');
  await me.openVersion(of(revised ?? ''));
  await me.press('g', /^Change…/);
  await dialog().getByRole('combobox', { name: 'Rating' }).click();
  await me.page().getByRole('option', { name: 'low' }).click();
  await me.page().keyboard.press('Control+Enter');
  await dialog().waitFor({ state: 'hidden' });
  await expect.poll(() => me.button(/^Submit revision/).getAttribute('aria-disabled'), patient).toBeNull();
  await me.submit();
  if (disputed) await dispute(of(disputed));
  await me.become('olga');
  await me.openVersion(of(revised ?? ''));
  await me.approveAll();
  await me.submit();
  if (!disputed) return;
  await me.openVersion(of(disputed));
  await me.page().getByText('disputed').first().waitFor();
  expect(await me.submit()).toMatch(/1 stays disputed and in the report/);
}

async function dispute(task: RegExp): Promise<void> {
  await me.become('lena');
  await me.openVersion(task);
  await me.press('i', /^Dispute…/);
  await dialog().getByRole('textbox', { name: 'Rationale' }).fill('The agreement in the file says otherwise');
  await me.page().keyboard.press('Enter');
  await dialog().waitFor({ state: 'hidden' });
  await expect.poll(() => me.button(/^Submit revision/).getAttribute('aria-disabled'), patient).toBeNull();
  expect(await me.submit()).toMatch(/1 is kept as disputed, and the report lists them/);
}

async function signatures(): Promise<void> {
  await me.become('tara');
  await me.openVersion(/Test report v1/);
  await me.submit();
  for (const [who, meaning] of [
    ['lena', /signs as test lead that this report was reviewed/],
    ['olga', /signs as report owner that this report is acknowledged/],
  ] as const) {
    await me.become(who);
    await me.openVersion(/Test report v1.*sign/);
    await me.button(/^Sign…/).click();
    expect(await me.page().getByTestId('submit-sentence').innerText()).toMatch(meaning);
    await dialog().getByRole('button', { name: /^Sign/ }).click();
    await dialog().waitFor({ state: 'hidden' });
    await me
      .page()
      .getByText(/^Your signature .*applied$/)
      .waitFor(patient);
  }
}

test('a newcomer takes the practice cycle to the signed report by clicking', { timeout: 420_000 }, async () => {
  const startedAt = performance.now();
  await step('the practice cycle starts by one click', async () => {
    await solo.open();
    await me.button(/^Try a practice cycle/).click();
    await me.page().waitForURL(/#\/report\//);
    reportId = /#\/report\/([^/]+)/.exec(me.page().url())?.[1] ?? '';
  });
  await step('planning: edited by Tara, approved by Tom', planning);
  await step('profiling and scoping: handed in by Tara, decided by Olga', profilingAndScoping);
  await step('samples and data owners: one sample rejected and replaced', samples);
  await step('documents: handed in by Dana, one rejected and handed in again, accepted by Tara', documents);
  await step('testing: the found values are read from the files', testing);
  await step('observations: one revised, one kept as disputed', observations);
  await step('the report: handed in by Tara, signed by Lena and Olga', signatures);
  await step('the cycle’s page shows that all is done', async () => {
    await me.page().getByRole('banner').getByRole('link').first().click();
    await me.page().getByText('Nothing waits for you').waitFor();
    await me
      .page()
      .getByRole('link', { name: /^Practice cycle of/ })
      .click();
    await me.page().getByText('9 of 9 phases').waitFor(patient);
    await me.page().screenshot({ path: join(pictures, 'signed.png') });
    const { versions } = await solo.ask('olga', 'report:get', { reportId });
    const signed = versions.find((version) => version.phase === 'test-report');
    expect(signed).toMatchObject({ status: 'approved', number: 1 });
    expect(signed?.signOffs.map(({ actorId, meaning }) => [actorId, meaning])).toEqual([
      ['lena', 'reviewed'],
      ['olga', 'acknowledged'],
    ]);
  });
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(
    `The practice cycle took ${seconds} s from the empty data folder to the signed report:\n${took.join('\n')}`,
  );
});
