// Owns the list of what a report gains by moving, and the mark of how far a move is. Only shows.
import { Box, Typography } from '@mui/material';
import type { WorkflowRow } from '../../preload/contract.ts';
import { DeliveryMark, Mark } from '../marks.tsx';

export function GainList({ gains }: Pick<WorkflowRow, 'gains'>) {
  if (gains.length === 0) return <Typography color="textSecondary">It would gain nothing.</Typography>;
  return (
    <Box component="ul" aria-label="What it gains" sx={{ m: 0, pl: 2.25 }}>
      {gains.map(({ feature, says }) => (
        <li key={feature}>{says}</li>
      ))}
    </Box>
  );
}

/** Where a move stands: asked for here, or under way; nothing while there is none. */
export function MoveMark({ row: { asked, movesTo } }: { row: Pick<WorkflowRow, 'asked' | 'movesTo'> }) {
  if (asked !== null) return <DeliveryMark delivery={asked.delivery}> · move to {asked.to}</DeliveryMark>;
  if (movesTo === null) return null;
  return (
    <Mark glyph="half" color="waiting.main">
      moves to {movesTo} at its next safe point
    </Mark>
  );
}
