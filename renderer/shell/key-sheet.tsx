// Owns the `?` sheet: all keys that work on the present screen, read from the registry.
import { Box, Button, Dialog, DialogActions, DialogContent, DialogTitle, Typography } from '@mui/material';
import { keysOf, useKeySets } from '../keys.ts';
import type { KeyAction } from '../keys.ts';
import { KeyCap } from '../marks.tsx';

function groups(sets: { read(): { title: string; actions: readonly KeyAction[] } }[]): Map<string, KeyAction[]> {
  const found = new Map<string, KeyAction[]>();
  for (const { read } of sets.toReversed()) {
    const { title, actions } = read();
    const group = found.get(title) ?? [];
    for (const action of actions) {
      const known = group.some((other) => other.label === action.label);
      if (!known && keysOf(action).length > 0) group.push(action);
    }
    if (group.length > 0) found.set(title, group);
  }
  return found;
}

export function KeySheet({ open, close }: { open: boolean; close(): void }) {
  const sets = useKeySets((state) => state.sets);
  return (
    <Dialog open={open} onClose={close} maxWidth="md" aria-labelledby="key-sheet-title">
      <DialogTitle id="key-sheet-title">Keys on this screen</DialogTitle>
      <DialogContent sx={{ columns: { sm: 2 }, columnGap: 4 }}>
        {[...groups(sets)].map(([title, actions]) => (
          <Box key={title} sx={{ breakInside: 'avoid', mb: 2 }}>
            <Typography variant="subtitle2" component="h3" color="textSecondary">
              {title}
            </Typography>
            {actions.map((action) => (
              <Box
                key={action.label}
                sx={{
                  display: 'flex',
                  justifyContent: 'space-between',
                  gap: 2,
                  py: 0.5,
                  borderBottom: 1,
                  borderColor: 'divider',
                }}
              >
                <span>{action.label}</span>
                <Box component="span" sx={{ display: 'flex', gap: 0.5, alignItems: 'center', whiteSpace: 'nowrap' }}>
                  {keysOf(action).map((name) => (
                    <KeyCap key={name} name={name} />
                  ))}
                </Box>
              </Box>
            ))}
          </Box>
        ))}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}
