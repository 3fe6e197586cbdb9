// Owns a report's page about its workflows: an overview, and the logs of what was tracked, one at a time. Only shows and asks.
import { Alert, Box, Stack } from '@mui/material';
import { useState } from 'react';
import type { TrackingKind } from '../../domain/tracking.ts';
import { newestVersion } from '../../domain/workflow-version.ts';
import { trackingKinds } from '../../preload/contract.ts';
import type { TrackingNow, WorkflowRow } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { useKeys } from '../keys.ts';
import { FailurePanel, sentence } from '../notices.tsx';
import { PageHeader, usePlace } from '../page-header.tsx';
import { FilterChip } from '../review/review-filters.tsx';
import { useRemembered } from '../review/use-remembered.ts';
import { go } from '../routes.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { MoveMark } from './gain-list.tsx';
import { Log } from './log.tsx';
import { MoveDialog } from './move-dialog.tsx';
import { Overview } from './overview.tsx';
import { kindNames } from './tracking-words.ts';

type View = 'overview' | 'all' | TrackingKind;
const views: readonly View[] = ['overview', 'all', ...trackingKinds];
const labels: Readonly<Record<View, string>> = { overview: 'Overview', all: 'Everything', ...kindNames };

interface Remembered {
  view: View;
}
const isRemembered = (value: unknown): value is Remembered =>
  typeof value === 'object' && value !== null && views.includes((value as Partial<Remembered>).view as View);

function HeadLine({ row }: { row: WorkflowRow }) {
  const newest = row.version === newestVersion;
  return (
    <Box component="span" sx={{ display: 'inline-flex', gap: 0.75, flexWrap: 'wrap' }}>
      <span>
        {row.reportName} runs as workflow version {row.version}
        {newest ? ', the newest' : `; the newest is ${newestVersion}`}
      </span>
      {(row.asked ?? row.movesTo) !== null && (
        <span>
          · <MoveMark row={row} />
        </span>
      )}
    </Box>
  );
}

function amountOf(now: TrackingNow | null, view: View): number | null {
  if (now === null || view === 'overview') return null;
  if (view !== 'all') return now.logged[view];
  return trackingKinds.reduce((sum, kind) => sum + now.logged[kind], 0);
}

function Views({ view, now, choose }: { view: View; now: TrackingNow | null; choose(view: View): void }) {
  const step = (by: number) => choose(views[(views.indexOf(view) + by + views.length) % views.length] ?? 'overview');
  useKeys({
    title: 'Workflow',
    actions: [
      { keys: ']', label: 'Next log', run: () => step(1) },
      { keys: '[', label: 'Log before', run: () => step(-1) },
    ],
  });
  return (
    <Stack direction="row" role="group" aria-label="What is shown" sx={{ gap: 1, mb: 1.5, flexWrap: 'wrap' }}>
      {views.map((one) => (
        <FilterChip
          key={one}
          label={labels[one]}
          amount={amountOf(now, one)}
          pressed={one === view}
          press={() => choose(one)}
        />
      ))}
    </Stack>
  );
}

/** Name of the cycle and the report over it, for the bar. */
function useWhere(reportId: string, name: string | null): void {
  const cycles = valueOf(useCommand('cycle:list', {}, (event) => event.kind === 'changed' && event.directory));
  const cycle = cycles?.find((row) => row.reports.some((report) => report.reportId === reportId))?.cycle;
  usePlace([
    ...(cycle ? [{ text: cycle.name, route: { screen: 'cycle', cycleId: cycle.cycleId } as const }] : []),
    { text: name ?? 'Report', route: { screen: 'report', reportId } },
    { text: 'Workflow' },
  ]);
}

export function WorkflowScreen({ reportId }: { reportId: string }) {
  const { nameOf } = usePeople();
  const loaded = useCommand('tracking:get', { reportId }, whenReportChanges(reportId));
  const report = valueOf(useCommand('report:get', { reportId }, whenReportChanges(reportId)))?.report ?? null;
  const [remembered, remember] = useRemembered<{ view: View }>(
    `workflow-view ${reportId}`,
    { view: 'overview' },
    isRemembered,
  );
  const [moving, setMoving] = useState(false);
  const now = valueOf(loaded);
  const row = now?.workflow ?? null;
  useWhere(reportId, row?.reportName ?? null);
  const view = remembered?.view ?? 'overview';
  const missing = loaded.kind === 'failed' && loaded.error.kind === 'not-found';
  return (
    <Box sx={{ height: 1, overflowY: 'auto', display: 'flex', flexDirection: 'column' }}>
      <Box component="header" sx={{ px: 2.5, pt: 1.75, flex: 'none' }}>
        <PageHeader title="Workflow" line={row ? <HeadLine row={row} /> : missing ? 'Not here' : 'Reading'}>
          <ActionButton label="Timeline" keys="t" group="Workflow" run={() => go({ screen: 'timeline', reportId })} />
          {row && row.version !== newestVersion && (
            <ActionButton
              label={`Move to ${newestVersion}…`}
              keys="m"
              group="Workflow"
              showKey
              variant={row.whyNotMove ? 'outlined' : 'contained'}
              color={row.whyNotMove ? 'inherit' : 'primary'}
              whyNot={row.whyNotMove && sentence(row.whyNotMove)}
              run={() => setMoving(true)}
            />
          )}
        </PageHeader>
        {missing && (
          <Alert severity="info">
            This report is not on this laptop yet. When you are assigned to it, it appears here by itself.
          </Alert>
        )}
        {loaded.kind === 'failed' && !missing && <FailurePanel failure={loaded.error} retry={loaded.reload} />}
        {!missing && <Views view={view} now={now} choose={(next) => remember({ view: next })} />}
      </Box>
      {!missing && view === 'overview' && report && (
        <Box sx={{ px: 2.5, pb: 8 }}>
          <Overview report={report} now={now} nameOf={nameOf} />
        </Box>
      )}
      {!missing && view !== 'overview' && (
        <Log key={view} reportId={reportId} kind={view === 'all' ? null : view} nameOf={nameOf} />
      )}
      {moving && row && <MoveDialog row={row} close={() => setMoving(false)} />}
    </Box>
  );
}
