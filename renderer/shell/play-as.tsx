// Owns going on as another practice identity without leaving the screen: whoever holds a phase up is one click away.
import { Button } from '@mui/material';
import type { Profile } from '../../preload/contract.ts';
import { startOver, useShared } from '../store.ts';
import { perform } from '../use-command.ts';

/** The practice identity that goes on: the first of these people that is one, unless the active one is among them. */
export function playerOf(profiles: readonly Profile[], people: readonly string[]): Profile | null {
  const able = profiles.filter((profile) => profile.practice && people.includes(profile.personId));
  if (able.some((profile) => profile.active)) return null;
  return people.flatMap((personId) => able.find((profile) => profile.personId === personId) ?? [])[0] ?? null;
}

/** Goes on as another practice identity, on the same screen. */
export async function play(profile: Profile): Promise<void> {
  const done = await perform('profile:switch', { profile: profile.profile });
  if (done) await startOver();
}

/** "Go on as Tara Tester"; nothing in a team, and nothing while it is this person's turn. */
export function PlayAs({ people }: { people: readonly string[] }) {
  const profiles = useShared((state) => state.profiles);
  const player = playerOf(profiles ?? [], people);
  if (!player) return null;
  return <Button onClick={() => void play(player)}>Go on as {player.name}</Button>;
}
