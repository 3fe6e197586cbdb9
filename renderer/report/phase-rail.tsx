// Owns the rail of the nine phases: state, version, who holds it up, since when.
import { Box, Paper, Typography } from '@mui/material';
import type { Report } from '../../domain/change.ts';
import { phases } from '../../domain/phases.ts';
import type { Version } from '../../domain/version.ts';
import { isUnderWay, phaseStateColours, phaseStateNames } from '../home/cycles.tsx';
import { When } from '../marks.tsx';

export function PhaseRail({
  report,
  versions,
  nameOf,
}: {
  report: Report;
  versions: readonly Version[];
  nameOf(id: string): string;
}) {
  return (
    <Paper component="section" aria-label="Phases" sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
      <Box
        component="ol"
        sx={{
          listStyle: 'none',
          p: 0,
          m: 0,
          display: 'grid',
          gap: 1,
          gridTemplateColumns: { xs: 'repeat(auto-fill, minmax(120px, 1fr))', md: 'repeat(9, minmax(0, 1fr))' },
        }}
      >
        {phases.map((phase) => {
          const stands = report.phases.find((one) => one.phase === phase.slug);
          const state = stands?.state ?? 'not-started';
          const active = isUnderWay(state);
          const version = versions.find((one) => one.versionId === stands?.versionId);
          return (
            <Box component="li" key={phase.slug} sx={{ minWidth: 0 }}>
              <Box sx={{ height: 5, borderRadius: 1, bgcolor: phaseStateColours[state], mb: 0.75 }} />
              <Typography noWrap title={phase.name} sx={{ fontWeight: active ? 600 : 400 }}>
                {phase.shortName}
                {version && ` v${version.number}`}
              </Typography>
              <Typography variant="caption" component="p" sx={{ color: active ? 'text.primary' : 'text.secondary' }}>
                {phaseStateNames[state]}
                {stands && state !== 'not-started' && (
                  <>
                    {', '}
                    <When at={stands.since} />
                  </>
                )}
              </Typography>
              {active && stands && stands.waitingFor.length > 0 && (
                <Typography variant="caption" component="p" color="textSecondary">
                  waits for {stands.waitingFor.map(nameOf).join(', ')}
                </Typography>
              )}
            </Box>
          );
        })}
      </Box>
    </Paper>
  );
}
