// Owns the rail of one report: its phases in their order, the two branches beside each other, the lines of business as lanes.
// Each phase leads to its own screen. Only shows.
import { Box, Link, Paper, Typography } from '@mui/material';
import { isOpen } from '../../domain/flow.ts';
import { phaseOf } from '../../domain/phases.ts';
import type { PhaseSlug } from '../../domain/phases.ts';
import { When } from '../marks.tsx';
import { hashOf } from '../routes.ts';
import { Holding, LookMark } from '../phase/phase-marks.tsx';
import { holdOf, phaseLook, versionMark, wishedSkip } from '../phase/phase-words.ts';
import { Lanes } from './lanes.tsx';
import type { RailProps } from './lanes.tsx';

/** One phase of the whole report: a bar, its name and version, where it stands, who holds it up, until when. */
function PhaseCell({ report, versions, nameOf, phase }: RailProps & { phase: PhaseSlug }) {
  const line = report.phases.find((one) => one.phase === phase && one.lob === null);
  if (!line) return null;
  const hold = holdOf(report, null);
  const look = phaseLook(line, hold);
  const wish = line.state === 'not-started' ? wishedSkip(report, line) : null;
  const why = line.state === 'skipped' ? line.reason : wish && `to be skipped: ${wish}`;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Box sx={{ height: 5, borderRadius: 1, bgcolor: look.bar, mb: 0.75 }} />
      <Link
        href={hashOf({ screen: 'phase', reportId: report.reportId, phase, lob: null })}
        color="textPrimary"
        underline="hover"
        sx={{ fontWeight: isOpen(line.state) ? 600 : 400 }}
      >
        {phaseOf(phase).shortName === 'Report' ? 'Test report' : phaseOf(phase).shortName}
        {versionMark(line, versions)}
      </Link>
      <Typography variant="caption" component="p">
        <LookMark look={look} />
        {line.state !== 'not-started' && (
          <Box component="span" sx={{ color: 'text.secondary', ml: 0.75 }}>
            <When at={line.since} />
          </Box>
        )}
      </Typography>
      <Holding line={line} hold={hold} nameOf={nameOf} />
      {why && (
        <Typography
          variant="caption"
          component="p"
          color="textSecondary"
          title={why}
          sx={{ overflow: 'hidden', display: '-webkit-box', WebkitLineClamp: 2, WebkitBoxOrient: 'vertical' }}
        >
          {why}
        </Typography>
      )}
    </Box>
  );
}

const areas = `
  "planning profiling scoping branch branch"
  "lanes lanes lanes lanes report"`;

function Place({ area, children }: { area: string; children: React.ReactNode }) {
  return (
    <Box component="li" sx={{ gridArea: area, minWidth: 0 }}>
      {children}
    </Box>
  );
}

/** The whole rail. What stands on a sunk ground runs at the same time. */
export function ReportRail(props: RailProps) {
  const { report } = props;
  return (
    <Paper component="section" aria-label={`Phases of ${report.name}`} sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
      <Box
        component="ol"
        sx={{
          listStyle: 'none',
          p: 0,
          m: 0,
          display: 'grid',
          columnGap: 1.5,
          rowGap: 1.5,
          gridTemplateAreas: areas,
          gridTemplateColumns: 'repeat(5, minmax(0, 1fr))',
        }}
      >
        <Place area="planning">
          <PhaseCell {...props} phase="planning" />
        </Place>
        <Place area="profiling">
          <PhaseCell {...props} phase="data-profiling" />
        </Place>
        <Place area="scoping">
          <PhaseCell {...props} phase="scoping" />
        </Place>
        <Place area="branch">
          <Box
            role="group"
            aria-label="Side by side"
            sx={{
              display: 'grid',
              gridTemplateColumns: '1fr 1fr',
              columnGap: 1.5,
              bgcolor: 'background.sunk',
              borderRadius: 1,
              px: 1,
              pb: 1,
              height: 1,
            }}
          >
            <PhaseCell {...props} phase="sample-selection" />
            <PhaseCell {...props} phase="data-owner-id" />
          </Box>
        </Place>
        <Place area="lanes">
          <Lanes {...props} />
        </Place>
        <Place area="report">
          <PhaseCell {...props} phase="test-report" />
        </Place>
      </Box>
    </Paper>
  );
}
