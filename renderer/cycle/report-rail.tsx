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
          <Box component="span" sx={{ color: 'text.secondary', whiteSpace: 'nowrap' }}>
            {' · '}
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

const areas = {
  xs: `"planning profiling scoping branch" "lanes lanes lanes report"`,
  xl: `"planning profiling scoping branch lanes report"`,
};

/** The whole rail. */
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
          rowGap: 2,
          gridTemplateAreas: areas,
          gridTemplateColumns: {
            xs: 'repeat(3, minmax(0, 1fr)) minmax(0, 1.2fr)',
            xl: 'repeat(3, minmax(104px, 1fr)) minmax(150px, 1.4fr) minmax(480px, 5.4fr) minmax(112px, 1.1fr)',
          },
        }}
      >
        <Box component="li" sx={{ gridArea: 'planning', minWidth: 0 }}>
          <PhaseCell {...props} phase="planning" />
        </Box>
        <Box component="li" sx={{ gridArea: 'profiling', minWidth: 0 }}>
          <PhaseCell {...props} phase="data-profiling" />
        </Box>
        <Box component="li" sx={{ gridArea: 'scoping', minWidth: 0 }}>
          <PhaseCell {...props} phase="scoping" />
        </Box>
        <Box
          component="li"
          aria-label="Side by side"
          sx={{
            gridArea: 'branch',
            minWidth: 0,
            display: 'grid',
            gap: 1.5,
            alignContent: 'start',
            // The bracket says that these two run at the same time.
            borderLeft: 2,
            borderColor: 'strongLine',
            pl: 1,
          }}
        >
          <PhaseCell {...props} phase="sample-selection" />
          <PhaseCell {...props} phase="data-owner-id" />
        </Box>
        <Box component="li" sx={{ gridArea: 'lanes', minWidth: 0 }}>
          <Lanes {...props} />
        </Box>
        <Box component="li" sx={{ gridArea: 'report', minWidth: 0 }}>
          <PhaseCell {...props} phase="test-report" />
        </Box>
      </Box>
    </Paper>
  );
}
