// Owns one entry of the ledger whole: who, the three times apart, ids and hashes to copy, the facts to re-perform it with. Only shows.
import { Box, Link, Typography } from '@mui/material';
import type { TimelineRow } from '../../preload/contract.ts';
import { Fact, factName, FactValue, Pane } from '../fact-pane.tsx';
import { count, exactTime } from '../formats.ts';
import { Hash, Mono } from '../marks.tsx';
import { hashOf } from '../routes.ts';
import { actorWords } from './life-words.ts';

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

export function EntryPane({ row, close }: { row: TimelineRow; close: (() => void) | null }) {
  return (
    <Pane label="Entry" title={`Entry ${count(row.sequence)}`} close={close}>
      <Typography sx={{ mb: 1.5, overflowWrap: 'anywhere' }}>
        <b>{actorWords(row)}</b> {row.summary}
      </Typography>
      <Box component="dl" sx={{ m: 0 }}>
        <Fact name="kind">
          <Mono>{row.kind}</Mono>
        </Fact>
        <Times row={row} />
        <Ids row={row} />
        {Object.entries(row.detail).map(([name, value]) => (
          <Fact key={name} name={factName(name)}>
            <FactValue name={name} value={value} />
          </Fact>
        ))}
      </Box>
    </Pane>
  );
}
