// Owns how a cycle is shown: one line of nine segments per report. The words go when there is no room for them.
import { Box, Link, Paper, Tooltip, Typography } from '@mui/material';
import type { PhaseState, Report } from '../../domain/change.ts';
import { phases } from '../../domain/phases.ts';
import type { Home } from '../../preload/contract.ts';
import { counted } from '../formats.ts';
import { When } from '../marks.tsx';
import { hashOf } from '../routes.ts';

/** What a phase's state is called. */
export const phaseStateNames: Readonly<Record<PhaseState['state'], string>> = {
  'not-started': 'not started',
  'in-work': 'in work',
  'in-review': 'in review',
  'in-revision': 'in revision',
  completed: 'completed',
  rejected: 'rejected',
};
export const phaseStateColours: Readonly<Record<PhaseState['state'], string>> = {
  'not-started': 'divider',
  'in-work': 'accent.main',
  'in-review': 'accent.main',
  'in-revision': 'accent.main',
  completed: 'approved.main',
  rejected: 'rejected.main',
};

/** True for a phase that someone works on now. */
export function isUnderWay(state: PhaseState['state']): boolean {
  return state === 'in-work' || state === 'in-review' || state === 'in-revision';
}

function Segments({ report }: { report: Report }) {
  return (
    <Box component="ol" sx={{ display: 'flex', flex: 1, gap: '4px', listStyle: 'none', p: 0, m: 0, minWidth: 0 }}>
      {phases.map((phase) => {
        const state = report.phases.find((one) => one.phase === phase.slug)?.state ?? 'not-started';
        const strong = isUnderWay(state) || state === 'rejected';
        return (
          <Tooltip key={phase.slug} title={`${phase.name}: ${phaseStateNames[state]}`}>
            <Box component="li" aria-label={`${phase.name}: ${phaseStateNames[state]}`} sx={{ flex: 1, minWidth: 0 }}>
              <Box sx={{ height: 5, borderRadius: 1, bgcolor: phaseStateColours[state] }} />
              <Typography
                variant="caption"
                component="p"
                noWrap
                aria-hidden="true"
                sx={{
                  display: { xs: 'none', lg: 'block' },
                  mt: 0.25,
                  color: strong ? 'text.primary' : 'text.secondary',
                  fontWeight: strong ? 600 : 400,
                }}
              >
                {phase.shortName}
              </Typography>
            </Box>
          </Tooltip>
        );
      })}
    </Box>
  );
}

function ReportLine({ report }: { report: Report }) {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 2, py: 0.75 }}>
      <Link
        href={hashOf({ screen: 'report', reportId: report.reportId })}
        color="textPrimary"
        underline="hover"
        noWrap
        sx={{ width: { xs: 150, lg: 190 }, flex: 'none' }}
      >
        {report.name}
      </Link>
      <Segments report={report} />
    </Box>
  );
}

/** The cycles, each a panel with its reports. */
export function Cycles({ cycles, search }: { cycles: Home['cycles'] | null; search: string }) {
  if (cycles === null || cycles.length === 0) {
    return (
      <Paper sx={{ borderRadius: 2, px: 2, py: 1.5, color: 'text.secondary' }}>
        {cycles === null ? 'Reading' : 'A test manager starts a cycle; its reports and their phases appear here.'}
      </Paper>
    );
  }
  const text = search.trim().toLowerCase();
  return cycles.map(({ cycle, startedByName, reports }) => {
    const inCycle = cycle.name.toLowerCase().includes(text);
    const shown = reports.filter((report) => inCycle || report.name.toLowerCase().includes(text));
    if (shown.length === 0 && text !== '') return null;
    return (
      <Paper key={cycle.cycleId} sx={{ borderRadius: 2, px: 2, py: 1.25, mb: 1.5 }}>
        <Typography component="h3" sx={{ mb: 0.5 }}>
          <Box component="span" sx={{ fontWeight: 600, mr: 1.5 }}>
            {cycle.name}
          </Box>
          <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400 }}>
            {counted(cycle.reportIds.length, 'report')} · started <When at={cycle.startedAt} /> by {startedByName}
          </Box>
        </Typography>
        {shown.map((report) => (
          <ReportLine key={report.reportId} report={report} />
        ))}
        {shown.length === 0 && <Typography color="textSecondary">You are assigned to none of its reports.</Typography>}
      </Paper>
    );
  });
}
