// Owns giving up an entry: with a note, which is kept. What was typed stays when it is refused.
import { Button, Dialog, DialogActions, DialogContent, DialogTitle, Stack, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { noteLimit, noteSchema } from '../../domain/decision.ts';
import type { Failure, OutboxEntry } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { count } from '../formats.ts';
import { FailurePanel, tellDone } from '../notices.tsx';

export function DropDialog({ entry, close }: { entry: OutboxEntry; close(): void }) {
  const [note, setNote] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const tooLong = noteSchema.safeParse(note).error?.issues[0]?.message ?? null;
  const drop = async () => {
    const result = await bridge().invoke('outbox:drop', { entryId: entry.entryId, note: note.trim() });
    if (!result.ok) {
      setFailure(result.error);
      return;
    }
    close();
    tellDone(`Dropped: ${entry.what}. Your note is kept`);
  };
  return (
    <Dialog open onClose={close} aria-labelledby="drop-title">
      <DialogTitle id="drop-title">Drop “{entry.what}”</DialogTitle>
      <DialogContent>
        <Stack spacing={2}>
          <Typography>
            It leaves the list and never has an effect on the server. Your note says why and is kept.
          </Typography>
          <TextField
            label="Note"
            value={note}
            autoFocus
            multiline
            minRows={3}
            maxRows={10}
            onChange={(event) => setNote(event.target.value)}
            error={tooLong !== null}
            helperText={tooLong ?? `${count(note.length)} of ${count(noteLimit)} characters`}
          />
          {failure && <FailurePanel failure={failure} />}
        </Stack>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Keep it</Button>
        <Button
          variant="contained"
          color="primary"
          disabled={note.trim() === '' || tooLong !== null}
          onClick={() => void drop()}
        >
          Drop with this note
        </Button>
      </DialogActions>
    </Dialog>
  );
}
