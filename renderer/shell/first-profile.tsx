// Owns the first start of a team's laptop: who works on it. The worker decides whether that person exists.
import { Box, Button, Paper, Stack, TextField, Typography } from '@mui/material';
import { useState } from 'react';
import { personIdSchema } from '../../domain/people.ts';
import type { Failure } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { FailurePanel } from '../notices.tsx';
import { PageBody, PageHeader, usePlace } from '../page-header.tsx';
import { startOver } from '../store.ts';

export function FirstProfile() {
  usePlace([{ text: 'First start' }], 'Nothing is sent before this laptop has a profile');
  const [personId, setPersonId] = useState('');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const problem = personIdSchema.safeParse(personId).error?.issues[0]?.message ?? null;
  const make = async () => {
    setBusy(true);
    const result = await bridge().invoke('profile:create', { personId });
    setBusy(false);
    if (result.ok) await startOver();
    else setFailure(result.error);
  };
  return (
    <PageBody>
      <PageHeader
        title="Who works on this laptop?"
        line="A profile is one person on one device, with its own key, cache and outbox"
      />
      <Paper sx={{ p: 2.5, borderRadius: 2, maxWidth: 560 }}>
        <Box
          component="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (problem === null) void make();
          }}
        >
          <Stack spacing={2}>
            <Typography>
              Your test manager knows your person id: it stands in the team’s people file. A key for this laptop is made
              now and waits until a test manager approves it.
            </Typography>
            <TextField
              label="Person id"
              value={personId}
              autoFocus
              onChange={(event) => setPersonId(event.target.value.trim())}
              error={personId !== '' && problem !== null}
              helperText={personId !== '' && problem ? problem : 'for example olga or olga.owner'}
            />
            {failure && <FailurePanel failure={failure} />}
            <Box>
              <Button type="submit" variant="contained" color="primary" disabled={busy || problem !== null}>
                Make the profile
              </Button>
            </Box>
          </Stack>
        </Box>
      </Paper>
    </PageBody>
  );
}
