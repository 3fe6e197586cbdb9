// Owns the timeline of a report: its ledger, newest first, with the check of its chain, and beside it what was tracked of its workflows,
// marked as what it is. Only shows.
import { Alert, Box, Stack } from '@mui/material';
import { useMediaQuery } from '@mui/material';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { CommandInput, LifeRow } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { NoEntry, Pane } from '../fact-pane.tsx';
import { counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { Glyph } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { PageHeader, usePlace } from '../page-header.tsx';
import { FilterChip } from '../review/review-filters.tsx';
import { ArrivedLine } from '../review/review-header.tsx';
import { go } from '../routes.ts';
import { useShared } from '../store.ts';
import type { GridHandle } from '../table/data-grid.tsx';
import { DataGrid } from '../table/data-grid.tsx';
import { fitColumns } from '../table/fit-columns.ts';
import { RowSource } from '../table/row-source.ts';
import { useWidth } from '../table/use-width.ts';
import { sizes } from '../theme.ts';
import { useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { TrackedPane } from '../workflow/tracked-pane.tsx';
import { EntryPane } from './entry-pane.tsx';
import { lifeColumns } from './life-columns.tsx';
import { keyOfLife } from './life-words.ts';

type Show = NonNullable<CommandInput<'timeline:explain'>['show']>;
const shows: readonly { show: Show; label: string }[] = [
  { show: 'all', label: 'All' },
  { show: 'ledger', label: 'Ledger' },
  { show: 'tracked', label: 'Tracked, not signed' },
];

function useLife(reportId: string, show: Show): RowSource<LifeRow> {
  const epoch = useShared((state) => state.epoch);
  const source = useMemo(() => {
    void epoch;
    return new RowSource<LifeRow>({
      keyOf: keyOfLife,
      fetchPage: (offset, limit) => bridge().invoke('timeline:explain', { reportId, show, offset, limit }),
    });
  }, [reportId, show, epoch]);
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

function ChainCheck({ ledger, fault }: { ledger: number; fault: string | null }) {
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
      {counted(ledger, 'entry', 'entries')} of the ledger, each chained to the one before it: checked on this laptop,
      nothing was changed or cut
    </>
  );
}

function LifePane({
  row,
  close,
  nameOf,
}: {
  row: LifeRow | undefined;
  close: (() => void) | null;
  nameOf(personId: string): string;
}) {
  if (row?.source === 'ledger') return <EntryPane row={row.entry} close={close} />;
  if (row) return <TrackedPane entry={row.entry} close={close} nameOf={nameOf} beside />;
  return (
    <Pane label="Entry" title="Entry" close={close}>
      <NoEntry />
    </Pane>
  );
}

export function TimelineScreen({ reportId }: { reportId: string }) {
  const head = useCommand('timeline:explain', { reportId, limit: 1 }, whenReportChanges(reportId));
  const report = valueOf(useCommand('report:get', { reportId }, whenReportChanges(reportId)))?.report ?? null;
  const { nameOf } = usePeople();
  usePlace([
    ...(report ? [{ text: report.name, route: { screen: 'report', reportId } as const }] : []),
    { text: 'Timeline' },
  ]);
  const [show, setShow] = useState<Show>('all');
  const source = useLife(reportId, show);
  const [cursor, setCursor] = useState(0);
  const [paneShown, setPaneShown] = useState<boolean | null>(null);
  const grid = useRef<GridHandle>(null);
  const [watchWidth, width] = useWidth();
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const columns = useMemo(() => fitColumns(lifeColumns(nameOf), width || sizes.pane), [width, nameOf]);
  useEffect(() => grid.current?.focus(), []);
  const checked = valueOf(head);
  const choose = (next: Show) => {
    setShow(next);
    setCursor(0);
  };
  const following = shows[(shows.findIndex((one) => one.show === show) + 1) % shows.length]?.show ?? 'all';
  useKeys({
    title: 'Timeline',
    actions: [{ keys: 'f', label: 'All, ledger, tracked: the next of them', run: () => choose(following) }],
  });
  const amounts = checked && { ...checked, all: checked.ledger + checked.tracked };
  return (
    <Box sx={{ height: 1, overflowY: 'auto', display: 'flex', flexDirection: 'column' }}>
      <Box component="header" sx={{ px: 2.5, pt: 1.75, flex: 'none' }}>
        <PageHeader
          title="Timeline"
          line={checked ? <ChainCheck ledger={checked.ledger} fault={checked.fault} /> : 'Reading'}
        >
          <ActionButton label="Workflow" keys="w" group="Timeline" run={() => go({ screen: 'workflow', reportId })} />
        </PageHeader>
        {head.kind === 'failed' && <FailurePanel failure={head.error} retry={head.reload} />}
        <Stack direction="row" role="group" aria-label="Filter" sx={{ gap: 1, mb: 1.5, flexWrap: 'wrap' }}>
          {shows.map((one) => (
            <FilterChip
              key={one.show}
              label={one.label}
              amount={amounts?.[one.show] ?? null}
              pressed={one.show === show}
              press={() => choose(one.show)}
            />
          ))}
        </Stack>
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
          <DataGrid<LifeRow>
            key={show}
            label={show === 'tracked' ? 'What was tracked, newest first' : 'Life of the report, newest first'}
            source={source}
            columns={columns}
            keyOf={keyOfLife}
            cursor={cursor}
            reach={setCursor}
            open={() => setPaneShown(true)}
            empty={
              show === 'tracked'
                ? 'Transitions of phases, compensations, migrations and alerts appear here.'
                : 'What people and the workflow do in this report appears here.'
            }
            handle={grid}
          />
        </Box>
        {(paneShown ?? roomy) && (
          <LifePane row={source.row(cursor)} close={roomy ? null : () => setPaneShown(false)} nameOf={nameOf} />
        )}
      </Box>
    </Box>
  );
}
