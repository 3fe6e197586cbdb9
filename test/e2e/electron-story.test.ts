// The story of the first slice in Electron's own windows. Runs where the binary and a display are; where not, it says why and is skipped.
import { afterAll, beforeAll, beforeEach, inject, test } from 'vitest';
import { buildForElectron, electronHost, whyNoElectron } from './electron-window.ts';
import { tellStory } from './story.ts';
import { makeTeam } from './team.ts';
import type { Team } from './team.ts';

let team: Team | null = null;
beforeAll(async () => {
  if (whyNoElectron !== null) return;
  buildForElectron();
  team = await makeTeam(inject('temporalPath'), electronHost);
});
beforeEach(({ skip }) => {
  if (whyNoElectron !== null) skip(whyNoElectron);
});
afterAll(() => team?.end());

test('a sample is drawn, decided offline, synced through Temporal and compared', async () => {
  if (team) await tellStory(team);
});
