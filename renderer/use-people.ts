// Owns the names of people: the directory as a screen reads it. Knows no screen.
import { useCallback } from 'react';
import type { Person } from '../domain/people.ts';
import { proposer } from '../domain/version.ts';
import { useCommand, valueOf } from './use-command.ts';

const none: readonly Person[] = [];

/** Says what a person is called, or the application itself; the id where the directory does not know them, `nobody` for null. */
export function usePeople(): { nameOf(personId: string | null): string } {
  const loaded = useCommand('people:list', {}, (event) => event.kind === 'changed' && event.directory);
  const people = valueOf(loaded)?.people ?? none;
  const nameOf = useCallback(
    (personId: string | null) => {
      if (personId === null) return 'nobody';
      if (personId === proposer) return 'Countersign';
      return people.find((person) => person.personId === personId)?.name ?? personId;
    },
    [people],
  );
  return { nameOf };
}
