// Owns which rows are added to a random sample: those that were recommended, as a checklist, and those that a tester names.
import {
  Box,
  Button,
  Checkbox,
  Link,
  Paper,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import type { Recommendation } from '../../domain/change.ts';
import { count, counted } from '../formats.ts';
import { Mono, When } from '../marks.tsx';
import { recommenderWords } from '../report/recommendations.tsx';
import { whyNotTarget } from './wizard-draft.ts';
import type { WizardDraft } from './wizard-draft.ts';

type Targeted = WizardDraft['targeted'];

/** The rows of the checklist: the recommended ones, then those that the tester added. */
export function rowsToPick(
  recommendation: Recommendation | null,
  targeted: Targeted,
): { itemKey: string; reason: string; recommended: boolean }[] {
  const picks = recommendation?.picks ?? [];
  const known = new Set(picks.map((row) => row.itemKey));
  return [
    ...picks.map((row) => ({ ...row, recommended: true })),
    ...targeted.filter((row) => !known.has(row.itemKey)).map((row) => ({ ...row, recommended: false })),
  ];
}

function AddRow({ targeted, add }: { targeted: Targeted; add(pick: Targeted[number]): void }) {
  const [itemKey, setItemKey] = useState('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const problem = whyNotTarget({ itemKey, reason }, targeted);
  const submit = () => {
    setTried(problem !== null);
    if (problem !== null) return;
    add({ itemKey: itemKey.trim(), reason: reason.trim() });
    setItemKey('');
    setReason('');
  };
  return (
    <Box
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      sx={{ display: 'flex', gap: 1, mt: 1.5, alignItems: 'flex-start', flexWrap: 'wrap' }}
    >
      <TextField
        label="Key of another row"
        value={itemKey}
        onChange={(event) => setItemKey(event.target.value)}
        sx={{ width: 200 }}
      />
      <TextField
        label="Why this row"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        error={tried && problem !== null}
        helperText={tried ? problem : null}
        sx={{ flex: '1 1 20em' }}
      />
      <Button type="submit">Add the row</Button>
    </Box>
  );
}

export function TargetedRows({
  recommendations,
  targeted,
  lob,
  change,
}: {
  recommendations: readonly Recommendation[];
  targeted: Targeted;
  /** The line of business that the sample is for; null for the whole. */
  lob: string | null;
  change(targeted: Targeted): void;
}) {
  const newest = recommendations.toSorted((a, b) => b.at.localeCompare(a.at))[0] ?? null;
  const rows = rowsToPick(newest, targeted);
  const picked = new Set(targeted.map((row) => row.itemKey));
  const toggle = ({ itemKey, reason }: Targeted[number]) =>
    change(
      picked.has(itemKey) ? targeted.filter((row) => row.itemKey !== itemKey) : [...targeted, { itemKey, reason }],
    );
  const all = rows.length > 0 && rows.every((row) => picked.has(row.itemKey));
  return (
    <Paper component="section" aria-label="Targeted rows" sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
      <Box sx={{ display: 'flex', alignItems: 'baseline', gap: 1 }}>
        <Typography variant="h3" component="h2">
          Targeted rows
        </Typography>
        <Typography color="textSecondary" sx={{ flex: 1 }}>
          {count(targeted.length)} of {counted(rows.length, 'row')} picked
          {newest && (
            <>
              {' · '}recommended by {recommenderWords(newest)}, <When at={newest.at} />
            </>
          )}
        </Typography>
        {rows.length > 0 && (
          <Link
            component="button"
            onClick={() => change(all ? [] : rows.map(({ itemKey, reason }) => ({ itemKey, reason })))}
          >
            {all ? 'Pick none' : 'Pick all'}
          </Link>
        )}
      </Box>
      <Typography variant="caption" component="p" color="textSecondary">
        They are labelled as targeted and tested like the others. Limits and conclusions come from the random rows only;
        a row that is drawn at random anyway stays random.
        {lob !== null && ` Each has to be a row of ${lob}, else nothing is drawn.`}
      </Typography>
      {rows.length > 0 && (
        <Box sx={{ maxHeight: 290, overflow: 'auto', mt: 1, mx: -2, borderTop: 1, borderColor: 'divider' }}>
          <Table aria-label="Rows that can be targeted">
            <TableHead>
              <TableRow>
                <TableCell sx={{ width: 64 }}>Pick</TableCell>
                <TableCell sx={{ width: '20%' }}>Row</TableCell>
                <TableCell>Why</TableCell>
                <TableCell sx={{ width: 140 }}>Source</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {rows.map((row) => (
                <TableRow key={row.itemKey} selected={picked.has(row.itemKey)}>
                  <TableCell>
                    <Checkbox
                      checked={picked.has(row.itemKey)}
                      onChange={() => toggle(row)}
                      slotProps={{ input: { 'aria-label': `Target ${row.itemKey}` } }}
                    />
                  </TableCell>
                  <TableCell>
                    <Mono>{row.itemKey}</Mono>
                  </TableCell>
                  <TableCell>{row.reason}</TableCell>
                  <TableCell sx={{ color: 'text.secondary' }}>
                    {row.recommended ? 'recommended' : 'your pick'}
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      )}
      {rows.length === 0 && (
        <Typography color="textSecondary" sx={{ mt: 1 }}>
          No row was recommended.
        </Typography>
      )}
      <AddRow targeted={targeted} add={(pick) => change([...targeted, pick])} />
    </Paper>
  );
}
