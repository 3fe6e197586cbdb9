// Owns starting a cycle: its name, its reports, who does what in them, until when.
import {
  Alert,
  Autocomplete,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Stack,
  TextField,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import { roleNames, roles } from '../../domain/people.ts';
import type { Assignment, Person, Role } from '../../domain/people.ts';
import type { Failure } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { FailurePanel, tellDone } from '../notices.tsx';
import { go } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { useCommand, valueOf } from '../use-command.ts';

type Chosen = Partial<Record<Role, string[]>>;

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** The report names of a text with one name a line. */
export function reportNames(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The chosen people as assignments, roles in their order. */
export function assignmentsOf(chosen: Chosen): Assignment[] {
  return roles.flatMap((role) => (chosen[role] ?? []).map((personId) => ({ personId, role })));
}

/** The end of a chosen day, as the review's due time; null when no day was chosen. */
export function dueAtOf(day: string): string | null {
  return day === '' ? null : new Date(`${day}T18:00:00`).toISOString();
}

function whyNotStart(name: string, names: string[], chosen: Chosen): string | null {
  if (name.trim() === '') return 'The cycle needs a name';
  if (names.length === 0) return 'At least one report is needed';
  if (new Set(names).size < names.length) return 'Two reports have the same name';
  if (!chosen['report-owner']?.length) return 'Choose a report owner: somebody has to decide';
  const testing: Role[] = ['tester', 'test-lead', 'test-manager'];
  return testing.some((role) => chosen[role]?.length) ? null : 'Choose at least one tester';
}

// Practice identities are there to be assigned; in a team only who starts the cycle is preset.
function presetOf(people: readonly Person[], practice: boolean, me: string | undefined): Chosen {
  const preset: Chosen = {};
  for (const role of roles) {
    const able = people.filter((person) => person.roles.includes(role));
    const taken = practice ? able : able.filter((person) => person.personId === me && role === 'test-manager');
    if (taken.length > 0) preset[role] = taken.map((person) => person.personId);
  }
  return preset;
}

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

export function NewCycleDialog({ close }: { close(): void }) {
  const me = useShared(activeProfile);
  const directory = useCommand('people:list', {});
  const people = valueOf(directory)?.people ?? [];
  const [name, setName] = useState('');
  const [reports, setReports] = useState('');
  const [due, setDue] = useState('');
  const [changed, setChanged] = useState<Chosen>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const chosen: Chosen = { ...presetOf(people, me?.practice ?? false, me?.personId), ...changed };
  const names = reportNames(reports);
  const problem = whyNotStart(name, names, chosen);

  const start = async () => {
    if (problem !== null || busy) return;
    setBusy(true);
    const assignments = assignmentsOf(chosen);
    const result = await bridge().invoke('cycle:start', {
      name: name.trim(),
      reports: names.map((report) => ({ name: report, assignments, dueAt: dueAtOf(due) })),
    });
    setBusy(false);
    if (!result.ok) {
      setFailure(result.error);
      return;
    }
    close();
    tellDone(`“${name.trim()}” is kept on this laptop and sent by itself; the badge says when it arrived`);
    const [reportId] = result.value.reportIds;
    if (reportId && names.length === 1) go({ screen: 'import', reportId, step: 'file' });
  };
  useKeys({
    title: 'New cycle',
    inDialog: true,
    actions: [{ keys: 'Mod+Enter', label: 'Start the cycle', run: () => void start(), whileTyping: true }],
  });
  return (
    <Dialog open onClose={close} maxWidth="sm" aria-labelledby="new-cycle-title">
      <DialogTitle id="new-cycle-title">New cycle</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          {directory.kind === 'failed' && <FailurePanel failure={directory.error} retry={directory.reload} />}
          <TextField
            label="Name of the cycle"
            placeholder="Q4 2026"
            value={name}
            autoFocus
            onChange={(event) => setName(event.target.value)}
          />
          <TextField
            label="Reports, one a line"
            placeholder="Card portfolio"
            multiline
            minRows={2}
            maxRows={6}
            value={reports}
            onChange={(event) => setReports(event.target.value)}
          />
          <TextField
            label="Reviews are due"
            type="date"
            value={due}
            onChange={(event) => setDue(event.target.value)}
            helperText="18:00 of that day, local time; may stay empty"
            slotProps={{ inputLabel: { shrink: true } }}
          />
          <Typography variant="h3">People of {names.length > 1 ? 'each report' : 'the report'}</Typography>
          {roles.map((role) => (
            <PeopleOf
              key={role}
              role={role}
              people={people}
              value={chosen[role] ?? []}
              change={(ids) => setChanged((before) => ({ ...before, [role]: ids }))}
            />
          ))}
          {failure && <FailurePanel failure={failure} />}
          {problem && name !== '' && <Alert severity="warning">{problem}</Alert>}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Box sx={{ flex: 1, color: 'text.secondary', typography: 'caption' }}>
          {problem
            ? ''
            : `${counted(names.length, 'report')} with ${counted(assignmentsOf(chosen).length, 'assignment')}`}
        </Box>
        <Button onClick={close}>Cancel</Button>
        <Button variant="contained" color="primary" disabled={problem !== null || busy} onClick={() => void start()}>
          Start the cycle
        </Button>
      </DialogActions>
    </Dialog>
  );
}
