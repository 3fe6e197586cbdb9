// Owns the timeline of a report: its ledger, newest first, with the check of its chain, and beside it what was tracked of its workflows,
// marked as what it is. Only shows.
import { Alert, Box, Stack } from '@mui/material';
import { useCallback, useMemo, useState } from 'react';
import type { CommandInput, LifeRow } from '../../preload/contract.ts';
import { ActionButton } from '../action-button.tsx';
import { bridge } from '../bridge.ts';
import { EmptyPane } from '../fact-pane.tsx';
import { counted } from '../formats.ts';
import { useKeys } from '../keys.ts';
import { Glyph } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { PageHeader, usePlace } from '../page-header.tsx';
import { FilterChip } from '../review/review-filters.tsx';
import { go } from '../routes.ts';
import type { FetchPage } from '../table/row-source.ts';
import { RowsWithPane } from '../table/rows-with-pane.tsx';
import { useReportRows } from '../table/use-report-rows.ts';
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

const labels: Readonly<Record<Show, string>> = {
  all: 'Life of the report, newest first',
  ledger: 'Ledger of the report, newest first',
  tracked: 'What was tracked, newest first',
};

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
  return <EmptyPane close={close} />;
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
  const fetchPage = useCallback<FetchPage<LifeRow>>(
    (offset, limit) => bridge().invoke('timeline:explain', { reportId, show, offset, limit }),
    [reportId, show],
  );
  const source = useReportRows(reportId, keyOfLife, fetchPage);
  const columns = useMemo(() => lifeColumns(nameOf), [nameOf]);
  const checked = valueOf(head);
  const following = shows[(shows.findIndex((one) => one.show === show) + 1) % shows.length]?.show ?? 'all';
  useKeys({
    title: 'Timeline',
    actions: [{ keys: 'f', label: 'All, ledger, tracked: the next of them', run: () => setShow(following) }],
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
              press={() => setShow(one.show)}
            />
          ))}
        </Stack>
      </Box>
      <RowsWithPane<LifeRow>
        source={source}
        label={labels[show]}
        columns={columns}
        keyOf={keyOfLife}
        empty={
          show === 'tracked'
            ? 'Transitions of phases, compensations, migrations and alerts appear here.'
            : 'What people and the workflow do in this report appears here.'
        }
        renderPane={(row, close) => <LifePane row={row} close={close} nameOf={nameOf} />}
      />
    </Box>
  );
}
