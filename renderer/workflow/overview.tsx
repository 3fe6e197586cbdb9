// Owns what a report's workflow comes to: the version it runs as and what moving would bring, what happens now, the metrics of its phases.
import { Paper, Typography } from '@mui/material';
import { newestVersion } from '../../domain/workflow-version.ts';
import type { Report } from '../../domain/change.ts';
import { placeName } from '../../domain/phases.ts';
import type { PhaseMetrics } from '../../domain/tracking.ts';
import type { TrackingNow, WorkflowRow } from '../../preload/contract.ts';
import { count, longDuration } from '../formats.ts';
import { RowList, Section } from '../row-list.tsx';
import type { Column } from '../row-list.tsx';
import { go } from '../routes.ts';
import { GainList, MoveMark } from './gain-list.tsx';
import { HappensNow } from './happens-now.tsx';
import { troubleWords } from './metrics-words.ts';

const amount = (value: number) => (value === 0 ? '' : count(value));
const length = (ms: number) => (ms === 0 ? '' : longDuration(ms));

const metricColumns: readonly Column<PhaseMetrics>[] = [
  { id: 'phase', heading: 'Phase', width: '26%', cell: placeName },
  {
    id: 'open',
    heading: 'Open for',
    align: 'right',
    oneLine: true,
    cell: ({ openMs }) => (openMs === null ? '' : longDuration(openMs)),
  },
  { id: 'review', heading: 'In review', align: 'right', oneLine: true, cell: ({ inReviewMs }) => length(inReviewMs) },
  { id: 'steps', heading: 'Steps', align: 'right', cell: ({ steps }) => amount(steps) },
  { id: 'failed', heading: 'Failed for good', align: 'right', cell: ({ failedSteps }) => amount(failedSteps) },
  { id: 'attempts', heading: 'Attempts', align: 'right', hideBelow: 'lg', cell: ({ attempts }) => amount(attempts) },
  { id: 'retries', heading: 'Retries', align: 'right', cell: ({ retries }) => amount(retries) },
  { id: 'revisions', heading: 'Revisions', align: 'right', cell: ({ revisions }) => amount(revisions) },
];

function Metrics({ reportId, metrics }: { reportId: string; metrics: readonly PhaseMetrics[] | null }) {
  return (
    <Section title="Metrics per phase" note={metrics && troubleWords(metrics)}>
      <RowList
        main
        label="Metrics per phase"
        rows={metrics}
        columns={metricColumns}
        keyOf={({ phase, lob }) => `${phase} ${lob ?? ''}`}
        open={({ phase, lob }) => go({ screen: 'phase', reportId, phase, lob })}
        empty="How long each phase is open, how much of that in review, and its steps appear here when the first one opens."
      />
    </Section>
  );
}

/** What moving would bring; nothing for a report that runs as the newest version. */
function Moving({ row }: { row: WorkflowRow }) {
  if (row.gains.length === 0 && row.movesTo === null && row.asked === null) return null;
  return (
    <Section title={`What moving to ${newestVersion} would bring`} note={<MoveMark row={row} />}>
      <Paper sx={{ borderRadius: 2, px: 2, py: 1.25 }}>
        <GainList gains={row.gains} />
      </Paper>
    </Section>
  );
}

export function Overview({
  report,
  now,
  nameOf,
}: {
  report: Report;
  now: TrackingNow | null;
  nameOf(personId: string): string;
}) {
  return (
    <>
      {now && <Moving row={now.workflow} />}
      <HappensNow report={report} nameOf={nameOf} more={false} keyed />
      <Metrics reportId={report.reportId} metrics={now?.metrics ?? null} />
      <Typography variant="caption" component="p" color="textSecondary" sx={{ mt: 1.5 }}>
        Tracked, not signed: what people decided is in the timeline’s ledger. Times are the workflows’ own.
      </Typography>
    </>
  );
}
