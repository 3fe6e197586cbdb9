// Owns telling a person that one of this laptop's files was damaged: what was saved, what may be lost, where the file is kept.
// It stays until somebody says that they read it.
import { Alert, Button, Stack, Typography } from '@mui/material';
import type { Damage } from '../../preload/contract.ts';
import { copyText } from '../copy-text.ts';
import { When } from '../marks.tsx';
import { tellDone } from '../notices.tsx';
import { useShared } from '../store.ts';
import { perform } from '../use-command.ts';

async function acknowledge(damageId: string): Promise<void> {
  const status = await perform('damage:acknowledge', { damageId });
  if (status) useShared.setState({ status });
}

async function copyPath(file: string): Promise<void> {
  tellDone((await copyText(file)) ? 'The path is on the clipboard' : 'The clipboard could not be written');
}

export function DamageAlert({ damage }: { damage: Damage }) {
  const { damageId, what, foundAt, file, message } = damage;
  return (
    <Alert
      severity={what === 'outbox' ? 'error' : 'warning'}
      role="alert"
      sx={{ mb: 1.5 }}
      action={
        <Stack direction="row" spacing={1}>
          <Button onClick={() => void copyPath(file)}>Copy path</Button>
          <Button onClick={() => void acknowledge(damageId)}>I read this</Button>
        </Stack>
      }
    >
      <Typography sx={{ overflowWrap: 'anywhere' }}>{message}</Typography>
      <Typography variant="caption">
        Found <When at={foundAt} />
      </Typography>
    </Alert>
  );
}
