// Owns the timeline of a report: its ledger, newest first, with the check of its chain. Only shows.
import { Alert, Box } from '@mui/material';
import { useMediaQuery } from '@mui/material';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { TimelineRow } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { clockTime, count, counted, exactTime } from '../formats.ts';
import { Glyph, When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { PageHeader, usePlace } from '../page-header.tsx';
import { ArrivedLine } from '../review/review-header.tsx';
import { useShared } from '../store.ts';
import type { GridColumn, GridHandle } from '../table/data-grid.tsx';
import { DataGrid } from '../table/data-grid.tsx';
import { fitColumns } from '../table/fit-columns.ts';
import { RowSource } from '../table/row-source.ts';
import { useWidth } from '../table/use-width.ts';
import { sizes } from '../theme.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { EntryPane } from './entry-pane.tsx';

const keyOfEntry = (row: TimelineRow) => String(row.sequence);

const timeCell = (at: string | null) => (at === null ? '' : clockTime(at));
const timeHint = (at: string | null) =>
  at === null ? 'nobody decided this: it follows from another entry' : exactTime(at);

const columns: readonly GridColumn<TimelineRow>[] = [
  {
    id: 'sequence',
    heading: '#',
    minWidth: 60,
    track: '60px',
    priority: 0,
    align: 'right',
    cell: (row) => count(row.sequence),
    tone: () => 'muted',
  },
  {
    id: 'when',
    heading: 'When',
    minWidth: 120,
    track: 'minmax(120px, 0.8fr)',
    priority: 0,
    cell: (row) => <When at={row.decidedAt ?? row.appliedAt} />,
    tone: () => 'muted',
  },
  {
    id: 'who',
    heading: 'Who',
    minWidth: 130,
    track: 'minmax(130px, 0.8fr)',
    priority: 0,
    cell: (row) => row.actorName,
    tone: () => 'open',
  },
  {
    id: 'what',
    heading: 'What',
    minWidth: 260,
    track: 'minmax(260px, 3fr)',
    priority: 0,
    cell: (row) => row.summary,
    hint: (row) => row.summary,
  },
  ...(['decidedAt', 'receivedAt', 'appliedAt'] as const).map((name, at): GridColumn<TimelineRow> => {
    const heading = { decidedAt: 'Decided', receivedAt: 'Received', appliedAt: 'Applied' }[name];
    return {
      id: name,
      heading,
      minWidth: 92,
      track: '92px',
      priority: 3 - at,
      align: 'right',
      cell: (row) => timeCell(row[name]),
      hint: (row) => timeHint(row[name]),
      tone: () => 'muted',
    };
  }),
];

function useEntries(reportId: string): RowSource<TimelineRow> {
  const epoch = useShared((state) => state.epoch);
  const source = useMemo(() => {
    void epoch;
    return new RowSource<TimelineRow>({
      keyOf: keyOfEntry,
      fetchPage: (offset, limit) => bridge().invoke('timeline:list', { reportId, offset, limit }),
    });
  }, [reportId, epoch]);
  useEffect(
    () =>
      bridge().subscribe((event) => {
        if (event.kind === 'changed' && event.reportIds.includes(reportId)) void source.refresh('elsewhere');
      }),
    [source, reportId],
  );
  useSyncExternalStore(source.subscribe, source.revision);
  return source;
}

function ChainCheck({ total, fault }: { total: number; fault: string | null }) {
  if (fault !== null) {
    return (
      <Alert severity="error" role="alert">
        The ledger does not check out: {fault}. What is shown may not be what happened; tell your test manager.
      </Alert>
    );
  }
  return (
    <>
      <Glyph name="tick" />
      {counted(total, 'entry', 'entries')}, each chained to the one before it: checked on this laptop, nothing was
      changed or cut
    </>
  );
}

export function TimelineScreen({ reportId }: { reportId: string }) {
  const head = useCommand('timeline:list', { reportId, limit: 1 }, whenReportChanges(reportId));
  const report = valueOf(useCommand('report:get', { reportId }, whenReportChanges(reportId)))?.report ?? null;
  usePlace([
    ...(report ? [{ text: report.name, route: { screen: 'report', reportId } as const }] : []),
    { text: 'Timeline' },
  ]);
  const source = useEntries(reportId);
  const [cursor, setCursor] = useState(0);
  const [paneShown, setPaneShown] = useState<boolean | null>(null);
  const grid = useRef<GridHandle>(null);
  const [watchWidth, width] = useWidth();
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const shown = useMemo(() => fitColumns(columns, width || sizes.pane), [width]);
  useEffect(() => grid.current?.focus(), []);
  const checked = valueOf(head);
  return (
    <Box sx={{ height: 1, overflowY: 'auto', display: 'flex', flexDirection: 'column' }}>
      <Box component="header" sx={{ px: 2.5, pt: 1.75, flex: 'none' }}>
        <PageHeader
          title="Timeline"
          line={checked ? <ChainCheck total={checked.total} fault={checked.fault} /> : 'Reading'}
        />
        {head.kind === 'failed' && <FailurePanel failure={head.error} retry={head.reload} />}
      </Box>
      <ArrivedLine arrived={source.arrived} show={() => source.startOver()} />
      <Box
        sx={{
          flex: 1,
          minHeight: sizes.leastTable,
          display: 'flex',
          position: 'relative',
          borderTop: 1,
          borderColor: 'divider',
        }}
      >
        <Box ref={watchWidth} sx={{ flex: 1, minWidth: 0 }}>
          <DataGrid<TimelineRow>
            label="Ledger, newest first"
            source={source}
            columns={shown}
            keyOf={keyOfEntry}
            cursor={cursor}
            reach={setCursor}
            open={() => setPaneShown(true)}
            empty="What people and the workflow do in this report appears here."
            handle={grid}
          />
        </Box>
        {(paneShown ?? roomy) && (
          <EntryPane row={source.row(cursor)} close={roomy ? null : () => setPaneShown(false)} />
        )}
      </Box>
    </Box>
  );
}
