// Owns setting, moving or taking away the deadline of a phase.
import { FormControlLabel, Radio, RadioGroup, Stack, TextField } from '@mui/material';
import { useState } from 'react';
import type { PhaseState } from '../../domain/change.ts';
import { placeName } from '../../domain/phases.ts';
import { bridge } from '../bridge.ts';
import { localTimes } from '../formats.ts';
import { useNow } from '../marks.tsx';
import { tellDone } from '../notices.tsx';
import { AskDialog } from '../work/ask-dialog.tsx';
import { deadlineSentence } from './act-sentences.ts';
import { instantOf, localOf, secondsOf, whyNotDue } from './deadline-draft.ts';

type Place = Pick<PhaseState, 'phase' | 'lob'>;
interface Typed {
  take: boolean;
  due: string;
  remind: string;
}

function Fields({
  typed,
  change,
  problem,
  mayTake,
}: {
  typed: Typed;
  change(part: Partial<Typed>): void;
  problem: string | null;
  mayTake: boolean;
}) {
  return (
    <Stack spacing={2}>
      {mayTake && (
        <RadioGroup
          row
          aria-label="What to do with the deadline"
          value={typed.take ? 'take' : 'set'}
          onChange={(_event, choice) => change({ take: choice === 'take' })}
        >
          <FormControlLabel value="set" control={<Radio />} label="Move it" />
          <FormControlLabel value="take" control={<Radio />} label="Take it away" />
        </RadioGroup>
      )}
      {!typed.take && (
        <Stack direction="row" sx={{ gap: 2, flexWrap: 'wrap' }}>
          <TextField
            label="Due"
            type="datetime-local"
            value={typed.due}
            autoFocus
            onChange={(event) => change({ due: event.target.value })}
            error={problem !== null && typed.due !== ''}
            helperText={problem ?? 'local time of this laptop'}
            slotProps={{ inputLabel: { shrink: true } }}
            sx={{ flex: '2 1 16em' }}
          />
          <TextField
            label="Remind, days before"
            value={typed.remind}
            onChange={(event) => change({ remind: event.target.value })}
            slotProps={{ htmlInput: { inputMode: 'decimal' } }}
            helperText="0 for none"
            sx={{ flex: '1 1 8em' }}
          />
        </Stack>
      )}
    </Stack>
  );
}

const remindDays = (line: PhaseState): string =>
  line.dueAt !== null && line.remindAt !== null
    ? String((Date.parse(line.dueAt) - Date.parse(line.remindAt)) / 86_400_000)
    : '1';

export function DeadlineDialog({
  reportId,
  place,
  line,
  close,
}: {
  reportId: string;
  place: Place;
  /** Null for a phase of all lines of business. */
  line: PhaseState | null;
  close(): void;
}) {
  const now = useNow();
  const [typed, setTyped] = useState<Typed>({
    take: false,
    due: localOf(line?.dueAt ?? null),
    remind: line ? remindDays(line) : '1',
  });
  const dueAt = typed.take ? null : instantOf(typed.due);
  const remindSeconds = secondsOf(typed.remind, true);
  const problem = typed.take ? null : whyNotDue(dueAt, remindSeconds, now);
  const remindBeforeSeconds = typed.take ? 0 : (remindSeconds ?? 0);
  const expired = line?.expiredAt != null;
  const act = async (reason: string) => {
    const result = await bridge().invoke('deadline:set', { reportId, ...place, dueAt, remindBeforeSeconds, reason });
    if (!result.ok) return result.error;
    tellDone(`The deadline of ${placeName(place)} is kept on this laptop and sent by itself`);
    return null;
  };
  const says =
    problem === null
      ? deadlineSentence(place, dueAt === null ? null : localTimes(dueAt, now), remindBeforeSeconds, expired)
      : `Until when ${placeName(place)} has to be done; after that only a test manager can act on it.`;
  return (
    <AskDialog
      title={`Deadline of ${placeName(place)}`}
      says={says}
      label="Reason"
      confirm={typed.take ? 'Take the deadline away' : 'Set the deadline'}
      ready={problem === null}
      act={act}
      close={close}
    >
      <Fields
        typed={typed}
        change={(part) => setTyped({ ...typed, ...part })}
        problem={typed.due === '' ? null : problem}
        mayTake={line?.dueAt != null}
      />
    </AskDialog>
  );
}
