// Owns this person as the domain's questions take one. Decides nothing.
import type { Person, Role } from '../domain/people.ts';
import { roleSchema } from '../domain/people.ts';
import { activeProfile, useShared } from './store.ts';

/** The active profile as the domain's rules take a person; null while nobody is active. */
export function useMe(): Person | null {
  const profile = useShared(activeProfile);
  if (!profile) return null;
  const roles = profile.roles.filter((role): role is Role => roleSchema.safeParse(role).success);
  return { personId: profile.personId, name: profile.name, roles };
}
