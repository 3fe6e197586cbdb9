// Owns what is shown under a refused or conflicting row: what was seen, what was decided, what the server has, and the ways out.
import { Box, Paper, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import { reasonRules } from '../../domain/decision.ts';
import type { ConflictDetail, ConflictSide, OutboxEntry } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { cell, isNumeric } from '../formats.ts';
import { VerdictMark, When } from '../marks.tsx';
import { sentence } from '../notices.tsx';
import { HiddenHeading } from '../row-list.tsx';
import { go } from '../routes.ts';
import { sizes } from '../theme.ts';
import { usePeople } from '../use-people.ts';
import { decideAgain } from './decide-again.ts';

const shownFields = 4;

/** The fields worth showing: those that differ first, then the first ones of the row. */
export function fieldsToShow(conflict: ConflictDetail): { names: string[]; changed: Set<string> } {
  const mine = conflict.mine.body ?? conflict.base.body ?? {};
  const theirs = conflict.theirs?.body ?? null;
  const all = [...new Set([...Object.keys(mine), ...Object.keys(theirs ?? {})])];
  const changed = theirs === null ? [] : all.filter((name) => mine[name] !== theirs[name]);
  const rest = all.filter((name) => !changed.includes(name));
  return { names: [...changed, ...rest].slice(0, Math.max(shownFields, changed.length)), changed: new Set(changed) };
}

function Side({
  title,
  side,
  names,
  changed,
  strong,
  nameOf,
}: {
  title: string;
  side: ConflictSide;
  names: string[];
  changed: Set<string>;
  strong?: boolean;
  nameOf(personId: string | null): string;
}) {
  return (
    <TableRow sx={{ height: sizes.control }}>
      <TableCell component="th" scope="row" sx={{ fontWeight: strong ? 600 : 400 }}>
        {title}
      </TableCell>
      {names.map((name) => {
        const value = side.body?.[name];
        const marked = changed.has(name);
        return (
          <TableCell
            key={name}
            align={isNumeric(value) ? 'right' : 'left'}
            sx={marked ? { bgcolor: 'waiting.tint', color: 'waiting.main' } : {}}
          >
            {side.body ? cell(value) : 'not on this laptop'}
          </TableCell>
        );
      })}
      <TableCell>{side.verdict && <VerdictMark verdict={side.verdict} />}</TableCell>
      <TableCell sx={{ color: 'text.secondary' }}>
        {side.versionNumber !== null && `v${side.versionNumber}`}
        {side.by && `, ${nameOf(side.by)}`}
        {side.at && (
          <>
            , <When at={side.at} />
          </>
        )}
      </TableCell>
    </TableRow>
  );
}

function Sides({ conflict }: { conflict: ConflictDetail }) {
  const { names, changed } = fieldsToShow(conflict);
  const none = new Set<string>();
  const body = conflict.mine.body ?? conflict.base.body;
  const { reasonCode, note } = conflict.mine;
  const { nameOf } = usePeople();
  return (
    <>
      <Table aria-label="What you saw, yours, on the server">
        <TableHead>
          <TableRow>
            <TableCell>
              <HiddenHeading>Side</HiddenHeading>
            </TableCell>
            {names.map((name) => (
              <TableCell key={name} align={isNumeric(body?.[name]) ? 'right' : 'left'}>
                {name}
              </TableCell>
            ))}
            <TableCell>Verdict</TableCell>
            <TableCell>Who, when</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          <Side title="What you saw" side={conflict.base} names={names} changed={none} nameOf={nameOf} />
          <Side title="Yours" side={conflict.mine} names={names} changed={none} nameOf={nameOf} strong />
          {conflict.theirs && (
            <Side title="On the server" side={conflict.theirs} names={names} changed={changed} nameOf={nameOf} strong />
          )}
        </TableBody>
      </Table>
      {conflict.theirs === null && <Typography sx={{ px: 2, py: 1 }}>The server has this row no longer.</Typography>}
      {(reasonCode || note) && (
        <Typography color="textSecondary" sx={{ px: 2, pt: 1 }}>
          Your reason: {[reasonCode && reasonRules[reasonCode].name, note].filter(Boolean).join(', ')}
        </Typography>
      )}
    </>
  );
}

/** The panel under a row that needs a person. */
export function Trouble({ entry, drop }: { entry: OutboxEntry; drop(): void }) {
  const { conflict, reason, versionId } = entry;
  const again = conflict?.decideAgainOn ?? null;
  return (
    <Paper sx={{ borderRadius: 1, maxWidth: 860, ml: { xs: 0, lg: 12 } }}>
      {conflict ? (
        <Sides conflict={conflict} />
      ) : (
        <Typography sx={{ px: 2, pt: 1.5 }}>
          {reason ? `${sentence(reason)}.` : 'The server gave no reason.'}
        </Typography>
      )}
      <Box sx={{ display: 'flex', gap: 1, p: 1.5, flexWrap: 'wrap' }}>
        {again && (
          <ActionButton
            label={`Decide on v${again.versionNumber}`}
            keys="Enter"
            group="Sync"
            showKey
            variant="contained"
            color="primary"
            run={() => void decideAgain([entry])}
          />
        )}
        {!again && versionId && (
          <ActionButton
            label="Open the version"
            keys="Enter"
            group="Sync"
            run={() => go({ screen: 'version', versionId })}
          />
        )}
        <ActionButton label="Drop with a note…" keys="x" group="Sync" run={drop} />
      </Box>
    </Paper>
  );
}
