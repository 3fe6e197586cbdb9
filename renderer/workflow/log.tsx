// Owns the log of what was tracked of a report's workflows: a long table of one kind or of all, with the entry under the cursor beside it.
import { Box } from '@mui/material';
import { useMediaQuery } from '@mui/material';
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { trackedAt, trackingKey } from '../../domain/tracking.ts';
import type { TrackingEntry, TrackingKind } from '../../domain/tracking.ts';
import type { LoggedEntry } from '../../preload/contract.ts';
import { bridge } from '../bridge.ts';
import { NoEntry, Pane } from '../fact-pane.tsx';
import { Mark, useNow, When } from '../marks.tsx';
import { FailurePanel } from '../notices.tsx';
import { ArrivedLine } from '../review/review-header.tsx';
import { useShared } from '../store.ts';
import { DataGrid } from '../table/data-grid.tsx';
import type { GridColumn, GridHandle } from '../table/data-grid.tsx';
import { fitColumns } from '../table/fit-columns.ts';
import { RowSource } from '../table/row-source.ts';
import { useWidth } from '../table/use-width.ts';
import { sizes } from '../theme.ts';
import { TrackedPane } from './tracked-pane.tsx';
import { entryLook, entryTook, kindName, kindNames, logText, whereWords } from './tracking-words.ts';

function StateMark({ entry }: { entry: TrackingEntry }) {
  const { glyph, color, word } = entryLook(entry);
  return (
    <Mark glyph={glyph} color={color}>
      {word}
    </Mark>
  );
}

/** Grows while the entry lasts. */
function Took({ entry }: { entry: TrackingEntry }) {
  return entryTook(entry, useNow());
}

function columnsOf(nameOf: (personId: string) => string, all: boolean): readonly GridColumn<LoggedEntry>[] {
  const says = ({ entry }: LoggedEntry) => logText(entry, nameOf);
  return [
    {
      ...{ id: 'when', heading: 'When', minWidth: 120, track: '124px', priority: 0 },
      cell: ({ entry }) => <When at={trackedAt(entry)} />,
      tone: () => 'muted',
    },
    ...(all
      ? [
          {
            ...{ id: 'kind', heading: 'Log', minWidth: 116, track: '116px', priority: 0 },
            cell: ({ entry }: LoggedEntry) => kindName[entry.kind],
            tone: () => 'muted',
          },
        ]
      : []),
    {
      ...{ id: 'where', heading: 'Phase', minWidth: 190, track: 'minmax(190px, 1.2fr)', priority: 2 },
      cell: whereWords,
      hint: whereWords,
    },
    {
      ...{ id: 'what', heading: 'What', minWidth: 240, track: 'minmax(240px, 3fr)', priority: 0 },
      cell: says,
      hint: says,
    },
    {
      ...{ id: 'state', heading: 'State', minWidth: 136, track: '136px', priority: 0 },
      cell: ({ entry }) => <StateMark entry={entry} />,
    },
    {
      ...{ id: 'took', heading: 'Took', minWidth: 110, track: '110px', priority: 1, align: 'right' },
      cell: ({ entry }) => <Took entry={entry} />,
      tone: () => 'muted',
    },
  ];
}

const keyOfEntry = ({ entry }: LoggedEntry) => trackingKey(entry);

function useLog(reportId: string, kind: TrackingKind | null): RowSource<LoggedEntry> {
  const epoch = useShared((state) => state.epoch);
  const source = useMemo(() => {
    void epoch;
    const kinds = kind === null ? [] : [kind];
    return new RowSource<LoggedEntry>({
      keyOf: keyOfEntry,
      fetchPage: (offset, limit) => bridge().invoke('tracking:list', { reportId, kinds, offset, limit }),
    });
  }, [reportId, kind, epoch]);
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

const emptyWords: Readonly<Record<TrackingKind, string>> = {
  execution: 'Runs of the report’s workflow and of its lanes appear here.',
  step: 'Each step that a workflow asks for appears here.',
  transition: 'Each phase that moves appears here.',
  attempt: 'Each attempt of a step appears here, with its reason when it failed.',
  wait: 'Timers of deadlines, reminders and pauses appear here.',
  alert: 'Nothing was raised: what a person should look at appears here.',
  migration: 'The report runs as it began: moves to another workflow version appear here.',
  compensation: 'No step failed for good: what was done about one appears here.',
};

/** One log, or all of them together (`kind` null). */
export function Log({
  reportId,
  kind,
  nameOf,
}: {
  reportId: string;
  kind: TrackingKind | null;
  nameOf(personId: string): string;
}) {
  const source = useLog(reportId, kind);
  const [cursor, setCursor] = useState(0);
  const [paneShown, setPaneShown] = useState<boolean | null>(null);
  const grid = useRef<GridHandle>(null);
  const [watchWidth, width] = useWidth();
  const roomy = useMediaQuery((theme) => theme.breakpoints.up('lg'));
  const columns = useMemo(
    () => fitColumns(columnsOf(nameOf, kind === null), width || sizes.pane),
    [width, nameOf, kind],
  );
  useEffect(() => grid.current?.focus(), []);
  const row = source.row(cursor);
  const close = roomy ? null : () => setPaneShown(false);
  return (
    <>
      {source.failure && <FailurePanel failure={source.failure} retry={() => source.startOver()} />}
      <ArrivedLine arrived={source.arrived} show={() => source.startOver()} />
      <Box
        sx={{
          ...{ flex: 1, minHeight: sizes.leastTable, display: 'flex', position: 'relative' },
          ...{ borderTop: 1, borderColor: 'divider' },
        }}
      >
        <Box ref={watchWidth} sx={{ flex: 1, minWidth: 0 }}>
          <DataGrid<LoggedEntry>
            label={`${kind === null ? 'Everything tracked' : kindNames[kind]}, newest first`}
            source={source}
            columns={columns}
            keyOf={keyOfEntry}
            cursor={cursor}
            reach={setCursor}
            open={() => setPaneShown(true)}
            empty={kind === null ? 'What the workflows of this report do appears here.' : emptyWords[kind]}
            handle={grid}
          />
        </Box>
        {(paneShown ?? roomy) &&
          (row ? (
            <TrackedPane entry={row.entry} close={close} nameOf={nameOf} />
          ) : (
            <Pane label="Entry" title="Entry" close={close}>
              <NoEntry />
            </Pane>
          ))}
      </Box>
    </>
  );
}
