// Owns what is said of each phase before a cycle starts: that it is left out and why, or how long it may take.
import { Checkbox, Table, TableBody, TableCell, TableHead, TableRow, TextField, Typography } from '@mui/material';
import { phases } from '../../domain/phases.ts';
import type { Phase, PhaseSlug } from '../../domain/phases.ts';
import { freshPhase } from './new-cycle-draft.ts';
import type { PhasePlan, Setup } from './new-cycle-draft.ts';

function Days({ label, value, change }: { label: string; value: string; change(text: string): void }) {
  return (
    <TextField
      value={value}
      onChange={(event) => change(event.target.value)}
      slotProps={{ htmlInput: { 'aria-label': label, inputMode: 'decimal' } }}
      placeholder="none"
      sx={{ width: 76 }}
    />
  );
}

function PhaseRow({ phase, plan, change }: { phase: Phase; plan: PhasePlan; change(part: Partial<PhasePlan>): void }) {
  return (
    <TableRow>
      <TableCell>{phase.name}</TableCell>
      <TableCell>
        {phase.skippable && (
          <Checkbox
            checked={plan.skip}
            onChange={(event) => change({ skip: event.target.checked })}
            slotProps={{ input: { 'aria-label': `Skip ${phase.name}` } }}
          />
        )}
      </TableCell>
      {plan.skip ? (
        <TableCell colSpan={2}>
          <TextField
            fullWidth
            value={plan.reason}
            placeholder="Reason, disclosed in the test report"
            onChange={(event) => change({ reason: event.target.value })}
            slotProps={{ htmlInput: { 'aria-label': `Why ${phase.name} is skipped` } }}
          />
        </TableCell>
      ) : (
        <>
          <TableCell>
            <Days label={`Days for ${phase.name}`} value={plan.days} change={(days) => change({ days })} />
          </TableCell>
          <TableCell>
            {plan.days.trim() !== '' && (
              <Days
                label={`Reminder of ${phase.name}, days before`}
                value={plan.remind}
                change={(remind) => change({ remind })}
              />
            )}
          </TableCell>
        </>
      )}
    </TableRow>
  );
}

export function NewCyclePhases({ plans, change }: { plans: Setup['phases']; change(plans: Setup['phases']): void }) {
  const changeOne = (slug: PhaseSlug, part: Partial<PhasePlan>) =>
    change({ ...plans, [slug]: { ...freshPhase, ...plans[slug], ...part } });
  return (
    <>
      <Table aria-label="Phases">
        <TableHead>
          <TableRow>
            <TableCell>Phase</TableCell>
            <TableCell>Skip</TableCell>
            <TableCell sx={{ width: '22%' }}>Days to do it</TableCell>
            <TableCell sx={{ width: '30%' }}>Reminder, days before</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {phases.map((phase) => (
            <PhaseRow
              key={phase.slug}
              phase={phase}
              plan={plans[phase.slug] ?? freshPhase}
              change={(part) => changeOne(phase.slug, part)}
            />
          ))}
        </TableBody>
      </Table>
      <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 1 }}>
        A deadline runs from the day on which the phase begins, for each line of business where it runs in one.
      </Typography>
    </>
  );
}
