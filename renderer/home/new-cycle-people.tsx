// Owns choosing the people of a report, role by role. Knows nobody's name but what it is given.
import { Autocomplete, Box, TextField } from '@mui/material';
import { roleNames, roles } from '../../domain/people.ts';
import type { Person, Role } from '../../domain/people.ts';
import type { Chosen } from './new-cycle-draft.ts';

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function PeopleOf({
  role,
  people,
  value,
  change,
}: {
  role: Role;
  people: readonly Person[];
  value: string[];
  change(ids: string[]): void;
}) {
  const able = people.filter((person) => person.roles.includes(role));
  const nameOf = (id: string) => people.find((person) => person.personId === id)?.name ?? id;
  return (
    <Autocomplete
      multiple
      size="small"
      disableCloseOnSelect
      options={able.map((person) => person.personId)}
      getOptionLabel={nameOf}
      value={value}
      onChange={(_event, ids) => change(ids)}
      noOptionsText={`No ${roleNames[role]} in the directory`}
      renderInput={(parameters) => <TextField {...parameters} label={capital(roleNames[role])} />}
    />
  );
}

export function NewCyclePeople({
  people,
  chosen,
  change,
}: {
  people: readonly Person[];
  chosen: Chosen;
  change(chosen: Chosen): void;
}) {
  return (
    <Box sx={{ display: 'grid', gap: 1.5, gridTemplateColumns: { xs: '1fr', sm: '1fr 1fr' }, pt: 1 }}>
      {roles.map((role) => (
        <PeopleOf
          key={role}
          role={role}
          people={people}
          value={chosen[role] ?? []}
          change={(ids) => change({ ...chosen, [role]: ids })}
        />
      ))}
    </Box>
  );
}
