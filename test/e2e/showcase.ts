// Owns a team in a state in which every screen has something to show, made by commands and not by clicks; and the list of those screens.
// Knows no check: pictures and the accessibility test both walk through the list.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright';
import type { ItemVerdict } from '../../domain/decision.ts';
import type { Version } from '../../domain/version.ts';
import { cachedTemporalPath } from '../../main/embedded/temporal-binary.ts';
import { tryLock } from '../../main/embedded/preparation-lock.ts';
import { askHost } from '../../main/host-client.ts';
import type { CommandInput, CommandName, CommandOutput, Result } from '../../preload/contract.ts';
import { startProgram } from './child.ts';
import type { Child } from './child.ts';
import { smuggle } from './intruder.ts';
import { browserHost, makeTeam } from './team.ts';
import type { Laptop, Team } from './team.ts';

/** One picture of the product: whose page, which address, and what is opened there first. */
export interface Screen {
  name: string;
  page(): Page;
  hash: string;
  /** Seen when the screen has what it is shown for. */
  ready(page: Page): Promise<unknown>;
  /** Opens a dialog or selects a row; what it opened is closed again by Escape. */
  open?(page: Page): Promise<void>;
}

export interface Showcase {
  team: Team;
  laptops: Record<'manager' | 'tester' | 'owner' | 'ownersOther' | 'lead' | 'newcomer', Laptop>;
  reports: { card: string; loans: string; deposits: string };
  screens: Screen[];
  end(): Promise<void>;
}

/** Asks a laptop's running application. @throws Error when it refuses. */
export async function tell<Name extends CommandName>(
  laptop: Laptop,
  name: Name,
  input: CommandInput<Name>,
): Promise<CommandOutput<Name>> {
  const answer = await askHost(laptop.dataDir, { name, input, profile: laptop.personId });
  if (answer.kind !== 'answered') throw new Error(`${name} was not answered: ${JSON.stringify(answer)}`);
  const result = answer.result as Result<CommandOutput<Name>>;
  if (result.ok) return result.value;
  throw new Error(`${laptop.personId} ${name}: ${result.error.kind}: ${result.error.message}`);
}

const waitLimitMs = 90_000;

/** Asks again until the answer is not null. @throws Error that says what was waited for. */
export async function until<Value>(what: string, look: () => Promise<Value | null>): Promise<Value> {
  const endsAt = Date.now() + waitLimitMs;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    if (Date.now() > endsAt) throw new Error(`waited in vain until ${what}`);
    await sleep(100);
  }
}

export const synced = (laptop: Laptop) => tell(laptop, 'sync:now', { waitMs: waitLimitMs });

/** The version of a report with this number, once it and all its rows are on the laptop. */
export function versionOn(laptop: Laptop, reportId: string, number: number): Promise<Version> {
  return until(`${laptop.personId} has version ${number}`, async () => {
    const versions = await tell(laptop, 'version:list', { reportId }).catch(() => []);
    const version = versions.find((one) => one.number === number);
    if (!version) return null;
    const { cachedItems } = await tell(laptop, 'version:get', { versionId: version.versionId });
    return cachedItems === version.itemCount ? version : null;
  });
}

/** Drafts a decision on every pending row; `decide` gets the row's place among them and may leave it. */
export async function decideRows(
  laptop: Laptop,
  versionId: string,
  decide: (at: number) => ItemVerdict | null,
): Promise<void> {
  const filter = { show: 'pending' as const };
  const { rows } = await tell(laptop, 'version:items', { versionId, filter, limit: 500 });
  const decisions = rows.flatMap(({ itemKey, contentHash }, at) => {
    const decision = decide(at);
    return decision === null ? [] : [{ itemKey, contentHash, decision }];
  });
  await tell(laptop, 'decision:record', { versionId, decisions });
}

export const approved: ItemVerdict = { verdict: 'approved', reasonCode: null, note: '' };
export const duplicate: ItemVerdict = { verdict: 'rejected', reasonCode: 'duplicate', note: '' };
export const voided: ItemVerdict = {
  verdict: 'rejected',
  reasonCode: 'voided',
  note: 'Account voided on 12 March; see the cancellation letter in the file.',
};
const tooCostly: ItemVerdict = {
  verdict: 'rejected',
  reasonCode: 'too-costly',
  note: 'The archive in Trieste is closed until May.',
};

/** Imports a population and waits for its profile; answers its hash. */
export async function importFile(laptop: Laptop, reportId: string, path: string, keyColumn = 'ID'): Promise<string> {
  const job = await tell(laptop, 'population:import', {
    reportId,
    source: { kind: 'path', path },
    keyColumn,
    waitMs: waitLimitMs,
  });
  if (job.state.kind !== 'ready') throw new Error(`the import is ${JSON.stringify(job.state)}`);
  const { populationHash } = job.state;
  await until('the population is on the laptop', async () => {
    const { populations } = await tell(laptop, 'population:list', { reportId });
    return populations.some((one) => one.populationHash === populationHash && one.state.kind === 'ready') || null;
  });
  return populationHash;
}

/** Plans at 5 % and draws: version 1 once it is on the laptop. */
export async function drawSample(
  laptop: Laptop,
  reportId: string,
  plan: { populationHash: string; seed: string; keyColumn?: string; rate?: number },
): Promise<Version> {
  for (;;) {
    await synced(laptop);
    const phase = await laptop.call('phase:get', { reportId, phase: 'sample-selection' });
    if (phase.ok && phase.value.state.state !== 'not-started') break;
  }
  const { planId } = await tell(laptop, 'sample:plan', {
    ...{ reportId, populationHash: plan.populationHash, keyColumn: plan.keyColumn ?? 'ID', lobColumn: null },
    ...{ risk: 0.05, tolerable: plan.rate ?? 0.05, expected: 0, seed: plan.seed },
  });
  await tell(laptop, 'sample:draw', { reportId, planId });
  return versionOn(laptop, reportId, 1);
}

const shared = fileURLToPath(new URL('../../../shared/data/credit-card-accounts.csv', import.meta.url));

async function populationFile(dir: string): Promise<string> {
  if (existsSync(shared)) return shared;
  const file = join(dir, 'credit-card-accounts.csv');
  const rows = Array.from(
    { length: 30_000 },
    (_, at) =>
      `${at + 1},${((at * 7919) % 80) * 10_000},${1 + (at % 2)},${1 + (at % 4)},${1 + (at % 3)},${21 + (at % 50)}`,
  );
  await writeFile(file, `ID,LIMIT_BAL,SEX,EDUCATION,MARRIAGE,AGE\n${rows.join('\n')}\n`);
  return file;
}

const inDays = (days: number): string => {
  const day = new Date(Date.now() + days * 86_400_000);
  day.setHours(18, 0, 0, 0);
  return day.toISOString();
};

/** Ends in the order in which a person would want to see it: what was opened last goes first. */
type Ending = () => Promise<unknown>;

/** Makes the team, its reports and everything the screens show (half a minute). */
export async function makeShowcase(temporalPath: string, browser: Browser): Promise<Showcase> {
  const team = await makeTeam(temporalPath, browserHost(browser));
  const endings: Ending[] = [() => team.end()];
  try {
    const laptops = {
      manager: team.laptop('manager', 'mara'),
      tester: team.laptop('tester', 'tara'),
      owner: team.laptop('owner', 'olga'),
      ownersOther: team.laptop('owner-other', 'olga'),
      lead: team.laptop('lead', 'lena'),
      newcomer: team.laptop('newcomer', 'both'),
    };
    await letIn(team, laptops);
    const reports = await startCycle(laptops.manager);
    const file = await populationFile(team.dir);
    await fillCard(team, laptops, reports.card, file);
    await fillOthers(laptops, reports, file);
    const firstStart = await openFirstStart(team, browser);
    endings.unshift(firstStart.end);
    const preparing = await openPreparing(team, browser);
    endings.unshift(preparing.end);
    const screens = await screensOf(laptops, reports, firstStart.page, preparing.page);
    return { team, laptops, reports, screens, end: () => endAll(endings) };
  } catch (error) {
    await endAll(endings);
    throw error;
  }
}

async function endAll(endings: Ending[]): Promise<void> {
  for (const end of endings) await end();
}

/** All laptops run and are approved, but for the newcomer's, which waits. */
async function letIn(team: Team, laptops: Showcase['laptops']): Promise<void> {
  const { manager, newcomer, ...others } = laptops;
  await manager.open();
  const [profile] = await tell(manager, 'profile:list', {});
  await team.startWorker(profile?.publicKey ?? '');
  for (const laptop of [...Object.values(others), newcomer]) await laptop.open();
  await until('the devices wait', async () => {
    const { devices } = await tell(manager, 'people:list', {});
    const waiting = devices.filter((device) => device.status === 'waiting');
    if (waiting.length < Object.keys(laptops).length - 1) return null;
    const known = waiting.filter((device) => device.personId !== newcomer.personId);
    for (const { deviceId } of known) await tell(manager, 'device:approve', { deviceId });
    return true;
  });
  await synced(manager);
  for (const laptop of Object.values(others)) {
    await until(`${laptop.personId} is let in`, async () => {
      const { state } = await synced(laptop);
      return state.kind === 'blocked' ? null : true;
    });
  }
}

/** The showcase and the tests on it are about samples: what comes before and beside them is left out. */
export const toSamples = (['planning', 'data-profiling', 'scoping', 'data-owner-id'] as const).map((phase) => ({
  phase,
  reason: 'tested last quarter',
}));

async function startCycle(manager: Laptop): Promise<Showcase['reports']> {
  const assignments = [
    { personId: 'tara', role: 'tester' as const },
    { personId: 'olga', role: 'report-owner' as const },
    { personId: 'lena', role: 'test-lead' as const },
    { personId: 'mara', role: 'test-manager' as const },
  ];
  const { reportIds } = await tell(manager, 'cycle:start', {
    name: 'Q4 2026',
    reports: [
      { name: 'Card portfolio', dueAt: inDays(0), assignments, skips: toSamples },
      { name: 'Loan book', dueAt: inDays(3), assignments, skips: toSamples },
      { name: 'Deposits', dueAt: inDays(-2), assignments, skips: toSamples },
    ],
  });
  await synced(manager);
  const [card = '', loans = '', deposits = ''] = reportIds;
  return { card, loans, deposits };
}

/** Version 1 with four rejections, version 2 with their replacements; the owner's other laptop decided on version 1 offline. */
async function fillCard(team: Team, laptops: Showcase['laptops'], reportId: string, file: string): Promise<void> {
  const { tester, owner, ownersOther } = laptops;
  await synced(tester);
  const populationHash = await importFile(tester, reportId, file);
  const { versionId } = await drawSample(tester, reportId, { populationHash, seed: '20261120' });
  await versionOn(ownersOther, reportId, 1);
  await tell(ownersOther, 'sync:work-offline', { offline: true });
  await decideRows(ownersOther, versionId, (at) => (at === 3 ? voided : at > 5 ? null : approved));

  await versionOn(owner, reportId, 1);
  const verdicts: Record<number, ItemVerdict> = { 4: duplicate, 17: voided, 31: duplicate, 45: voided };
  await decideRows(owner, versionId, (at) => verdicts[at] ?? approved);
  await tell(owner, 'review:submit', {
    versionId,
    verdict: 'revision-requested',
    note: 'Two accounts are in the sample twice, two were voided. Please replace all four.',
  });
  await synced(owner);
  await answerAll(tester, versionId);
  await synced(tester);
  await versionOn(owner, reportId, 2);
  // Nobody of the product sends such a thing: it is what an older or foreign program might.
  const strange = { kind: 'sample.teleport', reportId, to: 'elsewhere' } as unknown as Parameters<typeof smuggle>[2];
  await smuggle(team, tester, strange);
}

async function answerAll(tester: Laptop, versionId: string): Promise<void> {
  const filter = { show: 'rejected' as const };
  const rows = await until('the rejections are on the tester’s laptop', async () => {
    const found = (await tell(tester, 'version:items', { versionId, filter, limit: 500 })).rows;
    return found.length === 0 ? null : found;
  });
  const answers = rows.map(({ itemKey, contentHash }) => ({ itemKey, contentHash, answer: 'replace' as const }));
  await tell(tester, 'revision:submit', { versionId, answers });
}

/** Deposits waits for the tester's answers; the loan book has a population and a version that the owner decided offline. */
async function fillOthers(laptops: Showcase['laptops'], reports: Showcase['reports'], file: string): Promise<void> {
  const { tester, owner, ownersOther } = laptops;
  const deposits = await drawSample(tester, reports.deposits, {
    populationHash: await importFile(tester, reports.deposits, file),
    seed: '20261121',
  });
  await versionOn(owner, reports.deposits, 1);
  await decideRows(owner, deposits.versionId, (at) => ({ 6: duplicate, 20: tooCostly, 21: voided })[at] ?? approved);
  await tell(owner, 'review:submit', { versionId: deposits.versionId, verdict: 'revision-requested' });
  await synced(owner);
  await importFile(tester, reports.loans, file);

  // Seen by the owner offline: two of the four replacements decided, not submitted; and a review of the other laptop in conflict.
  const first = (await tell(ownersOther, 'version:list', { reportId: reports.card }))[0]?.versionId ?? '';
  await decideRows(ownersOther, first, () => approved);
  await tell(ownersOther, 'review:submit', { versionId: first, verdict: 'revision-requested' });
  await tell(ownersOther, 'sync:work-offline', { offline: false });
  await until('the conflict is seen', async () => {
    const { counts } = await synced(ownersOther);
    return counts.conflict > 0 || null;
  });
  await tell(owner, 'sync:work-offline', { offline: true });
  const second = await versionOn(owner, reports.card, 2);
  await decideRows(owner, second.versionId, (at) => (at < 2 ? approved : null));
}

interface Extra {
  page: Page;
  end(): Promise<void>;
}

async function pageOf(application: Child, browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const [, url] = await application.says(/Countersign is ready at (\S+)/);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(url ?? '');
  return page;
}

/** A laptop of the team on which nobody has said yet who sits there. */
async function openFirstStart(team: Team, browser: Browser): Promise<Extra> {
  const args = ['--host', 'browser', '--no-open', '--data', join(team.dir, 'nobody')];
  const application = startProgram('main/start.ts', args, { TEMPORAL_ADDRESS: team.address() });
  const page = await pageOf(application, browser);
  return { page, end: () => application.end() };
}

/** A solo application whose server is being prepared by somebody else, which takes as long as the lock is held. */
async function openPreparing(team: Team, browser: Browser): Promise<Extra> {
  const cache = join(team.dir, 'cache');
  const attempt = await tryLock(`${join(cachedTemporalPath({ COUNTERSIGN_CACHE: cache }), '..')}.lock`);
  if (attempt.kind === 'busy') throw new Error('a new lock cannot be busy');
  const args = ['--host', 'browser', '--no-open', '--data', join(team.dir, 'solo')];
  const application = startProgram('main/start.ts', args, { COUNTERSIGN_CACHE: cache, PATH: '/usr/bin:/bin' });
  const page = await pageOf(application, browser);
  const end = async (): Promise<void> => {
    await application.end();
    attempt.lock.release();
  };
  return { page, end };
}

const text = (what: string | RegExp) => (page: Page) => page.getByText(what).first().waitFor();
const gridRow = (page: Page) => page.getByRole('grid').getByRole('row').nth(1);
const gridRows = (page: Page) => gridRow(page).waitFor();
const selectFirst = (page: Page) => gridRow(page).click();
const selectRejected = (page: Page) =>
  page
    .getByRole('row', { name: /rejected/ })
    .first()
    .click();
const opens =
  (...keys: string[]) =>
  async (page: Page) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.getByRole('dialog').waitFor();
  };
const selectThen =
  (...keys: string[]) =>
  async (page: Page) => {
    await selectFirst(page);
    await opens(...keys)(page);
  };
const clickButton =
  (name: string | RegExp) =>
  async (page: Page): Promise<void> => {
    await page.getByRole('button', { name }).first().click();
  };

/** Presses a button unless what it leads to is there already. */
const either = (name: string, then: RegExp) => async (page: Page) => {
  const button = page.getByRole('button', { name, exact: true });
  const there = page.getByText(then).first();
  await button.or(there).first().waitFor();
  if (!(await there.isVisible())) await button.click();
  await there.waitFor();
};

async function screensOf(
  { manager, tester, owner, ownersOther, lead, newcomer }: Showcase['laptops'],
  reports: Showcase['reports'],
  firstStart: Page,
  preparing: Page,
): Promise<Screen[]> {
  const [v1, v2] = [await versionOn(lead, reports.card, 1), await versionOn(lead, reports.card, 2)];
  const deposits = await versionOn(tester, reports.deposits, 1);
  const of = (laptop: Laptop, hash: string) => ({ page: () => laptop.page(), hash });
  const wizard = (step: string) => of(tester, `#/report/${reports.loans}/import/${step}`);
  const review = of(owner, `#/version/${v2.versionId}`);
  const answering = of(tester, `#/version/${deposits.versionId}`);
  const compare = of(lead, `#/compare/${v1.versionId}/${v2.versionId}`);
  const sync = of(ownersOther, '#/sync');
  const timeline = of(lead, `#/timeline/${reports.card}`);
  const workflow = of(manager, `#/report/${reports.card}/workflow`);
  const [first] = await tell(manager, 'cycle:list', {});
  const cycleHash = `#/cycle/${first?.cycle.cycleId ?? ''}`;
  const conflict = (page: Page) => page.getByRole('row', { name: /conflict/ }).first();
  return [
    { name: 'first-profile', page: () => firstStart, hash: '#/home', ready: text('Who works on this laptop?') },
    {
      name: 'home-preparing',
      page: () => preparing,
      hash: '#/home',
      ready: either('Prepare again', /^Preparing the server on/),
    },
    {
      name: 'home-unavailable',
      page: () => preparing,
      hash: '#/home',
      ready: either('Cancel', /^There is no server on this machine/),
    },
    { name: 'home-empty', ...of(newcomer, '#/home'), ready: text('Nothing is here yet') },
    { name: 'sync-waiting-device', ...of(newcomer, '#/sync'), ready: text(/A test manager approves this laptop/) },
    { name: 'home', ...of(owner, '#/home'), ready: text('Card portfolio') },
    { name: 'home-tester', ...of(tester, '#/home'), ready: text('a sample to plan') },
    { name: 'home-manager', ...of(manager, '#/home'), ready: text('1 device to approve') },
    { name: 'new-cycle', ...of(manager, '#/home'), ready: text('Q4 2026'), open: opens('c') },
    { name: 'person-menu', ...of(manager, '#/home'), ready: text('Q4 2026'), open: (page) => openMenu(page) },
    { name: 'people', ...of(manager, '#/people'), ready: text('waiting') },
    { name: 'report', ...of(manager, `#/report/${reports.card}`), ready: text('Dead letters') },
    { name: 'report-start', ...of(lead, `#/report/${reports.loans}`), ready: text('30,000') },
    { name: 'import-file', ...wizard('file'), ready: text('30,000') },
    { name: 'import-columns', ...wizard('columns'), ready: text(/can be the key/) },
    { name: 'import-plan', ...wizard('plan'), ready: text('59 of 30,000') },
    { name: 'import-draw', ...wizard('draw'), ready: text(/^Recorded before/) },
    { name: 'review', ...review, ready: gridRows, open: clickButton(/to go$/) },
    { name: 'review-reject', ...review, ready: gridRows, open: selectThen('r') },
    { name: 'review-note', ...review, ready: gridRows, open: selectThen('n') },
    { name: 'review-submit', ...review, ready: gridRows, open: opens('Control+Enter') },
    { name: 'review-keys', ...review, ready: gridRows, open: opens('?') },
    { name: 'review-many', ...review, ready: gridRows, open: async (page) => page.keyboard.press('Control+a') },
    { name: 'answering', ...answering, ready: gridRows, open: selectFirst },
    { name: 'answering-keep', ...answering, ready: gridRows, open: selectThen('e') },
    { name: 'compare', ...compare, ready: gridRows, open: selectRejected },
    { name: 'compare-line', ...compare, ready: gridRows, open: (page) => gridRow(page).dblclick() },
    { name: 'timeline', ...timeline, ready: gridRows, open: selectFirst },
    { name: 'timeline-tracked', ...timeline, ready: gridRows, open: (page) => page.keyboard.press('f') },
    { name: 'cycle', ...of(manager, cycleHash), ready: text('What happens now') },
    {
      name: 'phase',
      ...of(owner, `#/report/${reports.card}/phase/sample-selection`),
      ready: text('Operations and steps'),
    },
    { name: 'workflow', ...workflow, ready: text('Metrics per phase') },
    {
      // Another report: which log was looked at last is remembered for each.
      name: 'workflow-log',
      ...of(manager, `#/report/${reports.loans}/workflow`),
      ready: text('Everything'),
      open: async (page) => {
        await page.getByRole('button', { name: /^Everything/ }).click();
        await page.getByRole('grid').waitFor();
      },
    },
    { name: 'workflows', ...of(manager, '#/workflows'), ready: text('Card portfolio') },
    { name: 'sync-offline', ...of(owner, '#/sync'), ready: text('draft') },
    { name: 'sync', ...sync, ready: text('conflict'), open: (page) => conflict(page).click() },
    {
      name: 'sync-drop',
      ...sync,
      ready: text('conflict'),
      open: async (page) => {
        await conflict(page).click();
        await clickButton(/^Drop with a note/)(page);
        await page.getByRole('dialog').waitFor();
      },
    },
    { name: 'sync-delivered', ...sync, ready: text('Delivered today'), open: clickButton(/^Show what was delivered/) },
    { name: 'unknown', ...of(lead, '#/nowhere'), ready: text('There is no such screen') },
  ];
}

async function openMenu(page: Page): Promise<void> {
  await page.getByRole('banner').locator('[aria-haspopup="menu"]').click();
  await page.getByRole('menu').waitFor();
}
