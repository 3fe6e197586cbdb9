// Owns how a cycle is shown on the first screen: one line of nine segments per report. The words go when there is no room for them.
import { Box, Link, Paper, Tooltip, Typography } from '@mui/material';
import type { Report } from '../../domain/change.ts';
import { phases } from '../../domain/phases.ts';
import type { Phase } from '../../domain/phases.ts';
import type { Home } from '../../preload/contract.ts';
import { counted } from '../formats.ts';
import { When } from '../marks.tsx';
import { heldWords, progressWords, segmentOf, segmentWords } from '../phase/phase-words.ts';
import { hashOf } from '../routes.ts';

const quiet = new Set(['not started', 'completed', 'skipped', 'cancelled']);

function SegmentBar({ report, phase }: { report: Report; phase: Phase }) {
  const segment = segmentOf(report, phase.slug);
  const words = segmentWords(phase.slug, segment);
  const { look, settled, lines } = segment;
  const strong = !quiet.has(look.word);
  return (
    <Tooltip title={words}>
      <Box component="li" aria-label={words} sx={{ flex: 1, minWidth: 0 }}>
        <Box sx={{ height: 5, borderRadius: 1, bgcolor: look.bar, position: 'relative', overflow: 'hidden' }}>
          {lines > 1 && settled < lines && settled > 0 && (
            <Box
              sx={{ position: 'absolute', inset: 0, right: 'auto', bgcolor: 'approved.main' }}
              style={{ width: `${(settled / lines) * 100}%` }}
            />
          )}
        </Box>
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
          {lines > 1 && settled < lines && strong && ` ${settled}/${lines}`}
        </Typography>
      </Box>
    </Tooltip>
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
      <Box component="ol" sx={{ display: 'flex', flex: 1, gap: '4px', listStyle: 'none', p: 0, m: 0, minWidth: 0 }}>
        {phases.map((phase) => (
          <SegmentBar key={phase.slug} report={report} phase={phase} />
        ))}
      </Box>
    </Box>
  );
}

/** "3 reports · 2 held up", or with one report how far it is. */
export function cycleWords(reportIds: readonly string[], reports: readonly Report[]): string {
  const held = heldWords(reports);
  const [only] = reports;
  const how = reportIds.length === 1 && only ? ` · ${progressWords(only)}` : '';
  return `${counted(reportIds.length, 'report')}${how}${held === '' ? '' : ` · ${held}`}`;
}

/** The cycles, each a panel with its reports; its name leads to its page. */
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
          <Link
            href={hashOf({ screen: 'cycle', cycleId: cycle.cycleId })}
            color="textPrimary"
            underline="hover"
            sx={{ fontWeight: 600, mr: 1.5 }}
          >
            {cycle.name}
          </Link>
          <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400 }}>
            {cycleWords(cycle.reportIds, reports)} · started <When at={cycle.startedAt} /> by {startedByName}
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
