// Owns starting a cycle: its name, its reports, and for all of them or for one who does what, how it is divided, what runs until when.
import {
  Alert,
  Box,
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  Link,
  MenuItem,
  Stack,
  Tab,
  Tabs,
  TextField,
} from '@mui/material';
import { useState } from 'react';
import type { Person } from '../../domain/people.ts';
import type { Failure } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { FailurePanel, tellDone } from '../notices.tsx';
import { LobSourceField } from '../report/lob-source-field.tsx';
import { linesOf, sourceOf, sourceWords } from '../report/lob-draft.ts';
import { go } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { useCommand, valueOf } from '../use-command.ts';
import {
  assignmentsOf,
  cycleOf,
  freshCycle,
  phasesWords,
  presetOf,
  setupOf,
  whyNotStart,
  withoutOwn,
  withPart,
} from './new-cycle-draft.ts';
import type { CycleDraft, Setup } from './new-cycle-draft.ts';
import { NewCyclePeople } from './new-cycle-people.tsx';
import { NewCyclePhases } from './new-cycle-phases.tsx';

type Part = 'people' | 'lobs' | 'phases';
const partNames: Readonly<Record<Part, string>> = {
  people: 'People',
  lobs: 'Lines of business',
  phases: 'Phases and deadlines',
};

function Names({ draft, change }: { draft: CycleDraft; change(part: Partial<CycleDraft>): void }) {
  return (
    <Stack direction="row" sx={{ gap: 2, flexWrap: 'wrap', alignItems: 'flex-start' }}>
      <TextField
        label="Name of the cycle"
        placeholder="Q4 2026"
        value={draft.name}
        autoFocus
        onChange={(event) => change({ name: event.target.value })}
        sx={{ flex: '1 1 16em' }}
      />
      <TextField
        label="Reports, one a line"
        placeholder="Card portfolio"
        multiline
        minRows={2}
        maxRows={5}
        value={draft.reports}
        onChange={(event) => change({ reports: event.target.value })}
        sx={{ flex: '1 1 16em' }}
      />
    </Stack>
  );
}

/** Which report the parts below are about: all that have nothing of their own, or one. */
function About({
  draft,
  names,
  about,
  choose,
  change,
}: {
  draft: CycleDraft;
  names: readonly string[];
  about: string | null;
  choose(report: string | null): void;
  change(draft: CycleDraft): void;
}) {
  if (names.length < 2) return null;
  return (
    <Stack direction="row" sx={{ gap: 2, alignItems: 'center' }}>
      <TextField
        select
        label="Settings of"
        value={about ?? ''}
        onChange={(event) => choose(event.target.value === '' ? null : event.target.value)}
        sx={{ width: 280 }}
        slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
      >
        <MenuItem value="">every report</MenuItem>
        {names.map((name) => (
          <MenuItem key={name} value={name}>
            {name}
            {draft.own[name] && ' · its own'}
          </MenuItem>
        ))}
      </TextField>
      {about !== null && draft.own[about] && (
        <Link component="button" onClick={() => change(withoutOwn(draft, about))}>
          As every report
        </Link>
      )}
    </Stack>
  );
}

function Parts({
  setup,
  people,
  change,
}: {
  setup: Setup;
  people: readonly Person[];
  change(part: Partial<Setup>): void;
}) {
  const [part, setPart] = useState<Part>('people');
  return (
    <Box>
      <Tabs
        value={part}
        onChange={(_event, chosen: Part) => setPart(chosen)}
        aria-label="What a report is started with"
        sx={{ minHeight: 32, mb: 1.5, borderBottom: 1, borderColor: 'divider', '& .MuiTab-root': { minHeight: 32 } }}
      >
        {Object.entries(partNames).map(([id, label]) => (
          <Tab key={id} value={id} label={label} id={`tab-${id}`} aria-controls={`panel-${id}`} />
        ))}
      </Tabs>
      <Box role="tabpanel" id={`panel-${part}`} aria-labelledby={`tab-${part}`} sx={{ minHeight: 300 }}>
        {part === 'people' && (
          <Stack spacing={2}>
            <NewCyclePeople people={people} chosen={setup.people} change={(chosen) => change({ people: chosen })} />
            <TextField
              label="Reviews are due"
              type="date"
              value={setup.due}
              onChange={(event) => change({ due: event.target.value })}
              helperText="18:00 of that day, local time; may stay empty"
              slotProps={{ inputLabel: { shrink: true } }}
              sx={{ width: 280 }}
            />
          </Stack>
        )}
        {part === 'lobs' && (
          <LobSourceField draft={setup.lobs} change={(lobs) => change({ lobs })} columns={[]} mayWait />
        )}
        {part === 'phases' && <NewCyclePhases plans={setup.phases} change={(phases) => change({ phases })} />}
      </Box>
    </Box>
  );
}

function useStart(draft: CycleDraft, problem: string | null, close: () => void) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const start = async () => {
    if (problem !== null || busy) return;
    setBusy(true);
    const input = cycleOf(draft);
    const result = await bridge().invoke('cycle:start', input);
    setBusy(false);
    if (!result.ok) {
      setFailure(result.error);
      return;
    }
    close();
    tellDone(`“${input.name}” is kept on this laptop and sent by itself; the badge says when it arrived`);
    const { cycleId, reportIds } = result.value;
    const [reportId] = reportIds;
    if (reportId && reportIds.length === 1) go({ screen: 'import', reportId, step: 'file' });
    else go({ screen: 'cycle', cycleId });
  };
  return { start, failure, busy };
}

export function NewCycleDialog({ close }: { close(): void }) {
  const me = useShared(activeProfile);
  const directory = useCommand('people:list', {});
  const people = valueOf(directory)?.people ?? [];
  const [typed, setTyped] = useState<CycleDraft>(freshCycle);
  const [chosen, setChosen] = useState<string | null>(null);
  const preset = presetOf(people, me?.practice ?? false, me?.personId);
  const draft: CycleDraft = {
    ...typed,
    common: { ...typed.common, people: { ...preset, ...typed.common.people } },
  };
  const names = linesOf(draft.reports);
  // A report whose name was changed meanwhile is none any more.
  const about = chosen !== null && names.includes(chosen) ? chosen : null;
  const setup = about === null ? draft.common : setupOf(draft, about);
  const problem = whyNotStart(draft);
  const { start, failure, busy } = useStart(draft, problem, close);
  useKeys({
    title: 'New cycle',
    inDialog: true,
    actions: [{ keys: 'Mod+Enter', label: 'Start the cycle', run: () => void start(), whileTyping: true }],
  });
  const assignments = names.reduce((sum, name) => sum + assignmentsOf(setupOf(draft, name).people).length, 0);
  return (
    <Dialog open onClose={close} maxWidth="md" aria-labelledby="new-cycle-title">
      <DialogTitle id="new-cycle-title">New cycle</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          {directory.kind === 'failed' && <FailurePanel failure={directory.error} retry={directory.reload} />}
          <Names draft={draft} change={(part) => setTyped({ ...draft, ...part })} />
          <About {...{ draft, names, about }} choose={setChosen} change={setTyped} />
          <Parts setup={setup} people={people} change={(part) => setTyped(withPart(draft, about, part))} />
          {failure && <FailurePanel failure={failure} />}
          {problem && draft.name !== '' && <Alert severity="warning">{problem}</Alert>}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Box sx={{ flex: 1, color: 'text.secondary', typography: 'caption' }}>
          {problem
            ? ''
            : `${counted(names.length, 'report')} with ${counted(assignments, 'assignment')} · ${phasesWords(setup)} · lines of business: ${sourceWords(sourceOf(setup.lobs))}`}
        </Box>
        <Button onClick={close}>Cancel</Button>
        <Button variant="contained" color="primary" disabled={problem !== null || busy} onClick={() => void start()}>
          Start the cycle
        </Button>
      </DialogActions>
    </Dialog>
  );
}
