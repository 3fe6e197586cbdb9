// Owns the badge of the bar: the one place that always says what is true about delivery. Leads to the sync panel.
import { Box, ButtonBase, Tooltip } from '@mui/material';
import { Glyph } from '../marks.tsx';
import { useKeys } from '../keys.ts';
import { go } from '../routes.ts';
import { activeProfile, useShared } from '../store.ts';
import { sizes } from '../theme.ts';
import { badgeOf } from './delivery-words.ts';

const open = () => go({ screen: 'sync' });

export function DeliveryBadge() {
  const status = useShared((state) => state.status);
  const link = useShared((state) => state.link);
  const nobody = useShared((state) => state.profiles !== null && activeProfile(state) === null);
  const { tone, glyph, text } = badgeOf(status, link, nobody);
  useKeys({ title: 'Everywhere', actions: [{ keys: 'Shift+S', label: 'Open the sync panel', run: open }] });
  return (
    <Tooltip title="Open the sync panel (Shift S)">
      <ButtonBase
        onClick={open}
        data-testid="delivery-badge"
        sx={{
          height: sizes.control,
          px: 1.5,
          borderRadius: 1,
          typography: 'button',
          fontWeight: 600,
          color: `${tone}.main`,
          bgcolor: `${tone}.tint`,
          whiteSpace: 'nowrap',
          flex: 'none',
        }}
      >
        <Glyph name={glyph} />
        <Box component="span" role="status" aria-live="polite">
          {text}
        </Box>
      </ButtonBase>
    </Tooltip>
  );
}
