// Owns the dialog that asks for a reason before something is done: one sentence, more fields where wanted, what failed stays shown.
// Knows no act.
import { Button, Dialog, DialogActions, DialogContent, DialogTitle, Stack, Typography } from '@mui/material';
import { useState } from 'react';
import type { Failure } from '../../preload/contract.ts';
import { useKeys } from '../keys.ts';
import { KeyCap } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { NoteField } from '../review/note-field.tsx';

interface Props {
  title: string;
  /** What will happen, in one sentence. */
  says: string;
  /** What the reason is called; null where none is asked for. */
  label: string | null;
  confirm: string;
  /** The reason may be left out. */
  optional?: boolean;
  /** False while another field is not filled in. */
  ready?: boolean;
  /** Does it; answers what went wrong, null when nothing did. */
  act(reason: string): Promise<Failure | null>;
  close(): void;
  children?: React.ReactNode;
}

export function AskDialog({ title, says, label, confirm, optional, ready = true, act, close, children }: Props) {
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const mayConfirm = ready && !busy && (optional || label === null || reason.trim() !== '');
  const run = async () => {
    setBusy(true);
    const wrong = await act(reason.trim());
    setBusy(false);
    if (wrong) setFailure(wrong);
    else close();
  };
  useKeys({
    title,
    inDialog: true,
    actions: [{ keys: 'Mod+Enter', label: confirm, run: () => void run(), enabled: mayConfirm, whileTyping: true }],
  });
  return (
    <Dialog open onClose={close} fullWidth maxWidth="sm" aria-labelledby="ask-title">
      <DialogTitle id="ask-title">{title}</DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Typography>{says}</Typography>
          {children}
          {label !== null && (
            <NoteField label={label} value={reason} change={setReason} problem={null} autoFocus={!children} />
          )}
          {failure && <FailurePanel failure={failure} />}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Leave it</Button>
        <Button
          variant="contained"
          color="primary"
          disabled={!mayConfirm}
          autoFocus={label === null}
          onClick={() => void run()}
        >
          {confirm}
          <KeyCap name="Mod+Enter" />
        </Button>
      </DialogActions>
    </Dialog>
  );
}
