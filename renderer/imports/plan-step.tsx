// Owns the third step: risk and rates in, sample size out, live, with what more deviations would need.
import {
  Alert,
  Box,
  FormControlLabel,
  InputAdornment,
  MenuItem,
  Paper,
  Radio,
  RadioGroup,
  Stack,
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableRow,
  TextField,
  Typography,
} from '@mui/material';
import type { Report } from '../../domain/change.ts';
import type { Version } from '../../domain/version.ts';
import type { SamplePlan } from '../../domain/sampling/plan.ts';
import { count, counted, percent } from '../formats.ts';
import { AllowanceCurve } from './allowance-curve.tsx';
import {
  fractionOf,
  lobColumnOf,
  lobSampleWords,
  nextLob,
  planOf,
  rowsPlanned,
  sharesOf,
  whyNotPlanFor,
} from './wizard-draft.ts';
import type { ReadyPopulation, WizardDraft } from './wizard-draft.ts';

function RateField({
  label,
  help,
  value,
  change,
}: {
  label: string;
  help: string;
  value: string;
  change(text: string): void;
}) {
  return (
    <TextField
      label={label}
      value={value}
      onChange={(event) => change(event.target.value)}
      error={Number.isNaN(fractionOf(value))}
      helperText={Number.isNaN(fractionOf(value)) ? 'a percentage such as 5 or 2.5' : help}
      slotProps={{
        input: { endAdornment: <InputAdornment position="end">%</InputAdornment> },
        htmlInput: { inputMode: 'decimal' },
      }}
    />
  );
}

function PlanFigures({ plan }: { plan: SamplePlan }) {
  const found =
    plan.acceptableDeviations === 0 ? 'no deviation' : `at most ${counted(plan.acceptableDeviations, 'deviation')}`;
  return (
    <Box aria-live="polite">
      <Typography variant="h1" component="p">
        {count(plan.sampleSize)} of {count(plan.populationSize ?? 0)}
      </Typography>
      <Typography sx={{ mt: 0.5 }}>
        With {found} the conclusion holds: fewer than {percent(plan.tolerable)} deviate, at a risk of{' '}
        {percent(plan.risk)}.
      </Typography>
      <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 0.5 }}>
        Method: {plan.method}, exact · risk that is really left {percent(Number(plan.achievedRisk.toPrecision(3)))}
        {plan.check &&
          ` · binomial beside it: ${count(plan.check.sampleSize)}, acceptable ${count(plan.check.acceptableDeviations)}`}
      </Typography>
    </Box>
  );
}

function Shares({ draft, population, plan }: { draft: WizardDraft; population: ReadyPopulation; plan: SamplePlan }) {
  const allocation = sharesOf(draft, population, plan.sampleSize);
  if (allocation === null) return null;
  if (allocation.kind === 'refused') return <Alert severity="warning">{allocation.message}</Alert>;
  return (
    <Paper sx={{ borderRadius: 2 }}>
      <Table aria-label="Strata">
        <TableHead>
          <TableRow>
            <TableCell>{draft.lobColumn}</TableCell>
            <TableCell align="right">Rows</TableCell>
            <TableCell align="right">Share</TableCell>
            <TableCell align="right">Sample</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {allocation.shares.map((share) => (
            <TableRow key={share.name}>
              <TableCell>{share.name}</TableCell>
              <TableCell align="right">{count(share.count)}</TableCell>
              <TableCell align="right">{percent(Number(share.weight.toFixed(3)))}</TableCell>
              <TableCell align="right">{count(share.sampleSize)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Paper>
  );
}

interface Props {
  /** Null until the start of the report is confirmed. */
  report: Report | null;
  versions: readonly Version[];
  population: ReadyPopulation;
  draft: WizardDraft;
  change(part: Partial<WizardDraft>): void;
}

/** Over the whole, or for one line of business alone; what that means for the conclusion. */
function Reach({ report, versions, draft, change }: Omit<Props, 'population'>) {
  const lanes = report?.lobs.filter((row) => row.status !== 'cancelled') ?? [];
  if (lobColumnOf(report) === null || lanes.length === 0) return null;
  const first = nextLob(lanes, versions) ?? lanes[0]?.lob ?? null;
  const problem = whyNotPlanFor(draft.lob, versions);
  return (
    <Paper component="section" aria-label="What the sample is of" sx={{ borderRadius: 2, px: 2, py: 1.25 }}>
      <RadioGroup
        row
        aria-label="What the sample is of"
        value={draft.lob === null ? 'whole' : 'lob'}
        onChange={(_event, reach) => change({ lob: reach === 'lob' ? first : null })}
      >
        <FormControlLabel value="whole" control={<Radio />} label="Over the whole population" />
        <FormControlLabel value="lob" control={<Radio />} label="For one line of business alone" />
      </RadioGroup>
      {draft.lob !== null && (
        <TextField
          select
          label="Line of business"
          value={lanes.some((row) => row.lob === draft.lob) ? draft.lob : ''}
          onChange={(event) => change({ lob: event.target.value })}
          sx={{ mt: 1, minWidth: 320 }}
        >
          {lanes.map((row) => (
            <MenuItem key={row.lob} value={row.lob}>
              {row.lob} ({counted(row.rows, 'row')}, {lobSampleWords(row, versions)})
            </MenuItem>
          ))}
        </TextField>
      )}
      <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 0.5 }}>
        {draft.lob === null
          ? 'One conclusion on the whole; figures of a line of business are descriptive only.'
          : 'A plan and a limit of its own. Every line of business needs one, or a reason for having no sample.'}
      </Typography>
      {problem && (
        <Alert severity="error" role="alert" sx={{ mt: 1 }}>
          {problem}
        </Alert>
      )}
    </Paper>
  );
}

export function PlanStep({ report, versions, population, draft, change }: Props) {
  const plan = planOf(draft, rowsPlanned(draft, population, report?.lobs ?? []));
  return (
    <Box sx={{ display: 'grid', gap: 2, gridTemplateColumns: '300px minmax(0, 1fr)', alignItems: 'start' }}>
      <Stack spacing={2} sx={{ pt: 1 }}>
        <RateField
          label="Risk"
          help="of accepting a population that deviates too much"
          value={draft.risk}
          change={(risk) => change({ risk })}
        />
        <RateField
          label="Tolerable rate"
          help="the rate at which you could not rely on it"
          value={draft.tolerable}
          change={(tolerable) => change({ tolerable })}
        />
        <RateField
          label="Expected rate"
          help="what you expect to find, lower than tolerable"
          value={draft.expected}
          change={(expected) => change({ expected })}
        />
        <TextField
          label="Larger sample"
          placeholder="as computed"
          value={draft.sampleSize}
          onChange={(event) => change({ sampleSize: event.target.value.replace(/[^\d]/g, '') })}
          helperText="only upwards; a smaller one would not support the conclusion"
          slotProps={{ htmlInput: { inputMode: 'numeric' } }}
        />
      </Stack>
      <Stack spacing={2} sx={{ minWidth: 0 }}>
        <Reach {...{ report, versions, draft, change }} />
        <Paper sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
          {plan.kind === 'planned' ? (
            <PlanFigures plan={plan} />
          ) : (
            <Alert severity="error" role="alert">
              {plan.message}
            </Alert>
          )}
        </Paper>
        {plan.kind === 'planned' && <Shares draft={draft} population={population} plan={plan} />}
        {plan.kind === 'planned' && <AllowanceCurve plan={plan} />}
      </Stack>
    </Box>
  );
}
