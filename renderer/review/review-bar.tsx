// Owns the bar under the table while rows are selected: how many of how many, and what may be done with all of them.
import { Button, Stack, Typography } from '@mui/material';
import { useMediaQuery } from '@mui/material';
import { count } from '../formats.ts';
import { KeyCap } from '../marks.tsx';
import { ReviewActs, useRowKeys } from './review-acts.tsx';
import type { Review } from './use-review.ts';

export function ReviewBar({ review }: { review: Review }) {
  const { picks, source, view, change } = review;
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const paneShown = view.paneShown ?? roomy;
  useRowKeys(review, () => change({ paneShown: !paneShown }));
  const selected = picks.picked.length;
  if (selected === 0 && paneShown) return null;
  return (
    <Stack
      direction="row"
      role="group"
      aria-label={selected > 0 ? 'Selected rows' : 'Row'}
      sx={{
        px: 2,
        py: 1,
        gap: 1.5,
        alignItems: 'center',
        flexWrap: 'wrap',
        flex: 'none',
        borderTop: 1,
        borderColor: 'divider',
      }}
    >
      {selected > 0 && (
        <>
          <Typography role="status" sx={{ fontWeight: 500 }}>
            {count(selected)} of {count(source.total ?? 0)} selected
            {picks.reading !== null && `, reading ${count(picks.reading)}`}
          </Typography>
          <Button onClick={picks.clear}>
            Select nothing
            <KeyCap name="Escape" />
          </Button>
        </>
      )}
      {(!paneShown || selected > 1) && <ReviewActs review={review} forRow />}
    </Stack>
  );
}
