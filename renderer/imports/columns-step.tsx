// Owns the second step: what the columns hold, which one is the key, which one is the line of business.
import {
  Alert,
  Box,
  Button,
  MenuItem,
  Paper,
  Radio,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import { useState } from 'react';
import type { Report } from '../../domain/change.ts';
import { keyProblem } from '../../domain/population.ts';
import type { ColumnProfile } from '../../domain/population.ts';
import { count, counted } from '../formats.ts';
import { Mark, Mono } from '../marks.tsx';
import { sentence } from '../notices.tsx';
import { columnWords } from '../report/lob-draft.ts';
import { LobsChooser } from '../report/lobs-chooser.tsx';
import { lobColumnOf, lobColumns } from './wizard-draft.ts';
import type { ReadyPopulation, WizardDraft } from './wizard-draft.ts';

function Fitness({ column }: { column: ColumnProfile }) {
  if (column.key.unique)
    return (
      <Mark glyph="tick" color="approved.main">
        unique
      </Mark>
    );
  const { blankRows } = column.key;
  return (
    <Box component="span" sx={{ color: 'text.secondary' }}>
      {blankRows.length > 0 ? 'blank rows' : 'duplicates'}
    </Box>
  );
}

function ColumnRow({ column, isKey, choose }: { column: ColumnProfile; isKey: boolean; choose(): void }) {
  return (
    <TableRow selected={isKey} onClick={choose}>
      <TableCell>
        <Radio
          checked={isKey}
          onChange={choose}
          name="key-column"
          slotProps={{ input: { 'aria-label': `${column.name} is the key` } }}
        />
      </TableCell>
      <TableCell>
        <strong>{column.name}</strong>
      </TableCell>
      <TableCell>{column.type}</TableCell>
      <TableCell sx={{ maxWidth: 220, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>
        <Mono>{column.examples.join(', ')}</Mono>
      </TableCell>
      <TableCell align="right">{count(column.nulls + column.blanks)}</TableCell>
      <TableCell align="right">{count(column.distinct)}</TableCell>
      <TableCell sx={{ color: 'text.secondary', display: { xs: 'none', lg: 'table-cell' } }}>
        {column.min !== null && column.max !== null ? `${column.min} … ${column.max}` : ''}
      </TableCell>
      <TableCell>
        <Fitness column={column} />
      </TableCell>
    </TableRow>
  );
}

function KeyVerdict({ column }: { column: ColumnProfile | undefined }) {
  if (!column) {
    return (
      <Alert severity="warning">
        No key column is chosen. The key names each row for good: it has to be unique and never blank.
      </Alert>
    );
  }
  const problem = keyProblem(column);
  return problem ? (
    <Alert severity="error" role="alert">
      {sentence({ message: problem })}
    </Alert>
  ) : (
    <Alert severity="success">
      <strong>{column.name}</strong> can be the key: {counted(column.distinct, 'different value')}, no blank.
    </Alert>
  );
}

const shownWarnings = 3;

function Warnings({ warnings }: { warnings: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (warnings.length === 0) return null;
  const more = warnings.length > shownWarnings;
  return (
    <Alert
      severity="warning"
      action={
        more && (
          <Button onClick={() => setAll(!all)}>{all ? 'Show fewer' : `All ${count(warnings.length)} warnings`}</Button>
        )
      }
    >
      {(all ? warnings : warnings.slice(0, shownWarnings)).map((warning) => (
        <div key={warning}>{sentence({ message: warning })}</div>
      ))}
    </Alert>
  );
}

interface Props {
  /** Null until the start of the report is confirmed. */
  report: Report | null;
  population: ReadyPopulation;
  draft: WizardDraft;
  change(part: Partial<WizardDraft>): void;
}

/** What the sample is spread over: the report's lines of business, or else any column with few values. */
function Spread({ report, population, draft, change }: Props) {
  const { columns } = population.state;
  const column = columns.find((one) => one.name === draft.lobColumn);
  if (column && lobColumnOf(report) === column.name) {
    return (
      <Typography>
        The sample is spread over the lines of business of the report, the values of <strong>{column.name}</strong>:{' '}
        {columnWords(column)}
      </Typography>
    );
  }
  return (
    <TextField
      select
      label="Spread the sample over"
      value={column?.name ?? ''}
      onChange={(event) => change({ lobColumn: event.target.value === '' ? null : event.target.value })}
      helperText={
        column ? columnWords(column) : 'Columns with at most twelve values can spread a sample; testing is not divided'
      }
      sx={{ maxWidth: 520 }}
      slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
    >
      <MenuItem value="">Nothing: the whole population is one stratum</MenuItem>
      {lobColumns(columns).map((one) => (
        <MenuItem key={one.name} value={one.name}>
          {one.name} ({counted(one.distinct, 'value')})
        </MenuItem>
      ))}
    </TextField>
  );
}

export function ColumnsStep({ report, population, draft, change }: Props) {
  const { columns, rowCount, warnings } = population.state;
  const key = columns.find((column) => column.name === draft.keyColumn);
  return (
    <Box sx={{ display: 'grid', gap: 1.5 }}>
      <Typography color="textSecondary">
        {counted(rowCount, 'row')}, {counted(columns.length, 'column')}
      </Typography>
      <KeyVerdict column={key} />
      <Warnings warnings={warnings} />
      {report && <LobsChooser report={report} populations={[population]} />}
      <Spread {...{ report, population, draft, change }} />
      <Paper sx={{ borderRadius: 2, overflow: 'auto' }}>
        <Table aria-label="Columns of the file">
          <TableHead>
            <TableRow>
              <TableCell>Key</TableCell>
              <TableCell>Column</TableCell>
              <TableCell>Type</TableCell>
              <TableCell>Examples</TableCell>
              <TableCell align="right">Empty</TableCell>
              <TableCell align="right">Distinct</TableCell>
              <TableCell sx={{ display: { xs: 'none', lg: 'table-cell' } }}>From … to</TableCell>
              <TableCell>As a key</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {columns.map((column) => (
              <ColumnRow
                key={column.name}
                column={column}
                isKey={column.name === key?.name}
                choose={() => change({ keyColumn: column.name })}
              />
            ))}
          </TableBody>
        </Table>
      </Paper>
    </Box>
  );
}
