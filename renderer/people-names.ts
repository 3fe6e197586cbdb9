// Owns who is who for a screen: the directory's names, and this person for the domain's questions. Decides nothing.
import type { Person, Role } from '../domain/people.ts';
import { roleSchema } from '../domain/people.ts';
import { activeProfile, useShared } from './store.ts';
import { useCommand, valueOf } from './use-command.ts';

/** The name of a person by id; the id itself until the directory was pulled. */
export function useNames(): (personId: string) => string {
  const people = valueOf(useCommand('people:list', {}, (event) => event.kind === 'changed' && event.directory))?.people;
  return (personId) => people?.find((person) => person.personId === personId)?.name ?? personId;
}

/** The active profile as the domain's rules take a person; null while nobody is active. */
export function useMe(): Person | null {
  const profile = useShared(activeProfile);
  if (!profile) return null;
  const roles = profile.roles.filter((role): role is Role => roleSchema.safeParse(role).success);
  return { personId: profile.personId, name: profile.name, roles };
}
