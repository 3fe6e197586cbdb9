// Owns the fields in which a source of the lines of business is chosen. Knows neither the report nor who asks.
import { Autocomplete, FormControlLabel, Radio, RadioGroup, Stack, TextField } from '@mui/material';
import type { ColumnProfile } from '../../domain/population.ts';
import { columnWords } from './lob-draft.ts';
import type { LobDraft } from './lob-draft.ts';

const kinds: readonly { kind: LobDraft['kind']; label: string }[] = [
  { kind: 'later', label: 'Choose later' },
  { kind: 'none', label: 'None: test the report as a whole' },
  { kind: 'column', label: 'Every value of a column' },
  { kind: 'list', label: 'Named values of a column' },
];

export function LobSourceField({
  draft,
  change,
  columns,
  mayWait,
}: {
  draft: LobDraft;
  change(draft: LobDraft): void;
  /** Of the population; empty while it is not known: then the column is typed. */
  columns: readonly ColumnProfile[];
  /** Whether "choose later" is offered. */
  mayWait: boolean;
}) {
  const column = columns.find((row) => row.name === draft.column);
  return (
    <Stack spacing={1.5}>
      <RadioGroup
        row
        aria-label="Where the lines of business come from"
        value={draft.kind}
        onChange={(_event, kind) => change({ ...draft, kind: kind as LobDraft['kind'] })}
      >
        {kinds
          .filter((one) => mayWait || one.kind !== 'later')
          .map((one) => (
            <FormControlLabel key={one.kind} value={one.kind} control={<Radio />} label={one.label} />
          ))}
      </RadioGroup>
      {(draft.kind === 'column' || draft.kind === 'list') && (
        <Stack direction="row" sx={{ gap: 2, flexWrap: 'wrap', alignItems: 'flex-start' }}>
          <Autocomplete
            freeSolo={columns.length === 0}
            size="small"
            options={columns.map((row) => row.name)}
            inputValue={draft.column}
            value={columns.length === 0 ? draft.column : (column?.name ?? null)}
            onInputChange={(_event, text) => change({ ...draft, column: text })}
            noOptionsText="The population has no such column"
            renderInput={(parameters) => (
              <TextField
                {...parameters}
                label="Column"
                helperText={
                  column ? columnWords(column) : columns.length === 0 ? 'as the header of the file has it' : ' '
                }
              />
            )}
            sx={{ flex: '1 1 18em' }}
          />
          {draft.kind === 'list' && (
            <TextField
              label="Values, one a line"
              multiline
              minRows={2}
              maxRows={6}
              value={draft.names}
              onChange={(event) => change({ ...draft, names: event.target.value })}
              sx={{ flex: '1 1 18em' }}
            />
          )}
        </Stack>
      )}
    </Stack>
  );
}
