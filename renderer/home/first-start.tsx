// Owns the very first screen: the two ways in, and why one of them cannot be taken now.
import { Box, Paper, Stack, Typography } from '@mui/material';
import { useState } from 'react';
import type { Home } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { go } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { perform } from '../use-command.ts';

function Way({ title, text, children }: { title: string; text: string; children: React.ReactNode }) {
  return (
    <Box sx={{ py: 2, px: 2.5, flex: 1, minWidth: 280 }}>
      <Typography variant="h2" sx={{ mb: 0.5 }}>
        {title}
      </Typography>
      <Typography color="textSecondary" sx={{ mb: 1.5, maxWidth: '56ch' }}>
        {text}
      </Typography>
      {children}
    </Box>
  );
}

export function FirstStart({ home, newCycle }: { home: Home; newCycle(): void }) {
  const [busy, setBusy] = useState(false);
  const solo = useShared((state) => activeProfile(state)?.practice ?? false);
  const practise = async () => {
    setBusy(true);
    const started = await perform('practice:start', {});
    setBusy(false);
    if (started) go({ screen: 'report', reportId: started.reportId });
  };
  if (!solo && !home.mayStartCycle) {
    return (
      <Paper sx={{ borderRadius: 2, px: 2.5, py: 2 }}>
        <Typography>
          As soon as a test manager assigns you to a report, what you have to decide appears here. It comes by itself
          while the server can be reached.
        </Typography>
      </Paper>
    );
  }
  const whyNoCycle = home.mayStartCycle
    ? null
    : 'Only a test manager may start a cycle: switch to that practice identity at the top right';
  return (
    <Paper sx={{ borderRadius: 2 }}>
      <Stack direction="row" sx={{ flexWrap: 'wrap', '& > * + *': { borderLeft: 1, borderColor: 'divider' } }}>
        {solo && (
          <Way
            title="Practise"
            text="A small population and its evidence files are made here, and you play every part in turn, from planning to the signed report. Nothing leaves this machine."
          >
            <ActionButton
              label="Try a practice cycle"
              keys="p"
              group="Home"
              showKey
              variant="contained"
              color="primary"
              disabled={busy}
              run={() => void practise()}
            >
              {busy ? 'Making the population' : 'Try a practice cycle'}
            </ActionButton>
          </Way>
        )}
        <Way
          title="Work"
          text="Name a cycle and its people, then choose a population file (CSV). It is read, hashed and profiled before anything is planned or drawn."
        >
          <ActionButton
            label="Start from a population file"
            keys="c"
            group="Home"
            showKey
            whyNot={whyNoCycle}
            run={newCycle}
          />
        </Way>
      </Stack>
    </Paper>
  );
}
