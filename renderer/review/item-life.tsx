// Owns the life of a row over all versions, newest first: what happened, who, when decided, when applied. Only shows.
import { Box, Typography } from '@mui/material';
import type { ItemEvent } from '../../preload/contract.ts';
import { clockTime, exactTime } from '../formats.ts';
import { Hash, When } from '../marks.tsx';

/** The events as a line with dots; the newest is in the accent colour. */
export function ItemLife({ life, nameOf }: { life: readonly ItemEvent[]; nameOf(personId: string | null): string }) {
  if (life.length === 0) return <Typography color="textSecondary">Nothing is known of it yet.</Typography>;
  return (
    <Box component="ol" sx={{ listStyle: 'none', m: 0, p: 0 }}>
      {life.map((event, at) => (
        <Box
          component="li"
          key={`${event.versionId} ${event.operationId ?? ''} ${event.what} ${event.decidedAt ?? ''}`}
          sx={{
            position: 'relative',
            pl: 2.25,
            pb: 1.25,
            '&::before': {
              content: '""',
              position: 'absolute',
              left: 2,
              top: 6,
              width: 7,
              height: 7,
              borderRadius: '50%',
              bgcolor: at === 0 ? 'accent.main' : 'strongLine',
            },
            '&:not(:last-child)::after': {
              content: '""',
              position: 'absolute',
              left: 5,
              top: 15,
              bottom: -4,
              borderLeft: 1,
              borderColor: 'divider',
            },
          }}
        >
          <Box sx={at === 0 ? {} : { color: 'text.secondary' }}>
            <Box component="span" sx={{ fontWeight: 600 }}>
              v{event.versionNumber}
            </Box>{' '}
            {event.what}
          </Box>
          <EventFacts event={event} nameOf={nameOf} />
        </Box>
      ))}
    </Box>
  );
}

function EventFacts({ event, nameOf }: { event: ItemEvent; nameOf(personId: string | null): string }) {
  const { by, decidedAt, appliedAt, operationId } = event;
  if (by === null && decidedAt === null && appliedAt === null) return null;
  return (
    <Typography variant="caption" component="p" color="textSecondary">
      {by !== null && nameOf(by)}
      {decidedAt !== null && (
        <>
          {by !== null && ' · '}
          <When at={decidedAt} />
        </>
      )}
      {appliedAt !== null && <span title={exactTime(appliedAt)}> · applied {clockTime(appliedAt)}</span>}
      {operationId !== null && (
        <>
          {' · '}
          <Hash value={operationId} label="operation id" />
        </>
      )}
    </Typography>
  );
}
