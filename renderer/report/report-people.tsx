// Owns who does what in a report, and for test managers assigning and taking back.
import { Autocomplete, Box, Button, MenuItem, TextField } from '@mui/material';
import { useState } from 'react';
import { whyNot } from '../../domain/authority.ts';
import type { Report } from '../../domain/change.ts';
import { roleNames, roles } from '../../domain/people.ts';
import type { Assignment, Role } from '../../domain/people.ts';
import { tellDone } from '../notices.tsx';
import { useMe } from '../use-me.ts';
import { HiddenHeading, RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { perform, useCommand, valueOf } from '../use-command.ts';

async function setAssignment(
  reportId: string,
  { personId, role }: Assignment,
  assigned: boolean,
  name: string,
): Promise<void> {
  const done = await perform('assignment:set', { reportId, personId, role, assigned });
  if (!done) return;
  const back = { label: 'Undo', run: () => void setAssignment(reportId, { personId, role }, !assigned, name) };
  tellDone(
    `${assigned ? 'Assigning' : 'Taking back'} ${name} as ${roleNames[role]} is kept on this laptop and sent by itself`,
    back,
  );
}

function AssignForm({ report }: { report: Report }) {
  const people = valueOf(useCommand('people:list', {}))?.people ?? [];
  const [role, setRole] = useState<Role>('report-owner');
  const [personId, setPersonId] = useState<string | null>(null);
  const taken = (id: string) => report.assignments.some((one) => one.personId === id && one.role === role);
  const able = people.filter((person) => person.roles.includes(role) && !taken(person.personId));
  const nameOf = (id: string) => people.find((person) => person.personId === id)?.name ?? id;
  const assign = () => {
    if (personId === null) return;
    void setAssignment(report.reportId, { personId, role }, true, nameOf(personId));
    setPersonId(null);
  };
  return (
    <Box sx={{ display: 'flex', gap: 1, mt: 1, maxWidth: 640 }}>
      <TextField
        select
        label="Role"
        value={role}
        onChange={(event) => {
          setRole(event.target.value as Role);
          setPersonId(null);
        }}
        sx={{ width: 180 }}
      >
        {roles.map((one) => (
          <MenuItem key={one} value={one}>
            {roleNames[one]}
          </MenuItem>
        ))}
      </TextField>
      <Autocomplete
        size="small"
        options={able.map((person) => person.personId)}
        getOptionLabel={nameOf}
        value={personId}
        onChange={(_event, id) => setPersonId(id)}
        noOptionsText={`Nobody else is ${roleNames[role]}`}
        renderInput={(parameters) => <TextField {...parameters} label="Person" />}
        sx={{ flex: 1 }}
      />
      <Button onClick={assign} disabled={personId === null}>
        Assign
      </Button>
    </Box>
  );
}

function peopleColumns(
  report: Report,
  nameOf: (id: string) => string,
  mayAssign: boolean,
): readonly Column<Assignment>[] {
  const columns: Column<Assignment>[] = [
    { id: 'person', heading: 'Person', width: '35%', cell: (row) => nameOf(row.personId) },
    { id: 'role', heading: 'Role', cell: (row) => roleNames[row.role] },
  ];
  if (!mayAssign) return columns;
  const back: Column<Assignment> = {
    id: 'back',
    heading: <HiddenHeading>Actions</HiddenHeading>,
    align: 'right',
    cell: (row) => <TakeBack report={report} row={row} name={nameOf(row.personId)} />,
  };
  return [...columns, back];
}

function TakeBack({ report, row, name }: { report: Report; row: Assignment; name: string }) {
  return (
    <Button
      variant="text"
      aria-label={`Take back ${name} as ${roleNames[row.role]}`}
      onClick={() => void setAssignment(report.reportId, row, false, name)}
    >
      Take back
    </Button>
  );
}

export function ReportPeople({ report, nameOf }: { report: Report; nameOf(id: string): string }) {
  const me = useMe();
  const mayAssign = me !== null && whyNot({ kind: 'assign' }, me, report.assignments) === null;
  return (
    <Section title="People">
      <RowList
        label="People"
        rows={report.assignments}
        columns={peopleColumns(report, nameOf, mayAssign)}
        keyOf={(row) => `${row.personId} ${row.role}`}
        empty="Nobody is assigned."
      />
      {mayAssign && <AssignForm report={report} />}
    </Section>
  );
}
