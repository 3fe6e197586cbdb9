// Owns the curve of what 0, 1, 2 … deviations would need: a bar each, longest at the right. Figures come from the domain.
import { Box, Paper, Typography } from '@mui/material';
import { allowances } from '../../domain/sampling/plan.ts';
import type { SamplePlan } from '../../domain/sampling/plan.ts';
import { count, counted } from '../formats.ts';

const upTo = 8;
const heightPx = 96;

export function AllowanceCurve({ plan }: { plan: SamplePlan }) {
  const points = allowances(plan, upTo);
  const largest = Math.max(1, ...points.map((point) => point.sampleSize ?? 0));
  return (
    <Paper component="section" aria-label="What more deviations would need" sx={{ borderRadius: 2, px: 2, py: 1.5 }}>
      <Typography variant="subtitle2" component="h2" color="textSecondary" sx={{ mb: 1 }}>
        Sample size that would allow so many deviations
      </Typography>
      <Box
        component="ol"
        sx={{
          listStyle: 'none',
          m: 0,
          p: 0,
          display: 'grid',
          gap: 1,
          gridTemplateColumns: `repeat(${points.length}, minmax(0, 1fr))`,
          alignItems: 'end',
        }}
      >
        {points.map(({ deviations, sampleSize }) => {
          const here = deviations === plan.acceptableDeviations;
          const text = sampleSize === null ? 'none' : count(sampleSize);
          return (
            <Box
              component="li"
              key={deviations}
              aria-label={`${counted(deviations, 'deviation')}: ${text}`}
              sx={{
                textAlign: 'center',
                fontWeight: here ? 600 : 400,
                color: here ? 'text.primary' : 'text.secondary',
              }}
            >
              <Typography variant="caption" component="p" sx={{ fontWeight: 'inherit' }}>
                {text}
              </Typography>
              <Box
                sx={{
                  height: Math.round(((sampleSize ?? 0) / largest) * heightPx) + 1,
                  bgcolor: here ? 'accent.main' : 'strongLine',
                  borderRadius: '3px 3px 0 0',
                }}
              />
              <Typography
                variant="caption"
                component="p"
                sx={{ fontWeight: 'inherit', borderTop: 1, borderColor: 'divider' }}
              >
                {deviations}
              </Typography>
            </Box>
          );
        })}
      </Box>
    </Paper>
  );
}
