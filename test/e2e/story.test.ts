// The story of the first slice in an ordinary browser.
import { afterAll, beforeAll, inject, test } from 'vitest';
import type { Browser } from 'playwright';
import { startBrowser } from './browser.ts';
import { tellStory } from './story.ts';
import { browserHost, makeTeam } from './team.ts';
import type { Team } from './team.ts';

let browser: Browser;
let team: Team;
beforeAll(async () => {
  browser = await startBrowser();
  team = await makeTeam(inject('temporalPath'), browserHost(browser));
});
afterAll(async () => {
  await team?.end();
  await browser?.close();
});

test('a sample is drawn, decided offline, synced through Temporal and compared', () => tellStory(team));
