// Owns the line at the foot: one sentence, from the screen where it has something to say, else about delivery.
import { Box, Link } from '@mui/material';
import { useNow } from '../marks.tsx';
import { activeProfile, useShared } from '../store.ts';
import { sizes } from '../theme.ts';
import { perform } from '../use-command.ts';
import { footSentence } from './delivery-words.ts';

export function StatusLine() {
  const status = useShared((state) => state.status);
  const link = useShared((state) => state.link);
  const footnote = useShared((state) => state.footnote);
  const nobody = useShared((state) => state.profiles !== null && activeProfile(state) === null);
  const now = useNow();
  const canTry = link !== 'lost' && status?.state.kind === 'offline' && status.state.reason === 'unreachable';
  return (
    <Box
      component="footer"
      sx={{
        height: sizes.foot,
        px: 2.5,
        borderTop: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
        typography: 'caption',
        color: 'text.secondary',
        display: 'flex',
        alignItems: 'center',
        gap: 1,
        overflow: 'hidden',
        whiteSpace: 'nowrap',
      }}
    >
      <Box component="span" sx={{ overflow: 'hidden', textOverflow: 'ellipsis' }}>
        {footnote ?? footSentence(status, link, now, nobody)}
      </Box>
      {canTry && footnote === null && (
        <Link component="button" variant="caption" onClick={() => void perform('sync:now', {})}>
          Try now
        </Link>
      )}
    </Box>
  );
}
