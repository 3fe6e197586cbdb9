// Owns one tracked entry whole: what it says, every fact of it, and all of it to copy. Only shows.
import { Box, Button, Typography } from '@mui/material';
import type { Json } from '../../domain/canonical.ts';
import { actionWords } from '../../domain/compensation.ts';
import { retryPolicies } from '../../domain/retry-policy.ts';
import type { RetryPolicyName } from '../../domain/retry-policy.ts';
import type { TrackingEntry } from '../../domain/tracking.ts';
import { copyText } from '../copy-text.ts';
import { Fact, factName, FactValue, Pane } from '../fact-pane.tsx';
import { exactTime } from '../formats.ts';
import { Hash, Mark, useNow } from '../marks.tsx';
import { tellDone } from '../notices.tsx';
import { entryLook, entryText, entryTook, kindName, policyWords, stepName } from './tracking-words.ts';

const ids = new Set(['runId', 'stepId', 'waitId', 'operationId', 'compensationId', 'continuedFrom', 'workflowId']);
/** Told in words already, or by the title. */
const told = new Set([
  ...['kind', 'outcome', 'state', 'severity', 'actions', 'settled', 'reportId', 'message', 'error', 'reason'],
]);

const isPolicy = (value: Json): value is RetryPolicyName =>
  typeof value === 'string' && Object.hasOwn(retryPolicies, value);

function Value({ name, value, nameOf }: { name: string; value: Json; nameOf(personId: string): string }) {
  if (ids.has(name) && typeof value === 'string') {
    return <Hash value={value} label={factName(name)} whole={name === 'workflowId'} />;
  }
  if (name === 'activity' && typeof value === 'string') return `${stepName(value)} (${value})`;
  if (name === 'policy' && isPolicy(value)) return `${value}: ${policyWords(value)}`;
  if (name === 'by' && typeof value === 'string') return nameOf(value);
  return <FactValue name={name} value={value} />;
}

function Compensated({
  entry,
  nameOf,
}: {
  entry: Extract<TrackingEntry, { kind: 'compensation' }>;
  nameOf(personId: string): string;
}) {
  return (
    <>
      {entry.actions.map(({ action, at }, index) => (
        <Fact key={`${index} ${action}`} name={actionWords[action]}>
          {exactTime(at)}
        </Fact>
      ))}
      {entry.settled && (
        <Fact name="settled">
          {nameOf(entry.settled.by)}, {exactTime(entry.settled.at)}
        </Fact>
      )}
    </>
  );
}

export function TrackedPane({
  entry,
  close,
  nameOf,
  beside,
}: {
  entry: TrackingEntry;
  close: (() => void) | null;
  nameOf(personId: string): string;
  /** It stands beside entries of the ledger: says that it is none. */
  beside?: boolean;
}) {
  const now = useNow();
  const { glyph, color, word } = entryLook(entry);
  const took = entryTook(entry, now);
  const name = kindName[entry.kind];
  const copy = async () => {
    const done = await copyText(JSON.stringify(entry, null, 2));
    if (done) tellDone('The details are in the clipboard');
  };
  return (
    <Pane label="Entry" title={name.charAt(0).toUpperCase() + name.slice(1)} close={close}>
      <Typography sx={{ mb: 1.5, overflowWrap: 'anywhere' }}>{entryText(entry, nameOf)}</Typography>
      {beside && (
        <Typography variant="caption" component="p" color="textSecondary" sx={{ mb: 1.5 }}>
          Tracked, not signed: it helps to see how the report went, and is no part of the ledger.
        </Typography>
      )}
      <Box component="dl" sx={{ m: 0, mb: 1.5 }}>
        <Fact name="state">
          <Mark glyph={glyph} color={color}>
            {word}
          </Mark>
        </Fact>
        {took !== null && <Fact name="took">{took}</Fact>}
        {Object.entries(entry)
          .filter(([key, value]) => !told.has(key) && value !== null && value !== '')
          .map(([key, value]) => (
            <Fact key={key} name={factName(key)}>
              <Value name={key} value={value as Json} nameOf={nameOf} />
            </Fact>
          ))}
        {entry.kind === 'compensation' && <Compensated entry={entry} nameOf={nameOf} />}
      </Box>
      <Button variant="outlined" onClick={() => void copy()}>
        Copy details
      </Button>
    </Pane>
  );
}
