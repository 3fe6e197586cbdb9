// Owns what a person does on the page of a solo application: become somebody, take up a task, decide, hand in. By clicks and keys only.
// Waits for what the page shows; knows no test and no order of phases.
import type { Locator, Page } from 'playwright';
import { expect } from 'vitest';
import type { Solo } from './solo.ts';

const patient = { timeout: 60_000 };

/** The practice identities as the person menu names them. */
export const practiceNames = {
  mara: 'Mara Manager',
  tara: 'Tara Tester',
  tom: 'Tom Tester',
  olga: 'Olga Owner',
  lena: 'Lena Lead',
  dana: 'Dana Dataowner',
} as const;
export type Who = keyof typeof practiceNames;

export interface Newcomer {
  page(): Page;
  button(name: string | RegExp): Locator;
  /** The rows of the long table that is shown, its heading included. */
  rows(): Locator;
  /** What "Waiting for you" lists, read when it has at least one row that matches. */
  tasks(matching: RegExp): Promise<string[]>;
  /** Through the person menu; leads to their first screen. */
  become(who: Who): Promise<void>;
  /** Goes home and opens the first task that matches, as soon as it is there. */
  takeUp(task: RegExp): Promise<void>;
  /** As `takeUp`, where the task is a version: waits for its rows. */
  openVersion(task: RegExp): Promise<void>;
  /** Presses the key of a button, as soon as the button may be pressed. */
  press(key: string, name: RegExp): Promise<void>;
  /** Presses Ctrl Enter, reads what will happen, presses it again. @returns the sentence. */
  submit(): Promise<string>;
  /** Approves every row that is undecided, all at once. */
  approveAll(): Promise<void>;
  /** Rejects the row under the cursor with the reason of this figure. */
  reject(reason: string, note?: string): Promise<void>;
}

/** A person before the page of this application. */
export function newcomerOn(solo: Solo): Newcomer {
  const page = () => solo.page();
  const button: Newcomer['button'] = (name) => page().getByRole('button', { name });
  // What is said in the place of rows has no index; what is still read is busy.
  const rows = () => page().getByRole('grid').locator('[role="row"][aria-rowindex]:not([aria-busy="true"])');
  const waiting = () => page().getByRole('table', { name: 'Waiting for you' }).locator('tbody').getByRole('row');
  const dialog = () => page().getByRole('dialog');
  const goHome = () => page().getByRole('banner').getByRole('link').first().click();

  const takeUp: Newcomer['takeUp'] = async (task) => {
    await goHome();
    const row = waiting().filter({ hasText: task }).first();
    await row.waitFor(patient);
    await row.click();
  };
  return {
    page,
    button,
    rows,
    takeUp,
    async tasks(matching) {
      await goHome();
      await waiting().filter({ hasText: matching }).first().waitFor(patient);
      return (await waiting().allInnerTexts()).filter((text) => matching.test(text));
    },
    async become(who) {
      const menu = page().getByRole('banner').locator('[aria-haspopup="menu"]');
      await menu.click();
      await page()
        .getByRole('menuitemradio', { name: new RegExp(practiceNames[who]) })
        .click();
      await expect.poll(() => menu.innerText(), patient).toContain(practiceNames[who]);
    },
    async openVersion(task) {
      await takeUp(task);
      await page().waitForURL(/#\/version\//);
      await rows().nth(1).waitFor(patient);
    },
    async press(key, name) {
      await expect.poll(() => button(name).getAttribute('aria-disabled'), patient).toBeNull();
      await page().keyboard.press(key);
    },
    async submit() {
      // What was decided last may still be on its way into the counts.
      await expect.poll(() => button(/^(Submit|Hand in)/).getAttribute('aria-disabled'), patient).toBeNull();
      await page().keyboard.press('Control+Enter');
      const said = await page().getByTestId('submit-sentence').innerText();
      await page().keyboard.press('Control+Enter');
      await dialog().waitFor({ state: 'hidden' });
      return said;
    },
    async approveAll() {
      await page()
        .getByRole('button', { name: /^Pending/ })
        .click();
      await rows().nth(1).click();
      await page().keyboard.press('Control+a');
      await page()
        .getByText(/^\d+ of \d+ selected$/)
        .waitFor();
      await page().keyboard.press('a');
      await page()
        .getByText(/to go$/)
        .waitFor({ state: 'hidden' });
    },
    async reject(reason, note = '') {
      await page().keyboard.press('r');
      await dialog().waitFor();
      await page().keyboard.press(reason);
      if (note !== '') await page().keyboard.type(note);
      await page().keyboard.press('Enter');
      await dialog().waitFor({ state: 'hidden' });
    },
  };
}
