// Owns the work of test execution: every sample × attribute in scope of a line of business, with its result. Decides nothing.
import { Box, Button, MenuItem, Stack, TextField } from '@mui/material';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { CommandInput, DocumentRow, PhaseDetail, TestRow } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { FailurePanel, sentence, tellDone } from '../notices.tsx';
import { FilterChip } from '../review/review-filters.tsx';
import { useShared } from '../store.ts';
import { DataGrid } from '../table/data-grid.tsx';
import type { GridHandle } from '../table/data-grid.tsx';
import { fitColumns } from '../table/fit-columns.ts';
import { RowSource } from '../table/row-source.ts';
import { useWidth } from '../table/use-width.ts';
import { sizes } from '../theme.ts';
import { perform, useCommand, valueOf, whenReportChanges } from '../use-command.ts';
import { usePeople } from '../use-people.ts';
import { keyOfTest, testColumns } from './test-columns.tsx';
import { TestPane } from './test-pane.tsx';

type Place = { reportId: string; lob: string };
type Show = NonNullable<CommandInput<'test:list'>['show']>;
type Filter = { show: Show; attribute: string | null; search: string };

function useTestSource(place: Place, filter: Filter): RowSource<TestRow> {
  const epoch = useShared((state) => state.epoch);
  const key = JSON.stringify({ ...place, ...filter });
  const source = useMemo(() => {
    void epoch;
    const asked = JSON.parse(key) as Place & Filter;
    return new RowSource<TestRow>({
      keyOf: keyOfTest,
      fetchPage: (offset, limit) => bridge().invoke('test:list', { ...asked, offset, limit }),
    });
  }, [key, epoch]);
  useEffect(
    () =>
      bridge().subscribe((event) => {
        if (event.kind !== 'changed' || !event.reportIds.includes(place.reportId)) return;
        void source.refresh(event.source === 'outbox' ? 'own' : 'elsewhere');
      }),
    [source, place.reportId],
  );
  useSyncExternalStore(source.subscribe, source.revision);
  return source;
}

/** Has the worker read every open value from one accepted document. */
function ReadEvidence({ place, documents }: { place: Place; documents: readonly DocumentRow[] }) {
  const [chosen, setChosen] = useState('');
  const [only] = documents;
  const documentId = chosen || (documents.length === 1 && only ? only.documentId : '');
  const read = async () => {
    const done = await perform('evidence:read', { ...place, documentId });
    if (done) tellDone('The found values are read where the file is; results appear here as they arrive');
  };
  if (documents.length === 0) return null;
  return (
    <Stack direction="row" sx={{ gap: 1 }}>
      <TextField
        select
        label="Document"
        value={documentId}
        onChange={(event) => setChosen(event.target.value)}
        sx={{ minWidth: '14em' }}
      >
        {documents.map((one) => (
          <MenuItem key={one.documentId} value={one.documentId}>
            {one.title}
          </MenuItem>
        ))}
      </TextField>
      <Button variant="contained" color="primary" disabled={documentId === ''} onClick={() => void read()}>
        Read the open values from it
      </Button>
    </Stack>
  );
}

const showNames: Readonly<Record<Show, string>> = {
  all: 'All',
  open: 'Open',
  pass: 'Pass',
  fail: 'Fail',
  'not-testable': 'Not testable',
};
const shows = ['all', 'open', 'pass', 'fail', 'not-testable'] as const;

function Filters({
  filter,
  change,
  counts,
  attributes,
}: {
  filter: Filter;
  change(part: Partial<Filter>): void;
  counts: Readonly<Record<Show, number>> | null;
  attributes: readonly string[];
}) {
  return (
    <Stack direction="row" sx={{ gap: 0.75, flexWrap: 'wrap', alignItems: 'center' }} role="group" aria-label="Show">
      {shows.map((show) => (
        <FilterChip
          key={show}
          label={showNames[show]}
          amount={counts && counts[show]}
          pressed={filter.show === show}
          press={() => change({ show })}
        />
      ))}
      <TextField
        select
        label="Attribute"
        value={filter.attribute ?? ''}
        onChange={(event) => change({ attribute: event.target.value || null })}
        sx={{ minWidth: '12em' }}
      >
        <MenuItem value="">All</MenuItem>
        {attributes.map((attribute) => (
          <MenuItem key={attribute} value={attribute}>
            {attribute}
          </MenuItem>
        ))}
      </TextField>
      <TextField
        label="Sample"
        value={filter.search}
        onChange={(event) => change({ search: event.target.value })}
        sx={{ width: '10em' }}
      />
    </Stack>
  );
}

export function TestingWork({ detail }: { detail: PhaseDetail }) {
  const reportId = detail.report.reportId;
  const lob = detail.state.lob ?? '';
  const place = useMemo(() => ({ reportId, lob }), [reportId, lob]);
  const { nameOf } = usePeople();
  const [filter, setFilter] = useState<Filter>({ show: 'all', attribute: null, search: '' });
  const [cursor, setCursor] = useState(0);
  const grid = useRef<GridHandle>(null);
  const [watchWidth, width] = useWidth();
  const source = useTestSource(place, filter);
  const summary = useCommand('test:list', { ...place, limit: 1 }, whenReportChanges(reportId));
  const read = valueOf(summary);
  const documents = (valueOf(useCommand('document:list', place, whenReportChanges(reportId))) ?? []).filter(
    (row) => row.state === 'accepted',
  );
  const columns = useMemo(() => fitColumns(testColumns(nameOf), width), [nameOf, width]);
  const next = useCallback(() => {
    setCursor((before) => Math.min(before + 1, Math.max(0, (source.total ?? 1) - 1)));
    grid.current?.focus();
  }, [source]);
  const mayNot = detail.may.record && sentence(detail.may.record);
  const counts = read && {
    all: read.counts.open + read.counts.pass + read.counts.fail + read.counts.notTestable,
    ...{ open: read.counts.open, pass: read.counts.pass, fail: read.counts.fail },
    'not-testable': read.counts.notTestable,
  };
  if (summary.kind === 'failed' && !read) return <FailurePanel failure={summary.error} retry={summary.reload} />;
  return (
    <Stack sx={{ gap: 1.5, flex: 1, minHeight: sizes.leastTable * 2 }}>
      {mayNot === null && <ReadEvidence place={place} documents={documents} />}
      <Filters
        filter={filter}
        counts={counts}
        attributes={read?.attributes ?? []}
        change={(part) => {
          setFilter({ ...filter, ...part });
          setCursor(0);
        }}
      />
      {source.failure && <FailurePanel failure={source.failure} retry={() => source.startOver()} />}
      <Box sx={{ flex: 1, minHeight: 0, display: 'flex', borderTop: 1, borderColor: 'divider' }}>
        <Box ref={watchWidth} sx={{ flex: 1, minWidth: 0, minHeight: 0 }}>
          <DataGrid<TestRow>
            label="Test actions"
            source={source}
            columns={columns}
            keyOf={keyOfTest}
            cursor={cursor}
            reach={setCursor}
            toneOf={(row) => (row.result === null ? 'open' : row.result === 'pass' ? 'settled' : '')}
            empty={filter.show === 'open' ? 'Everything is tested.' : 'Nothing is like that.'}
            handle={grid}
          />
        </Box>
        <TestPane {...{ place, documents, mayNot }} row={source.row(cursor)} done={next} />
      </Box>
    </Stack>
  );
}
