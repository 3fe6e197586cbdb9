// Owns the dialog in which an author changes items: one with all its fields, several with the fields that shall be the same.
// What was typed stays when the core refuses.
import {
  Button,
  Dialog,
  DialogActions,
  DialogContent,
  DialogTitle,
  FormControlLabel,
  MenuItem,
  Stack,
  Switch,
  TextField,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import type { ItemFields } from '../../domain/phase-item.ts';
import type { ItemBody } from '../../domain/version.ts';
import type { Failure } from '../../preload/contract.ts';
import { useKeys } from '../keys.ts';
import { KeyCap } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { inputOf } from './edit-fields.ts';

type Value = ItemFields[string];

/** A flag of several rows is on, off, or left as each row has it: a switch could not say which. */
function FlagOfMany({
  label,
  value,
  change,
}: {
  label: string;
  value: Value | undefined;
  change(value?: Value): void;
}) {
  return (
    <TextField
      select
      label={label}
      value={typeof value === 'boolean' ? String(value) : ''}
      onChange={(event) => change(event.target.value === '' ? undefined : event.target.value === 'true')}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">as each row has it</MenuItem>
      <MenuItem value="true">yes</MenuItem>
      <MenuItem value="false">no</MenuItem>
    </TextField>
  );
}

function FieldEntry({
  field,
  value,
  many,
  change,
}: {
  field: string;
  value: Value | undefined;
  many: boolean;
  /** Undefined: left as each row has it. */
  change(value?: Value): void;
}) {
  const input = inputOf(field);
  if (input.kind === 'flag') {
    if (many) return <FlagOfMany label={input.label} {...{ value, change }} />;
    return (
      <FormControlLabel
        control={<Switch checked={value === true} onChange={(_event, on) => change(on)} />}
        label={input.label}
      />
    );
  }
  const text = value === null || value === undefined ? '' : String(value);
  return (
    <TextField
      label={input.label}
      value={text}
      select={input.kind === 'choice'}
      multiline={input.kind === 'text'}
      {...(input.kind === 'text' ? { minRows: 3, maxRows: 14 } : {})}
      placeholder={value === undefined ? 'as each row has it' : ''}
      onChange={(event) => change(many && event.target.value === '' ? undefined : event.target.value)}
    >
      {input.kind === 'choice' && many && <MenuItem value="">as each row has it</MenuItem>}
      {input.kind === 'choice' &&
        input.choices.map((choice) => (
          <MenuItem key={choice} value={choice}>
            {choice}
          </MenuItem>
        ))}
    </TextField>
  );
}

function withField(values: ItemFields, field: string, value: Value | undefined): ItemFields {
  if (value !== undefined) return { ...values, [field]: value };
  const { [field]: _left, ...others } = values;
  return others;
}

interface Props {
  title: string;
  fields: readonly string[];
  /** What stands now; null for several rows, where only what is entered changes, or for a new item. */
  body: ItemBody | null;
  confirmLabel: string;
  close(): void;
  /** The values that were entered, or for one row all of them. Answers the failure, which is shown while the entries stay. */
  confirm(fields: ItemFields): Promise<Failure | null>;
}

export function EditDialog({ title, fields, body, confirmLabel, close, confirm }: Props) {
  const [values, setValues] = useState<ItemFields>(
    body === null ? {} : Object.fromEntries(fields.map((field) => [field, body[field] ?? null])),
  );
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async () => {
    if (busy) return;
    setBusy(true);
    const failed = await confirm(values);
    setBusy(false);
    setFailure(failed);
    if (!failed) close();
  };
  useKeys({
    title: 'Dialog',
    inDialog: true,
    actions: [{ keys: 'Mod+Enter', label: confirmLabel, whileTyping: true, run: () => void run() }],
  });
  return (
    <Dialog open onClose={close} fullWidth maxWidth="sm" aria-labelledby="edit-dialog">
      <DialogTitle id="edit-dialog">{title}</DialogTitle>
      <DialogContent>
        <Stack spacing={2} sx={{ pt: 1 }}>
          {failure && <FailurePanel failure={failure} />}
          {fields.map((field) => (
            <FieldEntry
              key={field}
              field={field}
              value={values[field]}
              many={body === null}
              change={(value) => setValues(withField(values, field, value))}
            />
          ))}
          <Typography color="textSecondary">
            It is kept on this laptop as a draft and becomes part of the next version when that is handed in.
          </Typography>
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Cancel</Button>
        <Button variant="contained" color="primary" disabled={busy} onClick={() => void run()}>
          {confirmLabel}
          <KeyCap name="Mod+Enter" />
        </Button>
      </DialogActions>
    </Dialog>
  );
}
