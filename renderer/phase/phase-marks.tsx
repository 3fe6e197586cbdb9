// Owns the small parts that show where a phase stands: its word, who holds it up since when, until when. Decides nothing.
import { Box, Typography } from '@mui/material';
import type { PhaseState } from '../../domain/change.ts';
import { isOpen, isSettled } from '../../domain/flow.ts';
import { Mark, When } from '../marks.tsx';
import { phaseLook, waitsFor } from './phase-words.ts';
import type { Hold, Look } from './phase-words.ts';

/** Glyph and word in one colour. */
export function LookMark({ look, weight }: { look: Look; weight?: number }) {
  return (
    <Mark glyph={look.glyph} color={look.color} {...(weight ? { weight } : {})}>
      {look.word}
    </Mark>
  );
}

/** "in review, 12 min ago": the word of a phase with the time since when. */
export function StateSince({ line, hold }: { line: PhaseState; hold: Hold }) {
  return (
    <>
      <LookMark look={phaseLook(line, hold)} weight={isOpen(line.state) ? 600 : 400} />
      {line.state !== 'not-started' && (
        <Box component="span" sx={{ color: 'text.secondary' }}>
          {', '}
          <When at={line.since} />
        </Box>
      )}
    </>
  );
}

/** Who holds a phase up and until when, in small lines; nothing for one that nobody works on. */
export function Holding({ line, hold, nameOf }: { line: PhaseState; hold: Hold; nameOf(personId: string): string }) {
  if (isSettled(line.state) || hold === 'cancelled') return null;
  const waits = waitsFor(line.waitingFor, nameOf);
  const dueAt = line.expiredAt ?? line.dueAt;
  if (waits === '' && dueAt === null) return null;
  return (
    <>
      {waits !== '' && (
        <Typography variant="caption" component="p" color="textSecondary" sx={{ overflowWrap: 'anywhere' }}>
          {waits}
        </Typography>
      )}
      {dueAt !== null && (
        <Typography variant="caption" component="p" color="textSecondary">
          {line.expiredAt === null ? 'due ' : ''}
          <When at={line.dueAt ?? dueAt} as="due" />
        </Typography>
      )}
    </>
  );
}
