// Owns the line above a table that says how much changed elsewhere and would move its rows.
import { Link, Stack } from '@mui/material';
import { counted } from '../formats.ts';
import { Glyph } from '../marks.tsx';
import { sizes } from '../theme.ts';

/** Rows that changed elsewhere wait here until the person wants them. */
export function ArrivedLine({ arrived, show }: { arrived: number; show(): void }) {
  if (arrived === 0) return null;
  return (
    <Stack
      direction="row"
      role="status"
      sx={{
        alignItems: 'center',
        px: 2.5,
        gap: 1,
        bgcolor: 'accent.tint',
        typography: 'caption',
        minHeight: sizes.chip,
      }}
    >
      <Glyph name="download" />
      {counted(arrived, 'change')} arrived ·{' '}
      <Link component="button" variant="caption" onClick={show}>
        show
      </Link>
    </Stack>
  );
}
