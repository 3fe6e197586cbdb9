// Owns one entry of the ledger whole: who, the three times apart, ids and hashes to copy, the facts to re-perform it with. Only shows.
import { Box, IconButton, Link, Typography } from '@mui/material';
import type { Json } from '../../domain/canonical.ts';
import type { TimelineRow } from '../../preload/contract.ts';
import { count, exactTime } from '../formats.ts';
import { Glyph, Hash, Mono } from '../marks.tsx';
import { hashOf } from '../routes.ts';
import { sizes } from '../theme.ts';

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Box
      sx={{
        display: 'grid',
        gridTemplateColumns: 'minmax(0, 2fr) minmax(0, 3fr)',
        columnGap: 1.5,
        minHeight: sizes.fieldRow,
        alignItems: 'center',
        borderBottom: 1,
        borderColor: 'divider',
        py: 0.25,
      }}
    >
      <Box component="dt" sx={{ color: 'text.secondary' }}>
        {name}
      </Box>
      <Box component="dd" sx={{ m: 0, textAlign: 'right', overflowWrap: 'anywhere' }}>
        {children}
      </Box>
    </Box>
  );
}

const looksLikeId = (value: string) => /^[0-9a-f-]{24,}$|^v-[0-9a-f]+$/.test(value);

/** A fact as a person reads it: ids and hashes shortened, numbers grouped, the rest as it is. */
function FactValue({ name, value }: { name: string; value: Json }) {
  if (typeof value === 'string' && looksLikeId(value)) return <Hash value={value} label={name} />;
  if (typeof value === 'number') return count(value);
  if (typeof value === 'string') return value;
  return <Mono>{JSON.stringify(value)}</Mono>;
}

const camel = /([a-z])([A-Z])/g;
const words = (name: string) => name.replace(camel, '$1 $2').toLowerCase();

function Times({ row }: { row: TimelineRow }) {
  return (
    <>
      <Fact name="decided">{row.decidedAt === null ? 'follows from another entry' : exactTime(row.decidedAt)}</Fact>
      <Fact name="received">{exactTime(row.receivedAt)}</Fact>
      <Fact name="applied">{exactTime(row.appliedAt)}</Fact>
    </>
  );
}

function Ids({ row }: { row: TimelineRow }) {
  const { deviceId, operationId, versionId, previousHash, hash } = row;
  return (
    <>
      {versionId !== null && (
        <Fact name="version">
          <Link href={hashOf({ screen: 'version', versionId })}>open</Link>{' '}
          <Hash value={versionId} label="version id" />
        </Fact>
      )}
      {operationId !== null && (
        <Fact name="operation">
          <Hash value={operationId} label="operation id" />
        </Fact>
      )}
      {deviceId !== null && (
        <Fact name="device">
          <Hash value={deviceId} label="device id" />
        </Fact>
      )}
      <Fact name="hash">
        <Hash value={hash} label="hash of the entry" />
      </Fact>
      <Fact name="hash before it">
        <Hash value={previousHash} label="hash of the entry before" />
      </Fact>
    </>
  );
}

export function EntryPane({ row, close }: { row: TimelineRow | undefined; close: (() => void) | null }) {
  return (
    <Box
      component="aside"
      aria-label="Entry"
      tabIndex={0}
      sx={{
        width: sizes.pane,
        maxWidth: 1,
        height: 1,
        overflowY: 'auto',
        borderLeft: 1,
        borderColor: 'divider',
        bgcolor: 'background.default',
        px: 2.25,
        py: 2,
        ...(close ? { position: 'absolute', right: 0, top: 0, zIndex: 3 } : { flex: 'none' }),
      }}
    >
      <Box sx={{ display: 'flex', justifyContent: 'space-between', gap: 1, mb: 1 }}>
        <Typography variant="h2">{row ? `Entry ${count(row.sequence)}` : 'Entry'}</Typography>
        {close && (
          <IconButton aria-label="Close the pane" onClick={close}>
            <Glyph name="cross" />
          </IconButton>
        )}
      </Box>
      {row ? (
        <>
          <Typography sx={{ mb: 1.5, overflowWrap: 'anywhere' }}>
            <b>{row.actorName}</b> {row.summary}
          </Typography>
          <Box component="dl" sx={{ m: 0 }}>
            <Fact name="kind">
              <Mono>{row.kind}</Mono>
            </Fact>
            <Times row={row} />
            <Ids row={row} />
            {Object.entries(row.detail).map(([name, value]) => (
              <Fact key={name} name={words(name)}>
                <FactValue name={name} value={value} />
              </Fact>
            ))}
          </Box>
        </>
      ) : (
        <Typography color="textSecondary">The entry under the cursor appears here.</Typography>
      )}
    </Box>
  );
}
